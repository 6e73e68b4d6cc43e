"""What the address of a list or a feed asks: `?topic=a&topic=b&min_votes=3&sort=new`."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import BadRequest
from django.http import HttpRequest

from papers.models import Topic
from papers.models.paper import ORDERS, PaperQuerySet


@dataclass(frozen=True)
class ListFilters:
    topics: tuple[str, ...]
    min_votes: int
    sort: str

    @classmethod
    def of(cls, request: HttpRequest) -> "ListFilters":
        sort = request.GET.get("sort", "hot")
        if sort not in ORDERS:
            raise BadRequest(f"sort is one of {', '.join(ORDERS)}")
        votes = request.GET.get("min_votes") or "0"
        if not (votes.isascii() and votes.isdigit() and len(votes) < 8):
            raise BadRequest("min_votes is a number")
        topics = tuple(dict.fromkeys(filter(None, request.GET.getlist("topic"))))
        return cls(topics, int(votes), sort)

    def among(self, papers: PaperQuerySet, topics: Sequence[Topic] | None = None) -> PaperQuerySet:
        """Of these papers those that are asked for; all `topics`, where they are known already."""
        return papers.in_topics(self.topics, topics).with_min_votes(self.min_votes)
