"""The papers that a digest may hold now, for each kind of subscription, cached for 30 seconds.

Subscriptions with the same filters share one list, which is looked up once for all of them. So a
thousand digests cost a few queries.
"""

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists
from django.utils import timezone

from papers.models import Paper
from papers.models.day_order import in_curated_order
from papers.models.paper_queries import PaperQuerySet
from subscriptions.issues.section import Section, Selection
from subscriptions.models import SentMark, Subscription
from subscriptions.models.subscription import MAX_PROBLEM_CHARS

CANDIDATE_WINDOW = timedelta(days=8)  # papers that arrive or gather votes late are still sent
MAX_LIST_PAPERS = 2_000  # no subscriber has been sent this many in eight days
MAX_CACHED_LISTS = 2_000
CACHE_LIFETIME = timedelta(seconds=30)


class Candidates:
    """Lists of papers by subscription, best first, and the papers' rows, as of one moment.

    They are looked up again after `CACHE_LIFETIME`, as votes are cast and papers hidden.
    """

    def __init__(self, now: datetime) -> None:
        self._made_at = now
        self._lists: dict[tuple[object, ...], array[int]] = {}
        self._problems: dict[tuple[object, ...], str] = {}
        self._papers: dict[int, Paper] = {}

    def refreshed(self, now: datetime) -> "Candidates":
        """These candidates, or an empty cache of `now` where they are too old or too many."""
        is_usable = now < self._made_at + CACHE_LIFETIME and len(self._lists) < MAX_CACHED_LISTS
        return self if is_usable else Candidates(now)

    def paper_ids(self, subscription: Subscription) -> Sequence[int]:
        """Keys of the papers that meet this subscription, best first; none where it has a problem.

        One order that cannot be looked up must not cost its subscriber the other sections.
        """
        filters = subscription.filters
        if filters not in self._lists:
            look_up = self._try_to_look_up if subscription.words else self._look_up
            self._lists[filters] = look_up(subscription)
        return self._lists[filters]

    def problem(self, subscription: Subscription) -> str:
        """Why the papers of this subscription cannot be found; empty where they can."""
        self.paper_ids(subscription)
        return self._problems.get(subscription.filters, "")

    def _try_to_look_up(self, subscription: Subscription) -> "array[int]":
        """For words that a reader wrote, as they may be such that PostgreSQL refuses them."""
        savepoint = transaction.savepoint()  # `atomic` would take one more statement
        try:
            return self._look_up(subscription)
        except (OperationalError, InterfaceError):  # the database failed, not the order
            raise
        except Exception as error:
            transaction.savepoint_rollback(savepoint)
            reason = " ".join(str(error).split()) or type(error).__name__
            self._problems[subscription.filters] = reason[:MAX_PROBLEM_CHARS]
            return array("q")

    def _look_up(self, subscription: Subscription) -> "array[int]":
        papers = recent_papers(self._made_at)
        if subscription.period_kind == "week":
            # Today's had no time to gather votes; they are for the next week's digest.
            papers = papers.filter(listed_on__lt=_local_day(self._made_at))
        best = subscription.best_of(papers)[:MAX_LIST_PAPERS]
        if subscription.period_kind == "week":  # stands by upvotes alone
            return array("q", best.values_list("pk", flat=True))
        rows = best.values_list("pk", "listed_on", "position", named=True)
        return array("q", (row.pk for row in in_curated_order(rows)))

    def oldest_id(self, subscriptions: Iterable[Subscription]) -> int:
        """The smallest key of a paper that any of these subscriptions may be sent; else 0."""
        return min((min(self.paper_ids(each), default=0) for each in subscriptions), default=0)

    def sections(self, selection: Selection) -> list[Section]:
        """The selected papers under their headings, without those that were hidden since."""
        [sections] = self.sections_of_each([selection])
        return sections

    def sections_of_each(self, selections: Collection[Selection]) -> Iterator[list[Section]]:
        """As `sections`, for many digests: their papers are fetched in one query."""
        missing = {pk for selection in selections for _, pk in selection} - self._papers.keys()
        if missing:
            papers = Paper.objects.visible().filter(is_sample=False)
            self._papers |= papers.for_rows().in_bulk(missing)
        for selection in selections:
            sections: dict[str, Section] = {}
            for title, pk in selection:
                if paper := self._papers.get(pk):
                    sections.setdefault(title, Section(title, [])).papers.append(paper)
            yield list(sections.values())


def recent_papers(now: datetime) -> PaperQuerySet:
    """Those that may be mailed: neither withdrawn nor invented, nor sent before a restore."""
    today = _local_day(now)
    listed = Paper.objects.listed(today - CANDIDATE_WINDOW, today)
    listed = listed.filter(withdrawn=False, is_sample=False)
    return listed.exclude(Exists(SentMark.objects.all().covering_paper()))


def _local_day(now: datetime) -> date:
    return timezone.localdate(now, timezone.get_default_timezone())
