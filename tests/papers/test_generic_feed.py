"""Any feed becomes entries: ids found where publishers hide them, HTML made into plain text."""

import gzip
import re
import time
from datetime import UTC, date, datetime
from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers import text
from papers.identifiers import aliases
from papers.ingest import bulk_import
from papers.sources import (
    Entry,
    ParseError,
    abstracts,
    arxiv,
    author_names,
    generic_feed,
    html_text,
)
from tests.selection import every_nth

FEEDS = Path(__file__).parents[1] / "feeds"


def sample(name: str) -> list[Entry]:
    return generic_feed.parse((FEEDS / name).read_bytes()).entries


def item(description: str = "", **elements: str) -> bytes:
    """A feed of one item, its description as escaped HTML."""
    given = {"title": "T", "description": escape(description)} | elements
    lines = "".join(
        f"<{name.replace('_', ':', 1)}>{value}</{name.replace('_', ':', 1)}>"
        for name, value in given.items()
    )
    spaces = (
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:prism="http://prism/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    )
    return (
        f'<rss version="2.0" {spaces}><channel><title>c</title><link>https://c.example.org/a/</link>'
        f"<item>{lines}</item></channel></rss>"
    ).encode()


def only(body: bytes) -> Entry:
    entries, rejected = generic_feed.parse(body)
    assert (len(entries), rejected) == (1, [])
    return entries[0]


# Feeds of all kinds


def test_biorxiv() -> None:
    assert sample("biorxiv.rdf")[0] == Entry(
        title="Words of a fungus, in a row.",
        abstract="The first paragraph of two.\n\nThe second one.",
        authors=("A. LOVELACE", "G. B. Hopper", "The Words Consortium", "J.-P. O'Doe"),
        version=2,
        doi="10.1101/2025.03.12.600001",
        announced_on=date(2025, 3, 14),
        submitted_at=datetime(2025, 3, 14, tzinfo=UTC),
        abstract_url="http://biorxiv.org/cgi/content/short/2025.03.12.600001v2",
        extra={"keywords": ["genomics"]},
    )


def test_a_withdrawal_on_medrxiv() -> None:
    gone = sample("biorxiv.rdf")[1]
    assert (gone.doi, gone.version) == ("10.64898/2025.03.12.25300002", 1)
    assert (gone.withdrawn, gone.authors) == (True, ("J. Doe",))


def test_pubmed() -> None:
    assert sample("journals.xml")[0] == Entry(
        title="As PubMed writes: H_{2}O in E. coli",
        abstract="BACKGROUND: We drink water, as far as we could find out by looking.\n\n"
        "RESULTS: It is wet [see doi:10.1000/other.2].",
        authors=("Ada Lovelace", "Grace B Hopper"),
        doi="10.1000/pubmed.1",
        identifiers=(("pmid", "30000001"),),
        guid="pubmed:30000001",
        announced_on=date(2025, 3, 14),
        submitted_at=datetime(2025, 3, 14, 10, tzinfo=UTC),
        abstract_url="https://pubmed.ncbi.nlm.nih.gov/30000001/",
        journal_ref="Journal of words",
    )


def test_sciencedirect_tells_all_in_its_description() -> None:
    assert sample("journals.xml")[1] == Entry(
        title="As ScienceDirect writes: Words & deeds",
        authors=("Ada Lovelace", "Grace Hopper"),
        identifiers=(("pii", "S0000000025000017"),),
        abstract_url="https://www.sciencedirect.com/science/article/pii/S0000000025000017",
        journal_ref="Words, Volume 7",
    )


def test_oxford() -> None:
    oxford = sample("journals.xml")[2]
    assert (oxford.doi, oxford.abstract) == ("10.1093/words/w1", "With > 3 species of Verba.")
    assert oxford.authors == ("A. Lovelace", "G. B. Hopper", "M. de Souza")
    assert oxford.abstract_url == "https://academic.oup.com/words/article/7/1/1/6000001"
    assert oxford.announced_on is None  # a moment, not a day


def test_taylor_and_francis() -> None:
    journal = sample("journals.xml")[3]
    assert (journal.doi, journal.abstract) == ("10.1080/00000000.2025.1", "")
    assert journal.journal_ref == "Words and Deeds 7 (1-2), 1-9"


def test_cambridge() -> None:
    cambridge = sample("journals.xml")[4]
    assert cambridge.doi == "10.4039/words.2025.3"
    assert cambridge.abstract == "One <think>.\n\nTwo\n\nthree."
    assert cambridge.authors == ("Ada Lovelace", "Grace B. Hopper")
    assert cambridge.announced_on == date(2025, 3, 11)
    assert cambridge.extra == {"media": ["https://dx.doi.org/figure.png"]}  # and no pixel


def test_a_lab_that_links_to_arxiv() -> None:
    assert sample("lab_atom.xml")[0] == Entry(
        title="Our new paper",
        abstract="Read it, or the PDF.",
        authors=("Ada Lovelace",),
        arxiv_id="2503.10001",  # and no version: the text is not arXiv's
        guid="tag:lab.example.org,2025:1",
        primary_category="cs.CL",
        categories=("cs.CL",),
        submitted_at=datetime(2025, 3, 14, 8, tzinfo=UTC),
        updated_at=datetime(2025, 3, 14, 12, tzinfo=UTC),
        abstract_url="https://arxiv.org/abs/2503.10001",
        pdf_url="https://arxiv.org/pdf/2503.10001",
        extra={"keywords": ["release"]},
    )


def test_a_reading_list_is_not_one_of_its_papers() -> None:
    reading = sample("lab_atom.xml")[1]
    assert (reading.arxiv_id, reading.version) == ("", None)
    assert reading.abstract_url == "https://lab.example.org/blog/reading.html"


def test_openreview() -> None:
    review = sample("lab_atom.xml")[2]
    assert review.identifiers == (("openreview", "AbCdEf123_"),)
    assert review.pdf_url == "https://openreview.net/pdf?id=AbCdEf123_"


def test_words_alone_make_an_entry_but_no_title_makes_none() -> None:
    parsed = generic_feed.parse((FEEDS / "lab_atom.xml").read_bytes())
    words = parsed.entries[3]
    assert words == Entry(
        title="Nothing but words", guid="urn:uuid:60a76c80-d399-11d9-b93C-0003939e0af6"
    )
    assert [scheme for scheme, _ in aliases(title=words.title)] == ["hash"]
    (untitled,) = parsed.rejected
    assert (untitled.index, untitled.reason) == (4, "no title: 'https://lab.example.org/untitled'")


@pytest.mark.parametrize("name", ["arxiv_rss.xml", "arxiv_atom.xml", "arxiv_api.xml"])
def test_what_arxiv_wrote_is_read_as_arxivs(name: str) -> None:
    body = (FEEDS / name).read_bytes()
    parsed = generic_feed.parse(body)
    theirs = arxiv.parse(body).entries
    assert [entry for entry in parsed.entries if entry.arxiv_id] == theirs


@pytest.mark.parametrize("name", ["arxiv_api_error.xml", "arxiv_feed_error.xml"])
def test_an_error_of_arxiv_is_no_paper(name: str) -> None:
    with pytest.raises(ParseError):
        generic_feed.parse((FEEDS / name).read_bytes())


# Where ids hide

ABS = "https://arxiv.org/abs/2503.10001"


@pytest.mark.parametrize(
    ("elements", "found"),
    [
        ({"dc_identifier": "doi:10.1000/A.b"}, "doi:10.1000/a.b"),
        ({"dc_identifier": "10.1000/a"}, "doi:10.1000/a"),
        ({"dc_identifier": "info:doi/10.1000/a"}, "doi:10.1000/a"),
        ({"dc_identifier": "https://doi.org/10.48550/arXiv.2503.10001"}, "arxiv:2503.10001"),
        ({"dc_identifier": "arXiv:2503.10001v3"}, "arxiv:2503.10001"),
        ({"dc_identifier": "2503.10001"}, ""),  # just a number
        ({"prism_doi": "10.1000/a", "dc_identifier": "doi:10.1000/other"}, "doi:10.1000/a"),
        ({"guid": "10.1371/journal.pone.1"}, "doi:10.1371/journal.pone.1"),
        ({"guid": "http://dx.doi.org/10.1000/a"}, "doi:10.1000/a"),
        ({"guid": "oai:library.example.org:7", "link": ABS}, "arxiv:2503.10001"),
        ({"link": f"{ABS}v2"}, "arxiv:2503.10001"),
        ({"link": "https://arxiv.org/abs/hep-th/9901001"}, "arxiv:hep-th/9901001"),
        ({"link": "https://huggingface.co/papers/2503.10001"}, "arxiv:2503.10001"),
        ({"link": "https://onlinelibrary.wiley.com/doi/abs/10.1002/a.1?af=R"}, "doi:10.1002/a.1"),
        ({"link": "https://www.science.org/doi/full/10.1126/sci.abc"}, "doi:10.1126/sci.abc"),
        ({"link": "https://pubs.acs.org/doi/10.1021/acs.1c0/pdf"}, "doi:10.1021/acs.1c0"),
        ({"link": "https://link.springer.com/article/10.1007%2Fs1-2"}, "doi:10.1007/s1-2"),
        ({"link": "https://iopscience.iop.org/article/10.1088/1-6/a/meta"}, "doi:10.1088/1-6/a"),
        (
            {"link": "https://academic.oup.com/m/article/doi/10.1093/mnras/s1/6123456?rss=1"},
            "doi:10.1093/mnras/s1",
        ),
        (
            {"link": "https://www.biorxiv.org/content/10.1101/2025.03.12.600001v2.full"},
            "doi:10.1101/2025.03.12.600001",
        ),
        ({"link": "https://openreview.net/forum?id=AbCdEf123"}, "openreview:AbCdEf123"),
        ({"link": "https://openreview.net/pdf?id=AbCdEf123"}, "openreview:AbCdEf123"),
        ({"guid": "pubmed:30000001"}, "pmid:30000001"),
        ({"link": "https://example.org/2503.10001"}, ""),
        ({"link": "https://example.org/10.1000"}, ""),
    ],
)  # fmt: skip
def test_ids_in_fields_and_addresses(elements: dict[str, str], found: str) -> None:
    entry = only(item(**elements))
    known = [("arxiv", entry.arxiv_id), ("doi", entry.doi), *entry.identifiers]
    assert [f"{scheme}:{value}" for scheme, value in known if value] == ([found] if found else [])


@pytest.mark.parametrize(
    ("text", "arxiv_id", "doi"),
    [
        ("See arXiv:2503.10001v2.", "2503.10001", ""),
        ("See (arxiv: hep-th/9901001).", "hep-th/9901001", ""),
        ("At https://arxiv.org/pdf/2503.10001v1.pdf", "2503.10001", ""),
        ("doi: 10.1000/a.b. Online.", "", "10.1000/a.b"),
        ("(https://doi.org/10.1000/a(1)b)", "", "10.1000/a(1)b"),
        ("https://doi.org/10.48550/arXiv.2503.10001.", "2503.10001", ""),
        ("arXiv:2503.10001, doi:10.1000/a", "2503.10001", "10.1000/a"),
        ("arXiv:2503.10001 and again arXiv:2503.10001v3", "2503.10001", ""),
        ("arXiv:2503.10001 and arXiv:2503.10002", "", ""),
        ("10.1000/a, 10.1000/b", "", ""),
        ("Version 10.1000 of 2503.10001", "", ""),
        ('<a href="https://doi.org/10.1000/x">here</a>', "", "10.1000/x"),
        ('<a href=https://arxiv.org/abs/2503.10001>here</a> <a href="/b">b</a>', "2503.10001", ""),
    ],
)
def test_the_only_id_in_a_text_is_the_papers(text: str, arxiv_id: str, doi: str) -> None:
    entry = only(item(text, link="https://example.org/post"))
    assert (entry.arxiv_id, entry.doi) == (arxiv_id, doi)


def test_a_doi_of_a_reference_does_not_outdo_one_that_is_stated() -> None:
    entry = only(item("As in doi:10.1000/other and arXiv:2503.10002.", prism_doi="10.1000/own"))
    assert (entry.doi, entry.arxiv_id) == ("10.1000/own", "")


@pytest.mark.parametrize("order", [1, -1])
def test_of_several_identifiers_each_is_read(order: int) -> None:
    two = ["<dc:identifier>pmid:7</dc:identifier>", "<dc:identifier>doi:10.1000/a</dc:identifier>"]
    body = item().replace(b"</item>", "".join(two[::order]).encode() + b"</item>")
    entry = only(body)
    assert (entry.doi, entry.identifiers) == ("10.1000/a", (("pmid", "7"),))


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("https://e.org/a?utm_source=x&amp;id=7&amp;rss=1", "https://e.org/a?id=7"),
        ("https://e.org/a?id=a%20b", "https://e.org/a?id=a%20b"),
        ("/post/1", "https://c.example.org/post/1"),
        ("post/1", "https://c.example.org/a/post/1"),
        ("//e.org/a", "https://e.org/a"),
        ("javascript:alert(1)", ""),
        ("ftp://e.org/a", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_links_are_whole_clean_and_of_the_web(link: str, kept: str) -> None:
    assert only(item(link=link)).abstract_url == kept


# Text


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("plain, <think> and a<b and c > d", "plain, <think> and a<b and c > d"),
        ("R&amp;D &lt; 5 &nbsp; &mdash; done", "R&D < 5 — done"),
        ("One\nline.\n\nTwo.", "One line.\n\nTwo."),
        ("<p>One\n\nline.</p><p>Two.</p>", "One line.\n\nTwo."),
        ("<div>One<br/>line.<br><br>Two.</div>", "One line.\n\nTwo."),
        ("<ul><li>a<li>b</ul>", "a\n\nb"),
        ("<td>a</td><td>b</td>", "a b"),
        ("<i>in</i>side", "inside"),
        ("x<sup>2</sup> CO<sub class='a'>2</sub>", "x^{2} CO_{2}"),
        ("<sup><a href='#1'>1</a></sup>x", "^{1}x"),
        ("Ca<sup><i>2+</i></sup>, x<sub>i<sup>2</sup></sub>", "Ca^{2+}, x_{i^{2}}"),
        ("a<sup>never closed", "anever closed"),
        ("<sup><p>a</p></sup>, <sub>{</sub>, <sub></sub>", "^{a}, {,"),
        ("<script>alert(1)</script><p>T</p>", "T"),
        ("<style>p {}</style>T<script>never closed", "T"),
        ("<p>a<!-- <b>hidden</b> -->b<!-- open", "ab"),
        ('<img alt="a > b" src="x" onerror="alert(1)">T', "T"),
        ("<p>don't <b>mind 'quotes'</b></p>", "don't mind 'quotes'"),
        ("<p>a</p><a href='never closed", "a"),
        ("<jats:p>One</jats:p><jats:p><jats:italic>Two</jats:italic></jats:p>", "One\n\nTwo"),
        ("<mml:math><mml:mi>x</mml:mi></mml:math><svg><text>no</text></svg>", "$x$"),
        ("&lt;i&gt;Twice&lt;/i&gt; escaped &amp;amp; read", "Twice escaped & read"),
        ("<p>One</p><p>p&lt;0.05 &lt;i>x&lt;/i> y</p>", "One\n\np<0.05 x y"),
        ("&lt;script&gt;alert(1)&lt;/script&gt; <b>T</b>", "<script>alert(1)</script> T"),
        ("", ""),
    ],
)
def test_html_becomes_text(html: str, expected: str) -> None:
    assert html_text.read(html).text == expected


