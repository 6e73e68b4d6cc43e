"""Citations of a paper: BibTeX, RIS, and one line of text."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from papers import text
from papers.identifiers import fold_name

MAX_LINE_AUTHORS = 10  # of the one line; of more, only the first is named
MAX_LABEL_PART_CHARS = 40
MIN_TITLE_WORD_CHARS = 4  # of the title word in a label


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The fields of a citation. Title and abstract are as their authors wrote them, with TeX."""

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
    note: str = ""  # of the reader for whom it is written, as typed


def bibtex_of_all(works: Iterable[Work]) -> str:
    """Entries with different keys: the second quill2025apologies is quill2025apologies-2."""
    numbers: Counter[str] = Counter()
    entries = []
    for work in works:
        key = label(work)
        numbers[key] += 1
        entries.append(bibtex(work, f"{key}-{numbers[key]}" if numbers[key] > 1 else key))
    return "\n".join(entries)


def ris_of_all(works: Iterable[Work]) -> str:
    return "\r\n".join(map(ris, works))


def bibtex(work: Work, key: str = "") -> str:
    """An @article if it is in a journal, else a @misc with its arXiv id."""
    fields = {
        "title": f"{{{text.tex(work.title)}}}",  # the second pair of braces keeps its capitals
        "author": " and ".join(map(_bibtex_name, work.authors)),
        "journal": text.tex(work.journal),
        "year": str(work.year or ""),
        "month": MONTHS[work.published_on.month - 1] if work.published_on else "",
        "eprint": work.arxiv_id,
        "archivePrefix": "arXiv" if work.arxiv_id else "",
        "primaryClass": work.primary_category if work.arxiv_id else "",
        "doi": work.doi,
        "url": work.url,
        "annote": text.tex(" ".join(work.note.split())),
    }
    lines = [
        f"  {name} = {value if name == 'month' else f'{{{_without_braces(name, value)}}}'},\n"
        for name, value in fields.items()
        if value
    ]
    return f"@{'article' if work.journal else 'misc'}{{{key or label(work)},\n{''.join(lines)}}}\n"


def ris(work: Work) -> str:
    """For reference managers: UTF-8, one value a line.

    https://en.wikipedia.org/wiki/RIS_(file_format)
    """
    lines = [
        ("TY", "JOUR" if work.journal else "UNPB"),
        ("TI", text.plain(work.title)),
        *(("AU", family_first(text.plain(name))) for name in work.authors),
        ("PY", str(work.year or "")),
        ("DA", f"{work.published_on:%Y/%m/%d}" if work.published_on else ""),
        ("JO", text.plain(work.journal)),
        ("AN", f"arXiv:{_without_spaces(work.arxiv_id)}" if work.arxiv_id else ""),
        ("DO", _without_spaces(work.doi)),
        ("UR", _without_spaces(work.url)),
        ("L1", _without_spaces(work.pdf_url)),
        ("AB", text.plain(work.abstract)),
        ("N1", " ".join(work.note.split())),
        *(("KW", text.plain(word)) for word in work.keywords),
    ]
    written = "".join(f"{tag}  - {value}\r\n" for tag, value in lines if value)
    return f"{written}ER  - \r\n"


def line(work: Work) -> str:
    """Ada Quill and Ben Marsh. On Apologies. arXiv:2503.00001, 2025."""
    names = [text.plain(name) for name in work.authors]
    if len(names) > MAX_LINE_AUTHORS:
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
    """The BibTeX key: quill2025apologies."""
    first = work.authors[0] if work.authors else ""
    family = fold_name(family_first(text.plain(first)).partition(",")[0])
    words = fold_name(text.plain(work.title)).split()
    meaningful = [
        word for word in words if len(word) >= MIN_TITLE_WORD_CHARS and word not in STOP_WORDS
    ]
    parts = (family, str(work.year or ""), next(iter(meaningful or words), ""))
    return (
        "".join(NOT_ALPHANUMERIC.sub("", part)[:MAX_LABEL_PART_CHARS] for part in parts) or "paper"
    )


def family_first(name: str) -> str:
    """ "van der Quill, Ada" for "Ada van der Quill"; the name of a group stays as it is."""
    return ", ".join(filter(None, name_parts(name)))


def name_parts(name: str) -> tuple[str, str, str]:
    """Family name, given names and suffix; a group or a single word is all family name."""
    words = name.replace(",", " ").split()
    if len(words) < 2 or is_group(name):
        return " ".join(words), "", ""
    if EAST_ASIAN.fullmatch(words[0]):
        return words[0], " ".join(words[1:]), ""
    suffix = words.pop() if len(words) > 2 and SUFFIX.fullmatch(words[-1]) else ""
    start = len(words) - 1
    while start > 1 and words[start - 1].islower():
        start -= 1
    return " ".join(words[start:]), " ".join(words[:start]), suffix


def is_group(name: str) -> bool:
    return GROUP_NAME.search(name) is not None


def _bibtex_name(name: str) -> str:
    family, given, suffix = name_parts(text.plain(name))
    if suffix:
        return text.tex(f"{family}, {suffix}, {given}")
    if given and EAST_ASIAN.fullmatch(family):
        return text.tex(f"{family}, {given}")
    written = text.tex(" ".join(filter(None, (given, family))))
    return written if given and not is_group(name) else f"{{{written}}}"


def _without_braces(name: str, value: str) -> str:
    """BibTeX prints addresses and identifiers as they are: percent-encode the braces in them."""
    if name in VERBATIM_FIELDS:
        return BRACES.sub(lambda match: f"%{ord(match[0]):02X}", _without_spaces(value))
    return value


def _without_spaces(address: str) -> str:
    """White space in an address or identifier would begin a new line, or a new value."""
    return "".join(address.split())


MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
VERBATIM_FIELDS = ("eprint", "primaryClass", "doi", "url")
BRACES = re.compile(r"[{}\\]")
NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]+")
GROUP_NAME = re.compile(
    # BibTeX would read a name with an "and" as two names
    r"\b(?:team|group|collaboration|consortium|project|lab|laboratory|initiative|authors|and)\b",
    re.IGNORECASE,
)
# Han, kana and hangul: in these writings the family name stands first, as in 李 明.
EAST_ASIAN = re.compile(
    "[\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+"
)
SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv)\.?", re.IGNORECASE)
STOP_WORDS = frozenset(
    ["about", "from", "into", "that", "their", "this", "towards", "toward", "what", "when"]
    + ["where", "which", "with", "without", "your", "does", "over", "under", "have", "more"]
)
