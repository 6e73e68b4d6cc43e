"""Sign-in with ORCID, GitHub and Google, tried against a provider on loopback; and sessions."""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from accounts.tasks import clear_sessions
from config import content_security, sign_in
from subscriptions import personal_data
from tests.factories import a_user

pytestmark = pytest.mark.django_db
PASSWORD = "moss-and-fern-9"


@dataclass
class Provider:
    """An OpenID provider, which also answers as GitHub's API does."""

    url: str = ""
    person: dict[str, Any] = field(default_factory=dict)  # what it says about who signed in
    fails: bool = False
    token_requests: list[dict[str, list[str]]] = field(default_factory=list)

    def answer(self, path: str, body: str) -> Any:
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "userinfo_endpoint": f"{self.url}/userinfo",
                "jwks_uri": f"{self.url}/jwks",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
        if path == "/token":
            self.token_requests.append(parse_qs(body))
            client_id = parse_qs(body)["client_id"][0]
            about = {"iss": self.url, "aud": client_id, "iat": time.time(), "exp": time.time() + 60}
            id_token = jwt.encode(about | self.person, "a key that nobody checks over TLS")
            return {"access_token": "secret-token", "token_type": "bearer", "id_token": id_token}
        if path == "/user/emails":
            return [{"email": "ben@example.org", "primary": True, "verified": True}]
        return self.person


@pytest.fixture
def provider(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            content = json.dumps(provider.answer(urlsplit(self.path).path, body)).encode()
            self.send_response(500 if provider.fails else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    provider.url = f"http://127.0.0.1:{server.server_port}"
    servers = dict.fromkeys(sign_in.OPENID_SERVERS, provider.url)
    monkeypatch.setattr(sign_in, "OPENID_SERVERS", servers)
    for name, path in [
        ("authorize_url", "/authorize"),
        ("access_token_url", "/token"),
        ("profile_url", "/user"),
        ("emails_url", "/user/emails"),
    ]:
        monkeypatch.setattr(GitHubOAuth2Adapter, name, provider.url + path)
    keys = [f"our-id-{number}:our:secret" for number in range(3)]
    settings.SOCIALACCOUNT_PROVIDERS = sign_in.providers(*keys)
    yield provider
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def empty_rate_limits() -> None:
    cache.clear()


def go_through(client: Client, name: str, **query: str) -> Any:
    """To the provider and back; what our callback answers."""
    path = f"/accounts/{name}/login/"
    there = urlsplit(client.post(path)["Location"])
    asked = {key: values[0] for key, values in parse_qs(there.query).items()}
    assert there.path == "/authorize" and asked["client_id"].startswith("our-id")
    assert asked["redirect_uri"] == f"http://testserver{path}callback/"
    assert asked["code_challenge_method"] == "S256"
    return client.get(f"{path}callback/", {"code": "x", "state": asked["state"]} | query)


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_who_comes_from_orcid_gives_an_address_and_proves_it(
    provider: Provider, client: Client
) -> None:
    provider.person = {"sub": "0000-0002-1825-0097", "given_name": "Ada", "family_name": "Quill"}
    assert "Sign in with ORCID" in client.get("/accounts/login/").text
    assert go_through(client, "oidc/orcid")["Location"] == "/accounts/3rdparty/signup/"
    page = client.get("/accounts/3rdparty/signup/").text
    assert "Sign up with ORCID" in page and 'value="Ada Quill"' in page

    data = {"email": "ada@example.org", "name": "Ada Quill", "handle": "ada"}
    client.post("/accounts/3rdparty/signup/", data)

    assert not is_signed_in(client)
    found = re.search(r"/accounts/confirm-email/\S+", mail.outbox[0].body)
    assert found
    client.post(found[0])
    ada = User.objects.get(email="ada@example.org")
    assert (ada.name, ada.handle, ada.has_usable_password()) == ("Ada Quill", "ada", False)
    assert not SocialToken.objects.exists()  # we need none
    assert provider.token_requests[0]["client_secret"] == ["our:secret"]

    again = Client()
    go_through(again, "oidc/orcid")
    assert again.session["_auth_user_id"] == str(ada.pk)
    [linked] = personal_data.export_account(ada)["linked_accounts"]
    assert linked["uid"] == "0000-0002-1825-0097"


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("oidc/google", {"sub": "7", "email": "ben@example.org", "email_verified": True}),
        ("github", {"id": 7, "login": "ben", "name": "Ben Marsh"}),
    ],
)
def test_an_address_that_the_provider_has_proven_is_not_proven_again(
    provider: Provider, client: Client, name: str, person: dict[str, Any]
) -> None:
    provider.person = person
    go_through(client, name)
    assert "ben@example.org" in client.get("/accounts/3rdparty/signup/").text
    client.post("/accounts/3rdparty/signup/", {"email": "ben@example.org"})
    assert is_signed_in(client)
    assert EmailAddress.objects.get().verified


