"""Feeds: the same papers in three forms; votes order those of weeks and months alone."""

import io
import json
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import feedparser
import pytest
from django.core.cache import cache
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from papers.feeds.formats import WORD_JOINER
from papers.feeds.links import feed_links
from papers.ingest.upsert import upsert
from papers.models import FeedIdPrefix, Paper, PaperTopic
from tests.factories import MARCH_14, a_paper, a_topic, an_entry
from tests.hostile import HOSTILE

pytestmark = pytest.mark.django_db
DAY = "/feeds/day/2025-03-14"
FORMS = ["atom", "rss", "json"]
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    cache.clear()


def parsed(response):
    # As bytes in a file: feedparser opens what it takes for an address.
    found = feedparser.parse(io.BytesIO(response.content), sanitize_html=False)
    assert not found.bozo, found.bozo_exception
    return found


def titles(response) -> list[str]:
    return [entry.title.replace(WORD_JOINER, "") for entry in parsed(response).entries]


# --- Opened in a browser ---


@pytest.mark.parametrize("form", FORMS)
def test_a_browser_shows_a_feed_as_a_page_with_its_address(client: Client, form):
    paper = a_paper("A <b>bold</b> claim")
    address = f"{DAY}.{form}?topic=" + a_topic("vision").slug
    PaperTopic.objects.create(paper=paper, topic=a_topic("language"))

    page = client.get(f"{DAY}.{form}", headers={"Sec-Fetch-Dest": "document"})
    narrowed = client.get(address, headers={"Sec-Fetch-Dest": "document"})

    assert page["Content-Type"].startswith("text/html")
    assert f'value="http://testserver{DAY}.{form}" readonly' in page.text
    assert f'href="/papers/{paper.key}">A &lt;b&gt;bold&lt;/b&gt; claim</a>' in page.text
    assert "Nothing yet." in narrowed.text and f"{address}&quot;" not in narrowed.text
    for response in (page, client.get(f"{DAY}.{form}")):
        assert "Sec-Fetch-Dest" in response["Vary"]
    assert "private" in page["Cache-Control"]


# --- What is in them ---


@pytest.mark.parametrize(
    "address", [DAY, "/feeds/week/2025-W11", "/feeds/month/2025-03", "/feeds/trending"]
)
@pytest.mark.parametrize("form", FORMS)
def test_every_list_has_a_feed_in_each_form(client: Client, address, form):
    paper = a_paper("Found")

    response = client.get(f"{address}.{form}")

    assert response.status_code == 200
    assert f"http://testserver/papers/{paper.key}" in response.content.decode()


def test_daily_feed_waits_until_a_day_is_over(client: Client):
    today = timezone.localdate()
    a_paper("Still gathering votes", listed_on=today)
    a_paper("Settled", listed_on=today - timedelta(days=1))
    a_paper("Last week's", listed_on=today - timedelta(days=7))
    a_paper("Too old", listed_on=today - timedelta(days=8))

    assert titles(client.get("/feeds/daily.atom")) == ["Settled", "Last week's"]


def test_daily_feed_of_a_site_at_rest_keeps_its_last_days(client: Client):
    a_paper("The last one", listed_on=MARCH_14)

    assert titles(client.get("/feeds/daily.rss")) == ["The last one"]


def test_topic_feed_holds_its_topic(client: Client):
    vision = a_topic("vision", name="Vision & Video")
    PaperTopic.objects.create(paper=a_paper("Seen"), topic=vision)
    a_paper("Unseen")

    response = client.get("/feeds/topics/vision.atom")

    assert titles(response) == ["Seen"]
    assert parsed(response).feed.title.startswith("Vision & Video · ")


def test_author_feed_holds_that_name_however_accented(client: Client):
    upsert([an_entry(title="Hers", authors=["Jörgen Białecki"])], now=timezone.now())
    upsert([an_entry(title="Another's")], now=timezone.now())

    response = client.get("/feeds/authors.atom?name=jorgen+bialecki")

    assert titles(response) == ["Hers"]
    assert parsed(response).feed.title.startswith("Papers by Jörgen Białecki")


def test_search_can_be_followed(client: Client):
    now = timezone.now()
    upsert([an_entry(title="Sparse attention", abstract="It is fast.")], now=now)
    upsert([an_entry(title="Dense retrieval", abstract="It is slow.")], now=now)

    response = client.get('/feeds/search.rss?q="sparse attention" date:2024-99')

    assert titles(response) == ["Sparse attention"]
    assert "date:2024-99" in parsed(response).feed.subtitle


