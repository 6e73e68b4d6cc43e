"""TeX as plain text: accents, macros and signs become the letters that they stand for."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from latex2mathml.symbols_parser import convert_symbol
from pylatexenc.latex2text import fmt_math_text_style
from pylatexenc.latexencode import UnicodeToLatexEncoder

from papers.text.symbols import PROSE_MACROS, STYLE_MACROS, SYMBOLS

# The symbols are pylatexenc's and latex2mathml's. The parser is not: pylatexenc's takes 4 ms for
# an abstract, drops macros that it does not know, takes `%` for a comment and raises on nesting.


def prose(tex: str) -> str:
    """Text outside of formulas, with dashes and quotation marks as TeX prints them."""
    if "\\" in tex:
        tex = LENGTHS.sub(" ", COLOURS.sub("", DROPPED_MACROS.sub("", tex)))
    text = _read(tex, math=False)
    if "``" in text:
        text = text.replace("``", "“").replace("''", "”")
    if "`" in text:
        text = SINGLE_QUOTED.sub(r"‘\1’", text)
    if "~" in text:
        text = TIE.sub(" ", text)
    return EM_DASH.sub("—", EN_DASH.sub("–", text)) if "--" in text else text


def formula(tex: str) -> str:
    """A formula on one line: `x^{n+1}` is x^(n+1), `\\alpha_2` is α₂."""
    tex = ROOT.sub(r"{}^{\1}\\sqrt", LAYOUT.sub(" ", tex))
    return " ".join(_read(tex, math=True).split())


def escaped(text: str) -> str:
    """TeX that prints this plain text; words of other scripts than Latin stay as they are."""
    parts = OTHER_SCRIPT.split(text)  # every second part is in the brackets of the pattern
    written = "".join(
        part if number % 2 else str(ENCODER.unicode_to_latex(part))
        for number, part in enumerate(parts)
    )
    # By name, as BibTeX counts the brace behind a backslash too.
    return written.replace("{\\{}", "{\\textbraceleft}").replace("{\\}}", "{\\textbraceright}")


def is_safe(tex: str) -> bool:
    """Whether a formula only draws: every macro is known, and braces are balanced."""
    if UNSAFE.search(tex) or not _is_balanced(BRACE.findall(tex)):
        return False
    tokens = list(TOKEN.finditer(tex))
    is_known = all(_is_known(token["name"]) for token in tokens if token["name"])
    return is_known and _is_balanced([token["brace"] for token in tokens if token["brace"]])


def _is_balanced(braces: list[str]) -> bool:
    depth = 0
    for brace in braces:
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0


def _is_known(name: str) -> bool:
    is_macro = name in MACROS or name in SYMBOLS or name in STYLE_MACROS
    return is_macro or convert_symbol(f"\\{name}") is not None


ENCODER = UnicodeToLatexEncoder(
    unknown_char_policy="keep",
    unknown_char_warning=False,
    replacement_latex_protection="braces-all",
)
# Greek words, but no single letter, which is mathematics; Cyrillic, Arabic, Chinese and so on.
OTHER_SCRIPT = re.compile(
    "([\u0370-\u03ff\u1f00-\u1fff]{2,}"
    "|[\u0400-\u1cff\u2c80-\ud7ff\uf900-\ufaff\ufb1d-\ufdff\ufe70-\ufefc\U00020000-\U0003ffff]+)"
)
BRACE = re.compile("[{}]")
UNSAFE = re.compile(r"\^\^|[%#$~&]|\\href|[^\x20-\U000effff]")
DROPPED_MACROS = re.compile(
    r"[ ~]?\\(?:cite|ref|eqref|label|autoref|cref|Cref|begin|end)"
    r"(?:author|year|alp)?[tp]?\*?(?:\[[^\[\]{}]{0,80}\]){0,2}\{[^{}]{0,300}\}|\\\\\[[0-9a-z.]+\]"
)
COLOURS = re.compile(
    r"\\(?:text)?color(?:\[[^\[\]{}]{0,20}\])?\{[^{}]{0,80}\} ?"
    r"|\\colorbox(?:\[[^\[\]{}]{0,20}\])?\{[^{}]{0,80}\}"
)
LENGTHS = re.compile(r"\\(?:[hv]space\*?\{[^{}]{0,80}\}|(?:par|newline|linebreak)(?![A-Za-z]))")
ROOT = re.compile(r"\\sqrt ?\[([^\[\]{}]{1,20})\]")
LAYOUT = re.compile(
    r"(?<!\\)[~&]|\\(?:left|right) ?\.|\\(?:begin|end)\{[a-zA-Z]{1,20}\*?\}(?:\{[lcr|]{1,20}\})?"
)
SINGLE_QUOTED = re.compile(r"(?<![\w`])`([^`']{1,80})'(?!\w)")
# A tie between words; in `~30%`, `z~2` and `a ~ b` it means about.
TIE = re.compile(r"(?<=[^\s~<>(/=\[-])(?:(?<!\W[A-Za-z])~|~(?!\d))(?=[^\s~/=])")
EN_DASH = re.compile(r"(?<=[^\s-])--(?=[^\s-])|(?<= )--(?= )")
EM_DASH = re.compile(r"(?<!-)---(?!-)")
TOKEN = re.compile(
    r"\\(?P<name>[A-Za-z]+)(?:\*(?=\{))?(?P<gap> *)(?P<void>\{ *\})?|\\(?P<sign>[^A-Za-z]?)"
    r"|(?P<brace>[{}])|(?P<script>[_^])"
)
MAX_NESTING = 50  # of braces and of macros; deeper ones are ignored
Macro = tuple[int, Callable[..., str]]  # number of arguments, and what they are made into


@dataclass(slots=True)
class Group:
    """The text within one pair of braces, and the macros in it that wait for arguments."""

    parts: list[str] = field(default_factory=list)
    # The innermost last: how many arguments, the macro, those it has.
    waiting: list[tuple[int, Callable[..., str], list[str]]] = field(default_factory=list)

    def put(self, text: str) -> None:
        while self.waiting:
            arity, macro, arguments = self.waiting[-1]
            arguments.append(text)
            if len(arguments) < arity:
                return
            self.waiting.pop()
            text = macro(*arguments)
        self.parts.append(text)

    def put_words(self, words: str) -> None:
        at = 0
        while self.waiting and at < len(words):
            if words[at] != " ":
                self.put(words[at])
            at += 1
        self.parts.append(words[at:])

    def close(self) -> str:
        while self.waiting:
            self.put("")
        return "".join(self.parts)


def _read(tex: str, *, math: bool) -> str:
    """Goes through the TeX once, with its own stack: no input is too deep for it, none fails."""
    groups = [Group()]
    done = 0
    for token in TOKEN.finditer(tex):
        group = groups[-1]
        if token.start() > done:
            group.put_words(tex[done : token.start()])
        done = token.end()
        before_brace = tex[done : done + 1] == "{"
        macro = _macro(token, math, before_brace)
        if macro and len(group.waiting) < MAX_NESTING:
            group.waiting.append((*macro, []))
        elif token["brace"] == "{":
            if len(groups) < MAX_NESTING:  # each level copies what it holds: 20,000 take a second
                groups.append(Group())
        elif token["brace"]:
            if len(groups) > 1:
                groups.pop()
                groups[-1].put(group.close())
        elif token["name"]:
            group.put(_letters(token["name"], token["gap"], math, before_brace))
        elif token["script"]:
            group.put_words(token["script"])
        else:
            group.put(ESCAPED_SIGNS.get(token["sign"], token["sign"]))
    groups[-1].put_words(tex[done:])
    while len(groups) > 1:
        inner = groups.pop()
        groups[-1].put(inner.close())
    return groups[0].close()


def _macro(token: re.Match[str], math: bool, before_brace: bool) -> Macro | None:
    if token["script"]:
        return MACROS[token["script"]] if math or before_brace else None
    name = token["name"] or token["sign"]
    if name in MACROS:
        return MACROS[name]
    return None if math or token["void"] else ACCENTS.get(name)


def _letters(name: str, gap: str, math: bool, before_brace: bool) -> str:
    if name in STYLE_MACROS:
        return ""
    symbol = (None if math else PROSE_MACROS.get(name)) or SYMBOLS.get(name)
    if not symbol and (code := convert_symbol(f"\\{name}")):
        symbol = chr(int(code, 16))
    if not symbol:  # unknown: its argument stands for it, and without one its name
        return "" if before_brace else name + gap
    is_letter_of_a_word = not math and symbol.isalpha() and symbol < "\u0250"  # `Bia\l ecki`
    return symbol if is_letter_of_a_word else symbol + gap


def _accent(sign: str, mark: str) -> Macro:
    def accented(text: str) -> str:
        base = {"ı": "i", "ȷ": "j"}.get(text[:1], text[:1])
        if not base.isalpha():
            return sign + text
        return unicodedata.normalize("NFC", base + mark) + text[1:]

    return 1, accented


def _math_accent(mark: str, *, is_wide: bool = False) -> Macro:
    def accented(text: str) -> str:
        if is_wide and len(text) > 1:
            return text
        base = {"ı": "i", "ȷ": "j"}.get(text[:1], text[:1])
        is_drawn = base.isalnum() or unicodedata.category(base or " ") == "Sm"
        return unicodedata.normalize("NFC", base + mark) + text[1:] if is_drawn else text

    return 1, accented


def _script(sign: str, table: Mapping[int, int]) -> Macro:
    def script(text: str) -> str:
        text = text.strip()
        if not text or text in ("st", "nd", "rd", "th"):
            return text
        if sign == "^" and text in ("TM", "SM"):
            return {"TM": "™", "SM": "℠"}[text]
        if all(ord(char) in table for char in text):
            return text.translate(table)
        is_plain = len(text) == 1 or re.fullmatch(r"[\w,.]+" if sign == "_" else r"\(.*\)", text)
        return sign + text if is_plain else f"{sign}({text})"

    return 1, script


def _fraction(over: str, under: str) -> str:
    return f"{_bracketed(over)}/{_bracketed(under)}"


def _bracketed(text: str) -> str:
    return text if len(text) < 2 or text.isalnum() else f"({text})"


def _blackboard(text: str) -> str:
    return str(fmt_math_text_style(text, "doublestruck")) if len(text) == 1 else text


SUPERSCRIPT = _script("^", str.maketrans("0123456789+-−–=()*∘◦°′'", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾*°°°′′"))
SUBSCRIPT = _script("_", str.maketrans("0123456789+-−–=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎"))
ACCENTS = {
    sign: _accent("" if sign.isalpha() else sign, mark)
    for sign, mark in zip(
        "\"'`^~=.uvHckrdb",
        "\u0308\u0301\u0300\u0302\u0303\u0304\u0307\u0306\u030c\u030b\u0327\u0328\u030a\u0323\u0331",
        strict=True,
    )
}
MACROS: dict[str | None, Macro] = {
    **dict.fromkeys(("frac", "tfrac", "dfrac", "cfrac", "nicefrac"), (2, _fraction)),
    **dict.fromkeys(("hat", "widehat"), _math_accent("\u0302")),
    **dict.fromkeys(("tilde", "widetilde"), _math_accent("\u0303")),
    **dict.fromkeys(("bar", "overline"), _math_accent("\u0304")),
    **dict.fromkeys(("overset", "stackrel"), (2, lambda over, base: base + SUPERSCRIPT[1](over))),
    **dict.fromkeys(("^", "textsuperscript"), SUPERSCRIPT),
    **dict.fromkeys(("_", "textsubscript"), SUBSCRIPT),
    "underset": (2, lambda under, base: base + SUBSCRIPT[1](under)),
    "dot": _math_accent("\u0307"),
    "ddot": _math_accent("\u0308"),
    "vec": _math_accent("\u20d7"),
    "overrightarrow": _math_accent("\u20d7", is_wide=True),
    "check": _math_accent("\u030c"),
    "breve": _math_accent("\u0306"),
    "acute": _math_accent("\u0301"),
    "grave": _math_accent("\u0300"),
    "mathring": _math_accent("\u030a"),
    "not": (1, lambda text: unicodedata.normalize("NFC", text[:1] + "\u0338") + text[1:]),
    "mathbb": (1, _blackboard),
    "sqrt": (1, lambda text: "√" + _bracketed(text)),
    "binom": (2, "({} choose {})".format),
    "pmod": (1, " (mod {})".format),
    "ket": (1, "|{}⟩".format),
    "bra": (1, "⟨{}|".format),
    "braket": (1, "⟨{}⟩".format),
    "enquote": (1, "“{}”".format),
    "abs": (1, "|{}|".format),
    "norm": (1, "‖{}‖".format),
    "footnote": (1, " ({})".format),
    "href": (2, lambda url, text: f"{text} ({url})" if text != url else url),
}
ESCAPED_SIGNS = dict.fromkeys(",;:> \\", " ") | dict.fromkeys("-/!()[]", "") | {"|": "‖"}
