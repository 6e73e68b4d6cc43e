"""Exports a reader's API tokens, without the tokens; deleting the account deletes them."""

from typing import Any

from accounts.models import User
from reader_api.models import ApiToken


def export(user: User) -> dict[str, Any]:
    """As values for JSON."""
    tokens = ApiToken.objects.of_reader(user)
    return {"api_tokens": list(tokens.values("name", "scopes", "created_at", "last_used_at"))}
