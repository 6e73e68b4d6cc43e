"""Finds rings: accounts that upvote the same papers far more often than chance explains.

Each pair of accounts is compared with a null model: an account casts as many votes in each week as
it did, on papers drawn by their popularity among the votes of that week, whatever others do. This
is the configuration model of a bipartite graph, one for each week, so that two accounts are not
suspicious for being active in the same weeks, or for liking what everybody likes. It expects

    expected(i, j) = sum over weeks of votes(i, week) * votes(j, week) * repeat(week)
    repeat(week) = sum over papers of the week of k * (k - 1) / (V * (V - 1))

papers in common, where k are the votes of a paper and V those of the week. The number in common is
then a sum of rare independent events, whose far tail is no heavier than that of the Poisson
distribution with this mean (W. Hoeffding, "On the distribution of the number of successes in
independent trials", 1956). A pair is linked if all of this holds:

- it has MIN_COMMON papers in common, which are at least MIN_OVERLAP of the votes of the one with
  fewer votes: readers of one field have much in common, too;
- its tail probability is significant among all pairs, with a false discovery rate of
  MAX_FALSE_SHARE (Y. Benjamini and Y. Hochberg, "Controlling the false discovery rate", 1995).
  Accounts with fewer votes than MIN_COMMON cannot be linked, so their pairs are no tests (R. E.
  Tarone, "A modified Bonferroni method for discrete data", 1990).

Pairs of accounts from one network are few, and tested among themselves as well: there
MIN_COMMON_IN_NETWORK papers are enough. A ring is a connected component of linked pairs.

On a site with few votes a ring may be most of a week; it then makes its own papers popular, and is
found late or not at all. papers/ring_search.py looks for rings every night; benchmarks/rings.py
measures it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np

MIN_ACCOUNTS = 3
MIN_COMMON, MIN_COMMON_IN_NETWORK = 5, 3  # papers
MIN_OVERLAP = 1 / 3
MAX_FALSE_SHARE = 0.01  # of the linked pairs, how many may be so by chance
# Papers with more votes are left out: they say little about a ring, and have too many pairs.
MAX_PAPER_VOTES = 500


class Vote(NamedTuple):
    account: int
    paper: int
    week: int  # in which the paper was listed, in any numbering


class Pair(NamedTuple):
    accounts: tuple[int, int]
    common: int  # papers
    expected: float  # papers in common by chance
    in_network: bool


@dataclass(frozen=True, slots=True)
class Ring:
    accounts: tuple[int, ...]
    papers: tuple[int, ...]  # upvoted by two of them or more
    common: float  # papers in common of a linked pair, on average
    expected: float  # by chance, likewise
    in_network: bool  # linked by a pair that only its common network makes suspicious


def find_rings(votes: Sequence[Vote], networks: Mapping[int, str] | None = None) -> list[Ring]:
    """The rings among these votes, at most one for each account and paper; the largest first.

    `networks` names the network of accounts where it is known.
    """
    linked = _linked_pairs(votes, networks or {})
    papers: dict[int, set[int]] = defaultdict(set)
    for vote in votes:
        papers[vote.account].add(vote.paper)
    rings = []
    for accounts in _components(linked):
        if len(accounts) >= MIN_ACCOUNTS:
            pairs = [pair for pair in linked if pair.accounts[0] in accounts]
            rings.append(_ring(accounts, pairs, papers))
    return sorted(rings, key=lambda ring: (-len(ring.accounts), ring.accounts))


def _ring(accounts: set[int], pairs: Sequence[Pair], papers: Mapping[int, set[int]]) -> Ring:
    shared = (papers[first] & papers[second] for first, second in combinations(accounts, 2))
    return Ring(
        tuple(sorted(accounts)),
        tuple(sorted(set().union(*shared))),
        common=float(np.mean([pair.common for pair in pairs])),
        expected=float(np.mean([pair.expected for pair in pairs])),
        in_network=any(pair.in_network for pair in pairs),
    )


def _linked_pairs(votes: Sequence[Vote], networks: Mapping[int, str]) -> list[Pair]:
    if not votes:
        return []
    columns = [np.unique(column, return_inverse=True) for column in np.array(votes).T]
    (names, accounts), (_, papers), (_, weeks) = columns
    votes_of_paper = np.bincount(papers)
    kept = votes_of_paper[papers] <= MAX_PAPER_VOTES
    if not kept.any():
        return []
    accounts, papers, weeks = accounts[kept], papers[kept], weeks[kept]
    first, second, common = _common_papers(accounts, papers, len(names))
    cast = np.bincount(accounts, minlength=len(names))
    activity = np.zeros((len(names), weeks.max(initial=0) + 1))
    np.add.at(activity, (accounts, weeks), 1)
    expected = ((activity[first] * activity[second]) @ _repeats(papers, weeks)).clip(1e-9)
    chance = np.exp(_log_tail(common, expected))
    close = common >= MIN_OVERLAP * np.minimum(cast[first], cast[second])

    anywhere = close & (common >= MIN_COMMON)
    able = cast >= MIN_COMMON
    anywhere &= chance <= _threshold(chance[anywhere], _pairs(able.sum()))

    network = np.unique([networks.get(int(name), "") for name in names], return_inverse=True)[1]
    able = (cast >= MIN_COMMON_IN_NETWORK) & [int(name) in networks for name in names]
    nearby = close & able[first] & able[second] & (network[first] == network[second])
    tests = sum(_pairs(size) for size in np.bincount(network[able]))
    nearby &= chance <= _threshold(chance[nearby], tests)
    return [
        Pair(
            (int(names[first[row]]), int(names[second[row]])),
            int(common[row]),
            float(expected[row]),
            not anywhere[row],
        )
        for row in np.flatnonzero(anywhere | nearby)
    ]


def _common_papers(
    accounts: np.ndarray, papers: np.ndarray, size: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs that have enough papers in common to be a question, and how many."""
    order = np.lexsort((accounts, papers))
    accounts, papers = accounts[order], papers[order]
    found = [np.zeros(0, int)]
    for voters in np.split(accounts, np.flatnonzero(np.diff(papers)) + 1):
        left, right = np.triu_indices(len(voters), 1)
        found.append(voters[left] * size + voters[right])
    pairs, common = np.unique(np.concatenate(found), return_counts=True)
    enough = common >= MIN_COMMON_IN_NETWORK
    return pairs[enough] // size, pairs[enough] % size, common[enough]


