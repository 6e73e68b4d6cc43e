"""arXiv's feeds and API become entries, to the letter, and its errors are told as errors."""

import time
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.models import Source
from papers.sources import (
    Entry,
    ParseError,
    arxiv,
    arxiv_metadata,
    author_names,
    clean,
    feed_xml,
    parsers,
)

FEEDS = Path(__file__).parents[1] / "feeds"


def sample(name: str) -> bytes:
    return (FEEDS / name).read_bytes()


def item(description: str = "", **elements: str) -> bytes:
    """A feed of one announcement."""
    given = {"title": "T", "guid": "oai:arXiv.org:2503.10001v1", "description": description}
    lines = "".join(
        f"<{name.replace('_', ':', 1)}>{value}</{name.replace('_', ':', 1)}>"
        for name, value in (given | elements).items()
    )
    spaces = (
        'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    )
    whole = (
        f'<rss version="2.0" {spaces}><channel><title>c</title><item>{lines}</item></channel></rss>'
    )
    return whole.encode()


def only(body: bytes) -> Entry:
    entries, rejected = arxiv.parse(body)
    assert (len(entries), rejected) == (1, [])
    return entries[0]


# Announcements


def test_an_announcement() -> None:
    assert arxiv.parse(sample("arxiv_rss.xml")).entries[0] == Entry(
        title="A new paper with $x < y$ & a title on two lines",
        abstract="We show that $a < b$ & more.\n\nA second paragraph.",
        authors=("Ada Lovelace", "Grace Hopper Jr.", "Li Ye"),
        arxiv_id="2503.10001",
        version=1,
        primary_category="cs.CL",
        categories=("cs.CL", "cs.AI"),
        announce_type="new",
        announced_on=date(2025, 3, 14),
        abstract_url="https://arxiv.org/abs/2503.10001",
        pdf_url="https://arxiv.org/pdf/2503.10001",
        extra={"classes": ["I.2.7"], "license": "http://creativecommons.org/licenses/by/4.0/"},
    )


def test_a_cross_list_keeps_its_primary_category() -> None:
    cross = arxiv.parse(sample("arxiv_rss.xml")).entries[1]
    assert (cross.announce_type, cross.primary_category) == ("cross", "eess.AS")
    assert cross.categories == ("eess.AS", "cs.CL")


def test_an_old_id_a_later_version_a_journal_and_a_withdrawal() -> None:
    old = arxiv.parse(sample("arxiv_rss.xml")).entries[2]
    assert (old.arxiv_id, old.version) == ("hep-th/9901001", 3)
    assert old.announce_type == "replace-cross"  # from the description alone
    assert old.announced_on == date(2025, 3, 14)  # from the channel alone
    assert (old.doi, old.journal_ref) == ("10.1103/physrevd.59.1", "Phys. Rev. D 59 (1999) 1")
    assert old.authors == ("HESS Collaboration", "A. Abramowski", "F. Acero")
    assert old.withdrawn


def test_broken_items_do_not_cost_their_neighbours() -> None:
    entries, rejected = arxiv.parse(sample("arxiv_rss.xml"))
    assert [entry.arxiv_id[-5:] for entry in entries] == ["10001", "10002", "01001", "10004"]
    assert [one.index for one in rejected] == [3, 4]
    assert "no arXiv id in 'nonsense'" in rejected[0].reason
    assert "no title" in rejected[1].reason


def test_the_atom_feed_says_the_same() -> None:
    entry = only(sample("arxiv_atom.xml"))
    assert (entry.arxiv_id, entry.version) == ("2501.07001", 2)
    assert entry.authors == ("Paul Erdős", "Ronald Graham", "Fan Chung")
    assert (entry.announce_type, entry.announced_on) == ("replace-cross", date(2025, 1, 15))
    assert entry.abstract == "We draw them."
    assert entry.updated_at is None  # the feed's time, not the paper's


def test_a_weekend_is_no_error() -> None:
    assert arxiv.parse(sample("arxiv_weekend.xml")) == ([], [])


def test_a_feed_error_is_told() -> None:
    with pytest.raises(ParseError, match=r"Feed error for query: cs\.XX: Bad archive"):
        arxiv.parse(sample("arxiv_feed_error.xml"))


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("Fri, 14 Mar 2025 00:00:00 -0400", date(2025, 3, 14)),  # 04:00 UTC
        ("Wed, 15 Jan 2025 00:00:00 -0500", date(2025, 1, 15)),  # 05:00 UTC
        ("Fri, 14 Mar 2025 03:59:59 +0000", date(2025, 3, 13)),
        ("Sun, 09 Mar 2025 04:59:59 +0000", date(2025, 3, 8)),  # clocks change this night
        ("Sun, 09 Mar 2025 05:00:00 +0000", date(2025, 3, 9)),
        ("Mon, 10 Mar 2025 04:00:00 GMT", date(2025, 3, 10)),
        ("Fri, 14 Mar 10000 00:00:00 GMT", None),
        ("some day", None),
        ("", None),
    ],
)
def test_the_day_is_the_one_in_new_york(written: str, day: date | None) -> None:
    assert only(item(pubDate=written)).announced_on == day


