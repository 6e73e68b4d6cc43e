"""A paper for programs: `/papers/KEY.md`, `.bib`, `.ris` and `.json`."""

import json
import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header
from django.views.decorators.http import conditional_page, require_safe

from papers import categories, citations
from papers.api import schemas
from papers.models import Paper
from papers.views.redirects import redirect_to_paper

MAX_AGE = 300  # seconds that browsers and proxies may keep an export


@require_safe
@conditional_page
def export(request: HttpRequest, key: str, form: str) -> HttpResponse:
    paper = Paper.objects.visible().for_page().filter(key=key).first()
    if paper is None:
        return redirect_to_paper(key, "papers:export", form=form)
    response = export_response(paper, form)
    patch_cache_control(response, public=True, max_age=MAX_AGE)
    return response


def export_response(paper: Paper, form: str) -> HttpResponse:
    """The paper as a file in one of FORMATS, shown in the browser, with a name to save it by."""
    content_type, render = FORMATS[form]
    filename = f"{paper.key.replace('/', '-')}.{form}"
    return HttpResponse(
        render(paper),
        content_type=f"{content_type}; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(False, filename) or "inline"},
    )


def _markdown(paper: Paper) -> str:
    """Markup in the source's texts is escaped, so that their addresses become no links."""
    revised = paper.updated_at if (paper.version or 1) > 1 else None
    facts = {
        "Authors": ", ".join(paper.authors),
        "Submitted": paper.published_on.isoformat() if paper.published_on else "",
        "Revised": revised.date().isoformat() if revised else "",
        "Listed": paper.listed_on.isoformat() if paper.listed_on else "",
        "Categories": ", ".join(f"{code} ({categories.name(code)})" for code in paper.categories),
        "Topics": ", ".join(topic.name for topic in paper.topic_list),
        "Upvotes": str(paper.upvotes),
        "Journal": paper.journal_ref,
    }
    lines = [f"# {_escape_markdown(paper.title_text)}", ""]
    if paper.withdrawn:
        lines += ["**Withdrawn** by its authors.", ""]
    lines += [f"- {name}: {_escape_markdown(value)}" for name, value in facts.items() if value]
    lines += [f"- {name}: <{_escape_url(url)}>" for name, url in paper.links.items()]
    paragraphs = [_escape_markdown(part) for part in paper.abstract_text.split("\n\n")]
    return "\n".join([*lines, "", "## Abstract", "", "\n\n".join(paragraphs), ""])


def _escape_markdown(text: str) -> str:
    return MARKUP.sub(r"\\\g<0>", " ".join(text.split()))


def _escape_url(url: str) -> str:
    """For `<URL>`, which ends at a space or at the first `>`."""
    return URL_ENDS.sub(lambda match: f"%{ord(match[0]):02X}", url)


def _json(paper: Paper) -> str:
    return json.dumps(schemas.paper_in_full(paper), ensure_ascii=False, indent=2) + "\n"


MARKUP = re.compile(r"[\\`*\[\]<]|^[-+=#>]")
URL_ENDS = re.compile(r"[<>\s]")
FORMATS: dict[str, tuple[str, Callable[[Paper], str]]] = {  # content type, renderer
    "md": ("text/markdown", _markdown),
    "bib": ("application/x-bibtex", lambda paper: citations.bibtex(paper.citation)),
    "ris": ("application/x-research-info-systems", lambda paper: citations.ris(paper.citation)),
    "json": ("application/json", _json),
}