def _repeats(papers: np.ndarray, weeks: np.ndarray) -> np.ndarray:
    """For each week, the probability that two of its votes are on one paper."""
    _, index, count = np.unique(papers, return_index=True, return_counts=True)
    on_same = np.bincount(weeks[index], weights=count * (count - 1.0))
    cast = np.bincount(weeks).astype(float)
    shares: np.ndarray = on_same / (cast * (cast - 1)).clip(1)
    return shares


def _log_tail(common: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """An upper bound of the logarithm of P(X >= common), X of a Poisson distribution.

    The first term of the tail, times the geometric series that bounds the terms after it; 0, which
    says nothing, where no more than the mean is in common.
    """
    log_factorials = np.cumsum(np.log(np.arange(common.max(initial=0) + 1).clip(1)))
    ratio = (expected / (common + 1)).clip(max=0.999)
    bound = common * np.log(expected) - expected - log_factorials[common] - np.log1p(-ratio)
    return np.where(common > expected, bound.clip(max=0), 0.0)


def _threshold(chances: np.ndarray, tests: float) -> float:
    """The greatest chance that is significant (Benjamini and Hochberg); -1 if none is.

    `chances` may leave out tests that were not passed for another reason.
    """
    ordered = np.sort(chances)
    limits = MAX_FALSE_SHARE * np.arange(1, len(ordered) + 1) / max(tests, 1)
    return float(ordered[ordered <= limits].max(initial=-1))


def _pairs(accounts: int) -> float:
    return accounts * (accounts - 1) / 2


def _components(pairs: Sequence[Pair]) -> list[set[int]]:
    """Accounts that are connected by pairs."""
    members: dict[int, set[int]] = {}
    for first, second in (pair.accounts for pair in pairs):
        joined = members.get(first, {first}) | members.get(second, {second})
        members |= dict.fromkeys(joined, joined)
    return list({id(joined): joined for joined in members.values()}.values())
