"""Links from a page of papers to what other apps offer; each app registers its own.

papers must not import or name the apps above it (see the import contracts in pyproject.toml).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # apps.py of other apps imports this module before there are models
    from papers.models import Topic

FilterValue = str | int | Sequence[str]
_subscribe_url: Callable[[dict[str, FilterValue]], str] | None = None
_utc_offsets: Sequence[tuple[str, str]] = ()


def register_subscribing(
    build_url: Callable[[dict[str, FilterValue]], str], utc_offsets: Sequence[tuple[str, str]]
) -> None:
    """To be called by `AppConfig.ready` of the app that sends papers by email.

    `build_url` takes filters, such as `{"topic": ["vision"], "min_votes": 3}` or
    `{"search": "graphs"}`, and returns the address of a form that proposes them. `utc_offsets` are
    the time zones that it offers without JavaScript, with their words.
    """
    global _subscribe_url, _utc_offsets
    _subscribe_url, _utc_offsets = build_url, utc_offsets


def subscribe_url(**filters: FilterValue) -> str:
    """Where to subscribe to the papers that these filters select; empty where nobody offers it.

    Filters without a value are left out.
    """
    given = {name: value for name, value in filters.items() if value}
    return _subscribe_url(given) if _subscribe_url else ""


@dataclass(frozen=True)
class SubscribeOffer:
    """A subscription to what a list shows, for `papers/_subscribe.html`.

    `url` is the form with all its fields, `action` where the short form is sent, with `fields` as
    hidden fields. `papers` says in words which papers it is.
    """

    url: str
    action: str
    fields: list[tuple[str, str | int]]
    papers: str
    utc_offsets: Sequence[tuple[str, str]]  # zone and words, for browsers without JavaScript


def subscribe_offer(
    *, topics: "Sequence[Topic]" = (), min_votes: int = 0, search: str = "", author: str = ""
) -> SubscribeOffer | None:
    """None where no app sends papers by email."""
    slugs = [topic.slug for topic in topics]
    url = subscribe_url(topic=slugs, min_votes=min_votes, search=search, author=author)
    fields: list[tuple[str, str | int]] = [("topic", slug) for slug in slugs]
    fields += [(name, value) for name, value in (("search", search), ("author", author)) if value]
    papers = ", ".join(topic.name for topic in topics) or "All papers"
    if author:
        papers = f"Papers by {author}"
    elif search:
        papers = f"Papers found by “{search}”"
    if min_votes:
        papers += f" with {min_votes} or more upvotes"
    fields = fields or [("everything", "on")]
    fields.append(("min_upvotes", min_votes))
    return SubscribeOffer(url, subscribe_url(), fields, papers, _utc_offsets) if url else None
