"""`manage.py check --deploy`: settings that start a site and then fail its readers or its mail."""

import os
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

import redis
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Warning, register

MIN_LIKENESS = 0.84  # of a variable's name to one of ours, as difflib measures it
CONNECT_SECONDS = 2


def register_all() -> None:
    """Called once the apps are ready; Django knows each check by its function."""
    for check in (check_proxies, check_site_url, check_mail, check_broker, check_names):
        register(check, deploy=True)


def check_proxies(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    if not settings.SITE_URL.startswith("https:") or settings.TRUSTED_PROXY_COUNT:
        return []
    return [
        Warning(
            "SITE_URL is https and TRUSTED_PROXY_COUNT is 0: every page redirects to itself.",
            hint="Set it to the number of proxies in front of the site, mostly 1.",
            id="site_web.W001",
        )
    ]


def check_site_url(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    path = urlsplit(settings.SITE_URL).path
    if not path:
        return []
    return [
        Warning(
            f"SITE_URL has a path, {path}: the site answers at the root of its host only.",
            hint="Give it a host of its own, such as papers.example.org.",
            id="site_web.W002",
        )
    ]


def check_mail(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    if settings.EMAIL_BACKEND != "selfhost.outbox.EmailBackend":
        return []
    return [
        Warning(
            "EMAIL_URL is not set: emails become files in DATA_DIR/outbox and reach nobody.",
            hint="Set it, then try it with `manage.py send_test_mail ADDRESS`.",
            id="site_web.W003",
        )
    ]


def check_broker(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """Asks the broker of REDIS_URL; says nothing where it cannot be reached or does not tell."""
    if settings.EMBEDDED_VALKEY:
        return []
    options = {"socket_connect_timeout": CONNECT_SECONDS, "socket_timeout": CONNECT_SECONDS}
    try:
        with redis.Redis.from_url(settings.REDIS_URL, **options) as broker:
            found = {
                name: broker.config_get(name)[name] for name in ("maxmemory-policy", "appendonly")
            }
    except (redis.RedisError, ValueError, KeyError):
        return []
    return list(_broker_warnings(found))


def _broker_warnings(found: dict[str, str]) -> Iterator[CheckMessage]:
    hint = "`valkey-server --appendonly yes --maxmemory-policy noeviction`; the cache is apart."
    if found["maxmemory-policy"] != "noeviction":
        yield Warning(
            f"The broker of REDIS_URL evicts tasks ({found['maxmemory-policy']}) when it is full.",
            hint=hint,
            id="site_web.W004",
        )
    if found["appendonly"] != "yes":
        yield Warning(
            "The broker of REDIS_URL has no append-only file: it forgets its tasks with a crash.",
            hint=hint,
            id="site_web.W005",
        )


def check_names(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """Names in the environment that are nearly those of a setting."""
    return [
        Warning(
            f"The environment has {name}, which is no setting of this site.",
            hint=f"Is it {near[0]}? .env.example has all of them.",
            id="site_web.W006",
        )
        for name in sorted(os.environ.keys() - settings.VARIABLES)
        if (near := get_close_matches(name, settings.VARIABLES, n=1, cutoff=MIN_LIKENESS))
    ]
