"""Comments are counted on their papers, whatever happens at once, and erased with their author."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from comments.models import Comment, CommentVote
from comments.posting import edit
from papers.models import Paper
from papers.models.merging import merge, unmerge
from tests.factories import a_paper, a_user


def say(paper: Paper, author: User | None, text: str = "Well.", **fields: Any) -> Comment:
    return Comment.objects.create(paper=paper, author=author, text=text, **fields)


def counts(*papers: Paper) -> list[int]:
    return [Paper.objects.get(pk=paper.pk).comment_count for paper in papers]


def at_once(*deeds: Any) -> list[Any]:
    def run(deed: Any) -> Any:
        try:
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as threads:
        return [future.result() for future in [threads.submit(run, deed) for deed in deeds]]


@pytest.mark.django_db
def test_a_paper_counts_its_visible_comments(ada: User) -> None:
    moss = a_paper()
    first, second = say(moss, ada), say(moss, ada, state=Comment.State.HELD)
    assert counts(moss) == [1]

    Comment.objects.filter(pk=second.pk).update(state=Comment.State.VISIBLE)
    assert counts(moss) == [2]
    first.delete_text()
    assert counts(moss) == [1]
    second.delete()
    assert counts(moss) == [0]


@pytest.mark.django_db
def test_comments_move_with_a_merge_and_back(ada: User) -> None:
    moss, fern = a_paper(), a_paper()
    say(moss, ada)
    say(fern, ada)
    record = merge(moss, fern)
    assert counts(moss) == [2]

    unmerge(moss, record)

    assert counts(moss, Paper.objects.get(key=fern.key)) == [1, 1]


@pytest.mark.django_db
def test_words_of_a_deleted_account_go_and_the_thread_stays(ada: User, ben: User) -> None:
    moss = a_paper()
    question = say(moss, ada, "Why?")
    edit(question, "Why so?", timezone.now())
    say(moss, ben, "Because.", parent=question)

    ada.delete()

    question.refresh_from_db()
    assert (question.text, question.state, question.author_name) == ("", "deleted", "deleted")
    assert not question.edits.exists()
    assert counts(moss) == [1]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_comments_at_once_are_both_counted(ada: User, ben: User) -> None:
    moss = a_paper()

    at_once(*[lambda who=who: say(moss, who) for who in (ada, ben, ada, ben)])

    assert counts(moss) == [4]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_comments_and_votes_against_a_merge_are_lost_nowhere(ada: User) -> None:
    moss, fern = a_paper(), a_paper()
    readers = [a_user() for _ in range(4)]

    def speak(reader: User) -> bool:
        try:
            paper = Paper.objects.get(pk=fern.pk)
            paper.upvote(reader)
            say(paper, reader)
        except Exception:  # noqa: BLE001  the paper is merged: the view redirects to the other
            return False
        return True

    spoke = at_once(*[lambda r=r: speak(r) for r in readers], lambda: merge(moss, fern))[:-1]

    moss.refresh_from_db()
    assert moss.comment_count == moss.comments.count() >= sum(spoke)
    assert moss.votes == moss.upvote_set.count() >= sum(spoke)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_upvotes_of_a_comment_against_a_merge_all_stay(ada: User) -> None:
    moss, fern = a_paper(), a_paper()
    comment = say(fern, ada)
    readers = [a_user() for _ in range(4)]

    def upvote(reader: User) -> None:
        CommentVote.objects.get_or_create(comment=comment, user=reader)

    at_once(*[lambda r=r: upvote(r) for r in readers], lambda: merge(moss, fern))

    comment.refresh_from_db()
    assert (comment.paper, comment.vote_set.count()) == (moss, 4)
    assert counts(moss) == [1]
