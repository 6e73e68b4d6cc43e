"""A form or a page opened at another address than SITE_URL says so, and blames no cookies."""

import pytest
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.django_db


def sign_up(**headers: str) -> str:
    """The page after the sign-up form was sent with its token; the text of a 403."""
    client = Client(enforce_csrf_checks=True)
    client.get("/accounts/signup/")
    data = {"csrfmiddlewaretoken": client.cookies["csrftoken"].value, "email": "x"}
    response = client.post("/accounts/signup/", data, headers=headers)
    assert response.status_code == 403
    return response.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://papers.example.org"},
        {"Origin": "null", "Referer": "https://papers.example.org/accounts/signup/"},
    ],
)
def test_behind_tls_without_site_url_the_form_names_both_addresses(
    headers: dict[str, str],
) -> None:
    page = sign_up(**headers)
    assert "https://papers.example.org" in page and "http://testserver" in page
    assert "SITE_URL" in page and "keeps no cookies" not in page


def test_a_missing_cookie_is_still_called_one() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/accounts/signup/", headers={"Origin": "http://testserver"})
    assert (response.status_code, "keeps no cookies" in response.text) == (403, True)
    assert "SITE_URL" not in response.text


def test_an_unknown_host_is_named_with_the_sites_own(client: Client) -> None:
    response = client.get("/accounts/signup/", headers={"Host": "papers.example.org"})
    assert response.status_code == 400
    assert "papers.example.org" in response.text and "http://testserver" in response.text
    api = client.get("/api/daily_papers", headers={"Host": "papers.example.org"})
    assert (api.status_code, api["Content-Type"]) == (400, "application/json")


def test_what_a_stranger_sends_is_escaped(client: Client, settings: Settings) -> None:
    assert "<script>" not in sign_up(Origin="https://<script>alert(1)</script>")
