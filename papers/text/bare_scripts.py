"""Finds subscripts and superscripts written outside of formulas: `CoRe^2`, `H_2O`, `10^{-3}`.

Many sources drop the dollars of TeX. Only what is unmistakable counts: never a file_name, a
snake_case word, an email address or part of a web address.
"""

import re
from collections.abc import Iterator

# Within braces, one level of them: `_{ij}`, `^{\alpha-1}`, `_{\text{max}}`.
_GROUP = r"\{(?:[^{}$\\\n]|\\[A-Za-z,;:! ]|\{[^{}$\n]{0,60}\}){1,80}\}"
_ELEMENT = (
    "(?:A[cglmrstu]|B[aehikr]?|C[adeflmnorsu]?|D[bsy]|E[rsu]|F[elmr]?|G[ade]|H[efgos]?|I[nr]?|Kr?"
    "|L[airuv]|M[cdgnot]|N[abdehiop]?|O[gs]?|P[abdmortu]?|R[abefghnu]|S[bcegimnr]?|T[abcehilm]"
    "|U|V|W|Xe|Yb?|Z[nr])"
)
_NUMBER = r"[0-9]{1,3}(?:\.[0-9]{1,3})?"
# Not in a name, an address or a path; a full stop may end the sentence.
_STARTS_WORD = r"(?<![\w.\\@{}^&#])(?<![A-Za-z0-9][A-Za-z0-9]/)(?<!//)"
_ENDS_WORD = r"(?![\w@{\\]|[.:]\w|/[A-Za-z]{2}|-\w{0,40}[_@])"
_POWER = (
    r"\^(?:[+−-]?[0-9]{1,3}(?![0-9^_@]|[./][0-9])(?:[+−-](?![\w(+>-]))?|\([+−-]?[0-9]{1,3}\)"
    r"|circ(?![A-Za-z])|[A-Za-z](?![\w^(@])|\+(?![0-9(])|\*(?![\w^(])|-(?![\w^(>-]))"
)
PATTERN = (
    r"(?P<path>(?<![\w.-])[\w.-]{1,60}\.[a-z]{2,6}/[^\s<>\"{}|\\^`$]{0,200})"
    rf"|(?<=[\w)\]}}])(?P<script>_{_GROUP}(?:\^{_GROUP})?|\^{_GROUP}(?:_{_GROUP})?)"
    rf"|(?:(?<=[^\W_])|(?<=[)\]]))(?P<power>{_POWER})"
    rf"|(?<![\w^\\)\]])(?P<isotope>\^[0-9]{{1,3}})(?={_ELEMENT}\b)"
    rf"|(?:{_STARTS_WORD}(?<!\w\w-)[^\W\d_]|\\[A-Za-z]{{2,12}})(?P<index>_[0-9]{{1,2}}){_ENDS_WORD}"
    rf"|{_STARTS_WORD}(?=[A-Za-z0-9.()]{{1,40}}_[0-9])"
    rf"(?P<compound>(?:\(?{_ELEMENT}(?:_?{_NUMBER})?(?:\)(?:_?{_NUMBER})?)?){{1,12}}){_ENDS_WORD}"
)
SIGN = re.compile(r"[_^][\w{(*+−-]")  # every script has it
GROUPS = frozenset(["path", "script", "power", "isotope", "index", "compound"])
CIRCLE = "\\circ"
COMPOUND_SCRIPT = re.compile(f"_{_NUMBER}")
# Labels such as CPU_1 are spelt with the same letters: capitals alone, a number at the end.
LABEL = re.compile(r"[A-Z]{3,}_[0-9.]+")
OXIDE = re.compile(r"[A-Z]+[OHF]_[0-9.]+")


def tex_spans(match: re.Match[str]) -> Iterator[tuple[int, int, str]]:
    """Where the scripts of a match of PATTERN stand in its text, and each one's TeX."""
    for name in ("script", "power", "isotope", "index"):
        if script := match[name]:
            inside = script if name == "script" else _braced(script)
            yield match.start(name), match.end(name), inside
    compound = match["compound"]
    if compound and _is_compound(compound):
        for script_match in COMPOUND_SCRIPT.finditer(compound):
            start = match.start("compound")
            yield start + script_match.start(), start + script_match.end(), _braced(script_match[0])


def _braced(script: str) -> str:
    inside = script[1:].strip("()")
    return f"{script[0]}{{{inside.replace('circ', CIRCLE)}}}"


def _is_compound(word: str) -> bool:
    if "_" not in word or REPEATED_ELEMENT.search(word):
        return False
    return not LABEL.fullmatch(word) or bool(OXIDE.fullmatch(word))


REPEATED_ELEMENT = re.compile(rf"({_ELEMENT})\1(?![a-z])")
