"""Bounces, complaints and unsubscribes that come by mail."""

import itertools
import os
import subprocess
import sys
from email.message import EmailMessage
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from subscriptions import tokens
from subscriptions.bounces import incoming_mail
from subscriptions.models import Delivery, MailEvent, Subscriber
from subscriptions.sending import emails
from subscriptions.tokens import Purpose
from tests.subscriptions.factories import FRIDAY_8AM, a_delivery, a_subscriber, suppressed
from tests.subscriptions.test_emails import digest_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mail_settings")]


def a_status(
    to: str, status: str, diagnosis: str = "", action: str = "failed", **headers: str
) -> bytes:
    """As RFC 3464 has it."""
    fields = {"To": to, "From": "MAILER-DAEMON@mx.example.org"} | headers
    head = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in fields.items())
    return f"""{head}Subject: Returned mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=x

--x
Content-Type: text/plain

It did not work.
--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; Ada@Example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {diagnosis}
--x--
""".encode()


def path_of(delivery: Delivery) -> str:
    return emails.return_path(Purpose.BOUNCE, delivery.pk)


# --- By mail ---


@pytest.mark.parametrize(
    ("status", "diagnosis", "kind", "follows"),
    [
        ("5.1.1", "550 5.1.1 no such user", "hard bounce", ("hard bounce", "all")),
        ("5.0.0", "550 5.1.1 no such user", "hard bounce", ("hard bounce", "all")),
        ("5.0.0", "550 nobody", "hard bounce", ("hard bounce", "all")),
        ("5.4.4", "no route", "hard bounce", ("hard bounce", "all")),
        ("5.2.1", "disabled", "hard bounce", ("hard bounce", "all")),
        ("5.2.2", "552 mailbox full", "soft bounce", None),
        ("5.0.0", "552 over quota", "soft bounce", None),
        ("4.4.7", "expired", "soft bounce", None),
        ("5.7.1", "554 5.7.1 we think that this is spam", "refused", None),
    ],
)
def test_a_delivery_status_says_what_kind_of_failure(
    status: str, diagnosis: str, kind: str, follows: Any, delivery: Delivery
) -> None:
    raw = a_status(path_of(delivery), status, diagnosis)
    assert incoming_mail.receive(raw, [], FRIDAY_8AM) == kind
    assert suppressed() == follows
    assert MailEvent.objects.get().delivery == delivery


def test_the_same_mail_twice_counts_once(delivery: Delivery) -> None:
    raw = a_status(path_of(delivery), "4.2.2")
    for copy in (raw, raw, raw.replace(b"\n", b"\r\n"), raw.replace(b"\n", b"\r")):
        incoming_mail.receive(copy, [], FRIDAY_8AM)
    assert MailEvent.objects.count() == 1
    assert Subscriber.objects.get().soft_bounces == 1


def test_a_delay_is_no_bounce(delivery: Delivery) -> None:
    raw = a_status(path_of(delivery), "4.4.1", action="delayed")
    assert incoming_mail.receive(raw, [], FRIDAY_8AM) == "delayed"
    assert Subscriber.objects.get().soft_bounces == 0


def test_a_return_path_in_capitals_or_named_by_the_mta_alone_is_ours(delivery: Delivery) -> None:
    raw = a_status("undisclosed", "5.1.1")
    assert incoming_mail.receive(raw, [path_of(delivery).upper()], FRIDAY_8AM) == "hard bounce"


@pytest.mark.parametrize("to", ["bounce+d1-0123456789abcdef0123@papers.example.org", "x@y.org", ""])
def test_a_forged_return_path_suppresses_nobody(to: str, delivery: Delivery) -> None:
    assert incoming_mail.receive(a_status(to, "5.1.1"), [], FRIDAY_8AM) == "unknown"
    assert not MailEvent.objects.exists() and suppressed() is None


