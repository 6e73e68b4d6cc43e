"""A reader who wished it gets one email about what became of a paper that they added."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from papers.models import Paper, Submission
from papers.models.submission import OUTCOME_DELAY, OUTCOME_MAIL_GIVEN_UP_AFTER
from papers.submissions.accept import accept
from subscriptions import personal_data
from subscriptions.models import Suppression
from subscriptions.sending import outcomes
from tests.factories import an_entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def submission(ada: User) -> Submission:
    ada.emailaddress_set.create(email=ada.email, verified=True, primary=True)
    entry = an_entry(title="On moss\r\nBcc: eve@example.org <script>")
    return accept(entry, ada, timezone.now(), mail_wanted=True, why="It grows.")


def decide(submission: Submission, *, hide: str = "") -> None:
    """List or hide its paper, and let the delay pass."""
    paper = submission.paper
    assert paper
    paper.hide(hide) if hide else paper.list_on(timezone.localdate())
    Submission.objects.all().settle(timezone.now() - OUTCOME_DELAY)


def send(submission: Submission, after: timedelta = timedelta()) -> bool:
    now = timezone.now() + after
    due = list(Submission.objects.outcome_mail_due(now))
    return any(outcomes.send_outcome(row.pk, now) for row in due)


def test_the_email_of_a_listed_paper_links_it_and_is_sent_once(submission: Submission) -> None:
    assert not send(submission)  # it waits
    decide(submission)

    assert (send(submission), send(submission)) == (True, False)

    (message,) = mail.outbox
    assert message.to == ["ada@example.org"]
    assert message.subject == "Listed: On moss Bcc: eve@example.org <script>"
    assert "editors have listed" in message.body
    assert f"http://testserver/papers/{submission.paper.key}" in message.body  # type: ignore[union-attr]
    assert "http://testserver/me/submitted" in message.body
    html = str(message.alternatives[0][0])  # type: ignore[attr-defined]
    assert "&lt;script&gt;" in html
    assert "<script>" not in html


def test_the_email_of_a_refused_paper_says_the_reason(submission: Submission) -> None:
    decide(submission, hide="Off topic: cooking")

    assert send(submission)

    assert mail.outbox[0].subject.startswith("Not listed: On moss")
    assert "Reason: Off topic: cooking" in mail.outbox[0].body


def test_a_decision_that_is_undone_within_minutes_is_not_mailed(submission: Submission) -> None:
    assert submission.paper
    submission.paper.list_on(timezone.localdate())
    Submission.objects.all().settle(timezone.now())
    assert not send(submission)
    submission.paper.queue()
    Submission.objects.all().settle(timezone.now())

    assert not send(submission, after=OUTCOME_DELAY)


def test_nobody_gets_it_who_did_not_wish_it_or_cannot_be_written_to(
    submission: Submission, settings: Settings
) -> None:
    decide(submission)
    settings.SENDING_HELD = True
    assert not send(submission)
    settings.SENDING_HELD = False
    Submission.objects.update(mail_wanted=False)
    assert not send(submission)
    Submission.objects.update(mail_wanted=True)
    Suppression.objects.add("ada@example.org", Suppression.Reason.HARD_BOUNCE)
    assert not send(submission)

    assert mail.outbox == []


def test_a_relay_that_fails_for_now_is_tried_again_for_a_day(
    submission: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(submission)
    answers = [smtplib.SMTPDataError(451, b"later"), ConnectionRefusedError()]

    def refuse(*_: object) -> int:
        raise answers.pop()

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", refuse)
        assert (send(submission), send(submission)) == (False, False)

    assert not send(submission, after=OUTCOME_MAIL_GIVEN_UP_AFTER)
    assert send(submission)


def test_what_a_reader_added_is_in_their_data_and_goes_with_their_account(
    submission: Submission, ada: User
) -> None:
    Paper.objects.update(submitter_name="Ada")

    (row,) = personal_data.export_account(ada)["submissions"]
    assert (row["why"], row["state"], row["paper"]) == (
        ("It grows.", "waiting", submission.paper.key)  # type: ignore[union-attr]
    )
    personal_data.erase_account(ada)

    assert not Submission.objects.exists()
    assert Paper.objects.get().submitted_by == ""
