"""A reader claims to be an author, proves it, a curator decides, the reader appeals."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from papers.ingest.upsert import upsert
from papers.models import Paper, Picture, merging
from profiles import personal_data as profiles_data
from profiles.models import Claim
from tests.factories import a_paper, a_user, a_voter, an_entry

pytestmark = pytest.mark.django_db
PAGE = "/authors/claim?name=ada+quill"


@pytest.fixture(autouse=True)
def papers(db: None) -> None:
    cache.clear()
    upsert([an_entry(authors=("Ada Quill",))], now=timezone.now())


@pytest.fixture
def reader(client: Client) -> User:
    reader = a_voter(a_user("ada@example.org", name="Ada <b>Q</b>", handle="ada"))
    client.force_login(reader)
    return reader


def decide(state: str, reason: str) -> str:
    curator = Client()
    curator.force_login(a_user(is_staff=True, is_superuser=True))
    path = f"/admin/profiles/claim/{Claim.objects.get().pk}/change/"
    return curator.post(path, {"state": state, "reason": reason}, follow=True).text


@pytest.mark.slow
def test_by_email_then_refused_appealed_accepted_and_linked(client: Client, reader: User) -> None:
    assert "I am this author" in Client().get("/authors?name=Ada+Quill").text
    assert "Send the link" in client.get(PAGE).text
    client.post(PAGE, {"address": "ada@moss.example.org"})
    assert mail.outbox[-1].to == ["ada@moss.example.org"]
    match = re.search(r"/claims/\S+", str(mail.outbox[-1].body))
    assert match and "not proven" in decide("accepted", "Too early")
    other = Client()
    other.force_login(a_voter(a_user()))
    assert other.post(match[0]).status_code == 404
    assert "older than seven days" in client.get(f"{match[0]}x", follow=True).text
    assert client.get(match[0]).status_code == 200 and not Claim.objects.get().proven_at
    client.post(match[0])
    assert Claim.objects.get().proven_at

    assert "Say why" in decide("refused", "")
    decide("refused", "Somebody else")
    own = f"/me/claims/{Claim.objects.get().pk}"
    page = client.get("/me/claims").text
    assert "Somebody else" in page and f'action="{own}/appeal"' in page
    client.post(f"{own}/appeal", {"appeal": "It is me."})
    assert (Claim.objects.get().state, Claim.objects.get().appeal) == ("waiting", "It is me.")
    decide("accepted", "Checked")
    bad = client.post(f"{own}/page", {"link": "javascript:alert(1)", "link_label": "Mine"})
    assert 'value="javascript:alert(1)"' in bad.text and not Claim.objects.get().link
    client.post(f"{own}/page", {"link": "https://moss.example.org/", "link_label": "<i>Lab</i>"})
    page = Client().get("/authors?name=Ada+Quill").text
    assert 'href="https://moss.example.org/"' in page and "/readers/ada" in page
    assert "<i>Lab" not in page and "<b>Q" not in page and "@moss.example.org" not in page


def test_the_page_of_the_author_shows_a_stored_picture_of_a_paper_of_theirs(
    client: Client, reader: User
) -> None:
    own, other = Paper.objects.get(), a_paper("By somebody else")
    for paper, digest in ((own, "ab12"), (other, "cd34")):
        figure = {"caption": "Figure 1: Moss & <b>fern</b>.", "origin": "arxiv"}
        Picture.objects.create(paper=paper, state="stored", digest=digest, **figure)
    claim = Claim(reader=reader, author="Ada Quill", evidence="email", address="ada@x.example.org")
    claim.save()
    claim.prove()
    decide("accepted", "Checked")
    address, page = f"/me/claims/{claim.pk}/page", "/authors?name=Ada+Quill"
    assert str(own.title) in client.get("/me/claims").text

    assert "Select a valid choice" in client.post(address, {"picture_paper": other.pk}).text
    client.post(address, {"picture_paper": own.pk})
    shown = Client().get(page).text
    assert "/pictures/row/ab12.webp" in shown.partition("I am this author")[0]
    assert 'alt="Figure 1: Moss &amp; &lt;b&gt;fern&lt;/b&gt;."' in shown
    claims = profiles_data.export(reader)["claims"]
    assert claims[0]["picture_paper__key"] == own.key

    Picture.objects.filter(paper=own).update(state="removed", digest=None)
    assert "/pictures/row/" not in Client().get(page).text
    Picture.objects.filter(paper=own).update(state="stored", digest="ab12")
    curator = Client()
    curator.force_login(a_user(is_staff=True, is_superuser=True))
    action = {"action": "remove_picture", "_selected_action": [claim.pk]}
    assert "Picture removed" in curator.post("/admin/profiles/claim/", action, follow=True).text
    assert "/pictures/row/" not in Client().get(page).text.partition("I am this author")[0]


def test_the_picture_moves_along_when_its_paper_is_merged(reader: User) -> None:
    duplicate, kept = Paper.objects.get(), a_paper()
    claim = Claim(reader=reader, author="Ada Quill", picture_paper=duplicate)
    claim.save()
    merging.merge(kept, duplicate)
    claim.refresh_from_db()
    assert claim.picture_paper == kept
    assert claim.picture is None  # this paper is not by Ada Quill


def test_a_curator_reads_whether_the_domain_fits_the_papers(reader: User) -> None:
    Paper.objects.update(project_url="https://lab.moss.example.org/fern")
    Claim(reader=reader, author="Ada Quill", evidence="email", address="a@moss.example.org").save()
    curator = Client()
    curator.force_login(a_user(is_staff=True, is_superuser=True))
    page = curator.get(f"/admin/profiles/claim/{Claim.objects.get().pk}/change/").text
    assert "moss.example.org: fits 1 of 1 paper (lab.moss.example.org)." in page


def test_by_orcid_of_the_same_name(client: Client, reader: User) -> None:
    said = {"userinfo": {"name": "Ada Quill"}}
    account = reader.socialaccount_set.create(  # type: ignore[attr-defined]
        provider="orcid", uid="0000-0002-1825-0097", extra_data={"userinfo": {"name": "Eve"}}
    )
    assert "another name: Eve" in client.get(PAGE).text
    client.post(PAGE, {"evidence": "orcid"})
    assert not Claim.objects.exists()
    account.extra_data = said
    account.save()
    client.post(PAGE, {"evidence": "orcid"})
    assert Claim.objects.to_decide().get().orcid == "0000-0002-1825-0097"
