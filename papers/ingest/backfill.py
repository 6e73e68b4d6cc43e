"""Fetches the past of arXiv sources through OAI-PMH, day by day; finds days that are missing.

A day is done or not: one that a kill interrupts is fetched again, which changes nothing twice.
OAI-PMH at arXiv: https://info.arxiv.org/help/oa/index.html
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from papers import categories
from papers.ingest import arxiv_limiter
from papers.ingest.fetch import fetch
from papers.ingest.upsert import UpsertResult, upsert
from papers.models import Backfill, Paper, Poll, Source
from papers.sources import Entry, ParseError, arxiv_calendar, http, oai, sandbox

GAP_SEARCH_DAYS = 7  # before a feed's newest day
FIRST_ANNOUNCEMENTS = 5  # that a new site fetches at once
MAX_SETS = 2  # a day of all arXiv has two pages: fewer requests than one for each of more sets
FETCH_LIMITS = http.Limits(total_seconds=120, wire_bytes=50_000_000, decoded_bytes=100_000_000)
# Archives with categories of their own; every other archive belongs to the set of physics.
ARCHIVE_SETS = {"math", "physics", "cs", "q-bio", "q-fin", "stat", "eess", "econ"}


class CannotBackfill(ValueError):
    """The source is not an arXiv feed of named categories."""


def run(
    backfill: Backfill,
    *,
    days: int | None = None,
    patient: bool = False,
    on_day: Callable[[Backfill], None] = lambda backfill: None,
) -> bool:
    """Fetch the next `days` days (None: all that are left); True if nothing went wrong.

    `on_day` is called after each day. If another process is using arXiv's hosts, the backfill
    stays due and the result is False; a `patient` caller waits instead.
    """
    if not backfill.claim(timezone.now()):
        return backfill.next_day is None
    backfill.refresh_from_db()
    try:
        while (day := backfill.next_day) and days != 0:
            _fetch_day(backfill, day, patient)
            on_day(backfill)
            days = days and days - 1
    except arxiv_limiter.NotNow:
        backfill.cancel_claim()
        return False
    except (http.FetchError, ParseError) as error:
        if isinstance(error, http.FetchError) and error.retry_after is not None:
            arxiv_limiter.hold_off(settings.ARXIV_OAI_URL, error.retry_after)
        backfill.mark_failed(str(error), timezone.now())
        return False
    except BaseException:
        backfill.release("interrupted")
        raise
    backfill.release()
    return True


def queue_first_days(now: datetime) -> Backfill:
    """A backfill of all arXiv feeds from their fifth last announcement until today.

    Weekends are not left out: a paper that is revised on a later day is listed by OAI-PMH only
    on that day.
    """
    day = arxiv_calendar.last_expected_day(now)
    for _ in range(FIRST_ANNOUNCEMENTS - 1):
        day = arxiv_calendar.previous_announcement_day(day)
    return Backfill.objects.create(since=day, until=arxiv_calendar.announcement_day(now))


def days_done(backfill: Backfill) -> list[tuple[date, int]]:
    """The announcement days that are complete, each with the number of papers on its page."""
    if backfill.done_through is None:
        return []
    papers = Paper.objects.listed(backfill.since, backfill.done_through)
    counts = dict(papers.order_by().values_list("listed_on").annotate(Count("pk")))
    days = [
        backfill.since + timedelta(days=number)
        for number in range((backfill.done_through - backfill.since).days + 1)
    ]
    return [(day, counts.get(day, 0)) for day in days if arxiv_calendar.announces_on(day)]


def find_gaps(now: datetime) -> list[Backfill]:
    """A backfill for each announcement that a feed missed in the last week, made once."""
    gaps = []
    for source in Source.objects.enabled().filter(kind=Source.Kind.ARXIV, query=""):
        polls = Poll.objects.filter(source=source)
        days_polled = set(filter(None, polls.values_list("newest_on", flat=True)))
        if not days_polled or not feed_categories(source):
            continue
        for number in range(1, GAP_SEARCH_DAYS):
            day = max(days_polled) - timedelta(days=number)
            known = min(days_polled) < day  # before its first poll no day is missing
            if known and day not in days_polled and arxiv_calendar.announces_on(day):
                gap, _ = Backfill.objects.get_or_create(source=source, since=day, until=day)
                gaps.append(gap)
    return gaps


def _fetch_day(backfill: Backfill, day: date, patient: bool) -> None:
    feeds = _feeds(backfill)
    new = updated = 0
    # One transaction for all pages of all sets would hold its locks for hours on a large day:
    # each page is committed by itself, and the day is done with the last.
    for oai_set in _oai_sets(set().union(*feeds.values())):
        for entries in _pages(oai_set, day, patient):
            patient = True  # so that a day once begun is not begun again
            dated = [_with_announced_on(entry) for entry in entries]
            if backfill.source is None:
                dated = [entry for entry in dated if _is_announced_since(entry, backfill.since)]
            for source, wanted in feeds.items():
                result = _write(source, [entry for entry in dated if _is_wanted(entry, wanted)])
                new, updated = new + len(result.new), updated + len(result.updated)
    backfill.mark_done(day, timezone.now(), new=new, updated=updated)


def _feeds(backfill: Backfill) -> dict[Source, set[str]]:
    """The categories of each feed that gets its papers from this backfill."""
    enabled = Source.objects.enabled().order_by("pk")
    sources = enabled if backfill.source is None else [backfill.source]
    feeds = {source: found for source in sources if (found := feed_categories(source))}
    if not feeds and backfill.source is not None:
        raise CannotBackfill(f"{backfill.source} is no arXiv feed of named categories")
    return feeds


def _write(source: Source, entries: list[Entry]) -> UpsertResult:
    """Save one feed's papers of a page, and the day of its newest."""
    now = timezone.now()
    with transaction.atomic():
        result = upsert(entries, now=now, source=source)
        if result.new:
            days = [paper.announced_on for paper in result.new]
            source.note_newest(max(filter(None, days), default=None), now)
            source.save(update_fields=["newest_entry_on"])
    return result


