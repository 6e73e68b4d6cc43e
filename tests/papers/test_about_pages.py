"""What the site says of itself agrees with what it does."""

import re

import pytest
from django.test import Client

from papers.ranking import WEEKDAYS_PER_POINT
from papers.views.about import FRIDAY, Example
from tests.factories import a_paper

pytestmark = pytest.mark.django_db


def test_about_says_what_it_will_not_do_and_who_runs_it(client: Client, settings):
    settings.CONTACT_EMAIL = "editor@example.org"

    page = client.get("/about").content.decode()

    assert "It keeps no PDFs." in page
    assert "For the first 30 days also from which network" in page
    assert "mailto:editor@example.org" in page


def test_ranking_shows_its_constants_and_its_examples_in_order(client: Client):
    page = client.get("/about/ranking").content.decode()
    points = [float(it) for it in re.findall(r"<b>([\d.]+)</b></td></tr>", page)]

    assert f"<mn>{WEEKDAYS_PER_POINT}</mn>" in page
    assert len(points) == 6
    assert points == sorted(points, reverse=True)


@pytest.mark.parametrize("votes", [0, 9, 99])
def test_example_is_what_the_database_keeps(db, votes):
    friday = a_paper(upvotes=0, listed_on=FRIDAY)
    other = a_paper(upvotes=votes, listed_on=FRIDAY.replace(day=17))
    for paper in (friday, other):
        paper.refresh_from_db()

    example = Example(FRIDAY.replace(day=17), votes)

    assert other.hotness is not None and friday.hotness is not None
    assert example.points == pytest.approx(other.hotness - friday.hotness)


def test_footer_leads_to_it(client: Client, db):
    assert 'href="/about"' in client.get("/").content.decode()