@pytest.mark.parametrize("kind", ["new", "cross", "replace", "replace-cross"])
def test_announce_types(kind: str) -> None:
    assert only(item(arxiv_announce_type=kind)).announce_type == kind
    heading = f"arXiv:2503.10001v1 Announce Type: {kind} \nAbstract: A: b. Type: x"
    entry = only(item(heading))
    assert (entry.announce_type, entry.abstract) == (kind, "A: b. Type: x")


@pytest.mark.parametrize("kind", ["absonly", "NEW!", ""])
def test_other_announce_types_are_left_out(kind: str) -> None:
    assert only(item(arxiv_announce_type=kind)).announce_type == ""


def test_a_description_without_heading_is_no_abstract() -> None:
    assert only(item("something else")).abstract == ""


# The query API


def test_an_answer() -> None:
    assert arxiv.parse(sample("arxiv_api.xml")).entries[0] == Entry(
        title="Words in a row",
        abstract="First part of the first paragraph.\n\nThe second one.",
        authors=("Katharina Götz", "Jürgen Weiß"),
        arxiv_id="2503.09001",
        version=2,
        doi="10.1000/words.1",
        primary_category="cs.CL",
        categories=("cs.CL", "stat.ML"),
        submitted_at=datetime(2025, 3, 11, 17, 59, 59, tzinfo=UTC),
        updated_at=datetime(2025, 3, 13, 10, tzinfo=UTC),
        abstract_url="https://arxiv.org/abs/2503.09001",
        pdf_url="https://arxiv.org/pdf/2503.09001",
        journal_ref="J. Words 1 (2025) 1",
        extra={
            "comment": "12 pages, code at https://example.org",
            "classes": ["68T50", "F.2.2; I.2.7"],
        },
    )


def test_an_old_answer_withdrawn_in_its_comment() -> None:
    old = arxiv.parse(sample("arxiv_api.xml")).entries[1]
    assert (old.arxiv_id, old.primary_category, old.withdrawn) == ("math/0309136", "math.GT", True)


def test_a_stub_without_title_is_rejected() -> None:
    (stub,) = arxiv.parse(sample("arxiv_api.xml")).rejected
    assert stub.index == 2
    assert "no title" in stub.reason


def test_an_error_of_the_api_is_no_paper() -> None:
    with pytest.raises(ParseError, match="incorrect id format for x"):
        arxiv.parse(sample("arxiv_api_error.xml"))


def test_a_feed_of_somebody_else_is_rejected_entry_by_entry() -> None:
    body = item(guid="https://example.org/abs/2503.10001")
    (only_one,) = arxiv.parse(body).rejected
    assert "not an entry of arXiv" in only_one.reason


