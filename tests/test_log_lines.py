"""No log line holds a mail address or a token that opens something."""

import io
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from pytest_django import Settings

from config import celery_app
from config.log_lines import LogFormatter, scrub
from subscriptions import tokens
from subscriptions.orders import opt_in
from subscriptions.tokens import Purpose
from tests.factories import a_user
from tests.subscriptions.factories import FRIDAY_8AM, a_delivery, a_subscriber, an_order_request

ADA = "ada.quill+moss@papers.example.org"
ADDRESS = re.compile(r"[\w.+-]+(?:@|%40)[\w-]+\.\w+")


def fail(request: HttpRequest, how: str, what: str) -> HttpResponse:
    kinds = {"500": ValueError, "403": PermissionDenied, "400": SuspiciousOperation}
    raise kinds[how](f"Key (address)=({ADA}) of {what} exists already")


urlpatterns = [path("fail/<str:how>/<path:what>", fail), path("", include("config.urls"))]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the handler of the settings writes."""
    handlers = [it for it in logging.getLogger().handlers if isinstance(it.formatter, LogFormatter)]
    (handler,) = handlers
    assert isinstance(handler, logging.StreamHandler)
    stream = handler.setStream(io.StringIO())
    yield handler.stream
    handler.setStream(stream)


def live_tokens() -> list[str]:
    subscriber = a_subscriber(ADA)
    delivery = a_delivery(subscriber)
    user = a_user(ADA, password="moss")
    address = EmailAddress.objects.create(user=user, email=ADA)
    paths = [
        *(subscriber.preferences_url, subscriber.unsubscribe_url, delivery.view_url),
        opt_in.link_for(subscriber, an_order_request(searches=["moss"]), FRIDAY_8AM),
        reset_path(user),
    ]
    return [
        *(re.sub("/(confirm|unsubscribe|)$", "", it).rpartition("/")[2] for it in paths),
        EmailConfirmationHMAC(address).key,
        tokens.make_for_address(Purpose.BOUNCE, delivery.pk),
        tokens.make_for_address(Purpose.MAIL_UNSUBSCRIBE, subscriber.pk),
    ]


def reset_path(user: Any) -> str:
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    return f"/accounts/password/reset/key/{key}/"


@pytest.mark.django_db
@pytest.mark.sweep
def test_requests_that_fail_leave_no_token_and_no_address(
    log: io.StringIO, settings: Settings
) -> None:
    settings.ROOT_URLCONF = __name__
    client = Client(raise_request_exception=False)
    secrets = live_tokens()

    answers = []
    for secret in [*secrets, ADA, ADA.replace("@", "%40")]:
        for where in (
            *("/{}", "/{}/", "/subscriptions/{}/oops", "/Subscriptions/{}", "/subscriptions/{}."),
            *("/digests/view/{}x", "/papers/{}", "/x?next={}", "/subscriptions%2F{}%0A/y"),
            *("/accounts/confirm-email/{}/oops", "/hooks/mail/{}", "/topics/{}%00", "/{}%3E"),
            *("/fail/500/{}", "/fail/403/{}", "/fail/400/{}"),
        ):
            for method in ("GET", "POST", "PUT"):
                answers.append(client.generic(method, where.format(secret)).status_code)
    client.get("/", headers={"host": ADA.replace("@", "-at-")})

    lines = log.getvalue()
    assert {400, 403, 404, 405, 500} <= set(answers)
    assert lines.count("Traceback") == answers.count(500)
    assert "Not Found: /subscriptions/(token)/oops" in lines
    assert [secret for secret in secrets if secret in lines or secret[-43:] in lines] == []
    assert ADDRESS.findall(lines) == []


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("to ada@example.org.", "to (address)."),
        ("550 5.1.1 <ada+x@example.org> is unknown", "550 5.1.1 <(address)> is unknown"),
        ("'Ada <ada@example.org>'", "'Ada <(address)>'"),
        ("?email=zo%C3%AB%40ex%2Dample.org&x=1", None),
        ("zoë@bücher.example, ben@localhost", "(address), (address)"),
        ('"ada quill"@example.org', "(address)"),
        ("ada@[192.0.2.7]", "(address)"),
        ("smtp://user:secret@mail.example.org:587", "smtp://user:(address):587"),
        ("root@lab, =?utf-8?q?ada=40example?=", "(address), =?utf-8?q?(address)?="),
        ("worker@lab.example.org ready", "worker@lab.example.org ready"),
        ("Task papers.tasks.sweep[3f2a-11] received", "Task papers.tasks.sweep[3f2a-11] received"),
        ("Not Found: /papers/2503.00001v2", "Not Found: /papers/2503.00001v2"),
        ("2503.00001: ten entries, @home", "2503.00001: ten entries, @home"),
    ],
)
def test_addresses_go_and_the_rest_stays(text: str, scrubbed: str | None) -> None:
    assert scrub(text) == (scrubbed or scrub(text))
    assert not ADDRESS.search(scrub(text).replace("worker@", ""))


def test_no_logger_has_a_handler_of_its_own() -> None:
    celery_app.log.setup_logging_subsystem(loglevel="INFO")
    own = {
        logger.name: logger.handlers
        for logger in logging.Logger.manager.loggerDict.values()
        if isinstance(logger, logging.Logger)
        and logger.name != "huggingface_hub"  # a client that other tests use
        and not all(isinstance(handler, logging.NullHandler) for handler in logger.handlers)
    }
    assert own == {}
