"""Of two records of one paper the one that knows more wins, and nothing changes back and forth."""

from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from papers.ingest.upsert import upsert
from papers.models import EmbeddingJob, Paper, Source
from papers.sources import Entry
from tests.factories import an_entry

NOW = datetime(2025, 11, 19, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def plain(**fields: Any) -> Entry:
    """A record of no archive, without version."""
    defaults: dict[str, Any] = {
        "arxiv_id": "2511.00001",
        "version": None,
        "categories": (),
        "primary_category": "",
        "title": "Maps",
        "abstract": "We draw maps.",
    }
    return an_entry(**(defaults | fields))


def of_arxiv(**fields: Any) -> Entry:
    return plain(**({"categories": ("cs.CV",), "primary_category": "cs.CV"} | fields))


def text_of(paper: Paper) -> tuple[str, str, list[str]]:
    return paper.title, paper.abstract, paper.authors


def test_record_of_arxiv_replaces_any_other_and_is_not_replaced():
    archive = of_arxiv(title=r"A 360$^\circ$ map", authors=("Ann Quill", "Ben Marsh"))
    copy = plain(title="A 360^circ map", authors=("Ann Quill",), abstract="We draw maps. More…")
    upsert([copy], now=NOW)

    upsert([archive], now=NOW)
    EmbeddingJob.objects.all().delete()
    again = upsert([copy], now=NOW)

    assert text_of(Paper.objects.get()) == (
        r"A 360$^\circ$ map",
        "We draw maps.",
        ["Ann Quill", "Ben Marsh"],
    )
    assert again.updated == []
    assert not EmbeddingJob.objects.exists()


RICH = {"title": r"A 360$^\circ$ map", "authors": ("A. Quill", "B. Marsh"), "abstract": "Short."}
POOR = {"title": "A 360^circ map", "authors": ("Ann Quill",), "abstract": "Longer than that."}
CASED = {"title": "A 360^CIRC MAP", "authors": ("Ann Quill",), "abstract": "Longer THAN that."}


@pytest.mark.parametrize("record", [plain, of_arxiv])
@pytest.mark.parametrize("order", list(permutations([RICH, POOR, CASED])))
def test_records_of_one_rank_complete_each_other_in_any_order(record, order):
    entries = [record(**fields) for fields in order]
    for entry in entries:
        upsert([entry], now=NOW)

    later = [upsert([entry], now=NOW) for entry in entries * 2]

    paper = Paper.objects.get()
    assert (paper.title, paper.authors) == (RICH["title"], list(RICH["authors"]))
    assert paper.abstract.casefold() == POOR["abstract"].casefold()
    assert not any(result.updated for result in later)


def test_paper_that_stands_twice_in_a_file_is_updated_by_no_later_import():
    twice = [plain(title="Maps"), plain(title="maps", extra={"comment": "4 pages"})]
    upsert(twice, now=NOW)

    assert upsert(twice, now=NOW).updated == []


def test_items_of_one_source_that_contradict_each_other_are_not_an_update():
    source = Source.objects.create(name="lab", kind="feed", url="http://lab.example")
    twice = [plain(title="Maps"), plain(title="Atlas")]
    upsert(twice, now=NOW, source=source)

    assert upsert(twice, now=NOW, source=source).updated == []


def test_source_corrects_what_it_brought_itself():
    ours = Source.objects.create(name="ours", kind="feed", url="http://ours.example")
    theirs = Source.objects.create(name="theirs", kind="feed", url="http://theirs.example")
    upsert([plain(title="Mpas")], now=NOW, source=ours)

    upsert([plain(title="Maqs")], now=NOW, source=theirs)
    assert Paper.objects.get().title == "Mpas"
    upsert([plain(title="Maps")], now=NOW, source=ours)
    assert Paper.objects.get().title == "Maps"
    dated = plain(authors=("Ann Quill",), abstract="Cut.", updated_at=NOW)
    upsert([dated], now=NOW, source=ours)

    assert text_of(Paper.objects.get()) == ("Maps", "Cut.", ["Ann Quill"])


def test_extra_of_two_sources_does_not_flap():
    sources = [
        Source.objects.create(name=name, kind="feed", url=f"http://{name}.example")
        for name in ("one", "two")
    ]
    entries = [
        plain(extra={"comment": "4 pages", "stars": 3, "keywords": ["maps"]}),
        plain(extra={"comment": "Four pages", "stars": 5, "license": "http://l.example"}),
    ]
    for source, entry in zip(sources * 2, entries * 2, strict=True):
        upsert([entry], now=NOW, source=source)

    later = [
        upsert([entry], now=NOW, source=source)
        for source, entry in zip(sources * 2, entries * 2, strict=True)
    ]

    assert not any(result.updated for result in later)
    assert Paper.objects.get().extra == {
        "comment": "4 pages",
        "stars": 5,
        "keywords": ["maps"],
        "license": "http://l.example",
    }


def test_withdrawal_that_only_one_of_two_sources_knows_stays():
    upsert([of_arxiv(withdrawn=True)], now=NOW)

    upsert([of_arxiv(), plain()], now=NOW)

    assert Paper.objects.get().withdrawn