# What is no feed


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "an empty body"),
        (b" \n\xef\xbb\xbf", "an empty body"),
        (
            b"<!DOCTYPE html><html><head><title>Sign &amp; in</title>",
            "HTML page titled 'Sign & in'",
        ),
        (b"<html>oops", "an HTML page instead of a feed"),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', "an HTML page"),
        (b'{"error": "rate"}', "JSON instead of a feed"),
        (b"Rate exceeded.", "text like 'Rate exceeded.' instead of a feed"),
        (b"<OAI-PMH xmlns='x'><a/></OAI-PMH>", "markup of the kind <OAI-PMH> instead of a feed"),
        (b"%PDF-1.7\x00\xff", "instead of a feed"),
        (b"\x1f\x8b\x08\x00" + bytes(100), "instead of a feed"),
        ("<html><title>ü</title>".encode("utf-16"), "an HTML page titled"),
    ],
)
def test_what_is_no_feed_is_named(body: bytes, what: str) -> None:
    with pytest.raises(ParseError) as caught:
        arxiv.parse(body)
    assert what in str(caught.value)


@pytest.mark.parametrize("name", ["arxiv_rss.xml", "arxiv_api.xml"])
def test_half_a_feed_is_refused_wherever_it_is_cut(name: str) -> None:
    """Taken for the whole, its ETag would be kept and the other half lost."""
    whole = sample(name).rstrip()
    for length in range(0, len(whole) - 1, 97):
        with pytest.raises(ParseError):
            arxiv.parse(whole[:length])


def test_a_feed_with_a_slip_in_it_is_read_all_the_same() -> None:
    body = item("Abstract: a & b").replace(b"<title>T</title>", b"<title>T & U</title>")
    assert only(body).title == "T & U"


def test_too_many_entries_are_refused_before_they_are_read() -> None:
    body = b"<rss version='2.0'><channel>" + b"<item/>" * 5_001 + b"</channel></rss>"
    with pytest.raises(ParseError, match="more than 5000 entries"):
        arxiv.parse(body)


def test_fields_are_cut_at_64_ki_characters() -> None:
    long = "a" * 100_000
    entry = only(item(f"Abstract:{long}", title=long, dc_creator=long))
    assert len(entry.abstract) == 65_536
    assert len(entry.title) == 2_000
    assert len(entry.authors[0]) <= 300


@pytest.mark.parametrize(
    "bomb",
    [
        f"<dc:creator>{'a' * 200_000}</dc:creator>",
        f"<author>{'1-' * 100_000}</author>",
        "".join(f"<category>c{number}</category>" for number in range(20_000)),
        "<a " + " ".join(f"a{number}='1'" for number in range(20_000)) + "/>",
        "<a>" * 20_000 + "</a>" * 20_000,
        f"<description>{'&lt;!--' * 50_000}</description>",
        f"<description>{'url(' * 50_000}</description>",
    ],
    ids=["word", "dashes", "categories", "attributes", "depth", "comments", "css"],
)
@pytest.mark.sweep
def test_what_keeps_feedparser_busy_does_not(bomb: str) -> None:
    began = time.monotonic()
    only(item().replace(b"</item>", f"{bomb}</item>".encode()))
    assert time.monotonic() - began < 12  # seconds: a blow-up would take minutes


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1:9/"> %p; <!ENTITY x "">]>',
        '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY x "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    ],
)
def test_entities_of_a_feed_are_not_resolved_but_an_error(head: str) -> None:
    with pytest.raises(ParseError, match="DTD"):
        only(head.encode() + item("Abstract: [&x;]"))


def test_a_billion_laughs_end_soon() -> None:
    steps = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    with pytest.raises(ParseError, match="DTD"):
        arxiv.parse(f'<!DOCTYPE r [<!ENTITY e0 "ha">{steps}]>'.encode() + item("Abstract: &e9;"))


ODD_NAMES = ["tags", "authors", "links", "id", "published_parsed", "summary_detail", "content"]


