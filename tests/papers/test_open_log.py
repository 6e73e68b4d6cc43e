"""The open log shows everybody what curators did, and nothing that is not theirs to know."""

from typing import Any

import feedparser
import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from papers.curation import actions, order, undo
from papers.curation.changes import versions_of
from papers.models import CuratorAction, Paper, PaperTopic, Source, Topic, Upvote
from tests.factories import MARCH_14, a_paper, a_topic, a_user

pytestmark = pytest.mark.django_db
Verb = CuratorAction.Verb
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def carla(db: None) -> User:
    """She curates."""
    return a_user("carla@example.org", name="Carla Fern", is_staff=True, is_superuser=True)


@pytest.fixture
def admin(client: Client, carla: User) -> Client:
    client.force_login(carla)
    return client


def page(address: str = "/log") -> str:
    response = Client().get(address)
    assert response.status_code == 200
    return response.content.decode()


def run(admin: Client, model: str, action: str, *rows: Any, **fields: str) -> None:
    data = {"action": action, "_selected_action": [row.pk for row in rows], **fields}
    assert admin.post(f"/admin/papers/{model}/", data).status_code == 302


def verbs() -> list[tuple[str, str]]:
    return list(CuratorAction.objects.order_by("pk").values_list("verb", "about"))


def test_an_action_is_shown_with_paper_curator_and_reason_and_both_link(carla: User) -> None:
    paper = a_paper(f"Moss {HOSTILE}")
    a_paper("Quiet")
    actions.pick(versions_of([paper]), carla)
    CuratorAction.objects.update(why=f"{HOSTILE} as ada.quill@example.org wrote", details=HOSTILE)

    shown = page()

    assert f'<a href="/papers/{paper.key}">Moss &lt;script&gt;' in shown
    assert "Made an editors’ pick" in shown
    assert "Carla Fern" in shown
    assert HOSTILE not in shown
    assert "(an address) wrote" in shown
    assert "@example.org" not in shown
    assert f'href="/log?paper={paper.key}"' in page(f"/papers/{paper.key}")
    assert "Made an editors’ pick" in page(f"/log?paper={paper.key}")


def test_names_are_those_of_the_curators_unless_the_setting_or_they_say_no(
    carla: User, settings: Settings
) -> None:
    dan = a_user("dan@example.org", is_staff=True)
    actions.pick(versions_of([a_paper()]), dan)
    assert "a curator" in page()
    assert "dan@" not in page()

    settings.CURATORS_NAMED = False
    actions.pick(versions_of([a_paper()]), carla)

    assert "Carla" not in page()


def test_undone_entries_say_so(carla: User) -> None:
    (entry,) = actions.pick(versions_of([a_paper()]), carla)
    undo.undo(entry.batch, carla)

    assert "<b>Undone</b> by Carla Fern" in page()
    assert "Undone: Made an editors’ pick" in Client().get("/feeds/log.atom").content.decode()


def test_private_entries_and_titles_of_hidden_papers_are_not_shown(carla: User) -> None:
    hidden, deleted, moved = a_paper("Slander of Ada"), a_paper("Spam and ham"), a_paper("Along")
    actions.hide(versions_of([hidden]), "Off topic", carla)
    actions.pick(versions_of([deleted]), carla)
    order.place(versions_of([moved]), 1, carla)
    CuratorAction.objects.filter(paper=moved).update(is_public=False)
    deleted.delete()

    shown = page() + Client().get("/feeds/log.json").content.decode()

    assert f"<b>Hidden</b> {hidden.key}" in shown
    assert "Off topic" in shown
    for title in ("Slander", "Spam and ham", "Along"):
        assert title not in shown
    assert Client().get(f"/log?paper={hidden.key}").status_code == 404


def test_what_the_admin_does_to_topics_is_logged(admin: Client) -> None:
    a_paper("Pixels")
    form = {"name": "Vision", "slug": "vision", "position": 1, "categories": "cs.CV", "words": ""}
    admin.post("/admin/papers/topic/add/", form)
    topic = Topic.objects.get(slug="vision")
    change = f"/admin/papers/topic/{topic.pk}/change/"
    form["initial-categories"] = "cs.CV"
    admin.post(change, form)  # nothing changed, nothing logged
    admin.post(change, form | {"words": "pixels"})
    run(admin, "topic", "apply", topic)
    assert '<a href="/topics/vision">Vision</a>' in page("/log?about=topic")
    admin.post(f"/admin/papers/topic/{topic.pk}/delete/", {"post": "yes"})

    assert verbs() == [(verb, "topic") for verb in ("add", "change", "change", "remove")]
    shown = page("/log?about=topic")
    assert "words" in shown
    assert "/topics/vision" not in shown


