"""A feed as an answer: an entry for each paper, in one of three forms, to who has it not yet."""

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
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from papers.feeds.formats import FORMATS
from papers.models import Paper
from papers.search.run import TooSlow
from papers.text.characters import INVISIBLE

MAX_AUTHOR_ELEMENTS = 100  # with elements of their own; the text counts the rest
MAX_AGE = 300  # seconds that others may keep a feed,
MAX_STALE = 3_600  # and show it while they ask again
REMEMBERED = 6 * 3_600  # seconds that we know since when a feed is as it is
P = ParamSpec("P")


@dataclass(frozen=True)
class Item:
    """What readers know it by is its address, the same in every feed."""

    url: str
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
    """A view that says what is in a feed. What it refuses is said in words, not on a page."""

    @require_safe
    @wraps(view)
    def answered(request: HttpRequest, form: str, *args: P.args, **kwargs: P.kwargs) -> Any:
        try:
            return feed_response(request, view(request, *args, **kwargs), form)
        except Http404 as error:
            status, why = 404, str(error)
        except BadRequest as error:
            status, why = 400, f"{error}."
        except TooSlow:
            status, why = 503, "This search takes too long. Ask for fewer or rarer words."
        return HttpResponse(f"{why}\n", status=status, content_type="text/plain; charset=utf-8")

    return answered


def feed_response(request: HttpRequest, feed: Feed, form: str) -> HttpResponse:
    """The feed, or 304 to who has it."""
    address = f"{settings.SITE_URL}{request.get_full_path()}"
    body = render_feed(feed, form, address)
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    modified = _unchanged_since(address, etag)
    response = get_conditional_response(
        request,
        etag=etag,
        last_modified=int(modified.timestamp()),
        response=HttpResponse(body, content_type=FORMATS[form].content_type),
    )
    assert response is not None  # it is the one given, or a 304 or 412 in its place
    response["ETag"] = etag
    response["Last-Modified"] = http_date(modified.timestamp())
    response["Access-Control-Allow-Origin"] = "*"
    patch_cache_control(response, public=True, max_age=MAX_AGE, stale_while_revalidate=MAX_STALE)
    return response


def render_feed(feed: Feed, form: str, address: str) -> bytes:
    out = FORMATS[form](
        title=_seen(feed.title),
        link=f"{settings.SITE_URL}{feed.page}",
        description=_seen(feed.description),
        subtitle=_seen(feed.description),
        language="en",
        author_name=_seen(settings.SITE_NAME),
        feed_url=address,
        feed_guid=address,
    )
    for item in feed.items:
        out.add_item(
            title=_seen(item.title),
            link=item.url,
            description=_seen(item.html),
            unique_id=item.url,
            unique_id_is_permalink=True,
            pubdate=item.published,
            updateddate=item.updated,
            categories=[_seen(tag) for tag in item.tags],
            authors=[_seen(name) for name in item.authors],
        )
    return out.writeString("utf-8").encode()


def feed_items(papers: Iterable[Paper]) -> list[Item]:
    return [_item(paper) for paper in papers]


def _item(paper: Paper) -> Item:
    topics = (topic.name for topic in paper.topic_list)
    return Item(
        url=f"{settings.SITE_URL}{paper.get_absolute_url()}",
        title=paper.title_text,
        html=_html(paper),
        published=paper.shown_at,
        updated=max(paper.shown_at, paper.updated_at or paper.shown_at),
        authors=tuple(filter(None, paper.authors[:MAX_AUTHOR_ELEMENTS])),
        tags=tuple(dict.fromkeys([*paper.categories, *topics])),
    )


def _html(paper: Paper) -> str:
    """Formulas as text: feed readers throw MathML away."""
    more = f" and {paper.more_authors:,} more" if paper.more_authors else ""
    ways = (f'<a href="{escape(url)}">{name}</a>' for name, url in paper.links.items())
    parts = [
        "<strong>Withdrawn by its authors.</strong>" if paper.withdrawn else "",
        escape(", ".join(paper.lead_authors) + more),
        *map(escape, paper.abstract_text.split("\n\n")),
        " · ".join(ways),
    ]
    return "".join(f"<p>{part}</p>" for part in parts if part)


def _seen(text: str) -> str:
    """Without what XML cannot carry, nor eyes see."""
    return INVISIBLE.sub("", " ".join(text.split()))


def _unchanged_since(address: str, etag: str) -> datetime:
    """Since when this address has answered so, as far as the cache remembers.

    No date of its entries would do: a paper may come late to an old day, by a vote or a
    curator's hand, and who asks by date alone would never hear of it.
    """
    now = timezone.now().replace(microsecond=0)
    key = f"feed:{sha256(address.encode()).hexdigest()[:32]}"
    match cache.get(key):
        case (known, since) if known == etag:
            return datetime.fromtimestamp(since, UTC)
    cache.set(key, (etag, int(now.timestamp())), REMEMBERED)
    return now