@pytest.mark.parametrize(
    ("mathml", "tex", "plain"),
    [
        ("<mi>β</mi>", "$β$", "β"),
        ("<mn>38</mn>", "38", "38"),
        ("<mfrac><mn>1</mn><mn>2</mn></mfrac>", "$\\frac{1}{2}$", "1/2"),
        (
            "<mmultiscripts><mi>Ca</mi><mprescripts/><none/><mn>38</mn></mmultiscripts>",
            "${}^{38}\\mathrm{Ca}$",
            "³⁸Ca",
        ),
        (
            "<msqrt><msub><mi>s</mi><mrow><mi>N</mi><mi>N</mi></mrow></msub></msqrt>",
            "$\\sqrt{s_{NN}}$",
            "√(s_NN)",
        ),
        ("<msup><mn>10</mn><mrow><mo>−</mo><mn>3</mn></mrow></msup>", "$10^{-3}$", "10⁻³"),
        (
            "<msubsup><mi>B</mi><mi>s</mi><mn>0</mn></msubsup><mo>&rarr;</mo><mi>X</mi>",
            "$B_{s}^{0}→X$",
            "B_s⁰→X",
        ),
        (
            "<msup><mrow><mo>(</mo><mi>a</mi><mo>)</mo></mrow><mn>2</mn></msup><mo>&lt;</mo>",
            "${(a)}^{2}<$",
            "(a)²<",
        ),
        ("<mroot><mi>x</mi><mn>3</mn></mroot>", "$\\sqrt[3]{x}$", "³√x"),
        ("<mover><mi>x</mi><mo>¯</mo></mover>", "$\\bar{x}$", "x̄"),
        ("<munder><mi>y</mi><mo>_</mo></munder>", "$\\underline{y}$", "y"),
        (
            "<munder><mi>lim</mi><mi>n</mi></munder><mo>&af;</mo><mi>x</mi>",
            "$\\lim_{n}x$",
            "lim_nx",
        ),
        (
            "<munderover><mo>∑</mo><mi>i</mi><mi>n</mi></munderover>",
            "$∑_{i}^{n}$",
            "∑_i^n",
        ),
        ('<mfenced open="["><mi>a</mi><mi>b</mi></mfenced>', "$\\left[a,b\\right)$", "[a,b)"),
        (
            "<mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr></mtable>",
            "$\\begin{matrix}a & b\\end{matrix}$",
            "a b",
        ),
        ('<mfrac bevelled="true"><mi>a</mi><mi>b</mi></mfrac>', "$a/b$", "a/b"),
        ('<mi mathvariant="double-struck">R</mi>', "$\\mathbb{R}$", "ℝ"),
        ("<mi>x</mi><mtext>if 5% &amp; more</mtext>", None, "xif 5% & more"),
        (
            '<semantics><mi>?</mi><annotation encoding="application/x-tex">'
            "{\\displaystyle \\alpha _{1}}</annotation></semantics>",
            "$\\alpha _{1}$",
            "α ₁",
        ),
        ("<mi>never <mo>closed", None, "neverclosed"),
        ("</mi></mrow><mfrac/><msub></msub><mmultiscripts/>", None, "/"),
        ("", "", ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("prefix", ["", "mml:"])
def test_mathml_becomes_tex(mathml: str, tex: str | None, plain: str, prefix: str) -> None:
    named = re.sub(r"<(/?)(?=[a-z])", rf"<\1{prefix}", f"<math>{mathml}</math>")

    read = html_text.read(named).text

    assert tex is None or read == tex
    assert text.plain(read) == plain
    assert "<code" not in text.html(read)


def test_pictures_that_a_feed_names_come_before_those_of_its_text() -> None:
    rss = """<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel>
    <link>https://lab.example/</link><item><title>T</title><link>https://lab.example/1</link>
    <description>&lt;img src="/in-text.png"&gt;</description>
    <media:thumbnail url="https://lab.example/thumb.png"/>
    <media:content url="/film.mp4" type="video/mp4"/>
    <media:content url="/moss.png" type="image/png"/>
    <media:content url="/fern" medium="image"/>
    <enclosure url="https://lab.example/talk.mp3" type="audio/mpeg" length="1"/>
    <enclosure url="javascript:alert(1)" type="image/png" length="1"/>
    <enclosure url="https://lab.example/leaf.jpg" type="image/jpeg" length="1"/>
    </item></channel></rss>"""
    names = ["moss.png", "fern", "leaf.jpg", "thumb.png", "in-text.png"]
    media = [f"https://lab.example/{name}" for name in names]
    assert only(rss.encode()).extra["media"] == media


def test_links_and_pictures_of_html() -> None:
    html = (
        '<a href="/a?x=1&amp;y=2">a</a><a HREF=b>b</a><a href="javascript:x">c</a>'
        '<img width=10 src="p.png"><img src="x.gif" height="0"><img data-src="no.png">'
    )
    found = html_text.read(html, "https://e.org/d/")
    assert found.links == ("https://e.org/a?x=1&y=2", "https://e.org/d/b")
    assert found.images == ("https://e.org/d/p.png",)


POWER = (
    '<mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:msup><mml:mn>10</mml:mn>'
    "<mml:mn>6</mml:mn></mml:msup></mml:math>"
)
HALF = "<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        (escape(f"At {POWER} spin-{HALF} chains"), "At 10⁶ spin-1/2 chains"),
        (f"<![CDATA[At {POWER} spin-{HALF} chains]]>", "At 10⁶ spin-1/2 chains"),
        (f"At {POWER} spin-{HALF} chains", "At 10⁶ spin-1/2 chains"),  # not escaped at all
        (escape(escape(f"At {POWER} spin-{HALF}")), "At 10⁶ spin-1/2"),
        (escape("CO<sub>2</sub>, Ca<sup><i>2+</i></sup>, <em>E. coli</em>"), "CO₂, Ca²⁺, E. coli"),
        (escape("x<sub>max</sub><sup>2</sup>"), "x_max²"),
        (escape(escape("<i>Twice</i> escaped &amp; read")), "Twice escaped & read"),
        (
            "Bounds on $$L^p$$ of $$\\bar{\\partial }$$ in $${\\mathbb {C}}^2$$",
            "Bounds on L^p of ∂̄ in ℂ²",
        ),
        ("It costs $5 to $10", "It costs $5 to $10"),
    ],
)
def test_markup_and_formulas_in_titles_are_read_as_meant(title: str, expected: str) -> None:
    assert only(item(title=title)).title_text == expected


@pytest.mark.parametrize(
    ("text", "abstract"),
    [
        ("Abstract: We do.", "We do."),
        ("Abstract\n\nWe do.", "We do."),
        ("J Words. 2025.\n\nABSTRACT\n\nWe do.\n\nPMID:7 | DOI:10.1/a", "We do."),
        ("arXiv:2503.10001v1 Announce Type: new Abstract: We do.", "We do."),
        ("Authors: A, B\n\nUpvotes: 2\n\nSummary: We do.", "We do."),
        ("NO ABSTRACT", ""),
        ("No abstract available.", ""),
        ("Summary\n\nWe do.\n\nSummary\n\nDone.", "We do.\n\nSummary\n\nDone."),
        ("We abstract: yes.", "We abstract: yes."),
        ("The post A appeared first on B.", ""),
        ("a" * 5_000 + "\n\n" + "b" * 5_000, "a" * 5_000),
        ("a" * 9_000, "a" * 9_000),
    ],
)
def test_boilerplate(text: str, abstract: str) -> None:
    assert abstracts.strip(text).text == abstract


def test_a_summary_cut_short_gives_way_to_the_whole() -> None:
    cut = only(item("We do…", content_encoded="&lt;p>We do, at length.&lt;/p>"))
    whole = only(item("We do.", content_encoded="&lt;p>A whole article, at length.&lt;/p>"))
    assert (cut.abstract, whole.abstract) == ("We do, at length.", "We do.")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["Ada Lovelace", "Grace Hopper"], ("Ada Lovelace", "Grace Hopper")),
        (["Ada Lovelace, Grace Hopper and C. Doe"], ("Ada Lovelace", "Grace Hopper", "C. Doe")),
        (["LOVELACE, A., Hopper, G. B., O'D, J.-P."], ("A. LOVELACE", "G. B. Hopper", "J.-P. O'D")),
        (["Roe, J., Jr., The X Consortium, Doe, K."], ("J. Roe Jr.", "The X Consortium", "K. Doe")),
        (["Lovelace A, de Souza GB, et al. "], ("A. Lovelace", "G. B. de Souza")),
        (["Lovelace, Ada"], ("Ada Lovelace",)),
        (["da Rocha, Roldao"], ("Roldao da Rocha",)),
        (["Lovelace, Ada", "Hopper, G. B."], ("Ada Lovelace", "G. B. Hopper")),
        (["Lovelace, Ada; Hopper, Grace"], ("Ada Lovelace", "Grace Hopper")),
        (["Lovelace A.B.; Hopper G."], ("A.B. Lovelace", "G. Hopper")),
        (["Lovelace A.B."], ("A.B. Lovelace",)),
        (["Sam A"], ("Sam A",)),
        (["Ada Lovelace, PhD"], ("Ada Lovelace",)),
        (["Ada Lovelace MD PhD", "Grace Hopper, M.D."], ("Ada Lovelace", "Grace Hopper")),
        (["Dr. Roe, Ada; Prof. Doe, Ben", "Poe, C., PhD"], ("Ada Roe", "Ben Doe", "C. Poe")),
        (["Md Rahman", "Ada MD Halim"], ("Md Rahman", "Ada MD Halim")),
        (["Dr. Ada Lovelace", "Prof. Dr. G. Hopper"], ("Ada Lovelace", "G. Hopper")),
        (["<span>Ada Lovelace</span>", "Gr&auml;ce Hopper"], ("Ada Lovelace", "Gräce Hopper")),
        (["Ada Roe<sup>1,2</sup>, Grace Hopper<sup>*</sup>"], ("Ada Roe", "Grace Hopper")),
        (["A. Roe$^{1}$, C. Doe$^{2,3}$, E. Poe^{\\dagger}"], ("A. Roe", "C. Doe", "E. Poe")),
        (["Ada Lovelace1,2, Grace Hopper2*"], ("Ada Lovelace", "Grace Hopper")),
        (["Ada Roe†", "Grace Hopper²", "C\\^{o}te"], ("Ada Roe", "Grace Hopper", "C\\^{o}te")),
        (["Ada Roe (MIT)", "By Ben Doe (Univ. of X)"], ("Ada Roe", "Ben Doe")),
        (["Ben (Benny) Marsh", "Wei Li (李伟)"], ("Ben (Benny) Marsh", "Wei Li (李伟)")),
        (["Ada Lovelace and 12 others"], ("Ada Lovelace",)),
        (["A. Roe (0000-0001-2345-678X), B. Doe"], ("A. Roe", "B. Doe")),
        (["A. Roe https://orcid.org/0000-0001-2345-6789"], ("A. Roe",)),
        (["['Ada Lovelace', \"Grace O'Hopper\"]"], ("Ada Lovelace", "Grace O'Hopper")),
        (["['Ada Lovelace' 'Grace Hopper']"], ("Ada Lovelace", "Grace Hopper")),
        (["BIG and SMALL Collaborations"], ("BIG Collaboration", "SMALL Collaboration")),
        (
            ["BIG, MID and SMALL Collaborations"],
            ("BIG Collaboration", "MID Collaboration", "SMALL Collaboration"),
        ),
        (
            ["A. Roe, B. Doe, the Two Stars and SMALL Collaborations"],
            ("A. Roe", "B. Doe", "the Two Stars Collaboration", "SMALL Collaboration"),
        ),
        (["Ages and Stages Collaboration"], ("Ages and Stages Collaboration",)),
        (["A. Roe for the B Collaboration"], ("A. Roe", "B Collaboration")),
        (["A. Roe, on behalf of the Big Team"], ("A. Roe", "Big Team")),
        (["LOVELACE A, HOPPER G"], ("A. LOVELACE", "G. HOPPER")),
        (["Wang Xi, Li Y"], ("Wang Xi", "Li Y")),
        (["R. van 't Hoff", "A. 'Ace' Roe", "GPT-5"], ("R. van 't Hoff", "A. 'Ace' Roe", "GPT-5")),
        (["Zhang San, Li Si, Wang Wu"], ("Zhang San", "Li Si", "Wang Wu")),
        (["J. Doe, University of X", "A. Roe, MIT"], ("J. Doe, University of X", "A. Roe, MIT")),
        (["Ada Lovelace <ada@example.org>"], ("Ada Lovelace",)),
        (["ada@example.org"], ()),
        ([], ()),
        ([""], ()),
        (["a" * 70_000], ("a" * 300,)),
    ],
)  # fmt: skip
def test_authors_in_all_styles(written: list[str], read: tuple[str, ...]) -> None:
    assert author_names.from_elements(written) == read


