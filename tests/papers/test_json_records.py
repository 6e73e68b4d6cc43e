"""The same records are the same papers in whatever wrapping, and a broken one costs only itself."""

import gzip
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from papers.sources import Entry, ParseError, import_file, json_records
from papers.sources.import_file import RejectedRecord, Remark

SNAPSHOTS: list[dict[str, Any]] = [
    {
        "id": f"2509.0000{n}",
        "submitter": "Ada",
        "authors": "Ann Quill, Ben Marsh and C. Reed",
        "title": f"On snapshots {n} of café walls",
        "categories": "cs.CL cs.AI",
        "abstract": f"  The abstract of {n}, with [brackets], {{braces}} and \\alpha.\n",
        "versions": [{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}],
        "authors_parsed": [["Quill", "Ann", ""], ["Marsh", "Ben", ""], ["Reed", "C.", "Jr"]],
    }
    for n in range(1, 5)
]
FLAT: list[dict[str, Any]] = [
    {"arxiv_id": f"2509.0001{n}", "title": f"Flat {n}", "abstract": "Flat.", "authors": ["A. Q."]}
    for n in range(4)
]


def one_a_line(records: list[Any], between: str = "\n") -> str:
    return between.join(json.dumps(record, ensure_ascii=False) for record in records)


def by_comma(records: list[Any]) -> str:
    return one_a_line(records, ",\n")


def indented(value: Any, indent: int = 2) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def columns(records: list[Any]) -> dict[str, Any]:
    return {
        key: {str(row): record[key] for row, record in enumerate(records)} for key in records[0]
    }


WRAPPINGS: dict[str, Callable[[list[Any]], str]] = {
    "lines": one_a_line,
    "lines, with blank ones": lambda records: "\n" + one_a_line(records, "\n\n") + "\n\n",
    "lines, Windows": lambda records: one_a_line(records, "\r\n"),
    "lines, commas between": lambda records: one_a_line(records, ",\n"),
    "array": lambda records: json.dumps(records),
    "array, indented": indented,
    "array, by one": lambda records: indented(records, 1),
    "array, by none": lambda records: indented(records, 0),
    "array, one a line": lambda records: "[\n" + by_comma(records) + "\n]\n",
    "array, one a line, comma at the end": lambda r: "[\n" + by_comma(r) + ",\n]\n",
    "array, one a line, comma in front": lambda r: "[ " + one_a_line(r, "\n, ") + "\n]\n",
    "array, first and last on the brackets' lines": lambda r: "[" + by_comma(r) + "]",
    "arrays one after another": lambda r: json.dumps(r[:1]) + json.dumps(r[1:]),
    "objects one after another": lambda records: one_a_line(records, ""),
    "objects, indented": lambda records: "\n".join(map(indented, records)),
    "wrapped": lambda records: json.dumps({"papers": records, "total": 4}),
    "wrapped, late": lambda records: json.dumps({"total": 4, "papers": records}),
    "wrapped, indented": lambda records: indented({"data": records, "next": [{"a": 1}]}),
    "wrapped, one a line": lambda r: '{"papers": [\n' + by_comma(r) + '\n], "n": [\n1]}',
    "table by columns": lambda records: json.dumps(columns(records)),
    "table by columns, in lists": lambda records: json.dumps(
        {key: [record[key] for record in records] for key in records[0]}
    ),
    "table by index": lambda r: json.dumps({str(n): record for n, record in enumerate(r)}),
    "table split": lambda records: json.dumps(
        {
            "columns": list(records[0]),
            "index": [0, 1, 2, 3],
            "data": [list(record.values()) for record in records],
        }
    ),
}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be")


def read(body: bytes, name: str = "papers", size: int = 1_000) -> list[Any]:
    batches = import_file.read(io.BytesIO(body), name, None, size)
    return [item for batch in batches for item in batch.records]


@pytest.mark.parametrize("records", [SNAPSHOTS, FLAT], ids=["snapshot", "flat"])
@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_same_records_are_the_same_entries_in_whatever_wrapping(wrapping, records):
    expected = read(one_a_line(records).encode())
    assert [type(item) for item in expected] == [Entry] * 4

    assert read(WRAPPINGS[wrapping](records).encode()) == expected


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("wrapping", ["lines", "array", "array, indented", "wrapped"])
def test_encoding_is_known_with_and_without_a_mark(wrapping, encoding):
    body = WRAPPINGS[wrapping](SNAPSHOTS).encode(encoding)

    assert read(body) == read(gzip.compress(body)) == read(one_a_line(SNAPSHOTS).encode())


def test_array_of_a_snapshot_keeps_all_that_lines_have():
    (entry, *_) = read(indented(SNAPSHOTS, 1).encode())

    assert entry.abstract.startswith("The abstract of 1")
    assert (entry.categories, entry.submitted_at.year) == (("cs.CL", "cs.AI"), 2007)
    assert entry.authors == ("Ann Quill", "Ben Marsh", "C. Reed Jr")


