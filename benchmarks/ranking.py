"""How well a day's five most upvoted papers are found early: by votes, expected votes, or both.

Reads the real data in `../shared/data`, or in the folder named by `WORDS_DATA`: the daily papers
and how their votes moved. A model is trained on the earlier days and judges the last TEST_DAYS
days. The first known votes of a paper stand for those of the morning, the last known ones for the
final ones. Sites with fewer readers are imitated: each vote of the morning is kept with a fixed
probability.
"""

import csv
import gzip
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from benchmarks._records import read_json_lines
from benchmarks._report import console, figure_table, print_verdicts
from benchmarks.words import DATA
from papers import vote_model
from papers.identifiers import fold_name
from papers.search import embeddings
from papers.vote_model import Candidate

PAPERS, VOTES = DATA / "hf_daily_papers.jsonl.gz", DATA / "hf_upvote_observations.tsv.gz"
TEST_DAYS, QUICK_TEST_DAYS = 61, 10
MIN_DAY_PAPERS = 10  # to be a test day: among fewer, five are easily found
TOP = 5
SHARES = (0, 0.02, 0.05, 0.1, 1)  # of the votes of the morning that are kept
DRAWS, SEED = 20, 1
MIN_RECALL_WITHOUT_VOTES = 0.48

Method = Callable[[np.ndarray, np.ndarray], np.ndarray]  # votes, expected votes → scores
METHODS: dict[str, Method] = {
    "chance": lambda votes, expected: np.zeros(len(votes)),
    "votes": lambda votes, expected: votes,
    "expected votes": lambda votes, expected: expected,
    "votes + expected votes": lambda votes, expected: votes + expected,
}


class Listed(NamedTuple):
    """The papers of all days; each field is a column."""

    papers: list[Candidate]  # with their final votes
    morning: np.ndarray  # votes
    vectors: np.ndarray


def run(quick: bool) -> bool:
    """Print the figures; True if every target is met, or if the data is missing."""
    if missing := [str(path) for path in (PAPERS, VOTES) if not path.is_file()]:
        console.print(f"[red]not measured[/]  the real data is missing: {', '.join(missing)}")
        return True
    listed = _read()
    test_days = _test_days(listed, QUICK_TEST_DAYS if quick else TEST_DAYS)
    expected = _expected_votes(listed, test_days[0][0])
    morning = np.concatenate([listed.morning[of_day] for _, of_day in test_days])
    table = figure_table(
        f"Recall of the final top five, {len(test_days)} days from {test_days[0][0]}",
        *("ordered by", *(f"{share:.0%} of votes" for share in SHARES)),
    )
    table.add_row("votes a paper", *(f"{morning.mean() * share:.2f}" for share in SHARES))
    recalls = {
        name: [_recall(listed, expected, test_days, method, share) for share in SHARES]
        for name, method in METHODS.items()
    }
    for name, figures in recalls.items():
        table.add_row(name, *(f"{figure:.3f}" for figure in figures))
    console.print(table)
    return quick or _print_verdicts(recalls)


def _print_verdicts(recalls: dict[str, list[float]]) -> bool:
    both = recalls["votes + expected votes"]
    gains = np.subtract(both, recalls["votes"])
    return print_verdicts(
        {
            f"{both[0]:.3f} without votes (at least {MIN_RECALL_WITHOUT_VOTES})": bool(
                both[0] >= MIN_RECALL_WITHOUT_VOTES
            ),
            f"{gains.min():+.3f} or more against votes alone, at every share (at least 0)": bool(
                gains.min() >= 0
            ),
        }
    )


# --- The data ---


def _read() -> Listed:
    """The papers whose votes are known, in the order of their days."""
    votes: dict[str, list[tuple[str, int]]] = defaultdict(list)
    with gzip.open(VOTES, "rt", encoding="utf-8") as lines:
        for seen in csv.DictReader(lines, delimiter="\t"):
            votes[seen["arxiv_id"]].append((seen["observed_at"], int(seen["upvotes"])))
    records = [record for record in read_json_lines(PAPERS) if record["arxiv_id"] in votes]
    records.sort(key=lambda record: record["daily_date"])
    texts = [f"{record['title']}. {record['abstract'] or ''}" for record in records]
    return Listed(
        [_candidate(record, max(votes[record["arxiv_id"]])[1]) for record in records],
        np.array([min(votes[record["arxiv_id"]])[1] for record in records]),
        embeddings.embed(texts),
    )


def _candidate(record: dict[str, Any], final_votes: int) -> Candidate:
    organization = record.get("organization") or {}
    return Candidate(
        day=date.fromisoformat(record["daily_date"]),
        authors=[fold_name(name) for name in record["authors"] or ()],
        submitter=record.get("submitter") or "",
        organization=organization.get("name") or "",
        has_code=bool(record.get("github")),
        has_project=bool(record.get("project_page")),
        votes=final_votes,
    )


def _test_days(listed: Listed, number: int) -> list[tuple[date, np.ndarray]]:
    """The last days with enough papers, and the positions of their papers."""
    positions: dict[date, list[int]] = defaultdict(list)
    for at, paper in enumerate(listed.papers):
        positions[paper.day].append(at)
    days = [(day, np.array(found)) for day, found in positions.items()]
    return [(day, found) for day, found in days if len(found) >= MIN_DAY_PAPERS][-number:]


# --- The model, and what it finds ---


def _expected_votes(listed: Listed, first_test_day: date) -> np.ndarray:
    """Of every paper, by a model that saw no vote of a paper of `first_test_day` or later.

    Only an author's, submitter's or organisation's past goes on with the days of the test: a site
    trains every night. Each of these past votes is of a week before the paper, or earlier.
    """
    rows = vote_model.features(listed.papers, listed.vectors, past=listed.papers)
    is_old = np.array([paper.day < first_test_day for paper in listed.papers])
    model = vote_model.train(rows[is_old], vote_model.vote_ratios(listed.papers)[is_old])
    console.print(f"Trained on {is_old.sum():,} papers listed before {first_test_day}")
    return np.array([vote_model.expected_votes(parts) for parts in model.parts(rows)])


def _recall(
    listed: Listed,
    expected: np.ndarray,
    test_days: list[tuple[date, np.ndarray]],
    method: Method,
    share: float,
) -> float:
    """Mean share of a day's final TOP found among the first TOP; equal scores in random order."""
    rng = np.random.default_rng(SEED)
    recalls = []
    for _, of_day in test_days:
        final = np.array([listed.papers[at].votes for at in of_day])
        best = np.lexsort((rng.random(len(final)), -final))[:TOP]
        for _ in range(DRAWS):
            scores = method(rng.binomial(listed.morning[of_day], share), expected[of_day])
            found = np.lexsort((rng.random(len(scores)), -scores))[:TOP]
            recalls.append(len(np.intersect1d(found, best)) / TOP)
    return float(np.mean(recalls))
