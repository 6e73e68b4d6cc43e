"""No log line holds a mail address or a token that opens something."""

import io
import json
import logging
import re
import sys
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
from config.error_reports import scrubbed_report
from config.log_lines import JsonLogFormatter, LogFormatter, scrub
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


def test_json_has_an_object_for_each_line() -> None:
    try:
        raise ValueError(f"no mailbox {ADA}")
    except ValueError:
        record = logging.LogRecord("moss", logging.ERROR, "", 0, "to %s\n", (ADA,), sys.exc_info())

    (line,) = JsonLogFormatter().format(record).splitlines()

    fields = json.loads(line)
    assert fields["time"].endswith("+00:00")
    assert (fields["level"], fields["logger"]) == ("ERROR", "moss")
    assert fields["message"] == "to (address)\n"
    assert fields["traceback"].endswith("ValueError: no mailbox (address)")


@pytest.mark.django_db
def test_requests_are_logged_where_that_is_set(log: io.StringIO, settings: Settings) -> None:
    settings.LOG_REQUESTS = True

    Client().get("/subscriptions/ada-token?q=moss")

    assert re.search(r"GET /subscriptions/\(token\) 404 \d+ ms$", log.getvalue(), re.MULTILINE)
    assert "moss" not in log.getvalue()


def test_reports_of_errors_hold_no_address() -> None:
    report = {"message": ADA, "frames": [{"name": f"to {ADA}"}], "count": 1}

    assert scrubbed_report(report) == {
        "message": "(address)",
        "frames": [{"name": "to (address)"}],
        "count": 1,
    }


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
