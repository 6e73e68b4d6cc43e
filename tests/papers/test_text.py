"""What authors write is read as they meant it, and never as markup."""

import gzip
import json
import time
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nh3
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from papers import text
from papers.text import mathml

BLOW_UP = 5.0  # seconds; linear work takes a fiftieth of it, quadratic work minutes
SHORTEST_HOSTILE = [
    *(
        "{",
        "}",
        "{}",
        "\\",
        "\\a ",
        "\\'e",
        "\\textbf{",
        "\\frac",
        "\\frac{a}",
        "\\sqrt",
        "_{",
        "^",
    ),
    *("$", "$$", "$x$", "$x", "$x'$", "$5 and ", "$$x", "\\(", "\\)", "\\(\\[", "\\[x\\] ", "\\\\"),
    *("`", "``", "`a'", "~", "a~", "--", "a--", "- -", '\\"', '\\"a', '\\"a\\" ', ' \\"a ', "\\n "),
    *(
        "https://a",
        "https://a)) ",
        "(https://a" + ")" * 900 + " ",
        "\\cite{",
        " \\cite[",
        "\\href{a}",
    ),
    *(
        "\\begin{align}",
        "\\begin{align}x\\end{align} ",
        "\\newcommand{\\a}{b}",
        "\\verb|",
        "\\text{$",
    ),
    *("$\\def\\a{\\a\\a}\\a$", "$\\sideset{_a}{_b}{\\sum}$", "$\\hat x\\frac{a}{b}\\sqrt{x}$"),
    *("\n ", "\n\n", " \n", "a: \n  ", "\t", "\x00", "\u202e", "\U000f0000", "<script>", "&"),
    *("\u0301\u0323", "e\u0323\u0301", "\ud800"),
    "$" + "\\sideset{_a}{_b}{" * 50 + "x" + "}" * 50 + "$ ",
    "$" + "{" * 490 + "}" * 490 + "$ ",
    "$" + "\\sqrt" * 190 + "x$ ",
    "$" + "a\\over b " * 100 + "$ ",
    "$" + "&" * 900 + "$ ",
    "$" + "'" * 900 + "$ ",
]
KNOWN_ATTRIBUTES = {
    "a": {"href", "rel"},
    "code": {"class"},
    **{tag: set(mathml.ATTRIBUTES) for tag in mathml.ELEMENTS},
    "math": {"alttext", *mathml.ATTRIBUTES},
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", ""),
        ("Attention Is All\n  You  Need", "Attention Is All You Need"),
        ("a\x00b\u202ec\u2066d\x9fe\ufeff f\U000f0000", "abcde f"),
        ("Schro\u0308dinger", "Schrödinger"),
        ('Schr\\"odinger, Schr\\"{o}dinger', "Schrödinger, Schrödinger"),
        (
            'Schr\\\\\\"odinger in {\\\\it doubled} form\\n  here',
            "Schrödinger in doubled form here",
        ),
        ('an \\"on-state\\" at 50\\" from', 'an "on-state" at 50" from'),
        ("Nguy\\~ên, St\\ütz, Jos\\'{e}, Jos\\'e", "Nguyễn, Stütz, José, José"),
        ("\\L\\'od\\'z, Bia\\l ecki, S{\\o}ren, Sa{\\ss}", "Łódź, Białecki, Søren, Saß"),
        ("Fran\\c{c}ois, Dvo\\v r\\'ak, Mart\\'{\\i}n", "François, Dvořák, Martín"),
        ("{\\it word} \\emph{two words} \\textbf{M}ixture", "word two words Mixture"),
        ("``double'' and `single'; don't", "“double” and ‘single’; don't"),
        ("V''(x) -- the 3--5 best---or so; ls --all", "V''(x) – the 3–5 best—or so; ls --all"),
        (
            "Reward Model~(PPRM), Fig.~2, ~30%, z~2, a ~ b",
            "Reward Model (PPRM), Fig. 2, ~30%, z~2, a ~ b",
        ),
        ("62\\% of R\\&D, 3% of x\\_y", "62% of R&D, 3% of x_y"),
        ("we propose \\ours, a \\method{} for \\uline{I}t", "we propose ours, a method for It"),
        ("as shown \\citep[p.~3]{knuth84}.", "as shown."),
        ("360\\deg video, \\eg this", "360° video, e.g. this"),
        ("\\url{https://a.org/b_c--d~e}.", "https://a.org/b_c--d~e."),
        ("\\href{https://a.org/b\\_c}{our code}", "our code (https://a.org/b_c)"),
        ("see https://a.org{this https URL}.", "see https://a.org."),
        ("$\\alpha_2$ and MoE$^2$ in $\\mathbb{R}^{n+1}$", "α₂ and MoE² in ℝ^(n+1)"),
        ("$\\mathbb{USCD}$, \\(O(n^3)\\), $$x_{ij}$$", "USCD, O(n³), x_ij"),
        ("M$_{\\odot}$$_{-850}$, CO$_2$, $k^{th}$, $30^\\circ$", "M_⊙₋₈₅₀, CO₂, kth, 30°"),
        ("$\\frac{a}{b+1}$, $\\sqrt{x}$, $\\hat{x}$, $\\tfrac12$", "a/(b+1), √x, x̂, 1/2"),
        ("$3160 \\pm 160$ K, Q~0142$-$100, $4d$-shell", "3160 ± 160 K, Q~0142-100, 4d-shell"),
        ("bare x_{0} and 10^{-5} and \\tau-functions", "bare x₀ and 10⁻⁵ and τ-functions"),
        ("\\begin{align} a &= b \\\\ c &= d \\end{align}", "a = b c = d"),
        ("{unclosed \\textbf{and $x", "unclosed and $x"),
        ("a } b", "a } b"),
    ],
)
def test_plain_reads_as_it_was_meant(source: str, expected: str) -> None:
    assert text.plain(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "From $5 and $10 to $200k",
        "between $5-$10, or ($5,$10)",
        "costs $15 per paper, see https://a.org/b",
        "$67 billion in losses and several $100M fines",
        "earns $1.5B to $2.5B (US$3)",
        "<think>, <picture of a man>, </span> & co.",
        "50% of x_y with f^2 and C:/a",
    ],
)
def test_plain_leaves_money_and_what_is_no_tex_alone(source: str) -> None:
    assert text.plain(source) == source


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("One.\n\nTwo\nlines.", ["One.", "Two lines."]),
        ("One.\n  Two, as arXiv\nindents.", ["One.", "Two, as arXiv indents."]),
        ("A title\n  that wraps", ["A title that wraps"]),
        ("\n\n \n", []),
    ],
)
def test_paragraphs_are_kept_on_request(source: str, expected: list[str]) -> None:
    assert text.plain(source, paragraphs=True) == "\n\n".join(expected)
    assert text.paragraphs_html(source) == "".join(f"<p>{part}</p>" for part in expected)
    assert text.plain(source) == " ".join(expected)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<think> & \"x\" 'y'", "&lt;think&gt; &amp; &quot;x&quot; &#x27;y&#x27;"),
        ("{\\it <b>}", "&lt;b&gt;"),
        (
            "(https://a.org/x_y?a=1&b=2).",
            '(<a href="https://a.org/x_y?a=1&amp;b=2" rel="noopener nofollow ugc">'
            "https://a.org/x_y?a=1&amp;b=2</a>).",
        ),
        (
            "https://a.org/b_(c),",
            '<a href="https://a.org/b_(c)" rel="noopener nofollow ugc">https://a.org/b_(c)</a>,',
        ),
        ("javascript://a.org ftp://a.org https:// x", "javascript://a.org ftp://a.org https:// x"),
        (
            "MoE$^2$",
            'MoE<math alttext="^2" display="inline"><mrow>'
            "<msup><mi></mi><mn>2</mn></msup></mrow></math>",
        ),
        ("$a^2^3$", '<code class="tex">a^2^3</code>'),
        ("$\\newcommand{\\a}{<b>}$", '<code class="tex">\\newcommand{\\a}{&lt;b&gt;}</code>'),
    ],
)
def test_html_is_escaped_but_for_math_and_links(source: str, expected: str) -> None:
    assert text.html(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("$\\pm$", "<mo>±</mo>"),
        ("$\\FIN$", "<mi>FIN</mi>"),
        ("$\\mathop{supp}$", "<mo>supp</mo>"),
        ("$\\R$", "<mi>ℝ</mi>"),
        ("$5\\%$ of", "<mi>%</mi>"),
        ("$5% x$", "<mi>x</mi>"),
        ("$\\mathbf{xy}$", "<mi>𝐱</mi><mi>𝐲</mi>"),  # browsers ignore mathvariant="bold"
        ("$$x$$", 'display="block"'),
        ("\\begin{align*}a&=b\\\\c&=d\\end{align*}", "<mtable"),
        ('$\\text{say "x" & y}$', 'alttext="\\text{say &quot;x&quot; &amp; y}"'),
    ],
)
def test_math_is_drawn(source: str, expected: str) -> None:
    assert expected in text.html(source)


