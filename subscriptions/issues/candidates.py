"""The papers that a digest may hold now, for each kind of subscription, cached for 30 seconds.

Subscriptions with the same filters share one list, which is looked up once for all of them. So a
thousand digests cost a few queries. What depends on a reader's account is looked up for each.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from following.models import Mute
from following.muted import muted
from papers.models import Paper
from subscriptions.issues.paper_lists import PaperList, Reasons, look_up
from subscriptions.issues.section import ChosenSection, Section, Selection
from subscriptions.models import Subscription
from subscriptions.models.subscription import MAX_PROBLEM_CHARS

MAX_CACHED_LISTS = 2_000
CACHE_LIFETIME = timedelta(seconds=30)


class Candidates:
    """Lists of papers by subscription and day, and the papers' rows, as of one moment.

    The day is that on which the digest was due, in the site's calendar: a digest that is sent late
    holds what it would have held in time. Lists are looked up again after `CACHE_LIFETIME`, as
    votes are cast and papers hidden.
    """

    def __init__(self, now: datetime) -> None:
        self._made_at = now
        self._lists: dict[tuple[object, ...], PaperList] = {}
        self._personal_lists: dict[tuple[object, ...], PaperList] = {}
        self._problems: dict[tuple[object, ...], str] = {}
        self._papers: dict[int, Paper] = {}

    def refreshed(self, now: datetime) -> "Candidates":
        """These candidates, or an empty cache of `now` where they are too old or too many.

        Personal lists are dropped: nobody shares them.
        """
        self._personal_lists.clear()
        is_usable = now < self._made_at + CACHE_LIFETIME and len(self._lists) < MAX_CACHED_LISTS
        return self if is_usable else Candidates(now)

    def papers(self, subscription: Subscription, day: date) -> PaperList:
        """Those that meet this subscription; none where it has a problem.

        One order that cannot be looked up must not cost its subscriber the other sections.
        """
        lists = self._personal_lists if subscription.is_personal else self._lists
        key = (day, *subscription.filters)
        if key not in lists:
            may_fail = subscription.words or subscription.is_personal
            lists[key] = (self._try_to_look_up if may_fail else look_up)(subscription, day)
        return lists[key]

    def problem(self, subscription: Subscription, day: date) -> str:
        """Why the papers of this subscription cannot be found; empty where they can."""
        self.papers(subscription, day)
        return self._problems.get(subscription.filters, "")

    def _try_to_look_up(self, subscription: Subscription, day: date) -> PaperList:
        """For what a reader wrote or chose, which may be such that PostgreSQL refuses it."""
        savepoint = transaction.savepoint()  # `atomic` would take one more statement
        try:
            return look_up(subscription, day)
        except (OperationalError, InterfaceError):  # the database failed, not the order
            raise
        except Exception as error:
            transaction.savepoint_rollback(savepoint)
            reason = " ".join(str(error).split()) or type(error).__name__
            self._problems[subscription.filters] = reason[:MAX_PROBLEM_CHARS]
            return PaperList()

    def reasons(self, papers: PaperList, chosen: Collection[int]) -> Reasons:
        """Why these papers are in their list; empty for a list that is not a reader's own."""
        return papers.reasons(self._rows(chosen)) if papers.reasons else {}

    def muted(self, lists: Iterable[PaperList], mutes: Sequence[Mute]) -> set[int]:
        """The primary keys of those papers that a reader mutes; without mutes no query."""
        if not mutes:
            return set()
        return set(muted(mutes, self._rows({pk for papers in lists for pk in papers.ids})))

    def sections(self, selection: Selection) -> list[Section]:
        """The selected papers under their headings, without those that were hidden since."""
        [sections] = self.sections_of_each([selection])
        return sections

    def sections_of_each(self, selections: Collection[Selection]) -> Iterator[list[Section]]:
        """As `sections`, for many digests: their papers are fetched in one query."""
        self._rows({pk for selection in selections for chosen in selection for pk in chosen.papers})
        for selection in selections:
            sections = [self._section(chosen) for chosen in selection]
            has_papers = any(section.papers for section in sections)
            yield [each for each in sections if has_papers and (each.papers or each.left_out)]

    def _section(self, chosen: ChosenSection) -> Section:
        return Section(
            chosen.title,
            self._rows(chosen.papers),
            chosen.what,
            chosen.left_out,
            chosen.muted,
            chosen.reasons,
        )

    def _rows(self, keys: Collection[int]) -> list[Paper]:
        """The rows of these papers in their order, without those that were hidden since."""
        if missing := set(keys) - self._papers.keys():
            papers = Paper.objects.visible().filter(is_sample=False)
            self._papers |= papers.for_rows().in_bulk(missing)
        return [self._papers[pk] for pk in keys if pk in self._papers]


def site_day(moment: datetime) -> date:
    """The day of this moment in the site's calendar."""
    return timezone.localdate(moment, timezone.get_default_timezone())
