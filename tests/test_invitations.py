"""An administrator invites a curator: one form, one email, a password, and the admin is open."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core import mail
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from accounts import roles
from accounts.models import User
from subscriptions.models import Suppression
from tests.factories import a_user
from tests.test_permissions import client_of, make_all_roles

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PAGE = "/admin/accounts/user/invite/"
PASSWORD = "moss-and-stone-17"
PASSWORD_FIELD = 'name="password1"'


@pytest.fixture(autouse=True)
def curator_role() -> str:
    cache.clear()
    make_all_roles()
    return str(Group.objects.get(name="Curator").pk)


def invite(address: str, role: str) -> str:
    answer = client_of("superuser").post(PAGE, {"address": address, "role": role}, follow=True)
    return answer.text


def test_an_invited_person_chooses_a_password_and_is_in_the_admin(curator_role: str) -> None:
    assert "Invited as Curator: ada@example.org." in invite("Ada@Example.org", curator_role)
    assert LogEntry.objects.get().change_message == "Invited as Curator"
    (message,) = mail.outbox
    assert message.to == ["ada@example.org"]
    assert "You are invited to work on" in message.body
    (link,) = re.findall(r"http://\S+/password/reset/key/\S+", message.body)

    ada = Client()
    form = ada.get(link, follow=True)
    assert PASSWORD_FIELD in form.text
    ada.post(form.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})
    answer = ada.post(
        "/accounts/login/?next=/admin/",
        {"login": "ada@example.org", "password": PASSWORD},
        follow=True,
    )
    assert "Queue" in answer.text
    assert roles.current_role(User.objects.get(email="ada@example.org")) == curator_role
    assert PASSWORD_FIELD not in Client().get(link, follow=True).text  # it works once


def test_a_password_of_an_account_that_never_confirmed_the_address_opens_nothing(
    curator_role: str,
) -> None:
    somebody = a_user("ada@example.org", password=PASSWORD)
    EmailAddress.objects.create(user=somebody, email=somebody.email, primary=True)
    invite("ada@example.org", curator_role)
    assert not Client().login(email="ada@example.org", password=PASSWORD)
    assert EmailAddress.objects.get().verified


def test_a_reader_with_a_confirmed_address_keeps_the_password(curator_role: str) -> None:
    reader = a_user("ada@example.org", password=PASSWORD)
    EmailAddress.objects.create(user=reader, email=reader.email, primary=True, verified=True)
    invite("ada@example.org", curator_role)
    reader.refresh_from_db()
    assert (reader.is_staff, reader.check_password(PASSWORD)) == (True, True)
    assert "Sign in as always" in mail.outbox[0].body


def test_who_has_another_role_may_not_sign_in_or_has_no_address_is_refused(
    curator_role: str,
) -> None:
    a_user("root@example.org", is_staff=True, is_superuser=True)
    a_user("gone@example.org", is_active=False)
    for address in ("root@example.org", "gone@example.org", "ada", "ä@example.org", ""):
        assert "errorlist" in invite(address, curator_role), address
    assert "errorlist" in invite("ada@example.org", roles.READER)
    assert not mail.outbox
    assert not User.objects.filter(email="ada@example.org").exists()


def test_who_gets_no_email_is_named_and_the_link_is_there_to_be_passed_on(
    curator_role: str,
) -> None:
    Suppression.objects.add("ada@example.org", Suppression.Reason.HARD_BOUNCE)
    page = invite("ada@example.org", curator_role)
    assert "No email goes to ada@example.org: it is on the list of addresses" in page
    assert not mail.outbox
    (link,) = re.findall(r"http://\S+/password/reset/key/[^\s<]+", page)
    assert PASSWORD_FIELD in Client().get(link, follow=True).text
    assert roles.current_role(User.objects.get(email="ada@example.org")) == curator_role

    Suppression.objects.all().delete()
    assert "/password/reset/key/" not in invite("ada@example.org", curator_role)
    assert mail.outbox[0].to == ["ada@example.org"]


def test_nothing_is_changed_where_the_email_cannot_be_sent(
    curator_role: str, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "subscriptions.sending.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert "The email could not be sent" in invite("ada@example.org", curator_role)
    assert not User.objects.filter(email="ada@example.org").exists()
