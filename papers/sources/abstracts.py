"""Finds the abstract in an entry's text: takes off what publishers write around it.

Lines with a label, such as "Source: …", are kept apart: authors and journal may stand there.
"""

import re
from dataclasses import dataclass, field

from papers.sources import clean

MAX_ABSTRACT_CHARS = (
    6_000  # characters; of a longer text, which is an article, the first paragraphs
)

ABSTRACT_HEADING = re.compile(r"(?:graphical |structured )?abstract\W{0,2}", re.IGNORECASE)
OTHER_HEADING = re.compile(r"(?:summary|highlights|description|tl;?dr)\W{0,2}", re.IGNORECASE)
LEADING_LABEL = re.compile(
    r"(?:arXiv:\S{1,40}\s+Announce Type:\s+\S{1,20}\s+)?(?:abstract|summary)\s?[:.—]\s*",
    re.IGNORECASE,
)
# ScienceDirect, PubMed and sites of daily papers tell the rest in paragraphs of their own.
LABELLED = re.compile(
    r"(?P<label>publication date|source|author\(s\)|authors?|upvotes|pmid|doi|published online)"
    r"\s?:\s*(?P<value>.*)",
    re.IGNORECASE | re.DOTALL,
)
PLACEHOLDER = re.compile(
    r"\W*|no abstract(?: available)?\W{0,3}|\[?no abstract\]?"
    # Taylor & Francis: "Volume 55, Issue 31-32, August 2021, Page 1917-1940 . ."
    r"|(?:volume|vol\.) [^.]{1,40}, (?:issue|no\.) [^.]{1,80}[. ]*"
    r"|ahead of print[. ]*|(?:continue reading|read more)\W*"
    r"|the post .{1,300} appeared first on .{1,200}",
    re.IGNORECASE | re.DOTALL,
)
TRUNCATED = re.compile(r"(?:\.\.\.|…|\[(?:\.\.\.|…|&hellip;)\])\W{0,3}$")


@dataclass(slots=True)
class Abstract:
    """An abstract, and the labelled lines that stood around it."""

    text: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    has_heading: bool = False  # one that says where the abstract begins

    @property
    def is_truncated(self) -> bool:
        return bool(TRUNCATED.search(self.text))


def strip(text: str) -> Abstract:
    """The abstract in a text whose paragraphs are apart by an empty line."""
    abstract = Abstract()
    kept: list[str] = []
    for paragraph in text.split("\n\n"):
        is_first = not kept and not abstract.has_heading
        if ABSTRACT_HEADING.fullmatch(paragraph) or (
            is_first and OTHER_HEADING.fullmatch(paragraph)
        ):
            if not abstract.has_heading:
                kept.clear()  # the journal, its issue, the day
            abstract.has_heading = True
        elif labelled := LABELLED.fullmatch(paragraph):
            abstract.labels.setdefault(labelled["label"].lower(), labelled["value"])
        elif not PLACEHOLDER.fullmatch(paragraph):
            kept.append(paragraph)
    if kept:
        kept[0] = (
            LEADING_LABEL.sub("", kept[0], count=1) if LEADING_LABEL.match(kept[0]) else kept[0]
        )
    while len(kept) > 1 and sum(map(len, kept)) > MAX_ABSTRACT_CHARS:
        kept.pop()
    abstract.text = "\n\n".join(filter(None, kept))
    return abstract


def choose(summary: str, contents: list[str]) -> Abstract:
    """The abstract from a summary, or from a full text where only that has all of it."""
    abstract = strip(summary)
    for content in contents:
        other = strip(content)
        abstract.labels = other.labels | abstract.labels
        if other.text and (
            not abstract.text
            or (other.has_heading and not abstract.has_heading)
            or (abstract.is_truncated and len(other.text) > len(abstract.text))
        ):
            other.labels = abstract.labels
            abstract = other
    return abstract


def authors(abstract: Abstract) -> str:
    """Names in one string, from a labelled line."""
    return abstract.labels.get("author(s)") or abstract.labels.get("authors") or ""


def journal(abstract: Abstract) -> str:
    """The journal, from a labelled line."""
    return clean.line(abstract.labels.get("source"))
