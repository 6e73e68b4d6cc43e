"""For you and the pages of interests: made, learned, explained, corrected, deleted."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from interests import training
from interests.models import Interest, InterestPaper
from interests.models.interest import MAX_INTERESTS, MAX_WORDS
from library.models import Save
from tests.factories import a_user, a_voter
from tests.interests.papers import CACHES, NEW_CACHE, NEW_OTHER, OTHERS, papers_of, trained

pytestmark = pytest.mark.django_db
FOR_YOU, INTERESTS = "/papers/for-you", "/me/interests"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def reader(client: Client) -> User:
    ada = a_voter(a_user("ada@example.org"))
    client.force_login(ada)
    return ada


def page_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200 and "private" in response["Cache-Control"]
    return response.content.decode()


@pytest.mark.slow
def test_from_five_saved_papers_to_suggestions_with_reasons_and_less_like_this(
    client: Client, reader: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    caches, (robot, *_) = papers_of(CACHES), papers_of(OTHERS)
    new, walking = papers_of([NEW_CACHE, NEW_OTHER])
    assert "Make your first interest" in page_of(client, FOR_YOU)
    Save.objects.add(reader, caches)
    made = {"name": "Caches", "learns_from_saved": "on", "next": FOR_YOU}
    assert client.post(INTERESTS, made)["Location"] == FOR_YOU
    assert "Learning from what you chose" in page_of(client, FOR_YOU)
    interest = trained(Interest.objects.get())

    with django_assert_max_num_queries(8):
        page = page_of(client, FOR_YOU)
    assert "which you saved" in page and "words:" in page and "kv cache" in page
    assert f'id="save-{new.key}"' in page
    assert not any(f'id="save-{paper.key}"' in page for paper in caches)  # the reader knows them
    assert 'href="/"' in page  # the day stands beside it

    against = f"/me/interests/{interest.pk}/papers/{new.key}/against"
    assert client.post(against, {"next": FOR_YOU})["Location"] == FOR_YOU
    assert Interest.objects.due(timezone.now()).exists()
    trained(interest)
    page = page_of(client, FOR_YOU)
    assert "counts against “Caches” now" in page and f'id="save-{new.key}"' not in page
    htmx = client.post(against, headers={"HX-Request": "true"}).content.decode()
    assert htmx.strip().startswith('<form class="note counts-against"') and "Undo" in htmx
    client.post(against.replace("against", "forget"))
    assert not InterestPaper.objects.exists()
    assert walking.pk and robot.pk


@pytest.mark.slow
def test_words_of_an_interest_are_shown_and_corrected(client: Client, reader: User) -> None:
    caches, _ = papers_of(CACHES), papers_of(OTHERS)
    interest = Interest.objects.create(reader=reader, name="Caches")
    InterestPaper.objects.choose(interest, caches)
    interest = trained(interest)
    address = f"{INTERESTS}/{interest.pk}"
    page = page_of(client, address)
    assert "Learned from 5 papers" in page and 'aria-label="Remove kv cache"' in page
    assert caches[0].title_text in page
    assert "Caches" in page_of(client, INTERESTS)

    client.post(f"{address}/words/remove", {"word": "KV-cache"})
    client.post(f"{address}/words/add", {"word": "Soft  fingers"})
    interest = trained(interest)
    assert interest.removed_words == ["kv cache"] and interest.added_words == ["soft fingers"]
    assert "kv cache" not in interest.word_weights and "soft fingers" in interest.word_weights
    page = page_of(client, address)
    assert 'aria-label="Take back that you removed kv cache"' in page
    client.post(f"{address}/words/forget", {"word": "kv cache"})
    assert "kv cache" in trained(interest).word_weights

    Interest.objects.update(added_words=[f"word {number}" for number in range(MAX_WORDS)])
    client.post(f"{address}/words/add", {"word": "one more"})
    assert "has room for" in page_of(client, address)
    assert client.post(f"{address}/delete")["Location"] == INTERESTS
    assert not Interest.objects.exists()


def test_an_interest_is_made_of_ids_bibtex_and_words_and_says_what_is_not_here(
    client: Client, reader: User
) -> None:
    first, second, *_ = papers_of(CACHES)
    bibtex = f"@article{{a,\n title={{A}},\n eprint={{{second.key}}}}}\n"
    bibtex += "@article{b,\n title={Elsewhere},\n eprint={1901.00001}}"
    fields = {"name": "Mixed", "words": "KV-cache, quantisation,,", "papers": ""}
    fields["file"] = SimpleUploadedFile("my.bib", bibtex.encode())
    page = client.post(INTERESTS, fields, follow=True).content.decode()
    assert "1 of 2 papers are on this site and were added. Not here: “Elsewhere”." in page
    interest = Interest.objects.get()
    assert interest.added_words == ["kv cache", "quantisation"]
    client.post(f"{INTERESTS}/{interest.pk}", {"name": "Renamed", "papers": first.key})
    interest.refresh_from_db()
    assert interest.name == "Renamed"
    chosen = interest.chosen_papers.order_by("pk")
    assert list(chosen.values_list("paper", flat=True)) == [second.pk, first.pk]


def test_what_is_wrong_is_said_and_what_was_typed_stays(
    client: Client, reader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def error_of(**fields: str) -> str:
        response = client.post(INTERESTS, {"name": HOSTILE} | fields)
        page = response.content.decode()
        assert response.status_code == 200 and HOSTILE not in page
        return page

    assert "&lt;script&gt;" in error_of() and "Choose something to learn from" in error_of()
    assert "this is missing" in error_of(name=" ", words="a word")
    assert "None of these papers is on this site" in error_of(papers="1901.00001")
    assert "is too long" in error_of(words="long " * 30)
    assert "characters; at most" in error_of(name="n" * 81)
    Interest.objects.create(reader=reader, name="Caches")
    assert "You have an interest of this name" in error_of(name="Caches", words="a word")
    assert "has room for 50 words" in error_of(words=",".join(f"w{n}" for n in range(60)))
    for number in range(MAX_INTERESTS):
        Interest.objects.create(reader=reader, name=f"Interest {number}")
    assert "which is the most" in error_of(words="a word")
    monkeypatch.setattr("interests.models.interest_paper.MAX_PAPERS", 1)
    papers = papers_of(CACHES[:2])
    interest = Interest.objects.get(name="Caches")
    fields = {"name": "Caches", "papers": "\n".join(paper.key for paper in papers)}
    page = client.post(f"{INTERESTS}/{interest.pk}", fields).content.decode()
    assert "has room for" in page and papers[0].key in page
    assert not InterestPaper.objects.exists()


def test_an_interest_is_of_its_reader_alone(client: Client, reader: User) -> None:
    (paper,) = papers_of([NEW_CACHE])
    other = Interest.objects.create(reader=a_user(), name="Other", added_words=["kv cache"])
    training.train(other, timezone.now())
    address = f"{INTERESTS}/{other.pk}"
    for path in ("", "/delete", "/words/add", f"/papers/{paper.key}/against"):
        assert client.post(address + path, {"word": "a", "name": "b"}).status_code == 404
    assert client.get(address).status_code == 404
    assert client.get(f"{FOR_YOU}?interest={other.pk}").status_code == 404
    assert "Other" not in page_of(client, INTERESTS)
    stranger = Client()
    assert stranger.get(FOR_YOU)["Location"] == f"/accounts/login/?next={FOR_YOU}"
    assert stranger.get(INTERESTS)["Location"] == f"/accounts/login/?next={INTERESTS}"
