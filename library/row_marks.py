"""What a page of papers shows of the library: which of them this reader saved and read."""

from collections.abc import Sequence

from django.db.models import Value
from django.http import HttpRequest

from library.models import ReadMark, Save
from papers.models import Paper


def mark_papers(request: HttpRequest, papers: Sequence[Paper]) -> None:
    """Set `is_saved` and `is_read` on each paper, in one query; in none for who is anonymous."""
    if not request.user.is_authenticated or not papers:
        return
    reader = request.user
    saved = Save.objects.filter(reader=reader, paper__in=papers)
    read = ReadMark.objects.filter(reader=reader, paper__in=papers)
    rows = saved.values_list("paper", Value("is_saved")).union(
        read.values_list("paper", Value("is_read")), all=True
    )
    by_key = {paper.pk: paper for paper in papers}
    for key, mark in rows:
        setattr(by_key[key], mark, True)
