"""The pages and buttons with which a reader follows and mutes, and what they then see on lists."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from following.models import Follow, Mute
from following.models import mute as mutes
from library.models import ReadingList
from papers.models import PaperSearch, PaperTopic
from tests.factories import a_paper, a_topic, a_voter

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def reader(client: Client, ada: User) -> User:
    client.force_login(a_voter(ada))
    return ada


def choose(client: Client, verb: str, what: str, name: str, **options: object) -> str:
    data = {"what": what, "name": name, "next": "/topics"}
    response = client.post(f"/me/follows/{verb}", data, **options)  # type: ignore[arg-type]
    assert response.status_code in (200, 302)
    return response.content.decode()


def test_a_reader_adds_and_removes_what_they_follow_and_mute(
    client: Client, reader: User, ben: User
) -> None:
    ben.handle = "ben"
    ben.save()
    a_topic("vision")
    kept = ReadingList.objects.create(owner=ben, title="Bogs", is_public=True)
    for what, name in [
        ("topic", "vision"),
        ("topic", "Vision"),
        ("author", "Cy Reed"),
        ("search", "lichen"),
        ("institution", HOSTILE),
        ("list", f"https://papers.example.org/lists/{kept.key}"),
        ("reader", "@ben"),
    ]:
        choose(client, "follow", what, name)
    choose(client, "mute", "word", "survey")
    choose(client, "mute", "author", "Dee Moss")

    page = client.get("/me/follows")
    assert "private" in page["Cache-Control"]
    for title in ("Vision", "Cy Reed", "“lichen”", "&lt;script&gt;", "Bogs", "ben", "“survey”"):
        assert title in page.content.decode()
    assert HOSTILE not in page.content.decode()

    assert (Follow.objects.count(), Mute.objects.count()) == (6, 2)
    for follow in Follow.objects.all():
        for _ in range(2):  # again changes nothing
            client.post(f"/me/follows/{follow.pk}/unfollow")
    for mute in Mute.objects.all():
        client.post(f"/me/follows/{mute.pk}/unmute")
    page = client.get("/me/follows")
    assert "You follow nothing yet." in page.content.decode()
    assert "You mute nothing." in page.content.decode()


def test_another_reader_s_follow_cannot_be_removed(client: Client, reader: User, ben: User) -> None:
    Follow.objects.add(ben, what="author", words="Cy Reed")
    client.post(f"/me/follows/{Follow.objects.get().pk}/unfollow")
    assert Follow.objects.exists()


@pytest.mark.parametrize(
    "verb, what, name, problem",
    [
        ("follow", "author", "?!", "letters or digits"),
        ("follow", "author", "", "this is missing"),
        ("follow", "author", "x" * 400, "400 characters; at most 300"),
        ("follow", "topic", "no such topic", "There is no topic “no such topic” here."),
        ("follow", "search", "date:13", "There is nothing to search for"),
        ("follow", "list", "lnolist00", "no public list"),
        ("follow", "reader", "nobody", "no other reader"),
        ("follow", "moon", "moss", "not one of the available choices"),
        ("mute", "word", "C++", "two letters or more"),
        ("mute", "word", "\0", "Null characters are not allowed"),
    ],
)
def test_what_cannot_be_followed_stays_in_the_form_with_the_problem(
    client: Client, reader: User, verb: str, what: str, name: str, problem: str
) -> None:
    page = choose(client, verb, what, name)
    assert problem in page
    assert f'value="{name}"' in page or not name.strip("\0")
    assert not Follow.objects.exists()
    assert not Mute.objects.exists()


def test_the_limit_of_mutes_is_said(
    client: Client, reader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mutes, "MAX_MUTES", 1)
    choose(client, "mute", "word", "survey")
    assert "Remove one before you add another" in choose(client, "mute", "word", "benchmark")
    assert Mute.objects.count() == 1


def test_buttons_follow_by_htmx_and_say_what_the_next_click_does(
    client: Client, reader: User
) -> None:
    a_topic("vision")
    assert "unfollow" not in client.get("/topics/vision").content.decode()

    button = choose(client, "follow", "topic", "vision", headers=HTMX)

    follow = Follow.objects.get()
    assert f"/me/follows/{follow.pk}/unfollow" in button
    page = client.get("/topics/vision").content.decode()
    assert f"/me/follows/{follow.pk}/unfollow" in page
    data = {"what": "topic", "name": "vision"}
    back = client.post(f"/me/follows/{follow.pk}/unfollow", data, headers=HTMX)
    assert 'action="/me/follows/follow"' in back.content.decode()
    wrong = client.post("/me/follows/follow", {"what": "topic", "name": "?"}, headers=HTMX)
    assert wrong["HX-Redirect"] == "/me/follows"


def test_pages_of_an_author_a_topic_a_search_and_a_paper_offer_to_follow(
    client: Client, ada: User
) -> None:
    topic = a_topic("vision")
    extra = {"organization": {"name": "Brume"}}
    paper = a_paper("On moss", authors=["Cy Reed", "Dee Moss"], extra=extra)
    PaperSearch.objects.create(paper=paper, title="On moss", author_names=["cy reed"])
    PaperTopic.objects.create(paper=paper, topic=topic)
    pages = ["/authors?name=Cy+Reed", "/topics/vision", "/search?q=moss", paper.get_absolute_url()]

    for page in pages:  # a link to sign in and come back
        assert 'class="follow" href="/accounts/login/?next=' in client.get(page).content.decode()

    client.force_login(a_voter(ada))
    texts = [client.get(page).content.decode() for page in pages]
    assert ["/me/follows/mute" in text for text in texts] == [True, True, False, False]
    assert all('action="/me/follows/follow"' in text for text in texts)
    for name in ("Cy Reed", "Dee Moss", "vision", "Brume"):
        assert f'name="name" value="{name}"' in texts[3]


def test_muted_papers_are_folded_on_lists_and_searches_with_a_count_and_the_reason(
    client: Client, reader: User, ben: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    today = timezone.localdate()
    for title in ("A survey of moss", "Surveys of moss", "On moss"):
        paper = a_paper(title, listed_on=today)
        PaperSearch.objects.create(paper=paper, title=title)
    Mute.objects.add(reader, what="word", words="survey")

    for address in ("/", "/papers/trending", "/search?q=moss"):
        text = client.get(address).content.decode()
        rows, _, folded = text.partition('<details class="folded">')
        assert "<summary>2 muted</summary>" in folded
        assert folded.count("You mute “survey”") == 2
        assert "On moss" in rows
        assert "survey" not in rows.partition('<div class="papers">')[2].casefold()

    client.force_login(ben)
    assert "folded" not in client.get("/").content.decode().partition("<main")[2].replace(
        ":is(.paper, .folded, .pager)", ""
    )


def test_the_page_of_followed_papers_says_why_in_at_most_eight_queries(
    client: Client, reader: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    assert "You follow nothing yet" in client.get("/me/follows/papers").content.decode()
    Follow.objects.add(reader, what="author", words="Cy Reed")
    Follow.objects.add(reader, what="search", words="bog")
    assert "Nothing new in the last 90 days" in client.get("/me/follows/papers").content.decode()
    for number in range(20):
        paper = a_paper(f"Moss {number}", authors=["Cy Reed"], listed_on=timezone.localdate())
        PaperSearch.objects.create(paper=paper, title=paper.title, author_names=["cy reed"])
    Mute.objects.add(reader, what="word", words="Moss 7")
    reader.visit(timezone.now())

    with django_assert_max_num_queries(8):
        text = client.get(reverse("following:papers")).content.decode()

    assert text.count("You follow Cy Reed") == 19
    assert text.count("You mute “Moss 7”") == 1