@pytest.mark.parametrize(
    "name", [*ODD_NAMES, "arxiv_doi", "arxiv_comment", "arxiv_primary_category"]
)
def test_elements_that_feedparser_keeps_for_itself_do_no_harm(name: str) -> None:
    bare = item().replace(b"</item>", f"<{name}>x</{name}></item>".encode())
    arxiv.parse(bare)
    dressed = item().replace(b"</item>", f'<{name} a="b" term="c"><i/></{name}></item>'.encode())
    arxiv.parse(dressed)


@pytest.mark.slow
@given(st.binary(max_size=400))
def test_no_bytes_do_more_than_a_parse_error(noise: bytes) -> None:
    for body in (noise, item().replace(b"T</title>", b"T" + noise + b"</title>")):
        try:
            arxiv.parse(body)
        except ParseError as error:
            assert str(error)


# Facts


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("", ()),
        ("Ada Lovelace", ("Ada Lovelace",)),
        ("A. B, C. D", ("A. B", "C. D")),
        ("A. B, C. D and E. F", ("A. B", "C. D", "E. F")),
        ("A. B, C. D, and E. F", ("A. B", "C. D", "E. F")),
        ("A. B and C. D and E. F", ("A. B", "C. D", "E. F")),
        ("A. B, C. D and and E. F", ("A. B", "C. D", "E. F")),
        ("A. B & C. D; E. F", ("A. B", "C. D", "E. F")),
        ("A. B (MIT), C. D (Bank, London, UK) and E. F (X and Y)", ("A. B", "C. D", "E. F")),
        ("A. B (1), C. D (2) ((1) MPA, Garching (2) Harvard (USA))", ("A. B", "C. D")),
        ("A. B (1), ((1) Brera, Milano, Italy)", ("A. B",)),
        ("W. Hill III, R. Neil, Jr.", ("W. Hill III", "R. Neil Jr.")),
        ("Sammy Davis, jr and B. C, III", ("Sammy Davis jr", "B. C III")),
        ("LHCb Collaboration: R. Aaij, B. Adeva", ("LHCb Collaboration", "R. Aaij", "B. Adeva")),
        ("The D0 Collaboration: V.M. Abazov, et al", ("The D0 Collaboration", "V.M. Abazov")),
        ("X. Zhan, et al. (for the Hall A Collaboration)", ("X. Zhan",)),
        ("X. Zhan et al.", ("X. Zhan",)),
        ("P. Maxted, and MUCHFUSS collaboration", ("P. Maxted", "MUCHFUSS collaboration")),
        ("Fr\\'ed\\'eric L, J. Fran\\c{c}a", ("Fr\\'ed\\'eric L", "J. Fran\\c{c}a")),
        ("Alexandra Anderson, Andy Andrews", ("Alexandra Anderson", "Andy Andrews")),
        ("A. (B, C. D", ("A. (B", "C. D")),
        ("A. B), C. D", ("A. B)", "C. D")),
        (",,  ,and, , 1, (x)", ()),
        ("Jr., A. B", ("Jr.", "A. B")),
        ("Roe, Ada; de la Cruz, Ben", ("Ada Roe", "Ben de la Cruz")),
        ("R&ouml;e, A.; M&uuml;l, B.", ("A. Röe", "B. Mül")),
        ("['A. B', 'C. D']", ("A. B", "C. D")),
        ("X. Zhan for the Hall A Collaboration", ("X. Zhan", "Hall A Collaboration")),
        ("李, 王", ("李", "王")),
        ("(" * 60_000, ()),
        ("a" * 1_000, ("a" * 300,)),
    ],
)  # fmt: skip
def test_authors_in_one_string(written: str, read: tuple[str, ...]) -> None:
    assert author_names.split(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["Ada Roe, Ben Doe and C. Poe"], ("Ada Roe", "Ben Doe", "C. Poe")),
        (["Ada Roe, PhD, Ben Doe, Jr."], ("Ada Roe", "Ben Doe Jr.")),
        (["Dr. Roe, Ada", "de la Cruz, Ben, PhD"], ("Ada Roe", "Ben de la Cruz")),
        (["Roe, Ada"], ("Ada Roe",)),
        (["Roe and Sons"], ("Roe and Sons",)),
        (["C. Reed, Jr."], ("C. Reed, Jr.",)),
        (["Ben (Benny) Marsh", "GLM-4. 5 Team"], ("Ben (Benny) Marsh", "GLM-4. 5 Team")),
        (["BIG and SMALL Collaborations"], ("BIG Collaboration", "SMALL Collaboration")),
        ([None, 5, {"a": 1}, ""], ()),
        ("Ada Roe", ()),
    ],
)  # fmt: skip
def test_authors_in_a_list(written: object, read: tuple[str, ...]) -> None:
    assert author_names.clean_names(written) == read


