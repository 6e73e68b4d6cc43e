"""Reads and checks the filters in an address: `?topic=a&topic=b&min_votes=3&sort=new`.

For lists, feeds and the search page; `?since=visit` is for lists alone, as it depends on the
reader. A new filter of lists is a field of `ListFilters`, read in `from_request` and applied in
`apply`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest
from django.utils import timezone

from papers.bounded_numbers import bounded_number
from papers.models import Topic
from papers.models.paper_queries import PaperQuerySet
from papers.models.sort_orders import SortOrder, default_sort

MAX_MIN_VOTES = 9_999_999


def sort_labels() -> dict[str, str]:
    """The orders that this site offers, by their names in addresses."""
    return {
        order.value: str(order.label)
        for order in SortOrder
        if settings.COMMENTS or order != SortOrder.DISCUSSED
    }


@dataclass(frozen=True)
class ListFilters:
    topics: tuple[str, ...]  # slugs, each once; a paper in any of them is shown
    min_votes: int
    sort: str
    is_since_visit: bool = False
    new_since: datetime | None = None  # of a reader who is signed in
    is_fair: bool = False  # `?fair=1`: votes are divided by what the paper's topics usually get

    @classmethod
    def of_page(cls, request: HttpRequest, kind: str) -> "ListFilters":
        """Those of the page of a list of this kind. Raises BadRequest.

        `?since=visit` leaves what came since the reader's last visit, the newest first. Who is not
        signed in gets the whole list in that order, the same for all: `site.js` hides the rest.
        """
        is_since_visit = bool(choice_from_request(request, "since", ["visit"], default=""))
        default = SortOrder.NEW if is_since_visit else default_sort(kind)
        return replace(
            cls.from_request(request, default_sort=default),
            is_since_visit=is_since_visit,
            new_since=last_visit(request.user) if is_since_visit else None,
        )

    @classmethod
    def from_request(
        cls,
        request: HttpRequest,
        sorts: Mapping[str, str] | None = None,
        default_sort: str = SortOrder.HOT,
    ) -> "ListFilters":
        """`sorts` are the allowed names, by default those of lists. Raises BadRequest."""
        topics = tuple(dict.fromkeys(filter(None, request.GET.getlist("topic"))))
        sort = choice_from_request(request, "sort", sorts or sort_labels(), default_sort)
        is_fair = bool(choice_from_request(request, "fair", ["1"], default=""))
        return cls(topics, _min_votes(request), sort, is_fair=is_fair and sort == SortOrder.HOT)

    def apply(self, papers: PaperQuerySet, topics: Sequence[Topic] | None = None) -> PaperQuerySet:
        """These papers without those that the filters leave out, not sorted yet.

        `topics`: those of the filters, or all, where the caller has them; it saves a query.
        """
        return self.apply_all_but_topics(papers).in_topics(self.topics, topics)

    def apply_all_but_topics(self, papers: PaperQuerySet) -> PaperQuerySet:
        """The papers of which topics are counted: each number says what its topic would show."""
        papers = papers.with_min_votes(self.min_votes)
        return papers.shown_after(self.new_since) if self.new_since else papers


def last_visit(reader: Any) -> datetime | None:
    """When this reader was here before, if they are signed in; notes that they are here now."""
    if not reader.is_authenticated:
        return None
    reader.visit(timezone.now())
    moment: datetime | None = reader.previous_visit_at
    return moment


def choice_from_request(
    request: HttpRequest, name: str, choices: Iterable[str], default: str
) -> str:
    """The parameter `name`, or `default` without it. Raises BadRequest for any other value."""
    value = request.GET.get(name) or default
    if value != default and value not in choices:
        raise BadRequest(f"{name} is one of {', '.join(choices)}")
    return value


def require_topics(slugs: Sequence[str]) -> list[Topic]:
    """The topics of these slugs. Raises Http404 for the first that no topic has."""
    topics = list(Topic.objects.filter(slug__in=slugs))
    known = {topic.slug for topic in topics}
    for slug in slugs:
        if slug not in known:
            raise Http404(f"There is no topic “{slug[:80]}”.")
    return topics


def _min_votes(request: HttpRequest) -> int:
    try:
        return bounded_number(request.GET.get("min_votes") or "0", most=MAX_MIN_VOTES)
    except ValueError:
        raise BadRequest(f"min_votes is a number from 0 to {MAX_MIN_VOTES:,}") from None
