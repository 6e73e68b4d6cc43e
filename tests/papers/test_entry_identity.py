"""Which paper an item of a feed is: by its ids, its guid, its link, and never by a shared name."""

from datetime import UTC, datetime
from xml.sax.saxutils import escape

import pytest
from django.core.management import call_command

from papers.ingest.upsert import UpsertResult, upsert
from papers.models import Paper, Poll, Source
from papers.sources import parsers
from tests.conftest import FeedServer

NOW = datetime(2025, 11, 19, 12, tzinfo=UTC)
PAGE = "http://lab.example/seminar"

pytestmark = pytest.mark.django_db


def item(title: str, link: str = "", guid: str = "", text: str = "We talk.", doi: str = "") -> str:
    parts = {"title": title, "link": link, "description": text, "prism:doi": doi}
    elements = "".join(f"<{k}>{escape(v)}</{k}>" for k, v in parts.items() if v)
    guid = f'<guid isPermaLink="false">{escape(guid)}</guid>' if guid else ""
    return f"<item>{elements}{guid}</item>"


def feed(*items: str) -> bytes:
    return (
        '<rss version="2.0" xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/">'
        f"<channel><title>Lab</title><link>http://lab.example</link>{''.join(items)}</channel></rss>"
    ).encode()


@pytest.fixture
def source(db) -> Source:
    return Source.objects.create(name="lab", kind="feed", url="http://lab.example/feed")


def read(source: Source | None, *items: str) -> UpsertResult:
    return upsert(parsers.parse("feed", feed(*items)).entries, now=NOW, source=source)


def titles() -> set[str]:
    return set(Paper.objects.values_list("title", flat=True))


TALKS = [
    item("Sparse maps", PAGE, "t1", "About sparse maps."),
    item("Dense maps", PAGE, "t2", "About dense maps."),
    item("No maps", PAGE, "t3", "About none."),
]


@pytest.mark.parametrize("has_source", [True, False], ids=["polled", "imported"])
def test_items_that_share_one_link_are_papers_of_their_own(source, has_source):
    read(source if has_source else None, *TALKS)
    again = read(source if has_source else None, *TALKS)

    assert titles() == {"Sparse maps", "Dense maps", "No maps"}
    assert set(Paper.objects.values_list("abstract_url", flat=True)) == {PAGE}
    assert (again.new, again.updated) == ([], [])


@pytest.mark.parametrize("guid", ["", PAGE, "0"], ids=["no guid", "guid is the link", "one guid"])
def test_items_that_share_link_and_guid_are_told_apart_by_their_text(source, guid):
    talks = [item(f"Talk {n}", PAGE, guid, f"About {n}.") for n in "ABC"]

    read(source, *talks)
    again = read(source, *reversed(talks))

    assert titles() == {"Talk A", "Talk B", "Talk C"}
    assert (again.new, again.updated) == ([], [])


def test_page_that_shows_one_item_after_another_holds_a_paper_for_each(source):
    for talk in TALKS:
        read(source, talk)

    assert len(titles()) == 3


def test_items_that_differ_by_fragment_keep_it_in_their_links(source):
    pages = {f"http://ws.example/accepted.html#paper{n}" for n in (1, 2, 3)}

    read(source, *(item(f"Paper at {page[-1]}", page) for page in sorted(pages)))

    assert set(Paper.objects.values_list("abstract_url", flat=True)) == pages


def test_tracking_fragment_is_no_part_of_the_link(source):
    read(source, item("A talk", "http://ws.example/1#xtor=RSS-7"))

    assert Paper.objects.get().abstract_url == "http://ws.example/1"


@pytest.mark.parametrize(
    "later",
    [
        item("We move", "http://pub.example/77?sid=BBB2", "pub-77"),
        item("We moved", "http://pub.example/77?sid=AAA1", "pub-77"),
        item("We moved", "http://pub.example/77?sid=BBB2", "pub-77"),
    ],
    ids=["link", "title", "both"],
)
def test_item_whose_guid_stays_is_the_same_paper_at_its_new_link(source, later):
    read(source, item("We move", "http://pub.example/77?sid=AAA1", "pub-77"))

    changed = read(source, later)
    again = read(source, later)

    paper = Paper.objects.get()
    assert f"<title>{paper.title}</title>" in later
    assert paper.abstract_url in later
    assert (len(changed.updated), again.updated) == (1, [])


