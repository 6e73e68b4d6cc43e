"""A page of OAI-PMH is read whole, in each of arXiv's formats, and says where the next begins."""

import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.sources import Entry, ParseError, oai

FEEDS = Path(__file__).parents[1] / "feeds"

HEAD = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2025-03-15T01:02:03Z'
RECORD = (
    "<record><header><identifier>oai:arXiv.org:2503.10001</identifier></header><metadata>"
    "<arXiv><id>2503.10001</id><title>T</title>{}</arXiv></metadata></record>"
)


def sample(name: str) -> oai.Page:
    return oai.parse((FEEDS / name).read_bytes())


def page(inside: str) -> bytes:
    return f"{HEAD}</responseDate>{inside}</OAI-PMH>".encode()


def record(inside: str = "") -> bytes:
    return page(f"<ListRecords>{RECORD.format(inside)}</ListRecords>")


def only(body: bytes) -> Entry:
    found = oai.parse(body)
    assert (len(found.entries), found.rejected) == (1, [])
    return found.entries[0]


# arXiv's own formats


def test_a_record() -> None:
    assert sample("oai_arxiv.xml").entries[0] == Entry(
        title="Words with $x < y$ in a row",
        abstract="We put words in a row, one after another.\n\nThen we stop.",
        authors=("Ada Lovelace", "Grace B. Hopper Jr", "Words Collaboration"),
        arxiv_id="2503.10001",
        doi="10.1000/words.1",
        primary_category="cs.CL",
        categories=("cs.CL", "cs.AI", "math.ST", "stat.TH"),
        submitted_at=datetime(2025, 3, 12, tzinfo=UTC),
        updated_at=datetime(2025, 3, 14, tzinfo=UTC),
        abstract_url="https://arxiv.org/abs/2503.10001",
        pdf_url="https://arxiv.org/pdf/2503.10001",
        journal_ref="J. Words 1 (2025) 1",
        extra={
            "comment": "12 pages, 3 figures",
            "classes": ["68T50"],
            "license": "http://creativecommons.org/licenses/by/4.0/",
            "report_number": "LAB-7",
        },
    )


def test_created_is_not_the_first_day_where_the_id_is_older() -> None:
    """Since 2025 arXiv writes the day of the latest version there."""
    old = sample("oai_arxiv.xml").entries[1]
    assert (old.arxiv_id, old.withdrawn) == ("hep-th/9901001", True)
    assert (old.submitted_at, old.updated_at) == (None, datetime(2025, 3, 13, tzinfo=UTC))
    evening_before = only(record("<created>2025-02-28</created>"))
    assert evening_before.submitted_at == datetime(2025, 2, 28, tzinfo=UTC)


def test_deleted_records_are_named_and_broken_ones_explained() -> None:
    found = sample("oai_arxiv.xml")
    assert found.deleted == [("arxiv", "2503.10003")]
    assert [one.index for one in found.rejected] == [3, 4]
    assert "no title: '2503.10004'" in found.rejected[0].reason
    assert "a format unknown here: 'marc'" in found.rejected[1].reason


def test_the_raw_format_knows_versions_and_withdrawals() -> None:
    first, second, old = sample("oai_raw.xml").entries
    assert (first.version, first.withdrawn) == (2, False)
    assert first.authors == ("Ada Lovelace", "Grace Hopper Jr.", "the Words Collaboration")
    assert first.submitted_at == datetime(2025, 3, 12, 17, 59, 59, tzinfo=UTC)
    assert first.updated_at == datetime(2025, 3, 14, 8, tzinfo=UTC)
    assert (second.version, second.withdrawn) == (2, True)
    assert (old.arxiv_id, old.authors, old.version) == ("math/0309136", ("A. Doe", "B. Roe"), None)


# oai_dc


def test_dublin_core_of_arxiv() -> None:
    assert sample("oai_dc.xml").entries[0] == Entry(
        title="Words in a row",
        abstract="Words, one after another.",
        authors=("Ada Lovelace", "Roldao A. da Rocha Jr", "Words Collaboration"),
        arxiv_id="2503.10001",
        doi="10.1000/words.1",
        primary_category="cs.CL",
        categories=("cs.CL", "eess.SY", "cs.SY"),
        submitted_at=datetime(2025, 3, 12, tzinfo=UTC),
        updated_at=datetime(2025, 3, 14, tzinfo=UTC),
        abstract_url="https://arxiv.org/abs/2503.10001",
        pdf_url="https://arxiv.org/pdf/2503.10001",
        journal_ref="J.Words 1:1-7,2025",
        extra={"comment": "12 pages", "classes": ["68T50"]},
    )


