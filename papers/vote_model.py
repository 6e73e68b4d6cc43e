"""Predicts which papers of a day will get the most upvotes, before anyone has voted.

A linear model (ridge regression), learned from papers that have had their votes. It predicts the
*vote ratio* of a paper: the logarithm of (votes + 1), minus the mean of this over the papers of its
day, so that busy and quiet days teach the same. Its features are the paper's vector, the past
ratios of its authors, its submitter and its organisation, the number of authors, and whether it
links to code and to a project. A past ratio counts only papers listed SETTLING_DAYS before or
earlier: what a paper is judged by was known on its day.

A prediction becomes *expected votes*, which hotness adds to the real ones: 1 for a paper like any
other of its day, plus the predicted ratio, between MIN_EXPECTED_VOTES and MAX_EXPECTED_VOTES.

papers/expected_votes.py trains the model of a site with it; benchmarks/ranking.py measures it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from operator import attrgetter

import numpy as np

SETTLING_DAYS = timedelta(days=7)  # after it few votes come
MIN_PAPERS = 300  # with votes; from fewer nothing is learned
MIN_EXPECTED_VOTES, MAX_EXPECTED_VOTES = 0.1, 4.0
HELD_OUT_SHARE = 0.1  # of the papers, the newest: they judge the model
# Ridge penalties. A vector has length one, so that each of its numbers is small.
CONTENT_PENALTY, OTHER_PENALTY = 4.0, 1.0
# Papers of ratio 0 that the mean of a name includes, so that one success proves little.
SHRINKAGE = 2
MAX_AUTHORS = 60  # of a paper: those of a large collaboration all say the same
# Parts of a prediction, in the order of the features, and how many features each has behind the
# vector, which is the part "content".
PARTS = {"authors": 3, "submitter": 1, "organization": 1, "code": 1, "project": 1}


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the model knows of a paper. Names are folded; an empty one is unknown."""

    day: date  # on whose page it is
    authors: Sequence[str]
    submitter: str = ""
    organization: str = ""
    has_code: bool = False
    has_project: bool = False
    votes: int = 0


class PastRatios:
    """The vote ratios of earlier papers by name, up to a day that moves forward."""

    def __init__(self, papers: Iterable[Candidate]) -> None:
        papers = sorted(papers, key=attrgetter("day"))
        self._papers = list(zip(papers, vote_ratios(papers), strict=True))
        self._next = 0
        self._sums: dict[tuple[str, str], float] = defaultdict(float)
        self._counts: dict[tuple[str, str], int] = defaultdict(int)

    def features(self, paper: Candidate) -> list[float]:
        """The features of PARTS. Papers must come in the order of their days."""
        self._advance(paper.day - SETTLING_DAYS)
        best, mean = self._of("author", paper.authors[:MAX_AUTHORS])
        return [
            *(best, mean, np.log1p(len(paper.authors))),
            self._of("submitter", [paper.submitter])[1],
            self._of("organization", [paper.organization])[1],
            *(float(paper.has_code), float(paper.has_project)),
        ]

    def _advance(self, last_day: date) -> None:
        while self._next < len(self._papers) and self._papers[self._next][0].day <= last_day:
            paper, ratio = self._papers[self._next]
            names = [("author", name) for name in paper.authors[:MAX_AUTHORS]]
            names += [("submitter", paper.submitter), ("organization", paper.organization)]
            for name in names:
                self._sums[name] += ratio
                self._counts[name] += 1
            self._next += 1

    def _of(self, kind: str, names: Sequence[str]) -> tuple[float, float]:
        """The best mean ratio of these names, and the mean over the papers of all; shrunk."""
        known = [(kind, name) for name in names if name and (kind, name) in self._counts]
        if not known:
            return 0.0, 0.0
        sums = [self._sums[name] for name in known]
        counts = [self._counts[name] for name in known]
        best = max(total / (count + SHRINKAGE) for total, count in zip(sums, counts, strict=True))
        return best, sum(sums) / (sum(counts) + SHRINKAGE)


