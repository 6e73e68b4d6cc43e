"""All that a reader keeps, as a file: JSON with everything, BibTeX and RIS with the papers."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from accounts.models import User
from library import personal_data
from library.reference_file import reference_file
from papers.models import Paper
from papers.web.for_readers import for_readers


@for_readers
@require_safe
def everything(request: HttpRequest) -> HttpResponse:
    """Saved, upvoted and read papers, lists and notes, with the times."""
    assert isinstance(request.user, User)
    votes = request.user.upvotes.active().order_by("-pk").select_related("paper")
    upvoted = [
        {"paper": vote.paper.key, "title": vote.paper.title_text, "upvoted_at": vote.created_at}
        for vote in votes
    ]
    response = JsonResponse(
        personal_data.export(request.user) | {"upvoted": upvoted},
        json_dumps_params={"ensure_ascii": False, "indent": 2},
    )
    response["Content-Disposition"] = 'attachment; filename="papers.json"'
    return response


@for_readers
@require_safe
def references(request: HttpRequest, form: str) -> HttpResponse:
    """Papers that are saved, upvoted, noted or in a list, each once, with the reader's notes."""
    reader = request.user
    assert isinstance(reader, User)
    kept = reader.saves.values("paper").union(
        reader.upvotes.active().values("paper"),
        reader.notes.values("paper"),
        reader.reading_lists.filter(items__isnull=False).values("items__paper"),
    )
    notes = dict(reader.notes.values_list("paper", "text"))
    papers = Paper.objects.visible().filter(pk__in=kept).order_by("-pk")
    works = [replace(paper.citation, note=notes.get(paper.pk, "")) for paper in papers]
    return reference_file(works, form, "papers")
