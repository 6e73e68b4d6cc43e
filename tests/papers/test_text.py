"""What authors write is read as they meant it, and never as markup."""

import gzip
import json
import re
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
        "$\\text{a$",
        "\\text{{{a",
        "\\text{{a}",
        "$\\operatorname{a",
        "$\\abs{{a}",
        "$\\ce{",
        "$\\sideset{",
    ),
    *(
        "a_{",
        "a_{b",
        "a_{b}",
        "a_{{b}",
        "a_\\a",
        "a^",
        "a^2",
        "x_1 ",
        "H_2O",
        "H2(",
        "CaH",
        "(H",
        "a_1-",
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
        ("$x=\\text{a if $n$ is odd}$ then $y$", "x=a if n is odd then y"),
        ("$f=\\mbox{for \\(n\\) and $m$}$, $\\text{a$ and", "f=for n and m, a and"),
        (
            "\\textcolor{red}{Red} \\textcolor{blue}{words} and \\hspace{2pt}blanks",
            "Red words and blanks",
        ),
        ("$\\color{red}x\\operatorname*{arg\\,max}_y$", "xarg max_y"),
        ("{\\scriptsize small} $\\tiny x \\middle| y$", "small x | y"),
        ("\\underline{F}ederated $\\underline{x}$, $\\bar{\\partial}$", "Federated x, ∂̄"),
        ("$\\sqrt[3]{x}$, $a \\over b$, $\\ce{H2O}$", "³√x, a / b, H₂O"),
        ("$\\unicode{x2013} \\Bbb R^2$, $\\ket{x}$", "– ℝ², |x⟩"),
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
        "50% of x_y with C:/a",
        "file_1, my_file_2.txt, a_1.json, train_x_1, foo-b_2, _x_1_, BI_RADS, CPU_1, GPT_2",
        "ada_1@a.org, h_2@a.org, a.org/x_1/b_2, doi:10.1000/a_1, C:\\\\a_1, @x_1, #h_2".replace(
            "\\", "/"
        ),
        "AlphaNet_v2, LVVO_3k, Q4_0, MC3_18, r34_mask_v1, SNN_1, H_2O_file, __init__, ^_^, a_b",
        "Ctrl^C^V, ^abc, e^-x, 10^2.5, 2^(n+1), f^12345",
    ],
)
def test_plain_leaves_money_and_what_is_no_tex_alone(source: str) -> None:
    assert text.plain(source) == source


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "CoRe^2: 10^-3 and 10^{-3} cm^-2, 10^(-22) s^(-1)",
            "CoRe²: 10⁻³ and 10⁻³ cm⁻², 10⁻²² s⁻¹",
        ),
        ("H_2O, Fe_2O_3, (NH_4)_2SO_4, 2H-NbSe_2.", "H₂O, Fe₂O₃, (NH₄)₂SO₄, 2H-NbSe₂."),
        ("x_1, (k_1/k_2)^2, z-A_0 and \\phi_1", "x₁, (k₁/k₂)², z-A₀ and ϕ₁"),
        (
            "360^circ, C^*-algebra, e^+e^-, Ca^2+, 10^3--10^4",
            "360°, C*-algebra, e⁺e⁻, Ca²⁺, 10³–10⁴",
        ),
        ("U^2-Net, VLM^2Bench, R^n, Ni_0.78Mn_0.22", "U²-Net, VLM²Bench, R^n, Ni_0.78Mn_0.22"),
        ("x_1^2, SO_4^2-, ^4He, ^{13}C, 10^−3, 10^{−3}", "x₁², SO₄²⁻, ⁴He, ¹³C, 10⁻³, 10⁻³"),
        ("x_{ij}^{2} and \\mathcal{L}_{total}", "x_ij² and L_total"),
    ],
)
def test_scripts_outside_of_dollars_are_drawn(source: str, expected: str) -> None:
    assert text.plain(source) == expected
    assert "<msu" in text.html(source)


@pytest.mark.parametrize(
    ("source", "displays"),
    [
        ("$$x$$", ["block"]),
        ("($$x$$).", ["block"]),
        ("Let $$x$$ be.", ["inline"]),
        ("Let \\[x\\] be.", ["block"]),
        ("$x$", ["inline"]),
        ("Let $$x$$ be.\n\n$$y$$", ["inline", "block"]),
        ("\\begin{align*}a&=b\\\\c&=d\\end{align*}", ["block"]),
    ],
)
def test_only_what_stands_alone_in_an_abstract_is_a_block(source: str, displays: list[str]) -> None:
    drawn = re.findall('<math [^>]*display="([a-z]+)"', text.paragraphs_html(source))

    assert drawn == displays
    assert 'display="block"' not in text.html(source)


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
        ("$$x$$", 'display="inline"'),
        ("$\\text{if $n$ is}$", "<mi>n</mi><mtext>\xa0is</mtext>"),
        ("$\\operatorname*{arg\\,max}_y$", "arg"),
        ("$\\left.a\\middle|b\\right)$", ">|</mo><mi>b</mi>"),
        ("$\\textcolor{red}{x}$", "<mi>x</mi>"),
        ("$\\textsc{x}$", "<mtext>x</mtext>"),
        ("$\\big\\|$", "‖"),
        ("$\\strut$", ""),
        ("$2s^2 ^1S_0, ^3P_0$", "<msup>"),
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
                *("\\text{", "\\mbox{", "\\color{", "_1", "^2", "_{x}", "H_2O", "\\sideset{"),
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


@pytest.mark.slow
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
@pytest.mark.sweep
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

    assert drawn > 11_000
    assert broken == 0
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
