"""Who sends a request to the API: the reader of the token in its header `Authorization: Bearer`."""

from typing import Any

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBearer

from reader_api.models import ApiToken

NO_TOKEN = "Send the header “Authorization: Bearer TOKEN”; tokens are made on the account’s page."
WRONG_TOKEN = "There is no such token. It may have been revoked."


class TokenAuth(HttpBearer):
    """Puts the ApiToken into `request.auth`; 401 without one, 403 where it has not this scope."""

    def __init__(self, scope: ApiToken.Scope) -> None:
        self.scope = scope
        super().__init__()

    def __call__(self, request: HttpRequest) -> Any:
        if not (token := super().__call__(request)):
            raise HttpError(401, NO_TOKEN)
        return token

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken:
        found = ApiToken.objects.find(token.strip())
        if found is None:
            raise HttpError(401, WRONG_TOKEN)
        if self.scope not in found.scopes:
            raise HttpError(403, f"This token has not the scope “{self.scope}”.")
        return found
