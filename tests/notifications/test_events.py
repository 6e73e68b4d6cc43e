"""What happened is noted once for each reader whom it concerns."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from comments.models import Comment
from following.models import Follow
from library.models import ReadingList
from notifications import events
from notifications.forms import MailChoiceForm
from notifications.models import MailChoice, Notification
from notifications.models.notification import KEPT_FOR
from papers.models import CuratorAction, Paper, PaperSearch, Submission
from papers.models.merging import merge
from papers.models.submission import OUTCOME_DELAY
from papers.submissions.accept import accept
from profiles.models import Claim
from subscriptions import personal_data
from tests.factories import a_paper, an_entry

pytestmark = pytest.mark.django_db
Kind = Notification.Kind


def note(after: timedelta = timedelta()) -> list[str]:
    """Look for events at that time; all that is noted, the newest first."""
    events.note_new(timezone.now() + after)
    return [str(row) for row in Notification.objects.with_subjects().order_by("-pk")]


def by(names: list[str], title: str, day: date) -> Paper:
    paper = a_paper(title, listed_on=day)
    PaperSearch.objects.create(paper=paper, title=title, author_names=names)
    return paper


def settle() -> None:
    Submission.objects.all().settle(timezone.now())


def unread(reader: User) -> int:
    reader.refresh_from_db()
    return reader.unread_notifications


def test_a_decided_submission_is_noted_once_after_the_time_to_undo(ada: User) -> None:
    submission = accept(an_entry(title="On moss"), ada, timezone.now(), mail_wanted=True)
    assert submission.paper
    submission.paper.list_on(timezone.localdate())
    settle()

    assert note() == []
    assert note(OUTCOME_DELAY) == note(OUTCOME_DELAY) == ["Your submission is listed: On moss"]
    assert Notification.objects.get().mail_wanted
    assert Notification.objects.get().detail.startswith("On the page of ")
    submission.paper.hide("Off topic: cooking")
    settle()
    assert note(OUTCOME_DELAY) == ["Your submission is not listed: On moss"]
    assert Notification.objects.get().detail == "Reason: Off topic: cooking"
    assert Notification.objects.get().url == "/me/submitted"


def test_new_papers_of_followed_authors_are_noted_for_each_follower(ada: User, ben: User) -> None:
    Follow.objects.add(ada, what=Follow.What.AUTHOR, words="Jörgen Ås")
    Follow.objects.add(ada, what=Follow.What.AUTHOR, words="Eve Moss")
    MailChoice.objects.choose(ada, [Kind.AUTHOR])
    day = timezone.localdate()
    by(["jorgen as", "eve moss"], "On moss", day)
    by(["cy reed"], "On fern", day)
    by(["eve moss"], "On reed", day - timedelta(days=1))
    by(["eve moss"], "On hidden things", day).hide("spam")

    noted = note()

    assert noted == note()
    assert noted in (["New paper by Jörgen Ås: On moss"], ["New paper by Eve Moss: On moss"])
    assert Notification.objects.get().mail_wanted
    assert (unread(ada), unread(ben)) == (1, 0)


def test_an_owner_reads_that_a_list_was_made_private_and_why_each_time(ada: User) -> None:
    MailChoice.objects.choose(ada, [Kind.LIST])
    own = ReadingList.objects.create(owner=ada, title="Ferns", closed_why="Advertising")
    log = own.log_subject() | {"verb": CuratorAction.Verb.CLOSE, "why": "Advertising"}
    CuratorAction.objects.create(**log)

    assert note() == note() == ["Your list is now private: Ferns"]
    row = Notification.objects.with_subjects().get()
    assert (row.detail, row.url) == ("Reason: Advertising", own.get_absolute_url())
    assert Notification.objects.to_mail(timezone.now()).get() == row

    own.closed_why = ""
    own.save()
    CuratorAction.objects.create(**log | {"verb": CuratorAction.Verb.REOPEN})
    assert note() == ["Your list may be public again: Ferns"]
    assert not Notification.objects.to_mail(timezone.now()).exists()

    CuratorAction.objects.create(**log)
    assert len(note()) == 2
    own.delete()
    assert (note(), unread(ada)) == ([], 0)


def test_replies_are_noted_for_who_is_replied_to(ada: User, ben: User, settings: Settings) -> None:
    paper = a_paper("On moss")
    first = Comment.objects.create(paper=paper, author=ada, text="Why?")
    Comment.objects.create(paper=paper, author=ada, parent=first, text="I mean it.")
    Comment.objects.create(paper=paper, author=ben, parent=first, text="No.", state="held")
    reply = Comment.objects.create(
        paper=paper, author=ben, parent=first, text="It *really*  grows."
    )

    assert note() == note() == ["Reply by a reader, where you commented: On moss"]

    row = Notification.objects.with_subjects().get()
    assert (row.detail, row.url) == ("It really grows.", reply.get_absolute_url())
    assert (unread(ada), unread(ben)) == (1, 0)
    Notification.objects.update(mail_wanted=True)
    assert Notification.objects.to_mail(timezone.now()).exists()
    Comment.objects.create(paper=paper, author=ada, parent=first, text="Thank you.")
    note()
    assert (unread(ada), unread(ben)) == (1, 1)
    settings.COMMENTS = False
    assert not Notification.objects.of_reader(ada).exists()
    assert not Notification.objects.to_mail(timezone.now()).exists()
    assert "Replies" not in str(MailChoiceForm())
    settings.COMMENTS = True
    reply.delete_text()
    Notification.objects.filter(reader=ben).delete()
    assert not Notification.objects.to_mail(timezone.now()).exists()
    assert Notification.objects.with_subjects().get().detail == ""


def test_ones_own_paper_is_noted_once_a_curator_accepted_the_claim(ada: User, ben: User) -> None:
    day = timezone.localdate()
    for reader, state in ((ada, "accepted"), (ben, "waiting")):
        Claim.objects.create(
            reader=reader,
            author="Eve Moss",
            state=state,
            proven_at=timezone.now(),
            decided_at=timezone.now(),
        )
    by(["eve moss"], "On moss", day)
    by(["eve moss"], "On fern", day - timedelta(days=1))

    assert note() == note() == ["Your paper is listed: On moss"]
    assert Notification.objects.get().reader == ada


def test_the_number_of_unread_ones_follows_whatever_changes_them(ada: User) -> None:
    papers = [a_paper(f"On moss {number}") for number in range(3)]
    Notification.objects.bulk_create(
        Notification(reader=ada, kind=Kind.AUTHOR, paper=paper, name="Eve Moss") for paper in papers
    )
    assert unread(ada) == 3
    merge(papers[0], papers[1])  # both were noted: one is left
    assert unread(ada) == 2
    papers[2].delete()
    assert unread(ada) == 1
    Notification.objects.all().mark_read(ada, timezone.now())
    assert unread(ada) == 0
    Notification.objects.delete_old(timezone.now() + KEPT_FOR)
    assert not Notification.objects.exists()


def test_stopping_all_email_also_withdraws_what_was_wished_before(ada: User, ben: User) -> None:
    for reader in (ada, ben):
        accept(an_entry(title=f"On {reader.name}"), reader, timezone.now(), mail_wanted=True)
        MailChoice.objects.choose(reader, [Kind.AUTHOR])
        Notification.objects.create(
            reader=reader, kind=Kind.AUTHOR, paper=a_paper("On moss"), mail_wanted=True
        )

    MailChoice.objects.stop([ada.pk])

    for rows in (Submission.objects.filter(submitter=ada), Notification.objects.filter(reader=ada)):
        assert not rows.filter(mail_wanted=True).exists()
    assert MailChoice.objects.kinds_of(ada) == []
    assert MailChoice.objects.kinds_of(ben) == ["author"]
    assert Notification.objects.get(reader=ben).mail_wanted


def test_notifications_are_in_a_readers_data_and_go_with_the_account(ada: User) -> None:
    Notification.objects.create(
        reader=ada, kind=Kind.AUTHOR, paper=a_paper("On moss"), name="Eve Moss"
    )
    MailChoice.objects.choose(ada, [Kind.AUTHOR])

    data = personal_data.export_account(ada)

    assert data["notifications"][0]["what"] == "New paper by Eve Moss"
    assert data["notifications"][0]["title"] == "On moss"
    assert data["email_about"] == ["author"]
    personal_data.erase_account(ada)
    assert not Notification.objects.exists()
    assert not MailChoice.objects.exists()
