"""Papers as one file for reference managers: BibTeX or RIS."""

from collections.abc import Callable, Iterable

from django.http import HttpResponse

from papers import citations
from papers.models import Paper

RENDERERS: dict[str, tuple[str, Callable[[Iterable[citations.Work]], str]]] = {
    "bib": ("application/x-bibtex", citations.bibtex_of_all),
    "ris": ("application/x-research-info-systems", citations.ris_of_all),
}


def reference_file(papers: Iterable[Paper], form: str, name: str) -> HttpResponse:
    """`form` is a key of RENDERERS; browsers save the file as `name.form`."""
    content_type, render = RENDERERS[form]
    return HttpResponse(
        render(paper.citation for paper in papers),
        content_type=f"{content_type}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.{form}"'},
    )