@pytest.mark.parametrize("domain", ["example.org", "journal.science", "lab.academy", "e.xn--p1ai"])
def test_authors_with_mail_addresses(domain: str) -> None:
    for author in (
        f"ada@{domain} (Ada Lovelace)",
        f"Ada Lovelace &lt;ada@{domain}>",
        f"Ada Lovelace (ada@{domain})",
        f"Ada Lovelace, ada@{domain}",
    ):
        assert only(item(author=author)).authors == ("Ada Lovelace",)
    two = only(item(author=f"noreply@{domain} (Ada Lovelace and Grace Hopper)"))
    assert two.authors == ("Ada Lovelace", "Grace Hopper")
    assert only(item(author=f"rss-help@{domain}")).authors == ()


# Hostile ones

BOMBS = {
    "depth": "<div>" * 20_000,
    "comments": "<!--" * 50_000,
    "tags": "<a " * 30_000,
    "quotes": "<a b=\"<a b='" * 10_000,
    "attributes": "<a " + "= " * 30_000,
    "css": '<p style="' + "url(" * 20_000 + '">',
    "scripts": "<script>" * 10_000,
    "sups": "<sup>" * 15_000,
    "formatting": "<b><i>" * 12_000 + "x</b>",
    "entities": "&" * 60_000,
    "dois": "10.1000/a " * 6_000,
    "arxiv": "arxiv:" * 10_000,
    "preprints": "https://biorxiv.org/" + "1v" * 900,
    "labels": "Source: \n\n" * 6_000,
    "posts": "The post " * 7_000,
    "spaces": " \n" * 30_000 + "x",
    "images": "<img src=a>" * 6_000,
}


