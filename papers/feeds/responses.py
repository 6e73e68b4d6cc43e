"""Turns a `Feed` into a response: Atom, RSS or JSON Feed, or 304 where the reader has it.

A person who opens its address in a browser gets a page instead.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import wraps
from hashlib import sha256
from html import escape
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import (
    get_conditional_response,
    patch_cache_control,
    patch_vary_headers,
)
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from papers.feeds.formats import FORMATS
from papers.models import FeedIdPrefix, Paper
from papers.search.query_planner import SearchTimeout
from papers.text.characters import INVISIBLE

MAX_AUTHOR_ELEMENTS = 100  # of one entry; its text counts the rest
MAX_AGE = 300  # seconds that browsers and proxies may keep a feed,
MAX_STALE = 3_600  # and seconds that they may show it while they fetch a new one
BROWSER_HEADER = "Sec-Fetch-Dest"
LAST_MODIFIED_KEPT = 6 * 3_600  # seconds that the cache remembers since when a feed is as it is
P = ParamSpec("P")


@dataclass(frozen=True)
class Item:
    """An entry. Its path is part of its id, which is the same in every feed."""

    path: str  # of its page
    title: str
    html: str
    published: datetime
    updated: datetime
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Feed:
    title: str
    description: str
    page: str  # the path of the page that shows the same
    items: list[Item] = field(default_factory=list)


def feed_view(view: Callable[Concatenate[HttpRequest, P], Feed]) -> Callable[..., HttpResponse]:
    """Decorates a view that returns a `Feed`; its errors become plain text, as no page is shown."""

    @require_safe
    @wraps(view)
    def respond(request: HttpRequest, form: str, *args: P.args, **kwargs: P.kwargs) -> Any:
        try:
            feed = view(request, *args, **kwargs)
            if is_opened_in_browser(request):
                response = feed_page(request, feed)
            else:
                response = feed_response(request, feed, form)
            patch_vary_headers(response, [BROWSER_HEADER])
            return response
        except Http404 as error:
            status, reason = 404, str(error)
        except BadRequest as error:
            status, reason = 400, f"{error}."
        except SearchTimeout:
            status, reason = 503, "This search takes too long. Ask for fewer or rarer words."
        return HttpResponse(f"{reason}\n", status=status, content_type="text/plain; charset=utf-8")

    return respond


def is_opened_in_browser(request: HttpRequest) -> bool:
    """Whether a person follows a link to it: Fetch Metadata (W3C), which no feed reader sends."""
    return request.headers.get(BROWSER_HEADER) == "document"


def feed_page(request: HttpRequest, feed: Feed) -> HttpResponse:
    """What a person sees who opens the address: what a feed is for, its address, its entries."""
    address = f"{settings.SITE_URL}{request.get_full_path()}"
    response = render(request, "papers/feed.html", {"feed": feed, "address": address})
    patch_cache_control(response, private=True, no_cache=True)
    return response


def feed_response(request: HttpRequest, feed: Feed, form: str) -> HttpResponse:
    """`form` is a key of FORMATS. The ETag is a hash of the whole feed."""
    path = request.get_full_path()
    body = render_feed(feed, form, path)
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    modified = _unchanged_since(path, etag)
    response = get_conditional_response(
        request,
        etag=etag,
        last_modified=int(modified.timestamp()),
        response=HttpResponse(body, content_type=FORMATS[form].content_type),
    )
    assert response is not None  # the response passed in, or a 304 or 412 instead
    response["ETag"] = etag
    response["Last-Modified"] = http_date(modified.timestamp())
    response["Access-Control-Allow-Origin"] = "*"
    patch_cache_control(response, public=True, max_age=MAX_AGE, stale_while_revalidate=MAX_STALE)
    return response


def render_feed(feed: Feed, form: str, path: str) -> bytes:
    """`path` is the feed's own, with its query."""
    id_prefix = FeedIdPrefix.objects.current()
    out = FORMATS[form](
        title=_clean(feed.title),
        link=f"{settings.SITE_URL}{feed.page}",
        description=_clean(feed.description),
        subtitle=_clean(feed.description),
        language="en",
        author_name=_clean(settings.SITE_NAME),
        feed_url=f"{settings.SITE_URL}{path}",
        feed_guid=f"{id_prefix}{path}",
    )
    for item in feed.items:
        out.add_item(
            title=_clean(item.title),
            link=f"{settings.SITE_URL}{item.path}",
            description=_clean(item.html),
            unique_id=f"{id_prefix}{item.path}",
            unique_id_is_permalink=id_prefix == settings.SITE_URL,
            pubdate=item.published,
            updateddate=item.updated,
            categories=[_clean(tag) for tag in item.tags],
            authors=[_clean(name) for name in item.authors],
        )
    return out.writeString("utf-8").encode()


def feed_items(papers: Iterable[Paper], *, with_votes: bool = False) -> list[Item]:
    """`with_votes` writes the upvotes into each text, which then changes with them."""
    return [_item(paper, with_votes) for paper in papers]


def _item(paper: Paper, with_votes: bool) -> Item:
    topics = (topic.name for topic in paper.topic_list)
    return Item(
        path=paper.get_absolute_url(),
        title=paper.title_text,
        html=_html(paper, with_votes),
        published=paper.shown_at,
        updated=max(paper.shown_at, paper.updated_at or paper.shown_at),
        authors=tuple(filter(None, paper.authors[:MAX_AUTHOR_ELEMENTS])),
        tags=tuple(dict.fromkeys([*paper.categories, *topics])),
    )


def _html(paper: Paper, with_votes: bool) -> str:
    """Upvotes, authors, abstract and links. Formulas are text, as feed readers drop MathML."""
    more = f" and {paper.more_authors:,} more" if paper.more_authors else ""
    links = (f'<a href="{escape(url)}">{name}</a>' for name, url in paper.links.items())
    parts = [
        "<strong>Withdrawn by its authors.</strong>" if paper.withdrawn else "",
        paper.upvotes_in_words if with_votes else "",
        escape(", ".join(paper.lead_authors) + more),
        *map(escape, paper.abstract_text.split("\n\n")),
        " · ".join(links),
    ]
    return "".join(f"<p>{part}</p>" for part in parts if part)


def _clean(text: str) -> str:
    """On one line, without control characters, which XML forbids, and invisible ones."""
    return INVISIBLE.sub("", " ".join(text.split()))


def _unchanged_since(path: str, etag: str) -> datetime:
    """Since when this path has had this ETag, as far as the cache remembers.

    The newest date of its entries would not do: a vote or a curator may bring an older paper in,
    and a reader that sends If-Modified-Since alone would never get it.
    """
    now = timezone.now().replace(microsecond=0)
    key = f"feed:{sha256(path.encode()).hexdigest()[:32]}"
    match cache.get(key):
        case (kept_etag, since) if kept_etag == etag:
            return datetime.fromtimestamp(since, UTC)
    cache.set(key, (etag, int(now.timestamp())), LAST_MODIFIED_KEPT)
    return now
