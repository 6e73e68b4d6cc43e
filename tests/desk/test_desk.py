"""The desk: the queue beside the day, for curators, with and without JavaScript."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from papers.curation import actions
from papers.curation.changes import versions_of
from papers.ingest import upsert
from papers.ingest.listing_day import ListingRule
from papers.models import CuratorAction, Paper, PaperTopic, Submission
from subscriptions.models import Issue, Subscription
from tests.factories import a_paper, a_topic, a_user, an_entry
from tests.subscriptions.factories import a_subscriber

TODAY = timezone.localdate()
TOMORROW = TODAY + timedelta(days=1)
DESK, ACT, UNDO = "/admin/", "/admin/desk/act/", "/admin/desk/undo/"
DIGEST = "/admin/desk/digest/"
MAX_QUERIES = 12  # of the first view, however long the queue is
HTMX = {"HX-Request": "true"}


def a_curator(email: str, *more_rights: str) -> User:
    user = a_user(email, is_staff=True, name=email.partition("@")[0].title())
    rights = ("change_paper", "view_paper", "delete_paper", *more_rights)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return user


@pytest.fixture
def carla(db: None) -> User:
    """She curates."""
    return a_curator("carla@example.org")


@pytest.fixture
def client(carla: User) -> Client:
    client = Client()
    client.force_login(carla)
    return client


def queued(title: str = "", **fields: object) -> Paper:
    return a_paper(title, listed_on=None, listing_wanted=True, **fields)


def ref(paper: Paper) -> str:
    return f"{paper.pk}:{paper.curation_version}"


def press(client: Client, do: str, *papers: Paper, **fields: object) -> str:
    """A button of the desk without JavaScript, with these papers ticked; the page after it."""
    data = {"do": do, "paper": [ref(paper) for paper in papers], "on": str(TODAY), **fields}
    response = client.post(ACT, data, follow=True)
    assert response.status_code == 200
    return unescape(response.text)


# --- What it shows ---


def test_a_row_says_what_one_needs_to_judge(client):
    reader = a_user("grace@example.org", name="Grace")
    paper = queued(
        "Moss on $n$ stones",
        authors=["Ada Quill", "Ben Marsh"],
        abstract="Moss grows where nobody walks.",
        submitter=reader,
        expected_votes=7.4,
        pdf_url="https://example.org/moss.pdf",
    )
    PaperTopic.objects.create(paper=paper, topic=a_topic("botany"))
    Submission.objects.create(paper=paper, title=paper.title, submitter=reader, why="So green.")
    a_paper("On the page", listed_on=TODAY, position=1, featured=True)

    page = unescape(client.get(DESK).text)

    for words in (
        *("Ada Quill, Ben Marsh", "Moss grows where nobody walks.", "Submitted by Grace"),
        *("expected upvotes: 7", "Botany", "https://example.org/moss.pdf", "minutes ago"),
        *("On the page", "Place 1", "Pick", "Tomorrow", "“So green.”"),
    ):
        assert words in page, words
    assert re.search(r'id="queue-count">1<', page)


@pytest.mark.slow
def test_a_thousand_papers_take_few_queries_and_stand_on_pages(client):
    source = None
    Paper.objects.bulk_create(
        Paper(
            key=f"p{number:08}",
            title=f"Paper {number}",
            title_text=f"Paper {number}",
            listing_wanted=True,
            source=source,
        )
        for number in range(1_000)
    )
    for number in range(30):
        a_paper(listed_on=TODAY, position=number + 1)
    client.get(DESK)

    with CaptureQueriesContext(connection) as queries:
        page = client.get(DESK).text

    assert len(queries) <= MAX_QUERIES, [query["sql"][:100] for query in queries]
    assert page.count('id="paper-') == 50
    more = client.get(f"{DESK}?sort=old&page=2", headers={**HTMX, "HX-Target": "more"}).text
    assert more.count('id="paper-') == 50
    assert "Paper 50<" in more
    assert "<html" not in more
    for wrong in ("?sort=wild", "?page=0", "?page=x", "?day=2025-02-30", "?day=moss"):
        assert client.get(DESK + wrong).status_code == 404


# --- Actions ---


@pytest.mark.slow
def test_the_morning_without_javascript(client):
    one, two, three, four = (queued(f"Paper {number}") for number in range(4))

    assert "Listed: “Paper 0”" in press(client, f"list {ref(one)}")
    press(client, "list", two, three, place="2")
    asked = press(client, f"hide {ref(four)}")
    assert "Off topic" in asked
    assert "This field is required" in press(client, "hide", four, asked="1")
    assert "Say why" in press(client, "hide", four, asked="1", reason="other")
    press(client, "hide", four, asked="1", reason="off-topic", words="cooking")

    assert Paper.objects.get(pk=four.pk).hidden_why == "Off topic: cooking"
    assert list(Paper.objects.listed(TODAY, TODAY).order_by("position", "pk")) == [two, three, one]
    assert not Paper.objects.queued().exists()
    one.refresh_from_db()
    assert 'value="' + str(TOMORROW) in press(client, f"schedule {ref(one)}")
    page = press(client, "schedule", one, asked="1", day=TOMORROW)
    assert "Scheduled: “Paper 0”" in page
    one.refresh_from_db()
    assert one.listed_on == TOMORROW
    assert "Undo" in page

    page = unescape(client.post(UNDO, {"on": str(TODAY)}, follow=True).text)

    assert "Undone: Scheduled: “Paper 0”" in page
    assert Paper.objects.get(pk=one.pk).listed_on == TODAY
    batch = CuratorAction.objects.get(verb="hide").batch
    client.post(UNDO, {"batch": str(batch)})
    assert Paper.objects.get(pk=four.pk).hidden_at is None
    again = client.post(UNDO, {"batch": str(batch)}, follow=True).text
    assert "There is nothing to undo." in again


@pytest.mark.slow
def test_picks_order_topics_and_back_to_the_queue(client):
    vision, theory = a_topic("vision"), a_topic("theory")
    first = a_paper("First", listed_on=TODAY, upvotes=9)
    second = a_paper("Second", listed_on=TODAY, upvotes=8)
    third = a_paper("Third", listed_on=TODAY, upvotes=7)
    waiting = queued("Waiting")
    PaperTopic.objects.create(paper=waiting, topic=theory, by="source")

    press(client, f"up {ref(third)}")
    third.refresh_from_db()
    assert third.position == 2
    press(client, f"down {ref(third)}")
    press(client, "place", first, asked="1", position="3")
    press(client, f"list_as_pick {ref(waiting)}")  # it comes on the page with it
    press(client, f"pick {ref(second)}")
    waiting.refresh_from_db()
    asked = press(client, f"topics {ref(waiting)}")
    assert f'name="shown" value="{theory.pk}"' in asked
    press(client, "topics", waiting, asked="1", topics=vision.pk, shown=theory.pk)
    second.refresh_from_db()
    press(client, f"queue {ref(second)}")

    assert (Paper.objects.get(title="Waiting").featured, waiting.listed_on) == (True, TODAY)
    assert list(PaperTopic.objects.assigned().filter(paper=waiting).values_list("topic")) == [
        (vision.pk,)
    ]
    assert list(Paper.objects.queued()) == [second]
    assert "Only a paper on a day’s page has a place." in press(
        client, f"up {ref(Paper.objects.get(pk=second.pk))}"
    )


@pytest.mark.parametrize(
    ("do", "fields", "says"),
    [
        ("list", {}, "Choose a paper first."),
        ("list 0:0", {}, "no longer here"),
        ("fly", {}, "There is no such action."),
        ("list x:y", {}, "not a whole number"),
        ("list 1:1", {"place": "0"}, "not a number from 1"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(client, do, fields, says):
    assert says in press(client, do, **fields)


def test_htmx_gets_the_changed_rows_the_day_and_the_log(client):
    paper, other = queued("Moss"), queued("Fern")

    answer = client.post(ACT, {"do": f"list {ref(paper)}", "on": str(TODAY)}, headers=HTMX).text

    assert f'<li id="paper-{paper.pk}" hx-swap-oob="true" hidden>' in answer
    assert f'id="listed-{paper.pk}"' in answer
    assert f"paper-{other.pk}" not in answer
    assert re.search(r'id="queue-count" hx-swap-oob="true">1<', answer)
    undone = client.post(UNDO, {"on": str(TODAY)}, headers=HTMX).text
    assert re.search(rf'id="paper-{paper.pk}"[^>]*hx-swap-oob="true">', undone)
    question = client.post(ACT, {"do": f"hide {ref(Paper.objects.get(pk=paper.pk))}"}, headers=HTMX)
    assert question.headers["HX-Retarget"] == "#desk-dialog-body"


def test_of_two_curators_the_second_sees_both_and_decides(client, carla):
    dan = a_curator("dan@example.org")
    paper = queued("Moss")
    old = ref(paper)
    actions.hide(versions_of([paper]), "Spam", dan)

    page = press(client, f"list {old}", place="3")

    assert "Changed while you looked at it" in page
    assert "Hidden: Spam" in page
    assert "Dan: hidden" in page
    assert Paper.objects.get().listed_on is None
    fresh = re.search(r'name="paper" value="(\d+:\d+)"', page)
    assert fresh is not None
    client.post(ACT, {"do": "list", "paper": fresh[1], "on": str(TODAY), "place": "3"})
    assert (Paper.objects.get().listed_on, Paper.objects.get().position) == (TODAY, 3)

    undone = client.post(UNDO, {"batch": str(CuratorAction.objects.get(verb="hide").batch)})
    assert undone.status_code == 302  # what Dan hid is still hidden, so it can be undone
    assert Paper.objects.get().hidden_at is None


# --- Duplicates ---


def test_duplicates_are_suggested_side_by_side_and_merged(client):
    authors = ("Ada Quill", "Ben Marsh", "Cleo Fell")
    listed, waiting, stranger = upsert.upsert(
        [
            an_entry(title="Moss grows on northern stones", authors=authors),
            an_entry(
                title="Moss grows on all northern stones",
                authors=authors,
                arxiv_id="",
                doi="10.1234/moss",
            ),
            an_entry(title="Fern", authors=("Dora Pike",)),
        ],
        now=timezone.now(),
        listing=ListingRule.QUEUE,
    ).new

    doubts = client.get("/admin/desk/duplicates/", {"paper": [waiting.pk, stranger.pk]}).text
    assert "1 possible duplicate" in doubts
    assert f"doubt-{stranger.pk}" not in doubts
    page = press(client, f"merge {ref(waiting)}")
    assert "Near title, same authors, within a year" in page
    assert "Moss grows on all northern stones" in page
    assert re.search(rf'value="{listed.pk}" checked', page)  # the one on arXiv
    assert "No paper looks like a duplicate" in press(client, f"merge {ref(stranger)}")
    assert "two to merge" in press(client, "merge", listed, waiting, stranger)

    page = press(client, "merge", listed, waiting, asked="1", keep=listed.pk)

    assert "Merged: “Moss grows on all northern stones”" in page
    assert set(Paper.objects.all()) == {listed, stranger}
    client.post(UNDO)
    assert Paper.objects.count() == 3


# --- Before they go ---


def test_curators_see_the_page_of_a_day_to_come_and_others_do_not(client):
    paper = queued("Moss")
    actions.list_on(versions_of([paper]), TOMORROW, User.objects.get())

    page = client.get(f"/papers/date/{TOMORROW}").text

    assert "Moss" in page
    assert "only curators see this page" in page
    assert Client().get(f"/papers/date/{TOMORROW}").status_code == 404
    reader = Client()
    reader.force_login(a_user())
    assert reader.get(f"/papers/date/{TOMORROW}").status_code == 404
    assert client.get(f"/papers/date/{TODAY}").status_code == 200
    assert "Scheduled for" in Client().get(f"/papers/{paper.key}").text
    assert Client().get(f"/feeds/day/{TOMORROW}.atom").status_code == 404
    assert "Scheduled: readers see" in client.get(f"{DESK}?day={TOMORROW}").text


def test_tomorrows_digest_is_seen_and_paused_before_its_row_exists(client, carla):
    paper = queued("Moss in tomorrow’s digest")
    actions.list_on(versions_of([paper]), TOMORROW, carla)
    subscriber = a_subscriber("sven@example.org")
    address = f"{DIGEST}?day={TOMORROW}"

    page = unescape(client.get(address).text)
    assert "Moss in tomorrow’s digest" in page
    assert "Pause this issue" not in page
    assert 'name="subscriber"' not in page
    for_one = client.get(f"{address}&subscriber={subscriber.address}").text
    assert "Nobody subscribed" not in for_one
    assert not Issue.objects.exists()
    assert client.post(f"{DIGEST}pause/", {"day": str(TOMORROW)}).status_code == 403

    editor = Client()
    rights = ("view_issue", "change_issue", "view_subscriber")
    editor.force_login(a_curator("eva@example.org", *rights))
    Subscription.objects.update(what="author", words="Nobody")
    assert "no email would be sent" in editor.get(f"{address}&subscriber=sven@example.org").text
    assert "Nobody subscribed with this" in editor.get(f"{address}&subscriber=x@example.org").text
    fields = {"day": str(TOMORROW), "frequency": "daily"}
    editor.post(f"{DIGEST}pause/", fields | {"state": "paused"})
    assert Issue.objects.get(period=str(TOMORROW)).state == "paused"
    assert "Paused by Eva" in editor.get(address).text
    assert "Digest: paused" in client.get(f"{DESK}?day={TOMORROW}").text
    editor.post(f"{DIGEST}pause/", fields | {"state": "open"})
    assert Issue.objects.get().state == "open"
    assert editor.get(f"{DIGEST}?day=moss").status_code == 200