MARKUP_BOMBS = {
    "math": "<math>" * 10_000,
    "fractions": "<math>" + "<mfrac>" * 2_500,
    "formulas": "<math><mfrac></math>" * 3_000,
    "mathml ends": "<math>" + "<mi>" * 30 + "</mi>" * 3_000,
    "scripts in scripts": "<sub><sup>x" * 6_000,
    "escaped": "&amp;" * 12_000 + "<b>",
    "names and": "a and " * 12_000 + "b Collaboration",
    "collaborations": "a, " * 15_000 + "b Collaborations",
    "degrees": "A PhD" * 9_000,
    "python lists": "['" + "\\" * 30_000 + "']",
    "quotes in lists": "['a' " * 12_000 + "]",
    "orcids": "0000-0000-" * 6_000,
    "still escaped": "&lt;b> &lt;i> " * 4_600 + "<b>",
}


@pytest.mark.parametrize(
    "bomb",
    [*BOMBS.values(), *every_nth(3, MARKUP_BOMBS.values())],
    ids=[*BOMBS, *MARKUP_BOMBS],
)
@pytest.mark.sweep
def test_no_text_takes_long(bomb: str) -> None:
    began = time.monotonic()
    only(item(bomb, content_encoded=escape(bomb), author=escape(bomb), link=escape(bomb[:1_900])))
    assert time.monotonic() - began < 12  # seconds: a blow-up would take minutes


