"""arXiv's calendar: no feed on holidays, and the right day whatever the clock of the reader."""

import gzip
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from papers.sources.arxiv_calendar import (
    EASTERN,
    HOLIDAYS,
    announcement_day,
    announces_on,
    earliest_announcement_day,
    expected_at,
    guessed_holidays,
    holidays,
    is_certain,
    last_expected_day,
    next_announcement_day,
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def eastern(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=EASTERN)


@pytest.mark.parametrize(
    "day, has_papers",
    [
        ("2026-11-20", True),  # a Friday: announced on Thursday evening
        ("2026-11-21", False),
        ("2026-11-22", False),  # Sunday: announced in the evening, in Monday's feed
        ("2026-11-23", True),
        ("2026-11-26", True),  # Thanksgiving itself: announced on Wednesday evening
        ("2026-11-27", False),  # nothing was announced on the evening of Thanksgiving
        ("2026-11-30", True),
        ("2026-12-24", True),
        ("2026-12-25", True),  # a holiday on Friday costs the announcement of Sunday evening
        ("2026-12-28", False),
        ("2026-12-29", True),
        ("2026-12-30", False),
        ("2026-12-31", True),
        ("2027-01-01", False),  # nothing on New Year's Eve; the year after is not listed
        ("2027-01-04", False),  # New Year's Day is a Friday
        ("2026-01-01", True),  # New Year's Eve of 2025 was no holiday
        ("2026-01-02", False),
        ("2026-01-20", False),  # after Martin Luther King Jr. Day
        ("2026-05-26", True),  # Memorial Day is not kept
        ("2026-06-22", False),  # Juneteenth is a Friday
        ("2026-07-06", False),  # the Fourth is a Saturday, kept on Friday
        ("2025-07-07", False),  # the Fourth is a Friday
        ("2026-09-08", False),  # after Labor Day
        ("2026-10-13", True),  # Columbus Day is not kept
        ("2024-10-09", False),  # a retreat
        ("1999-11-26", True),  # no holiday is known so far back
    ],
)
def test_feed_day_has_papers_unless_nothing_was_frozen_before_it(day, has_papers):
    assert announces_on(date.fromisoformat(day)) is has_papers


@pytest.mark.parametrize(
    "year, kept",
    [
        (2027, "01-01 01-18 06-18 07-05 09-06 11-25 12-24"),
        (2028, "01-01 01-17 06-19 07-04 09-04 11-23 12-25"),
    ],
)
def test_year_that_is_not_listed_keeps_what_the_last_years_kept(year, kept):
    assert holidays(year) == {date.fromisoformat(f"{year}-{day}") for day in kept.split()}


@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026])
def test_rule_for_the_years_to_come_holds_for_the_last_four(year):
    """But for New Year's Day, which was no holiday in 2023, a Sunday, and in 2024."""
    assert guessed_holidays(year) - {date(year, 1, 1)} <= holidays(year)


def test_no_listed_holiday_is_on_a_weekend():
    assert not [day for year in HOLIDAYS for day in holidays(year) if day.weekday() > 4]


@pytest.mark.parametrize(
    "day, certain",
    [
        ("2026-12-30", True),
        ("2027-11-26", True),
        ("2027-12-27", False),  # from the freeze of 24 December
        ("2027-12-24", True),
        ("2028-01-03", False),  # from that of 31 December
        ("2028-01-04", True),
    ],
)
def test_winter_break_of_a_year_not_listed_is_a_guess(day, certain):
    assert is_certain(date.fromisoformat(day)) is certain


@pytest.mark.parametrize(
    "day, complete",
    [
        ("2026-11-23", "2026-11-23T06:00"),  # 01:00 in winter
        ("2026-03-06", "2026-03-06T06:00"),  # the last feed before summer time
        ("2026-03-09", "2026-03-09T05:00"),
        ("2026-10-30", "2026-10-30T05:00"),
        ("2026-11-02", "2026-11-02T06:00"),
    ],
)
def test_feed_is_complete_an_hour_after_its_midnight_in_winter_and_in_summer(day, complete):
    assert expected_at(date.fromisoformat(day)) == utc(complete)


@pytest.mark.parametrize(
    "now, day",
    [
        ("2026-11-23T12:00", "2026-11-23"),
        ("2026-11-23T05:59", "2026-11-20"),  # before one in the morning it is still Friday's
        ("2026-11-23T06:00", "2026-11-23"),
        ("2026-11-24T02:00", "2026-11-23"),  # announced in the evening, not in a feed yet
        ("2026-11-22T12:00", "2026-11-20"),  # Sunday
        ("2026-11-27T12:00", "2026-11-26"),  # the Friday after Thanksgiving
        ("2026-11-29T12:00", "2026-11-26"),
        ("2026-11-30T12:00", "2026-11-30"),
        ("2027-01-04T12:00", "2026-12-31"),
        ("2026-07-02T05:00", "2026-07-02"),
    ],
)
def test_last_expected_is_the_newest_day_whose_feed_should_be_complete(now, day):
    assert last_expected_day(utc(now)) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "day, then",
    [("2026-11-20", "2026-11-23"), ("2026-11-26", "2026-11-30"), ("2026-12-31", "2027-01-05")],
)
def test_following_day_skips_weekends_and_holidays(day, then):
    assert next_announcement_day(date.fromisoformat(day)) == date.fromisoformat(then)


