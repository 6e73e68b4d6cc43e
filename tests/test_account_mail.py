"""Emails of accounts when the relay is down, and to addresses that bounced."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from subscriptions.models import Suppression
from tests.factories import a_user

pytestmark = pytest.mark.django_db
PASSWORD = "moss-and-stone-17"
Reason = Suppression.Reason


@pytest.fixture(autouse=True)
def reader() -> User:
    cache.clear()
    user = a_user("ada@example.org")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def no_relay(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "subscriptions.sending.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9


FORMS: list[tuple[str, dict[str, Any]]] = [
    ("/accounts/login/", {"login": "ada@example.org", "password": PASSWORD}),
    ("/accounts/signup/", {"email": "new@example.org", "password1": PASSWORD}),
    ("/accounts/signup/", {"email": "ada@example.org", "password1": PASSWORD}),
    ("/accounts/password/reset/", {"email": "ada@example.org"}),
    ("/accounts/password/reset/", {"email": "nobody@example.org"}),
    ("/accounts/login/code/", {"email": "ada@example.org"}),
]


@pytest.mark.slow
@pytest.mark.usefixtures("no_relay")
@pytest.mark.parametrize(("path", "data"), FORMS)
def test_a_mail_that_cannot_go_is_said_on_a_page(
    path: str, data: dict[str, Any], client: Client
) -> None:
    response = client.post(path, data)
    assert response.status_code == 503
    assert "The email could not be sent" in response.text


@pytest.mark.usefixtures("no_relay")
def test_a_changed_password_is_changed_whether_we_can_say_so_or_not(
    client: Client, reader: User
) -> None:
    EmailAddress.objects.create(user=reader, email=reader.email, verified=True, primary=True)
    client.post("/accounts/login/", {"login": reader.email, "password": PASSWORD})
    changed = {"oldpassword": PASSWORD, "password1": "stone-and-moss-71"}
    response = client.post(
        "/accounts/password/change/", changed | {"password2": "stone-and-moss-71"}
    )
    assert response.status_code == 302
    reader.refresh_from_db()
    assert reader.check_password("stone-and-moss-71")


@pytest.mark.parametrize(("path", "data"), FORMS)
def test_account_mails_carry_our_host(path: str, data: dict[str, Any], client: Client) -> None:
    client.post(path, data)
    [message] = mail.outbox
    assert message.message()["Message-ID"].endswith("@testserver>")


@pytest.mark.parametrize(
    ("target", "reason", "scope", "arrives"),
    [
        ("Ada@example.org", Reason.HARD_BOUNCE, "", False),
        ("Ada@example.org", Reason.CURATOR, "", False),
        ("Ada@example.org", Reason.COMPLAINT, "", True),
        ("Ada@example.org", Reason.SOFT_BOUNCES, "", True),
        ("@Example.org", Reason.CURATOR, "all", False),
        ("@Example.org", Reason.CURATOR, "bulk", True),
    ],
)
def test_a_suppression_ends_what_its_scope_says(
    target: str, reason: str, scope: str, arrives: bool, client: Client
) -> None:
    Suppression.objects.add(target, reason, scope)
    answer = client.post("/accounts/password/reset/", {"email": "ada@example.org"})
    assert answer.status_code == 302  # the same answer either way
    assert len(mail.outbox) == arrives
