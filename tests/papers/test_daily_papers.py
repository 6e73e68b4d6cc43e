"""A daily-papers listing becomes entries, whatever shape it was kept in and whatever is broken."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papers.sources import Entry, ParseError, daily_papers, parsers

PAPER: dict[str, Any] = {
    "id": "2503.10001",
    "authors": [
        {"_id": "1", "name": "Ada Lovelace", "hidden": False},
        {"_id": "2", "name": "Shy Person", "hidden": True},
        {"_id": "3", "name": "Grace  Hopper", "user": {"user": "grace"}, "status": "claimed"},
    ],
    "publishedAt": "2025-03-13T17:55:45.000Z",
    "submittedOnDailyAt": "2025-03-14T01:13:12.259Z",
    "title": "Words in\n  a Row",
    "summary": "First part\nof a paragraph.\n  Another one.",
    "upvotes": 29,
    "discussionId": "67d393cf336d57afb21bc0db",
    "githubRepo": "https://github.com/example/words",
    "githubStars": 139,
    "projectPage": " https://words.example",
    "mediaUrls": ["https://cdn.example/1.mp4", "javascript:alert(1)", 5],
    "ai_summary": "In short.",
    "ai_keywords": ["words", "rows", None],
    "organization": {
        "_id": "9",
        "name": "lab",
        "fullname": "The Lab",
        "avatar": "https://cdn.example/lab.png",
    },
}
ITEM: dict[str, Any] = {
    "paper": PAPER,
    "publishedAt": "2025-03-13T13:55:45.000Z",
    "title": "Words in a Row",
    "thumbnail": "https://cdn.example/card.png",
    "numComments": 7,
    "submittedBy": {"name": "ada", "fullname": "Ada L.", "avatarUrl": "/avatars/1.svg"},
}
ENTRY = Entry(
    title="Words in a Row",
    abstract="First part of a paragraph.\n\nAnother one.",
    authors=("Ada Lovelace", "Grace Hopper"),
    arxiv_id="2503.10001",
    submitted_at=datetime(2025, 3, 13, 17, 55, 45, tzinfo=UTC),
    abstract_url="https://arxiv.org/abs/2503.10001",
    pdf_url="https://arxiv.org/pdf/2503.10001",
    code_url="https://github.com/example/words",
    project_url="https://words.example",
    submitter_name="Ada L.",
    upvotes=29,
    extra={
        "keywords": ["words", "rows"],
        "ai_summary": "In short.",
        "organization": {
            "name": "lab",
            "fullname": "The Lab",
            "avatar": "https://cdn.example/lab.png",
        },
        "media": ["https://cdn.example/1.mp4"],
        "comments": 7,
        "stars": 139,
        "hidden_authors": ["Shy Person"],
        "discussion_id": "67d393cf336d57afb21bc0db",
    },
)


def parse(found: object) -> Any:
    return daily_papers.parse(json.dumps(found).encode())


def paper(**fields: Any) -> dict[str, Any]:
    return {**ITEM, "paper": {**PAPER, **fields}}


def only(found: object) -> Entry:
    entries, rejected = parse(found)
    assert (len(entries), rejected) == (1, [])
    entry: Entry = entries[0]
    return entry


def test_a_listing() -> None:
    assert parse([ITEM, ITEM]) == ([ENTRY, ENTRY], [])


def test_the_kind_is_daily_papers() -> None:
    assert parsers.parse("daily-papers", json.dumps([ITEM]).encode()).entries == [ENTRY]


def test_the_listing_does_not_say_its_day() -> None:
    assert ENTRY.listed_on is None and ENTRY.announced_on is None


@pytest.mark.parametrize("found", [ITEM, [ITEM], {"status": "success", "data": [ITEM]}])
def test_shapes_of_a_listing(found: object) -> None:
    assert only(found) == ENTRY


def test_one_paper_by_itself() -> None:
    alone = only(PAPER)
    assert (alone.title, alone.authors, alone.upvotes) == (ENTRY.title, ENTRY.authors, 29)
    assert alone.extra["organization"]["name"] == "lab"


def test_an_empty_listing() -> None:
    assert parse([]) == ([], [])


@pytest.mark.parametrize("wrap", [list, lambda items: {"date": "2025-01-10", "data": items}])
def test_records_written_as_python_instead_of_json(wrap: Any) -> None:
    assert only(wrap([repr(ITEM)])) == ENTRY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{'paper': open('/etc/passwd').read()}",
        "{'paper': __import__('os').system('true')}",
        "{'paper': 9**9**9}",
        "{'a': " + "[" * 500 + "]" * 500 + "}",
        "{'a': " + "-" * 90_000 + "1}",
        "{'a': " + "1+" * 45_000 + "1j}",
        "{'a': '" + "a" * 1_000_000 + "'}",
        "{[]: 1}",
        "[1, 2]",
        "{'paper': 1}",
        "{'a': '\0'}",
        "\ud800",
    ],
)
def test_other_text_is_rejected_unexecuted(text: str) -> None:
    began = time.monotonic()
    entries, rejected = parse([ITEM, text, ITEM])
    assert entries == [ENTRY, ENTRY]
    assert [one.index for one in rejected] == [1]
    assert 0 < len(rejected[0].reason) < 200
    assert time.monotonic() - began < 12  # seconds: a blow-up would take minutes


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"1", "1 instead of a list of papers"),
        (b"null", "None instead of"),
        (b'"text"', "'text' instead of"),
        (b"", "an empty body instead of"),
        (b"<html><title>Too many requests</title>", "an HTML page titled 'Too many requests'"),
        (b'[{"paper":', "broken JSON"),
        (b'{"error": "Invalid date"}', "an error instead of a list of papers: 'Invalid date'"),
        (b'{"a": 1}', "instead of a list of papers"),
        (b"[" * 100_000, "broken JSON (nested too deeply)"),
        (b"[\xff\xfe]", "broken JSON"),
        (json.dumps([ITEM["title"]] * 5_001).encode(), "more than 5000 papers"),
    ],
)
def test_what_is_no_listing_is_named(body: bytes, what: str) -> None:
    with pytest.raises(ParseError) as caught:
        daily_papers.parse(body)
    assert what in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (1, "1 instead of a paper"),
        (None, "None instead of a paper"),
        ([], "instead of a paper"),
        ({}, "no arXiv id: None"),
        ({"paper": None}, "no arXiv id"),
        (paper(id=None), "no arXiv id: None"),
        (paper(id="abc"), "no arXiv id: 'abc'"),
        (paper(id=2503.10001), "no arXiv id: 2503.10001"),
        (paper(id="2503.10001; DROP TABLE"), "no arXiv id"),
        ({"paper": {**PAPER, "title": None}}, "no title: 2503.10001"),
        ({"paper": {**PAPER, "title": "\0 \ud800\n"}}, "no title: 2503.10001"),
        ({"paper": {**PAPER, "title": ["Words"]}}, "no title"),
    ],
)
def test_a_bad_record_is_rejected_alone(record: object, why: str) -> None:
    entries, rejected = parse([ITEM, record, ITEM])
    assert entries == [ENTRY, ENTRY]
    assert rejected[0].index == 1
    assert why in rejected[0].reason


@pytest.mark.parametrize(
    ("upvotes", "counted"),
    [
        (0, 0),
        (29, 29),
        ("29", 29),
        ("many", 0),
        (-5, 0),
        (10**30, 0),
        (1e400, 0),
        (float("nan"), 0),
        (2.5, 0),
        (True, 0),
        (None, 0),
        ([], 0),
    ],
)
def test_upvotes_that_cannot_be_are_none(upvotes: object, counted: int) -> None:
    assert only([paper(upvotes=upvotes)]).upvotes == counted


def test_a_number_without_end_costs_only_itself() -> None:
    body = json.dumps([ITEM, ITEM]).replace('"upvotes": 29', '"upvotes": ' + "9" * 5_000, 1)
    entries, _ = daily_papers.parse(body.encode())
    assert [entry.upvotes for entry in entries] == [0, 29]


@pytest.mark.parametrize(
    "time_",
    ["10000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "2025-13-40", "soon", "", 5, None, []],
)
def test_times_that_cannot_be_are_none(time_: object) -> None:
    assert only([paper(publishedAt=time_)]).submitted_at is None


@pytest.mark.parametrize(
    ("authors", "read"),
    [
        (None, ()),
        ([], ()),
        (5, ()),
        ({"name": "A. B"}, ()),
        ("A. B, C. D and E. F", ("A. B", "C. D", "E. F")),
        (["A. B", "C. D"], ("A. B", "C. D")),
        ([None, 5, ["x"], {}, {"name": None}, {"name": "A. B"}], ("A. B",)),
        ([{"name": "A\0. \ud800B"}], ("A. B",)),
        ([{"name": "A. B"}] * 3_303, ("A. B",) * 3_303),
    ],
)
def test_authors_in_any_shape(authors: object, read: tuple[str, ...]) -> None:
    assert only([paper(authors=authors)]).authors == read


def test_what_postgresql_cannot_store_is_left_out() -> None:
    entry = only([paper(title="A\0B\ud800 C", summary="\x07D\udfff\uffffE", ai_summary="F\0")])
    assert (entry.title, entry.abstract, entry.extra["ai_summary"]) == ("AB C", "DE", "F")


def test_no_link_but_http() -> None:
    entry = only(
        [
            paper(
                githubRepo="javascript:alert(1)",
                projectPage="data:text/html,x",
                mediaUrls=["file:///etc/passwd"],
                organization={"name": "x", "avatar": "/avatars/1.svg"},
            )
        ]
    )
    assert (entry.code_url, entry.project_url) == ("", "")
    assert "media" not in entry.extra
    assert entry.extra["organization"] == {"name": "x"}


@pytest.mark.parametrize("abstract", ["This paper has been withdrawn by the authors.", "Words."])
def test_withdrawn(abstract: str) -> None:
    assert only([paper(summary=abstract)]).withdrawn is abstract.startswith("This")
    assert only([paper(summary=abstract, withdrawnAt="2025-03-15T00:00:00.000Z")]).withdrawn


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.sampled_from(sorted(PAPER)), ANY_JSON, max_size=6),
    st.dictionaries(st.sampled_from(sorted(ITEM)), ANY_JSON, max_size=3),
)
@pytest.mark.sweep
def test_any_json_anywhere_is_an_entry_or_rejected(inner: Any, outer: Any) -> None:
    entries, rejected = parse([{**ITEM, "paper": {**PAPER, **inner}, **outer}, ITEM])
    assert len(entries) + len(rejected) == 2
    assert entries[-1] == ENTRY
    for entry in entries:
        json.dumps(entry.extra, allow_nan=False)
        repr(entry).encode()
        assert "\0" not in entry.title + entry.abstract + "".join(entry.authors)
        assert 0 <= entry.upvotes < 2**31


def test_a_bare_number_as_on_weekends_is_told() -> None:
    with pytest.raises(ParseError, match="1 instead of a list of papers"):
        daily_papers.parse(b"1")


# Real captures

COUNTS = {
    "2024-05-27.json": 13,
    "2024-08-02.json": 16,
    "2025-01-23.json": 5,
    "2025-03-14.json": 26,
    "2025-05-28.json": 39,
    "2025-08-25.json": 13,
    "2025-09-30.json": 50,
    "2026-01-28.json": 9,
    "odd/2024-12-11.json": 26,
    "odd/2025-01-10.json": 9,
}


@pytest.mark.long
@pytest.mark.parametrize(("name", "number"), COUNTS.items())
def test_real_captures_are_read_whole(shared_data: Path, name: str, number: int) -> None:
    entries, rejected = daily_papers.parse((shared_data / "hf_api_raw" / name).read_bytes())
    assert (len(entries), rejected) == (number, [])
    for entry in entries:
        assert entry.title and entry.abstract and entry.authors and entry.submitted_at
        assert entry.listed_on is None


@pytest.mark.long
def test_the_real_weekend_is_told(shared_data: Path) -> None:
    with pytest.raises(ParseError, match="1 instead of a list of papers"):
        daily_papers.parse((shared_data / "hf_api_raw" / "odd/2024-06-01.json").read_bytes())
