"""TeX formulas as MathML: of latex2mathml's tree only what is known to be safe is written."""

import re
import unicodedata
from html import escape, unescape
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element
from pylatexenc.latex2text import fmt_math_text_style

from papers.text.known_macros import in_known_macros
from papers.text.symbols import SYMBOLS


def from_tex(tex: str, *, has_rows: bool = False, is_block: bool = False) -> str | None:
    """MathML with its TeX as alttext; None where the TeX is broken."""
    source = COMMENT.sub(r"\\%", in_known_macros(tex))
    source = SCRIPT_OF_WHAT_FOLLOWS.sub(" {}^", source)
    if DEFINING_MACROS.search(source):
        return None
    if not source.strip("{} "):
        return ""
    if has_rows and ROWS.search(source) and "\\begin" not in source:
        source = f"\\begin{{align*}}{source}\\end{{align*}}"
    try:
        written = _write(convert_to_element(source, display="block" if is_block else "inline"))
    except Exception:  # it raises anything: IndexError, StopIteration, RecursionError, its own
        return None
    return written.replace("<math", f'<math alttext="{escape(tex)}"', 1)


def _write(element: Element) -> str:
    # Not its own strings: those hold text unescaped, \text{<script>} as well as \href and \style.
    tag, children = element.tag, list(element)
    text = element.text or ""
    if tag in TOKENS and children:  # \mathop{word}; inside a token a browser reads HTML again
        text, children = "".join(element.itertext()), []
    text = unescape(text)  # symbols come as character references
    if style := STYLES.get(element.get("mathvariant", "")):
        text = str(fmt_math_text_style(text, style))
    elif text == "\\|":
        text = "‖"
    elif UNKNOWN_MACRO.fullmatch(text):
        text = SYMBOLS.get(text[1:], text[1:])
    elif tag == "mi" and len(text) == 1 and unicodedata.category(text) == "Sm":
        tag = "mo"  # ± and its like want space around them
    inside = escape(text) + "".join(map(_write, children))
    if tag not in ELEMENTS:
        return inside
    attributes = "".join(
        f' {name}="{value}"'
        for name, value in element.items()
        if name in ATTRIBUTES and ATTRIBUTES[name].fullmatch(value)
    )
    return f"<{tag}{attributes}>{inside}</{tag}>"


DEFINING_MACROS = re.compile(
    r"\\(?:new|renew|provide|def|let|Declare|sideset)"
)  # each use may double the text
# `2s^2 ^1S_0`: two superscripts of one letter, which TeX refuses; the second one is of the S.
SCRIPT_OF_WHAT_FOLLOWS = re.compile(r"(?<=[\^][0-9]) \^|(?<=,) \^")
COMMENT = re.compile(r"(?<!\\)%")
ROWS = re.compile(r"\\\\|(?<!\\)&")
UNKNOWN_MACRO = re.compile(r"\\[A-Za-z]+")
TOKENS = frozenset(["mi", "mn", "mo", "mtext"])
ELEMENTS = TOKENS | frozenset(
    [
        *("math", "mrow", "mspace", "mstyle", "mpadded", "mphantom", "mfrac", "msqrt", "mroot"),
        *("msup", "msub", "msubsup", "munder", "mover", "munderover", "mtable", "mtr", "mtd"),
    ]
)
# No colours, no class, no style, no address, and no length that could reach over the page.
ATTRIBUTES = {
    name: re.compile(values)
    for names, values in {
        ("accent", "displaystyle", "fence", "largeop", "movablelimits"): "true|false",
        ("separator", "stretchy", "symmetric"): "true|false",
        ("depth", "height", "lspace", "voffset", "width"): r"[+-]?[0-9]?(\.[0-9]+)?(em|ex|px)|0",
        ("linethickness", "maxsize", "minsize"): r"[0-9]?(\.[0-9]+)?(em|ex|px)|0",
        ("columnspacing", "rowspacing"): r"([0-9]?(\.[0-9]+)?(em|ex|pt) ?){1,20}",
        ("columnlines", "rowlines"): "((none|solid|dashed) ?){1,20}",
        ("columnalign",): "left|center|right",
        ("display",): "block|inline",
        ("form",): "prefix|infix|postfix",
        ("mathvariant",): "normal",
        ("scriptlevel",): "[0-3]",
    }.items()
    for name in names
}
# Browsers know no mathvariant but "normal": the letters themselves have to change.
STYLES = {
    "bold": "bold",
    "bold-italic": "bold-italic",
    "double-struck": "doublestruck",
    "fraktur": "fraktur",
    "monospace": "monospace",
    "sans-serif": "sans",
    "script": "script",
}
