"""The second way in: a source's history by day, resumable; a missed day that fills itself."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from papers.ingest import backfill, seed
from papers.models import Backfill, Paper, Poll, Source
from tests.conftest import FeedServer

pytestmark = [pytest.mark.processes, pytest.mark.django_db]
FRIDAY = date(2025, 3, 14)
DAY = timedelta(days=1)
PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">
<responseDate>2025-03-20T06:00:00Z</responseDate>
{content}</OAI-PMH>"""
RECORD = """<record>
<header><identifier>oai:arXiv.org:{id}</identifier><datestamp>{day}</datestamp></header>
<metadata><arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/">
<id>{id}</id><submitter>A. Quill</submitter>
<version version="v1"><date>{made:%a, %d %b %Y %H:%M:%S} GMT</date></version>
<title>On the paper {id}</title><authors>Ada Quill, Ben Marsh</authors>
<categories>{categories}</categories><abstract>We study it.</abstract>
</arXivRaw></metadata></record>"""


def oai(path: str) -> bytes:
    """Two records of cs.CL, two of cs.CV a day, on two pages, a working day after sending."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
    token = asked.get("resumptionToken", "")
    day = date.fromisoformat(token or asked["from"])
    made = (
        datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        - (3 if day.weekday() == 0 else 1) * DAY
    )
    number = 1 if token else 0
    records = [
        RECORD.format(id=f"2503.0{day.day:02}{number}1", day=day, made=made, categories="cs.CL"),
        RECORD.format(id=f"2503.0{day.day:02}{number}2", day=day, made=made, categories="cs.CV"),
    ]
    more = "" if token else f"<resumptionToken>{day}</resumptionToken>"
    return PAGE.format(content=f"<ListRecords>{''.join(records)}{more}</ListRecords>").encode()


@pytest.fixture
def source(feed_server: FeedServer, settings) -> Source:
    feed_server.answer = oai
    settings.ARXIV_OAI_URL = feed_server.url
    return Source.objects.create(name="arXiv cs.CL", url="https://rss.arxiv.org/rss/cs.CL")


def test_days_are_walked_page_by_page_and_only_the_feeds_categories_come_in(source):
    row = Backfill.objects.create(source=source, since=FRIDAY - DAY, until=FRIDAY)

    assert backfill.run(row)

    row.refresh_from_db()
    assert (row.done_through, row.new) == (FRIDAY, 4)
    assert {paper.primary_category for paper in Paper.objects.all()} == {"cs.CL"}
    assert {paper.listed_on for paper in Paper.objects.all()} == {FRIDAY - DAY, FRIDAY}


def test_second_run_asks_for_nothing_that_is_done(source, feed_server):
    row = Backfill.objects.create(source=source, since=FRIDAY - DAY, until=FRIDAY)
    backfill.run(row, days=1)
    feed_server.asked.clear()

    backfill.run(Backfill.objects.get())

    assert all("2025-03-14" in path for path, _ in feed_server.asked)
    assert Backfill.objects.get().next_day is None


def test_failure_keeps_what_is_done_and_says_why(source, feed_server):
    row = Backfill.objects.create(source=source, since=FRIDAY - DAY, until=FRIDAY)
    backfill.run(row, days=1)
    feed_server.status = 500

    assert not backfill.run(Backfill.objects.get())

    row.refresh_from_db()
    assert (row.done_through, row.lease_until) == (FRIDAY - DAY, None)
    assert "500" in row.last_error
    feed_server.status = 200
    assert backfill.run(row)


def test_token_that_died_at_midnight_begins_the_day_again(source, feed_server):
    def died(path: str) -> bytes:
        if "resumptionToken" in path:
            return PAGE.format(content='<error code="badResumptionToken">expired</error>').encode()
        return oai(path)

    row = Backfill.objects.create(source=source, since=FRIDAY, until=FRIDAY)
    feed_server.answer = died
    assert not backfill.run(row)

    feed_server.answer = oai
    assert backfill.run(Backfill.objects.get())

    assert Paper.objects.count() == 2


def test_of_two_workers_one_fills(source, feed_server):
    row = Backfill.objects.create(source=source, since=FRIDAY, until=FRIDAY)
    row.claim(datetime.now(UTC))

    assert not backfill.run(Backfill.objects.get())

    assert feed_server.asked == []


def test_day_that_a_feed_missed_is_found_once_and_filled(source):
    for day in (FRIDAY - 3 * DAY, FRIDAY - 2 * DAY, FRIDAY):  # Tuesday, Wednesday, Friday
        Poll.objects.create(source=source, newest_on=day, entries=9)

    holes = backfill.find_gaps(datetime(2025, 3, 14, 12, tzinfo=UTC))
    again = backfill.find_gaps(datetime(2025, 3, 14, 13, tzinfo=UTC))

    assert [(hole.since, hole.until) for hole in holes] == [(FRIDAY - DAY, FRIDAY - DAY)]
    assert again == holes
    assert backfill.run(holes[0])
    assert {paper.listed_on for paper in Paper.objects.all()} == {FRIDAY - DAY}


def test_weekend_is_no_hole(source):
    for day in (FRIDAY, FRIDAY + 3 * DAY):
        Poll.objects.create(source=source, newest_on=day, entries=9)

    assert backfill.find_gaps(datetime(2025, 3, 17, 12, tzinfo=UTC)) == []


def test_command_walks_and_goes_on(source, capsys):
    call_command("backfill", "arxiv CS.cl", "--since", "2025-03-13", "--until", "2025-03-14")

    assert "done through 2025-03-14, 4 new" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words, why",
    [
        (["typo", "--since", "2025-03-13"], "There are: arXiv cs.CL"),
        (["arXiv cs.CL", "--since", "2025-03-13", "--until", "2025-03-12"], "lies after"),
        (["arXiv cs.CL", "--since", "yesterday"], "since"),
    ],
)
def test_command_says_what_is_wrong(source, words, why):
    with pytest.raises(CommandError, match=why):
        call_command("backfill", *words)


@pytest.mark.parametrize(
    "address, categories",
    [
        ("https://rss.arxiv.org/rss/cs.CL", {"cs.CL"}),
        ("https://rss.arxiv.org/atom/cs.CL+stat.ML", {"cs.CL", "stat.ML"}),
        ("https://rss.arxiv.org/rss/q-bio", {"q-bio"}),
        ("https://example.org/feed", set()),
    ],
)
def test_categories_of_a_feed_stand_in_its_address(db, address, categories):
    assert backfill.feed_categories(Source(name="x", url=address)) == categories


def test_new_site_fills_its_last_five_announcements_once_for_all_feeds(
    source, feed_server, monkeypatch
):
    def revision_on_saturday(path: str) -> bytes:
        if "2025-03-15" not in path:
            return oai(path)
        day, made = FRIDAY + DAY, datetime(2024, 3, 1, tzinfo=UTC)
        record = RECORD.format(id="2403.00001", day=day, made=made, categories="cs.CL")
        return PAGE.format(content=f"<ListRecords>{record}</ListRecords>").encode()

    feed_server.answer = revision_on_saturday
    Source.objects.all().delete()
    saturday = datetime(2025, 3, 15, 12, tzinfo=UTC)
    monkeypatch.setattr(seed.timezone, "now", lambda: saturday)

    seed.make_sources()
    seed.make_sources()

    row = Backfill.objects.get()
    assert (row.source, row.since, row.until) == (None, FRIDAY - 4 * DAY, FRIDAY + DAY)
    assert backfill.run(row)
    row.refresh_from_db()
    # Two pages a day for all feeds together; each paper stands on the day that it was announced,
    # and the revised paper of last year is left out.
    assert len(feed_server.asked) == 2 * 5 + 1
    assert Paper.objects.count() == 4 * 5
    assert not any("set=" in path for path, _ in feed_server.asked)
    assert backfill.days_done(row) == [(FRIDAY - number * DAY, 4) for number in range(4, -1, -1)]
    assert set(Paper.objects.values_list("source__name", flat=True)) == {
        "arXiv cs.CL",
        "arXiv cs.CV",
    }
    assert Source.objects.get(name="arXiv cs.CL").newest_entry_on == FRIDAY


def test_backfill_that_failed_is_tried_again_within_the_hour(source, feed_server):
    row = Backfill.objects.create(source=source, since=FRIDAY, until=FRIDAY)
    feed_server.status = 500
    for wait in (2, 4, 8, 16, 32, 60, 60):
        now = timezone.now()
        backfill.run(row)
        row.refresh_from_db()
        assert not Backfill.objects.due(now).exists()
        assert Backfill.objects.due(now + timedelta(minutes=wait, seconds=30)).exists()
