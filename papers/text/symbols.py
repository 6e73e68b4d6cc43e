"""Macros of TeX by name: those that only change how text looks, and those that are a symbol."""

import re

from pylatexenc.latex2text import get_default_latex_context_db

STYLE_MACROS = frozenset(
    [
        *("it", "bf", "em", "rm", "sf", "tt", "sc", "sl", "cal", "bm", "itshape", "bfseries"),
        *("scshape", "sffamily", "ttfamily", "upshape", "mdseries", "rmfamily", "normalfont"),
        *("tiny", "scriptsize", "footnotesize", "small", "normalsize", "large", "Large", "LARGE"),
        *("huge", "Huge", "boldmath", "boldsymbol", "centering", "middle", "mathstrut"),
        *("underline", "uline", "overbrace", "underbrace", "overleftarrow"),
        *("operatorname", "mbox", "hbox", "textrm", "textsf", "texttt", "mathtt", "mathop"),
        *("mathbin", "mathrel", "mathord", "mathopen", "mathclose", "scriptscriptstyle", "pmb"),
        *("mathrm", "mathbf", "mathcal", "mathsf", "mathfrak", "mathit", "mathscr", "text"),
        *("displaystyle", "textstyle", "scriptstyle", "limits", "nolimits", "left", "right"),
        *("big", "Big", "bigl", "bigr", "Bigl", "Bigr", "bigg", "Bigg", "biggl", "biggr"),
        *("Biggl", "Biggr", "bigm", "Bigm", "biggm", "Biggm", "allowbreak", "xspace"),
        *("noindent", "protect", "nonumber", "hfill", "newline", "textbf", "textit"),
    ]
)
PROSE_MACROS = {"deg": "°", "eg": "e.g.", "ie": "i.e.", "etal": "et al."}
SYMBOLS: dict[str, str] = {
    spec.macroname: spec.simplify_repl
    for spec in get_default_latex_context_db().iter_macro_specs()
    if re.fullmatch(r"[^\s%<\[\xad]{1,8}", str(spec.simplify_repl))
}
SYMBOLS |= {"textless": "<", "textgreater": ">", "textbar": "|", "bmod": "mod"}
SYMBOLS |= {"quad": " ", "qquad": " ", "eps": "ε", "ddag": "‡", "lq": "‘", "rq": "’"}
SYMBOLS |= {"over": "/", "atop": " ", "choose": " choose ", "cr": " ", "infinity": "∞"}
SYMBOLS |= {"celsius": "°C", "degreeCelsius": "°C", "angstrom": "Å", "micro": "µ"}
# Authors' own macros for the sets of numbers.
SYMBOLS |= {letter * n: sign for letter, sign in zip("RCZNQ", "ℝℂℤℕℚ", strict=True) for n in (1, 2)}
