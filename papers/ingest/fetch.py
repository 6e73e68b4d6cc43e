"""One GET with the site's settings: its user agent, private addresses, arXiv's shared limit."""

from django.conf import settings

from papers.ingest import arxiv_limiter
from papers.sources import http


def fetch(
    url: str, *, limits: http.Limits, patient: bool, etag: str = "", last_modified: str = ""
) -> http.Response:
    """Fetch `url`; raises FetchError, or NotNow if an arXiv host is busy and not `patient`."""
    with arxiv_limiter.turns(patient=patient) as turn:
        return http.fetch(
            url,
            etag=etag,
            last_modified=last_modified,
            user_agent=user_agent(),
            allow_private=settings.FETCH_ALLOW_PRIVATE,
            limits=limits,
            turn=turn,
        )


def user_agent() -> str:
    """Names the site and a contact, as arXiv's terms ask (info.arxiv.org/help/api/tou.html)."""
    return f"TrendingPapers/1.0 (+{settings.SITE_URL}; mailto:{settings.CONTACT_EMAIL})"
