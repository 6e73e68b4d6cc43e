"""The daily-papers API's JSON: a day's listing, or one paper."""

import ast
from collections.abc import Iterator
from typing import Any

from papers.identifiers import arxiv_id
from papers.sources import (
    Entry,
    Found,
    Parsed,
    ParseError,
    arxiv_facts,
    fields,
    gather,
    names,
    sift,
)

MOST_PAPERS = 5_000
LONGEST_REPR = 100_000  # characters; the longest seen has 9,000
DEEPEST_REPR = 20  # brackets; more could exhaust the interpreter's stack


def parse(body: bytes) -> Parsed:
    return gather(entries(body))


def entries(body: bytes) -> Iterator[Found]:
    """Papers in the order of the listing. It names no day of its own: the caller knows it."""
    try:
        found = fields.from_json(body)
    except ValueError as error:
        what = fields.described(body).replace("JSON", f"broken JSON ({error})")
        raise ParseError(f"{what} instead of a list of papers") from None
    items = _items(found)
    if len(items) > MOST_PAPERS:
        raise ParseError(f"more than {MOST_PAPERS} papers")
    return sift(items, entry_of)


def _items(found: object) -> list[Any]:
    """The records in an answer: a list, one paper, or a list wrapped in an object."""
    if isinstance(found, list):
        return found
    answer = fields.mapping(found)
    if "paper" in answer or {"id", "title"} <= answer.keys():
        return [answer]
    if isinstance(answer.get("data"), list):
        return list(answer["data"])
    if "error" in answer:
        raise ParseError(f"an error instead of a list of papers: {fields.shown(answer['error'])}")
    raise ParseError(f"{fields.shown(found)} instead of a list of papers")


def entry_of(item: object) -> Entry:
    """One record of a listing; raises ValueError with the reason if it cannot become an entry."""
    if isinstance(item, str):
        item = _literal(item)
    if not isinstance(item, dict):
        raise ValueError(f"{fields.shown(item)} instead of a paper")
    outer = item
    paper = fields.mapping(outer.get("paper")) or outer
    both = {**outer, **paper}  # the API moves some fields in and out
    identified = arxiv_id(fields.line(paper.get("id")))
    if identified is None:
        raise ValueError(f"no arXiv id: {fields.shown(paper.get('id'))}")
    identifier, version = identified
    title = fields.line(paper.get("title")) or fields.line(outer.get("title"))
    if not title:
        raise ValueError(f"no title: {identifier}")
    shown, hidden = _authors(paper.get("authors"))
    abstract = fields.paragraphs(both.get("summary"))
    return Entry(
        title=title,
        abstract=abstract,
        authors=shown,
        arxiv_id=identifier,
        version=version,
        submitted_at=fields.moment(paper.get("publishedAt")),
        withdrawn=bool(paper.get("withdrawnAt")) or arxiv_facts.is_withdrawn("", abstract),
        abstract_url=arxiv_facts.abstract_url(identifier),
        pdf_url=arxiv_facts.pdf_url(identifier),
        code_url=fields.clean_url(both.get("githubRepo")),
        project_url=fields.clean_url(both.get("projectPage")),
        submitter_name=_person(both.get("submittedBy")) or _person(both.get("submittedOnDailyBy")),
        upvotes=fields.count(both.get("upvotes")),
        extra=fields.kept(
            keywords=fields.lines(both.get("ai_keywords")),
            ai_summary=fields.text(both.get("ai_summary")),
            organization=organization(
                both.get("organization") or both.get("submitterOrganization")
            ),
            media=media(both.get("mediaUrls")),
            comments=fields.count(both.get("numComments")),
            stars=fields.count(both.get("githubStars")),
            hidden_authors=list(hidden),
            discussion_id=fields.line(both.get("discussionId")),
        ),
    )


def organization(value: object) -> dict[str, Any]:
    """Who stands behind a paper, as far as we show it."""
    given = fields.mapping(value)
    return fields.kept(
        name=fields.line(given.get("name")),
        fullname=fields.line(given.get("fullname")),
        avatar=fields.clean_url(given.get("avatar")),
    )


def media(value: object) -> list[str]:
    """Pictures and films of a paper."""
    return [url for url in map(fields.clean_url, fields.lines(value)) if url]


def _authors(value: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names that are shown, and those that the source hides."""
    if isinstance(value, str):
        return names.split(value), ()
    given = value if isinstance(value, list) else []
    people = [fields.mapping(one) or {"name": one} for one in given]
    return (
        names.tidy([one.get("name") for one in people if not one.get("hidden")]),
        names.tidy([one.get("name") for one in people if one.get("hidden")]),
    )


def _person(value: object) -> str:
    account = fields.mapping(value)
    return next(
        filter(None, (fields.name(account.get(k)) for k in ("fullname", "name", "user"))), ""
    )


def _literal(text: str) -> object:
    """A record that was written as Python's repr of a dictionary instead of as JSON."""
    depth = deepest = 0
    for character in text[:LONGEST_REPR]:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    if not text.startswith("{") or len(text) > LONGEST_REPR or deepest > DEEPEST_REPR:
        raise ValueError(f"text instead of a paper: {fields.shown(text[:200])}")
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise ValueError(f"text instead of a paper: {fields.shown(text[:200])}") from None