@pytest.mark.parametrize(
    "source",
    [
        "$\\text{<script>alert(1)</script>}$",
        "$\\mbox{<img src=x onerror=alert(1)>}$",
        "$\\href{javascript:alert(1)}{x}$",
        "$\\style{color:red;position:fixed}{x}$",
        "$\\class{evil}{x}$",
        "$\\textcolor{red}{x} \\colorbox{white}{y} \\color{url(x)} z$",
        "$\\hspace{9999em} \\raise-500em{x} \\rule{99em}{99em}$",
        "$\\unicode{x3c}script>$",
        "$&lt;script&gt; &#60;script&#62;$",
        '$\\operatorname{<a>} \\begin{array}{" onclick=x}a\\end{array}$',
        "$\\verb|<script>|$",
        '$" onmouseover="alert(1)$',
        '$a \' onmouseover=alert(1) "x$ https://a.org/"onclick=x',
        "https://a.org/'onclick='x https://a.org/<script>",
        '\\href{https://a.org" onclick="x}{<b>}',
    ],
)
def test_hostile_tex_stays_text(source: str) -> None:
    assert_safe(text.html(source))


FRAGMENTS = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.sampled_from(
            [
                *(
                    "$",
                    "$$",
                    "\\(",
                    "\\)",
                    "\\[",
                    "\\]",
                    "{",
                    "}",
                    "\\",
                    "\\\\",
                    "^",
                    "_",
                    "&",
                    "%",
                ),
                *(
                    "~",
                    "`",
                    "''",
                    "--",
                    "<",
                    ">",
                    '"',
                    "'",
                    "<script>",
                    "</math>",
                    "&lt;",
                    "x",
                    " ",
                ),
                *(
                    "\\text{",
                    "\\href{",
                    "\\style{",
                    "\\frac",
                    "\\sqrt",
                    "\\left(",
                    "\\right.",
                    "\\'",
                ),
                *("\\begin{align}", "\\end{align}", "\\begin{matrix}", "\\mathbf{", "\\hspace{"),
                *(
                    "\\mathop{",
                    "\\sideset",
                    "\\over",
                    "\\color",
                    '\\"o',
                    "https://a.org/",
                    "onclick=",
                ),
            ]
        ),
    )
).map("".join)


