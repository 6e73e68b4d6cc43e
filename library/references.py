"""Reads a BibTeX file, or a list of ids, DOIs and links: which papers it names. No database."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from papers import pasted_ids
from papers.sources import clean
from papers.submissions import known_papers

Name = tuple[str, str]  # scheme and value, as in Alias; `key` is the scheme of a paper's key
MAX_REFERENCES = 5_000  # of one file


@dataclass(frozen=True)
class Reference:
    """One entry or line: how its reader knows it again, and the names of its one paper."""

    label: str
    names: tuple[Name, ...]  # none where nothing in it was recognised


class TooManyReferences(ValueError):
    """There are more than MAX_REFERENCES."""


def read(text: str) -> list[Reference]:
    """In their order, each once. Raises TooManyReferences."""
    entries = list(ENTRY_START.finditer(text))
    found = dict.fromkeys(_bibtex(text, entries) if entries else _lines(text))
    if len(found) > MAX_REFERENCES:
        raise TooManyReferences
    return list(found)


def _bibtex(text: str, entries: list[re.Match[str]]) -> Iterator[Reference]:
    """An entry ends where the next begins: of a broken one no other is lost."""
    ends = [match.start() for match in entries[1:]] + [len(text)]
    for start, end in zip(entries, ends, strict=True):
        if start["kind"].lower() in NO_ENTRIES:
            continue
        fields = _fields(text[start.end() : end])
        names = [
            name
            for field in FIELDS_WITH_IDS
            for name in pasted_ids.read(fields.get(field, "")).names[:1]
        ]
        label = fields.get("title") or start["key"].strip() or "an entry without title"
        yield Reference(clean.line(label), tuple(dict.fromkeys(names)))


def _fields(entry: str) -> dict[str, str]:
    """The values by name, in lower case, without the braces and escapes of TeX."""
    return {
        match["name"].lower(): BRACE_OR_ESCAPE.sub(
            "", match["braced"] or match["quoted"] or match["bare"] or ""
        )
        for match in FIELD.finditer(entry)
    }


def _lines(text: str) -> Iterator[Reference]:
    for line in filter(None, map(clean.text, text.splitlines())):
        names = pasted_ids.read(line).names
        parts = SEPARATOR.split(line)
        if (len(names) == pasted_ids.MAX_NAMES or len(line) > pasted_ids.MAX_CHARS) and parts[1:]:
            yield from _lines("\n".join(parts))  # there may be more names than were read
        elif names:
            yield from (Reference(name[1], (name,)) for name in names)
        else:
            yield Reference(line[: pasted_ids.MAX_CHARS], _own_name(line))


def _own_name(line: str) -> tuple[Name, ...]:
    """The key of a paper of this site, or a link that a source gave."""
    try:
        return (known_papers.read(line).name,)
    except known_papers.NotRecognised:
        return ()


ENTRY_START = re.compile(r"^[ \t]*@(?P<kind>[a-z]+)[ \t]*[{(](?P<key>[^,\n=]*)", re.I | re.M)
NO_ENTRIES = ("comment", "preamble", "string")
FIELDS_WITH_IDS = ("eprint", "doi", "url", "journal", "howpublished", "note")
FIELD = re.compile(
    r"\b(?P<name>eprint|doi|url|journal|howpublished|note|title)\s*=\s*"
    r"(?:\{(?P<braced>(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}|\"(?P<quoted>[^\"]*)\""
    r"|(?P<bare>[^\s,{}\"]+))",
    re.IGNORECASE,
)
BRACE_OR_ESCAPE = re.compile(r"[{}]|\\(?:url|href)\b|\\(?=[_%&#$~])")
SEPARATOR = re.compile(r"[\s,;]+")
