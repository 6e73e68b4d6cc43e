"""Signing up and in tells nobody who has an account, and fills nobody's mailbox."""

import re
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from accounts.foreign_text import display_name, plain_words
from accounts.mailbox import mailbox
from papers.models import Upvote
from tests.factories import a_paper, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_rate_limits() -> None:
    """Requests of earlier tests do not count."""
    cache.clear()


KNOWN, UNKNOWN = "ada@example.org", "ben@example.org"
PASSWORD = "moss-and-fern-9"
hashed: list[str] = []


class CountingHasher(MD5PasswordHasher):
    """Stands for the slow one: hashing is nearly all the work of these pages."""

    def encode(self, password: str, salt: str) -> str:
        hashed.append(password)
        return super().encode(password, salt)


def ask(page: str, email: str, **fields: str) -> tuple[Any, int, int]:
    """The answer, how often a password was hashed, and how many mails were sent."""
    hashed.clear(), mail.outbox.clear()
    response = Client().post(f"/accounts/{page}/", {"email": email, "login": email} | fields)
    return (response.status_code, response.headers.get("Location")), len(hashed), len(mail.outbox)


@pytest.mark.parametrize(
    ("page", "fields", "hashes", "mails"),
    [
        ("signup", {"password1": PASSWORD}, 1, 1),
        ("login", {"password": "wrong"}, 1, 0),
        ("password/reset", {}, 0, 1),
        ("login/code", {}, 0, 1),
    ],
)
def test_known_and_unknown_addresses_take_the_same_work_and_answer(
    settings: Settings, page: str, fields: dict[str, str], hashes: int, mails: int
) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    user = a_user(KNOWN, password=PASSWORD)
    user.emailaddress_set.create(email=KNOWN, verified=True, primary=True)

    known, unknown = (ask(page, address, **fields) for address in (KNOWN, UNKNOWN))

    assert known == unknown
    assert known[1:] == (hashes, mails)


def sign_up(client: Client, wanted: str) -> str:
    """The path of the link in the email."""
    client.post("/accounts/signup/", {"email": UNKNOWN, "password1": PASSWORD, "next": wanted})
    [message] = mail.outbox
    return str(re.search(r"/accounts/confirm-email/\S+", message.body)[0])  # type: ignore[index]


def test_who_signs_up_to_vote_comes_back_to_the_paper_with_the_vote_cast(client: Client) -> None:
    paper = a_paper("Moss")
    wanted = f"/papers/{paper.key}/upvote"
    assert f"?next={wanted}" in client.get("/").text
    assert "Sign in to upvote this paper." in client.get(f"/accounts/login/?next={wanted}").text
    link = sign_up(client, wanted)

    assert client.get(link).status_code == 200 and not Upvote.objects.exists()
    answer = client.post(link)

    assert answer["Location"] == f"/papers/{paper.key}"
    assert Upvote.objects.get().user.email == UNKNOWN
    assert client.get("/accounts/email/").status_code == 200  # signed in
    assert client.get(wanted)["Location"] == f"/papers/{paper.key}"


def test_a_link_opened_in_another_browser_signs_nobody_in(client: Client) -> None:
    link = sign_up(client, f"/papers/{a_paper('Moss').key}/upvote")
    other = Client()
    other.post(link)
    assert "_auth_user_id" not in other.session and not Upvote.objects.exists()


def test_mails_that_anybody_can_cause_are_limited_for_each_mailbox(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"mail": "3/h/key", "reset_password": None}
    answers = [
        Client(REMOTE_ADDR=f"192.0.2.{number}")
        .post("/accounts/password/reset/", {"email": f"a.da+{number}@example.org"})
        .status_code
        for number in range(5)
    ]
    assert answers == [302] * 3 + [429] * 2
    assert len(mail.outbox) == 3
    Client().post("/accounts/password/reset/", {"email": "ben@example.org"})
    assert len(mail.outbox) == 4


@pytest.mark.parametrize(
    ("address", "same_as"),
    [
        ("Ada+moss@Example.org", "ada@example.org"),
        ("ada+a+b@example.org", "ada@example.org"),
        ("a.d.a@gmail.com", "ada@googlemail.com"),
        ("+x@example.org", "+x@example.org"),
        ("...@example.org", "...@example.org"),
    ],
)
def test_a_mailbox_has_many_addresses(address: str, same_as: str) -> None:
    assert mailbox(address) == mailbox(same_as)
    assert mailbox(address) != mailbox(f"b{address}")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("diffusion -survey", "diffusion -survey"),
        ("Zoë O’Quill-Marsh", "Zoë O’Quill-Marsh"),
        ("李明 и Ölçer", "李明 и Ölçer"),
        ("win at https://evil.example/x?y=1", "win at https evil example x y 1"),
        ("evil.example", "evil example"),
        ("evil。example ｅｖｉｌ．example", "evil example evil example"),
        ("mallory@evil.example", "mallory evil example"),
        ("http://2130706433/", "http 2130706433"),
        ("a\nb\u202egnp\0", "a b gnp"),
        ("x" * 50, "x" * 39 + "…"),
    ],
)
def test_foreign_words_hold_no_link(text: str, plain: str) -> None:
    assert plain_words(text) == plain


def test_a_name_in_a_mail_is_no_link() -> None:
    assert display_name(a_user(name="see evil.example now")) == "see evil example now"
    assert display_name(a_user("win.money@evil.example")) == "win money"