@pytest.mark.parametrize(
    ("terms", "primary", "ours", "classes"),
    [
        (["cs.CL", "cs.AI"], "", ["cs.CL", "cs.AI"], []),
        (["cs.AI", "cs.CL"], "cs.CL", ["cs.CL", "cs.AI"], []),
        (["cs.AI"], "cs.LG", ["cs.LG", "cs.AI"], []),
        (["cs.AI", "cs.AI"], None, ["cs.AI"], []),
        (["I.2.7", "cs.AI"], "I.2.7", ["cs.AI"], ["I.2.7"]),
        (["68T50", "F.2.2; I.2.7", "A.I"], "", [], ["68T50", "F.2.2; I.2.7", "A.I"]),
        (["hep-th", "cond-mat.mtrl-sci"], "", ["hep-th", "cond-mat.mtrl-sci"], []),
        (["acc-phys", "supr-con", "q-bio"], "", ["acc-phys", "supr-con", "q-bio"], []),
        (["cs.ZZ"], "", ["cs.ZZ"], []),  # a class younger than our list
        (["foo.AI", "CS.ai", "cs", ""], "", [], ["foo.AI", "CS.ai", "cs"]),
        ([None, 3, {"a": 1}], 5, [], []),
    ],
)  # fmt: skip
def test_categories_are_arxivs_own(
    terms: list[object], primary: object, ours: list[str], classes: list[str]
) -> None:
    assert arxiv_metadata.categories(terms, primary) == (ours, classes)


