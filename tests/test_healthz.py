"""/healthz answers within its time whatever hangs; without the cache the site goes on."""

import socket
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.db.backends.postgresql.base import DatabaseWrapper
from django.test import Client

from accounts.models import User
from site_web import healthz
from tests.factories import a_paper

CACHE_GONE = "redis://127.0.0.1:9/1"


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture(autouse=True)
def forget_earlier_checks() -> None:
    healthz._checks.clear()


def use_cache(settings, location: str) -> None:
    settings.CACHES = settings.CACHES | {
        "default": settings.CACHES["default"] | {"LOCATION": location}
    }


@pytest.mark.django_db
def test_all_that_answers_is_ok(client: Client) -> None:
    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json() == {"database": "ok", "broker": "ok", "cache": "ok"}


@pytest.mark.django_db
def test_cache_that_is_gone_is_named(client: Client, settings) -> None:
    use_cache(settings, CACHE_GONE)

    response = client.get("/healthz")

    assert (response.status_code, response.json()["cache"]) == (200, "unreachable")


@pytest.mark.django_db
def test_whatever_hangs_is_named_and_not_waited_for(
    client: Client, settings, silent_port: int
) -> None:
    use_cache(settings, f"redis://127.0.0.1:{silent_port}/1")
    known = {"host": "127.0.0.1", "port": silent_port, "dbname": "x", "connect_timeout": 5}
    broker = healthz.current_app.connection_for_read(f"redis://127.0.0.1:{silent_port}/0")

    with (
        patch.object(DatabaseWrapper, "get_connection_params", lambda _: known),
        patch.object(healthz.current_app, "connection_for_read", lambda: broker),
    ):
        states = [client.get("/healthz").json() for _ in range(2)]

    hanging = {"database": "unreachable", "broker": "unreachable", "cache": "unreachable"}
    assert states == [hanging, hanging]
    assert sum(not check.done() for check in healthz._checks.values()) <= 3


@pytest.mark.django_db
@pytest.mark.parametrize("hangs", [False, True])
def test_without_the_cache_people_sign_in_and_read(
    settings, ada: User, silent_port: int, hangs: bool
) -> None:
    ada.set_password("moss and ferns")
    ada.save()
    ada.emailaddress_set.create(email=ada.email, verified=True, primary=True)
    a_paper("On moss")
    use_cache(settings, f"redis://127.0.0.1:{silent_port}/1" if hangs else CACHE_GONE)
    client = Client(REMOTE_ADDR="192.0.2.78")

    login = {"login": ada.email, "password": "moss and ferns"}
    assert client.post("/accounts/login/", login).status_code == 302
    assert client.get("/papers/trending").status_code == 200
    wish = {"address": "ben@x.org", "everything": "on"}
    assert "Check your inbox" in client.post("/subscribe", wish).text


@pytest.mark.slow
@pytest.mark.django_db
def test_without_the_cache_wrong_passwords_are_still_limited(settings, ada: User) -> None:
    use_cache(settings, CACHE_GONE)
    client = Client(REMOTE_ADDR="192.0.2.79")

    wrong = {"login": ada.email, "password": "wrong"}
    statuses = [client.post("/accounts/login/", wrong).status_code for _ in range(40)]

    assert statuses[0] == 200
    assert (
        statuses[-1] == 429 or "Too many" in client.post("/accounts/login/", wrong).content.decode()
    )