def test_dublin_core_as_arxiv_wrote_it_before() -> None:
    older = sample("oai_dc.xml").entries[1]
    assert older.categories == ("math.IT", "hep-th")
    assert older.extra == {"comment": "11 pages", "classes": ["05A15"]}
    assert (older.authors, older.updated_at) == (("J. Doe",), None)


def test_dublin_core_of_a_library() -> None:
    thesis = sample("oai_dc.xml").entries[2]
    assert (thesis.arxiv_id, thesis.doi) == ("", "")  # 2012.12345 is just a number there
    assert thesis.identifiers == (("oai", "oai:library.example.org:123"),)
    assert thesis.abstract_url == "https://library.example.org/123"
    assert (thesis.authors, thesis.extra) == (("Richard Roe",), {"keywords": ["Law"]})


def test_a_library_writes_markup_in_titles_abstracts_and_names() -> None:
    elements = (
        "<title>CO&lt;sub&gt;2&lt;/sub&gt; and H<sub>2</sub>O by R&amp;amp;D</title>"
        "<creator>R&amp;ouml;e, Ada; Doe, &lt;b&gt;Ben&lt;/b&gt;</creator>"
        "<description>&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;10&lt;sup&gt;-3&lt;/sup&gt;&lt;/p&gt;</description>"
    )
    found = only(
        page(
            "<ListRecords><record><header><identifier>oai:library.example.org:1</identifier>"
            f"</header><metadata><dc>{elements}</dc></metadata></record></ListRecords>"
        )
    )

    assert found.title_text == "CO₂ and H₂O by R&D"
    assert found.authors == ("Ada Röe", "Ben Doe")
    assert found.abstract == "One.\n\n10^{-3}"


# The protocol


def test_a_page_says_where_the_next_begins() -> None:
    found = sample("oai_arxiv.xml")
    assert found.token == oai.Token(
        value="verb%3DListRecords%26metadataPrefix%3DarXiv%26from%3D2025-03-14%26skip%3D2000",
        expires_at=datetime(2025, 3, 16, tzinfo=UTC),
    )
    assert found.responded_at == datetime(2025, 3, 15, 1, 2, 3, tzinfo=UTC)


def test_the_standards_own_token() -> None:
    attributes = "expirationDate='2025-03-16T00:00:00Z' cursor='0' completeListSize='7'"
    token = f"<resumptionToken {attributes}>a b|1</resumptionToken>"
    found = oai.parse(page(f"<ListRecords>{token}</ListRecords>"))
    assert found.token == oai.Token(
        value="a b|1",
        expires_at=datetime(2025, 3, 16, tzinfo=UTC),
        cursor=0,
        complete_list_size=7,
    )


def test_an_empty_token_is_the_end() -> None:
    assert sample("oai_raw.xml").token is None


def test_no_records_are_no_error() -> None:
    found = oai.parse(page("<error code='noRecordsMatch'>Nothing.</error>"))
    assert found == oai.Page([], [], [], None, datetime(2025, 3, 15, 1, 2, 3, tzinfo=UTC))


@pytest.mark.parametrize("code", ["badResumptionToken", "badArgument", "idDoesNotExist"])
def test_other_errors_are_told_with_their_code(code: str) -> None:
    with pytest.raises(oai.OaiError, match=f"OAI-PMH says {code}: So it is") as caught:
        oai.parse(page(f"<error code='noRecordsMatch'/><error code='{code}'>So it is.</error>"))
    assert caught.value.code == code
    assert isinstance(caught.value, ParseError)


def test_requests() -> None:
    base = "https://oaipmh.arxiv.org/oai?verb=ListRecords"
    assert oai.page_url() == f"{base}&metadataPrefix=arXiv"
    assert oai.page_url(
        prefix="oai_dc", subset="cs:cs:CL", since=date(2025, 3, 14), until=date(2025, 3, 15)
    ) == (f"{base}&metadataPrefix=oai_dc&from=2025-03-14&until=2025-03-15&set=cs%3Acs%3ACL")
    # A token says all the rest, and arXiv's is itself encoded.
    assert oai.page_url("http://127.0.0.1/oai", token="a%3Db&c", since=date(2025, 3, 14)) == (
        "http://127.0.0.1/oai?verb=ListRecords&resumptionToken=a%253Db%26c"
    )