def test_topics_given_and_taken_in_the_admin_are_logged_as_changes_of_the_paper(
    admin: Client,
) -> None:
    paper, topic = a_paper("Pixels"), a_topic("vision")
    form = {"paper": paper.pk, "topic": topic.pk}
    admin.post("/admin/papers/papertopic/add/", form)
    row = PaperTopic.objects.get()
    admin.post(f"/admin/papers/papertopic/{row.pk}/change/", form | {"against": "on"})
    admin.post(f"/admin/papers/papertopic/{row.pk}/delete/", {"post": "yes"})
    assert verbs() == [("change", "paper")] * 3
    shown = page("/log")
    for details in (f"topics + {topic}", f"topics − {topic}", f"topics: {topic} is left to"):
        assert details in shown
    assert not CuratorAction.objects.undoable().exists()


def test_what_the_admin_does_to_sources_is_logged_without_their_address(admin: Client) -> None:
    source = Source.objects.create(name="Lab", url="http://127.0.0.1/feed?key=secret")
    run(admin, "source", "disable", source)
    assert verbs() == []  # no reason, nothing done
    run(admin, "source", "disable", source, why="asks for money")
    run(admin, "source", "poll_now", source)
    run(admin, "source", "poll_now", source)  # it was on

    assert verbs() == [("disable", "source"), ("enable", "source")]
    assert "asks for money" in page("/log?about=source")
    assert "secret" not in page()


def test_voids_are_logged_for_each_paper_and_not_by_whom_the_votes_were(admin: Client) -> None:
    moss, fern, reader = a_paper("Moss"), a_paper("Fern"), a_user(name="Ring Reader")
    votes = [Upvote.objects.create(paper=moss, user=user) for user in (reader, a_user())]
    votes.append(Upvote.objects.create(paper=fern, user=reader))
    run(admin, "upvote", "void", *votes)
    assert Upvote.objects.active().count() == 3  # no reason, nothing done
    run(admin, "upvote", "void", *votes, why="a ring")

    shown = page("/log?about=vote")
    assert "2 votes" in shown
    assert "1 vote " in shown
    assert "a ring" in shown
    assert "Ring Reader" not in shown
    assert admin.post("/admin/desk/undo/").status_code == 302  # the desk has nothing to undo
    assert not CuratorAction.objects.exclude(undone_at=None)


def test_what_the_admin_does_to_papers_is_logged_once(admin: Client) -> None:
    paper = a_paper("Moss")
    address = f"/admin/papers/paper/{paper.pk}/"
    form = admin.get(f"{address}change/").context["adminform"].form
    data = {name: form[name].value() or "" for name in form.fields}
    for prefix in ("papertopic_set", "aliases"):
        data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    admin.post(f"{address}change/", data | {"code_url": "https://example.org/x", "featured": "on"})
    admin.post(f"{address}delete/", {"post": "yes"})

    logged = CuratorAction.objects.order_by("pk").values_list("verb", "details", "about_key")
    assert list(logged) == [
        ("pick", "", paper.key),
        ("change", "code url", paper.key),
        ("remove", "", paper.key),
    ]
    assert not Paper.objects.exists()
    assert "Moss" not in page()


def test_pages_hold_sixty_and_lead_to_older_ones(
    carla: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    actions.pick(versions_of([a_paper() for _ in range(61)]), carla)
    first = CuratorAction.objects.earliest("pk").pk

    with django_assert_max_num_queries(2):
        shown = page()

    assert shown.count("<li id=") == 60
    assert f'href="/log?before={first + 1}"' in shown
    assert page(f"/log?before={first + 1}").count("<li id=") == 1
    for address, status in [
        ("/log?before=x", 404),
        ("/log?paper=nothing", 404),
        ("/log?about=people", 400),
        ("/log?before=1&about=vote", 200),
    ]:
        assert Client().get(address).status_code == status, address


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
def test_feed_has_an_entry_with_an_id_for_each_action(carla: User, form: str) -> None:
    paper = a_paper(f"Moss {HOSTILE}")
    actions.pick(versions_of([paper, a_paper()]), carla)
    actions.list_on(versions_of(Paper.objects.filter(pk=paper.pk)), MARCH_14, carla)

    response = Client().get(f"/feeds/log.{form}")

    assert response.status_code == 200
    if form == "json":
        items = response.json()["items"]
        assert len({item["id"] for item in items}) == len(items) == 3
        assert HOSTILE not in items[0]["content_html"]
    else:
        entries = feedparser.parse(response.content).entries
        assert len({entry.id for entry in entries}) == len(entries) == 3
        newest = CuratorAction.objects.latest("pk").pk
        assert entries[0].link.endswith(f"/log?before={newest + 1}#entry-{newest}")


def test_empty_log_says_what_will_be_here() -> None:
    assert "it is written down here" in page()
    assert "No curator has" in page(f"/log?paper={a_paper().key}")
