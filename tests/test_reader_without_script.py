"""A reader without script, from the first save to the deletion of the account.

In this process, by forms and links alone. tests/browser/test_reader_journey.py goes the same way on
a running site, in Chromium.
"""

import json
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from comments.models import Comment
from interests.models import Interest
from notifications import events
from notifications.models import MailChoice
from papers.models import Paper
from subscriptions.sending import notification_mails
from tests.database_search import columns_with
from tests.factories import a_user
from tests.interests.papers import CACHES, NEW_CACHE, OTHERS, papers_of, trained

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ADA, PASSWORD = "ada@example.org", "three blind mice"


class Reader(Client):
    def read(self, address: str) -> str:
        response = self.get(address, follow=True)
        assert response.status_code == 200, address
        return response.content.decode()

    def press(self, page: str, action: str, **fields: str) -> str:
        """Send the form of a page that goes to `action`; the page to which it leads."""
        assert f'action="{action}"' in self.read(page)
        response = self.post(action, fields, follow=True)
        assert response.status_code == 200, action
        return response.content.decode()


def test_a_reader_keeps_follows_talks_and_leaves_nothing_without_script() -> None:
    cache.clear()  # the limits of rate of earlier tests
    caches, (new,) = papers_of([*CACHES, *OTHERS])[: len(CACHES)], papers_of([NEW_CACHE])
    reader = Reader()

    assert f'href="/accounts/login/?next={caches[0].url}/save"' in reader.read("/papers/trending")
    ada = sign_up(reader)
    save_and_be_shown_what_fits(reader, caches, new)
    mute_and_comment(reader, new)
    stop_the_mails_of_replies(reader, ada, new)

    export = json.loads(reader.read("/accounts/data/"))
    assert len(export["saved"]) == len(caches)
    assert "Is $x^2$" in json.dumps(export["comments"])
    reader.press("/accounts/delete/", "/accounts/reauthenticate/", password=PASSWORD)
    reader.post("/accounts/delete/")
    assert columns_with(ADA) == []
    assert not Comment.objects.filter(text__contains="x^2").exists()


def sign_up(reader: Reader) -> User:
    reader.post("/accounts/signup/", {"email": ADA, "password1": PASSWORD})
    reader.post(link_in_mail("/accounts/confirm-email/"))
    reader.post("/accounts/login/", {"login": ADA, "password": PASSWORD})
    # As an account of some days, whose first comment needs no curator.
    User.objects.update(date_joined=timezone.now() - timedelta(days=9))
    return User.objects.get()


def save_and_be_shown_what_fits(reader: Reader, chosen: list[Paper], new: Paper) -> None:
    for paper in chosen:
        reader.press("/papers/trending", f"{paper.url}/save")
    saved = reader.read("/me/saved")
    assert all(paper.title_text in saved for paper in chosen)

    reader.press("/me/interests", "/me/interests", name="Mine", learns_from_saved="on")
    trained(Interest.objects.get())

    shown = reader.read("/papers/for-you")
    assert new.title_text in shown and "which you saved" in shown


def mute_and_comment(reader: Reader, paper: Paper) -> None:
    reader.press("/me/follows", "/me/follows/mute", what="word", name="sand")
    reader.press("/me/follows", "/me/follows/mute", what="word", name="robot")
    assert "1 muted" in reader.read("/papers/trending")

    page = reader.press(paper.url, f"{paper.url}/comments", text="Is $x^2$ *right*?")
    assert "<math" in page and "<em>right</em>" in page


def stop_the_mails_of_replies(reader: Reader, ada: User, paper: Paper) -> None:
    reader.press("/me/notifications", "/me/notifications/email", kinds="reply")
    first = Comment.objects.get()
    Comment.objects.create(paper=paper, author=a_user(name="Ben"), parent=first, text="It grows.")
    events.note_new(timezone.now())
    mail.outbox.clear()

    assert notification_mails.send(ada.pk, timezone.now())

    assert "It grows." in mail.outbox[0].body
    stop = link_in_mail("/stop-notifications")
    assert "Stop these emails" in reader.read(stop)
    reader.post(stop)
    assert MailChoice.objects.kinds_of(ada) == []


def link_in_mail(part: str) -> str:
    """The path of the link that has this part, in the newest mail."""
    found = re.search(rf"https?://[^/\s]+(\S*{part}\S*)", mail.outbox[-1].body)
    assert found
    return found[1]
