"""The picture of a paper that other sites show for a link to it (`og:image`)."""

import json
from hashlib import sha256

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import conditional_page, require_safe

from papers import categories, social_card
from papers.models import Paper
from papers.views.redirects import redirect_to_paper

DESIGN_VERSION = 1  # raise it with each new design: cards kept by then are drawn again
CACHE_SECONDS = 7 * 86_400  # in our own cache
MAX_AGE = 86_400  # seconds that browsers and proxies may keep it


@require_safe
@conditional_page
def card(request: HttpRequest, key: str) -> HttpResponse:
    """A PNG; its ETag is a hash of the texts on it."""
    paper = Paper.objects.visible().filter(key=key).first()
    if paper is None:
        return redirect_to_paper(key, "papers:card")
    texts = _card_texts(paper)
    digest = sha256(json.dumps([DESIGN_VERSION, texts]).encode()).hexdigest()[:32]
    picture = cache.get_or_set(f"card:{digest}", lambda: social_card.draw(**texts), CACHE_SECONDS)
    response = HttpResponse(picture, content_type="image/png", headers={"ETag": f'"{digest}"'})
    patch_cache_control(response, public=True, max_age=MAX_AGE)
    return response


def _card_texts(paper: Paper) -> dict[str, str]:
    """The arguments of `cards.draw`."""
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
