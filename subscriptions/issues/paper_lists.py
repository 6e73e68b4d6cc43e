"""Looks up the papers that a digest may hold for one subscription, best first."""

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists

from accounts.models import User
from following.followed import papers_followed, reasons
from following.models import Follow
from interests.for_you import suggest, unknown_to
from interests.models import Interest
from interests.ranking import MAX_COMPARED
from papers.models import Paper
from papers.models.day_order import in_curated_order
from papers.models.paper_queries import PaperQuerySet
from papers.models.site_day import midnight
from subscriptions.models import SentMark, Subscription

CANDIDATE_WINDOW = timedelta(days=8)  # papers that arrive or gather votes late are still sent
MAX_LIST_PAPERS = 2_000  # no subscriber has been sent this many in eight days
A_DAY = timedelta(days=1)

Reasons = dict[int, str]  # by a paper's primary key, why it is for this reader


@dataclass(frozen=True, slots=True)
class PaperList:
    """The papers that one subscription may be sent, best first."""

    ids: Sequence[int] = ()  # primary keys
    days: Sequence[int] = ()  # of each paper when it came, as date.toordinal()
    reasons: Callable[[Iterable[Paper]], Reasons] | None = None  # of papers from `for_rows`


def look_up(subscription: Subscription, day: date) -> PaperList:
    """As of the digest that is due on this day; `reader_id` is from `with_readers`."""
    if not subscription.is_personal:
        papers = subscription.best_of(recent_papers(_last_day(subscription, day)))
        rows: Iterable[Any] = _named_rows(papers, "listed_on", "position")
        if subscription.period_kind == "day":  # a week's stand by upvotes alone
            rows = in_curated_order(rows)
        return PaperList(*_columns((row.pk, row.listed_on) for row in rows))
    if subscription.reader_id is None:
        return PaperList()
    find = _followed if subscription.what == Subscription.What.FOLLOWED else _for_you
    return find(subscription, User(pk=subscription.reader_id), _last_day(subscription, day))


def recent_papers(day: date) -> PaperQuerySet:
    """Those listed in time for a digest of papers up to this day."""
    return _mailable(Paper.objects.listed(day - CANDIDATE_WINDOW, day))


def _followed(subscription: Subscription, reader: User, last: date) -> PaperList:
    """Also of papers on no page, and of old ones that are new in a followed list."""
    follows = list(Follow.objects.of_reader(reader))
    if not follows:
        return PaperList()
    papers = _mailable(papers_followed(follows, midnight(last - CANDIDATE_WINDOW)))
    rows = _named_rows(subscription.best_of(papers), "came_on")

    def its_reasons(papers: Iterable[Paper]) -> Reasons:
        because = reasons(follows, papers).items()
        return {pk: "; ".join(follow.reason for follow in some) for pk, some in because}

    columns = _columns((row.pk, row.came_on) for row in rows if row.came_on <= last)
    return PaperList(*columns, its_reasons)


def _for_you(subscription: Subscription, reader: User, last: date) -> PaperList:
    interests = list(Interest.objects.of_reader(reader).for_ranking())
    papers = unknown_to(reader, subscription.best_of(recent_papers(last)))
    rows = Paper.objects.only("title_text", "listed_on")
    suggestions = suggest(interests, papers, rows, MAX_COMPARED)
    because = {one.paper.pk: one.reason for one in suggestions}
    columns = _columns((one.paper.pk, one.paper.listed_on) for one in suggestions)
    return PaperList(*columns, lambda papers: {paper.pk: because[paper.pk] for paper in papers})


def _last_day(subscription: Subscription, day: date) -> date:
    """Of the papers of a digest that is due on this day.

    Of a weekly one the day before: this day's had no time to gather votes, and are for the next.
    """
    return day if subscription.period_kind == "day" else day - A_DAY


def _mailable(papers: PaperQuerySet) -> PaperQuerySet:
    """Neither withdrawn nor invented, nor sent before a restore."""
    papers = papers.filter(withdrawn=False, is_sample=False)
    return papers.exclude(Exists(SentMark.objects.all().covering_paper()))


def _named_rows(papers: PaperQuerySet, *columns: str) -> Any:
    return papers[:MAX_LIST_PAPERS].values_list("pk", *columns, named=True)


def _columns(found: Iterable[tuple[int, Any]]) -> tuple[Sequence[int], Sequence[int]]:
    """`ids` and `days` of papers with their days."""
    found = list(found)
    days = array("l", [day.toordinal() for _, day in found])
    return array("q", [pk for pk, _ in found]), days