@pytest.mark.parametrize(
    ("comment", "abstract", "withdrawn"),
    [
        ("This paper has been withdrawn", "", True),
        ("Withdrawn", "", True),
        ("withdrawn by the author due to an error", "", True),
        ("5 pages, 1 figure. This paper has been withdrawn by the author", "", True),
        ("Accepted to TFP 2016, the paper has been withdrawn by the author", "", True),
        ("Under revision: withdrawn after persistent problems", "", True),
        ("THIS PAPER HAS BEEN WITHDRAWN.", "", True),
        ("", "This paper has been withdrawn by the authors.", True),
        ("", "This paper and abstract have been withdrawn.", True),
        ("", "Withdrawn ", True),
        ("", "Withdrawn paper because the results are published elsewhere.", True),
        ("This submission has been withdrawn from arXiv", "", True),
        ("arXiv admin note: This version has been withdrawn by arXiv administrators", "", True),
        ("This version withdrawn by arXiv administrators because of its author list", "", True),
        (
            "This version has been removed by arXiv administrators as the submitter may not",
            "",
            True,
        ),
        ("", "This submission has been removed by arXiv administrators.", True),
        ("", "arXiv admin note: this submission has been withdrawn by arXiv", True),
        ("This submission has been withdrawn by arXiv due to policy", "", True),
        ("The paper has been withdrawn", "", True),
        ("10 pages, we are withdrawing this paper due to an error in Lemma 2", "", True),
        ("I am withdrawing this paper", "", True),
        ("We found a gap, so we withdraw it", "", True),
        ("We decided to withdraw the manuscript", "", True),
        ("", "The authors have withdrawn this manuscript because of an error.", True),
        ("", "I withdraw this note, whose proof is wrong.", True),
        ("Paper withdrawn by the authors; see arXiv:2611.00001", "", True),
        ("3 figures) Article withdrawn", "", True),
        ("Paper withdrawn from arXiv", "", True),
        ("Withdrawn at the request of the authors", "", True),
        ("Withdrawn - there is an error; withdrawn (see v1)", "", True),
        ("This submission has been removed because of its license", "", True),
        ("This article has been retracted", "", True),
        ("", "This article has been retracted: please see the policy.", True),
        ("Supersedes the withdrawn arXiv:2511.00001", "", False),
        ("Replaces arXiv:2511.00001, which has been withdrawn", "", False),
        ("A corrected version of a withdrawn paper", "", False),
        ("Version 1 has been withdrawn; earlier version withdrawn by the authors", "", False),
        ("The first version of this paper was withdrawn", "", False),
        ("We do not withdraw this paper", "", False),
        (
            "We withdraw the claim of Theorem 2; two figures have been removed by the authors",
            "",
            False,
        ),
        ("Contents have been removed from this version", "", False),
        ("", "We retract this manifold to a point.", False),
        ("", "Authors withdraw from the network when it pays.", False),
        ("", "The version removed by mutation is slower.", False),
        ("This paper was withdrawn from ICML 2024", "", False),
        ("we are " * 10_000, "arxiv admin " * 5_000, False),
        ("I am not formally withdrawing this", "", False),
        ("", "Withdrawn blood samples were cooled.", False),
        ("", "Static fields alter streaming, retained even after withdrawal.", False),
        ("", "We study papers. This paper has been withdrawn, they say.", False),
        ("An earlier version of this paper was withdrawn", "", False),
        ("12 pages", "We withdraw nothing.", False),
        ("", "", False),
        ("this " * 10_000, "the paper " * 5_000, False),
        (". " * 30_000, "(" * 60_000, False),
        ("; withdrawal " * 5_000, " " * 60_000, False),
    ],
)
def test_withdrawals(comment: str, abstract: str, withdrawn: bool) -> None:
    assert arxiv_metadata.is_withdrawn(comment, abstract) is withdrawn


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("https://github.com/a/b", "https://github.com/a/b"),
        (" http://example.org ", "http://example.org"),
        ("https://example.org/a\n/b", "https://example.org/a/b"),
        ("HTTPS://Example.org/A", "https://Example.org/A"),
        ("https://example.org/ü?q=日", "https://example.org/ü?q=日"),
        ("javascript:alert(1)", ""),
        ("JaVaScRiPt:alert(1)", ""),
        ("java\nscript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("vbscript:x", ""),
        ("file:///etc/passwd", ""),
        ("ftp://example.org", ""),
        ("//example.org", ""),
        ("/avatars/1.svg", ""),
        ("example.org", ""),
        ("http://", ""),
        ("http://[::1", ""),
        ("https://user:secret@example.org", ""),
        ("https://example.org\\@evil.org", ""),
        ('https://example.org/"onload="x', ""),
        ("https://example.org/<script>", ""),
        ("https://example.org/a b", ""),
        ("https://example.org/\x00", ""),
        ("https://example.org/\ud800", ""),
        ("https://example.org/" + "a" * 2_000, ""),
        (None, ""),
        (["https://example.org"], ""),
    ],
)
def test_urls_are_http_or_nothing(given_: object, kept: str) -> None:
    assert clean.url(given_) == kept


@given(st.text())
@pytest.mark.sweep
def test_text_can_be_stored_and_published(text: str) -> None:
    for made in (clean.text(text), clean.paragraphs(text), *author_names.split(text)):
        made.encode()  # no lone surrogates
        assert "\0" not in made
        assert made == made.strip()