def test_a_token_of_one_purpose_serves_for_no_other(delivery: Delivery) -> None:
    token = tokens.make_for_address(Purpose.BOUNCE, delivery.pk)
    assert tokens.read_from_address(token) == (Purpose.BOUNCE, delivery.pk)
    assert tokens.read_from_address(f"u{token[1:]}") is None


def test_a_bounce_that_outlives_its_subscriber_is_no_error(delivery: Delivery) -> None:
    raw = a_status(path_of(delivery), "5.1.1")
    delivery.subscriber.delete()
    assert incoming_mail.receive(raw, [], FRIDAY_8AM) == "forgotten"


def test_a_confirmation_that_comes_back_counts_too() -> None:
    subscriber = a_subscriber("ada@example.org", confirmed_at=None)
    mail_ = emails.confirmation(subscriber, "All papers.", "/x")
    assert mail_.message()["From"] == "Trending Papers <papers@testserver>"
    assert (
        incoming_mail.receive(a_status(mail_.from_email, "5.1.1"), [], FRIDAY_8AM) == "hard bounce"
    )
    assert suppressed() == ("hard bounce", "all")


def test_words_of_a_bounce_count_only_about_the_address_that_we_wrote_to(
    delivery: Delivery,
) -> None:
    words = "Subject: Undeliverable\nFrom: MAILER-DAEMON@mx.org\nTo: {}\n\n{}\n"
    qmail = "Hi. This is the qmail-send program at mx.\n\n<{}>:\nSorry, no mailbox here.\n"
    for address, kind in (("else@example.org", "other"), ("ada@example.org", "hard bounce")):
        raw = words.format(path_of(delivery), qmail.format(address)).encode()
        assert incoming_mail.receive(raw, [], FRIDAY_8AM) == kind


def test_what_is_kept_of_a_bounce_names_no_address(delivery: Delivery) -> None:
    raw = a_status(path_of(delivery), "5.1.1", "550 5.1.1 <ADA@example.org> is unknown")
    incoming_mail.receive(raw, [], FRIDAY_8AM)
    assert MailEvent.objects.get().said["words"] == "smtp; 550 5.1.1 <…> is unknown"


def test_a_huge_mail_is_read_to_a_bound(delivery: Delivery) -> None:
    raw = a_status(path_of(delivery), "5.1.1") + b"x" * 3_000_000
    assert incoming_mail.receive(raw, [], FRIDAY_8AM) == "hard bounce"


def test_a_complaint_of_a_feedback_loop_is_known_by_the_mail_in_it(delivery: Delivery) -> None:
    raw = f"""From: fbl@isp.example
To: abuse@papers.example.org
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary=x

--x
Content-Type: text/plain

Somebody complained.
--x
Content-Type: message/feedback-report

Feedback-Type: abuse
--x
Content-Type: message/rfc822

Return-Path: <{path_of(delivery)}>
Subject: Moss

--x--
""".encode()
    assert incoming_mail.receive(raw, [], FRIDAY_8AM) == "complaint"
    assert suppressed() == ("complaint", "bulk")


# --- Answers that are no bounces ---

OUT = [
    "Out of office",
    "Automatic reply: {}",
    "Abwesenheitsnotiz",
    "Réponse automatique",
    "I am on leave",
]
SIGNS = [
    {"Auto-Submitted": "auto-replied"},
    {"X-Autoreply": "yes"},
    {"Auto-Submitted": "auto-generated"},
    {},
]


@pytest.mark.parametrize(
    ("subject", "signs"),
    [
        *zip(OUT, itertools.cycle(SIGNS)),
        *(pytest.param(*pair, marks=pytest.mark.long) for pair in itertools.product(OUT, SIGNS)),
    ],
)
def test_who_is_on_holiday_stays_subscribed(
    subject: str, signs: dict[str, str], delivery: Delivery
) -> None:
    message = EmailMessage()
    message["From"], message["To"] = "Ada <ada@example.org>", path_of(delivery)
    message["Subject"] = subject.format("Moss, and 11 more papers")
    for name, value in signs.items():
        message[name] = value
    message.set_content(
        "I am away until Monday. Mail to my old address could not be delivered;\n"
        "the user is unknown there. Write to ben@example.org.\n\n> ada@example.org asked for this"
    )
    assert incoming_mail.receive(message.as_bytes(), [], FRIDAY_8AM) == "other"
    assert suppressed() is None
    assert Subscriber.objects.get().is_active


