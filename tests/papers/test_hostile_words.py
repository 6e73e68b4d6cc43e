"""Two hundred hostile strings as every field of a paper: they are shown, and do nothing."""

import io
import json
import re
from html.parser import HTMLParser

import feedparser
import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from papers import text
from papers.models import Paper, PaperTopic, Topic
from tests.factories import a_paper, a_user
from tests.hostile import HOSTILE
from tests.selection import every_nth

pytestmark = [pytest.mark.sweep, pytest.mark.django_db]

SCHEMES = ("http://", "https://", "/", "?", "#", "mailto:")


@pytest.mark.parametrize("words", every_nth(4, HOSTILE))
def test_no_word_becomes_markup(client: Client, words):
    paper = a_hostile_paper(words)
    paper.upvote(a_user(name=words[:80]))

    page = Page.of(client.get(paper.get_absolute_url()).content.decode())

    assert page.scripts == EXPECTED_SCRIPTS
    assert page.handlers == []
    assert [url for url in page.addresses if not url.startswith(SCHEMES)] == []
    assert page.tags & FORBIDDEN == set()
    assert json.loads(page.data)["name"] == paper.title_text


@pytest.mark.parametrize("words", every_nth(4, HOSTILE[::3]))
def test_no_form_breaks(client: Client, words):
    paper = a_hostile_paper(words)
    address = paper.get_absolute_url()

    forms = {form: client.get(f"{address}.{form}") for form in ("md", "bib", "ris", "json")}
    card = client.get(f"{address}/card.png")

    assert {response.status_code for response in [*forms.values(), card]} == {200}
    assert json.loads(forms["json"].content)["title"] == paper.title_text
    assert all(response["X-Content-Type-Options"] == "nosniff" for response in forms.values())
    assert len(forms["md"].content.decode().splitlines()[0]) > 1
    assert card.content.startswith(b"\x89PNG")


@pytest.mark.parametrize("words", every_nth(4, HOSTILE[1::3]))
def test_no_name_breaks_the_page_of_an_author(client: Client, words):
    response = client.get("/authors", {"name": words})

    page = Page.of(response.content.decode())

    assert response.status_code in (200, 404)
    assert page.handlers == []
    assert page.tags & FORBIDDEN == set()


def test_no_topic_becomes_markup(client: Client):
    paper = a_paper()
    for number, words in enumerate(HOSTILE):
        named = words.replace("\0", "")
        topic = Topic.objects.create(slug=f"t{number}", name=named[:80], description=named[:300])
        PaperTopic.objects.create(paper=paper, topic=topic)

    # One page with all of them beside it and below its paper, then some of their own.
    addresses = ["/topics", "/papers/date/2025-03-14", paper.get_absolute_url(), "/subscribe"]
    for address in [*addresses, *(f"/topics/t{n}" for n in range(0, len(HOSTILE), 10))]:
        page = Page.of(client.get(address).content.decode())
        assert page.handlers == [], address
        assert page.tags & FORBIDDEN == set(), address
        assert page.scripts[0] == "site" and len(page.scripts) <= 4, address
    feed = client.get("/feeds/topics/t7.atom")
    assert feedparser.parse(io.BytesIO(feed.content)).bozo is False


@pytest.mark.parametrize(
    "queries", [HOSTILE[::5], pytest.param(HOSTILE, marks=pytest.mark.long)], ids=["some", "all"]
)
def test_no_query_breaks_what_answers_it(client: Client, queries: list[str]):
    a_paper("Moss")
    for words in queries:
        cache.clear()  # of how often we have asked
        if "\0" in words:
            assert client.get("/search", {"q": words}).status_code == 400
            continue
        for address in ("/search", "/feeds/search.atom", "/api/papers/search"):
            response = client.get(address, {"q": words})
            assert response.status_code in (200, 302, 400, 422), (address, words)
            if address == "/search" and response.status_code == 200:
                page = Page.of(response.content.decode())
                assert (page.handlers, page.tags & FORBIDDEN, page.scripts) == (
                    [],
                    set(),
                    ["site", "saves"],
                )


def test_template_is_text_and_settings_stay_secret(client: Client):
    page = client.get(a_hostile_paper("{{7*7}} {{ settings.SECRET_KEY }}").get_absolute_url())

    assert "{{7*7}}" in page.content.decode()
    assert settings.SECRET_KEY not in page.content.decode()


def a_hostile_paper(words: str) -> Paper:
    """As a source could bring it: text of any kind, and addresses that ingest let pass."""
    return a_paper(
        words,
        title_text=text.plain(words) or "Untitled",
        abstract=words,
        abstract_text=text.plain(words),
        authors=[words],
        categories=[words[:40]],
        primary_category=words[:40],
        journal_ref=words,
        submitter_name=words[:200],
        extra={
            "ai_summary": words,
            "keywords": [words],
            "comment": words,
            "organization": {"name": words},
            "media": [words],
            "license": words,
            "report_number": words,
        },
    )


class Page(HTMLParser):
    """What a browser would find: elements, handlers, addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.handlers: list[str] = []
        self.addresses: list[str] = []
        self.scripts: list[str] = []
        self.data = ""
        self._in_data = False

    @classmethod
    def of(cls, html: str) -> "Page":
        page = cls()
        page.feed(html)
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        self.handlers += [name for name in given if name.startswith(("on", "style", "hx-"))]
        self.addresses += [given[name] or "" for name in ("href", "src", "action") if name in given]
        self._in_data = tag == "script" and given.get("type") == "application/ld+json"
        if tag == "script":
            name = re.split(r"[.-]", (given.get("src") or "").rpartition("/")[2])[0]
            self.scripts.append(name or str(given.get("type")))

    def handle_data(self, data: str) -> None:
        self.data += data if self._in_data else ""

    def handle_endtag(self, tag: str) -> None:
        self._in_data = False


EXPECTED_SCRIPTS = ["site", "saves", "application/ld+json", "share"]
FORBIDDEN = {"img", "iframe", "object", "embed", "video", "audio", "style", "base", "marquee"}
