"""The papers that a digest may hold now, for each kind of subscription, cached for 30 seconds.

Subscriptions with the same filters share one list, which is looked up once for all of them. So a
thousand digests cost a few queries.
"""

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists
from django.utils import timezone

from papers.models import Paper
from papers.models.day_order import in_curated_order
from papers.models.paper_queries import PaperQuerySet
from subscriptions.issues.section import ChosenSection, Section, Selection
from subscriptions.models import SentMark, Subscription
from subscriptions.models.subscription import MAX_PROBLEM_CHARS

CANDIDATE_WINDOW = timedelta(days=8)  # papers that arrive or gather votes late are still sent
MAX_LIST_PAPERS = 2_000  # no subscriber has been sent this many in eight days
MAX_CACHED_LISTS = 2_000
CACHE_LIFETIME = timedelta(seconds=30)


class PaperList(NamedTuple):
    """The papers that one subscription may be sent, best first."""

    ids: Sequence[int]  # primary keys
    days: Sequence[int]  # of each paper its listed_on, as date.toordinal()


class Candidates:
    """Lists of papers by subscription and day, and the papers' rows, as of one moment.

    The day is that on which the digest was due, in the site's calendar: a digest that is sent late
    holds what it would have held in time. Lists are looked up again after `CACHE_LIFETIME`, as
    votes are cast and papers hidden.
    """

    def __init__(self, now: datetime) -> None:
        self._made_at = now
        self._lists: dict[tuple[object, ...], PaperList] = {}
        self._problems: dict[tuple[object, ...], str] = {}
        self._papers: dict[int, Paper] = {}

    def refreshed(self, now: datetime) -> "Candidates":
        """These candidates, or an empty cache of `now` where they are too old or too many."""
        is_usable = now < self._made_at + CACHE_LIFETIME and len(self._lists) < MAX_CACHED_LISTS
        return self if is_usable else Candidates(now)

    def papers(self, subscription: Subscription, day: date) -> PaperList:
        """Those that meet this subscription; none where it has a problem.

        One order that cannot be looked up must not cost its subscriber the other sections.
        """
        key = (day, *subscription.filters)
        if key not in self._lists:
            look_up = self._try_to_look_up if subscription.words else _look_up
            self._lists[key] = look_up(subscription, day)
        return self._lists[key]

    def problem(self, subscription: Subscription, day: date) -> str:
        """Why the papers of this subscription cannot be found; empty where they can."""
        self.papers(subscription, day)
        return self._problems.get(subscription.filters, "")

    def _try_to_look_up(self, subscription: Subscription, day: date) -> PaperList:
        """For words that a reader wrote, as they may be such that PostgreSQL refuses them."""
        savepoint = transaction.savepoint()  # `atomic` would take one more statement
        try:
            return _look_up(subscription, day)
        except (OperationalError, InterfaceError):  # the database failed, not the order
            raise
        except Exception as error:
            transaction.savepoint_rollback(savepoint)
            reason = " ".join(str(error).split()) or type(error).__name__
            self._problems[subscription.filters] = reason[:MAX_PROBLEM_CHARS]
            return PaperList([], [])

    def sections(self, selection: Selection) -> list[Section]:
        """The selected papers under their headings, without those that were hidden since."""
        [sections] = self.sections_of_each([selection])
        return sections

    def sections_of_each(self, selections: Collection[Selection]) -> Iterator[list[Section]]:
        """As `sections`, for many digests: their papers are fetched in one query."""
        wanted = {pk for selection in selections for chosen in selection for pk in chosen.papers}
        if missing := wanted - self._papers.keys():
            papers = Paper.objects.visible().filter(is_sample=False)
            self._papers |= papers.for_rows().in_bulk(missing)
        for selection in selections:
            sections = [self._section(chosen) for chosen in selection]
            has_papers = any(section.papers for section in sections)
            yield [each for each in sections if has_papers and (each.papers or each.left_out)]

    def _section(self, chosen: ChosenSection) -> Section:
        papers = [self._papers[pk] for pk in chosen.papers if pk in self._papers]
        return Section(chosen.title, papers, chosen.what, chosen.left_out)


def _look_up(subscription: Subscription, day: date) -> PaperList:
    is_week = subscription.period_kind == "week"
    papers = recent_papers(day)
    if is_week:
        # This day's had no time to gather votes; they are for the next week's digest.
        papers = papers.filter(listed_on__lt=day)
    best = subscription.best_of(papers)[:MAX_LIST_PAPERS]
    rows: Iterable[Any] = best.values_list("pk", "listed_on", "position", named=True)
    if not is_week:  # which stands by upvotes alone
        rows = in_curated_order(rows)
    found = [(row.pk, row.listed_on.toordinal()) for row in rows]
    return PaperList(array("q", [pk for pk, _ in found]), array("l", [day for _, day in found]))


def recent_papers(day: date) -> PaperQuerySet:
    """Those that may be mailed on this day.

    Neither withdrawn nor invented, nor sent before a restore.
    """
    listed = Paper.objects.listed(day - CANDIDATE_WINDOW, day)
    listed = listed.filter(withdrawn=False, is_sample=False)
    return listed.exclude(Exists(SentMark.objects.all().covering_paper()))


def site_day(moment: datetime) -> date:
    """The day of this moment in the site's calendar."""
    return timezone.localdate(moment, timezone.get_default_timezone())