def vote_ratios(papers: Sequence[Candidate]) -> np.ndarray:
    """What the model predicts; 0 is the mean of the paper's day."""
    logs = np.log1p([paper.votes for paper in papers])
    days = np.unique([paper.day.toordinal() for paper in papers], return_inverse=True)[1]
    means = np.bincount(days, logs) / np.maximum(np.bincount(days), 1) if len(papers) else logs
    ratios: np.ndarray = logs - means[days]
    return ratios


def features(
    papers: Sequence[Candidate], vectors: np.ndarray, past: Iterable[Candidate]
) -> np.ndarray:
    """A row for each paper: its vector, then the features of PARTS, from `past` papers."""
    ratios = PastRatios(past)
    rows = np.zeros((len(papers), vectors.shape[1] + sum(PARTS.values())), np.float32)
    rows[:, : vectors.shape[1]] = vectors
    for at in sorted(range(len(papers)), key=lambda at: papers[at].day):
        rows[at, vectors.shape[1] :] = ratios.features(papers[at])
    return rows


@dataclass(frozen=True, slots=True)
class VoteModel:
    means: np.ndarray  # of each feature, over the papers it was trained on
    weights: np.ndarray

    def parts(self, rows: np.ndarray) -> list[dict[str, float]]:
        """The predicted ratio of each row of features, as a sum of parts by name."""
        products = (rows - self.means) * self.weights
        ends = np.cumsum([rows.shape[1] - sum(PARTS.values()), *PARTS.values()])
        sums = [products[:, first:last].sum(axis=1) for first, last in pairwise([0, *ends])]
        names = ["content", *PARTS]
        return [dict(zip(names, map(float, row), strict=True)) for row in zip(*sums, strict=True)]

    def ratios(self, rows: np.ndarray) -> np.ndarray:
        predicted: np.ndarray = (rows - self.means) @ self.weights
        return predicted


def train(rows: np.ndarray, ratios: np.ndarray) -> VoteModel:
    """The ridge regression of ratios on rows of features."""
    means = rows.mean(axis=0, dtype=np.float64)
    centred = rows - means
    penalties = np.full(rows.shape[1], CONTENT_PENALTY)
    penalties[-sum(PARTS.values()) :] = OTHER_PENALTY
    weights = np.linalg.solve(centred.T @ centred + np.diag(penalties), centred.T @ ratios)
    return VoteModel(means, weights)


def expected_votes(parts: Mapping[str, float]) -> float:
    """Expected votes of the parts of a prediction."""
    return min(max(1 + sum(parts.values()), MIN_EXPECTED_VOTES), MAX_EXPECTED_VOTES)


def held_out_accuracy(papers: Sequence[Candidate], rows: np.ndarray) -> float:
    """How well a model trained on the older papers orders the newest, day by day.

    The share of pairs of one day with unequal votes that it puts in the right order, where equal
    predictions are half right. 0.5 is chance, also where there is no such pair. `papers` are in
    the order of their days.
    """
    first_day = papers[int(len(papers) * (1 - HELD_OUT_SHARE))].day
    days = np.array([paper.day.toordinal() for paper in papers])
    is_old = days < first_day.toordinal()
    if not is_old.any():
        return 0.5
    ratios = vote_ratios(papers)
    predicted = train(rows[is_old], ratios[is_old]).ratios(rows)
    right, total = 0.0, 0
    for day in np.unique(days[~is_old]):
        of_day = days == day
        order = np.sign(ratios[of_day, None] - ratios[of_day])
        agrees = order * np.sign(predicted[of_day, None] - predicted[of_day])  # 1, 0 or -1
        right += float((agrees[order != 0] + 1).sum()) / 2
        total += int((order != 0).sum())
    return right / total if total else 0.5
