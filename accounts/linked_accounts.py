"""Sign-in with ORCID, GitHub and Google by allauth.socialaccount."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import requests
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from django.http import Http404, HttpRequest
from django.shortcuts import render

from accounts.models import User
from accounts.public_name import MAX_NAME_CHARS

logger = logging.getLogger(__name__)
ORCID_ID = re.compile(r"[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]", re.ASCII)


@dataclass(frozen=True)
class LinkedOrcid:
    """The ORCID account with which somebody has signed in."""

    id: str
    name: str  # as it stands there; its owner wrote it

    @property
    def url(self) -> str:
        return f"https://orcid.org/{self.id}"


def linked_orcid(user: User) -> LinkedOrcid | None:
    account = SocialAccount.objects.filter(user=user, provider="orcid").order_by("pk").first()
    if account is None or not ORCID_ID.fullmatch(account.uid):
        return None
    said = account.extra_data.get("userinfo") or account.extra_data.get("id_token") or {}
    return LinkedOrcid(account.uid, _full_name(said))


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "email_taken": "There is an account with this address already. Sign in to it first, "
        "then link %s on the page of your account.",
        "no_password": "First set a password for your account: without one you could not sign in.",
        "no_verified_email": "First confirm the address of your account.",
        "connected_other": "This account is linked to another account here.",
    }

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist:
            raise Http404(f"{provider} is not set up on this site") from None

    def get_requests_session(self) -> requests.Session:
        """allauth catches failures of the sign-in itself, but not of the provider's description."""
        session: requests.Session = super().get_requests_session()
        session.request = _page_on_failure(session.request)  # type: ignore[method-assign]
        return session

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: Any) -> User:
        """Not yet a row: `data` is what the provider says about the person."""
        user: User = super().populate_user(request, sociallogin, data)
        names = {"given_name": data.get("first_name"), "family_name": data.get("last_name")}
        user.name = _full_name(data | names)[:MAX_NAME_CHARS]
        return user

    def get_signup_form_initial_data(self, sociallogin: SocialLogin) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_signup_form_initial_data(sociallogin)
        return initial | {"name": sociallogin.user.name}


def _full_name(said: dict[str, Any]) -> str:
    """From the claims of OpenID Connect, which all may be missing."""
    parts = [said.get("given_name"), said.get("family_name")]
    return str(said.get("name") or " ".join(str(part) for part in parts if part))


def _page_on_failure(send: Callable[..., requests.Response]) -> Callable[..., requests.Response]:
    @wraps(send)
    def send_or_explain(*args: Any, **options: Any) -> requests.Response:
        try:
            response = send(*args, **options)
            if response.status_code >= 500:  # of others, such as a refused code, allauth takes care
                response.raise_for_status()
        except requests.RequestException as error:
            logger.warning("A sign-in provider does not answer: %s", error)
            page = render(context.request, "socialaccount/authentication_error.html", status=503)
            raise ImmediateHttpResponse(page) from error
        return response

    return send_or_explain