@given(FRAGMENTS)
@example("\\")
@example("$\\")
@example("\\\\$\\\\$")
@example("$$$ $$$")
def test_whatever_comes_is_safe_and_readable(source: str) -> None:
    read = text.plain(source)

    assert_safe(text.html(source))
    assert_safe(text.paragraphs_html(source).replace("<p>", "").replace("</p>", ""))
    assert read == " ".join(read.split())
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in read)


@pytest.mark.parametrize("bite", SHORTEST_HOSTILE, ids=range(len(SHORTEST_HOSTILE)))
@pytest.mark.parametrize("length", [text.MAX_CACHED_CHARS, text.MAX_TEX_CHARS, 65_536])
def test_hostile_text_takes_no_time(bite: str, length: int) -> None:
    source = (bite * (length // len(bite) + 1))[:length]

    for read in (text.plain, text.html, text.paragraphs_html):
        started = time.process_time()
        read(source)
        assert time.process_time() - started < BLOW_UP


def test_real_texts_are_read_and_nearly_all_math_is_drawn(shared_data: Path) -> None:
    broken, drawn, with_backslash = 0, 0, []

    for record in records(shared_data):
        for source in (record.get("title") or "", record.get("abstract") or ""):
            page, read = text.html(source), text.plain(source)
            broken += page.count('<code class="tex">')
            drawn += page.count("<math ")
            if "\\" in read:
                with_backslash.append(read)
            if "<" in page:
                assert_safe(page)

    assert drawn > 9_000
    assert broken <= 10
    assert len(with_backslash) <= 3


def assert_safe(page: str) -> None:
    """Only our own elements, by the reading of two parsers that are not ours."""
    found = elements(page)
    for tag, attributes in found:
        assert set(attributes) <= KNOWN_ATTRIBUTES[tag]
        assert attributes.get("href", "https://").lower().startswith(("http://", "https://"))
    cleaned = nh3.clean(
        page, tags=set(KNOWN_ATTRIBUTES), attributes=KNOWN_ATTRIBUTES, link_rel=None
    )
    assert elements(cleaned) == found


def elements(page: str) -> list[tuple[str, dict[str, str]]]:
    seen = Elements()
    seen.feed(page)
    seen.close()
    return seen.elements


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))


def records(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.jsonl*")):
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)