def test_filters_of_a_list_work_in_its_feed(client: Client):
    vision, language = a_topic("vision"), a_topic("language")
    for title, topic, votes in [("a", vision, 5), ("b", language, 9), ("c", language, 1)]:
        PaperTopic.objects.create(paper=a_paper(title, upvotes=votes), topic=topic)
    a_paper("d", upvotes=50)

    response = client.get(f"{DAY}.rss?topic=vision&topic=language&min_votes=5")

    assert sorted(titles(response)) == ["a", "b"]
    assert "(vision or language, 5 upvotes or more)" in parsed(response).feed.title


def test_hidden_and_queued_papers_are_in_no_feed(client: Client):
    a_paper("Hidden").hide("spam")
    a_paper("Queued", listed_on=None)

    for address in (DAY, "/feeds/trending", "/feeds/daily"):
        assert titles(client.get(f"{address}.atom")) == []


def test_a_day_without_papers_is_an_empty_feed(client: Client):
    for form in ("atom", "rss"):
        assert titles(client.get(f"{DAY}.{form}")) == []
    assert client.get(f"{DAY}.json").json()["items"] == []


# --- What stays as it is ---


@pytest.mark.parametrize("address", [DAY, "/feeds/trending"])
def test_entries_keep_their_place_while_votes_move(client: Client, address):
    papers = [a_paper(str(number), upvotes=number) for number in range(5)]
    before = titles(client.get(f"{address}.atom"))

    for number, paper in enumerate(reversed(papers)):
        Paper.objects.filter(pk=paper.pk).update(votes_brought=10 * number)

    assert titles(client.get(f"{address}.atom")) == before


@pytest.mark.slow
def test_feed_without_end_keeps_the_newest_and_says_so(client: Client):
    topic = a_topic("vision")
    for number in range(101):
        paper = a_paper(listed_on=MARCH_14 - timedelta(days=number))
        PaperTopic.objects.create(paper=paper, topic=topic)

    found = parsed(client.get("/feeds/topics/vision.atom"))

    assert len(found.entries) == 100
    assert found.entries[0].published.startswith("2025-03-14")
    assert "The newest 100 of them." in found.feed.subtitle


def test_an_entry_is_the_same_in_every_feed(client: Client):
    paper = a_paper()

    ids = {
        parsed(client.get(f"{address}.{form}")).entries[0].id
        for address in (DAY, "/feeds/trending", "/feeds/daily")
        for form in ("atom", "rss")
    }

    assert len(ids) == 1
    assert ids.pop().endswith(f":/papers/{paper.key}")


def test_dates_are_facts_not_the_hour_of_asking(client: Client):
    listed = datetime(2025, 3, 14, 4, 30, tzinfo=UTC)
    revised = datetime(2025, 4, 2, 9, 0, tzinfo=UTC)
    a_paper(listed_at=listed, updated_at=revised)

    found = parsed(client.get(f"{DAY}.atom"))

    assert found.entries[0].published == "2025-03-14T04:30:00+00:00"
    assert found.entries[0].updated == found.feed.updated == "2025-04-02T09:00:00+00:00"


def test_paper_brought_later_is_published_on_its_day(client: Client):
    a_paper(listed_at=timezone.now())

    entry = parsed(client.get(f"{DAY}.atom")).entries[0]

    assert entry.published == "2025-03-14T00:00:00+00:00"


# --- Asked again ---


@pytest.mark.parametrize("form", FORMS)
def test_who_has_it_gets_a_304_by_either_validator(client: Client, form):
    a_paper()
    first = client.get(f"{DAY}.{form}")

    by_etag = client.get(f"{DAY}.{form}", HTTP_IF_NONE_MATCH=first["ETag"])
    by_date = client.get(f"{DAY}.{form}", HTTP_IF_MODIFIED_SINCE=first["Last-Modified"])

    assert (by_etag.status_code, by_date.status_code) == (304, 304)
    assert by_etag.content == by_date.content == b""
    assert by_etag["ETag"] == first["ETag"]


def test_paper_that_comes_late_to_an_old_day_is_noticed_by_its_date_too(client: Client):
    a_paper()
    client.get(f"{DAY}.atom")
    key = next(iter(cache.iter_keys("feed:*")))
    etag, since = cache.get(key)
    cache.set(key, (etag, since - 3600))  # an hour passes
    first = client.get(f"{DAY}.atom")

    a_paper("Late", listed_at=datetime(2025, 3, 14, 1, 0, tzinfo=UTC))
    again = client.get(f"{DAY}.atom", HTTP_IF_MODIFIED_SINCE=first["Last-Modified"])

    assert again.status_code == 200
    assert again["Last-Modified"] != first["Last-Modified"]


