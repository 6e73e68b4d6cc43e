"""Limits and holds of comments are exact, also for requests that arrive at once."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.models import User
from comments.models import MAX_COMMENTS_AN_HOUR, Comment, CommentReport
from comments.posting import Refused, edit, post, report
from papers.models.report import MAX_REPORTS_A_DAY
from tests.comments.test_models import at_once, say
from tests.factories import a_paper

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_comments_at_once_do_not_pass_the_limit(ada: User) -> None:
    moss, now = a_paper(), timezone.now()
    for number in range(MAX_COMMENTS_AN_HOUR - 1):
        say(moss, ada, f"{number}")

    stored = at_once(*[lambda: was_stored(lambda: post(moss, ada, "More", now))] * 4)

    assert sorted(stored) == [False, False, False, True]
    assert ada.comments.count() == MAX_COMMENTS_AN_HOUR


def test_reports_at_once_do_not_pass_the_limit_and_are_one_for_a_comment(
    ada: User, ben: User
) -> None:
    moss, now = a_paper(), timezone.now()
    comments = [say(moss, ben, f"{number}") for number in range(MAX_REPORTS_A_DAY + 2)]
    same = at_once(*[lambda: report(comments[0], ada, "", now)] * 3)
    assert sorted(same) == [False, False, True]
    for comment in comments[1 : MAX_REPORTS_A_DAY - 1]:
        report(comment, ada, "", now)

    stored = at_once(
        *[
            lambda comment=comment: was_stored(lambda: report(comment, ada, "", now))
            for comment in comments[-3:]
        ]
    )

    assert sorted(stored) == [False, False, True]
    assert CommentReport.objects.count() == MAX_REPORTS_A_DAY


def test_an_edit_against_a_deletion_leaves_no_words(ada: User) -> None:
    moss = a_paper()
    for _ in range(5):
        comment = say(moss, ada, "Old words.")
        at_once(
            lambda c=comment: was_stored(lambda: edit(c, "New words.", timezone.now())),
            comment.delete_text,
        )
        comment.refresh_from_db()
        assert (comment.text, comment.state) == ("", "deleted")
        assert not comment.edits.exists()


def test_first_comments_at_once_of_a_new_account_are_all_held(ada: User) -> None:
    moss, now = a_paper(), timezone.now()
    User.objects.filter(pk=ada.pk).update(date_joined=now)
    new = User.objects.get(pk=ada.pk)

    at_once(*[lambda: post(moss, new, "Hello", now)] * 3)

    assert set(Comment.objects.values_list("state", flat=True)) == {Comment.State.HELD}


def was_stored(write: Callable[[], object]) -> bool:
    try:
        write()
    except Refused:
        return False
    return True
