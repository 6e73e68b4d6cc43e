"""`/readers/HANDLE` shows what its reader switched on, and by default submissions only."""

import pytest
from django.test import Client

from accounts.models import User
from comments.models import Comment
from papers.models import Paper
from profiles.models import Claim
from tests.factories import a_paper, a_user

pytestmark = pytest.mark.django_db
ORCID_ID = "0000-0002-1825-0097"


def a_known_reader() -> User:
    """With something of each kind that may be shown."""
    reader = a_user("planted@secret.example.org", name="Planted Quill", handle="planted")
    a_paper("A submitted paper", submitter=reader, submitter_name="Planted Quill")
    paper = a_paper("An upvoted paper")
    paper.upvote(reader)
    Comment.objects.create(paper=paper, author=reader, text="Is it *tight*?")
    said = {"userinfo": {"name": "Planted Quill"}}
    reader.socialaccount_set.create(provider="orcid", uid=ORCID_ID, extra_data=said)  # type: ignore[attr-defined]
    return reader


def save_profile(client: Client, reader: User, *shown: str) -> None:
    client.force_login(reader)
    data = {"name": reader.name, "handle": reader.handle, "shown": shown}
    assert client.post("/accounts/profile/", data).status_code == 302


def test_strangers_see_submitted_papers_and_nothing_else_unless_it_is_switched_on(
    client: Client,
) -> None:
    reader = a_known_reader()
    page = Client().get("/readers/planted").text
    assert "Planted Quill" in page and "A submitted paper" in page and "noindex" in page
    for hidden in (ORCID_ID, "An upvoted paper", "tight", "secret.example.org"):
        assert hidden not in page

    save_profile(client, reader, "shows_orcid", "shows_upvotes", "shows_comments")
    page = Client().get("/readers/Planted", follow=True).text
    assert f"https://orcid.org/{ORCID_ID}" in page and "An upvoted paper" in page
    assert "Is it <em>tight</em>?" in page
    assert "A submitted paper" not in page and "secret.example.org" not in page


def test_a_hidden_paper_and_a_closed_account_are_not_shown() -> None:
    reader = a_known_reader()
    User.objects.filter(pk=reader.pk).update(shows_upvotes=True)
    Paper.objects.filter(title="An upvoted paper").update(hidden_at="2025-03-14T00:00Z")
    assert "An upvoted paper" not in Client().get("/readers/planted").text
    User.objects.filter(pk=reader.pk).update(is_active=False)
    assert Client().get("/readers/planted").status_code == 404
    assert Client().get("/readers/nobody").status_code == 404


def test_the_name_beside_submitted_papers_follows_the_profile(client: Client) -> None:
    reader = a_known_reader()
    imported = a_paper("Imported", submitter=reader, submitter_name="Cleo Ward")
    own = Paper.objects.get(title="A submitted paper")

    save_profile(client, reader)
    own.refresh_from_db()
    assert own.submitter_name == ""

    reader.name = "P. Quill"
    save_profile(client, reader, "shows_submitted")
    own.refresh_from_db()
    imported.refresh_from_db()
    assert (own.submitter_name, imported.submitter_name) == ("P. Quill", "Cleo Ward")


def test_names_and_claims_are_text_on_the_page_of_a_reader() -> None:
    reader = a_user(name="<script>alert(1)</script>", handle="xss")
    claim = Claim(reader=reader, author='"><img src=x onerror=alert(1)>', evidence="email")
    claim.save()
    claim.prove()
    Claim.objects.get().decide(Claim.State.ACCEPTED, "", reader)
    page = Client().get("/readers/xss").text
    assert "<script>alert" not in page and "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page