@given(st.text(alphabet="<>/=\"'&;!-abp sup:1.v\n", max_size=200))
def test_markup_never_fails_and_leaves_no_tag(html: str) -> None:
    read = html_text.read(f"<p>{html}</p>")
    assert "</p>" not in read.text or "&" in html or "<" in html
    assert read.text == read.text.strip()


MATHML_PIECES = [
    *("<mi>", "</mi>", "<mo>", "</mo>", "<mn>1</mn>", "<mtext>", "</mtext>", "<mrow>", "</mrow>"),
    *("<mfrac>", "</mfrac>", "<msup>", "</msup>", "<mover>", "<munder>", "</munder>", "<msqrt>"),
    *("<mmultiscripts>", "<mprescripts/>", "<none/>", "</mmultiscripts>", "<mtable>", "<mtr>"),
    *(
        "<mtd>",
        "</mtr>",
        "</mtable>",
        '<mfenced open="{">',
        "</mfenced>",
        "<mspace/>",
        "<semantics>",
    ),
    *("<annotation encoding='TeX'>", "</annotation>", "<mroot>", "</mroot>", "<sub>", "</sup>"),
    *("x", "β", "{", "}", "$", "\\", "%", "&amp;", "&lt;script&gt;", "<!--", "^", "_", " ", "-->"),
]


