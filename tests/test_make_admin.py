"""`manage.py make_admin`: an administrator without an email."""

import io
import re

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.management.commands.make_admin import PASSWORD_VARIABLE
from accounts.models import User
from tests.factories import a_user

pytestmark = pytest.mark.django_db
ADDRESS = "ada@example.org"


def make(*options: str) -> str:
    out = io.StringIO()
    call_command("make_admin", *options, stdout=out)
    return out.getvalue()


def sign_in(password: str) -> Client:
    cache.clear()
    client = Client()
    client.post("/accounts/login/", {"login": ADDRESS, "password": password})
    return client


def test_who_was_made_can_sign_in_and_open_the_desk_at_once() -> None:
    match = re.search(r"Password \(shown only now\): (\S+)", make(ADDRESS))
    assert match
    assert sign_in(match[1]).get("/admin/").status_code == 200
    assert "Password" not in make(ADDRESS.upper())
    assert sign_in(match[1]).get("/admin/").status_code == 200
    assert (User.objects.count(), EmailAddress.objects.count()) == (1, 1)


def test_an_existing_account_keeps_its_password_unless_a_new_one_is_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = a_user(ADDRESS, password="moss-and-stone-17")
    EmailAddress.objects.create(user=user, email=ADDRESS, verified=False, primary=False)
    make(ADDRESS)
    assert sign_in("moss-and-stone-17").get("/admin/").status_code == 200
    monkeypatch.setenv(PASSWORD_VARIABLE, "stone-and-moss-71")
    make(ADDRESS, "--new-password")
    assert sign_in("stone-and-moss-71").get("/admin/").status_code == 200
    assert EmailAddress.objects.get().verified


@pytest.mark.parametrize(("address", "password"), [("ada", "x"), (ADDRESS, "12345")])
def test_a_bad_address_or_password_makes_nobody(
    address: str, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, password)
    with pytest.raises(CommandError):
        make(address)
    assert not User.objects.exists()
