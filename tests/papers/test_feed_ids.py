"""The ids of feeds and of their entries stay the same when SITE_URL changes."""

import io
import re
from datetime import date

import feedparser
import pytest
from django.test import Client
from pytest_django import Settings

from papers.models import FeedIdPrefix
from papers.models.feed_id_prefix import tag_prefix
from subscriptions.issues import archive
from tests.factories import a_paper
from tests.subscriptions.factories import FRIDAY_8AM

pytestmark = pytest.mark.django_db
FORMS = ["atom", "rss", "json"]
FEEDS = ["day/2025-03-14", "week/2025-W11", "daily", "trending", "digests"]
OLD, NEW = "https://papers.example.org", "http://new.example.net:8080"


@pytest.fixture(autouse=True)
def at_the_old_address(settings: Settings) -> None:
    settings.SITE_URL = OLD


def entries(client: Client, name: str, form: str) -> dict[str, str]:
    """Id of each entry → its link."""
    response = client.get(f"/feeds/{name}.{form}")
    if form == "json":
        return {item["id"]: item["url"] for item in response.json()["items"]}
    return {it.id: it.link for it in feedparser.parse(io.BytesIO(response.content)).entries}


def atom_id(client: Client, name: str) -> str:
    ids = re.findall("<id>(.*?)</id>", client.get(f"/feeds/{name}.atom").text)
    return ids[0]


@pytest.mark.parametrize("name", FEEDS)
@pytest.mark.parametrize("form", FORMS)
def test_ids_stay_and_links_move_when_the_address_changes(
    client: Client, settings: Settings, name: str, form: str
) -> None:
    a_paper()
    archive.publish(FRIDAY_8AM)
    before = entries(client, name, form)

    settings.SITE_URL = NEW
    after = entries(client, name, form)

    assert list(before) == list(after)
    assert all(link.startswith(f"{OLD}/") for link in before.values())
    assert all(link.startswith(f"{NEW}/") for link in after.values())


def test_new_site_has_tag_uris(client: Client) -> None:
    paper = a_paper()

    tag = re.compile(rf"tag:papers\.example\.org,20\d\d-\d\d-\d\d:/papers/{paper.key}")

    ids = {id for form in FORMS for id in entries(client, "daily", form)}
    assert len(ids) == 1
    assert tag.fullmatch(ids.pop())
    assert re.fullmatch(
        r"tag:papers\.example\.org,[\d-]+:/feeds/daily\.atom", atom_id(client, "daily")
    )


@pytest.mark.parametrize("form", FORMS)
def test_site_that_had_papers_keeps_addresses_as_ids(
    client: Client, settings: Settings, form: str
) -> None:
    earlier = a_paper()
    FeedIdPrefix.objects.create(pk=1, prefix=OLD)
    before = client.get(f"/feeds/daily.{form}").text

    settings.SITE_URL = NEW
    later = a_paper()

    assert f"{OLD}/papers/{earlier.key}" in before and "tag:" not in before
    assert set(entries(client, "daily", form)) == {
        f"{OLD}/papers/{paper.key}" for paper in (earlier, later)
    }
    assert atom_id(client, "daily") == f"{OLD}/feeds/daily.atom"


def test_rss_calls_an_id_permanent_link_only_where_it_is_the_address(
    client: Client, settings: Settings
) -> None:
    a_paper()
    FeedIdPrefix.objects.create(pk=1, prefix=OLD)
    assert '<guid isPermaLink="true">' in client.get("/feeds/daily.rss").text

    settings.SITE_URL = NEW
    assert '<guid isPermaLink="false">' in client.get("/feeds/daily.rss").text


@pytest.mark.parametrize(
    ("site_url", "prefix"),
    [
        ("https://Papers.example.org:8443", "tag:papers.example.org,2025-03-14:"),
        ("http://127.0.0.1:8000", "tag:127.0.0.1,2025-03-14:"),
        ("http://[2001:db8::1]:8000", "tag:2001-db8--1,2025-03-14:"),
        ("https://blätter.example.org", "tag:xn--bltter-cua.example.org,2025-03-14:"),
    ],
)
def test_tag_names_a_host_as_rfc_4151_allows(site_url: str, prefix: str) -> None:
    assert tag_prefix(site_url, date(2025, 3, 14)) == prefix