@given(st.lists(st.sampled_from(MATHML_PIECES), max_size=30).map("".join))
def test_whatever_mathml_comes_its_tex_is_text_and_safe(mathml: str) -> None:
    read = html_text.read(f"a <math>{mathml}</math> b").text

    assert read.startswith("a")
    assert "<script" not in text.html(read)
    assert text.plain(read)


@pytest.mark.slow
@given(st.binary(max_size=400))
def test_no_bytes_do_more_than_a_parse_error(noise: bytes) -> None:
    for body in (noise, item().replace(b"T</title>", b"T" + noise + b"</title>")):
        try:
            generic_feed.parse(body)
        except ParseError as error:
            assert str(error)


# In bulk


@pytest.mark.parametrize(
    ("name", "entries", "refused"),
    [
        ("biorxiv.rdf", 2, 0),
        ("journals.xml", 5, 0),
        ("lab_atom.xml", 4, 1),
        ("arxiv_api.xml", 2, 1),
        ("oai_arxiv.xml", 2, 2),
        ("oai_dc.xml", 3, 0),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.processes
def test_a_file_is_known_by_its_content(
    db: None, tmp_path: Path, name: str, entries: int, refused: int, encoding: str
) -> None:
    declared = encoding.removesuffix("-sig")
    words = (FEEDS / name).read_text().replace("UTF-8", declared, 1).replace("utf-8", declared, 1)
    path = tmp_path / "paper.gz"
    path.write_bytes(gzip.compress(words.encode(encoding)))
    for new in (entries, 0):
        batches = list(bulk_import.run(path, now=datetime(2025, 3, 15, tzinfo=UTC), listed=False))
        assert sum(batch.entries for batch in batches) == entries
        assert sum(batch.new for batch in batches) == new
        assert sum(len(batch.refused) for batch in batches) == refused


# Real captures


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "entries", "ids", "authors", "abstracts", "journals", "days"),
    [
        ("biorxiv_genomics_rss1.xml", 1, {"doi": 1}, 1, 1, 0, 1),
        ("cambridge_atom.xml", 15, {"doi": 15}, 13, 13, 15, 15),
        ("hf_daily_papers_thirdparty_rss2.xml", 11, {"arxiv": 11}, 11, 11, 0, 0),
        ("oup_rss2.xml", 5, {"doi": 5}, 5, 5, 0, 0),
        ("pubmed_search_rss2.xml", 15, {"doi": 15, "pmid": 15}, 15, 15, 15, 15),
        # ScienceDirect gives neither DOI nor abstract, and one item has no authors.
        ("sciencedirect_rss2.xml", 36, {"pii": 36}, 35, 0, 36, 0),
        ("tandfonline_rss1.rdf", 5, {"doi": 5}, 5, 0, 5, 0),
    ],
)
def test_the_real_captures(
    shared_data: Path,
    name: str,
    entries: int,
    ids: dict[str, int],
    authors: int,
    abstracts: int,
    journals: int,
    days: int,
) -> None:
    parsed = generic_feed.parse((shared_data / "other_feeds" / name).read_bytes())
    found = parsed.entries
    assert (len(found), parsed.rejected) == (entries, [])
    schemes = [
        scheme
        for entry in found
        for scheme, value in (
            ("arxiv", entry.arxiv_id),
            ("doi", entry.doi),
            *entry.identifiers,
        )
        if value
    ]
    assert {scheme: schemes.count(scheme) for scheme in schemes} == ids
    assert sum(bool(entry.authors) for entry in found) == authors
    assert sum(bool(entry.abstract) for entry in found) == abstracts
    assert sum(bool(entry.journal_ref) for entry in found) == journals
    assert sum(bool(entry.announced_on) for entry in found) == days
    assert len({alias for entry in found for alias in _aliases(entry)[:1]}) == entries
    for entry in found:
        assert entry.abstract_url.startswith(("http://", "https://"))
        assert not any("<" in text or "&" in text for text in entry.authors)
        assert "</" not in entry.title + entry.abstract


def _aliases(entry: Entry) -> list[tuple[str, str]]:
    return aliases(
        arxiv_id=entry.arxiv_id,
        doi=entry.doi,
        identifiers=entry.identifiers,
        link=entry.abstract_url,
        title=entry.title,
    )
