"""Rewrites a formula in macros that latex2mathml and `papers.text.tex` know.

Both go on with what comes out: how a formula is drawn and how it reads as plain text agree.
"""

import re

_TEXT_MACRO = r"\\(?:text(?:rm|bf|it|sf|tt|up|normal|md|sc)?|[mhf]box)"
_WORDS = r"(?:[^{}\\]|\\.|\{(?:[^{}\\]|\\.|\{(?:[^{}\\]|\\.){0,100}+\}){0,100}+\}){0,300}+"
# A group of words within a formula; dollars in it are formulas of their own.
TEXT_GROUP = rf"{_TEXT_MACRO} ?\{{{_WORDS}\}}"


def in_known_macros(tex: str) -> str:
    """The formula without colours, sizes and lengths, with other macros spelt as the common ones.

    Its braces stay in pairs if they were.
    """
    if REWRITTEN.isdisjoint(MACRO_NAME.findall(tex)):
        return tex
    if "$" in tex or "\\(" in tex:
        tex = WORDS.sub(_with_formulas_outside, tex)
    for pattern, replacement in REWRITES:
        tex = pattern.sub(replacement, tex)
    return OPERATOR_NAME.sub(
        _operator_name, CHARACTER.sub(_character, COMPOUND.sub(_compound, tex))
    )


def _with_formulas_outside(match: re.Match[str]) -> str:
    """`\\text{if }n\\text{ is odd}` for `\\text{if $n$ is odd}`."""
    macro, words = match["macro"], match["words"]
    parts = DOLLAR.split(words)
    if len(parts) % 2 == 0 or any(part.count("{") != part.count("}") for part in parts):
        return f"{macro}{{{DOLLAR.sub('', words)}}}"
    written = (
        part if number % 2 else f"{macro}{{{part}}}" for number, part in enumerate(parts) if part
    )
    return f"{{{''.join(written)}}}"


def _operator_name(match: re.Match[str]) -> str:
    """An operator's name in letters alone: spaces within it stay, its groups go."""
    name = re.sub(r"\\(?:[,;:! ]|(?:rm|mathrm|text|mathop|mathsf|mathbf)\b ?)|[{}~]", " ", match[1])
    return f"\\operatorname{{{' '.join(name.split())}}}"


def _character(match: re.Match[str]) -> str:
    number = int(match[1], 16)
    is_letter = 0xA0 < number < 0x2FA20 and chr(number).isprintable()
    return chr(number) if is_letter else ""


def _compound(match: re.Match[str]) -> str:
    """`\\mathrm{H_{2}O}` for mhchem's `\\ce{H2O}`."""
    formula = re.sub(r"(?<=[A-Za-z)\]])([0-9]+)", r"_{\1}", match[1])
    return f"\\mathrm{{{formula}}}"


