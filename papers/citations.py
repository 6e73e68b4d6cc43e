"""A paper as others cite it: BibTeX, RIS, and one line of text."""

import re
from dataclasses import dataclass
from datetime import date

from papers import text
from papers.identifiers import fold_name

MANY = 10  # authors of the one line; of more, only the first is named


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a citation says. Title and abstract are as their authors wrote them."""

    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    published_on: date | None = None
    year: int | None = None
    arxiv_id: str = ""
    primary_category: str = ""
    doi: str = ""
    journal: str = ""
    keywords: tuple[str, ...] = ()
    url: str = ""
    pdf_url: str = ""


def bibtex(work: Work) -> str:
    """An @article where a journal has it, else a @misc with the archive's number."""
    fields = {
        "title": f"{{{text.tex(work.title)}}}",  # twice in braces, which keeps its capitals
        "author": " and ".join(map(_bibtex_name, work.authors)),
        "journal": text.tex(work.journal),
        "year": str(work.year or ""),
        "month": MONTHS[work.published_on.month - 1] if work.published_on else "",
        "eprint": work.arxiv_id,
        "archivePrefix": "arXiv" if work.arxiv_id else "",
        "primaryClass": work.primary_category if work.arxiv_id else "",
        "doi": work.doi,
        "url": work.url,
    }
    lines = [
        f"  {name} = {value if name == 'month' else f'{{{_without_braces(name, value)}}}'},\n"
        for name, value in fields.items()
        if value
    ]
    return f"@{'article' if work.journal else 'misc'}{{{label(work)},\n{''.join(lines)}}}\n"


def ris(work: Work) -> str:
    """For reference managers; they read UTF-8, and every value on a line of its own."""
    lines = [
        ("TY", "JOUR" if work.journal else "UNPB"),
        ("TI", text.plain(work.title)),
        *(("AU", family_first(text.plain(name))) for name in work.authors),
        ("PY", str(work.year or "")),
        ("DA", f"{work.published_on:%Y/%m/%d}" if work.published_on else ""),
        ("JO", text.plain(work.journal)),
        ("AN", f"arXiv:{_in_one(work.arxiv_id)}" if work.arxiv_id else ""),
        ("DO", _in_one(work.doi)),
        ("UR", _in_one(work.url)),
        ("L1", _in_one(work.pdf_url)),
        ("AB", text.plain(work.abstract)),
        *(("KW", text.plain(word)) for word in work.keywords),
    ]
    written = "".join(f"{tag}  - {value}\r\n" for tag, value in lines if value)
    return f"{written}ER  - \r\n"


def line(work: Work) -> str:
    """Ada Quill and Ben Marsh. On Apologies. arXiv:2503.00001, 2025."""
    names = [text.plain(name) for name in work.authors]
    if len(names) > MANY:
        names = [f"{names[0]} et al."]
    who = " and ".join(filter(None, [", ".join(names[:-1]), names[-1] if names else ""]))
    title = text.plain(work.title)
    archive = f"arXiv:{work.arxiv_id}" if work.arxiv_id else ""
    where = text.plain(work.journal) or archive or (f"doi:{work.doi}" if work.doi else work.url)
    year = str(work.year or "")
    place = ", ".join(filter(None, [where, "" if year and year in where else year]))
    sentences = [part for part in (who, title, place) if part]
    return " ".join(part if part[-1] in ".?!" else f"{part}." for part in sentences)


def label(work: Work) -> str:
    """As a bibliography would call it: quill2025apologies."""
    first = work.authors[0] if work.authors else ""
    family = fold_name(family_first(text.plain(first)).partition(",")[0])
    words = fold_name(text.plain(work.title)).split()
    telling = [word for word in words if len(word) > 3 and word not in EMPTY_WORDS] or words
    parts = (family, str(work.year or ""), telling[0] if telling else "")
    return "".join(NEITHER.sub("", part)[:40] for part in parts) or "paper"


def family_first(name: str) -> str:
    """ "Ada van der Quill" as "van der Quill, Ada"; a group keeps its name."""
    return ", ".join(filter(None, parts_of(name)))


def parts_of(name: str) -> tuple[str, str, str]:
    """Family name, given names and suffix; all of it is the family name where nobody can tell."""
    words = name.replace(",", " ").split()
    if len(words) < 2 or is_group(name):
        return " ".join(words), "", ""
    suffix = words.pop() if len(words) > 2 and SUFFIX.fullmatch(words[-1]) else ""
    start = len(words) - 1
    while start > 1 and words[start - 1].islower():
        start -= 1
    return " ".join(words[start:]), " ".join(words[:start]), suffix


def is_group(name: str) -> bool:
    return GROUP.search(name) is not None


def _bibtex_name(name: str) -> str:
    family, given, suffix = parts_of(text.plain(name))
    if suffix:
        return text.tex(f"{family}, {suffix}, {given}")
    written = text.tex(" ".join(filter(None, (given, family))))
    return written if given and not is_group(name) else f"{{{written}}}"


def _without_braces(name: str, value: str) -> str:
    """Addresses and numbers are printed as they stand, so a brace may not stand in them."""
    if name in VERBATIM:
        return BRACES.sub(lambda sign: f"%{ord(sign[0]):02X}", _in_one(value))
    return value


def _in_one(address: str) -> str:
    """White space in an address or a number would be a line, or a value, of its own."""
    return "".join(address.split())


MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
VERBATIM = ("eprint", "primaryClass", "doi", "url")
BRACES = re.compile(r"[{}\\]")
NEITHER = re.compile(r"[^a-z0-9]+")
GROUP = re.compile(
    # a name that holds an "and" would be two
    r"\b(?:team|group|collaboration|consortium|project|lab|laboratory|initiative|authors|and)\b",
    re.IGNORECASE,
)
SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv)\.?", re.IGNORECASE)
EMPTY_WORDS = frozenset(
    ["about", "from", "into", "that", "their", "this", "towards", "toward", "what", "when"]
    + ["where", "which", "with", "without", "your", "does", "over", "under", "have", "more"]
)