@pytest.mark.parametrize(
    "moment, day",
    [
        ("2026-11-23T05:00+00:00", "2026-11-23"),  # midnight there, as a feed gives it
        ("2026-11-23T04:59+00:00", "2026-11-22"),
        ("2026-07-13T04:00+00:00", "2026-07-13"),  # summer
        ("2026-07-13T03:59+00:00", "2026-07-12"),
        ("2026-07-13T00:00-04:00", "2026-07-13"),
        ("2026-12-31T23:30-05:00", "2026-12-31"),  # in UTC and in Tokyo it is next year
        ("2027-01-01T13:30+09:00", "2026-12-31"),
    ],
)
def test_announcement_day_is_the_eastern_one(moment, day):
    assert announcement_day(datetime.fromisoformat(moment)) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "submitted, feed",
    [
        ("2026-11-23T13:59:59", "2026-11-24"),  # Monday before the deadline: announced that evening
        ("2026-11-23T14:00:00", "2026-11-25"),
        ("2026-11-19T13:00", "2026-11-20"),  # Thursday
        ("2026-11-19T14:00", "2026-11-23"),  # Thursday after it: Sunday evening
        ("2026-11-20T13:59", "2026-11-23"),  # Friday before it: the same
        ("2026-11-20T14:00", "2026-11-24"),  # Friday after it: Monday evening
        ("2026-11-21T09:00", "2026-11-24"),
        ("2026-11-22T23:00", "2026-11-24"),
        ("2026-11-25T13:00", "2026-11-26"),  # announced on the evening before Thanksgiving
        ("2026-11-25T15:00", "2026-11-30"),  # waits for Friday's deadline and Sunday evening
        ("2026-11-26T10:00", "2026-11-30"),
        ("2026-11-27T15:00", "2026-12-01"),
        ("2026-12-24T13:00", "2026-12-25"),
        ("2026-12-24T15:00", "2026-12-29"),  # Christmas Day is a Friday: Monday evening
        ("2026-12-30T15:00", "2027-01-05"),  # New Year's Eve and Day fall out
        ("2026-03-06T14:30", "2026-03-10"),  # over the change of clocks
        ("2016-12-30T15:59", "2017-01-02"),  # the deadline was at four until 2016
        ("2017-01-03T15:00", "2017-01-05"),
    ],
)
def test_submission_is_announced_after_the_next_deadline_of_a_working_day(submitted, feed):
    assert earliest_announcement_day(eastern(submitted)) == date.fromisoformat(feed)


@pytest.mark.parametrize(
    "submitted, feed",
    [
        ("2026-07-13T17:59:59+00:00", "2026-07-14"),  # 13:59 there, in summer
        ("2026-07-13T18:00:00+00:00", "2026-07-15"),
        ("2026-11-24T03:00:00+00:00", "2026-11-25"),  # Tuesday in UTC, Monday evening there
        ("2026-11-20T18:59:59+00:00", "2026-11-23"),
        ("2026-11-20T19:00:00+00:00", "2026-11-24"),
    ],
)
def test_deadline_is_eastern_whatever_the_zone_of_the_time(submitted, feed):
    moment = datetime.fromisoformat(submitted)

    for zone in (UTC, ZoneInfo("Asia/Tokyo"), ZoneInfo("America/Los_Angeles")):
        assert earliest_announcement_day(moment.astimezone(zone)) == date.fromisoformat(feed)


@pytest.mark.parametrize(
    "function", [announcement_day, earliest_announcement_day, last_expected_day]
)
def test_time_without_a_zone_is_refused(function):
    with pytest.raises(ValueError, match="without a zone"):
        function(datetime(2026, 11, 23))


def test_every_submission_lands_in_a_feed_that_has_papers():
    moment = utc("2003-01-01T00:30")
    while moment.year < 2031:
        feed = earliest_announcement_day(moment)
        assert announces_on(feed)
        assert timedelta(0) < expected_at(feed) - moment < timedelta(days=8)
        moment += timedelta(hours=7)


# From arXiv's metadata, which is CC0: an id is of the month in which its paper was frozen.
@pytest.mark.parametrize(
    "identifier, submitted",
    [
        ("2409.20563", "2024-09-30T17:59:15"),  # 45 s before the deadline
        ("2411.00233", "2024-10-31T22:12:27"),
        ("2411.19943", "2024-11-29T18:58:22"),  # a Friday, in winter
        ("2504.00294", "2025-03-31T23:40:28"),
        ("2505.24500", "2025-05-30T12:01:06"),
        ("2506.00258", "2025-05-30T21:47:28"),  # a Friday, too late for May
        ("2508.00109", "2025-07-31T19:00:11"),
        ("2512.01031", "2025-11-30T18:59:24"),  # a Sunday
    ],
)
def test_real_paper_near_the_end_of_a_month_is_frozen_in_that_of_its_id(identifier, submitted):
    feed = earliest_announcement_day(utc(submitted))

    frozen_on = feed - timedelta(days=3 if feed.weekday() == 0 else 1)
    assert f"{frozen_on:%y%m}" == identifier[:4]


@pytest.mark.long
def test_no_real_paper_has_an_id_of_a_month_before_its_deadline(shared_data: Path):
    """An id is of the month of the freeze; one that moderators held back is of a later one."""
    papers = held = 0
    with gzip.open(shared_data / "hf_daily_papers.jsonl.gz", "rt") as lines:
        for line in lines:
            paper = json.loads(line)
            feed = earliest_announcement_day(datetime.fromisoformat(paper["published_at"]))
            frozen_on = feed - timedelta(days=3 if feed.weekday() == 0 else 1)
            earliest = f"{frozen_on:%y%m}"
            assert paper["arxiv_id"][:4] >= earliest
            papers += 1
            held += paper["arxiv_id"][:4] > earliest
    assert papers == 8_350
    assert held < papers / 100
