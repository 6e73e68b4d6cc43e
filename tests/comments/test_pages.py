"""Comments as readers use them: without script, within limits, not at all where they are off."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from comments.models import EDITABLE_FOR, MAX_COMMENTS_AN_HOUR, Comment, CommentReport
from comments.posting import post
from papers.models import Paper
from papers.models.merging import merge
from tests.factories import MARCH_14, a_paper, a_user, a_voter

pytestmark = pytest.mark.django_db


@pytest.fixture
def moss() -> Paper:
    return a_paper(listed_on=MARCH_14, title="On moss")


def reader_of(user: User, days: int = 30) -> Client:
    """A client of an account of so many days, whose address is proven."""
    User.objects.filter(pk=user.pk).update(date_joined=timezone.now() - timedelta(days=days))
    if not user.emailaddress_set.exists():
        a_voter(user)
    client = Client()
    client.force_login(user)
    return client


def say(client: Client, paper: Paper, text: str, **fields: Any) -> Any:
    return client.post(f"/papers/{paper.key}/comments", {"text": text, **fields}, follow=True)


@pytest.mark.slow
def test_a_thread_is_written_and_read(moss: Paper, ada: User, ben: User, client: Client) -> None:
    adas, bens = reader_of(ada), reader_of(ben)
    say(adas, moss, "Is $x^2$ **right**?")
    first = Comment.objects.get()
    say(bens, moss, "No.", reply_to=first.pk)
    say(adas, moss, "Why?", reply_to=Comment.objects.get(text="No.").pk)

    page = client.get(moss.get_absolute_url()).text

    assert "<math" in page
    assert "<strong>right</strong>" in page
    assert [comment.parent for comment in Comment.objects.order_by("pk")] == [None, first, first]
    assert page.index("right") < page.index("No.") < page.index("Why?")
    assert "3 comments here" in client.get("/papers/date/2025-03-14").text
    assert ada.email not in page


def test_threads_with_more_upvotes_come_first(moss: Paper, ada: User, ben: User) -> None:
    adas = reader_of(ada)
    older, better = (
        Comment.objects.create(paper=moss, author=ben, text=text) for text in ("Older", "Better")
    )
    adas.post(f"/comments/{better.pk}/upvote")
    adas.post(f"/comments/{better.pk}/upvote")

    page = adas.get(moss.get_absolute_url()).text

    assert page.index("Better") < page.index("Older")
    assert better.vote_set.count() == 1
    adas.post(f"/comments/{better.pk}/unvote")
    assert older.vote_set.count() == better.vote_set.count() == 0


def test_an_edit_is_open_about_what_stood_before(moss: Paper, ada: User, ben: User) -> None:
    adas = reader_of(ada)
    say(adas, moss, "First words")
    comment = Comment.objects.get()
    edit = f"/comments/{comment.pk}/edit"

    adas.post(edit, {"text": "Second words"})

    page = adas.get(moss.get_absolute_url()).text
    assert "Second words" in page
    assert "First words" in page
    assert reader_of(ben).post(edit, {"text": "Mine"}).status_code == 404
    Comment.objects.update(created_at=timezone.now() - EDITABLE_FOR)
    late = adas.post(edit, {"text": "Third words"})
    assert "15 minutes" in late.text
    assert "Third words" in late.text  # what was typed is kept
    comment.refresh_from_db()
    assert comment.text == "Second words"


@pytest.mark.slow
def test_a_deleted_comment_keeps_the_thread(moss: Paper, ada: User, ben: User) -> None:
    adas = reader_of(ada)
    say(adas, moss, "A question")
    say(reader_of(ben), moss, "An answer", reply_to=Comment.objects.get().pk)
    say(adas, moss, "Alone")

    for comment in Comment.objects.filter(author=ada):
        adas.post(f"/comments/{comment.pk}/delete")

    page = adas.get(moss.get_absolute_url()).text
    assert page.count("This comment was deleted.") == 1
    assert "An answer" in page
    assert "A question" not in page


@pytest.mark.slow
def test_first_comment_of_a_new_account_waits_for_a_curator(moss: Paper, client: Client) -> None:
    new = reader_of(a_user("new@example.org"), days=1)
    assert "before others see it" in say(new, moss, "Hello").text
    assert "Hello" not in client.get(moss.get_absolute_url()).text
    reply_to = Comment.objects.get().pk  # guessed: nobody else has seen it
    assert "no longer shown" in say(reader_of(a_user()), moss, "Early", reply_to=reply_to).text
    assert "waits for the editors" in new.get(moss.get_absolute_url()).text

    curator = Client()
    curator.force_login(a_user("carla@example.org", is_staff=True, is_superuser=True))
    chosen = {"action": "let_through", "_selected_action": [Comment.objects.get().pk]}
    curator.post("/admin/comments/comment/", chosen)

    assert "Hello" in client.get(moss.get_absolute_url()).text
    say(new, moss, "Again")
    assert Comment.objects.get(text="Again").state == "visible"


@pytest.mark.slow
def test_an_edit_of_what_was_let_through_waits_again(moss: Paper, client: Client) -> None:
    new = reader_of(a_user("new@example.org"), days=1)
    say(new, moss, "Innocent words")
    comment = Comment.objects.get()
    edit = f"/comments/{comment.pk}/edit"
    curator = Client()
    curator.force_login(a_user("carla@example.org", is_staff=True, is_superuser=True))
    let_through = {"action": "let_through", "_selected_action": [comment.pk]}
    curator.post("/admin/comments/comment/", let_through)
    new.post(edit, {"text": "Innocent words"})  # nothing changed, nothing held
    assert "Innocent words" in client.get(moss.get_absolute_url()).text

    assert "what you changed" in new.post(edit, {"text": "Buy now"}, follow=True).text

    page = client.get(moss.get_absolute_url()).text
    assert "Buy now" not in page
    assert "Innocent words" not in page
    for address in ("?todo=held", f"{comment.pk}/change/"):
        shown = curator.get(f"/admin/comments/comment/{address}").text
        assert "Buy now" in shown
        assert "Innocent words" in shown
    curator.post("/admin/comments/comment/", let_through)
    say(new, moss, "Second comment")
    new.post(edit, {"text": "Corrected words"})
    assert "Corrected words" in client.get(moss.get_absolute_url()).text


def test_a_reported_comment_is_hidden_by_a_curator(moss: Paper, ada: User, ben: User) -> None:
    say(reader_of(ben), moss, "Buy now")
    comment = Comment.objects.get()
    report = f"/comments/{comment.pk}/report"
    for _ in range(2):
        reader_of(ada).post(report, {"words": "An advertisement"})
    assert CommentReport.objects.count() == 1
    curator = Client()
    curator.force_login(a_user("carla@example.org", is_staff=True, is_superuser=True))
    assert "An advertisement" in curator.get("/admin/comments/comment/?todo=reported").text

    chosen = {"action": "hide_comments", "_selected_action": [comment.pk]}
    curator.post("/admin/comments/comment/", chosen)
    assert "Buy now" in Client().get(moss.get_absolute_url()).text  # no reason, nothing done
    curator.post("/admin/comments/comment/", chosen | {"why": "An advertisement"})

    assert "Buy now" not in Client().get(moss.get_absolute_url()).text
    assert not CommentReport.objects.filter(decided_at=None).exists()


def test_what_cannot_be_said_is_kept_in_the_form(moss: Paper, ada: User, settings: Any) -> None:
    adas = reader_of(ada)
    assert "this is missing" in say(adas, moss, " ").text
    long = say(adas, moss, "x" * 10_001).text
    assert "10,000 are possible" in long
    assert "x" * 10_001 in long
    other = Comment.objects.create(paper=a_paper(), author=ada, text="Elsewhere")
    assert "no longer shown" in say(adas, moss, "To whom?", reply_to=other.pk).text
    assert "reply_to" in say(adas, moss, "To whom?", reply_to="9" * 30).text
    for number in range(MAX_COMMENTS_AN_HOUR):
        Comment.objects.create(paper=moss, author=ada, text=f"{number}")
    assert "within an hour" in say(adas, moss, "One more").text


def test_feeds_and_lists_show_visible_comments_alone(moss: Paper, ada: User) -> None:
    adas = reader_of(ada)
    say(adas, moss, "Seen $x$", by_program="on")
    Comment.objects.create(paper=moss, author=ada, text="Held", state="held")

    for address in (
        "/comments",
        "/feeds/comments.atom",
        "/feeds/comments.json",
        f"/feeds/papers/{moss.key}/comments.rss",
    ):
        content = Client().get(address).text
        assert "Seen" in content, address
        assert "Held" not in content, address
    assert "by a program" in Client().get("/comments").text
    assert "Held" in adas.get("/me/comments").text


def test_most_discussed_papers_come_first(moss: Paper, ada: User, client: Client) -> None:
    a_paper(listed_on=MARCH_14, title="On fern", upvotes=9)
    say(reader_of(ada), moss, "Well.")

    page = client.get("/papers/date/2025-03-14?sort=discussed").text

    assert page.index("On moss") < page.index("On fern")


@pytest.mark.slow
def test_where_comments_are_off_there_is_no_trace(
    moss: Paper, ada: User, client: Client, settings: Any
) -> None:
    adas = reader_of(ada)
    say(adas, moss, "Well.")
    addresses = (moss.get_absolute_url(), "/papers/date/2025-03-14", "/search?q=moss", "/about")
    settings.COMMENTS = False

    for who in (client, adas):
        for address in addresses:
            assert "omment" not in who.get(address).text.replace("submit", ""), address
    for address in ("/comments", "/me/comments", "/feeds/comments.atom"):
        assert adas.get(address).status_code == 404
    assert say(adas, moss, "More").status_code == 404
    assert client.get("/papers/date/2025-03-14?sort=discussed").status_code == 400


def test_export_has_what_a_reader_wrote(moss: Paper, ada: User) -> None:
    from subscriptions.personal_data import export_account

    say(reader_of(ada), moss, "My words")

    assert export_account(ada)["comments"][0]["text"] == "My words"


def test_curators_see_held_comments_on_the_page(moss: Paper, ada: User, ben: User) -> None:
    held = Comment.objects.create(paper=moss, author=ada, text="Held words", state="held")
    curator = Client()
    curator.force_login(a_user("carla@example.org", is_staff=True, is_superuser=True))
    bens = reader_of(ben)

    assert "Held words" in curator.get(moss.get_absolute_url()).text
    assert "Held words" not in bens.get(moss.get_absolute_url()).text
    assert "no longer shown" in say(bens, moss, "A reply", reply_to=held.pk).text


def test_a_comment_by_the_key_of_a_merged_paper_is_kept(moss: Paper, ada: User) -> None:
    fern = a_paper(listed_on=MARCH_14, title="On fern")
    merge(moss, fern)

    say(reader_of(ada), fern, "Typed before")

    assert Comment.objects.get().paper == moss


def test_a_merge_while_a_comment_is_sent_keeps_its_text(
    moss: Paper, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    fern = a_paper(listed_on=MARCH_14, title="On fern")

    def merge_first(paper: Paper, *args: Any, **fields: Any) -> Comment:
        merge(moss, Paper.objects.get(pk=paper.pk))
        return post(paper, *args, **fields)

    monkeypatch.setattr("comments.posting.post", merge_first)
    page = say(reader_of(ada), fern, "Typed words").text

    assert "merged with another" in page
    assert "Typed words" in page


@pytest.mark.slow
def test_words_can_be_deleted_also_under_a_hidden_paper(moss: Paper, ada: User, ben: User) -> None:
    adas = reader_of(ada)
    say(adas, moss, "Mine")
    comment = Comment.objects.get()
    reader_of(ben).post(f"/comments/{comment.pk}/report", {"words": "Wrong"})
    moss.hide("")

    adas.post(f"/comments/{comment.pk}/delete")

    comment.refresh_from_db()
    assert (comment.text, comment.state) == ("", "deleted")
    assert not CommentReport.objects.filter(decided_at=None).exists()
