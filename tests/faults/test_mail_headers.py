"""What two programs that are not ours read in the head of a digest."""

import shutil
import subprocess
from collections import Counter
from email import message_from_bytes, policy

import pytest
from pytest_django import Settings

from papers.models import PaperTopic
from subscriptions.sending import run
from tests.factories import a_paper, a_topic
from tests.subscriptions.conftest import Relay, relay  # noqa: F401 a fixture
from tests.subscriptions.factories import FRIDAY_8AM, a_delivery, a_subscriber
from tests.subscriptions.test_emails import digest_of

pytestmark = pytest.mark.django_db
ONCE = [
    *("From", "To", "Subject", "Date", "Message-ID", "Reply-To", "MIME-Version", "Content-Type"),
    *("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Feedback-ID", "Auto-Submitted"),
]


@pytest.fixture
def mails(settings: Settings, relay: Relay) -> list[bytes]:  # noqa: F811
    """Twelve, sent over SMTP, with titles in many scripts."""
    settings.SITE_URL = "https://papers.example.org"
    settings.SITE_NAME = "Tägliche Papiere"
    settings.RETURN_PATH = "bounce+{token}@papers.example.org"
    settings.DEFAULT_FROM_EMAIL = "Tägliche Papiere <papers@papers.example.org>"
    for title in ("Moss & “fern”", "一篇論文的題目 " * 9, "على الأرقام", "x" * 300):
        PaperTopic.objects.create(paper=a_paper(title), topic=a_topic())
    deliveries = [a_delivery(a_subscriber(f"reader{it}@example.org")) for it in range(12)]
    made = [digest_of(it).as_wire_bytes() for it in deliveries]
    assert run.run(FRIDAY_8AM)["sent"] == 12
    assert len(relay.received) == 12
    return made


def test_python_reads_each_header_once(mails: list[bytes]) -> None:
    for raw in mails:
        message = message_from_bytes(raw, policy=policy.default)
        assert not message.defects
        counts = Counter(name.lower() for name in message)
        assert {name: counts[name.lower()] for name in ONCE} == dict.fromkeys(ONCE, 1)
        assert "precedence" not in counts
        assert len(str(message["List-Id"])) <= 255
        https, mailto = str(message["List-Unsubscribe"]).split(", ")
        assert https.startswith("<https://") and mailto.startswith("<mailto:bounce+u")
        assert message["X-Auto-Response-Suppress"] == "All"
        assert message["From"].addresses[0].addr_spec == "papers@papers.example.org"
        kinds = [part.get_content_type() for part in message.iter_parts()]  # type: ignore[attr-defined]
        assert kinds == ["text/plain", "text/html"]
        assert max(map(len, raw.split(b"\r\n"))) <= 998
        assert raw.isascii()


@pytest.mark.skipif(not shutil.which("mhdr"), reason="mblaze is not installed")
def test_mblaze_reads_the_same(
    mails: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("mails")
    for number, raw in enumerate(mails[:4]):
        path = folder / f"{number}.eml"
        path.write_bytes(raw.replace(b"\r\n", b"\n"))
        message = message_from_bytes(raw, policy=policy.default)
        for name in ("Subject", "To", "List-Unsubscribe", "Message-ID", "List-Id", "Date"):
            command = ["mhdr", "-d", "-h", name, str(path)]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            assert said.split() == str(message[name]).split(), name
        kinds = subprocess.run(
            ["mshow", "-t", str(path)], capture_output=True, text=True, check=True
        )
        assert kinds.stdout.index("text/plain") < kinds.stdout.index("text/html")
