"""Feeds with broken references, odd encodings and DTDs are read, or refused with one reason."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.sources import IncompleteAnswer, ParseError, feed_markup, parsers
from tests.factories import MARCH_14, a_paper


def rss(*titles: str, before: str = "") -> str:
    items = "".join(
        f"<item><title>{title}</title><link>http://j.example/{n}</link></item>"
        for n, title in enumerate(titles)
    )
    return f'{before}<rss version="2.0"><channel><title>J</title>{items}</channel></rss>'


def titles(body: str | bytes) -> list[str]:
    octets = body.encode() if isinstance(body, str) else body
    whole = parsers.parse("feed", octets).entries
    assert list(parsers.stream("feed", octets)) == whole
    return [entry.title for entry in whole]


@pytest.mark.parametrize(
    "written, read",
    [
        ("R&D probe", "R&D probe"),
        ("R&amp;D probe", "R&D probe"),
        ("Q&A; x&y=1, AT&T & more", "Q&A; x&y=1, AT&T & more"),
        ("caf&eacute;&nbsp;&mdash; walls", "café — walls"),
        ("<![CDATA[R&D <i>and</i> &amp; more]]>", "R&D and & more"),
        ("Bad &#x110000; one", "Bad � one"),
        ("Bad &#99999999999999; one", "Bad � one"),
        ("Bad &#xD800; one", "Bad � one"),
        ("Bad &#0;&#1; one", "Bad one"),
        ("Good &#8722;1 &#x3b1;", "Good −1 α"),
    ],
)
def test_reference_is_read_as_its_author_meant(written, read):
    assert titles(rss(written, "Next one")) == [read, "Next one"]


def test_address_with_bare_ampersands_is_whole():
    body = rss("A").replace("http://j.example/0", "http://j.example/v?id=1&copy=2&page=3")

    assert (
        parsers.parse("feed", body.encode()).entries[0].abstract_url.endswith("?id=1&copy=2&page=3")
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32-le", "utf-8-sig"])
@pytest.mark.parametrize("declaration", ["", '<?xml version="1.0" encoding="UTF-16"?>'])
def test_encoding_is_known_by_the_first_bytes(encoding, declaration):
    if encoding == "utf-8-sig":
        declaration = declaration.replace("UTF-16", "UTF-8")

    assert titles(rss("Café & <b>R&D</b>", before=declaration).encode(encoding)) == ["Café & R&D"]


def test_declared_encoding_holds():
    body = rss("Café R&D", before='<?xml version="1.0" encoding="iso-8859-1"?>')

    assert titles(body.encode("latin-1")) == ["Café R&D"]


@pytest.mark.parametrize(
    "declared, written, read",
    [
        (r'<!ENTITY path "C:\data">', "Doctype &path; probe", r"Doctype C:\data probe"),
        ("<!ENTITY uni 'University'>", "At &uni;", "At University"),
        ('<!ENTITY bomb "&lol;">', "Not &used; here", "Not &used; here"),
    ],
)
def test_short_texts_of_a_dtd_are_read(declared, written, read):
    assert titles(rss(written, before=f"<!DOCTYPE rss [\n{declared}\n]>\n")) == [read]


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY a "aaaa"><!ENTITY x "&a;&a;&a;&a;&a;&a;&a;&a;">',
        '<!ENTITY x SYSTEM "file:///etc/passwd">',
        '<!ENTITY x PUBLIC "-//X" "http://127.0.0.1/x">',
        f'<!ENTITY x "{"a" * 10_000}">',
        '<!ENTITY % p SYSTEM "http://127.0.0.1/x"> %p; <!ENTITY x "%p;">',
    ],
    ids=["bomb", "file", "address", "long", "parameter"],
)
def test_dtd_that_makes_texts_of_texts_or_files_is_an_error(declared):
    body = rss("Look: &x;", before=f"<!DOCTYPE rss [{declared}]>")

    with pytest.raises(ParseError, match="a DTD whose entity 'x'"):
        titles(body)


@pytest.mark.parametrize(
    "before", ["<!-- <!DOCTYPE -->", "<!-- a --><?x <!DOCTYPE ?> <!-- b -->", "<!doctype rss>"]
)
def test_what_only_looks_like_a_dtd_is_none(before):
    assert titles(rss("Maps <![CDATA[<!DOCTYPE]]>", before=before)) == ["Maps <!DOCTYPE"]


@pytest.mark.parametrize(
    "opened", ["<!--", '<!ENTITY a "', "<!ENTITY a '", "<!ENTITY a ", "[", "<?"]
)
def test_dtd_that_is_opened_a_million_times_is_refused_at_once(opened):
    """Were each read to the end of the body, this would take hours."""
    with pytest.raises(ParseError):
        feed_markup.mended(b"<!DOCTYPE rss [" + opened.encode() * 1_000_000)


def test_dtd_with_markup_and_comments_ends_where_it_ends():
    dtd = """<!DOCTYPE rss [<!-- it's ]> --><!ENTITY b "<b>]></b>"><!ENTITY u 'Uni'>]>"""

    assert titles(rss("At &u;", before=dtd)) == ["At Uni"]
    with pytest.raises(ParseError, match="does not end"):
        titles(rss("At", before='<!DOCTYPE rss [<!ENTITY b "'))


def test_many_references_to_one_text_are_an_error():
    body = rss("&x;" * 10_000, before=f'<!DOCTYPE rss [<!ENTITY x "{"a" * 150}">]>')

    with pytest.raises(ParseError, match="1 MB"):
        titles(body)


def test_doctype_without_texts_is_no_matter():
    netscape = '<!DOCTYPE rss PUBLIC "-//N//DTD RSS 0.91//EN" "http://n.example/rss.dtd">'

    assert titles(rss("Café &eacute;", before=netscape)) == ["Café é"]


@pytest.mark.parametrize("title", ["{}", r"$\,$", "{}{}", r"\,", "\u200b", "&#8203;"])
def test_title_of_which_nothing_is_seen_is_refused_alone(title):
    parsed = parsers.parse("feed", rss(title, "Next one").encode())

    assert [entry.title for entry in parsed.entries] == ["Next one"]
    assert "no title" in parsed.rejected[0].reason


@pytest.mark.slow
@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_a_reason(noise):
    for body in (
        noise,
        b"<rss><channel><item><title>" + noise + b"</title></item></channel></rss>",
    ):
        with suppress(ParseError):
            parsers.parse("feed", body)


@given(st.text("&#x;aD80 <![CDATA[]]>-!", max_size=80))
def test_mending_twice_is_mending_once(text):
    once = feed_markup.mended(f"<a>{text}</a>".encode())

    assert feed_markup.mended(once) == once


EMPTY = (
    '<feed xmlns="http://www.w3.org/2005/Atom"'
    ' xmlns:o="http://a9.com/-/spec/opensearch/1.1/"><title>Query</title>'
    "<o:totalResults>{total}</o:totalResults><o:startIndex>{start}</o:startIndex></feed>"
)


@pytest.mark.parametrize("kind", ["arxiv", "feed"])
def test_answer_that_promises_results_and_has_none_is_incomplete(kind):
    with pytest.raises(IncompleteAnswer, match="86,543 results"):
        parsers.parse(kind, EMPTY.format(total=86543, start=0).encode())

    for total, start in ((0, 0), (86543, 86543)):
        assert parsers.parse(kind, EMPTY.format(total=total, start=start).encode()).entries == []


# --- JSON Feed ---

JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Lab",
    "home_page_url": "http://lab.example/",
    "items": [
        {
            "id": "tag:1",
            "url": "http://lab.example/1?utm_source=x",
            "title": "R&D of <think>",
            "content_html": "<p>We think &amp; do.</p>",
            "date_published": "2025-11-19T08:00:00Z",
            "authors": [{"name": "Ann Quill"}, {"name": "Ben Marsh"}],
            "tags": ["cs.CL"],
            "attachments": [{"url": "http://lab.example/1.pdf", "mime_type": "application/pdf"}],
        },
        {
            "id": 2,
            "external_url": "https://arxiv.org/abs/2511.00001",
            "title": "Second",
            "content_text": "If a < b & c.",
            "author": {"name": "Ann Quill"},
            "image": "http://lab.example/moss.png",
            "banner_image": 5,
        },
        "no item",
    ],
}


