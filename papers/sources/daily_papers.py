"""The daily-papers API's JSON: a day's listing, or one paper."""

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
MAX_REPR_CHARS = 100_000  # characters; the longest seen has 9,000
MAX_REPR_DEPTH = 20  # brackets; more could exhaust the interpreter's stack


def parse(body: bytes) -> Parsed:
    return collect(entries(body))


def entries(body: bytes) -> Iterator[ParsedItem]:
    """Papers in the order of the listing. It names no day of its own: the caller knows it."""
    try:
        found = clean.from_json(body)
    except ValueError as error:
        what = clean.described(body).replace("JSON", f"broken JSON ({error})")
        raise ParseError(f"{what} instead of a list of papers") from None
    items = _items(found)
    if len(items) > MAX_PAPERS:
        raise ParseError(f"more than {MAX_PAPERS} papers")
    return parse_each(items, entry_of)


def _items(found: object) -> list[Any]:
    """The records in an answer: a list, one paper, or a list wrapped in an object."""
    if isinstance(found, list):
        return found
    answer = clean.mapping(found)
    if "paper" in answer or {"id", "title"} <= answer.keys():
        return [answer]
    if isinstance(answer.get("data"), list):
        return list(answer["data"])
    if "error" in answer:
        raise ParseError(f"an error instead of a list of papers: {clean.shown(answer['error'])}")
    raise ParseError(f"{clean.shown(found)} instead of a list of papers")


def entry_of(item: object) -> Entry:
    """One record of a listing; raises ValueError with the reason if it cannot become an entry."""
    if isinstance(item, str):
        item = _from_python_repr(item)
    if not isinstance(item, dict):
        raise ValueError(f"{clean.shown(item)} instead of a paper")
    outer = item
    paper = clean.mapping(outer.get("paper")) or outer
    both = {**outer, **paper}  # the API moves some fields in and out
    identified = arxiv_id(clean.line(paper.get("id")))
    if identified is None:
        raise ValueError(f"no arXiv id: {clean.shown(paper.get('id'))}")
    identifier, version = identified
    title = clean.line(paper.get("title")) or clean.line(outer.get("title"))
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
        code_url=clean.clean_url(both.get("githubRepo")),
        project_url=clean.clean_url(both.get("projectPage")),
        submitter_name=_account_name(both.get("submittedBy"))
        or _account_name(both.get("submittedOnDailyBy")),
        upvotes=clean.count(both.get("upvotes")),
        extra=clean.kept(
            keywords=clean.lines(both.get("ai_keywords")),
            ai_summary=clean.text(both.get("ai_summary")),
            organization=organization(
                both.get("organization") or both.get("submitterOrganization")
            ),
            media=media_urls(both.get("mediaUrls")),
            comments=clean.count(both.get("numComments")),
            stars=clean.count(both.get("githubStars")),
            hidden_authors=list(hidden),
            discussion_id=clean.line(both.get("discussionId")),
        ),
    )


def organization(value: object) -> dict[str, Any]:
    """Who stands behind a paper, as far as we show it."""
    given = clean.mapping(value)
    return clean.kept(
        name=clean.line(given.get("name")),
        fullname=clean.line(given.get("fullname")),
        avatar=clean.clean_url(given.get("avatar")),
    )


def media_urls(value: object) -> list[str]:
    """Pictures and films of a paper."""
    return [url for url in map(clean.clean_url, clean.lines(value)) if url]


def _authors(value: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names that are shown, and those that the source hides."""
    if isinstance(value, str):
        return author_names.split(value), ()
    given = value if isinstance(value, list) else []
    people = [clean.mapping(one) or {"name": one} for one in given]
    return (
        author_names.tidy([one.get("name") for one in people if not one.get("hidden")]),
        author_names.tidy([one.get("name") for one in people if one.get("hidden")]),
    )


def _account_name(value: object) -> str:
    account = clean.mapping(value)
    return next(
        filter(None, (clean.name(account.get(k)) for k in ("fullname", "name", "user"))), ""
    )


def _from_python_repr(text: str) -> object:
    """A record that was written as Python's repr of a dictionary instead of as JSON."""
    depth = deepest = 0
    for character in text[:MAX_REPR_CHARS]:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    if not text.startswith("{") or len(text) > MAX_REPR_CHARS or deepest > MAX_REPR_DEPTH:
        raise ValueError(f"text instead of a paper: {clean.shown(text[:200])}")
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise ValueError(f"text instead of a paper: {clean.shown(text[:200])}") from None
