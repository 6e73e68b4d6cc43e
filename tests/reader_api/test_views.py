"""The page of tokens: made and shown once, listed, revoked."""

import re

import pytest
from django.test import Client

from accounts.models import User
from reader_api.models import ApiToken
from reader_api.models.api_token import MAX_TOKENS
from tests.factories import a_voter

pytestmark = pytest.mark.django_db
PAGE = "/accounts/tokens/"


def test_a_token_is_shown_once_works_and_is_revoked(client: Client, ada: User, ben: User) -> None:
    client.force_login(a_voter(ada))
    name = "<b>Notebook</b>"
    page = client.post(PAGE, {"name": name, "scopes": ["read", "save"]})
    assert "no-store" in page["Cache-Control"]
    match = re.search(r"tp_[\w-]{43}", page.text)
    assert match and "&lt;b&gt;Notebook" in page.text and name not in page.text
    headers = {"Authorization": f"Bearer {match[0]}"}
    assert Client(headers=headers).get("/api/me/saves").status_code == 200
    assert match[0] not in client.get(PAGE).text and "last used on" in client.get(PAGE).text

    revoke = f"{PAGE}{ApiToken.objects.get().pk}/revoke/"
    other = Client()
    other.force_login(a_voter(ben))
    other.post(revoke)
    assert ApiToken.objects.exists()
    assert "is revoked" in client.post(revoke, follow=True).text
    assert Client(headers=headers).get("/api/me/saves").status_code == 401


def test_a_token_needs_a_name_and_a_scope_and_there_are_so_many(client: Client, ada: User) -> None:
    client.force_login(a_voter(ada))
    assert "Choose at least one" in client.post(PAGE, {"name": "Kept"}).text
    page = client.post(PAGE, {"name": " ", "scopes": ["read", "root"]}).text
    assert "Name: this is missing" in page and "root" in page
    for _ in range(MAX_TOKENS):
        ApiToken.objects.issue(ada, "Notebook", ["read"])
    page = client.post(PAGE, {"name": "One more", "scopes": ["read"]}).text
    assert "Revoke one first" in page and 'value="One more"' in page
    assert ApiToken.objects.count() == MAX_TOKENS
