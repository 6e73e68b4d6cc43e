"""`manage.py send_test_mail`: one mail, and what the relay said."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from tests.subscriptions.conftest import Relay


def send(address: str = "ada@example.org") -> str:
    out = io.StringIO()
    call_command("send_test_mail", address, stdout=out)
    return out.getvalue()


def test_it_says_what_the_relay_answered(relay: Relay) -> None:
    relay.answers = {".": "250 2.0.0 queued as 7F3A"}
    assert "250 2.0.0 queued as 7F3A" in send()


def test_the_mail_carries_our_host(relay: Relay) -> None:
    send()
    [(address, message)] = relay.received
    assert address == "ada@example.org"
    assert message["Message-ID"].endswith("@testserver>")


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"MAIL": "550 5.7.1 not you"}, "550 5.7.1 not you"),
        ({"RCPT": "550 5.1.1 nobody"}, "550 5.1.1 nobody"),
        ({"DATA": "drop"}, "Not sent"),
    ],
)
def test_a_refusal_is_an_error_with_its_reason(
    answers: dict[str, str | None], says: str, relay: Relay
) -> None:
    relay.answers = answers
    with pytest.raises(CommandError, match=says):
        send()


def test_without_a_relay_and_for_no_address_it_fails(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "subscriptions.sending.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with pytest.raises(CommandError, match="127.0.0.1 port 9: .*refused"):
        send()
    with pytest.raises(CommandError, match="no email address"):
        send("ada")


def test_without_email_url_it_names_the_folder(settings: Settings, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "selfhost.outbox.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    assert str(tmp_path) in send()
    assert len(list(tmp_path.glob("*.eml"))) == 1
