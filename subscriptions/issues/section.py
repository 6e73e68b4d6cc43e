"""What a digest holds: sections of papers under a heading, as chosen and as shown."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from papers.models import Paper
from papers.periods import Kind, Period, around, parse
from subscriptions.models import Subscription
from subscriptions.models.subscription import AUTHOR_TITLE

What = Subscription.What


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Papers for which a section had no room, or which its reader mutes.

    Only those of the newest day or week among them are counted.
    """

    count: int
    kind: Kind
    period: str  # as Period.name
    path: str  # of the list on the site that has them

    @property
    def days(self) -> Period:
        return parse(self.kind, self.period)


@dataclass(frozen=True, slots=True)
class ChosenSection:
    """The papers that were chosen for one subscription, by their primary keys, best first."""

    title: str  # as Subscription.title
    what: str = ""  # as Subscription.what; empty in digests of before it was stored
    papers: list[int] = field(default_factory=list)
    left_out: LeftOut | None = None
    muted: LeftOut | None = None
    reasons: dict[int, str] = field(default_factory=dict)  # why a paper is there, by primary key


# The sections of one digest in the order of the mail.
Selection = list[ChosenSection]


@dataclass(frozen=True, slots=True)
class Section:
    """A section with the papers' rows. With a title alone it is one of the general digest."""

    title: str
    papers: list[Paper]
    what: str = ""
    left_out: LeftOut | None = None
    muted: LeftOut | None = None
    reasons: dict[int, str] = field(default_factory=dict)

    @property
    def identity(self) -> tuple[object, ...]:
        """Equal for sections that look the same."""
        papers = [(paper.pk, self.reasons.get(paper.pk)) for paper in self.papers]
        return self.title, self.what, self.left_out, self.muted, *papers

    @property
    def why(self) -> str:
        """Why its reader gets this section; empty where the title says it."""
        match self.what:
            case What.TOPIC:
                return "You follow this topic"
            case What.SEARCH:
                return "You follow this search"
            case What.AUTHOR:
                return f"You follow {self.title.removeprefix(AUTHOR_TITLE)}"
            case What.FOR_YOU:
                return "New papers that fit your interests"
        return ""


def periods_covered(sections: Iterable[Section], kind: Kind) -> list[Period]:
    """The days or weeks whose pages show these papers, the newest first.

    Not the day that a digest is named for: Saturday's holds Friday's papers, and its own page none.
    """
    days = {paper.listed_on for section in sections for paper in section.papers}
    periods = {around(kind, day) for day in days if day}
    return sorted(periods, key=lambda period: period.first, reverse=True)
