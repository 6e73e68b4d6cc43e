"""What publishers write around an abstract: taken off, and read where it says something."""

import re
from dataclasses import dataclass, field

from papers.sources import clean

LONGEST = 6_000  # characters; of a longer text, which is an article, the first paragraphs

HEADING = re.compile(r"(?:graphical |structured )?abstract\W{0,2}", re.IGNORECASE)
FIRST_HEADING = re.compile(r"(?:summary|highlights|description|tl;?dr)\W{0,2}", re.IGNORECASE)
BEFORE = re.compile(
    r"(?:arXiv:\S{1,40}\s+Announce Type:\s+\S{1,20}\s+)?(?:abstract|summary)\s?[:.—]\s*",
    re.IGNORECASE,
)
# ScienceDirect, PubMed and sites of daily papers tell the rest in paragraphs of their own.
LABELLED = re.compile(
    r"(?P<label>publication date|source|author\(s\)|authors?|upvotes|pmid|doi|published online)"
    r"\s?:\s*(?P<value>.*)",
    re.IGNORECASE | re.DOTALL,
)
NOTHING = re.compile(
    r"\W*|no abstract(?: available)?\W{0,3}|\[?no abstract\]?"
    # Taylor & Francis: "Volume 55, Issue 31-32, August 2021, Page 1917-1940 . ."
    r"|(?:volume|vol\.) [^.]{1,40}, (?:issue|no\.) [^.]{1,80}[. ]*"
    r"|ahead of print[. ]*|(?:continue reading|read more)\W*"
    r"|the post .{1,300} appeared first on .{1,200}",
    re.IGNORECASE | re.DOTALL,
)
TRUNCATED = re.compile(r"(?:\.\.\.|…|\[(?:\.\.\.|…|&hellip;)\])\W{0,3}$")


@dataclass(slots=True)
class Told:
    """An abstract, and what stood around it under a label."""

    abstract: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    is_marked: bool = False  # a heading says where the abstract begins

    @property
    def is_truncated(self) -> bool:
        return bool(TRUNCATED.search(self.abstract))


def strip(text: str) -> Told:
    """The abstract in a text of paragraphs."""
    told = Told()
    kept: list[str] = []
    for paragraph in text.split("\n\n"):
        is_first = not kept and not told.is_marked
        if HEADING.fullmatch(paragraph) or (is_first and FIRST_HEADING.fullmatch(paragraph)):
            if not told.is_marked:
                kept.clear()  # the journal, its issue, the day
            told.is_marked = True
        elif labelled := LABELLED.fullmatch(paragraph):
            told.labels.setdefault(labelled["label"].lower(), labelled["value"])
        elif not NOTHING.fullmatch(paragraph):
            kept.append(paragraph)
    if kept:
        kept[0] = BEFORE.sub("", kept[0], count=1) if BEFORE.match(kept[0]) else kept[0]
    while len(kept) > 1 and sum(map(len, kept)) > LONGEST:
        kept.pop()
    told.abstract = "\n\n".join(filter(None, kept))
    return told


def choose(summary: str, contents: list[str]) -> Told:
    """The abstract from a summary, or from the full text where that has it whole."""
    told = strip(summary)
    for content in contents:
        other = strip(content)
        told.labels = other.labels | told.labels
        if other.abstract and (
            not told.abstract
            or (other.is_marked and not told.is_marked)
            or (told.is_truncated and len(other.abstract) > len(told.abstract))
        ):
            other.labels = told.labels
            told = other
    return told


def authors(told: Told) -> str:
    return told.labels.get("author(s)") or told.labels.get("authors") or ""


def journal(told: Told) -> str:
    return clean.line(told.labels.get("source"))
