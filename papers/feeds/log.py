"""The feed of the open log."""

from html import escape

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from papers.feeds.responses import Feed, Item, feed_view
from papers.web import open_log
from papers.web.open_log import ShownAction

MAX_ENTRIES = 100


@feed_view
def log(request: HttpRequest) -> Feed:
    return Feed(
        title=f"Log of the curators · {settings.SITE_NAME}",
        description="What curators did, when and why.",
        page=reverse("papers:log"),
        items=[_item(action) for action in open_log.read(MAX_ENTRIES)],
    )


def _item(action: ShownAction) -> Item:
    return Item(
        path=action.path,
        title=f"{'Undone: ' if action.undone_at else ''}{action.headline}",
        html=_html(action),
        published=action.when,
        updated=action.undone_at or action.when,
        authors=(action.who,),
        tags=(action.about,),
    )


def _html(action: ShownAction) -> str:
    name = escape(action.name)
    if action.url:
        name = f'<a href="{escape(settings.SITE_URL + action.url)}">{name}</a>'
    undone = f"Undone by {action.undone_by}." if action.undone_at else ""
    parts = [f"{escape(action.verb)}: {name}", *map(escape, (action.details, action.why, undone))]
    return "".join(f"<p>{part}</p>" for part in parts if part)
