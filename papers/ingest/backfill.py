"""Fetches the past of an arXiv source through OAI-PMH, day by day, and finds days that are missing.

A day is done or not: one that a kill interrupts is fetched again, which changes nothing twice.
OAI-PMH at arXiv: https://info.arxiv.org/help/oa/index.html
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from papers import categories
from papers.ingest import arxiv_limiter
from papers.ingest.fetch import fetch
from papers.ingest.upsert import upsert
from papers.models import Backfill, Poll, Source
from papers.sources import Entry, ParseError, arxiv_calendar, http, oai, sandbox

GAP_SEARCH_DAYS = 7  # before a feed's newest day
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
        backfill.release(str(error))
        return False
    except BaseException:
        backfill.release("interrupted")
        raise
    backfill.release()
    return True


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
    wanted = feed_categories(backfill.source)
    if not wanted:
        raise CannotBackfill(f"{backfill.source} is no arXiv feed of named categories")
    new = updated = 0
    # One transaction for all pages of all sets would hold its locks for hours on a large day:
    # each page is committed by itself, and the day is done with the last.
    for oai_set in sorted({_oai_set(category) for category in wanted}):
        for entries in _pages(oai_set, day, patient):
            patient = True  # so that a day once begun is not begun again
            chosen = [_with_announced_on(entry) for entry in entries if _is_wanted(entry, wanted)]
            result = upsert(chosen, now=timezone.now(), source=backfill.source)
            new, updated = new + len(result.new), updated + len(result.updated)
    with transaction.atomic():
        backfill.mark_done(day, timezone.now(), new=new, updated=updated)
        if new:
            backfill.source.note_newest(day, timezone.now())
            backfill.source.save(update_fields=["newest_entry_on"])


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


def _is_wanted(entry: Entry, wanted: set[str]) -> bool:
    archives = {category.partition(".")[0] for category in entry.categories}
    return not wanted.isdisjoint({*entry.categories, *archives})


def _with_announced_on(entry: Entry) -> Entry:
    """The entry with its day of announcement, by arXiv's calendar: OAI-PMH does not have it."""
    if entry.submitted_at is None:
        return entry
    day = arxiv_calendar.earliest_announcement_day(entry.submitted_at)
    return replace(entry, announced_on=day)
