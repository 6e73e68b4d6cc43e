"""Whatever readers call themselves, claim to be, or write on the page of an author stays text."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from comments.models import Comment
from library.models import ReadingList
from papers.models import PaperSearch
from profiles.models import Claim
from profiles.profile_form import ProfileForm
from tests.factories import a_paper, a_voter
from tests.hostile import HOSTILE
from tests.papers.test_hostile_words import FORBIDDEN, SCHEMES, Page

pytestmark = [pytest.mark.django_db, pytest.mark.sweep]
WORDS = [words.replace("\0", "") or "moss" for words in HOSTILE]


def check(html: str, about: str) -> None:
    page = Page.of(html)
    assert page.handlers == [], about
    assert page.tags & FORBIDDEN == set(), about
    assert [url for url in page.addresses if not url.startswith(SCHEMES)] == [], about
    assert set(page.scripts) <= {"site", "saves", "share", "application/ld+json"}, about


def test_no_handle_is_markup(ada: User) -> None:
    for words in WORDS:
        form = ProfileForm({"name": "Ada", "handle": words}, ada)
        if form.is_valid():
            assert form.cleaned_data["handle"].replace("-", "").replace("_", "").isalnum(), words


def test_no_name_of_a_reader_becomes_markup_on_pages_of_others(ada: User) -> None:
    paper = a_paper(submitter=ada)
    paper.upvote(ada)
    comment = Comment.objects.create(paper=paper, author=ada, text="Well.")
    own = ReadingList.objects.create(owner=ada, title="Moss", is_public=True)
    User.objects.update(handle="ada", shows_lists=True, shows_comments=True, shows_upvotes=True)
    addresses = ["/readers/ada", paper.get_absolute_url(), own.get_absolute_url(), "/comments"]
    for words in WORDS[::6]:
        name = words[:80]
        User.objects.update(name=name)
        paper.submitter_name = comment.text = own.title = own.description = name
        for row in (paper, comment, own):
            row.save()
        for address in addresses:
            check(Client().get(address).text, f"{address}: {words}")


def test_no_claim_becomes_markup(client: Client, ada: User) -> None:
    client.force_login(a_voter(ada))
    paper = a_paper(authors=["Ada Quill"])
    PaperSearch.objects.create(paper=paper, title="moss", author_names=["ada quill"])
    User.objects.update(handle="ada")
    shown = Claim(reader=ada, author="Ada Quill", evidence="email", proven_at=timezone.now())
    shown.state = Claim.State.ACCEPTED
    for words in WORDS[::6]:
        User.objects.update(name=words[:80])
        shown.link_label, shown.link = words[:60], "https://moss.example.org/"
        shown.reason = words[:300]
        shown.save()
        refused = Claim(reader=ada, author=words[:200], evidence="email", state="refused")
        refused.proven_at, refused.reason, refused.appeal = timezone.now(), words[:300], words
        refused.save()
        for address in ("/authors?name=Ada+Quill", "/readers/ada"):
            check(Client().get(address).text, f"{address}: {words}")
        check(client.get("/me/claims").text, words)
        refused.delete()
