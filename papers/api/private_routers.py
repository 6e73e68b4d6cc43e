"""Endpoints that other apps add to the API, for a reader with a token: answers are never cached.

papers must not import the apps above it, so each registers its routers in `AppConfig.ready`.
"""

from django.urls import URLPattern
from ninja import Router

from papers.api.endpoints import api

_prefixes: list[str] = []


def add_private_router(prefix: str, router: Router) -> None:
    """Add endpoints under `/api/PREFIX/`, before the URLs are made. They may read and write."""
    api.add_router(f"/{prefix}", router)
    _prefixes.append(prefix)


def is_private(pattern: URLPattern) -> bool:
    return str(pattern.pattern).partition("/")[0] in _prefixes
