"""What an entry does to papers: new, newer, the same again, or nothing."""

from datetime import UTC, date, datetime

import pytest

from papers.ingest.listing_day import ListingRule
from papers.ingest.upsert import upsert
from papers.models import Alias, Paper, PaperSearch, Source, Tombstone
from papers.models.merging import merge
from tests.factories import MARCH_14, a_topic, an_entry

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 3, 17, 6, tzinfo=UTC)
MARCH_17 = date(2025, 3, 17)


def test_entry_becomes_a_paper_on_the_page_of_its_day():
    upsert([an_entry(arxiv_id="2503.00001", title="On $\\alpha$", announced_on=MARCH_14)], now=NOW)

    paper = Paper.objects.get()
    assert (paper.key, paper.listed_on, paper.title_text) == ("2503.00001", MARCH_14, "On α")
    assert paper.found_by.title == "On α"


def test_same_entries_twice_change_nothing():
    entries = [an_entry(doi="10.1101/2025.03.14.000001", upvotes=4), an_entry()]
    upsert(entries, now=NOW)
    before = list(Paper.objects.order_by("pk").values())

    again = upsert(entries, now=NOW)

    assert (again.new, again.updated) == ([], [])
    assert list(Paper.objects.order_by("pk").values()) == before


def test_revision_makes_no_second_paper_and_does_not_move_the_day():
    upsert([an_entry(arxiv_id="2503.00001", version=1)], now=NOW)

    upsert(
        [
            an_entry(
                arxiv_id="2503.00001",
                version=2,
                title="Better said",
                announce_type="replace",
                announced_on=MARCH_17,
            )
        ],
        now=NOW,
    )

    paper = Paper.objects.get()
    assert (paper.version, paper.title) == (2, "Better said")
    assert (paper.announced_on, paper.listed_on) == (MARCH_14, MARCH_14)
    assert PaperSearch.objects.get().title == "Better said"


def test_older_version_does_not_overwrite_newer():
    upsert([an_entry(arxiv_id="2503.00001", version=2, title="New")], now=NOW)

    upsert([an_entry(arxiv_id="2503.00001", version=1, title="Old")], now=NOW)

    paper = Paper.objects.get()
    assert (paper.version, paper.title) == (2, "New")


def test_entry_without_version_does_not_overwrite_one_that_has_it():
    upsert([an_entry(arxiv_id="2503.00001", version=1, title="From the archive")], now=NOW)

    upsert(
        [an_entry(arxiv_id="2503.00001", version=None, title="From a list", code_url="https://c")],
        now=NOW,
    )

    paper = Paper.objects.get()
    assert (paper.title, paper.code_url) == ("From the archive", "https://c")


@pytest.mark.parametrize(
    "announce_type, papers",
    [("new", 1), ("cross", 1), ("", 1), ("replace", 0), ("replace-cross", 0)],
)
def test_replacements_of_unknown_papers_are_left_out(announce_type, papers):
    brought = upsert([an_entry(announce_type=announce_type)], now=NOW)

    assert Paper.objects.count() == papers == 1 - brought.left_out


def test_cross_list_in_a_second_feed_is_the_same_paper_on_its_first_day():
    upsert([an_entry(arxiv_id="2503.00001", announce_type="new")], now=NOW)

    upsert([an_entry(arxiv_id="2503.00001", announce_type="cross", announced_on=MARCH_17)], now=NOW)

    assert Paper.objects.get().listed_on == MARCH_14


def test_one_paper_twice_in_a_batch_is_one_paper():
    upsert([an_entry(arxiv_id="2503.00001"), an_entry(arxiv_id="2503.00001")], now=NOW)

    assert Paper.objects.count() == 1


def test_doi_in_three_spellings_is_one_paper():
    for doi in (
        "10.1101/2025.01.01.1",
        "https://doi.org/10.1101/2025.01.01.1",
        "DOI:10.1101/2025.01.01.1",
    ):
        upsert([an_entry(arxiv_id="", doi=doi)], now=NOW)

    assert Paper.objects.count() == 1
    assert Paper.objects.get().key.startswith("p")


def test_preprint_and_its_journal_version_become_one_paper_with_all_votes(ada, ben):
    upsert([an_entry(arxiv_id="2503.00001")], now=NOW)
    upsert([an_entry(arxiv_id="", version=None, doi="10.1000/1")], now=NOW)
    preprint, article = (
        Paper.objects.get(key="2503.00001"),
        Paper.objects.exclude(key="2503.00001").get(),
    )
    preprint.upvote(ada)
    article.upvote(ada)
    article.upvote(ben)

    upsert([an_entry(arxiv_id="2503.00001", doi="10.1000/1", version=2)], now=NOW)

    paper = Paper.objects.get()
    assert (paper.key, paper.votes, paper.doi) == ("2503.00001", 2, "10.1000/1")
    assert Paper.objects.by_alias("key", article.key) == paper


