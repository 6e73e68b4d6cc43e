"""A display name and a handle, at sign-up and on the page of the profile."""

import pytest
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from tests.factories import a_user
from tests.test_permissions import client_of

pytestmark = pytest.mark.django_db
PASSWORD = "moss-and-fern-9"


@pytest.fixture(autouse=True)
def empty_rate_limits() -> None:
    cache.clear()


def sign_up(email: str, **fields: str) -> User | str:
    """The new user, or the page with its errors."""
    page = Client().post("/accounts/signup/", {"email": email, "password1": PASSWORD} | fields)
    return User.objects.get(email=email) if page.status_code == 302 else page.text


def test_sign_up_takes_a_name_and_a_handle_in_lower_case() -> None:
    ada = sign_up("ada@example.org", name="  Ada  Quill ", handle="@Ada-Quill")
    ben = sign_up("ben@example.org")
    assert isinstance(ada, User) and isinstance(ben, User)
    assert (ada.name, ada.handle, ben.name, ben.handle) == ("Ada Quill", "ada-quill", "", None)


@pytest.mark.parametrize(
    ("handle", "reason"),
    [
        ("Ada", "already"),
        ("ab", "3 to 30"),
        ("a" * 31, "these are 31"),
        ("ada_quill", "letters a to z"),
        ("ada--quill", "letters a to z"),
        ("адa", "letters a to z"),
        ("ada\n-", "letters a to z"),
        ("Admin-1", "reserved"),
    ],
)
def test_a_handle_that_cannot_be_is_explained(handle: str, reason: str) -> None:
    a_user(handle="ada")
    page = sign_up("ben@example.org", handle=handle)
    assert isinstance(page, str) and reason in page
    assert not User.objects.filter(email="ben@example.org").exists()


def test_a_handle_taken_in_the_same_moment_costs_the_handle_alone(
    monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    ben = a_user("ben@example.org", handle="ben")
    monkeypatch.setattr(
        "accounts.forms.PublicNameFields.other_users", lambda _: User.objects.none()
    )
    data = {"email": "ada@example.org", "password1": PASSWORD, "name": "Ada", "handle": "ben"}
    response = client.post("/accounts/signup/", data)
    ada = User.objects.get(email="ada@example.org")
    assert (ada.name, ada.handle) == ("Ada", None)
    assert any("already" in str(it) for it in get_messages(response.wsgi_request))

    client.force_login(ada)
    page = client.post("/accounts/profile/", {"name": "Eve", "handle": "ben"})
    ada.refresh_from_db()
    assert "already" in page.text and (ada.name, ben.handle) == ("Ada", "ben")


def test_the_profile_changes_both_and_gives_a_handle_back(client: Client, ada: User) -> None:
    client.force_login(ada)
    client.post("/accounts/profile/", {"name": "Ada Quill", "handle": "ada"})
    page = client.post("/accounts/profile/", {"name": "Ada\u202e Quill", "handle": "ada"})
    assert "invisible characters" in page.text
    ada.refresh_from_db()
    assert (ada.name, ada.handle) == ("Ada Quill", "ada")
    client.post("/accounts/profile/", {"name": "", "handle": ""})
    ada.refresh_from_db()
    assert (ada.name, ada.handle) == ("", None)


def test_the_database_and_the_admin_keep_the_rules(ada: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=ada.pk).update(handle="Ada")
    administrator, page = client_of("superuser"), f"/admin/accounts/user/{ada.pk}/change/"
    shown = {"email": ada.email, "is_active": "on", "role": "reader"}
    assert "reserved" in administrator.post(page, shown | {"handle": "root"}).text
    for handle, stored in [("Ada", "ada"), ("", None)]:
        administrator.post(page, shown | {"handle": handle})
        ada.refresh_from_db()
        assert ada.handle == stored
