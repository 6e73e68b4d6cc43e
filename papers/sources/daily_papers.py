"""Parses the daily-papers API's JSON: a day's listing, or one paper."""

import ast
from collections.abc import Iterator
from typing import Any

from papers.identifiers import arxiv_id
from papers.sources import (
    Entry,
    Parsed,
    ParsedItem,
    ParseError,
    arxiv_metadata,
    author_names,
    clean,
    collect,
    parse_each,
)

MAX_PAPERS = 5_000
MAX_REPR_CHARS = 100_000  # the longest seen has 9,000
MAX_REPR_DEPTH = 20  # brackets within brackets; more could exhaust the interpreter's stack


def parse(body: bytes) -> Parsed:
    """Papers in the order of the listing. It names no day of its own: the caller knows it."""
    return collect(entries(body))


def entries(body: bytes) -> Iterator[ParsedItem]:
    """The same one by one."""
    try:
        value = clean.from_json(body)
    except ValueError as error:
        description = clean.described(body).replace("JSON", f"broken JSON ({error})")
        raise ParseError(f"{description} instead of a list of papers") from None
    items = _items(value)
    if len(items) > MAX_PAPERS:
        raise ParseError(f"more than {MAX_PAPERS} papers")
    return parse_each(items, entry_of)


def _items(value: object) -> list[Any]:
    """The records in an answer: a list, one paper, or a list wrapped in an object."""
    if isinstance(value, list):
        return value
    answer = clean.mapping(value)
    if "paper" in answer or {"id", "title"} <= answer.keys():
        return [answer]
    if isinstance(answer.get("data"), list):
        return list(answer["data"])
    if "error" in answer:
        raise ParseError(f"an error instead of a list of papers: {clean.quoted(answer['error'])}")
    raise ParseError(f"{clean.quoted(value)} instead of a list of papers")


def entry_of(item: object) -> Entry:
    """One record of a listing; raises ValueError with the reason if it cannot become an entry."""
    if isinstance(item, str):
        item = from_python_repr(item)
    if not isinstance(item, dict):
        raise ValueError(f"{clean.quoted(item)} instead of a paper")
    paper = clean.mapping(item.get("paper")) or item
    both = {**item, **paper}  # the API moves some fields in and out
    identified = arxiv_id(clean.line(paper.get("id")))
    if identified is None:
        raise ValueError(f"no arXiv id: {clean.quoted(paper.get('id'))}")
    identifier, version = identified
    title = clean.line(paper.get("title")) or clean.line(item.get("title"))
    if not title:
        raise ValueError(f"no title: {identifier}")
    shown, hidden = _authors(paper.get("authors"))
    abstract = clean.paragraphs(both.get("summary"))
    return Entry(
        title=title,
        abstract=abstract,
        authors=shown,
        arxiv_id=identifier,
        version=version,
        submitted_at=clean.moment(paper.get("publishedAt")),
        withdrawn=bool(paper.get("withdrawnAt")) or arxiv_metadata.is_withdrawn("", abstract),
        abstract_url=arxiv_metadata.abstract_url(identifier),
        pdf_url=arxiv_metadata.pdf_url(identifier),
        code_url=clean.url(both.get("githubRepo")),
        project_url=clean.url(both.get("projectPage")),
        submitter_name=_account_name(both.get("submittedBy"))
        or _account_name(both.get("submittedOnDailyBy")),
        upvotes=clean.count(both.get("upvotes")),
        extra=_extra(both, hidden),
    )


def _extra(record: dict[str, Any], hidden_authors: tuple[str, ...]) -> dict[str, Any]:
    return clean.without_empty(
        keywords=clean.lines(record.get("ai_keywords")),
        ai_summary=clean.text(record.get("ai_summary")),
        organization=organization(
            record.get("organization") or record.get("submitterOrganization")
        ),
        media=media_urls(record.get("mediaUrls")),
        comments=clean.count(record.get("numComments")),
        stars=clean.count(record.get("githubStars")),
        hidden_authors=list(hidden_authors),
        discussion_id=clean.line(record.get("discussionId")),
    )


def organization(value: object) -> dict[str, Any]:
    """The institution behind a paper: the keys that we show."""
    fields = clean.mapping(value)
    return clean.without_empty(
        name=clean.line(fields.get("name")),
        fullname=clean.line(fields.get("fullname")),
        avatar=clean.url(fields.get("avatar")),
    )


def media_urls(value: object) -> list[str]:
    """Addresses of a paper's pictures and videos."""
    return [url for url in map(clean.url, clean.lines(value)) if url]


def _authors(value: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names that are shown, and those that the source hides."""
    if isinstance(value, str):
        return author_names.split(value), ()
    items = value if isinstance(value, list) else []
    people = [clean.mapping(item) or {"name": item} for item in items]
    shown = [person.get("name") for person in people if not person.get("hidden")]
    hidden = [person.get("name") for person in people if person.get("hidden")]
    return author_names.clean_names(shown), author_names.clean_names(hidden)


def _account_name(value: object) -> str:
    account = clean.mapping(value)
    return next(
        filter(None, (clean.name(account.get(k)) for k in ("fullname", "name", "user"))), ""
    )


def from_python_repr(text: str) -> object:
    """A record that was written as Python's repr of a dictionary instead of as JSON."""
    depth = deepest = 0
    for character in text[:MAX_REPR_CHARS]:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    if not text.startswith("{") or len(text) > MAX_REPR_CHARS or deepest > MAX_REPR_DEPTH:
        raise ValueError(f"text instead of a paper: {clean.quoted(text[:200])}")
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise ValueError(f"text instead of a paper: {clean.quoted(text[:200])}") from None