def test_two_arxiv_ids_with_one_doi_stay_two_papers():
    upsert([an_entry(arxiv_id="2503.00001", doi="10.1000/1")], now=NOW)

    upsert([an_entry(arxiv_id="2503.00002", doi="10.1000/1")], now=NOW)

    assert Paper.objects.count() == 2


def test_later_poll_does_not_undo_a_curators_merge():
    entries = [an_entry(arxiv_id="2503.00001"), an_entry(arxiv_id="2503.00002")]
    upsert(entries, now=NOW)
    stays, goes = Paper.objects.order_by("key")
    merge(stays, goes)

    upsert(entries, now=NOW)

    assert Paper.objects.get().key == "2503.00001"


def test_richer_text_stays_where_no_version_tells():
    full, cut = "We study this at length, and say so.", "We study this…"
    upsert([an_entry(arxiv_id="", version=None, doi="10.1000/1", abstract=full)], now=NOW)

    upsert([an_entry(arxiv_id="", version=None, doi="10.1000/1", abstract=cut)], now=NOW)

    assert Paper.objects.get().abstract == full


def test_day_in_the_future_becomes_today():
    upsert([an_entry(announced_on=date(2025, 4, 1))], now=NOW)

    assert Paper.objects.get().listed_on == MARCH_17


def test_entry_without_any_day_is_listed_on_the_day_of_the_fetch():
    upsert([an_entry(announced_on=None)], now=NOW)

    assert Paper.objects.get().listed_on == MARCH_17


def test_day_of_the_fetch_is_that_of_the_sites_zone(settings):
    settings.TIME_ZONE = "Pacific/Auckland"  # it is Monday evening there

    upsert([an_entry(announced_on=None)], now=datetime(2025, 3, 17, 12, tzinfo=UTC))

    assert Paper.objects.get().listed_on == date(2025, 3, 18)


def test_queue_source_lists_nothing_by_itself():
    upsert([an_entry()], now=NOW, listing=ListingRule.QUEUE)

    paper = Paper.objects.get()
    assert paper.listed_on is None
    assert list(Paper.objects.queued()) == [paper]


def test_import_without_a_day_lists_nothing():
    upsert([an_entry(listed_on=None)], now=NOW, listing=ListingRule.GIVEN_DAY)

    assert Paper.objects.get().listed_on is None
    assert not Paper.objects.queued()


def test_tombstone_keeps_a_removed_paper_away():
    Tombstone.objects.create(scheme="arxiv", value="2503.00001")

    brought = upsert([an_entry(arxiv_id="2503.00001")], now=NOW)

    assert not Paper.objects.exists()
    assert brought.left_out == 1


def test_new_doi_of_a_known_paper_becomes_its_alias():
    upsert([an_entry(arxiv_id="2503.00001")], now=NOW)

    upsert([an_entry(arxiv_id="2503.00001", doi="10.1000/xyz")], now=NOW)

    names = set(Alias.objects.values_list("scheme", "value"))
    assert names == {("arxiv", "2503.00001"), ("doi", "10.1000/xyz")}


def test_withdrawn_revision_marks_the_paper():
    upsert([an_entry(arxiv_id="2503.00001", version=1)], now=NOW)

    upsert(
        [an_entry(arxiv_id="2503.00001", version=2, announce_type="replace", withdrawn=True)],
        now=NOW,
    )

    assert Paper.objects.get().withdrawn


def test_papers_get_the_topics_of_their_categories_and_words():
    language = a_topic("language", categories=["cs.CL"])
    quantum = a_topic("quantum", words="qubit")
    a_topic("biology", categories=["q-bio.*"])

    upsert([an_entry(categories=("cs.CL",), abstract="We read a qubit.")], now=NOW)

    assert set(Paper.objects.get().topics.all()) == {language, quantum}


def test_topics_of_a_source_stay_when_another_source_updates_the_paper():
    seminar = a_topic("seminar")
    ours, theirs = Source.objects.create(name="ours", url="https://a"), None
    ours.topics.add(seminar)
    upsert([an_entry(arxiv_id="2503.00001", version=1)], now=NOW, source=ours)

    upsert([an_entry(arxiv_id="2503.00001", version=2, title="New")], now=NOW, source=theirs)

    assert list(Paper.objects.get().topics.all()) == [seminar]


def test_paper_that_a_curator_took_off_its_page_is_not_put_back():
    upsert([an_entry(arxiv_id="2503.00001")], now=NOW)
    Paper.objects.get().queue()

    upsert([an_entry(arxiv_id="2503.00001", version=2)], now=NOW)

    assert Paper.objects.get().listed_on is None


@pytest.mark.slow
def test_two_writers_with_one_paper_between_them_make_one_paper(transactional_db):
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    entries = [an_entry() for _ in range(30)]

    def write(_: int) -> None:
        upsert(entries, now=NOW)
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(8)))

    assert Paper.objects.count() == 30
