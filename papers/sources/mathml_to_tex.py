"""Converts the presentation MathML that journals put into their feeds to TeX.

It may be broken in any way, and each element may have any namespace prefix (`mml:mfrac`).
https://www.w3.org/TR/mathml4/#presm
"""

import re
from collections.abc import Callable

from papers.sources.mathml_tree import Element, annotated_tex, parse

MAX_MATHML_CHARS = 20_000


def tex(mathml: str) -> str:
    """The TeX of one <math> element, without dollars; empty if nothing is to be seen."""
    if len(mathml) > MAX_MATHML_CHARS:
        return ""
    root = parse(mathml)
    written = annotated_tex(root, "annotation") or _row(root) or annotated_tex(root, "alttext")
    return " ".join(written.split())


def _row(element: Element) -> str:
    return _joined([_write(child) for child in element.children])


def _joined(parts: list[str]) -> str:
    """The parts in a row: a macro must not run into a letter behind it."""
    row = ""
    for part in filter(None, parts):
        is_run_on = part[0].isalpha() and ENDS_IN_MACRO.search(row[-40:])
        row += f" {part}" if is_run_on else part
    return row


ENDS_IN_MACRO = re.compile(r"\\[A-Za-z]+\Z")


def _write(element: Element) -> str:
    if element.name in TOKENS:
        written = TOKENS[element.name](element.all_text())
    elif element.name in LAYOUTS:
        written = LAYOUTS[element.name](element)
    else:
        written = _row(element)
    macro = VARIANTS.get(element.attributes.get("mathvariant", ""))
    return f"{macro}{{{written}}}" if macro and written else written


def _identifier(text: str) -> str:
    if len(text) < 2 or not text.isascii() or not text.isalpha():
        return _characters(text)
    return f"\\{text}" if text in FUNCTIONS else f"\\mathrm{{{text}}}"


def _operator(text: str) -> str:
    if len(text) > 1 and text.isalpha():
        return f"\\{text}" if text in FUNCTIONS else f"\\operatorname{{{text}}}"
    return _characters(text)


def _words(text: str) -> str:
    written = "".join(SPECIAL_IN_TEXT.get(character, character) for character in text)
    return f"\\text{{{written}}}" if text else ""


def _characters(text: str) -> str:
    return _joined([SPECIAL.get(character, character) for character in text])


def _scripts(element: Element, *signs: str) -> str:
    base, *scripts = _arguments(element, 1 + len(signs))
    written = [
        f"{sign}{{{inside}}}" for sign, inside in zip(signs, map(_write, scripts), strict=True)
    ]
    return _base(base) + "".join(script for script in written if len(script) > len("_{}"))


def _base(element: Element) -> str:
    written = _write(element)
    is_one = element.name in TOKENS or len(written) < 2
    return written if is_one else f"{{{written}}}"


def _multiscripts(element: Element) -> str:
    """Base, pairs of scripts behind it, <mprescripts/>, pairs of scripts before it."""
    base, *rest = element.children or [Element("none")]
    names = [child.name for child in rest]
    middle = names.index("mprescripts") if "mprescripts" in names else len(rest)
    before, after = _pairs(rest[middle + 1 :]), _pairs(rest[:middle])
    return (f"{{}}{before}" if before else "") + _base(base) + after


def _pairs(elements: list[Element]) -> str:
    written = list(map(_write, elements))
    below, above = _joined(written[::2]), _joined(written[1::2])
    return (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else "")


def _over(element: Element) -> str:
    base, over = _arguments(element, 2)
    mark = over.all_text().strip()
    if mark in MARKS_ABOVE and not (mark in WIDE_MARKS and len(base.all_text()) > 1):
        return f"{MARKS_ABOVE[mark]}{{{_write(base)}}}"
    if mark in WIDE_MARKS:
        return f"{WIDE_MARKS[mark]}{{{_write(base)}}}"
    if _has_limits(base):
        return f"{_base(base)}^{{{_write(over)}}}"
    return f"\\overset{{{_write(over)}}}{{{_write(base)}}}"


def _under(element: Element) -> str:
    base, under = _arguments(element, 2)
    if macro := MARKS_BELOW.get(under.all_text().strip()):
        return f"{macro}{{{_write(base)}}}"
    if _has_limits(base):
        return f"{_base(base)}_{{{_write(under)}}}"
    return f"\\underset{{{_write(under)}}}{{{_write(base)}}}"


def _has_limits(base: Element) -> bool:
    """Whether it is an operator such as lim or ∑, whose limits TeX writes as scripts."""
    text = base.all_text().strip()
    return text in FUNCTIONS or text in "∑∏∐∫∮⋂⋃⋀⋁⨁⨂⊕⊗"


def _fraction(element: Element) -> str:
    over, under = map(_write, _arguments(element, 2))
    if WITHOUT_LINE.fullmatch(element.attributes.get("linethickness", "")):
        return f"\\begin{{matrix}}{over}\\\\{under}\\end{{matrix}}"
    if element.attributes.get("bevelled") == "true":
        return f"{over}/{under}"
    return f"\\frac{{{over}}}{{{under}}}"


def _root(element: Element) -> str:
    base, index = map(_write, _arguments(element, 2))
    return f"\\sqrt[{index}]{{{base}}}" if index else f"\\sqrt{{{base}}}"


def _square_root(element: Element) -> str:
    return f"\\sqrt{{{_row(element)}}}"


