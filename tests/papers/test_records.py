"""Records of papers at Crossref, DataCite and OpenReview become entries; nothing else does."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from papers.sources import ParseError, parsers
from papers.submissions import stored_entry
from tests.factories import an_entry

WORK: dict[str, Any] = {
    "DOI": "10.5555/Moss.1",
    "type": "journal-article",
    "title": ["Moss takes up CO<sub>2</sub> at night"],
    "subtitle": ["A field study"],
    "author": [
        {"given": "Ada", "family": "Quill", "sequence": "first"},
        {"given": "Ben", "family": "Marsh", "suffix": "Jr."},
        {"name": "The Moss Collaboration"},
    ],
    "abstract": "<jats:title>Abstract</jats:title><jats:p>We weigh moss.</jats:p>",
    "published": {"date-parts": [[2025, 3]]},
    "issued": {"date-parts": [[2025, 3, 14]]},
    "container-title": ["Journal of Moss"],
    "volume": "12",
    "page": "34–56",
    "resource": {"primary": {"URL": "https://moss.example.org/1"}},
    "link": [
        {"URL": "https://api.example.org/1.pdf", "content-type": "application/pdf"},
        {"URL": "https://moss.example.org/1.pdf", "content-type": "application/pdf"},
    ],
}
RECORD: dict[str, Any] = {
    "doi": "10.5555/fern.2",
    "url": "https://fern.example.org/2",
    "titles": [{"title": "Ein Farn", "titleType": "TranslatedTitle"}, {"title": "A fern"}],
    "creators": [
        {"name": "Quill, Ada", "givenName": "Ada", "familyName": "Quill"},
        {"name": "Marsh, Ben"},
        {"name": "Fern Institute"},
    ],
    "descriptions": [
        {"description": "Version 2", "descriptionType": "Other"},
        {"description": "<p>We watch a fern.</p>", "descriptionType": "Abstract"},
    ],
    "dates": [
        {"date": "2024", "dateType": "Submitted"},
        {"date": "2025-03-14", "dateType": "Available"},
    ],
    "subjects": [{"subject": "ferns"}, {}],
}
NOTE: dict[str, Any] = {
    "id": "aBcDeFgH12",
    "forum": "aBcDeFgH12",
    "cdate": 1741950000000,
    "content": {
        "title": {"value": "Learning from lichen"},
        "authors": {"value": ["Ada Quill", "Ben Marsh"]},
        "abstract": {"value": "We learn."},
        "pdf": {"value": "/pdf/1.pdf"},
        "venue": {"value": "Moss 2025"},
    },
}


def body_of(kind: str, record: dict[str, Any]) -> bytes:
    answers = {
        "crossref": {"message": record},
        "datacite": {"data": {"attributes": record}},
        "openreview": {"notes": [record]},
    }
    return json.dumps(answers[kind]).encode()


def test_crossref_gives_title_names_day_and_a_pdf_that_readers_can_open() -> None:
    (entry,) = parsers.parse("crossref", body_of("crossref", WORK)).entries

    assert entry.title == "Moss takes up CO_{2} at night: A field study"
    assert entry.title_text == "Moss takes up CO₂ at night: A field study"
    assert entry.authors == ("Ada Quill", "Ben Marsh Jr.", "The Moss Collaboration")
    assert (entry.abstract, entry.doi) == ("We weigh moss.", "10.5555/Moss.1")
    assert entry.submitted_at == datetime(2025, 3, 14, tzinfo=UTC)
    assert entry.pdf_url == "https://moss.example.org/1.pdf"
    assert entry.journal_ref == "Journal of Moss 12, 34–56"
    assert not entry.withdrawn
    retracted = WORK | {"updated-by": [{"type": "retraction", "DOI": "10.5555/r"}]}
    assert parsers.parse("crossref", body_of("crossref", retracted)).entries[0].withdrawn


def test_datacite_gives_the_main_title_and_given_names_first() -> None:
    (entry,) = parsers.parse("datacite", body_of("datacite", RECORD)).entries

    assert (entry.title, entry.abstract) == ("A fern", "We watch a fern.")
    assert entry.authors == ("Ada Quill", "Ben Marsh", "Fern Institute")
    assert entry.submitted_at == datetime(2025, 3, 14, tzinfo=UTC)
    assert entry.abstract_url == "https://fern.example.org/2"
    assert entry.extra == {"keywords": ["ferns"]}


def test_openreview_is_read_in_both_versions_and_a_review_is_no_paper() -> None:
    plain = {name: part["value"] for name, part in NOTE["content"].items()}
    for content in (NOTE["content"], plain):
        (entry,) = parsers.parse("openreview", body_of("openreview", NOTE | {"content": content}))[
            0
        ]
        assert (entry.title, entry.authors) == ("Learning from lichen", ("Ada Quill", "Ben Marsh"))
        assert entry.identifiers == (("openreview", "aBcDeFgH12"),)
        assert entry.pdf_url == "https://openreview.net/pdf?id=aBcDeFgH12"
        assert entry.extra == {"comment": "Moss 2025"}

    review = body_of("openreview", NOTE | {"forum": "another123"})
    assert parsers.parse("openreview", review).rejected[0].reason == (
        "a review or a comment, not a paper"
    )


@pytest.mark.parametrize("kind", parsers.RECORD_PARSERS)
@pytest.mark.parametrize(
    "body",
    [b"", b"<html><title>Sorry</title>", b"[]", b"{}", b'{"message": 5, "notes": [], "data": []}'],
)
def test_another_answer_is_an_error_that_names_it(kind: str, body: bytes) -> None:
    with pytest.raises(ParseError):
        parsers.parse(kind, body)


@pytest.mark.parametrize(
    ("kind", "record"), [("crossref", WORK), ("datacite", RECORD), ("openreview", NOTE)]
)
def test_wrong_types_anywhere_cost_a_value_or_the_record_but_never_more(
    kind: str, record: dict[str, Any]
) -> None:
    for name in record:
        for wrong in (None, 5, "x" * 70_000, [], [[]], [5], {}, {"value": {}}, "\x00<b>"):
            try:
                parsed = parsers.parse(kind, body_of(kind, record | {name: wrong}))
            except ParseError:
                continue
            assert not [r for r in parsed.rejected if "fault in our parser" in r.reason]


def test_an_entry_is_the_same_after_it_was_stored() -> None:
    entry = an_entry(
        identifiers=(("doi", "10.5555/x"),),
        submitted_at=datetime(2025, 3, 14, 9, tzinfo=UTC),
        extra={"keywords": ["moss"]},
    )

    assert stored_entry.from_json(json.loads(json.dumps(stored_entry.to_json(entry)))) == entry
