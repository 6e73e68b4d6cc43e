"""A section of a digest (a heading and the papers under it), and a digest's choice of papers."""

from collections.abc import Iterable
from dataclasses import dataclass

from papers.models import Paper
from papers.periods import Kind, Period, around
from subscriptions.models.subscription import followed_in_words

# The papers of one digest in the order of the mail: the title of the section, the paper's key.
Selection = list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Section:
    title: str  # as Subscription.title
    papers: list[Paper]

    @property
    def why(self) -> str:
        """Why its reader gets this section; empty where the title says it."""
        return followed_in_words(self.title)


def periods_covered(sections: Iterable[Section], kind: Kind) -> list[Period]:
    """The days or weeks whose pages show these papers, the newest first.

    Not the day that a digest is named for: Saturday's holds Friday's papers, and its own page none.
    """
    days = {paper.listed_on for section in sections for paper in section.papers}
    periods = {around(kind, day) for day in days if day}
    return sorted(periods, key=lambda period: period.first, reverse=True)
