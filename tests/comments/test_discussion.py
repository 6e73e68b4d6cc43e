"""A discussion is read in few queries and by pages, however long it is."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from comments.discussion import THREADS_PER_PAGE
from comments.models import Comment, CommentVote
from papers.models import Paper, PaperTopic
from tests.factories import MARCH_14, a_paper, a_topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def moss() -> Paper:
    return a_paper(listed_on=MARCH_14, title="On moss")


def a_thread(paper: Paper, author: User, text: str, replies: int = 0, **fields: Any) -> Comment:
    first = Comment.objects.create(paper=paper, author=author, text=text, **fields)
    said: dict[str, Any] = {"paper": paper, "author": author, "parent": first}
    Comment.objects.bulk_create(Comment(text=f"Reply {n}", **said) for n in range(replies))
    return first


def numbers(page: str) -> list[int]:
    """Of the comments on this page, in order."""
    return [int(number) for number in re.findall('id="comment-([0-9]+)"', page)]


@pytest.mark.slow
def test_two_thousand_comments_are_read_by_pages_in_few_queries(
    moss: Paper, ada: User, ben: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    start = timezone.now() - timedelta(days=1)
    firsts = Comment.objects.bulk_create(
        Comment(paper=moss, author=ada, text=f"Thread {n}", created_at=start + timedelta(seconds=n))
        for n in range(200)
    )
    Comment.objects.bulk_create(
        Comment(paper=moss, author=ben, text="Is $x^2$ **right**?", parent=first)
        for first in firsts
        for _ in range(9)
    )
    CommentVote.objects.create(comment=firsts[-1], user=ben)
    best_first = [firsts[-1].pk, *(first.pk for first in firsts[:-1])]
    client = Client()

    seen = []
    for number in range(1, 5):
        address = f"{moss.get_absolute_url()}?comments={number}"
        with django_assert_max_num_queries(5):
            page = client.get(address).text
        assert len(numbers(page)) == THREADS_PER_PAGE * 10
        seen += [pk for pk in numbers(page) if pk in set(best_first)]
    assert seen == best_first
    assert "2000</data>" in page
    assert f'rel="prev" href="{moss.get_absolute_url()}?comments=3#comments"' in page
    assert 'rel="next"' not in page

    for comment, where in (
        (firsts[-1], f"#comment-{firsts[-1].pk}"),
        (firsts[48], f"#comment-{firsts[48].pk}"),
        (firsts[49], f"?comments=2#comment-{firsts[49].pk}"),
        (reply := firsts[198].replies.last(), f"?comments=4#comment-{reply.pk}"),
    ):
        assert client.get(f"/comments/{comment.pk}")["Location"] == f"{moss.url}{where}"
    for wrong in ("5", "0", "x", "9" * 30):
        assert client.get(f"{moss.get_absolute_url()}?comments={wrong}").status_code == 404


def test_page_of_a_paper_takes_twelve_queries_of_a_reader_who_is_signed_in(
    moss: Paper, ada: User, ben: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    PaperTopic.objects.create(paper=moss, topic=a_topic())
    thread = a_thread(moss, ben, "Well.", replies=3)
    thread.edits.create(text="Bell.", until=timezone.now())
    Comment.objects.filter(pk=thread.pk).update(edited_at=timezone.now())
    moss.upvote(ada)
    client = Client()
    client.force_login(ada)
    client.get(moss.get_absolute_url())  # marks it as read

    with django_assert_max_num_queries(12):
        page = client.get(moss.get_absolute_url()).text

    assert "Bell." in page
    assert page.count('aria-pressed="true"') == 1


def test_a_thread_keeps_its_place_while_its_first_comment_is_not_shown(
    moss: Paper, ada: User, ben: User
) -> None:
    for state in ("held", "hidden", "deleted"):
        a_thread(moss, ada, f"Words {state}", replies=1, state=state)
        a_thread(moss, ada, f"Alone {state}", state=state)
    client = Client()

    page = client.get(moss.get_absolute_url()).text

    assert len(numbers(page)) == 6
    assert page.count('class="gone"') == 3
    assert "Words" not in page
    assert "Alone" not in page
    client.force_login(ada)
    own = client.get(moss.get_absolute_url()).text
    assert "Words held" in own
    assert "Alone held" in own
    assert "Words hidden" not in own


def test_address_of_a_comment_that_is_not_shown_leads_to_the_discussion(
    moss: Paper, ada: User
) -> None:
    hidden = a_thread(moss, ada, "Spam", state="hidden")

    assert Client().get(f"/comments/{hidden.pk}")["Location"] == f"{moss.url}#comments"
    assert Client().get("/comments/999999").status_code == 404
