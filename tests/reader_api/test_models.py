"""A token is kept as its hash, works while its reader's account is open, and ends with it."""

import pytest

from accounts.models import User
from reader_api.models import ApiToken
from subscriptions import personal_data

pytestmark = pytest.mark.django_db


def test_a_token_is_found_by_itself_and_stored_as_a_hash(ada: User, ben: User) -> None:
    token = ApiToken.objects.issue(ada, "Notebook", ["read", "save"])
    assert token not in str(ApiToken.objects.values())
    found = ApiToken.objects.find(token)
    assert found and (found.user, found.scopes) == (ada, ["read", "save"])
    assert ApiToken.objects.get().last_used_at
    assert ApiToken.objects.find(token[:-1]) is None
    assert ApiToken.objects.find(ApiToken.objects.get().token_hash) is None
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert ApiToken.objects.find(token) is None


def test_tokens_are_exported_without_the_token_and_end_with_the_account(ada: User) -> None:
    ApiToken.objects.issue(ada, "Notebook", ["read"])
    (exported,) = personal_data.export_account(ada)["api_tokens"]
    assert (exported["name"], exported["scopes"]) == ("Notebook", ["read"])
    assert "token_hash" not in exported
    personal_data.erase_account(ada)
    assert not ApiToken.objects.exists()
