"""What curators do to comments is in the open log; the words that they remove are in none."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts.models import User
from comments.models import Comment, CommentReport
from papers.models import CuratorAction, Paper
from tests.factories import MARCH_14, a_paper, a_user

pytestmark = pytest.mark.django_db
COMMENTS = "/admin/comments/comment/"


@pytest.fixture
def moss() -> Paper:
    return a_paper(listed_on=MARCH_14, title="On moss")


@pytest.fixture
def admin() -> Client:
    """Carla curates."""
    client = Client()
    client.force_login(
        a_user("carla@example.org", name="Carla Fern", is_staff=True, is_superuser=True)
    )
    return client


def run(admin: Client, action: str, *comments: Comment, **fields: str) -> None:
    data = {"action": action, "_selected_action": [row.pk for row in comments], **fields}
    assert admin.post(COMMENTS, data).status_code == 302


def page(address: str) -> str:
    response = Client().get(address, follow=True)
    assert response.status_code == 200
    return response.text


def test_each_decision_is_in_the_open_log_and_both_link(
    admin: Client, moss: Paper, ada: User, ben: User
) -> None:
    fields: dict[str, Any] = {"paper": moss, "author": ada}
    held = Comment.objects.create(text="Held words", state="held", **fields)
    spam = Comment.objects.create(text="Spam words", **fields)
    Comment.objects.create(paper=moss, author=ben, text="A reply", parent=spam)
    run(admin, "let_through", held, spam)
    run(admin, "hide_comments", spam, why="An advertisement of ada@example.org")
    assert 'href="/log?about=comment&amp;paper=' in page(f"/comments/{spam.pk}")
    run(admin, "let_through", spam)
    run(admin, "mark_as_by_program", spam, held)
    run(admin, "unmark_as_by_program", held)
    CommentReport.objects.create(comment=spam, reporter=ben, words="Rude")
    run(admin, "dismiss_reports", spam, held)

    shown = page("/log?about=comment")

    for verb in (
        "Let through",
        "Hidden",
        "Shown again",
        "Marked as by a program",
        "No longer marked as by a program",
        "Dismissed a report on",
    ):
        assert f'<b>{verb}</b> <a href="/comments/' in shown, verb
    assert CuratorAction.objects.count() == 7
    assert "a comment on On moss</a>" in shown
    assert "Carla Fern" in shown
    assert "An advertisement of (an address)" in shown
    assert "An advertisement" in page(f"/log?paper={moss.key}")
    everything = shown + page("/feeds/log.json")
    for private in ("Spam words", "Held words", "Rude", ada.email, "Ada", "@example.org"):
        assert private not in everything, private


def test_mark_by_a_curator_leaves_reports_open(
    admin: Client, moss: Paper, ada: User, ben: User
) -> None:
    comment = Comment.objects.create(paper=moss, author=ada, text="Well.")
    CommentReport.objects.create(comment=comment, reporter=ben)

    run(admin, "mark_as_by_program", comment)

    assert "by a program" in page("/comments")
    assert CommentReport.objects.filter(decided_at=None).exists()


def test_no_log_keeps_the_words_of_a_removed_comment(admin: Client, moss: Paper, ada: User) -> None:
    comment = Comment.objects.create(paper=moss, author=ada, text="Secret words")
    run(admin, "hide_comments", comment, why="Off topic")
    address = f"{COMMENTS}{comment.pk}/delete/"
    admin.post(address, {"post": "yes"})

    assert not Comment.objects.exists()
    assert "<b>Removed</b> a comment on On moss</p>" in page("/log")
    for row in [*LogEntry.objects.all(), *CuratorAction.objects.all()]:
        assert "Secret" not in repr(vars(row))


def test_log_names_no_comment_on_a_hidden_paper_and_none_where_they_are_off(
    admin: Client, moss: Paper, ada: User, settings: Any
) -> None:
    comment = Comment.objects.create(paper=moss, author=ada, text="Well.")
    run(admin, "hide_comments", comment, why="Rude")
    Paper.objects.get(pk=moss.pk).hide("Slander")
    assert "<b>Hidden</b> a comment</p>" in page("/log")
    assert Client().get(f"/comments/{comment.pk}").status_code == 404

    settings.COMMENTS = False

    assert "omment" not in page("/log")
    assert "omment" not in page("/feeds/log.atom")
    assert Client().get("/log?about=comment").status_code == 400


def test_address_of_a_held_comment_is_for_its_author(moss: Paper, ada: User, ben: User) -> None:
    held = Comment.objects.create(paper=moss, author=ada, text="Well.", state="held")
    client = Client()
    for reader, status in ((ben, 404), (ada, 302)):
        client.force_login(reader)
        assert client.get(f"/comments/{held.pk}").status_code == status
