"""/sitemap.xml for search engines: the addresses of every day, topic and paper."""

import math
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.contrib.sitemaps import Sitemap, views
from django.core.paginator import Page, Paginator
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from papers.models import Paper, Topic

MAX_AGE = 3_600  # seconds
PAPERS_PER_FILE = 5_000


@require_safe
@cache_control(public=True, max_age=MAX_AGE)
def index(request: HttpRequest) -> HttpResponse:
    return views.index(request, SECTIONS, sitemap_url_name="papers:sitemap_section")


@require_safe
@cache_control(public=True, max_age=MAX_AGE)
def sitemap(request: HttpRequest, section: str) -> HttpResponse:
    return views.sitemap(request, SECTIONS, section=section)


class FixedPages(Sitemap):  # type: ignore[type-arg]
    def items(self) -> list[str]:
        return ["today", "trending", "topics", "about", "ranking", "status"]

    def location(self, item: str) -> str:
        return reverse(f"papers:{item}")


class DayPages(Sitemap):  # type: ignore[type-arg]
    def items(self) -> list[date]:
        days = Paper.objects.listed().order_by("-listed_on").values_list("listed_on", flat=True)
        return [day for day in days.distinct() if day]

    def location(self, item: date) -> str:
        return reverse("papers:day", args=[item.isoformat()])


class TopicPages(Sitemap):  # type: ignore[type-arg]
    def items(self) -> QuerySet[Topic]:
        return Topic.objects.all()


class PaperPages(Sitemap):  # type: ignore[type-arg]
    limit = PAPERS_PER_FILE

    def items(self) -> QuerySet[Paper]:
        papers = Paper.objects.visible().filter(is_sample=False)
        return papers.only("key", "updated_at").order_by("pk")

    def lastmod(self, paper: Paper) -> datetime | None:
        return paper.updated_at

    def get_latest_lastmod(self) -> None:
        """None: the index would read every paper for it."""

    @property
    def paginator(self) -> Paginator:  # type: ignore[type-arg]
        return PrimaryKeyPaginator(self.items(), self.limit)


class PrimaryKeyPaginator(Paginator):  # type: ignore[type-arg]
    """Pages of consecutive primary keys, fewer rows where some are missing.

    The last page is found as fast as the first; an offset would count all rows before it.
    """

    @cached_property
    def num_pages(self) -> int:
        last: int = self.object_list.aggregate(pk=Max("pk"))["pk"] or 1  # type: ignore[attr-defined]
        return math.ceil(last / self.per_page)

    def page(self, number: int | str) -> Page:  # type: ignore[type-arg]
        number = self.validate_number(number)
        first, last = (number - 1) * self.per_page + 1, number * self.per_page
        rows = self.object_list.filter(pk__range=(first, last))  # type: ignore[attr-defined]
        return Page(rows, number, self)


SECTIONS: "dict[str, type[Sitemap[Any]] | Sitemap[Any]]" = {
    "pages": FixedPages,
    "days": DayPages,
    "topics": TopicPages,
    "papers": PaperPages,
}
