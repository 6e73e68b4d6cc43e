"""Parses the search box. Never fails: what cannot be understood becomes a message to the reader.

retrieval "chain of thought" -survey       words, a phrase, and what must not stand in it
diffusion OR "score matching"              either
au:"ada lovelace" ti:sparse abs:benchmark  in the authors, the title, the abstract
in:cs.CL in:stat.* topic:language          any of these categories, of these topics
date:2024 date:2024-01..2024-03 votes:10   listed then, with at least so many upvotes
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from papers import categories, periods
from papers.bounded_numbers import bounded_number
from papers.identifiers import other_spacings
from papers.pasted_ids import TYPOGRAPHIC

MAX_QUERY_CHARS = 1_000
MAX_TERMS = 40
MAX_MIN_VOTES = 9_999_999


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a phrase, anywhere or in one part of a paper."""

    text: str
    where: str = ""  # "title", "abstract", "authors"
    phrase: bool = False

    @property
    def is_plain(self) -> bool:
        """One word without quotes or field: a paper near in meaning may do without it."""
        return not (self.where or self.phrase)


@dataclass(slots=True)
class Query:
    """What a search asks for. `wanted` are groups of alternatives, all of which must match."""

    text: str = ""
    wanted: list[tuple[Term, ...]] = field(default_factory=list)
    unwanted: list[Term] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)  # any of them
    unwanted_categories: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)  # any of them
    unwanted_topics: list[str] = field(default_factory=list)
    since: date | None = None
    until: date | None = None
    min_votes: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def has_words(self) -> bool:
        return bool(self.wanted or self.unwanted)

    @property
    def has_filters(self) -> bool:
        lists = (self.categories, self.unwanted_categories, self.topics, self.unwanted_topics)
        return bool(any(lists) or self.since or self.until or self.min_votes)

    @property
    def is_empty(self) -> bool:
        """Without words and filters every paper would match."""
        return not (self.has_words or self.has_filters)

    @property
    def meaning(self) -> str:
        """The text to embed: all wanted words but names of people, which have no meaning."""
        terms = [term.text for group in self.wanted for term in group if term.where != "authors"]
        return " ".join(terms)

    @property
    def title(self) -> str:
        """The text as a title, if it may be one: without parts for authors or abstracts."""
        return self._text_of({"", "title"})

    @property
    def name(self) -> str:
        """The text as an author's name, if it may be one: without anything else."""
        return "" if self.unwanted or self.has_filters else self._text_of({"", "authors"})

    def _text_of(self, parts: set[str]) -> str:
        first = [group[0] for group in self.wanted]
        is_whole = all(term.where in parts for term in first)
        return " ".join(term.text for term in first) if is_whole else ""


def parse(text: str) -> Query:
    """Reads at most MAX_QUERY_CHARS and MAX_TERMS; `problems` says what was ignored and why."""
    text = _normalised(text)
    query = Query(text=text[:MAX_QUERY_CHARS])
    if len(text) > MAX_QUERY_CHARS:
        query.problems.append(f"Only the first {MAX_QUERY_CHARS:,} characters were read.")
    follows_or = False
    for number, piece in enumerate(PIECE.finditer(query.text)):
        if number == MAX_TERMS:
            query.problems.append(f"Only the first {MAX_TERMS} words were read.")
            break
        name, value = (piece["name"] or "").lower(), piece["phrase"] or piece["word"] or ""
        if piece["word"] == "OR" and not name and not piece["no"]:
            follows_or = bool(query.wanted)
            continue
        if not _has_letter_or_digit(value):
            if name or len(value) > 1:
                query.problems.append(f"“{piece[0]}” holds no letter or digit to look for.")
            continue
        if name in FILTERS:
            problem = FILTERS[name](query, value, bool(piece["no"]))
            query.problems += [problem] if problem else []
        else:
            term = Term(value, FIELDS.get(name, ""), piece["phrase"] is not None)
            _add_term(query, term, unwanted=bool(piece["no"]), follows_or=follows_or)
        follows_or = False
    if query.text.count('"') % 2:
        query.problems.append("A quotation mark stands alone; the phrase was taken to the end.")
    return query


