"""What every parser returns: `Entry`, one item of a source before it becomes a paper.

Every format has a module with `entries(…) -> Iterator[ParsedItem]`: the entries in the order of
the source, and between them the records that could not become one, so that a broken record
never costs its neighbours. A body that is not the format at all raises ParseError. `parse(body)
-> Parsed` collects the same for callers that need all of it.
`papers.sources.parsers` says which module parses which kind of source.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple, TypeVar

from papers import text

ANNOUNCE_TYPES = ("new", "cross", "replace", "replace-cross")

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One parsed item, in text and values that PostgreSQL can store.

    Text is as the source wrote it, save for folded white space and without NUL and other
    characters that cannot be stored; only an abstract holds line breaks, two between its
    paragraphs. `title_text`, `abstract_text` and the authors' names have their TeX converted
    already: a hostile text may take long, and where bodies are parsed time is limited.
    Times are aware and in UTC; `announced_on` is a day of the archive's own calendar,
    `listed_on` a day that the source itself lists the paper on (daily papers do, arXiv does not).
    Every URL is http or https. A title of which nothing is left to see (`{}`) raises ValueError.

    `extra` holds JSON under these keys, each only where the source has it: comment, classes
    (ACM and MSC), license, report_number, keywords, ai_summary, organization (name, fullname,
    avatar), media (URLs), comments (their number), stars, hidden_authors, discussion_id.
    """

    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    arxiv_id: str = ""  # without version
    version: int | None = None
    doi: str = ""
    identifiers: tuple[tuple[str, str], ...] = ()  # further (scheme, value) pairs
    guid: str = ""  # by which the source calls this item, where it is not just its address
    link_is_shared: bool = False  # other items of the body have the same `abstract_url`
    primary_category: str = ""
    categories: tuple[str, ...] = ()
    announce_type: str = ""  # one of ANNOUNCE_TYPES, or empty where the format has none
    announced_on: date | None = None
    listed_on: date | None = None
    submitted_at: datetime | None = None
    updated_at: datetime | None = None
    withdrawn: bool = False
    abstract_url: str = ""
    pdf_url: str = ""
    code_url: str = ""
    project_url: str = ""
    journal_ref: str = ""
    submitter_name: str = ""
    upvotes: int = 0  # counted by the source, voters unknown
    extra: dict[str, Any] = field(default_factory=dict)
    title_text: str = field(init=False)
    abstract_text: str = field(init=False)

    def __post_init__(self) -> None:
        keep = partial(object.__setattr__, self)  # frozen
        keep("title_text", _plain(self.title))
        if self.title and not any(c.isprintable() and not c.isspace() for c in self.title_text):
            raise ValueError(f"no title: nothing is seen of {self.title[:60]!r}")
        keep("abstract_text", _plain(self.abstract))
        keep("authors", tuple(filter(None, map(_plain, self.authors))))


def _plain(source: str) -> str:
    """The very same string where there is no TeX in it: entries travel between processes."""
    plain = text.plain(source)
    return source if plain == source else plain


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that could not become an entry: which one (from 0), and why in words."""

    index: int
    reason: str


ParsedItem = Entry | Rejected


class Parsed(NamedTuple):
    """All items of one body."""

    entries: list[Entry]
    rejected: list[Rejected]


class ParseError(ValueError):
    """The whole body is not what the format promises; the message says what it is instead."""


class IncompleteAnswer(ParseError):
    """The answer is of the format, but lacks what it announces: worth asking again soon."""


def parse_each(items: Iterable[Item], entry_of: Callable[[Item], Entry]) -> "Iterator[ParsedItem]":
    """Turn each item into an entry; an item for which `entry_of` raises an error is Rejected."""
    for index, item in enumerate(items):
        try:
            yield entry_of(item)
        except ParseError:  # it is about the whole body
            raise
        except ValueError as error:
            yield Rejected(index, str(error))
        except MemoryError:
            raise
        except Exception as error:  # a fault of ours: it costs this item and not the rest
            yield Rejected(index, f"a fault in our parser ({type(error).__name__}: {error})")


def collect(items: "Iterable[ParsedItem]") -> Parsed:
    """Entries and rejected records in a list each."""
    parsed = Parsed([], [])
    for item in items:
        if isinstance(item, Entry):
            parsed.entries.append(item)
        else:
            parsed.rejected.append(item)
    return parsed
