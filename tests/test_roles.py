"""Roles are given by administrators alone, and nobody gains rights that they lack."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import roles
from accounts.models import User
from papers.models import Paper
from subscriptions.models import Delivery
from tests.factories import a_paper, a_user
from tests.subscriptions.factories import a_delivery, a_subscriber
from tests.test_permissions import ROLES, client_of, make_roles, user_of

pytestmark = pytest.mark.django_db
USERS = "/admin/accounts/user"


def save(client: Client, user: User, **fields: Any) -> Any:
    shown = {"email": user.email, "name": user.name, "is_active": "on"}
    return client.post(f"{USERS}/{user.pk}/change/", shown | fields)


def helpful_user(*permissions: str) -> User:
    """Staff with these single permissions, as a site may give them besides the roles."""
    user = a_user(is_staff=True)
    for permission in permissions:
        label, codename = permission.split(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=label, codename=codename)
        )
    return user


ALL_OF_ACCOUNTS = [
    *(f"accounts.{action}_user" for action in ("view", "add", "change", "delete")),
    *(f"account.{action}_emailaddress" for action in ("view", "add", "change", "delete")),
    *(f"auth.{action}_group" for action in ("view", "add", "change", "delete")),
]


@pytest.fixture
def meddler() -> Client:
    """Has every permission on accounts and groups, but is no administrator."""
    client = Client()
    client.force_login(helpful_user(*ALL_OF_ACCOUNTS))
    return client


# --- The groups ---


def test_the_migration_brings_each_group_back_to_its_table() -> None:
    make_roles_again()
    before = held()
    Group.objects.get(name="Curator").permissions.clear()
    Group.objects.get(name="Operator").permissions.set(Permission.objects.all())
    Group.objects.get(name="Mail editor").delete()
    make_roles_again()
    assert held() == before
    assert all(before.values())


def test_the_groups_of_the_migration_stay_what_they_are() -> None:
    client = client_of("superuser")
    group = Group.objects.get(name="Curator")
    before = held()
    page = f"/admin/auth/group/{group.pk}"
    assert client.get(f"{page}/change/").status_code == 200
    assert client.post(f"{page}/change/", {"name": "Curator"}).status_code == 403
    assert client.post(f"{page}/delete/", {"post": "yes"}).status_code == 403
    act(client, "auth/group", "delete_selected", group, post="yes")
    assert held() == before


def make_roles_again() -> None:
    from django.apps import apps

    make_roles(apps, None)


def held() -> dict[str, set[str]]:
    groups = Group.objects.filter(name__in=["Curator", "Mail editor", "Operator"])
    return {
        group.name: set(group.permissions.values_list("content_type__model", "codename"))
        for group in groups
    }


@pytest.mark.parametrize("role", ["curator", "mail editor", "operator"])
def test_no_group_may_change_what_gives_rights(role: str) -> None:
    user = user_of(role)
    assert not [it for it in ALL_OF_ACCOUNTS[4:] if "view" not in it and user.has_perm(it)]


# --- One choice on the user's page ---


@pytest.mark.parametrize("role", ["curator", "superuser"])
def test_an_administrator_gives_a_role_and_takes_it_back(role: str) -> None:
    administrator, user = client_of("superuser"), a_user()
    user_of("curator")
    key = str(Group.objects.get(name="Curator").pk) if role == "curator" else roles.ADMINISTRATOR

    save(administrator, user, role=key)
    user.refresh_from_db()

    assert (user.is_staff, user.is_superuser) == (True, role == "superuser")
    assert roles.current_role(user) == key
    assert "Role" in LogEntry.objects.latest("pk").get_change_message()
    save(administrator, user, role=roles.READER)
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser, user.groups.exists()) == (False, False, False)


def test_rights_that_are_no_single_role_stay_until_one_is_chosen() -> None:
    user = helpful_user("papers.view_paper")
    save(client_of("superuser"), user, role=roles.MIXED, name="Ada")
    user.refresh_from_db()
    assert (user.name, user.is_staff, user.user_permissions.count()) == ("Ada", True, 1)


def test_an_administrator_is_always_left() -> None:
    client = client_of("superuser")
    me = User.objects.get(is_superuser=True)
    save(client, me, role=roles.READER, is_active="")
    me.refresh_from_db()
    assert (me.is_superuser, me.is_active) == (True, True)
    assert client.post(f"{USERS}/{me.pk}/delete/", {"post": "yes"}).status_code == 403
    act(client, "accounts/user", "delete_selected", me, post="yes")
    assert User.objects.filter(pk=me.pk).exists()


# --- Ways to more rights ---


def test_who_may_change_users_gives_no_rights(meddler: Client) -> None:
    reader = a_user()
    group = Group.objects.create(name="Everything")
    for role in (roles.ADMINISTRATOR, str(group.pk)):
        extra = {"is_superuser": "on", "is_staff": "on", "groups": [group.pk]}
        save(meddler, reader, role=role, name="Ada", **extra)
    reader.refresh_from_db()
    assert (reader.name, roles.current_role(reader)) == ("Ada", roles.READER)


def test_nobody_signs_in_as_a_reader_by_a_new_password_or_address(meddler: Client) -> None:
    reader = a_user("ada@example.org", password="moss")
    passwords = {"password1": "moss-and-fern-9", "password2": "moss-and-fern-9"}
    save(meddler, reader, email="mine@example.org", password="x")
    page = f"{USERS}/{reader.pk}/password/"
    assert meddler.post(page, passwords | {"usable_password": "true"}).status_code == 403
    reader.refresh_from_db()
    assert (reader.email, reader.check_password("moss")) == ("ada@example.org", True)
    assert "algorithm" not in meddler.get(f"{USERS}/{reader.pk}/change/").text


@pytest.mark.parametrize("role", ["superuser", "staff", "curator"])
def test_accounts_with_rights_are_out_of_reach(meddler: Client, role: str) -> None:
    user = user_of(role)
    before = User.objects.values().get(pk=user.pk)
    passwords = {"password1": "moss-and-fern-9", "password2": "moss-and-fern-9"}

    answers = [
        save(meddler, user, email="mine@example.org", is_active=""),
        meddler.post(f"{USERS}/{user.pk}/password/", passwords | {"usable_password": "true"}),
        meddler.post(f"{USERS}/{user.pk}/delete/", {"post": "yes"}),
    ]
    act(meddler, "accounts/user", "delete_selected", user, post="yes")

    assert [it.status_code for it in answers] == [403] * 3
    assert User.objects.values().get(pk=user.pk) == before


def test_nobody_verifies_an_address_into_an_account(meddler: Client) -> None:
    chief = user_of("superuser")
    address = EmailAddress.objects.create(user=chief, email="mine@example.org")
    pages = "/admin/account/emailaddress"
    data = {"user": chief.pk, "email": "mine2@example.org", "verified": "on", "primary": "on"}

    assert meddler.post(f"{pages}/add/", data).status_code == 403
    assert meddler.post(f"{pages}/{address.pk}/change/", data).status_code == 403
    act(meddler, "account/emailaddress", "make_verified", address)

    assert list(EmailAddress.objects.values_list("email", "verified")) == [
        ("mine@example.org", False)
    ]


def test_nobody_adds_rights_to_their_own_group(meddler: Client) -> None:
    group = Group.objects.create(name="Mine")
    data = {"name": "Mine", "permissions": [Permission.objects.latest("pk").pk]}
    assert meddler.post(f"/admin/auth/group/{group.pk}/change/", data).status_code == 403
    assert meddler.post("/admin/auth/group/add/", data | {"name": "New"}).status_code == 403
    assert not group.permissions.exists()


# --- Mail and addresses ---


def test_merging_needs_the_right_to_delete() -> None:
    pair = [a_paper(), a_paper()]
    client = Client()
    client.force_login(helpful_user("papers.view_paper", "papers.change_paper"))
    act(client, "papers/paper", "merge", *pair, keep=pair[0].pk)
    assert Paper.objects.count() == 2


def test_who_only_looks_sends_nothing_again() -> None:
    delivery = a_delivery(state=Delivery.State.UNCERTAIN)
    client = Client()
    client.force_login(helpful_user("subscriptions.view_delivery"))
    act(client, "subscriptions/delivery", "send_again", delivery)
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.UNCERTAIN


def test_without_the_right_a_preview_is_the_general_one_and_a_test_goes_to_oneself() -> None:
    a_paper("Fern", listed_on=timezone.localdate())
    issue = a_delivery(
        a_subscriber("ada@example.org", orders=[{"words": "moss", "what": "search"}])
    ).issue
    looker = helpful_user("subscriptions.view_issue")
    client = Client()
    client.force_login(looker)
    page = f"/admin/subscriptions/issue/{issue.pk}/preview/"

    known, unknown = (
        re.sub('value="\\w{64}"', "", client.get(page, {"subscriber": address}).text)
        for address in ("ada@example.org", "nobody@example.org")
    )
    client.post(page, {"subscriber": "ada@example.org", "to": "ben@example.org"})

    assert known == unknown
    assert "ada@example.org" not in known and "moss" not in known and "Fern" in known
    assert [message.to for message in mail.outbox] == [[looker.email]]


@pytest.mark.slow
def test_the_overview_names_no_address_to_those_who_may_not_see_it() -> None:
    subscriber = a_subscriber("ada@example.org")
    a_paper("Moss")
    chief = client_of("superuser")
    act(chief, "subscriptions/subscriber", "pause", subscriber)
    act(chief, "papers/paper", "feature", Paper.objects.get())

    pages = {role: client_of(role).get("/admin/overview/").text for role in ROLES[2:]}

    assert {role for role, page in pages.items() if "ada@example.org" in page} == {
        "mail editor",
        "superuser",
    }
    assert {role for role, page in pages.items() if "Made a pick" in page} == set(ROLES[3:])
    assert "In the queue" not in pages["staff"]
    log = client_of("operator").get("/admin/admin/logentry/").text
    assert "Made a pick" in log and "ada@example.org" not in log


@pytest.mark.parametrize("page", ["abc", "99", "-1"])
def test_a_page_of_the_search_that_is_none_is_not_found(page: str) -> None:
    assert client_of("staff").get("/admin/search/", {"s": "x", "page": page}).status_code == 404


def act(client: Client, model: str, action: str, *rows: Any, **fields: Any) -> Any:
    data = {"action": action, "_selected_action": [row.pk for row in rows]} | fields
    return client.post(f"/admin/{model}/", data, follow=True)
