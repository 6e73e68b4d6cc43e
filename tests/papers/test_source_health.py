"""A source that is late, broken, quiet or fresh is called so, and readers of today's page know."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from papers.ingest import polling, source_health
from papers.ingest.announcement_notice import late_line
from papers.ingest.source_health import SourceHealth, State
from papers.models import Poll, Source
from papers.sources import arxiv_calendar
from tests.conftest import FeedServer
from tests.papers.test_polling import FEEDS

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TUESDAY = date(2026, 11, 24)  # two days before Thanksgiving
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)  # seven in the morning, Eastern


def a_source(name: str = "arXiv cs.CL", **fields: object) -> Source:
    defaults = {"url": f"https://rss.arxiv.org/rss/{name}", "last_success_at": NOON}
    return Source.objects.create(name=name, **(defaults | fields))


def a_journal(name: str = "A journal", **fields: object) -> Source:
    """It follows no calendar but its own."""
    return a_source(name, kind=Source.Kind.DAILY_PAPERS, **fields)


def polled(
    source: Source,
    at: datetime,
    *,
    new: int = 0,
    updated: int = 0,
    status: int | None = 200,
    **fields: object,
) -> None:
    fields.setdefault("entries", new + updated)
    Poll.objects.create(
        source=source, started_at=at, status=status, new=new, updated=updated, **fields
    )


def polled_for_weeks(
    source: Source,
    *,
    new: int = 0,
    before: date = TUESDAY,
    weekdays: Iterable[int] = range(7),
    hour: int = 7,
) -> None:
    """Seven weeks of days with one poll each; on these weekdays it brought so much."""
    for number in range(1, 50):
        day = before - number * DAY
        at = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
        brings = day.weekday() in weekdays
        if source.kind == Source.Kind.ARXIV:
            brings = brings and arxiv_calendar.announces_on(day)
        polled(source, at, new=new if brings else 0)


def the_health(now: datetime = NOON) -> SourceHealth:
    (found,) = source_health.report(now)
    return found


# --- arXiv, against its calendar ---


def test_feed_of_today_makes_a_source_fresh():
    source = a_source(newest_entry_on=TUESDAY)
    polled_for_weeks(source, new=230)
    polled(source, NOON, new=200, updated=12)

    found = the_health()

    assert (found.state, found.why, found.missing) == (State.FRESH, "", None)
    assert (found.newest, found.today, found.usual) == (TUESDAY, 212, 230)
    assert found.expected_at == datetime(2026, 11, 25, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "now, state",
    [
        ("2026-11-24T04:00", State.FRESH),  # still Monday there
        ("2026-11-24T06:00", State.FRESH),  # due, within the grace
        ("2026-11-24T07:59", State.FRESH),
        ("2026-11-24T08:00", State.LATE),
        ("2026-11-25T04:00", State.LATE),  # still Tuesday there
        ("2026-11-25T06:30", State.LATE),  # Wednesday's is not due yet, Tuesday's still missing
    ],
)
def test_source_that_answers_without_the_feed_of_today_is_late_after_the_grace(now, state):
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    source = a_source(newest_entry_on=TUESDAY - DAY, last_success_at=at)
    polled_for_weeks(source, new=230)

    found = the_health(at)

    assert found.state is state
    assert found.missing == (TUESDAY if state is State.LATE else None)
    assert found.expected_at == datetime(2026, 11, 24, 6, tzinfo=UTC)


def test_yesterdays_feed_served_again_is_not_todays():
    source = a_source(newest_entry_on=TUESDAY - DAY)
    polled_for_weeks(source, new=230)
    polled(source, NOON - timedelta(hours=1), entries=230, updated=3)

    assert the_health().state is State.LATE


@pytest.mark.parametrize(
    "now, newest, why",
    [
        ("2026-11-21T12:00", "2026-11-20", "weekends"),
        ("2026-11-22T23:00", "2026-11-20", "weekends"),
        ("2026-11-27T12:00", "2026-11-26", "holiday"),  # the Friday after Thanksgiving
        ("2026-12-28T12:00", "2026-12-25", "holiday"),  # the Monday after Christmas Day
    ],
)
def test_weekend_and_holiday_are_quiet(now, newest, why):
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    polled_for_weeks(a_source(newest_entry_on=newest, last_success_at=at), new=9, before=at.date())

    found = the_health(at)

    assert (found.state, found.missing) == (State.QUIET, None)
    assert why in found.why


def test_fridays_missing_papers_are_still_missed_on_saturday():
    saturday = datetime(2026, 11, 21, 12, tzinfo=UTC)
    source = a_source(newest_entry_on=date(2026, 11, 19), last_success_at=saturday)
    polled_for_weeks(source, new=9, before=saturday.date())

    found = the_health(saturday)

    assert (found.state, found.missing) == (State.LATE, date(2026, 11, 20))
    assert found.why == "Friday’s papers have not come yet."


def test_small_category_that_is_usually_empty_on_a_tuesday_is_quiet():
    source = a_source("arXiv cs.GL", newest_entry_on=date(2026, 11, 20))
    polled_for_weeks(source, new=1, weekdays=[4])

    found = the_health()

    assert (found.state, found.usual) == (State.QUIET, 0)
    assert found.why == "Usually nothing comes on a Tuesday."
    assert found.expected_at == datetime(2026, 12, 4, 6, tzinfo=UTC)  # not on the 27th, a holiday


def test_winter_break_of_a_year_not_listed_makes_nobody_late():
    at = datetime(2027, 12, 28, 12, tzinfo=UTC)
    source = a_source(newest_entry_on=date(2027, 12, 24), last_success_at=at)
    polled_for_weeks(source, new=9, before=at.date())

    assert the_health(at).missing is None


def test_new_site_owes_nothing_of_the_days_before_it():
    saturday = datetime(2026, 11, 21, 12, tzinfo=UTC)
    polled(a_source(last_success_at=saturday), saturday)

    assert the_health(saturday).state is State.QUIET


def test_answers_of_the_api_count_by_what_they_brought():
    source = a_source("arXiv API", query="cat:cs.CL")
    polled_for_weeks(source, new=40)
    assert the_health().state is State.LATE

    polled(source, NOON, new=38)

    assert the_health().state is State.FRESH


# --- The others, against their past ---


def test_journal_that_brings_papers_each_tuesday_is_late_without_them():
    polled_for_weeks(a_journal(newest_entry_on=TUESDAY - 7 * DAY), new=5, weekdays=[1], hour=7)

    assert the_health(NOON.replace(hour=8)).state is State.FRESH
    found = the_health(NOON.replace(hour=9))

    assert (found.state, found.missing, found.usual) == (State.LATE, TUESDAY, 5)
    assert found.expected_at == NOON.replace(hour=7)


def test_journal_is_missed_until_it_comes_on_whichever_day():
    journal = a_journal(newest_entry_on=TUESDAY - 7 * DAY, last_success_at=NOON + DAY)
    polled_for_weeks(journal, new=5, weekdays=[1])
    polled(journal, NOON)
    assert the_health(NOON + DAY).missing == TUESDAY

    polled(journal, NOON + DAY, new=4)

    found = the_health(NOON + DAY)
    assert (found.state, found.missing) == (State.FRESH, None)
    assert found.expected_at == datetime(2026, 12, 1, 7, tzinfo=UTC)


def test_journal_is_quiet_on_other_days():
    journal = a_journal(newest_entry_on=TUESDAY - 4 * DAY)
    polled_for_weeks(journal, new=5, weekdays=[4])

    found = the_health()

    assert (found.state, found.why) == (State.QUIET, "Usually nothing comes on a Tuesday.")
    assert found.expected_at == datetime(2026, 11, 27, 7, tzinfo=UTC)


def test_one_missed_tuesday_in_six_changes_nothing():
    journal = a_journal(newest_entry_on=TUESDAY - 14 * DAY)
    polled_for_weeks(journal, new=5, weekdays=[1])
    Poll.objects.filter(started_at__date=TUESDAY - 7 * DAY).update(new=0)

    assert the_health().state is State.LATE


def test_days_without_an_answer_say_nothing_of_what_is_usual():
    journal = a_journal(newest_entry_on=TUESDAY - 28 * DAY)
    polled_for_weeks(journal, new=5, weekdays=[1])
    lately = Poll.objects.filter(started_at__date__gte=TUESDAY - 21 * DAY)
    lately.update(new=0, entries=0, status=503, error="example.org answered 503")

    assert the_health().usual == 5


def test_two_weeks_are_too_few_to_expect_anything():
    journal = a_journal(newest_entry_on=TUESDAY - 7 * DAY)
    for weeks in (1, 2):
        polled(journal, NOON - 7 * weeks * DAY, new=5)

    found = the_health()

    assert (found.state, found.usual, found.expected_at) == (State.FRESH, None, None)


def test_journal_that_never_brought_anything_says_so():
    polled(a_journal(), NOON)

    found = the_health()

    assert (found.state, found.why) == (State.QUIET, "It answers, but has brought nothing yet.")


def test_votes_that_every_poll_updates_are_not_counted_again_and_again():
    source = a_journal()
    for hour in range(12):
        polled(source, NOON.replace(hour=hour), new=3 if hour == 4 else 0, updated=30)

    assert the_health().today == 33


# --- Broken, new, disabled ---


def test_source_that_owes_papers_and_fails_is_broken_since_its_first_failure():
    source = a_source(failures=1, newest_entry_on=TUESDAY - DAY, last_success_at=NOON - DAY)
    polled_for_weeks(source, new=9)
    polled(source, NOON - DAY, new=9)
    failed_at = NOON - timedelta(hours=2)
    polled(source, failed_at, status=503, error="rss.arxiv.org answered 503")

    found = the_health()

    assert (found.state, found.since, found.missing) == (State.BROKEN, failed_at, TUESDAY)
    assert found.why == "Its own server has trouble."


@pytest.mark.parametrize("failures, state", [(1, State.FRESH), (2, State.FRESH), (3, State.BROKEN)])
def test_source_that_owes_nothing_is_given_three_tries(failures, state):
    polled_for_weeks(a_source(failures=failures, newest_entry_on=TUESDAY), new=9)

    assert the_health().state is state


def test_source_that_never_answered_is_broken_at_once():
    source = a_source(last_success_at=None, failures=1)
    polled(source, NOON, status=None, error="no such host")

    found = the_health()

    assert (found.state, found.since, found.why) == (State.BROKEN, NOON, "It cannot be reached.")


@pytest.mark.parametrize(
    "status, why",
    [
        (None, "It cannot be reached."),
        (200, "What it sends cannot be read."),
        (400, "It does not take our question."),
        (401, "It refuses to answer us."),
        (403, "It refuses to answer us."),
        (404, "There is nothing at its address any more."),
        (410, "There is nothing at its address any more."),
        (429, "It asks us to come back later."),
        (503, "Its own server has trouble."),
    ],
)
def test_reason_is_in_words_and_repeats_no_error(status, why):
    source = a_source(failures=4, last_error="http://me:secret@example.org", last_success_at=None)
    polled(source, NOON - DAY, status=500, error="an older one")
    polled(source, NOON, status=status, error="http://me:secret@example.org")

    assert the_health().why == why


def test_source_that_nobody_asks_is_broken_and_not_late():
    last = NOON - 3 * DAY
    source = a_source(
        newest_entry_on=last.date(), last_success_at=last, next_poll_at=last + DAY / 24
    )
    polled_for_weeks(source, new=9, before=last.date())
    polled(source, last, new=9)

    found = the_health()

    assert (found.state, found.since) == (State.BROKEN, last)
    assert "fault is ours" in found.why


def test_source_that_will_be_asked_later_is_not_called_late_before():
    last = NOON - DAY
    source = a_source(
        newest_entry_on=last.date(), last_success_at=last, next_poll_at=NOON + DAY / 24
    )
    polled_for_weeks(source, new=9)

    found = the_health()

    assert (found.state, found.missing) == (State.FRESH, None)


def test_source_never_asked_is_new_and_one_switched_off_disabled():
    a_source("a", last_success_at=None)
    a_source("b", disabled_at=NOON, failures=9)

    assert [found.state for found in source_health.report(NOON)] == [State.NEW, State.DISABLED]


def test_report_takes_the_same_three_queries_for_any_number_of_sources(
    django_assert_max_num_queries: DjangoAssertNumQueries,
):
    for number in range(30):
        source = a_source(f"arXiv {number:02}", failures=number % 4, newest_entry_on=TUESDAY)
        polled(source, NOON, new=number)

    with django_assert_max_num_queries(3):
        found = source_health.report(NOON)

    assert [each.today for each in found] == list(range(30))


# --- The line on today's page ---


def late(name: str, newest: date = TUESDAY - DAY, **fields: object) -> None:
    source = a_source(name, newest_entry_on=newest, **fields)
    polled(source, NOON - 20 * DAY)


def test_line_names_the_source_that_has_not_announced():
    late("arXiv cs.CL")

    assert late_line(TUESDAY, NOON) == "cs.CL has not announced yet today"


def test_line_counts_the_others():
    for name in ("arXiv cs.CV", "arXiv cs.AI", "arXiv cs.RO"):
        late(name)

    assert late_line(TUESDAY, NOON) == "cs.AI and 2 more have not announced yet today"


def test_line_says_since_when_a_source_is_out_of_reach():
    friday = NOON - 4 * DAY
    late("arXiv cs.CL", newest=date(2026, 11, 19), failures=7, last_success_at=friday - DAY)
    polled(Source.objects.get(), friday, status=None, error="timed out")
    assert late_line(TUESDAY, NOON) == "cs.CL has been out of reach since Friday"

    Source.objects.update(last_success_at=NOON - timedelta(hours=5))
    polled(Source.objects.get(), NOON - timedelta(hours=4), status=None, error="timed out")
    assert late_line(TUESDAY, NOON) == "cs.CL is out of reach today"


def test_line_tells_the_late_from_those_out_of_reach():
    for name in ("arXiv cs.AI", "arXiv cs.CL"):
        late(name)
    for name in ("arXiv cs.RO", "arXiv cs.CR"):
        late(name, failures=1, last_success_at=NOON - 2 * DAY)

    assert late_line(TUESDAY, NOON) == (
        "cs.AI and 1 more have not announced yet today"
        " · cs.CR and 1 more have been out of reach since Sunday"
    )


def test_line_on_saturday_names_the_day_that_is_missing():
    saturday = datetime(2026, 11, 21, 12, tzinfo=UTC)
    late("arXiv cs.CL", newest=date(2026, 11, 19), last_success_at=saturday)

    line = late_line(saturday.date(), saturday)

    assert line == "cs.CL has not announced Friday’s papers yet"


def test_line_is_for_the_page_of_today_alone():
    late("arXiv cs.CL")

    assert late_line(TUESDAY - DAY, NOON) == ""
    assert late_line(TUESDAY + DAY, NOON) == ""


def test_line_is_empty_and_costs_one_query_while_arxiv_is_here(
    django_assert_num_queries: DjangoAssertNumQueries,
):
    for number in range(20):
        late(f"arXiv {number}", newest=TUESDAY)
    late("arXiv off", disabled_at=NOON)

    with django_assert_num_queries(1):
        assert late_line(TUESDAY, NOON) == ""


def test_line_says_nothing_of_sources_that_never_worked_or_are_switched_off():
    a_source("arXiv typo", last_success_at=None, failures=30)
    a_source("arXiv new", last_success_at=None)
    late("arXiv off", disabled_at=NOON)

    assert late_line(TUESDAY, NOON) == ""


def test_line_follows_the_day_of_the_site(settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    late("arXiv cs.CL")

    evening = NOON + timedelta(hours=4)  # one in the morning of Wednesday in Tokyo
    assert late_line(TUESDAY, evening) == ""
    line = late_line(TUESDAY + DAY, evening)
    assert line == "cs.CL has not announced Tuesday’s papers yet"


# --- What polling writes down ---


@pytest.mark.processes
def test_poll_keeps_the_newest_day_of_its_entries(feed_server: FeedServer):
    feed_server.body = (FEEDS / "arxiv_rss.xml").read_bytes()
    source = Source.objects.create(name="arXiv test", url=feed_server.url, next_poll_at=NOON)
    polling.poll(source, NOON)
    source.refresh_from_db()
    newest = source.newest_entry_on
    assert newest is not None

    feed_server.body = (FEEDS / "arxiv_weekend.xml").read_bytes()
    polling.poll(source, NOON + DAY)

    source.refresh_from_db()
    assert source.newest_entry_on == newest  # a weekend takes nothing away
