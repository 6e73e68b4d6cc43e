"""Fixtures for every test: two users, and real HTTP and SMTP servers on loopback."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from django.core.management import call_command
from django.test import override_settings
from kombu import pools

from accounts.models import User
from config import celery_app
from papers.web import page_version
from tests.factories import a_user

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session", autouse=True)
def static_files() -> Iterator[None]:
    """As on a site, but not compressed, which takes seconds."""
    plain = ["css", "js", "md", "svg", "txt"]
    # Else WhiteNoise reads the whole folder for each new test client, half of the time of a test.
    with override_settings(WHITENOISE_SKIP_COMPRESS_EXTENSIONS=plain, WHITENOISE_AUTOREFRESH=True):
        call_command("collectstatic", interactive=False, verbosity=0)
        yield


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """A real hash takes a tenth of a second of processor, each time somebody signs in."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True)
def forget_the_page_version() -> None:
    """Of the test before, which this process remembers."""
    page_version.reset()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data beside the repository; a test that uses it counts as long."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the real data is not here: {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture
def ada(db: None) -> User:
    """A user who votes."""
    return a_user("ada@example.org")


@pytest.fixture
def ben(db: None) -> User:
    """Another user, who must not see what Ada does."""
    return a_user("ben@example.org")


@dataclass
class FeedServer:
    """A source on loopback: the test sets what it answers; its requests are recorded."""

    url: str = ""
    body: bytes = b""
    answer: Callable[[str], bytes] | None = None  # to a path, where one body is not enough
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    moved: dict[str, tuple[int, str]] = field(default_factory=dict)  # path: status, whereto
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def feed_server() -> Iterator[FeedServer]:
    feed = FeedServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            feed.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
            body = feed.answer(self.path) if feed.answer else feed.body
            status, whereto = feed.moved.get(self.path, (feed.status, ""))
            self.send_response(status)
            if whereto:
                self.send_header("Location", whereto)
            for name, value in feed.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    feed.url = f"http://127.0.0.1:{server.server_port}/feed"
    yield feed
    server.shutdown()
    server.server_close()


@pytest.fixture
def broker_down() -> Iterator[None]:
    """A port where nobody listens, instead of the broker."""

    def move_to(url: str) -> None:
        celery_app.conf.broker_url = celery_app.conf.broker_write_url = url
        celery_app._pool = celery_app.amqp._producer_pool = None
        pools.reset()

    url = celery_app.conf.broker_url
    move_to("redis://127.0.0.1:9/0")
    yield
    move_to(url)


@dataclass
class MailServer:
    """A real SMTP server on loopback that keeps what it accepts."""

    url: str = ""
    accepted: list[tuple[list[str], EmailMessage]] = field(default_factory=list)

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for receivers, mail in self.accepted if address in receivers]

    def forget(self) -> None:
        self.accepted.clear()

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        mail = message_from_bytes(content, policy=policy.default)
        self.accepted.append(([to.lower() for to in envelope.rcpt_tos], cast(EmailMessage, mail)))
        return "250 OK"


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    mail = MailServer()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = Controller(mail, hostname="127.0.0.1", port=port)
    server.start()
    mail.url = f"smtp://127.0.0.1:{port}"
    yield mail
    server.stop()
