"""Whether a planted ring of accounts is found among honest votes, and nothing else is proposed.

Each site has ACCOUNTS honest accounts that cast VOTES votes in thirteen weeks. Papers differ in
popularity as the daily papers in `../shared/data` do (without that folder, as a log-normal
distribution of the same spread); honest accounts differ in how much they vote, are active in some
weeks only, and prefer one or two of eight fields. The ring's RING accounts vote for the same few
papers and, to look honest, for others as well.
"""

from time import perf_counter

import numpy as np

from benchmarks._records import read_json_lines
from benchmarks._report import console, figure_table, print_verdicts
from benchmarks.ranking import PAPERS
from papers.vote_rings import Ring, Vote, find_rings

SEEDS, QUICK_SEEDS = 20, 3
VOTES, ACCOUNTS, RING = 10_000, 2_000, 12
WEEKS, PAPERS_A_WEEK, FIELDS = 13, 100, 8
FIELD_SHARE = 0.7  # of an account's votes, in the fields it prefers
SPREAD_WITHOUT_DATA = 1.0  # standard deviation of log(votes + 1)
PROMOTED, COVER = 12, 6  # papers that a ring votes for; votes of each member for other papers
MAX_SECONDS = 10.0


def run(quick: bool) -> bool:
    """Print the figures; True if each ring was found whole and nothing else was proposed."""
    popularity = _popularity()
    title = f"Rings of {RING} among {VOTES:,} votes of {ACCOUNTS:,} accounts"
    table = figure_table(title, "seed", "found", "others", "common", "by chance", "seconds")
    exact, slowest, seeds = 0, 0.0, QUICK_SEEDS if quick else SEEDS
    for seed in range(seeds):
        votes, planted = plant(np.random.default_rng(seed), popularity)
        began = perf_counter()
        rings = find_rings(votes)
        seconds = perf_counter() - began
        slowest = max(slowest, seconds)
        exact += [set(ring.accounts) for ring in rings] == [planted]
        table.add_row(str(seed), *_figures(rings, planted), f"{seconds:.2f}")
    console.print(table)
    without = (_honest(np.random.default_rng(seed), popularity) for seed in range(seeds))
    honest = sum(bool(find_rings(votes)) for votes in without)
    return print_verdicts(
        {
            f"found whole, and nothing else: {exact} of {seeds}": exact == seeds,
            f"sites without a ring that got a proposal: {honest} of {seeds}": honest == 0,
            f"slowest search {slowest:.1f} s, at most {MAX_SECONDS:.0f}": slowest < MAX_SECONDS,
        }
    )


def plant(rng: np.random.Generator, popularity: np.ndarray) -> tuple[list[Vote], set[int]]:
    """The votes of a site, and the accounts of its ring."""
    votes = set(_honest(rng, popularity))
    papers = WEEKS * PAPERS_A_WEEK
    promoted = rng.choice(papers, PROMOTED, replace=False)
    ring = range(ACCOUNTS, ACCOUNTS + RING)
    for account in ring:
        cast = rng.choice(promoted, PROMOTED - 2, replace=False)  # each leaves some out
        cover = rng.choice(papers, COVER, replace=False)
        votes |= {_vote(account, int(paper)) for paper in [*cast, *cover]}
    return sorted(votes), set(ring)


def _honest(rng: np.random.Generator, popularity: np.ndarray) -> list[Vote]:
    papers = WEEKS * PAPERS_A_WEEK
    weights = rng.choice(popularity, papers)
    fields = rng.integers(FIELDS, size=papers)
    weeks = np.arange(papers) // PAPERS_A_WEEK
    appetite = rng.lognormal(sigma=1.2, size=ACCOUNTS)
    counts = rng.multinomial(VOTES, appetite / appetite.sum())
    votes = []
    for account, count in enumerate(counts):
        active = rng.random(WEEKS) < rng.uniform(0.2, 1)
        active[rng.integers(WEEKS)] = True
        mine = np.isin(fields, rng.choice(FIELDS, rng.integers(1, 3), replace=False))
        chance = weights * active[weeks] * np.where(mine, FIELD_SHARE, 1 - FIELD_SHARE)
        count = min(count, np.count_nonzero(chance))
        chosen = rng.choice(papers, count, replace=False, p=chance / chance.sum())
        votes += [_vote(account, int(paper)) for paper in chosen]
    return votes


def _vote(account: int, paper: int) -> Vote:
    return Vote(account, paper, paper // PAPERS_A_WEEK)


def _popularity() -> np.ndarray:
    """How many votes papers get, one number for each; all above 0."""
    if not PAPERS.is_file():
        return np.random.default_rng(0).lognormal(sigma=SPREAD_WITHOUT_DATA, size=8_000)
    return np.array([record["upvotes"] + 0.5 for record in read_json_lines(PAPERS)])


def _figures(rings: list[Ring], planted: set[int]) -> tuple[str, str, str, str]:
    found = [ring for ring in rings if planted & set(ring.accounts)]
    accounts = {account for ring in rings for account in ring.accounts}
    means = (f"{ring.common:.1f}" for ring in found[:1]), (f"{r.expected:.2f}" for r in found[:1])
    common, expected = (next(mean, "none") for mean in means)
    return str(len(accounts & planted)), str(len(accounts - planted)), common, expected
