"""Importing papers that a reader kept elsewhere: BibTeX, or a list of ids, DOIs and links."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.models import User
from library.forms import ImportForm
from library.models import ReadingList, Save
from library.models.reading_list import FullList
from library.named_papers import find_referenced
from library.references import Reference
from library.views.list_items import FULL
from papers.submissions.known_papers import ARCHIVED, Wanted
from papers.web.for_readers import for_readers
from papers.web.rate_limits import Policy, count_request

IMPORTS = Policy("import", 30, 3_600)
TOO_MANY_IMPORTS = "You have imported too often within an hour. Try again later."


@dataclass(frozen=True)
class Result:
    """What became of a file."""

    added: int
    kept_before: int
    missing: list[dict[str, str]]  # label, and what `/submit?id=` takes, or nothing

    @property
    def labels(self) -> str:
        """What is missing, one a line, to be copied."""
        return "\n".join(row["spelling"] or row["label"] for row in self.missing)


@for_readers
@require_http_methods(["GET", "HEAD", "POST"])
def import_papers(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    lists = ReadingList.objects.of_reader(request.user)
    form = ImportForm(lists, request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        usage = count_request(request, IMPORTS)
        if usage and usage.exceeded:
            form.add_error(None, TOO_MANY_IMPORTS)
        else:
            try:
                context["result"] = _import(request.user, **form.cleaned_data)
            except FullList:
                form.add_error(None, FULL)
    return render(request, "library/import.html", context)


def _import(reader: User, found: Sequence[Reference], into: ReadingList | None) -> Result:
    """Save these papers, or put them at the end of a list. Raises FullList: then none is added."""
    papers, unknown = find_referenced(found)
    missing = [{"label": row.label, "spelling": _spelling(row)} for row in unknown]
    if into:
        added = into.add(papers)
    else:
        before = Save.objects.of_reader(reader).count()
        Save.objects.add(reader, papers)
        added = Save.objects.of_reader(reader).count() - before
    return Result(added, len(papers) - added, missing)


def _spelling(reference: Reference) -> str:
    """By which `/submit` finds the paper in an archive; empty where it cannot."""
    name = next((name for name in reference.names if name[0] in ARCHIVED), None)
    return Wanted(name, link="").spelling if name else ""
