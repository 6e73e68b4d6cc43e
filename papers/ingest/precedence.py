"""Decides which of two records of one paper is kept, field by field: the one that knows more wins.

The order of ranks, and the reasons for it:

1. arXiv's own records, known by arXiv's categories, before all others: other sources copy their
   title, abstract and authors, and lose TeX and names on the way.
2. A later version before an earlier one, and before a record that names none.
3. Of records of one rank, a later `updated_at` of the source that brought the paper: it corrects
   itself.
4. Else each field by itself: the title with more TeX, the longer list of authors, the longer
   abstract, more categories. Where neither has more, the paper's own source may still correct
   itself; any other changes nothing.

A record of lower rank only fills what is empty. Points 1, 2 and 4 never lead back to an earlier
state, so that two sources, or two files, in turn do not change a paper each time.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from papers.models import Paper, Source
from papers.sources import Entry

TEX_MARK = re.compile(r"[$\\]")


class Rank(NamedTuple):
    """Compared as a tuple, the first difference decides."""

    is_arxiv_record: bool
    version: int


def rank(record: Paper | Entry) -> Rank:
    return Rank(bool(record.arxiv_id and record.categories), record.version or 0)


class Precedence:
    """Compares one entry with its paper as it was before; ask for each field."""

    def __init__(self, paper: Paper, entry: Entry, source: Source | None) -> None:
        ours, theirs = rank(paper), rank(entry)
        self.is_own_source = source is not None and paper.source_id == source.pk
        self.is_corrected = (
            self.is_own_source
            and entry.updated_at is not None
            and (paper.updated_at is None or entry.updated_at > paper.updated_at)
        )
        self.is_higher = theirs > ours or (theirs == ours and self.is_corrected)
        self.is_equal = theirs == ours

    def takes(self, field: str, old: Any, new: Any) -> bool:
        """Whether the entry's value of this field replaces the paper's."""
        if not new or not old:
            return bool(new)
        if not self.is_equal or self.is_higher:
            return self.is_higher
        known, offered = AMOUNTS[field](old), AMOUNTS[field](new)
        return offered > known or (offered == known and self.is_own_source)

    def extra(self, old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
        """Further facts of both: counts only grow, all else by rank, and what is new is added."""
        merged = (
            old | new if self.is_higher or (self.is_equal and self.is_own_source) else new | old
        )
        counts = {key for key in old.keys() & new.keys() if _is_count(old[key], new[key])}
        return merged | {key: max(old[key], new[key]) for key in counts}


def _is_count(*values: object) -> bool:
    return all(type(value) is int for value in values)


def _authors(names: list[str] | tuple[str, ...]) -> tuple[int, int]:
    """Their number, then their letters: full names before initials."""
    return len(names), sum(map(len, names))


# By field: how much a value says, as something to compare.
AMOUNTS: dict[str, Callable[[Any], Any]] = {
    "title": lambda title: len(TEX_MARK.findall(title)),
    "abstract": len,
    "authors": _authors,
    "categories": len,
}