MACRO_NAME = re.compile(r"\\([A-Za-z]+)")
# What the patterns below begin with; most formulas have none of these.
REWRITTEN = frozenset(
    [
        *("text", "textrm", "textbf", "textit", "textsf", "texttt", "textup", "textnormal"),
        *("textmd", "textsc", "mbox", "hbox", "fbox", "color", "textcolor", "colorbox"),
        *("fcolorbox", "raisebox", "scalebox", "rotatebox", "resizebox", "hspace", "hskip"),
        *("mskip", "vspace", "kern", "mkern", "vskip", "raise", "lower", "label", "tag"),
        *("ref", "eqref", "tiny", "scriptsize", "footnotesize", "small", "normalsize"),
        *("large", "Large", "LARGE", "huge", "Huge", "scriptscriptstyle", "xspace", "strut"),
        *("null", "relax", "nonumber", "notag", "protect", "hfill", "displaylimits"),
        *("allowbreak", "boldmath", "unboldmath", "noindent", "ensuremath", "mathstrut"),
        *("smallskip", "nobreak", "penalty", "operatorname", "DeclareMathOperator"),
        *("operatornamewithlimits", "mathbbm", "mathds", "mathbbmss", "Bbb", "mathbbold"),
        *("EuScript", "mathpzc", "mathcalligra", "Cal", "cal", "uline", "underbar", "hdots"),
        *("dotsc", "dotso", "textsubscript", "textsuperscript", "genfrac", "sideset", "abs"),
        *("norm", "num", "si", "SI", "qty", "unit", "unicode", "ce", "chem", "cf"),
    ]
)
_LENGTH = r" ?-?[0-9.]{1,8} ?(?:em|ex|pt|mm|cm|in|px|mu|sp|pc|bp)\b ?"
_ARGUMENT = r"(?: ?\{[^{}]{0,100}\})"
_OPTION = r"(?: ?\[[^\[\]{}]{0,80}\])"
_SIZES = (
    "tiny|scriptsize|footnotesize|small|normalsize|large|Large|LARGE|huge|Huge|scriptscriptstyle"
)
REWRITES = [
    (re.compile(pattern), replacement)
    for pattern, replacement in [
        (rf"\\(?:text)?color{_OPTION}?{_ARGUMENT}", ""),
        (rf"\\(?:color|f)box(?={_OPTION}?{_ARGUMENT}{{2}}){_OPTION}?{_ARGUMENT}", ""),
        (rf"\\fcolorbox{_ARGUMENT}{{2}}", ""),
        (rf"\\(?:raisebox|scalebox|rotatebox){_ARGUMENT}{_OPTION}{{0,2}}", ""),
        (rf"\\resizebox\*?{_ARGUMENT}{{2}}", ""),
        (rf"\\hspace\*?{_ARGUMENT}|\\(?:hskip|mskip){_LENGTH}", r"\\,"),
        (rf"\\vspace\*?{_ARGUMENT}|\\(?:m?kern|vskip|raise|lower){_LENGTH}", ""),
        (rf"\\(?:label|tag\*?|ref|eqref){_ARGUMENT}", ""),
        (rf"\\(?:{_SIZES})(?![A-Za-z]) ?", ""),
        (
            r"\\(?:xspace|strut|null|relax|nonumber|notag|protect|hfill|displaylimits|allowbreak"
            r"|boldmath|unboldmath|ensuremath|mathstrut|noindent|smallskip|nobreak)(?![A-Za-z]) ?"
            r"|\\penalty-?[0-9]{1,6} ?",
            "",
        ),
        (r"\\operatorname\*|\\(?:DeclareMathOperator|operatornamewithlimits)\b", r"\\operatorname"),
        (r"\\(?:mathbbm|mathds|mathbbmss|Bbb|mathbbold)(?![A-Za-z])", r"\\mathbb"),
        (r"\\(?:EuScript|mathpzc|mathcalligra|Cal|cal(?= ?\{))(?![A-Za-z])", r"\\mathcal"),
        (r"\\text(?:sc|md|up|normal)(?![A-Za-z])", r"\\text"),
        (r"\\(?:uline|underbar)(?![A-Za-z])", r"\\underline"),
        (r"\\(?:hdots|dotsc|dotso)(?![A-Za-z])", r"\\ldots"),
        (r"\\textsubscript(?![A-Za-z])", "_"),
        (r"\\textsuperscript(?![A-Za-z])", "^"),
        (rf"\\genfrac{_ARGUMENT}{{4}}", r"\\frac"),
        (r"\\sideset ?\{([^{}]{0,40})\} ?\{([^{}]{0,40})\} ?(\\[A-Za-z]{1,12})", r"{}\1\3\2"),
        (r"\\abs ?\{((?:[^{}]|\{[^{}]{0,60}\}){0,80}+)\}", r"\\left|{\1}\\right|"),
        (r"\\norm ?\{((?:[^{}]|\{[^{}]{0,60}\}){0,80}+)\}", r"\\left\\|{\1}\\right\\|"),
        (r"\\(?:num|si|SI|qty|unit)(?= ?\{)", ""),
    ]
]
WORDS = re.compile(rf"(?P<macro>{_TEXT_MACRO}) ?\{{(?P<words>{_WORDS})\}}")
DOLLAR = re.compile(r"(?<!\\)\$|\\\(|\\\)")
OPERATOR_NAME = re.compile(r"\\operatorname ?\{((?:[^{}]|\{[^{}]{0,60}\}){0,80}+)\}")
CHARACTER = re.compile(r"\\unicode ?\{x([0-9A-Fa-f]{1,6})\}")
COMPOUND = re.compile(r"\\(?:ce|chem|cf) ?\{([A-Za-z0-9()\[\]^_{}+\-]{1,60}?)\}")
