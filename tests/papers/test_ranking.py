"""The formula in Python, which explains, is the one in the database, which ranks."""

from datetime import date, timedelta

import pytest
from django.db import connection

from papers import ranking
from papers.models import Paper
from tests.factories import a_paper

pytestmark = pytest.mark.django_db
TWO_WEEKS = [date(2025, 3, 10) + timedelta(days=days) for days in range(14)]
DATES = [*TWO_WEEKS, date(1970, 1, 5), date(1969, 7, 20), date(2000, 2, 29), date(2099, 12, 31)]
VOTES = [0, 0.1, 0.85, 1, 2, 9, 10, 99, 1_000, 1_000_000]


@pytest.mark.parametrize("day", DATES, ids=str)
def test_database_agrees_with_the_explanation(day: date):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT papers_weekday_number(%s),"
            " array_agg(papers_hotness(votes, %s) ORDER BY place)"
            " FROM unnest(%s::float[]) WITH ORDINALITY AS given (votes, place)",
            [day, day, [*map(float, VOTES)]],
        )
        weekday_number, hotness = cursor.fetchone()

    assert weekday_number == ranking.weekday_number(day)
    assert hotness == pytest.approx([ranking.hotness(votes, day) for votes in VOTES])


def test_paper_on_no_page_has_no_hotness():
    paper = a_paper(listed_on=None)
    paper.refresh_from_db()

    assert paper.hotness is None


def test_formula_changes_as_its_docstring_says():
    paper = a_paper(upvotes=9, listed_on=date(2025, 3, 14))

    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION"
            " public.papers_hotness(votes double precision, listed_on date)"
            " RETURNS double precision LANGUAGE sql IMMUTABLE RETURN votes::double precision"
        )
        cursor.execute("UPDATE papers_paper SET ranked_votes = ranked_votes;")

    assert Paper.objects.get(pk=paper.pk).hotness == 9