def test_kinds_have_parsers() -> None:
    assert set(parsers.PARSERS) == {"arxiv", "feed", "daily-papers"} == set(Source.Kind.values)
    assert parsers.parse("arxiv", sample("arxiv_weekend.xml")) == ([], [])


def test_the_xml_parser_is_expat() -> None:
    feed_xml._check_xml_parser()


def test_other_feeds_are_nobodys_papers_here() -> None:
    assert len(arxiv.parse(sample("journals.xml")).rejected) == 5
    with pytest.raises(ParseError, match="<OAI-PMH>"):
        arxiv.parse(sample("oai_arxiv.xml"))


def test_a_body_twice_is_the_same() -> None:
    assert arxiv.parse(sample("arxiv_rss.xml")) == arxiv.parse(sample("arxiv_rss.xml"))


# Real captures

COUNTS = {
    "arxiv_api/arxivvanity_2017_m10.xml": 10,
    "arxiv_api/id_0000.0000_s0_m100.xml": 0,
    "arxiv_api/id_0808.05394_1707.08567_s0_m100.xml": 1,
    "arxiv_api/id_0808.05394_s0_m100.xml": 0,
    "arxiv_api/id_1605.08386_s0_m100.xml": 1,
    "arxiv_api/id_1707.08567_s0_m100.xml": 1,
    "arxiv_api/id_2104.12255v1_s0_m100.xml": 1,
    "arxiv_api/id_astro-ph_0601001_s0_m100.xml": 1,
    "arxiv_api/id_quant-ph_0201082v1_s0_m100.xml": 1,
    "arxiv_api/q_testing_s0_m10.xml": 10,
    "arxiv_api/q_testing_s0_m15.xml": 15,
    "arxiv_api/q_testing_s10_m10.xml": 10,
    "arxiv_api/q_testing_s50_m10.xml": 10,
    "arxiv_api/q_testing_s5_m10.xml": 10,
    "arxiv_api/q_testing_s5_m15.xml": 15,
    "arxiv_rss/atom_cs.AI_2025-08-20.xml": 7,
    "arxiv_rss/rss2_cs.AI_2026-04-27.xml": 3,
}


@pytest.mark.long
@pytest.mark.parametrize(("name", "number"), COUNTS.items())
def test_real_captures_are_read_whole(shared_data: Path, name: str, number: int) -> None:
    entries, rejected = arxiv.parse((shared_data / name).read_bytes())
    assert (len(entries), rejected) == (number, [])
    for entry in entries:
        assert entry.title and entry.abstract and entry.authors and entry.version
        assert entry.primary_category == entry.categories[0]
        assert not any("Ã" in author for author in entry.authors)
        if name.startswith("arxiv_api"):
            assert entry.submitted_at and entry.updated_at and not entry.announced_on
            assert entry.submitted_at <= entry.updated_at
        else:
            assert str(entry.announced_on) == name[-14:-4]
            assert entry.announce_type in ("new", "cross", "replace", "replace-cross")


@pytest.mark.long
def test_the_real_error_is_told(shared_data: Path) -> None:
    with pytest.raises(ParseError, match="incorrect id format for abc"):
        arxiv.parse((shared_data / "arxiv_api/id_abc_s0_m100.xml").read_bytes())


@pytest.mark.long
def test_other_real_feeds_are_nobodys_papers_here(shared_data: Path) -> None:
    assert (
        len(arxiv.parse((shared_data / "other_feeds/cambridge_atom.xml").read_bytes()).rejected)
        == 15
    )
    with pytest.raises(ParseError, match="<OAI-PMH>"):
        arxiv.parse((shared_data / "arxiv_oai/sample_arxiv_record0.xml").read_bytes())


@pytest.mark.long
def test_a_real_one_twice_is_the_same(shared_data: Path) -> None:
    body = (shared_data / "arxiv_rss/rss2_cs.AI_2026-04-27.xml").read_bytes()
    first, second = arxiv.parse(body).entries[0], arxiv.parse(body).entries[0]
    assert replace(first, extra={}) == replace(second, extra={})
