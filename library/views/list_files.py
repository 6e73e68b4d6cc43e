"""A list for programs: its feed, and its papers as BibTeX and RIS."""

from dataclasses import replace

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from library.models import ReadingList
from library.reference_file import reference_file
from library.views.lists import list_of_reader
from papers.feeds.responses import Feed, feed_items, feed_view
from papers.models import Paper

MAX_ENTRIES = 100


@feed_view
def feed(request: HttpRequest, list_key: str) -> Feed:
    """The papers of a public list, the last added first."""
    shown = ReadingList.objects.public().select_related("owner").filter(key=list_key).first()
    if shown is None:
        raise Http404("There is no public list at this address.")
    newest = shown.visible_items().order_by("-added_at", "-pk")[:MAX_ENTRIES]
    added = dict(newest.values_list("paper", "added_at"))
    papers = Paper.objects.for_rows().in_bulk(list(added))
    items = feed_items(papers[key] for key in added)
    return Feed(
        title=f"{shown.title} · {settings.SITE_NAME}",
        description=shown.description or "A list of papers.",
        page=shown.get_absolute_url(),
        items=[
            replace(item, published=moment, updated=max(moment, item.updated))
            for item, moment in zip(items, added.values(), strict=True)
        ],
    )


@require_safe
def references(request: HttpRequest, list_key: str, form: str) -> HttpResponse:
    """All papers of a list that the reader may read, in its order."""
    shown = list_of_reader(request, list_key)
    works = (paper.citation for paper in shown.visible_papers())
    response = reference_file(works, form, shown.key)
    patch_vary_headers(response, ["Cookie"])
    patch_cache_control(response, private=True, no_cache=True)
    return response
