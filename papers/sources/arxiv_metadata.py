"""Rules for arXiv's metadata in every format: categories, withdrawals, DOIs, addresses."""

import re
from collections.abc import Iterable

from papers.categories import CATEGORIES, is_arxiv
from papers.identifiers import doi
from papers.sources import clean

# A subject class younger than our list is arXiv's own if its archive is; an MSC or ACM class
# ("68T50", "F.2.2; I.2.7") never looks like one.
ARCHIVES = {code.partition(".")[0] for code in CATEGORIES if "." in code}
SUBJECT_CLASS = re.compile(r"([a-z-]+)\.[A-Za-z]{1,12}(?:-[A-Za-z]{1,12})?")
MAX_CATEGORIES = 100

_WORK = (
    r"(?:paper|article|manuscript|submission|preprint|e-?print|work|abstract|version|note|report"
    r"|letter|document|draft)"
)
_IT = rf"(?:(?:this|the|its|our|and|present|current|entire|whole|arxiv|{_WORK})\s+)"
_NOW = r"(?:(?:been|being|now|temporarily|voluntarily|formally)\s+)"
_ENDS = (
    r"(?=\W*$|\s*[.,;:!(\[]|\s+[–—-]|\s+(?:by|due|because|since|as|after|for|paper|pending|until)\b"
    r"|\s+from\s+arxiv|\s+(?:at|on|upon)\s+(?:the\s+)?(?:author|request))"
)
_PASSIVE = (
    # "This paper has been withdrawn", "This version withdrawn by arXiv administrators due to …"
    rf"{_IT}{{1,6}}(?:has|have|is|was|were|had)\s+{_NOW}{{0,3}}(?:withdrawn|retracted)\b"
    r"(?!\s+(?:from|at)\s(?!arxiv))"
    rf"|{_IT}{{0,6}}(?:withdrawn|retracted){_ENDS}"
    # "This version has been removed by arXiv administrators because …"
    rf"|{_IT}{{1,6}}(?:(?:has|have|is|was)\s+{_NOW}{{0,3}})?removed\s+"
    r"(?:by\s+(?:the\s+)?(?:arxiv|admin|moderat|author)|from\s+arxiv|due\b|because\b)"
    r"|withdrawal\s+(?:requested|of\s+(?:this|the)\s+paper)\b"
)
# "We are withdrawing this paper due to …", "The authors have withdrawn this manuscript because …"
_ACTIVE = (
    r"(?:I|we|(?:the\s+)?authors?|arxiv(?:\s+admin\w*)?)\s+"
    r"(?:(?:am|are|is|have|has|had|hereby|now|therefore|thus|must|to|decided|wish(?:es)?|want|like"
    r"|would|chose|choose|voluntarily|temporarily|formally)\s+){0,5}"
    r"(?:withdr[ae]w(?:n|s|ing)?|retract(?:s|ed|ing)?)\s+"
    rf"(?:it(?=\W*$|[.,;:]|\s+(?:due|because|since|as|from\s+arxiv)\b)|(?:this|the|our)\s+"
    rf"(?:(?:present|current|entire|whole|arxiv)\s+)?{_WORK}\b(?!\s+from\s(?!arxiv)))"
)
# A comment may say it after the number of pages, an abstract says it first or not of itself.
WITHDRAWN_IN_COMMENT = re.compile(
    rf"(?:^|[.,;:)\]!–—-]\s)\W{{0,3}}(?:{_PASSIVE})|(?<!of )(?<!if )(?<!when )\b{_ACTIVE}",
    re.IGNORECASE,
)
WITHDRAWN_IN_ABSTRACT = re.compile(
    rf"\W{{0,3}}(?:arxiv\s+admin\s+note:\s+)?(?:{_PASSIVE}|{_ACTIVE})", re.IGNORECASE
)


def categories(terms: Iterable[object], primary: object = "") -> tuple[list[str], list[str]]:
    """arXiv's own categories, the primary one first, and apart from them MSC and ACM classes.

    Every format of arXiv names the primary category first, or names it as such; the API mixes
    the authors' classes in ("68T50", "F.2.2; I.2.7").
    """
    ours: dict[str, None] = {}
    classes: dict[str, None] = {}
    for term in (clean.line(term) for term in (primary, *terms)):
        subject = SUBJECT_CLASS.fullmatch(term)
        if is_arxiv(term) or (subject and subject[1] in ARCHIVES):
            ours[term] = None
        elif term:
            classes[term] = None
    return list(ours)[:MAX_CATEGORIES], list(classes)[:MAX_CATEGORIES]


def is_withdrawn(comment: str, abstract: str) -> bool:
    """Whether comment or abstract say it, as "This paper has been withdrawn by the author"."""
    return bool(WITHDRAWN_IN_COMMENT.search(comment) or WITHDRAWN_IN_ABSTRACT.match(abstract))


def first_doi(value: object) -> str:
    """The DOI of the paper, where those of its errata follow."""
    return next((name for part in clean.line(value).split() if (name := doi(part))), "")


def abstract_url(arxiv_id: str) -> str:
    """The page about a paper."""
    return f"https://arxiv.org/abs/{arxiv_id}" if arxiv_id else ""


def pdf_url(arxiv_id: str) -> str:
    """Its PDF, to link to; arXiv asks us not to copy it."""
    return f"https://arxiv.org/pdf/{arxiv_id}" if arxiv_id else ""
