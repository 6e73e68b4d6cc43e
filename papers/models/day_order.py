"""The order in which a curator put the papers of a day: position 3 is the third place."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import islice
from typing import Protocol, TypeVar


class Placed(Protocol):
    """A Paper, or a row of a query with these columns."""

    @property
    def listed_on(self) -> date | None: ...
    @property
    def position(self) -> int | None: ...


P = TypeVar("P", bound=Placed)


def in_curated_order(papers: Iterable[P]) -> list[P]:
    """Papers that are sorted without their positions, rearranged by them.

    Each day keeps the places that it has among the others; who stands on them is the curator's.
    """
    papers = list(papers)
    by_day: dict[date | None, list[P]] = defaultdict(list)
    for paper in papers:
        by_day[paper.listed_on].append(paper)
    placed = {day: iter(_place(its_papers)) for day, its_papers in by_day.items()}
    return [next(placed[paper.listed_on]) for paper in papers]


def _place(papers: Sequence[P]) -> list[P]:
    """Of one day. A place that is taken, or past the end, becomes the next free one."""
    others = (paper for paper in papers if not paper.position)
    placed: list[P] = []
    for paper in sorted(filter(lambda paper: paper.position, papers), key=_position):
        placed += islice(others, max(0, _position(paper) - 1 - len(placed)))
        placed.append(paper)
    return [*placed, *others]


def _position(paper: Placed) -> int:
    return paper.position or 0
