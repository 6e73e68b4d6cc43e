"""Each form of JSON lines is known by its fields and read whole; a bad record says why."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papers.sources import Entry, json_lines

DAILY: dict[str, Any] = {
    "arxiv_id": "2503.10001",
    "title": "Words in\n  a Row",
    "abstract": "One.\n  Two.",
    "authors": ["Ada Lovelace", "Grace Hopper"],
    "hidden_authors": ["Shy Person"],
    "claimed_authors": [{"name": "Ada Lovelace", "user": "ada", "status": "claimed_verified"}],
    "published_at": "2025-03-13T17:55:45.000Z",
    "listed_at": "2025-03-14T03:50:58.348Z",
    "daily_date": "2025-03-14",
    "daily_date_basis": "list overlap",
    "upvotes": 32,
    "num_comments": 3,
    "submitter": "ada",
    "submitter_fullname": "Ada L.",
    "github": "https://github.com/example/words",
    "github_stars": 20,
    "project_page": "https://words.example",
    "media_urls": ["https://cdn.example/1.mp4"],
    "keywords": ["words"],
    "ai_summary": "In short.",
    "organization": {"name": "lab", "fullname": "The Lab"},
    "discussion_id": "66ac44677746f1e5ff6b71f3",
    "categories": ["cs.CL", "I.2.7", "cs.AI"],
    "observed_at": "2025-03-14T17:07:21Z",
    "source_repo": "example/archive",
}
METADATA: dict[str, Any] = {
    "arxiv_id": "supr-con/9607005",
    "title": "Vortices",
    "abstract": "They move.",
    "authors": ["C. Reichhardt", "Jr.", ":", "J. Groth"],
    "categories": ["patt-sol", "supr-con", "82D55", "cond-mat.supr-con"],
    "primary_category": "supr-con",
    "comment": "4 pages. This paper has been withdrawn by the authors",
    "created": "1996-07-24",
    "updated": "1997-01-02",
    "doi": "10.1103/PhysRevB.54.16108; 10.1103/PhysRevB.55.1",
    "acm_class": "J.2",
    "source_repo": "example/archive",
}
NATIVE: dict[str, Any] = {
    "arxiv_id": "0704.0248",
    "version": 2,
    "title": 'Nonlinear Schr\\\\\\"odinger Equations',
    "authors": "G. Sinuco-Le\\\\'on (LPP, Paris) and P. Kr\\\\\\\"uger",
    "abs_categories": "physics.optics math-ph math.MP",
    "comments": 'Talk at \\"Optics\\"',
    "journal_ref": "J. Math. Phys. 48(2007), 092102.",
    "doi": "10.1063/1.2779138",
    "abstract": "  Let ${\\\\nu}$ be \\\\it small.\\n  We solve it.",
    "created": "2007-04-02 17:42:00",
    "updated": "2009-12-01 09:00:19",
    "license": "http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
    "msc_class": "35Q60",
    "report_num": "LPP-7",
    "is_current": 1,
    "is_withdrawn": 0,
}


def test_a_daily_paper_has_its_day() -> None:
    assert json_lines.entry_of(DAILY) == Entry(
        title="Words in a Row",
        abstract="One.\n\nTwo.",
        authors=("Ada Lovelace", "Grace Hopper"),
        arxiv_id="2503.10001",
        primary_category="cs.CL",
        categories=("cs.CL", "cs.AI"),
        listed_on=date(2025, 3, 14),
        submitted_at=datetime(2025, 3, 13, 17, 55, 45, tzinfo=UTC),
        abstract_url="https://arxiv.org/abs/2503.10001",
        pdf_url="https://arxiv.org/pdf/2503.10001",
        code_url="https://github.com/example/words",
        project_url="https://words.example",
        submitter_name="Ada L.",
        upvotes=32,
        extra={
            "classes": ["I.2.7"],
            "keywords": ["words"],
            "ai_summary": "In short.",
            "organization": {"name": "lab", "fullname": "The Lab"},
            "media": ["https://cdn.example/1.mp4"],
            "comments": 3,
            "stars": 20,
            "hidden_authors": ["Shy Person"],
            "discussion_id": "66ac44677746f1e5ff6b71f3",
        },
    )


def test_a_submitters_account_is_no_longer_than_a_name():
    record = DAILY | {"submitter_fullname": "", "submitter": "a" * 300}

    assert len(json_lines.entry_of(record).submitter_name) == 200


def test_arxiv_metadata() -> None:
    assert json_lines.entry_of(METADATA) == Entry(
        title="Vortices",
        abstract="They move.",
        authors=("C. Reichhardt Jr.", "J. Groth"),
        arxiv_id="supr-con/9607005",
        doi="10.1103/physrevb.54.16108",
        primary_category="supr-con",
        categories=("supr-con", "patt-sol", "cond-mat.supr-con"),
        submitted_at=datetime(1996, 7, 24, tzinfo=UTC),
        updated_at=datetime(1997, 1, 2, tzinfo=UTC),
        withdrawn=True,
        abstract_url="https://arxiv.org/abs/supr-con/9607005",
        pdf_url="https://arxiv.org/pdf/supr-con/9607005",
        extra={
            "comment": "4 pages. This paper has been withdrawn by the authors",
            "classes": ["82D55", "J.2"],
        },
    )


def test_the_native_form_without_the_escapes_of_its_dump() -> None:
    assert json_lines.entry_of(NATIVE) == Entry(
        title='Nonlinear Schr\\"odinger Equations',
        abstract="Let ${\\nu}$ be \\it small.\n\nWe solve it.",
        authors=("G. Sinuco-Le\\'on", 'P. Kr\\"uger'),
        arxiv_id="0704.0248",
        version=2,
        doi="10.1063/1.2779138",
        primary_category="physics.optics",
        categories=("physics.optics", "math-ph", "math.MP"),
        submitted_at=datetime(2007, 4, 2, 17, 42, tzinfo=UTC),
        updated_at=datetime(2009, 12, 1, 9, 0, 19, tzinfo=UTC),
        abstract_url="https://arxiv.org/abs/0704.0248",
        pdf_url="https://arxiv.org/pdf/0704.0248",
        journal_ref="J. Math. Phys. 48(2007), 092102.",
        extra={
            "comment": 'Talk at "Optics"',
            "classes": ["35Q60"],
            "license": "http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
            "report_number": "LPP-7",
        },
    )


def test_the_native_form_that_was_never_escaped_stays_as_it_is() -> None:
    plain = {**NATIVE, "title": 'Schr\\"odinger', "abstract": "${\\nu}$ \\it", "authors": "L\\'eon"}
    entry = json_lines.entry_of(plain)
    assert (entry.title, entry.abstract) == ('Schr\\"odinger', "${\\nu}$ \\it")
    assert entry.authors == ("Léon",)


@pytest.mark.parametrize(("flag", "withdrawn"), [(1, True), (0, False), ("1", True), ("0", False)])
def test_the_native_form_knows_who_withdrew(flag: object, withdrawn: bool) -> None:
    assert json_lines.entry_of({**NATIVE, "is_withdrawn": flag}).withdrawn is withdrawn


def test_title_and_abstract_alone() -> None:
    entry = json_lines.entry_of({"position": 6, "title": "Concepts", "abstract": "We add them."})
    assert entry == Entry(title="Concepts", abstract="We add them.")


@pytest.mark.parametrize("extra", [{}, {"daily_date": None}])
def test_a_raw_item_of_the_api_on_a_line(extra: dict[str, Any]) -> None:
    item = {"paper": {"id": "2503.10001", "title": "T", "summary": "S", "upvotes": 3}, **extra}
    for record in (item, {**item["paper"], "publishedAt": "2025-03-13T17:55:45.000Z"}):
        entry = json_lines.entry_of(record)
        assert (entry.arxiv_id, entry.title, entry.upvotes) == ("2503.10001", "T", 3)


def test_a_version_in_the_id_is_a_version() -> None:
    entry = json_lines.entry_of({**METADATA, "arxiv_id": "arXiv:2503.10001v3"})
    assert (entry.arxiv_id, entry.version) == ("2503.10001", 3)


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ({}, "a form unknown here, with the fields []"),
        ({"foo": 1, "title": "T"}, "a form unknown here, with the fields ['foo', 'title']"),
        ({**DAILY, "arxiv_id": "abc"}, "not an arXiv id: 'abc'"),
        ({**DAILY, "arxiv_id": 2503.10001}, "not an arXiv id: 2503.10001"),
        ({**DAILY, "arxiv_id": ["2503.10001"]}, "not an arXiv id"),
        ({**DAILY, "title": None}, "no title: '2503.10001'"),
        ({**DAILY, "title": "\0"}, "no title"),
        ({**DAILY, "daily_date": "2025-13-40"}, "daily_date is not a day: '2025-13-40'"),
        ({**DAILY, "daily_date": "10000-01-01"}, "daily_date is not a day"),
        ({**DAILY, "daily_date": "0001-01-01"}, "daily_date is not a day"),
        ({**DAILY, "daily_date": 20250314}, "daily_date is not a day"),
        ({**DAILY, "daily_date": ""}, "daily_date is not a day"),
        ({"title": "", "abstract": "x"}, "no title"),
        ({"paper": 5}, "no arXiv id"),
    ],
)
def test_a_bad_record_says_why(record: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError) as caught:
        json_lines.entry_of(record)
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("nonsense", "not JSON"),
        (b"\xff\xff", "not JSON"),
        ("1", "1 instead of an object"),
        ("[]", "[] instead of an object"),
        ("null", "None instead of an object"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_line_that_is_no_record_says_so(line: str | bytes, why: str) -> None:
    with pytest.raises(ValueError) as caught:
        json_lines.record_of(line)
    assert why in str(caught.value)


def test_a_line_is_a_record() -> None:
    assert json_lines.record_of(json.dumps(DAILY)) == DAILY
    assert json_lines.record_of(b'{"upvotes": ' + b"9" * 5_000 + b"}")["upvotes"] > 10**19


@pytest.mark.parametrize(
    ("broken", "repaired"),
    [
        ({"upvotes": "many"}, ("upvotes", 0)),
        ({"upvotes": -1}, ("upvotes", 0)),
        ({"upvotes": 10**30}, ("upvotes", 0)),
        ({"published_at": "10000-01-01T00:00:00Z"}, ("submitted_at", None)),
        ({"authors": "A. B and C. D"}, ("authors", ("A. B", "C. D"))),
        ({"authors": None}, ("authors", ())),
        ({"authors": [None, 5, {"name": "x"}]}, ("authors", ("x",))),
        ({"abstract": None}, ("abstract", "")),
        ({"abstract": "a\0b\ud800c"}, ("abstract", "abc")),
        ({"categories": "cs.CL cs.AI"}, ("categories", ("cs.CL", "cs.AI"))),
        ({"categories": None}, ("categories", ())),
        ({"categories": [None, 5, "cs.CL"]}, ("categories", ("cs.CL",))),
        ({"github": "javascript:alert(1)"}, ("code_url", "")),
        ({"project_page": 5}, ("project_url", "")),
        ({"submitter_fullname": None}, ("submitter_name", "ada")),
        ({"arxiv_id": None}, ("arxiv_id", "")),
        ({"arxiv_id": ""}, ("abstract_url", "")),
        ({"doi": "nonsense"}, ("doi", "")),
    ],
)
def test_lesser_faults_are_repaired(broken: dict[str, Any], repaired: tuple[str, object]) -> None:
    field, value = repaired
    assert getattr(json_lines.entry_of({**DAILY, **broken}), field) == value


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@pytest.mark.parametrize("form", [DAILY, METADATA, NATIVE], ids=["daily", "metadata", "native"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
@pytest.mark.sweep
def test_anything_anywhere_is_an_entry_or_a_reason(form: dict[str, Any], data: Any) -> None:
    broken = data.draw(st.dictionaries(st.sampled_from(sorted(form)), ANYTHING, max_size=6))
    try:
        entry = json_lines.entry_of({**form, **broken})
    except ValueError as error:
        assert 0 < len(str(error)) < 300
    else:
        json.dumps(entry.extra, allow_nan=False)
        repr(entry).encode()
        assert "\0" not in entry.title + entry.abstract + "".join(entry.authors)


# Real data


def real(path: Path) -> Iterator[Entry]:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
        for line in lines:
            yield json_lines.entry_of(json_lines.record_of(line))


@pytest.mark.long
def test_the_real_daily_papers(shared_data: Path) -> None:
    entries = list(real(shared_data / "hf_daily_papers.jsonl.gz"))
    assert len(entries) == 8_350
    assert len({entry.arxiv_id for entry in entries}) == 8_349
    assert len({entry.listed_on for entry in entries}) == 435
    assert all(e.title and e.abstract and e.authors and e.submitted_at for e in entries)
    assert sum(bool(e.categories) for e in entries) == 3_638
    assert sum(bool(e.code_url) for e in entries) == 1_735
    assert sum(bool(e.project_url) for e in entries) == 1_270
    assert max(len(e.authors) for e in entries) == 3_303


@pytest.mark.long
def test_the_real_metadata(shared_data: Path) -> None:
    total = withdrawn = with_doi = 0
    for entry in real(shared_data / "arxiv_metadata.jsonl.gz"):
        total += 1
        withdrawn += entry.withdrawn
        with_doi += bool(entry.doi)
        assert entry.title and entry.abstract and entry.authors and entry.arxiv_id
        assert entry.primary_category == entry.categories[0]
        assert not any(c[0].isupper() or c[0].isdigit() for c in entry.categories)
    assert (total, withdrawn, with_doi) == (25_000, 13, 1_798)


@pytest.mark.long
def test_the_real_native_form(shared_data: Path) -> None:
    entries = list(real(shared_data / "arxiv_native_tex.jsonl.gz"))
    assert len(entries) == 1_041
    assert len({entry.arxiv_id for entry in entries}) == 509
    assert sum(entry.withdrawn for entry in entries) == 11
    assert sum(bool(entry.doi) for entry in entries) == 381
    assert all(e.version and e.primary_category and e.submitted_at for e in entries)
    assert not any("\\\\'" in name or "(" in name for e in entries for name in e.authors)
    assert max(len(e.authors) for e in entries) == 589


@pytest.mark.long
def test_the_real_seed(shared_data: Path) -> None:
    entries = list(real(shared_data / "seed_papers.jsonl"))
    assert len(entries) == 110
    assert sum(bool(entry.arxiv_id) for entry in entries) == 63
    assert sum(bool(entry.authors) for entry in entries) == 31
    assert sum(bool(entry.listed_on) for entry in entries) == 18
