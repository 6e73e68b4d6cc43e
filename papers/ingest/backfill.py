"""The history of an arXiv source, day by day through OAI-PMH: the second way in, beside its feed.

A day is done or not: what a kill interrupts is asked for again, and twice is the same as once.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from papers import categories
from papers.ingest import arxiv_limiter, upsert
from papers.models import Backfill, Poll, Source
from papers.sources import Entry, ParseError, arxiv_calendar, http, oai, sandbox

LOOK_BACK = 7  # days in which a feed's missing announcement is noticed
LIMITS = http.Limits(total_seconds=120, wire_bytes=50_000_000, decoded_bytes=100_000_000)
GROUPS = {"math", "physics", "cs", "q-bio", "q-fin", "stat", "eess", "econ"}


class CannotBackfill(ValueError):
    """This source has no second way in; the message says so."""


def run(
    backfill: Backfill,
    *,
    days: int | None = None,
    patient: bool = False,
    on_day: Callable[[Backfill], None] = lambda backfill: None,
) -> bool:
    """Walk on from where the last run came to, for so many days; whether it went well.

    Where others are at arXiv's hosts it stays due, unless the caller is `patient`.
    """
    if not backfill.claim(timezone.now()):
        return backfill.next_day is None
    backfill.refresh_from_db()
    try:
        while (day := backfill.next_day) and days != 0:
            _fill(backfill, day, patient)
            on_day(backfill)
            days = days and days - 1
    except arxiv_limiter.NotNow:
        backfill.put_back()
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


def find_holes(now: datetime) -> list[Backfill]:
    """Announcements that passed by while a feed was out of reach, each to be filled once."""
    holes = []
    for source in Source.objects.enabled().filter(kind=Source.Kind.ARXIV, query=""):
        polls = Poll.objects.filter(source=source)
        brought = set(filter(None, polls.values_list("newest_on", flat=True)))
        if not brought or not wanted(source):
            continue
        for number in range(1, LOOK_BACK):
            day = max(brought) - timedelta(days=number)
            known = min(brought) < day  # before its first feed nothing was expected of it
            if known and day not in brought and arxiv_calendar.announces_on(day):
                hole, _ = Backfill.objects.get_or_create(source=source, since=day, until=day)
                holes.append(hole)
    return holes


def _fill(backfill: Backfill, day: date, patient: bool) -> None:
    theirs = wanted(backfill.source)
    if not theirs:
        raise CannotBackfill(f"{backfill.source} is no arXiv feed of named categories")
    new = updated = 0
    # All pages of all sets in one transaction would hold its locks for hours of a large day:
    # each page stands by itself, and the day counts as done with the last.
    for subset in sorted({_set_of(category) for category in theirs}):
        for entries in _pages(subset, day, patient):
            patient = True  # a day that was begun is not begun again
            chosen = [_dated(entry) for entry in entries if _covers(theirs, entry)]
            brought = upsert.upsert(chosen, now=timezone.now(), source=backfill.source)
            new, updated = new + len(brought.new), updated + len(brought.updated)
    with transaction.atomic():
        backfill.finished(day, timezone.now(), new=new, updated=updated)
        if new:
            backfill.source.saw(day, timezone.now())
            backfill.source.save(update_fields=["newest_entry_on"])


def _pages(subset: str, day: date, patient: bool) -> Iterable[list[Entry]]:
    token = ""
    while True:
        base = settings.ARXIV_OAI_URL
        # This format alone tells the versions and the hour of the first.
        address = oai.request(
            base, prefix="arXivRaw", subset=subset, since=day, until=day, token=token
        )
        with arxiv_limiter.turns(patient=patient or bool(token)) as turn:
            fetched = http.fetch(
                address,
                user_agent=upsert.user_agent(),
                allow_private=settings.FETCH_ALLOW_PRIVATE,
                limits=LIMITS,
                turn=turn,
            )
        page = sandbox.parse_oai(fetched.body)
        yield page.entries
        if page.token is None:
            return
        token = page.token.value


def wanted(source: Source) -> set[str]:
    """The categories of a feed's address: rss.arxiv.org/rss/cs.CL+cs.CV; a bare archive is all."""
    if source.kind != Source.Kind.ARXIV or source.query:
        return set()
    path = urlsplit(source.url).path.rstrip("/").rpartition("/")[2]
    return {name for name in path.split("+") if name in GROUPS or categories.is_arxiv(name)}


def _set_of(category: str) -> str:
    """arXiv's own set: cs for cs.CL; physics:hep-th for the archives that physics is made of."""
    archive = category.partition(".")[0]
    return archive if archive in GROUPS else f"physics:{archive}"


def _covers(theirs: set[str], entry: Entry) -> bool:
    archives = {category.partition(".")[0] for category in entry.categories}
    return not theirs.isdisjoint({*entry.categories, *archives})


def _dated(entry: Entry) -> Entry:
    """With the day of its announcement, which OAI-PMH does not tell, but the calendar."""
    if entry.submitted_at is None:
        return entry
    day = arxiv_calendar.announced_from_submission(entry.submitted_at)
    return replace(entry, announced_on=day)
