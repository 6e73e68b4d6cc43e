"""Comments as HTML: formulas are typeset, markup works, and no script of a reader ever runs."""

import re
from html.parser import HTMLParser
from textwrap import dedent

import pytest

from comments.markdown import LEFT_ALONE, html, plain

# Ways in which scripts have been smuggled into Markdown, HTML and TeX.
HOSTILE = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "<math><a xlink:href='javascript:alert(1)'>x</a></math>",
    "<details open ontoggle=alert(1)>",
    "<style>@import 'javascript:alert(1)'</style>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<div style='background:url(javascript:alert(1))'>x</div>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#x73;cript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](\tjavascript:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](<javascript:alert(1)>)",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    '![x" onerror="alert(1)](https://e.org/x.png)',
    '[x](https://e.org "t" onmouseover="alert(1))',
    "[x](https://e.org/'onmouseover='alert(1))",
    '[x](https://e.org/"onmouseover="alert(1))',
    'https://e.org/"onmouseover="alert(1)',
    "https://e.org/<script>alert(1)</script>",
    '<https://e.org/"onclick=alert(1)>',
    "$\\href{javascript:alert(1)}{x}$",
    "$\\text{<script>alert(1)</script>}$",
    "$x<img src=x onerror=alert(1)>$",
    "$\\unicode{<script>alert(1)</script>}$",
    '$$\\class{x" onclick="alert(1)}{y}$$',
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "~~~x' onclick='alert(1)\ny\n~~~",
    "> <script>alert(1)</script>",
    "- <img src=x onerror=alert(1)>",
    "\\<script>alert(1)\\</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\ue000<script>\ue001alert(1)",
    "*<script>*alert(1)*</script>*",
    "[<img src=x onerror=alert(1)>](https://e.org)",
    "[$x$<script>](javascript:alert(1) $y$)",
]
TAGS = {"p", "a", "em", "strong", "code", "pre", "ul", "ol", "li", "blockquote", "br", "hr"}
MATH = re.compile(r"math|m[a-z]+|semantics|annotation")
ATTRIBUTES = {"href", "rel", "title", "class", "start"}


class Markup(HTMLParser):
    """Collects what a browser would make of it that a comment must not have."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.in_math = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.in_math += tag == "math"
        if tag not in TAGS and not (self.in_math and MATH.fullmatch(tag)):
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            if name not in ATTRIBUTES and not (self.in_math and not name.startswith("on")):
                self.faults.append(f"{tag} {name}")
            if name == "href" and not re.match(r"https?://|mailto:", value or ""):
                self.faults.append(f"href {value}")

    def handle_endtag(self, tag: str) -> None:
        self.in_math -= tag == "math"


@pytest.mark.parametrize("source", HOSTILE)
def test_no_script_of_a_comment_runs(source: str) -> None:
    markup = Markup()
    markup.feed(html(source))
    markup.close()

    assert markup.faults == []


def test_formulas_stay_whole_and_code_stays_code() -> None:
    written = html("Is $a_i * b_i$ *really* \\(\\alpha\\)? `$c_i$`")

    assert written.count("<math") == 2
    assert "<em>really</em>" in written
    assert "<code>$c_i$</code>" in written


def test_links_are_marked_as_a_readers_and_no_link_is_in_another() -> None:
    for source in ("https://e.org/a_b_c.", "[here](https://e.org/a_b_c)", "<https://e.org/a_b_c>"):
        written = html(source)
        assert 'href="https://e.org/a_b_c"' in written
        assert {"nofollow", "ugc"} < set(re.search(r'rel="([^"]*)"', written)[1].split())
    assert html("[https://bank.example/](https://e.org)").count("<a ") == 1


def test_headings_images_and_references_are_plain_words() -> None:
    assert html("# Heading") == "<p># Heading</p>\n"
    assert "<img" not in html("![x](https://e.org/x.png)")


def test_many_formulas_cost_a_bounded_time() -> None:
    assert html("$x$ " * 3_000).count("<math") <= 500


def test_code_shows_formulas_and_addresses_as_written() -> None:
    for source in (
        "    $x$ http://e.org",
        "> ```\n> $x$ http://e.org\n> ```",
    ):
        assert "$x$ http://e.org" in html(source), source


def test_spaces_in_code_stay() -> None:
    assert "if x:\n    y  = 1" in html("```\nif x:\n\ty  = 1\n```")


def test_runs_of_backticks_are_read_in_linear_steps() -> None:
    runs = [len(match[0]) for match in LEFT_ALONE.finditer("`a``b`c``d```")]

    assert runs == [6]
    assert "<code>" not in html("".join("`" * length + "a" for length in range(1, 139)))


def test_plain_text_has_neither_markup_nor_lines() -> None:
    source = """\
    **Is** it [here](https://e.org/a_b), or at https://e.org/c_d?
    - *one*
    - `$x_i$` is code,  $\\alpha_i$ none

    > quoted \\*
    ```python
    a = 1
    ```"""

    assert plain(dedent(source)) == (
        "Is it here, or at https://e.org/c_d? one $x_i$ is code, α_i none quoted * a = 1"
    )
    assert plain("<b>a & b</b>") == "<b>a & b</b>"
    assert plain("") == ""