def test_caches_may_keep_it_and_no_cookie_is_set(client: Client):
    response = client.get(f"{DAY}.atom")

    assert response["Cache-Control"] == "public, max-age=300, stale-while-revalidate=3600"
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


@pytest.mark.parametrize("form", FORMS)
def test_as_many_queries_for_fifty_papers_as_for_one(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries, form
):
    topic = a_topic()
    for _ in range(50):
        PaperTopic.objects.create(paper=a_paper(), topic=topic)

    FeedIdPrefix.objects.current()  # the first feed of a site makes it
    with django_assert_max_num_queries(4):
        assert client.get(f"{DAY}.{form}?topic={topic.slug}").status_code == 200


# --- What readers need ---


def test_rss_and_atom_of_a_day_agree_entry_by_entry(client: Client):
    a_paper(
        "Sparse $O(n\\log n)$ <think> & R&amp;D",
        title_text="Sparse O(n log n) <think> & R&amp;D",
        abstract_text="We let <think> run. x ]]> y\n\nAnd then &lt;b&gt;.",
        authors=["Łukasz Młynarz", "محمد بن موسى", "Nguyễn Văn A"],
        categories=["cs.CL", "cs.AI"],
    )
    a_paper("خوارزمية ]]> <b>سريعة</b>", authors=["<script>alert(1)</script>"])
    a_paper("Ω-Net: 𝔸 🎉 &#x3C;", authors=[], updated_at=datetime(2025, 3, 20, tzinfo=UTC))

    atom, rss = (parsed(client.get(f"{DAY}.{form}")) for form in ("atom", "rss"))

    def facts(entry):
        return (
            entry.id,
            entry.link,
            entry.title.replace(WORD_JOINER, ""),
            entry.summary,
            entry.published_parsed,
            [
                author.get("name", "").replace(WORD_JOINER, "")
                for author in entry.get("authors", [])
            ],
            [tag.term for tag in entry.get("tags", [])],
        )

    assert len(atom.entries) == 3
    assert [facts(entry) for entry in atom.entries] == [facts(entry) for entry in rss.entries]
    assert {facts(entry)[2] for entry in rss.entries} == {
        "Sparse O(n log n) <think> & R&amp;D",
        "خوارزمية ]]> <b>سريعة</b>",
        "Ω-Net: 𝔸 🎉 &#x3C;",
    }


def test_json_feed_says_the_same(client: Client):
    paper = a_paper("On <b>", authors=["Ada Quill"], categories=["cs.CL"])

    response = client.get(f"{DAY}.json")

    assert response["Content-Type"] == "application/feed+json; charset=utf-8"
    feed = response.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"http://testserver{DAY}.json"
    assert feed["home_page_url"] == "http://testserver/papers/date/2025-03-14"
    [item] = feed["items"]
    assert item["url"] == f"http://testserver/papers/{paper.key}"
    assert item["id"] == parsed(client.get(f"{DAY}.atom")).entries[0].id
    assert item["title"] == "On <b>"
    assert item["authors"] == [{"name": "Ada Quill"}]
    assert item["tags"] == ["cs.CL"]
    assert "<p>We study the number" in item["content_html"]


def test_rss_names_itself_and_its_ids_are_no_links(client: Client):
    a_paper(authors=["Ada Quill", "Ben Marsh"])

    root = ElementTree.fromstring(client.get(f"{DAY}.rss?min_votes=0").content)

    self_link = root.find(f"channel/{ATOM}link")
    assert self_link.attrib == {"rel": "self", "href": f"http://testserver{DAY}.rss?min_votes=0"}
    guid = root.find("channel/item/guid")
    assert guid.attrib == {"isPermaLink": "false"}
    assert guid.text.startswith("tag:testserver,")
    creators = root.findall("channel/item/{http://purl.org/dc/elements/1.1/}creator")
    assert [creator.text for creator in creators] == ["Ada Quill", "Ben Marsh"]
    assert "@" not in client.get(f"{DAY}.rss").content.decode()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.sweep
