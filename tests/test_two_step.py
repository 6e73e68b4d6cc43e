"""Two-step sign-in: set up by staff before the admin opens, and asked of every way to sign in."""

import base64
import hmac
import re
import struct
import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.factories import a_user

pytestmark = pytest.mark.django_db
PASSWORD = "moss-and-fern-9"


def totp_code(secret: str, step: int = 0) -> str:
    """Of RFC 6238, as an app computes it; `step` 1 is the one that comes next."""
    counter = int(time.time()) // 30 + step
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", counter), "sha1")
    (number,) = struct.unpack_from(">I", digest, digest[-1] & 15)
    return f"{(number & 0x7FFFFFFF) % 10**6:06}"


@pytest.fixture(autouse=True)
def empty_rate_limits() -> None:
    """And codes that were used in tests before."""
    cache.clear()


@pytest.fixture
def curator() -> User:
    user = a_user("ada@example.org", password=PASSWORD, is_staff=True, is_superuser=True)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def sign_in(client: Client, password: str = PASSWORD) -> Any:
    return client.post("/accounts/login/", {"login": "ada@example.org", "password": password})


def prove(client: Client) -> None:
    """That who is signed in knows the password, as pages that change the account demand."""
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302


def set_up(client: Client) -> tuple[str, list[str]]:
    """Add an app; its secret, and the recovery codes."""
    prove(client)
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    assert "data:image/svg+xml" in page.text and secret in page.text
    wrong = client.post("/accounts/2fa/totp/activate/", {"code": "12345"})
    assert "This code is wrong" in wrong.text
    shown = client.post("/accounts/2fa/totp/activate/", {"code": totp_code(secret)}, follow=True)
    codes = re.findall(r"<li><code>(\d+)</code>", shown.text)
    assert len(codes) == 10
    assert "\n".join(codes) in client.get("/accounts/2fa/recovery-codes/download/").text
    return secret, codes


def test_staff_set_up_a_second_step_before_the_admin_opens(
    settings: Settings, client: Client, curator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.db.transaction.on_commit", lambda act: act())
    assert Client().get("/admin/")["Location"] == "/admin/login/?next=/admin/"
    sign_in(client)
    assert client.get("/admin/").status_code == 200  # a site on a laptop, over http
    recommended = "please add one of the two"
    assert recommended in client.get("/accounts/2fa/").text

    settings.ADMIN_NEEDS_SECOND_STEP = True
    for page in ("/admin/", "/admin/papers/paper/", "/admin/autocomplete/"):
        assert client.get(page)["Location"] == "/accounts/2fa/"
    assert client.post("/admin/papers/topic/add/", {"name": "Moss"}).status_code == 302
    set_up(client)
    assert client.get("/admin/").status_code == 200
    assert recommended not in client.get("/accounts/2fa/").text
    assert [message.subject for message in mail.outbox] == ["An app is added to your account"]

    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.exists()  # with the recovery codes
    assert client.get("/admin/")["Location"] == "/accounts/2fa/"


@pytest.mark.slow
def test_every_way_to_sign_in_asks_for_the_second_step(client: Client, curator: User) -> None:
    sign_in(client)
    secret, codes = set_up(client)

    def signed_in(*fields: str) -> list[bool]:
        """After the first step, and after each of these codes."""
        found = ["_auth_user_id" in other.session]
        for code in fields:
            other.post("/accounts/2fa/authenticate/", {"code": code})
            found.append("_auth_user_id" in other.session)
        return found

    other = Client()
    assert sign_in(other)["Location"] == "/accounts/2fa/authenticate/"
    assert other.get("/admin/").status_code == 302
    assert signed_in("000000x", totp_code(secret, 1)) == [False, False, True]
    other = Client()
    sign_in(other)
    assert signed_in(totp_code(secret, 1), codes[0]) == [False, False, True]  # a used one first
    other = Client()
    sign_in(other)
    assert signed_in(codes[0], codes[1]) == [False, False, True]

    other = Client()
    other.post("/accounts/login/code/", {"email": curator.email})
    found = re.search(r"^    (\S+)$", mail.outbox[-1].body, re.MULTILINE)
    assert found
    answer = other.post("/accounts/login/code/confirm/", {"code": found[1]})
    assert answer["Location"] == "/accounts/2fa/authenticate/"
    assert signed_in(codes[2]) == [False, True]


def test_codes_cannot_be_tried_without_end(client: Client, curator: User) -> None:
    sign_in(client)
    _, codes = set_up(client)
    other = Client()
    sign_in(other)
    for number in range(6):
        page = other.post("/accounts/2fa/authenticate/", {"code": f"00000{number}"})
    assert "Too many" in page.text
    other.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert "_auth_user_id" not in other.session


def test_an_address_can_be_changed_with_a_second_step(client: Client, curator: User) -> None:
    sign_in(client)
    set_up(client)
    client.post("/accounts/email/", {"email": "ada@example.net", "action_add": ""})
    assert EmailAddress.objects.filter(email="ada@example.net", user=curator).exists()


@pytest.mark.slow
def test_who_lost_everything_is_let_in_by_an_administrator(client: Client, curator: User) -> None:
    sign_in(client)
    set_up(client)
    call_command("make_admin", curator.email)
    assert Authenticator.objects.count() == 2
    call_command("make_admin", curator.email, "--reset-two-step")
    assert not Authenticator.objects.exists()

    set_up(client)
    row = Authenticator.objects.get(type="totp")
    assert row.data["secret"] not in client.get(f"/admin/mfa/authenticator/{row.pk}/change/").text
    client.post(f"/admin/mfa/authenticator/{row.pk}/delete/", {"post": "yes"})
    assert not Authenticator.objects.filter(type="totp").exists()


@pytest.mark.parametrize(
    "credential", ["", "x", "[]", "null", "1", '{"response": []}', '"\\u0000"']
)
def test_a_passkey_that_is_none_signs_nobody_in(client: Client, credential: str) -> None:
    client.get("/accounts/2fa/webauthn/login/", headers={"Accept": "application/json"})
    response = client.post("/accounts/2fa/webauthn/login/", {"credential": credential})
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/")
    assert "_auth_user_id" not in client.session