def test_records_are_read_without_holding_the_file(monkeypatch):
    monkeypatch.setattr(json_records, "CHUNK_CHARS", 50)
    for wrapping in WRAPPINGS.values():
        assert len(read(wrapping(SNAPSHOTS).encode())) == 4


class Endless(io.RawIOBase):
    """A file of one array that never ends."""

    def __init__(self, record: str) -> None:
        self.record, self.sent = record.encode(), 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = (b"[" if not self.sent else b", ") + self.record
        buffer[: len(part)] = part
        self.sent += len(part)
        return len(part)


def test_array_without_end_on_one_line_is_read_as_it_comes(monkeypatch):
    monkeypatch.setattr(json_records, "MAX_RECORD_CHARS", 10_000)
    monkeypatch.setattr(json_records, "CHUNK_CHARS", 10_000)
    endless = Endless(json.dumps(FLAT[0]))

    records = json_records.read(io.BufferedReader(endless), "utf-8")

    assert [next(records).value for _ in range(500)] == [FLAT[0]] * 500
    assert endless.sent < 500_000


@pytest.mark.parametrize(
    "wrapping", [name for name in WRAPPINGS if not name.startswith(("table", "wrapped, late"))]
)
def test_broken_record_costs_itself_and_not_its_neighbours(wrapping):
    mark = {"arxiv_id": "BROKEN", "title": "BROKEN"}
    text = WRAPPINGS[wrapping]([*FLAT[:2], mark, *FLAT[2:]])
    text = text.replace('"title": "BROKEN"', '"title": BROKEN')

    items = read(text.encode())

    entries = [item for item in items if isinstance(item, Entry)]
    rejected = [item for item in items if isinstance(item, RejectedRecord)]
    assert [entry.title for entry in entries] == ["Flat 0", "Flat 1", "Flat 2", "Flat 3"]
    assert len(rejected) == 1
    assert "not JSON" in rejected[0].reason and "BROKEN" in rejected[0].record


def test_file_that_is_cut_off_says_so_and_keeps_what_is_whole():
    *entries, rejected = read(json.dumps(FLAT)[:-20].encode())

    assert [entry.title for entry in entries] == ["Flat 0", "Flat 1", "Flat 2"]
    assert isinstance(rejected, RejectedRecord)


@pytest.mark.parametrize("body", [b"", b"hello", b"title,authors\nMaps,Ann\n", b"\x80\x04\x95"])
def test_file_that_is_nothing_is_refused_with_one_reason(body):
    with pytest.raises(ParseError, match="instead of papers"):
        read(body)


def test_bytes_that_are_no_utf8_are_a_reason_not_another_title():
    body = one_a_line(FLAT[:2]).encode() + '\n{"title": "café", "abstract": "x"}'.encode("latin-1")

    *_, rejected = read(body)

    assert "not UTF-8" in rejected.reason


@pytest.mark.parametrize(
    "fields",
    [
        {"authors": "['Ann Quill', 'Ben Marsh']"},
        {"author": "Ann Quill and Ben Marsh"},
        {"author": ["Ann Quill", "Ben Marsh"]},
        {"creators": [{"name": "Ann Quill"}, {"given": "Ben", "family": "Marsh"}]},
        {"authors": [], "author_list": ["Ann Quill", "Ben Marsh"]},
    ],
)
def test_authors_are_found_in_each_shape(fields):
    (entry,) = read(json.dumps({"title": "Maps", "abstract": "Maps.", **fields}).encode())

    assert entry.authors == ("Ann Quill", "Ben Marsh")


def test_list_of_categories_that_became_a_text_is_a_list():
    record = FLAT[0] | {"categories": "['cs.CL', 'cs.AI']"}

    assert read(json.dumps(record).encode())[0].categories == ("cs.CL", "cs.AI")


def test_unknown_field_that_looks_like_authors_is_said():
    entry, remark = read(b'{"title": "Maps", "abstract": "Maps.", "writers": ["Ann Quill"]}')

    assert entry.authors == ()
    assert isinstance(remark, Remark) and "'writers'" in remark.text


def test_html_and_entities_are_read_as_in_feeds_and_tex_stays():
    html = {"title": "H<sub>2</sub>O &amp; ice", "abstract": "<p>We melt &lt; 1 kg.</p><p>So.</p>"}
    tex = {"title": r"$a<b$ & $c$", "abstract": "If a < b and p<0.05 & c > d, R&D follows."}

    first, second = read(one_a_line([html, tex]).encode())

    assert (first.title, first.abstract) == ("H_{2}O & ice", "We melt < 1 kg.\n\nSo.")
    assert (second.title, second.abstract) == (tex["title"], tex["abstract"])


def test_listing_on_many_lines_takes_its_day_from_the_name():
    listing = [{"paper": {"id": "2503.10001", "title": "Words", "summary": "x"}}]

    days = {
        read(text.encode(), "2025-03-13.json")[0].listed_on.isoformat()
        for text in (json.dumps(listing), indented(listing), one_a_line(listing))
    }

    assert days == {"2025-03-13"}
