"""The trending page: the hottest papers over all days."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from papers.models import Paper
from papers.views.list_page import render_list
from papers.web.caching import public


@require_safe
@public
def trending(request: HttpRequest) -> HttpResponse:
    return render_list(
        request,
        Paper.objects.listed(),
        kind="trending",
        heading="Trending",
        lede="The hottest papers of all days: many votes, not long ago.",
        feed=("trending", ""),
    )