def _pages(oai_set: str, day: date, patient: bool) -> Iterable[list[Entry]]:
    """The entries of a set that were changed on `day`, page by page (a resumption token each)."""
    token = ""
    while True:
        base = settings.ARXIV_OAI_URL
        # arXivRaw is the only format with the versions and the time of the first.
        url = oai.page_url(
            base, prefix="arXivRaw", subset=oai_set, since=day, until=day, token=token
        )
        fetched = fetch(url, limits=FETCH_LIMITS, patient=patient or bool(token))
        page = sandbox.parse_oai(fetched.body)
        yield page.entries
        if page.token is None:
            return
        token = page.token.value


def feed_categories(source: Source) -> set[str]:
    """The categories in a feed's address, rss.arxiv.org/rss/cs.CL+cs.CV; an archive is all of it.

    Empty for any other source.
    """
    if source.kind != Source.Kind.ARXIV or source.query:
        return set()
    names = urlsplit(source.url).path.rstrip("/").rpartition("/")[2].split("+")
    return {name for name in names if name in ARCHIVE_SETS or categories.is_arxiv(name)}


def _oai_set(category: str) -> str:
    """arXiv's OAI-PMH set: cs for cs.CL; physics:hep-th for an archive that belongs to physics."""
    archive = category.partition(".")[0]
    return archive if archive in ARCHIVE_SETS else f"physics:{archive}"


def _oai_sets(wanted: set[str]) -> list[str]:
    """The sets with these categories; "", all of arXiv, in place of more than MAX_SETS."""
    sets = sorted({_oai_set(category) for category in wanted})
    return sets if len(sets) <= MAX_SETS else [""]


def _is_announced_since(entry: Entry, since: date) -> bool:
    """False for an older paper that was only revised."""
    return entry.announced_on is not None and entry.announced_on >= since


def _is_wanted(entry: Entry, wanted: set[str]) -> bool:
    archives = {category.partition(".")[0] for category in entry.categories}
    return not wanted.isdisjoint({*entry.categories, *archives})


def _with_announced_on(entry: Entry) -> Entry:
    """The entry with its day of announcement, by arXiv's calendar: OAI-PMH does not have it."""
    if entry.submitted_at is None:
        return entry
    day = arxiv_calendar.earliest_announcement_day(entry.submitted_at)
    return replace(entry, announced_on=day)
