"""`manage.py check --deploy` warns of settings with which a site starts and then fails."""

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from config import celery_app


@pytest.fixture(autouse=True)
def good(settings: Settings) -> None:
    """Settings without a fault."""
    settings.SITE_URL = "https://papers.example.org"
    settings.TRUSTED_PROXY_COUNT = 1
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMBEDDED_VALKEY = False
    settings.REDIS_URL = celery_app.conf.broker_url.replace("redis+socket", "unix")


def warnings() -> dict[str, str]:
    found = run_checks(include_deployment_checks=True)
    return {str(it.id): str(it) for it in found if str(it.id).startswith("site_web")}


def test_good_settings_are_no_warning() -> None:
    assert warnings() == {}


@pytest.mark.parametrize(
    ("name", "value", "warning"),
    [
        ("TRUSTED_PROXY_COUNT", 0, "W001"),
        ("SITE_URL", "https://papers.example.org/list", "W002"),
        ("EMAIL_BACKEND", "selfhost.outbox.EmailBackend", "W003"),
    ],
)
def test_setting_that_fails_readers(settings: Settings, name, value, warning) -> None:
    setattr(settings, name, value)
    assert warnings().keys() == {f"site_web.{warning}"}


def test_broker_that_loses_tasks() -> None:
    with celery_app.connection_for_read() as connection:
        broker = connection.default_channel.client
        broker.config_set("maxmemory-policy", "allkeys-lru")
        broker.config_set("appendonly", "no")
        try:
            found = warnings()
        finally:
            broker.config_set("maxmemory-policy", "noeviction")
            broker.config_set("appendonly", "yes")

    assert found.keys() == {"site_web.W004", "site_web.W005"}
    assert "allkeys-lru" in found["site_web.W004"]


def test_broker_out_of_reach_is_no_warning(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    assert warnings() == {}


def test_name_that_is_nearly_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES_COUNT", "1")
    monkeypatch.setenv("EDITOR", "vi")
    assert "TRUSTED_PROXY_COUNT" in warnings()["site_web.W006"]