def _normalised(text: str) -> str:
    """On one line, in NFC, with the quotes and dashes of a keyboard, without invisible signs."""
    text = text[: 2 * MAX_QUERY_CHARS].replace("\0", " ").translate(TYPOGRAPHIC)
    text = "".join(c for c in text if unicodedata.category(c) not in INVISIBLE)
    return " ".join(unicodedata.normalize("NFC", text).split())


def _has_letter_or_digit(value: str) -> bool:
    return any(character.isalnum() for character in value)


def _add_term(query: Query, term: Term, *, unwanted: bool, follows_or: bool) -> None:
    if unwanted:
        query.unwanted.append(term)
    elif follows_or:
        query.wanted[-1] += (term,)
    elif query.wanted and (name := _name_without_space(query.wanted[-1], term)):
        # (李 and 明) or 李明, as groups of alternatives.
        query.wanted[-1] += (name,)
        query.wanted.append((term, name))
    else:
        query.wanted.append((term,))


def _name_without_space(before: tuple[Term, ...], term: Term) -> Term | None:
    """The two words as one, where they may be a name that Chinese, Japanese or Koreans join."""
    if len(before) > 1 or not (before[0].is_plain and term.is_plain):
        return None
    joined = before[0].text + term.text
    return Term(joined) if other_spacings(joined) else None


def _add_category(query: Query, value: str, unwanted: bool) -> str:
    codes = CODES.get(value.lower().removesuffix(".*"))
    if codes is None:
        return f"“{value}” is no category such as cs.CL, nor a group of them such as cs.*"
    (query.unwanted_categories if unwanted else query.categories).extend(codes)
    return ""


def _add_topic(query: Query, value: str, unwanted: bool) -> str:
    (query.unwanted_topics if unwanted else query.topics).append(value.lower())
    return ""


def _add_date(query: Query, value: str, unwanted: bool) -> str:
    first, dots, last = value.partition("..")
    try:
        since = _first_and_last(first)[0] if first else None
        until = _first_and_last(last if dots else first)[1] if last or not dots else None
    except ValueError as error:
        return f"“{value}” is no date: {error}"
    if unwanted:
        return "A date cannot be left out, only asked for."
    if since and until and until < since:
        return f"“{value}” ends before it begins."
    query.since, query.until = since or query.since, until or query.until
    return ""


def _first_and_last(name: str) -> tuple[date, date]:
    """The days of a year, a month, a week or a day."""
    if name.count("-") == 0:
        return periods.parse_year(name)
    kind: periods.Kind = "week" if "W" in name else "day" if name.count("-") > 1 else "month"
    period = periods.parse(kind, name)
    return period.first, period.last


def _add_min_votes(query: Query, value: str, unwanted: bool) -> str:
    try:
        votes = bounded_number("" if unwanted else value.lstrip(">="), most=MAX_MIN_VOTES)
    except ValueError:
        return f"“{value}” is no number of votes, such as votes:10"
    query.min_votes = max(query.min_votes, votes)
    return ""


FIELDS = {
    **dict.fromkeys(("au", "author"), "authors"),
    **dict.fromkeys(("ti", "title"), "title"),
    **dict.fromkeys(("abs", "abstract"), "abstract"),
}
FILTERS: dict[str, Callable[[Query, str, bool], str]] = {
    **dict.fromkeys(("in", "cat", "category"), _add_category),
    "topic": _add_topic,
    "date": _add_date,
    "votes": _add_min_votes,
}
PIECE = re.compile(
    rf'(?P<no>-(?=[\w"]))?(?:(?P<name>{"|".join([*FIELDS, *FILTERS])}): ?)?'
    r'(?:"(?P<phrase>[^"]*)"?|(?P<word>\S+))',
    re.IGNORECASE,
)
ALL_CODES = (*categories.CATEGORIES, *categories.RETIRED)
# `cs.CL` stands for itself, `cs` for every category of that archive.
CODES = {
    spelling.lower(): [
        name for name in ALL_CODES if name == spelling or name.startswith(f"{spelling}.")
    ]
    for code in ALL_CODES
    for spelling in (code, code.partition(".")[0])
}
INVISIBLE = {"Cc", "Cf", "Cs", "Co"}  # Unicode categories
