"""Links beside a list that change one of its filters: this address, one parameter changed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from papers.models import Topic
from papers.web.list_filters import ListFilters, sort_labels

OFFERED_MIN_VOTES = (3, 10, 30)  # an address may name any other number


def url_with(request: HttpRequest, **changes: list[str]) -> str:
    """The request's address with these parameters set, or removed where the list is empty.

    It leads to the first page, unless `page` is among the changes.
    """
    query = request.GET.copy()
    first_page: dict[str, list[str]] = {"page": [], "after": []}
    for name, values in (first_page | changes).items():
        if values:
            query.setlist(name, values)
        else:
            query.pop(name, None)
    return f"{request.path}?{encoded}" if (encoded := query.urlencode()) else request.path


def topic_links(
    request: HttpRequest,
    topics: Iterable[Topic],
    selected_slugs: Sequence[str],
    counts: Mapping[int, int],
) -> list[dict[str, Any]]:
    """The selected topics, and those that have papers; each link selects its topic, or deselects.

    `counts` is by primary key.
    """
    shown = (it for it in topics if counts.get(it.pk) or it.slug in selected_slugs)
    return [_topic_link(request, it, selected_slugs, counts.get(it.pk, 0)) for it in shown]


def _topic_link(
    request: HttpRequest, topic: Topic, selected_slugs: Sequence[str], count: int
) -> dict[str, Any]:
    selected = topic.slug in selected_slugs
    others = [slug for slug in selected_slugs if slug != topic.slug]
    return {
        "slug": topic.slug,
        "name": topic.name,
        "count": count,
        "selected": selected,
        "url_toggle": url_with(request, topic=others if selected else [*others, topic.slug]),
    }


def min_votes_links(request: HttpRequest, filters: ListFilters) -> list[dict[str, Any]]:
    """The offered least numbers of votes and the selected one; its link deselects it."""
    numbers = sorted({*OFFERED_MIN_VOTES, filters.min_votes} - {0})
    return [
        {
            "votes": votes,
            "selected": votes == filters.min_votes,
            "url_toggle": url_with(
                request, min_votes=[] if votes == filters.min_votes else [str(votes)]
            ),
        }
        for votes in numbers
    ]


def day_links(request: HttpRequest, counts: Mapping[date, int]) -> list[dict[str, Any]]:
    """The days of a week or a month that have papers; each leads to its page, filtered alike."""
    kept = {name: request.GET.getlist(name) for name in ("topic", "min_votes")}
    query = urlencode({name: values for name, values in kept.items() if any(values)}, doseq=True)
    return [
        {
            "label": f"{day:%a} {day.day}",
            "count": count,
            "url": reverse("papers:day", args=[day.isoformat()]) + (f"?{query}" if query else ""),
        }
        for day, count in sorted(counts.items())
    ]


def sort_links(request: HttpRequest) -> list[dict[str, str]]:
    return [
        {"name": name, "label": label, "url": url_with(request, sort=[name])}
        for name, label in sort_labels().items()
    ]