# --- Unsubscribe by mail ---


def test_a_mail_to_the_address_of_the_header_unsubscribes(delivery: Delivery) -> None:
    [_, by_mail] = digest_of(delivery).extra_headers["List-Unsubscribe"].split(", ")
    address = by_mail.removeprefix("<mailto:").partition("?")[0]
    raw = f"From: whoever@example.org\nTo: {address}\nSubject: unsubscribe\n\n".encode()
    for _ in range(2):
        assert incoming_mail.receive(raw, [], FRIDAY_8AM) == "unsubscribe"
    assert not Subscriber.objects.get().is_active
    assert suppressed() is None


def test_a_robot_at_that_address_unsubscribes_nobody(delivery: Delivery) -> None:
    address = emails.return_path(Purpose.MAIL_UNSUBSCRIBE, delivery.subscriber_id)
    raw = f"From: x@y.org\nTo: {address}\nAuto-Submitted: auto-replied\n\nAway.".encode()
    assert incoming_mail.receive(raw, [], FRIDAY_8AM) == "other"
    assert Subscriber.objects.get().is_active


def test_without_a_return_path_there_is_none_and_no_mailto(
    delivery: Delivery, settings: Settings
) -> None:
    settings.RETURN_PATH = ""
    assert "mailto" not in digest_of(delivery).extra_headers["List-Unsubscribe"]
    assert digest_of(delivery).from_email == settings.DEFAULT_FROM_EMAIL


def test_the_envelope_names_the_delivery_and_the_header_the_site(delivery: Delivery) -> None:
    sent = digest_of(delivery)
    assert sent.from_email == path_of(delivery)
    assert len(sent.from_email.partition("@")[0]) <= 64
    assert b"\r\nFrom: Trending Papers <papers@testserver>\r\n" in sent.as_wire_bytes()


# --- By the command ---


def test_nothing_suppressed_gets_a_digest_again(delivery: Delivery) -> None:
    incoming_mail.receive(a_status(path_of(delivery), "5.1.1"), [], FRIDAY_8AM)
    again = a_subscriber("ADA@example.org ".strip().upper() + "x")  # another address
    assert suppressed(again.address) is None
    assert suppressed("ADA@EXAMPLE.ORG") == ("hard bounce", "all")


@pytest.mark.django_db(transaction=True)
@pytest.mark.processes
def test_an_mta_pipes_it_to_a_command_which_says_what_it_was(settings: Settings) -> None:
    delivery = a_delivery(a_subscriber("ada@example.org"), state="sent", sent_at=FRIDAY_8AM)
    database = connection.settings_dict
    host = str(database["HOST"]).replace("/", "%2F")
    env = os.environ | {
        "RETURN_PATH": settings.RETURN_PATH,
        "DATABASE_URL": f"postgres://{database['USER']}@{host}/{database['NAME']}",
    }
    for _ in range(2):
        run = subprocess.run(
            [sys.executable, "manage.py", "receive_mail", "--to", path_of(delivery)],
            input=a_status("somebody", "5.1.1").replace(b"\n", b"\r"),
            capture_output=True,
            env=env,
            check=True,
        )
        assert run.stdout == b"hard bounce\n"
    assert suppressed() == ("hard bounce", "all")
    assert MailEvent.objects.count() == 1


