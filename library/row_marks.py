"""What a page of papers shows of the library: which of them this reader saved and read."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest

from library.models import ReadMark, Save
from papers.models import Paper


def mark_columns(reader: Any) -> dict[str, Any]:
    """For `papers.models.reader_columns`: `is_saved` and `is_read` of each row of a list."""
    saves = Save.objects.filter(reader=reader, paper=OuterRef("pk"))
    marks = ReadMark.objects.filter(reader=reader, paper=OuterRef("pk"))
    return {"is_saved": Exists(saves), "is_read": Exists(marks)}


def mark_papers(request: HttpRequest, papers: Sequence[Paper]) -> None:
    """Set `is_saved` and `is_read` on papers that were read without `mark_columns`: in one query.

    Those of lists have them. Anonymous readers have no marks.
    """
    if not request.user.is_authenticated:
        return
    unmarked = {paper.pk: paper for paper in papers if "is_saved" not in vars(paper)}
    if not unmarked:
        return
    rows = Paper.objects.only("pk").filter(pk__in=unmarked)
    for marked in rows.annotate(**mark_columns(request.user)):
        paper = unmarked[marked.pk]
        paper.is_saved, paper.is_read = marked.is_saved, marked.is_read
