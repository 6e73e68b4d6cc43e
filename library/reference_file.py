"""Citations of papers as one file for reference managers: BibTeX or RIS."""

from collections.abc import Callable, Iterable

from django.http import HttpResponse

from papers import citations
from papers.citations import Work

RENDERERS: dict[str, tuple[str, Callable[[Iterable[Work]], str]]] = {  # content type, renderer
    "bib": ("application/x-bibtex", citations.bibtex_of_all),
    "ris": ("application/x-research-info-systems", citations.ris_of_all),
}


def reference_file(works: Iterable[Work], form: str, name: str) -> HttpResponse:
    """`form` is a key of RENDERERS; browsers save the file as `name.form`."""
    content_type, render = RENDERERS[form]
    return HttpResponse(
        render(works),
        content_type=f"{content_type}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.{form}"'},
    )