def test_hostile_words_break_no_feed(client: Client, form):
    for text in HOSTILE:
        a_paper(text.replace("\0", "") or "empty", authors=[text.replace("\0", "")])

    response = client.get(f"{DAY}.{form}")

    if form == "json":
        assert len(json.loads(response.content)["items"]) == len(HOSTILE)
    else:
        ElementTree.fromstring(response.content)
        assert len(parsed(response).entries) == len(HOSTILE)
        assert b"<script" not in response.content


@pytest.mark.parametrize(
    "names", [HOSTILE[::5], pytest.param(HOSTILE, marks=pytest.mark.long)], ids=["some", "all"]
)
@pytest.mark.sweep
def test_hostile_names_are_answered_in_words(client: Client, names: list[str]):
    a_topic("vision")

    for text in names:
        for response in (
            client.get("/feeds/authors.atom", {"name": text}),
            client.get("/feeds/search.atom", {"q": text}),
            client.get(f"{DAY}.rss", {"topic": text}),
            client.get(f"{DAY}.json", {"min_votes": text}),
        ):
            assert response.status_code in (200, 400, 404)


def test_all_of_three_thousand_authors_are_counted(client: Client):
    a_paper(authors=[f"Author {number}" for number in range(3303)])

    response = client.get(f"{DAY}.atom")

    assert "Author 4 and 3,298 more" in response.content.decode()
    assert len(parsed(response).entries[0].authors) == 100


# --- What is refused, in words ---


@pytest.mark.parametrize(
    ("address", "status", "why"),
    [
        ("day/2125-01-01.atom", 404, "has not come yet"),
        ("day/2025-02-30.rss", 404, "no day 2025-02-30 in the calendar"),
        ("day/yesterday.json", 404, "write it as 2025-03-14"),
        ("week/2025-W60.atom", 404, "no week 2025-W60"),
        ("topics/nothing.atom", 404, "no topic “nothing”"),
        ("day/2025-03-14.atom?topic=nothing", 404, "no topic “nothing”"),
        ("authors.atom", 400, "Add ?name="),
        ("authors.atom?name=Nobody", 404, "no paper here by “Nobody”"),
        ("search.json", 400, "Add ?q="),
        ("day/2025-03-14.atom?min_votes=many", 400, "min_votes is a number"),
    ],
)
def test_what_is_refused_is_said_in_words(client: Client, address, status, why):
    response = client.get(f"/feeds/{address}")

    assert response.status_code == status
    assert why in response.content.decode()
    assert response["Content-Type"] == "text/plain; charset=utf-8"


def test_feeds_are_only_read(client: Client):
    assert client.post(f"{DAY}.atom").status_code == 405
    assert client.head(f"{DAY}.atom").status_code == 200


# --- How they are found ---


def test_links_lead_to_the_feeds_with_the_filters_of_the_list(client: Client):
    a_topic("vision")

    found = feed_links("topic", "vision", {"topic": ["vision"], "min_votes": "5", "sort": "new"})

    assert found["atom"] == "/feeds/topics/vision.atom?topic=vision&min_votes=5"
    for form in FORMS:
        assert client.get(found[form]).status_code == 200


def test_links_ask_for_names_in_the_query(client: Client):
    found = feed_links("author", "Ada & Quill")

    assert found["rss"] == "/feeds/authors.rss?name=Ada+%26+Quill"
    assert found["title"] == "Papers by Ada & Quill"


def test_pages_announce_their_feeds():
    page = render_to_string("papers/_feeds.html", {"feed": feed_links("daily", title="<Daily>")})

    assert (
        'type="application/atom+xml" title="&lt;Daily&gt; (Atom)" href="/feeds/daily.atom"' in page
    )
    assert page.count('rel="alternate"') == len(FORMS)
    assert render_to_string("papers/_feeds.html").strip() == ""


def test_week_53_has_a_feed(client: Client):
    a_paper(listed_on=date(2020, 12, 31))

    assert len(parsed(client.get("/feeds/week/2020-W53.atom")).entries) == 1


@pytest.mark.parametrize(("path", "form"), [("feed", "atom"), ("atom.xml", "atom"), ("rss", "rss")])
def test_addresses_that_readers_try_lead_to_the_daily_feed(client: Client, path, form):
    response = client.get(f"/{path}?min_votes=2")

    assert response.status_code == 301
    assert response["Location"] == f"/feeds/daily.{form}?min_votes=2"
    assert client.get(response["Location"]).status_code == 200
    assert client.get(f"/{path}/")["Location"] == f"/{path}"
    assert client.post(f"/{path}").status_code == 405