def test_nobody_enters_an_account_by_its_address_alone(provider: Provider, client: Client) -> None:
    ben = a_user("ben@example.org", password=PASSWORD)
    EmailAddress.objects.create(user=ben, email=ben.email, verified=True, primary=True)
    provider.person = {"sub": "7", "email": "ben@example.org", "email_verified": True}
    go_through(client, "oidc/google")
    client.post("/accounts/3rdparty/signup/", {"email": "ben@example.org"})
    assert not is_signed_in(client) and not SocialAccount.objects.exists()

    client.post("/accounts/login/", {"login": ben.email, "password": PASSWORD})
    there = client.post("/accounts/oidc/google/login/?process=connect")["Location"]
    state = parse_qs(urlsplit(there).query)["state"][0]
    back = client.get("/accounts/oidc/google/login/callback/", {"code": "x", "state": state})
    assert back["Location"] == "/accounts/reauthenticate/" and not SocialAccount.objects.exists()
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert SocialAccount.objects.get().user == ben
    assert "Unlink Google" in client.get("/accounts/3rdparty/").text
    client.post("/accounts/3rdparty/", {"account": SocialAccount.objects.get().pk})
    assert not SocialAccount.objects.exists()


def test_a_second_step_is_asked_for_here_too(provider: Provider, client: Client) -> None:
    ben = a_user("ben@example.org")
    EmailAddress.objects.create(user=ben, email=ben.email, verified=True, primary=True)
    ben.socialaccount_set.create(provider="orcid", uid="7")  # type: ignore[attr-defined]
    ben.authenticator_set.create(type="totp", data={"secret": "MOSS"})  # type: ignore[attr-defined]
    provider.person = {"sub": "7"}
    assert go_through(client, "oidc/orcid")["Location"] == "/accounts/2fa/authenticate/"
    assert not is_signed_in(client)


def test_what_goes_wrong_there_is_said_on_a_page(provider: Provider, client: Client) -> None:
    provider.person = {"sub": "7"}
    refused = go_through(client, "oidc/orcid", error="access_denied")
    assert refused["Location"] == "/accounts/3rdparty/login/cancelled/"
    forged = client.get("/accounts/oidc/orcid/login/callback/", {"code": "x", "state": "forged"})
    assert "Sign-in did not work" in forged.text
    there = urlsplit(client.post("/accounts/oidc/orcid/login/")["Location"])
    provider.fails = True
    state = parse_qs(there.query)["state"][0]
    failed = client.get("/accounts/oidc/orcid/login/callback/", {"code": "x", "state": state})
    assert "Sign-in did not work" in failed.text
    assert failed.status_code == client.post("/accounts/oidc/orcid/login/").status_code == 503
    assert not is_signed_in(client)


def test_without_its_keys_a_provider_is_not_there(client: Client) -> None:
    for name in ("oidc/orcid", "oidc/google", "github"):
        assert client.post(f"/accounts/{name}/login/").status_code == 404
    assert "Sign in with ORCID" not in client.get("/accounts/login/").text
    assert sign_in.hosts(sign_in.providers("", "", "")) == []
    hosts = sign_in.hosts(sign_in.providers("a:b", "c:d", "e:f"))
    assert content_security.directives(hosts)["form-action"] == [
        *("'self'", "https://orcid.org", "https://accounts.google.com", "https://github.com")
    ]


# --- Sessions ---


def test_one_signs_out_everywhere_else() -> None:
    ada = a_user("ada@example.org", password=PASSWORD)
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    clients = [Client(HTTP_USER_AGENT=f"Browser {number}") for number in range(2)]
    for client in clients:
        client.post("/accounts/login/", {"login": ada.email, "password": PASSWORD})
    page = clients[0].get("/accounts/sessions/").text
    assert "Browser 0" in page and "Browser 1" in page and "Sign out everywhere else" in page
    [first, _] = personal_data.export_account(ada)["sessions"]
    assert (first["user_agent"], "session_key" in first) == ("Browser 0", False)

    clients[0].post("/accounts/sessions/")

    assert clients[1].get("/accounts/email/").status_code == 302
    assert "signed in nowhere else" in clients[0].get("/accounts/sessions/").text
    Session.objects.update(expire_date="2025-01-01T00:00Z")
    clear_sessions()
    assert not Session.objects.exists() and not UserSession.objects.exists()


def test_a_session_has_the_address_that_the_trusted_proxy_names(settings: Settings) -> None:
    ada = a_user("ada@example.org", password=PASSWORD)
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def sign_in_from(*forwarded: str, password: str = PASSWORD) -> Any:
        headers = {"X-Forwarded-For": ", ".join(forwarded)}
        data = {"login": ada.email, "password": password}
        return Client().post("/accounts/login/", data, headers=headers)

    sign_in_from("203.0.113.9", "192.0.2.7")  # the first is what the client itself claims
    assert UserSession.objects.get().ip == "192.0.2.7"
    settings.ACCOUNT_RATE_LIMITS = {"login": "3/m/ip"}
    cache.clear()
    found = [
        sign_in_from(f"203.0.113.{number}", "192.0.2.7", password="x").status_code
        for number in range(4)
    ]
    assert found == [200, 200, 200, 429]
    assert sign_in_from("192.0.2.8", password="x").status_code == 200