# What is no page of records


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "an empty body instead of OAI-PMH"),
        (b"<html><head><title>Busy</title>", "markup of the kind <html> instead of OAI-PMH"),
        (b"<!doctype html><html><title>Busy</title>", "an HTML page titled 'Busy'"),
        (b"<!DOCTYPE html><html><title>Busy</title>", "an HTML page instead of OAI-PMH"),
        (b"Retry after 10 seconds", "text like 'Retry after 10 seconds' instead of OAI-PMH"),
        (b"<rss version='2.0'><channel/></rss>", "markup of the kind <rss> instead of OAI-PMH"),
        (page("<Identify/>"), "OAI-PMH that is no list of records"),
        (b"<?xml version='1.0' encoding='klingon'?><OAI-PMH/>", "instead of OAI-PMH"),
        (record()[:-30], "cut off or broken"),
        (page("<ListRecords>" + "<a>" * 30 + "</a>" * 30 + "</ListRecords>"), "deeply nested"),
        (record("<a/>" * 60_000), "more, or more deeply nested"),
        (record("&nbsp;"), "undefined entity"),
    ],
)  # fmt: skip
def test_what_is_no_page_is_named(body: bytes, what: str) -> None:
    with pytest.raises(ParseError) as caught:
        oai.parse(body)
    assert what in str(caught.value)


def test_half_a_page_is_refused_wherever_it_is_cut() -> None:
    whole = (FEEDS / "oai_arxiv.xml").read_bytes().rstrip()
    for length in range(0, len(whole) - 1, 97):
        with pytest.raises(ParseError):
            oai.parse(whole[:length])


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY x SYSTEM "file:///etc/passwd">',
        '<!ENTITY % p SYSTEM "http://127.0.0.1:9/"> %p;',
        '<!ENTITY a "ha"><!ENTITY x "&a;&a;&a;&a;&a;&a;&a;&a;">',
    ],
)
def test_entities_cannot_be_declared(declared: str) -> None:
    body = f"<!DOCTYPE r [{declared}]>".encode() + record("<abstract>&x;</abstract>")
    with pytest.raises(ParseError, match="document type declaration"):
        oai.parse(body)


@pytest.mark.parametrize(
    "slip",
    [b"\x02", b"\x0b", b"&#x1F;", b"&#2;", b"&#xFFFF;", b"&#xD800;", b"\xe9", b"\xed\xa0\x80"],
)
def test_one_forbidden_character_does_not_cost_the_day(slip: bytes) -> None:
    entry = only(record("<abstract>caf[]e</abstract>").replace(b"[]", slip))
    assert entry.abstract.replace("\ufffd", "") == "cafe"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_other_encodings(encoding: str) -> None:
    head = f"<?xml version='1.0' encoding='{encoding.removesuffix('-sig')}'?>"
    body = head + record("<abstract>Erdős?</abstract>".replace("ő", "ö")).decode()
    assert only(body.encode(encoding)).abstract == "Erdös?"


@pytest.mark.slow
def test_a_large_page_is_read_in_time() -> None:
    text = "<abstract>" + "word " * 200 + "</abstract>"
    records = RECORD.format(text) * 2_000
    began = time.monotonic()
    assert len(oai.parse(page(f"<ListRecords>{records}</ListRecords>")).entries) == 2_000
    oai.parse(record("<abstract>" + "a" * 5_000_000 + "</abstract>"))
    assert time.monotonic() - began < 12  # seconds: a blow-up would take minutes


@given(st.binary(max_size=400))
def test_no_bytes_do_more_than_a_parse_error(noise: bytes) -> None:
    for body in (noise, record("X").replace(b"X", noise)):
        try:
            oai.parse(body)
        except ParseError as error:
            assert str(error)


# Real captures


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "ids", "authors", "dois"),
    [
        ("listrecords_hep-th_2017-12-14", ["1412.8323", "1507.07790", "1607.01710"], 8, 2),
        ("sample_arxiv_record0", ["1601.03238"], 5, 1),
        ("sample_arxiv_record1", ["1512.07978"], 2, 0),
        ("sample_arxiv_record2", ["1603.00997"], 2, 0),
    ],
)
def test_the_real_captures(
    shared_data: Path, name: str, ids: list[str], authors: int, dois: int
) -> None:
    found = oai.parse((shared_data / "arxiv_oai" / f"{name}.xml").read_bytes())
    assert (found.rejected, found.deleted, found.token) == ([], [], None)
    assert [entry.arxiv_id for entry in found.entries] == ids
    assert sum(len(entry.authors) for entry in found.entries) == authors
    assert sum(bool(entry.doi) for entry in found.entries) == dois
    for entry in found.entries:
        assert entry.title and entry.abstract and entry.primary_category and entry.submitted_at