@pytest.mark.processes
def test_without_the_database_the_mta_is_asked_to_come_again() -> None:
    run = subprocess.run(
        [sys.executable, "manage.py", "receive_mail", "--to", "bounce+d1-0@papers.example.org"],
        input=b"To: " + emails.return_path(Purpose.BOUNCE, 1).encode() + b"\n\n",
        capture_output=True,
        env=os.environ
        | {
            "RETURN_PATH": "bounce+{token}@papers.example.org",
            "DATABASE_URL": "postgres://nobody@127.0.0.1:9/none",
        },
        check=False,
    )
    assert run.returncode == 75


# --- Without RETURN_PATH ---


def a_bounce_that_quotes(message_id: str, to: str, status: str = "5.1.1") -> bytes:
    report = a_status("papers@testserver", status).decode()
    original = f"Message-ID: {message_id}\nTo: {to}\nSubject: Moss\n"
    part = f"--x\nContent-Type: text/rfc822-headers\n\n{original}\n--x--\n"
    return report.replace("Ada@Example.org", to).replace("--x--\n", part).encode()


@pytest.fixture
def no_return_path(settings: Settings) -> None:
    settings.RETURN_PATH = ""


@pytest.mark.usefixtures("no_return_path")
def test_a_bounce_is_understood_by_the_message_id_and_the_recipient_that_it_quotes(
    delivery: Delivery,
) -> None:
    raw = a_bounce_that_quotes(delivery.message_id, "ADA@example.org")
    for _ in range(2):
        assert incoming_mail.receive(raw, [], FRIDAY_8AM) == "hard bounce"
    assert suppressed() == ("hard bounce", "all")
    assert MailEvent.objects.get().delivery == delivery


@pytest.mark.usefixtures("no_return_path")
@pytest.mark.parametrize("frequency", ["weekly", "weekdays"])
def test_the_same_of_every_frequency(frequency: str, delivery: Delivery) -> None:
    period = "2025-W11" if frequency == "weekly" else "2025-03-14"
    delivery.issue.frequency, delivery.issue.period = frequency, period
    delivery.issue.save()
    delivery.message_id = ""
    delivery.save()
    raw = a_bounce_that_quotes(delivery.message_id, "ada@example.org", "4.2.2")
    assert incoming_mail.receive(raw, [], FRIDAY_8AM) == "soft bounce"


@pytest.mark.usefixtures("no_return_path")
def test_a_confirmation_that_comes_back_is_understood_too() -> None:
    subscriber = a_subscriber("ada@example.org", confirmed_at=None)
    mail_ = emails.confirmation(subscriber, "All papers.", "/x").message()
    assert mail_["Message-ID"].endswith("@testserver>")
    raw = a_bounce_that_quotes(mail_["Message-ID"], "ada@example.org")
    assert incoming_mail.receive(raw, [], FRIDAY_8AM) == "hard bounce"
    assert suppressed() == ("hard bounce", "all")


@pytest.mark.usefixtures("no_return_path")
@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("ada@example.org", "eve@example.org"), "other"),
        (("ada@example.org", "x.ada@example.org"), "other"),
        (("<daily.", "<weekly."), "unknown"),
        (("<daily.2025-03-14.", "<daily.2025-03-14.0"), "unknown"),
        (("@testserver>", "@elsewhere.org>"), "unknown"),
    ],
)
def test_another_recipient_or_a_guessed_message_id_suppresses_nobody(
    change: tuple[str, str], says: str, delivery: Delivery
) -> None:
    raw = a_bounce_that_quotes(delivery.message_id, "ada@example.org").decode()
    assert incoming_mail.receive(raw.replace(*change).encode(), [], FRIDAY_8AM) == says
    assert suppressed() is None


@pytest.mark.usefixtures("no_return_path")
def test_an_answer_that_refers_to_a_digest_is_no_bounce(delivery: Delivery) -> None:
    raw = (
        f"From: ada@example.org\nTo: papers@testserver\nIn-Reply-To: {delivery.message_id}\n"
        "Subject: Re: Moss\n\nThe user is unknown to me. ada@example.org\n"
    )
    assert incoming_mail.receive(raw.encode(), [], FRIDAY_8AM) == "other"
    assert suppressed() is None