def test_json_feed_is_read_as_any_other():
    parsed = parsers.parse("feed", json.dumps(JSON_FEED).encode())

    first, second = parsed.entries
    assert (first.title, first.abstract) == ("R&D of <think>", "We think & do.")
    assert (first.authors, first.guid) == (("Ann Quill", "Ben Marsh"), "tag:1")
    assert (first.abstract_url, first.pdf_url) == (
        "http://lab.example/1",
        "http://lab.example/1.pdf",
    )
    assert first.submitted_at.isoformat() == "2025-11-19T08:00:00+00:00"
    assert (second.arxiv_id, second.authors) == ("2511.00001", ("Ann Quill",))
    assert second.abstract == "If a < b & c."
    assert second.extra["media"] == ["http://lab.example/moss.png"]
    assert [one.index for one in parsed.rejected] == [2]


@pytest.mark.parametrize("body", [b"{}", b"{", b'{"items": []}', b'{"error": "no"}'])
def test_other_json_is_no_feed(body):
    with pytest.raises(ParseError, match="instead of a feed"):
        parsers.parse("feed", body)


@pytest.mark.django_db
def test_feeds_that_we_publish_are_read_alike_in_each_format(client):
    a_paper("R&D of <think> and $x^2$", authors=["Ann Quill"], abstract_url="http://j.example/1")

    read = [
        parsers.parse("feed", client.get(f"/feeds/day/{MARCH_14}.{suffix}").content).entries
        for suffix in ("atom", "rss", "json")
    ]

    facts = {(e.title.replace("\u2060", ""), e.authors, e.guid, e.arxiv_id) for [e] in read}
    assert len(facts) == 1
    assert [len({getattr(e, name) for [e] in read}) for name in ("abstract", "abstract_url")] == [
        *(1, 1)
    ]
