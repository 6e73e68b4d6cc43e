"""A real SMTP server on loopback, whose answers the test decides."""

import asyncio
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Event
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from subscriptions.models import Delivery
from tests.subscriptions.factories import FRIDAY_8AM, a_delivery, a_subscriber


@dataclass
class Relay:
    """`answers` to MAIL, RCPT, DATA and `.`: a line, `drop` or `hang`; None is friendly."""

    answers: dict[str, str | None] = field(default_factory=dict)
    received: list[tuple[str, EmailMessage]] = field(default_factory=list)
    connections: int = 0
    hangs_at: str = ""  # mails to this domain wait until they are released
    release: Event = field(default_factory=Event)
    hung: int = 0
    accounts: dict[str, str] = field(default_factory=dict)

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.answers.get("MAIL") or "250 OK"

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT") or "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self.answers.get(".")
        if self.hangs_at and envelope.rcpt_tos[0].endswith(self.hangs_at):
            self.hung += 1
            while not self.release.is_set():
                await asyncio.sleep(0.01)
        if answer in {None, "drop", "hang", "no number at all"}:
            message = message_from_bytes(envelope.content, policy=policy.default)
            self.received.append((envelope.rcpt_tos[0], message))  # type: ignore[arg-type]
        if answer == "drop":
            server.transport.abort()
        if answer == "hang":
            await asyncio.sleep(2)
        return answer or "250 OK"

    def knows(self, server: Any, session: Any, envelope: Any, how: str, data: Any) -> AuthResult:
        right = self.accounts.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=right, handled=False)


class _Server(SMTP):
    async def smtp_DATA(self, arg: str) -> None:
        answer = self.event_handler.answers.get("DATA")
        if answer in {"drop", "354 then drop"}:
            await self.push("354 go on") if answer != "drop" else None
            self.transport.abort()
        elif answer:
            await self.push(answer)
        else:
            await super().smtp_DATA(arg)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(
            self.handler,
            enable_SMTPUTF8=True,
            authenticator=self.handler.knows,
            auth_require_tls=False,
        )


@pytest.fixture(autouse=True)
def empty_rate_limits() -> None:
    """Requests of earlier tests do not count."""
    cache.clear()


@pytest.fixture
def relay(settings: Settings) -> Iterator[Relay]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    relay = Relay()
    controller = _Controller(relay, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "subscriptions.sending.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_TIMEOUT = 5
    yield relay
    controller.stop()


@pytest.fixture
def stranger() -> Client:
    """A mail program: no cookies, no token of ours, every check on."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def mail_settings(settings: Settings) -> None:
    """A return path, and a secret for the provider's webhook."""
    settings.RETURN_PATH = "bounce+{token}@papers.example.org"
    settings.HOOK_SECRET = "hook:secret"
    settings.ANYMAIL = {"WEBHOOK_SECRET": "hook:secret"}


@pytest.fixture
def delivery() -> Delivery:
    return a_delivery(a_subscriber("ada@example.org"), state="sent", sent_at=FRIDAY_8AM)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(FRIDAY_8AM, tick=False) as traveller:
        yield traveller
