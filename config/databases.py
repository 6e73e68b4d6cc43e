"""Turns DATABASE_URL and CACHE_URL into Django's DATABASES and CACHES."""

from typing import Any
from urllib.parse import urlsplit

import dj_database_url

from config.environment import setting_error


def databases(database_url: str) -> dict[str, Any]:
    try:
        database = dj_database_url.parse(database_url)
    except (ValueError, dj_database_url.ParseError):
        raise setting_error(
            "DATABASE_URL", "write it as postgres://user:password@host:5432/name"
        ) from None
    if database.get("ENGINE") != "django.db.backends.postgresql":
        raise setting_error(
            "DATABASE_URL", "only PostgreSQL will do: postgres://user:password@host:5432/name"
        )
    return {
        "default": {
            **database,
            "CONN_HEALTH_CHECKS": True,  # no request gets a connection that a restart broke
            "OPTIONS": {
                **database.get("OPTIONS", {}),
                "pool": {"min_size": 1, "max_size": 8, "timeout": 10},
                "connect_timeout": 5,
            },
        }
    }


def default_cache_url(broker_url: str) -> str:
    """Database 1 of the broker."""
    broker = urlsplit(broker_url)
    if broker.scheme == "redis+socket":
        return f"unix://{broker.path}?db=1"
    return broker._replace(path="/1").geturl()


def caches(cache_url: str) -> dict[str, Any]:
    return {
        "default": {
            "BACKEND": "site_web.fallback_cache.FallbackCache",
            "LOCATION": cache_url,
            "TIMEOUT": 300,
            "KEY_PREFIX": "papers",
            "OPTIONS": {
                "SOCKET_CONNECT_TIMEOUT": 1,
                "SOCKET_TIMEOUT": 1,
            },
        },
        # In the memory of each web process: what it read from the cache a moment ago.
        "near": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": "near",
            "OPTIONS": {"MAX_ENTRIES": 200},
        },
    }
