"""A reader who wished it gets at most one email a day about what happened."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from notifications import events
from notifications.models import MailChoice, Notification
from papers.models import Paper, Submission
from papers.models.submission import OUTCOME_DELAY
from papers.submissions.accept import accept
from subscriptions import personal_data
from subscriptions.models import NotificationMail, Suppression
from subscriptions.models.notification_mail import RETRY_AFTER
from subscriptions.sending import notification_mails
from tests.factories import a_paper, an_entry
from tests.subscriptions.factories import a_subscriber

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
State = NotificationMail.State


@pytest.fixture
def submission(ada: User) -> Submission:
    ada.emailaddress_set.create(email=ada.email, verified=True, primary=True)
    entry = an_entry(title="On moss\r\nBcc: eve@example.org <script>")
    return accept(entry, ada, timezone.now(), mail_wanted=True, why="It grows.")


def decide(submission: Submission, *, hide: str = "") -> None:
    """List or hide its paper, and let the time pass in which it may be undone."""
    paper = submission.paper
    assert paper
    paper.hide(hide) if hide else paper.list_on(timezone.localdate())
    Submission.objects.all().settle(timezone.now() - OUTCOME_DELAY)


def follow_news(reader: User, title: str) -> None:
    Notification.objects.create(
        reader=reader,
        kind=Notification.Kind.AUTHOR,
        name="Eve Moss",
        paper=a_paper(title),
        mail_wanted=True,
    )


def sweep(after: timedelta = timedelta()) -> int:
    """How many emails the sweep at that time sends."""
    now = timezone.now() + after
    events.note_new(now)
    return sum(
        notification_mails.send(reader, now) for reader in NotificationMail.objects.readers_due(now)
    )


@pytest.mark.slow
def test_the_email_of_a_listed_paper_links_it_and_is_sent_once(submission: Submission) -> None:
    assert sweep() == 0  # it waits
    decide(submission)

    assert (sweep(), sweep(), sweep(DAY)) == (1, 0, 0)

    (message,) = mail.outbox
    assert message.to == ["ada@example.org"]
    assert message.subject == "Your submission is listed: On moss Bcc: eve@example.org <script>"
    assert f"http://testserver/papers/{submission.paper.key}" in message.body  # type: ignore[union-attr]
    assert "http://testserver/me/notifications" in message.body
    html = str(message.alternatives[0][0])  # type: ignore[attr-defined]
    assert "&lt;script&gt;" in html
    assert "<script>" not in html


def test_the_email_of_a_refused_paper_says_the_reason(submission: Submission) -> None:
    decide(submission, hide="Off topic: cooking")

    assert sweep() == 1

    assert mail.outbox[0].subject.startswith("Your submission is not listed: On moss")
    assert "Reason: Off topic: cooking" in mail.outbox[0].body


@pytest.mark.slow
def test_what_happens_later_that_day_waits_for_the_next(submission: Submission, ada: User) -> None:
    decide(submission)
    assert sweep() == 1
    follow_news(ada, "On fern")
    follow_news(ada, "On reed")

    assert (sweep(), sweep(DAY), sweep(DAY)) == (0, 1, 0)

    assert mail.outbox[1].subject == "New paper by Eve Moss: On fern, and 1 more"
    assert "On reed" in mail.outbox[1].body
    assert "On moss" not in mail.outbox[1].body


def test_a_decision_that_is_undone_within_minutes_is_not_mailed(submission: Submission) -> None:
    assert submission.paper
    submission.paper.list_on(timezone.localdate())
    Submission.objects.all().settle(timezone.now())
    assert sweep() == 0
    submission.paper.queue()
    Submission.objects.all().settle(timezone.now())

    assert sweep(OUTCOME_DELAY) == 0


@pytest.mark.slow
def test_nobody_gets_it_who_did_not_wish_it_or_cannot_be_written_to(
    submission: Submission, ada: User, settings: Settings
) -> None:
    decide(submission)
    settings.SENDING_HELD = True
    assert sweep() == 0
    settings.SENDING_HELD = False
    Notification.objects.update(mail_wanted=False)
    assert sweep() == 0
    Notification.objects.update(mail_wanted=True)
    ada.emailaddress_set.update(verified=False)
    assert sweep() == 0
    ada.emailaddress_set.update(verified=True)
    Notification.objects.all().mark_read(ada, timezone.now())
    assert sweep() == 0
    Notification.objects.update(read_at=None)
    Suppression.objects.add("ada@example.org", Suppression.Reason.COMPLAINT)
    assert sweep() == 0

    assert mail.outbox == []


@pytest.mark.slow
def test_a_relay_that_fails_for_now_is_tried_again(
    submission: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(submission)
    answers = [smtplib.SMTPDataError(451, b"later"), ConnectionRefusedError()]

    def refuse(*_: object) -> int:
        raise answers.pop()

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", refuse)
        assert (sweep(), sweep(), sweep(RETRY_AFTER)) == (0, 0, 0)
    assert answers == []

    assert sweep(2 * RETRY_AFTER) == 1
    assert NotificationMail.objects.get().state == State.SENT


def test_a_process_that_dies_while_it_sends_leaves_no_second_mail(
    submission: Submission, ada: User
) -> None:
    decide(submission)
    events.note_new(timezone.now())
    NotificationMail.objects.claim(ada.pk, timezone.now())

    assert (sweep(), sweep(DAY)) == (0, 0)

    assert NotificationMail.objects.get().state == State.SENDING


def test_one_click_stops_them_and_a_scanner_that_follows_the_link_does_not(
    submission: Submission, ada: User, stranger: Client
) -> None:
    decide(submission)
    sweep()
    headers = mail.outbox[0].extra_headers
    path = headers["List-Unsubscribe"].strip("<>").removeprefix("http://testserver")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    MailChoice.objects.choose(ada, ["author"])
    assert "Stop these emails" in stranger.get(path).content.decode()
    assert MailChoice.objects.kinds_of(ada) == ["author"]
    assert stranger.post(path.replace("stop-notifications", "unsubscribe")).status_code == 404

    response = stranger.post(path, {"List-Unsubscribe": "One-Click"})

    assert response["Content-Type"] == "text/plain"
    assert not response.cookies
    assert MailChoice.objects.kinds_of(ada) == []
    assert "Stopped" in stranger.post(path).content.decode()


def test_who_stops_all_mail_to_an_address_gets_no_notifications_either(
    submission: Submission,
) -> None:
    subscriber = a_subscriber("ada@example.org")
    decide(submission)

    subscriber.unsubscribe(timezone.now())

    assert sweep() == 0


@pytest.mark.slow
def test_what_a_reader_added_is_in_their_data_and_goes_with_their_account(
    submission: Submission, ada: User
) -> None:
    Paper.objects.update(submitter_name="Ada")
    decide(submission)
    sweep()

    data = personal_data.export_account(ada)
    assert data["submissions"][0]["why"] == "It grows."
    assert data["submissions"][0]["paper"] == submission.paper.key  # type: ignore[union-attr]
    assert [row["state"] for row in data["notification_mails"]] == ["sent"]
    personal_data.erase_account(ada)

    assert not Submission.objects.exists()
    assert not NotificationMail.objects.exists()
    assert Paper.objects.get().submitted_by == ""
