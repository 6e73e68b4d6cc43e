"""Every page of the admin opens, within a bounded number of queries, under its own policy."""

from datetime import date
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CuratorNote, User
from comments.models import Comment
from library.models import ReadingList
from papers.ingest import upsert
from papers.models import (
    Backfill,
    Paper,
    PaperTopic,
    Poll,
    Report,
    Source,
    Submission,
    Tombstone,
    Topic,
    Upvote,
    VoteRing,
)
from profiles.models import Claim
from tests.factories import a_topic, a_user, an_entry

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
OURS = [model for model in MODELS if not model._meta.label.startswith("subscriptions.")]
QUERIES = 30  # what a page may ask for, however many rows it shows


@pytest.fixture
def desk(db: None) -> Client:
    client = Client()
    client.force_login(a_user("carla@example.org", is_staff=True, is_superuser=True))
    return client


def some_of_everything(count: int) -> None:
    now = timezone.now()
    carla = User.objects.get(email="carla@example.org")
    for number in range(count):
        topic = a_topic(categories=["cs.CL"])
        source = Source.objects.create(
            name=f"Source {topic.slug}", url=f"http://127.0.0.1/{topic.slug}"
        )
        source.topics.add(topic)
        paper = upsert.upsert([an_entry()], now=now, source=source).new[0]
        PaperTopic.objects.filter(paper=paper).update(by="curator")
        reader = a_user()
        reader.emailaddress_set.create(email=reader.email)
        reader.authenticator_set.create(type="totp", data={})
        reader.socialaccount_set.create(provider="orcid", uid=topic.slug)
        paper.upvote(reader)
        Submission.objects.create(paper=paper, submitter=reader, title=paper.title)
        Comment.objects.create(paper=paper, author=reader, text="Well.")
        own = ReadingList.objects.create(owner=reader, title="Moss", is_public=True)
        own.reports.create(reporter=carla, words="Spam")
        CuratorNote.objects.create(about=paper, author=carla, text="Look again.")
        Claim.objects.create(reader=reader, author="Ada Quill", evidence=Claim.Evidence.ORCID)
        Report.objects.create(paper=paper, reporter=reader, reason=Report.Reason.WRONG)
        VoteRing.objects.create(papers=[paper.key], common=8, expected=0.5).accounts.add(reader)
        Poll.objects.create(source=source, finished_at=now, error="late")
        Backfill.objects.create(source=source, since=date(2025, 1, 1), until=date(2025, 2, 1))
        Tombstone.objects.create(scheme="doi", value=f"10.1234/{topic.slug}")
        Group.objects.create(name=f"Group {topic.slug}")
        LogEntry.objects.log_actions(carla.pk, [paper], CHANGE, f"Change {number}")


def asks(desk: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = desk.get(path)
    assert response.status_code == 200, path
    return len(queries)


def pages_of(model: type[Model]) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
@pytest.mark.sweep
def test_every_list_and_form_opens(desk, model):
    some_of_everything(2)
    pages = pages_of(model)

    assert asks(desk, pages) <= QUERIES
    may_add = desk.get(f"{pages}add/").status_code != 403  # what only the machine writes
    if may_add and model is not Paper:  # which leads to /submit
        assert asks(desk, f"{pages}add/") <= QUERIES
    row = model._default_manager.first()
    assert row is not None or model not in OURS
    if row is not None:
        assert asks(desk, f"{pages}{row.pk}/change/") <= QUERIES
        assert asks(desk, f"{pages}{row.pk}/history/") <= QUERIES


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
@pytest.mark.sweep
def test_longer_list_asks_no_more(desk, model):
    some_of_everything(2)
    asks(desk, pages_of(model))
    few = asks(desk, pages_of(model))

    some_of_everything(6)

    assert asks(desk, pages_of(model)) <= few


@pytest.mark.slow
@pytest.mark.parametrize("model", [Paper, Source, Topic, User], ids=lambda model: model._meta.label)
def test_removal_asks_with_counts_however_much_goes_along(desk, model):
    some_of_everything(2)
    row = model.objects.exclude(**{"is_staff": True} if model is User else {}).earliest("pk")
    path = f"{pages_of(model)}{row.pk}/delete/"
    few = asks(desk, path)
    paper = Paper.objects.earliest("pk")
    source = Source.objects.earliest("pk")
    for _ in range(20):
        paper.upvote(a_user())
        Poll.objects.create(source=source)

    assert asks(desk, path) <= few
    assert desk.post(path, {"post": "yes"}).status_code == 302
    assert not model.objects.filter(pk=row.pk).exists()


def test_overview_says_how_the_house_is(desk):
    some_of_everything(1)
    source = Source.objects.get()
    source.mark_failed(timezone.now(), "404: nothing there")

    page = desk.get("/admin/overview/").content.decode()

    assert "404: nothing there" in page
    assert "Change 0" in page
    assert asks(desk, "/admin/overview/") <= QUERIES


@pytest.mark.parametrize("path", ["/admin/", "/admin/overview/", "/admin/papers/paper/"])
def test_theme_may_evaluate_on_its_own_pages_alone(desk, path):
    policy = desk.get(path).headers["Content-Security-Policy"]
    elsewhere = desk.get("/about").headers["Content-Security-Policy"]

    assert "script-src 'self' 'unsafe-eval'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in elsewhere


def test_search_beside_the_sidebar_finds_a_model(desk):
    assert "Sources" in desk.get("/admin/search/", {"s": "sourc"}).content.decode()


def test_autocomplete_finds_topics_papers_and_people(desk):
    some_of_everything(1)
    paper, topic, vote = Paper.objects.get(), Topic.objects.get(), Upvote.objects.get()

    def found(model: str, field: str, term: Any) -> list[str]:
        asked = {"app_label": "papers", "model_name": model, "field_name": field, "term": term}
        answer = desk.get("/admin/autocomplete/", asked).json()
        return [row["id"] for row in answer["results"]]

    assert found("papertopic", "topic", topic.name) == [str(topic.pk)]
    assert found("papertopic", "paper", paper.key) == [str(paper.pk)]
    assert found("paper", "submitter", vote.user.email) == [str(vote.user.pk)]