def _fenced(element: Element) -> str:
    opening, closing = (
        SPECIAL.get(sign, sign) or "."
        for sign in (element.attributes.get("open", "("), element.attributes.get("close", ")"))
    )
    separators = "".join(element.attributes.get("separators", ",").split())
    row = ""
    for number, child in enumerate(element.children):
        row += separators[min(number, len(separators)) - 1] if number and separators else ""
        row = _joined([row, _write(child)])
    return _joined([f"\\left{opening}", row, f"\\right{closing}"])


def _table(element: Element) -> str:
    rows = []
    for row in element.children:
        is_labelled = row.name == "mlabeledtr"  # its first cell is the number of an equation
        rows.append(" & ".join(map(_write, row.children[is_labelled:])))
    cells = " \\\\ ".join(rows)
    return f"\\begin{{matrix}}{cells}\\end{{matrix}}" if cells else ""


def _first(element: Element) -> str:
    return _write(element.children[0]) if element.children else ""


def _nothing(_: Element) -> str:
    return ""


def _enclosed(element: Element) -> str:
    is_root = element.attributes.get("notation") == "radical"
    return _square_root(element) if is_root else _row(element)


def _space(element: Element) -> str:
    width = element.attributes.get("width", "")
    return "\\," if width and not width.startswith(("-", "0e", "0p", "0.0")) else ""


def _arguments(element: Element, number: int) -> list[Element]:
    """As many children as the element must have: broken ones have fewer or more."""
    children = element.children[:number]
    return children + [Element("none") for _ in range(number - len(children))]


WITHOUT_LINE = re.compile(r"0(?:\.0*)?(?:[a-z]{2}|%)?")
TOKENS: dict[str, Callable[[str], str]] = {
    "mi": _identifier,
    "mn": _characters,
    "mo": _operator,
    "ms": _words,
    "mtext": _words,
}
LAYOUTS: dict[str, Callable[[Element], str]] = {
    "annotation": _nothing,
    "annotation-xml": _nothing,
    "maction": _first,
    "menclose": _enclosed,
    "mfenced": _fenced,
    "mfrac": _fraction,
    "mmultiscripts": _multiscripts,
    "mover": _over,
    "mphantom": _nothing,
    "mroot": _root,
    "mspace": _space,
    "msqrt": _square_root,
    "msub": lambda element: _scripts(element, "_"),
    "msubsup": lambda element: _scripts(element, "_", "^"),
    "msup": lambda element: _scripts(element, "^"),
    "mtable": _table,
    "munder": _under,
    "munderover": lambda element: _scripts(element, "_", "^"),
    "semantics": _first,
}
FUNCTIONS = frozenset(
    [
        *("arccos", "arcsin", "arctan", "arg", "cos", "cosh", "cot", "deg", "det", "dim", "exp"),
        *("gcd", "inf", "ker", "lim", "liminf", "limsup", "ln", "log", "max", "min", "sin", "sinh"),
        *("sup", "tan", "tanh"),
    ]
)
VARIANTS = {
    "bold": "\\mathbf",
    "bold-fraktur": "\\mathfrak",
    "bold-italic": "\\boldsymbol",
    "bold-script": "\\mathcal",
    "double-struck": "\\mathbb",
    "fraktur": "\\mathfrak",
    "monospace": "\\mathtt",
    "normal": "\\mathrm",
    "sans-serif": "\\mathsf",
    "script": "\\mathcal",
}
SPECIAL_IN_TEXT = {sign: f"\\{sign}" for sign in "{}%&#_$"} | {"\\": "", "^": "", "~": " "}
SPECIAL = {
    **{sign: f"\\{sign}" for sign in "{}%&#_$"},
    **dict.fromkeys("\u2061\u2062\u2063\u2064\u200b", ""),  # invisible operators
    **dict.fromkeys("\u2212\u2010", "-"),
    "\\": "\\backslash",
    "~": "\\sim",
    "^": "\\wedge",
    "\u2032": "'",
    "\u2033": "''",
    "\u2016": "\\|",
    "\u2225": "\\|",
    "\u2223": "|",
    "\xa0": "\\ ",
    "<": "<",
    " ": "\\ ",
}
MARKS_ABOVE = {
    **dict.fromkeys("\xaf\u203e\u0304\u0305_\u2015\u2014\u02c9", "\\bar"),
    **dict.fromkeys("^\u02c6\u0302", "\\hat"),
    **dict.fromkeys("~\u02dc\u0303\u223c", "\\tilde"),
    **dict.fromkeys("\u2192\u20d7\u21c0", "\\vec"),
    **dict.fromkeys(".\u02d9\u0307", "\\dot"),
    **dict.fromkeys(["..", "\xa8", "\u0308"], "\\ddot"),
}
WIDE_MARKS = {
    **dict.fromkeys("\xaf\u203e\u0304\u0305_\u2015\u2014\u02c9", "\\overline"),
    **dict.fromkeys("^\u02c6\u0302", "\\widehat"),
    **dict.fromkeys("~\u02dc\u0303\u223c", "\\widetilde"),
    **dict.fromkeys("\u2192\u20d7\u21c0", "\\overrightarrow"),
    "\u23de": "\\overbrace",
}
MARKS_BELOW = {
    **dict.fromkeys("\xaf\u203e\u0332_\u2015\u2014", "\\underline"),
    "\u23df": "\\underbrace",
}
