"""arXiv's public metadata snapshot: one JSON record for all versions of a paper."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.sources import Entry, json_lines

SNAPSHOT: dict[str, Any] = {
    "id": "0704.0001",
    "submitter": "Ada Lovelace",
    "authors": 'Ada Lovelace (London), G. Hopper, Jr.,\n  Kurt G\\"odel',
    "title": "Words in a\n  row",
    "comments": "37 pages,\n  15 figures",
    "journal-ref": "J.Words 1:1-7,2007",
    "doi": "10.1103/Words.76.013009",
    "report-no": "LAB-7",
    "categories": "hep-ph cs.CL",
    "license": "http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
    "abstract": "  Words,\none after another.\n",
    "versions": [
        {"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"},
        {"version": "v2", "created": "Tue, 24 Jul 2007 20:10:27 GMT"},
    ],
    "update_date": "2008-11-26",
    "authors_parsed": [
        ["Lovelace", "Ada", "", "London"],
        ["Hopper", "G.", "Jr."],
        ['G\\"odel', "Kurt", ""],
    ],
}


def test_a_record() -> None:
    assert json_lines.entry_of(json_lines.record_of(json.dumps(SNAPSHOT))) == Entry(
        title="Words in a row",
        abstract="Words, one after another.",
        authors=("Ada Lovelace", "G. Hopper Jr.", "Kurt Gödel"),
        arxiv_id="0704.0001",
        version=2,
        doi="10.1103/words.76.013009",
        primary_category="hep-ph",
        categories=("hep-ph", "cs.CL"),
        submitted_at=datetime(2007, 4, 2, 19, 18, 42, tzinfo=UTC),
        updated_at=datetime(2007, 7, 24, 20, 10, 27, tzinfo=UTC),
        abstract_url="https://arxiv.org/abs/0704.0001",
        pdf_url="https://arxiv.org/pdf/0704.0001",
        journal_ref="J.Words 1:1-7,2007",
        extra={
            "comment": "37 pages, 15 figures",
            "license": "http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
            "report_number": "LAB-7",
        },
    )


def test_nulls_are_nothing() -> None:
    nothing = dict.fromkeys(["comments", "journal-ref", "doi", "report-no", "license", "submitter"])
    entry = json_lines.entry_of({**SNAPSHOT, **nothing})
    assert (entry.doi, entry.journal_ref, entry.extra) == ("", "", {})


def test_one_version_was_never_updated() -> None:
    entry = json_lines.entry_of({**SNAPSHOT, "versions": SNAPSHOT["versions"][:1]})
    assert (entry.version, entry.updated_at) == (1, None)


def test_without_the_parts_of_names_the_string_is_taken() -> None:
    entry = json_lines.entry_of({**SNAPSHOT, "authors_parsed": None})
    assert entry.authors == ("Ada Lovelace", "G. Hopper Jr.", "Kurt Gödel")


def test_an_old_id_withdrawn() -> None:
    entry = json_lines.entry_of(
        {**SNAPSHOT, "id": "hep-th/9901001", "comments": "This paper has been withdrawn"}
    )
    assert (entry.arxiv_id, entry.withdrawn) == ("hep-th/9901001", True)


@pytest.mark.parametrize("categories", ["cs.CL stat.ML", ["cs.CL", "stat.ML"], ["cs.CL stat.ML"]])
def test_copies_that_keep_categories_in_a_list(categories: object) -> None:
    entry = json_lines.entry_of({**SNAPSHOT, "categories": categories})
    assert entry.categories == ("cs.CL", "stat.ML")


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"id": "abc"}, "not an arXiv id: 'abc'"),
        ({"id": 704.0001}, "not an arXiv id: 704.0001"),
        ({"title": None}, "no title: '0704.0001'"),
    ],
)
def test_a_bad_record_says_why(broken: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError) as caught:
        json_lines.entry_of({**SNAPSHOT, **broken})
    assert why in str(caught.value)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(SNAPSHOT)), ANYTHING))
@pytest.mark.sweep
def test_anything_anywhere_makes_an_entry_or_a_reason(broken: dict[str, Any]) -> None:
    try:
        entry = json_lines.entry_of({**SNAPSHOT, **broken})
    except ValueError as error:
        assert str(error)
    else:
        json.dumps(entry.extra, allow_nan=False)
        repr(entry).encode()