def test_new_guids_of_known_pages_make_no_second_papers(source):
    pages = [f"http://pub.example/{n}" for n in (1, 2)]
    read(source, *(item(f"Paper {page}", page, f"old {page}") for page in pages))

    read(source, *(item(f"Paper {page}", page, f"new {page}") for page in pages))
    moved = [item(f"Paper {page}", f"{page}/moved", f"new {page}") for page in pages]
    read(source, *moved)

    assert Paper.objects.count() == 2
    assert {url[-5:] for url in Paper.objects.values_list("abstract_url", flat=True)} == {"moved"}


def test_guid_is_that_of_its_source(source):
    other = Source.objects.create(name="other", kind="feed", url="http://other.example/feed")

    read(source, item("Ours", "http://lab.example/1", "1", "About us."))
    read(other, item("Theirs", "http://other.example/1", "1", "About them."))

    assert titles() == {"Ours", "Theirs"}


def test_guid_that_stands_for_another_item_each_day_is_not_believed(source):
    read(source, item("Monday", "http://lab.example/mo", "1", "About Monday."))
    for _ in range(2):
        read(source, item("Tuesday", "http://lab.example/tu", "1", "About Tuesday."))

    assert titles() == {"Monday", "Tuesday"}


def test_doi_is_worth_more_than_a_guid(source):
    read(source, item("First", PAGE, "1", doi="10.1000/1"))
    read(source, item("Second", PAGE, "1", doi="10.1000/2"))

    assert titles() == {"First", "Second"}


def test_doi_of_the_whole_journal_is_no_articles(source):
    read(source, *(item(f"Article {n}", f"{PAGE}/{n}", doi="10.1000/j") for n in range(3)))

    assert set(Paper.objects.values_list("title", "doi")) == {
        ("Article 0", ""),
        ("Article 1", ""),
        ("Article 2", ""),
    }


def test_doi_that_comes_later_belongs_to_the_paper_of_the_guid(source):
    read(source, item("Early view", PAGE, "1"))
    read(source, item("Early view", f"{PAGE}/2", "1", doi="10.1000/1"))

    assert Paper.objects.get().doi == "10.1000/1"


def test_guids_that_differ_by_case_are_two_and_by_tracking_are_one(source):
    read(source, item("Small", PAGE, "ab", "About a."), item("Large", PAGE, "AB", "About b."))
    assert titles() == {"Small", "Large"}
    Paper.objects.all().delete()

    read(source, item("One", PAGE, "http://lab.example/?id=1&utm_source=rss", "About one."))
    read(source, item("One, better", f"{PAGE}/1", "http://lab.example/?id=1", "About one."))
    assert titles() == {"One, better"}


def test_rdf_about_and_atom_id_are_guids(source):
    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns="http://purl.org/rss/1.0/"><channel><title>L</title></channel>'
        '<item rdf:about="urn:a:1"><title>A</title><link>http://a.example/1</link></item></rdf:RDF>'
    )
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>L</title><entry><id>tag:a:1</id>'
        '<title>A</title><link href="http://a.example/1"/></entry></feed>'
    )

    guids = [parsers.parse("feed", body.encode()).entries[0].guid for body in (rdf, atom)]

    assert guids == ["urn:a:1", "tag:a:1"]


@pytest.mark.processes
def test_outcome_of_a_poll_says_what_was_left_out(source, feed_server: FeedServer, capsys):
    source.url = feed_server.url
    source.save()
    feed_server.body = feed(*TALKS, TALKS[0])

    call_command("ingest", "lab")

    poll = Poll.objects.get()
    assert (poll.entries, poll.new, poll.error, poll.note) == (4, 3, "", "left out: 1 repeated")
    assert "ok; left out: 1 repeated" in " ".join(capsys.readouterr().out.split())
