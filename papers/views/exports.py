"""A paper for programs: Markdown, BibTeX, RIS, JSON, and the card that is shown for its link."""

import json
import re
from collections.abc import Callable
from hashlib import sha256

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header
from django.views.decorators.http import conditional_page, require_safe

from papers import cards, categories, citations
from papers.api import schemas
from papers.models import Paper
from papers.views.redirects import redirect_to_paper

CARD_EDITION = 1  # a new design is a new edition
CARD_KEPT = 7 * 86_400  # seconds in our own cache
FRESH = 300  # seconds that others may keep a form of a paper
CARD_FRESH = 86_400


@require_safe
@conditional_page
def export(request: HttpRequest, key: str, form: str) -> HttpResponse:
    paper = Paper.objects.visible().for_page().filter(key=key).first()
    if paper is None:
        return redirect_to_paper(key, "papers:export", form=form)
    response = in_form(paper, form)
    patch_cache_control(response, public=True, max_age=FRESH)
    return response


@require_safe
@conditional_page
def card(request: HttpRequest, key: str) -> HttpResponse:
    paper = Paper.objects.visible().filter(key=key).first()
    if paper is None:
        return redirect_to_paper(key, "papers:card")
    words = _on_the_card(paper)
    digest = sha256(json.dumps([CARD_EDITION, words]).encode()).hexdigest()[:32]
    picture = cache.get_or_set(f"card:{digest}", lambda: cards.draw(**words), CARD_KEPT)
    response = HttpResponse(picture, content_type="image/png", headers={"ETag": f'"{digest}"'})
    patch_cache_control(response, public=True, max_age=CARD_FRESH)
    return response


def in_form(paper: Paper, form: str) -> HttpResponse:
    content_type, written = FORMS[form]
    name = f"{paper.key.replace('/', '-')}.{form}"
    return HttpResponse(
        written(paper),
        content_type=f"{content_type}; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(False, name) or "inline"},
    )


def _markdown(paper: Paper) -> str:
    """Plain text that Markdown leaves as it is: no address in it is a link but our own."""
    facts = {
        "Authors": ", ".join(paper.authors),
        "Submitted": paper.published_on.isoformat() if paper.published_on else "",
        "Revised": (
            paper.updated_at.date().isoformat()
            if paper.updated_at and (paper.version or 1) > 1
            else ""
        ),
        "Listed": paper.listed_on.isoformat() if paper.listed_on else "",
        "Categories": ", ".join(f"{code} ({categories.name(code)})" for code in paper.categories),
        "Topics": ", ".join(topic.name for topic in paper.topic_list),
        "Upvotes": str(paper.upvotes),
        "Journal": paper.journal_ref,
    }
    lines = [f"# {_as_text(paper.title_text)}", ""]
    if paper.withdrawn:
        lines += ["**Withdrawn** by its authors.", ""]
    lines += [f"- {name}: {_as_text(value)}" for name, value in facts.items() if value]
    lines += [f"- {name}: <{_address(value)}>" for name, value in paper.links.items()]
    paragraphs = [_as_text(part) for part in paper.abstract_text.split("\n\n")]
    return "\n".join([*lines, "", "## Abstract", "", "\n\n".join(paragraphs), ""])


def _as_text(text: str) -> str:
    return MARKUP.sub(r"\\\g<0>", " ".join(text.split()))


def _address(url: str) -> str:
    return UNFIT_FOR_AN_ADDRESS.sub(lambda sign: f"%{ord(sign[0]):02X}", url)


def _json(paper: Paper) -> str:
    return json.dumps(schemas.in_full(paper), ensure_ascii=False, indent=2) + "\n"


def _on_the_card(paper: Paper) -> dict[str, str]:
    more = f" and {paper.more_authors:,} more" if paper.more_authors else ""
    day = paper.published_on or paper.listed_on
    name = f"arXiv:{paper.arxiv_id}" if paper.arxiv_id else paper.key
    facts = [
        f"{day.day} {day:%B %Y}" if day else "",
        name if paper.arxiv_id else paper.journal_ref,
        categories.name(paper.primary_category),
    ]
    return {
        "title": paper.title_text,
        "authors": f"{', '.join(paper.lead_authors)}{more}",
        "facts": " · ".join(filter(None, facts)),
        "site": settings.SITE_NAME,
        "otherwise": name,
    }


MARKUP = re.compile(r"[\\`*\[\]<]|^[-+=#>]")
UNFIT_FOR_AN_ADDRESS = re.compile(r"[<>\s]")
FORMS: dict[str, tuple[str, Callable[[Paper], str]]] = {
    "md": ("text/markdown", _markdown),
    "bib": ("application/x-bibtex", lambda paper: citations.bibtex(paper.citation)),
    "ris": ("application/x-research-info-systems", lambda paper: citations.ris(paper.citation)),
    "json": ("application/json", _json),
}
