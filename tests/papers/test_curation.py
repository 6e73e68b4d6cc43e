"""The curators' desk: each deed does what it says, is written down, and is for curators alone."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import User
from papers.ingest import retag, samples, upsert
from papers.ingest.listing_day import ListingRule
from papers.models import Alias, Paper, PaperTopic, Picture, Poll, Source, Tombstone, Topic, Upvote
from tests.factories import MARCH_14, a_paper, a_topic, a_user, an_entry
from tests.papers.test_picture_sizes import image_file, png_that_claims

PAPERS = "/admin/papers/paper/"
SOURCES = "/admin/papers/source/"
VOTES = "/admin/papers/upvote/"


@pytest.fixture
def carla(db: None) -> User:
    """She curates."""
    return a_user("carla@example.org", is_staff=True, is_superuser=True)


@pytest.fixture
def desk(carla: User) -> Client:
    client = Client()
    client.force_login(carla)
    return client


def run(desk: Client, page: str, action: str, *rows: object, **asked: object) -> str:
    """Choose rows of a list and run an action on them; the page after it."""
    chosen = {"action": action, "_selected_action": [row.pk for row in rows], **asked}
    response = desk.post(page, chosen, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def ingested(**fields: object) -> Paper:
    return upsert.upsert([an_entry(**fields)], now=timezone.now()).new[0]


def a_source(name: str = "arXiv", **fields: object) -> Source:
    return Source.objects.create(name=name, **({"url": f"http://127.0.0.1/{name}"} | fields))


def log_of(row: object) -> list[str]:
    entries = LogEntry.objects.filter(object_id=row.pk, content_type__model=row._meta.model_name)
    return [entry.get_change_message() for entry in entries]


# --- Pages ---


def test_listed_today_from_the_queue(desk):
    paper = a_paper(listed_on=None, listing_wanted=True)

    run(desk, PAPERS, "list_today", paper)

    today = timezone.localdate()
    assert list(Paper.objects.listed(today, today)) == [paper]
    assert not Paper.objects.queued().exists()
    assert log_of(paper) == [f"Listed on {today}"]


def test_listed_on_the_day_that_a_curator_chose(desk):
    paper = a_paper(listed_on=None)

    run(desk, PAPERS, "list_on_a_day", paper, day="2025-03-14")

    assert Paper.objects.get().listed_on == MARCH_14


def test_without_a_day_nothing_is_listed_and_the_page_says_so(desk):
    paper = a_paper(listed_on=None)

    page = run(desk, PAPERS, "list_on_a_day", paper)

    assert "Choose the day" in page
    assert Paper.objects.get().listed_on is None


def test_listed_when_announced_leaves_out_what_has_no_such_day(desk):
    dated = a_paper(listed_on=None, announced_on=MARCH_14)
    undated = a_paper(listed_on=None)

    page = run(desk, PAPERS, "list_when_announced", dated, undated)

    assert Paper.objects.get(pk=dated.pk).listed_on == MARCH_14
    assert Paper.objects.get(pk=undated.pk).listed_on is None
    assert "Without such a day: 1." in page
    assert log_of(undated) == []


def test_back_to_the_queue(desk):
    paper = a_paper()

    run(desk, PAPERS, "queue", paper)

    assert list(Paper.objects.queued()) == [paper]
    assert log_of(paper) == ["Put into the queue"]


def test_pick_and_no_longer(desk):
    papers = [a_paper(), a_paper()]

    page = run(desk, PAPERS, "feature", *papers)
    assert Paper.objects.filter(featured=True).count() == 2
    assert "Made a pick: 2 papers." in page

    run(desk, PAPERS, "unfeature", papers[0])
    assert list(Paper.objects.filter(featured=True)) == [papers[1]]
    assert log_of(papers[0]) == ["No longer a pick", "Made a pick"]


def test_hidden_with_its_reason_and_shown_again(desk, client):
    paper = a_paper()

    run(desk, PAPERS, "hide", paper, why="off topic")

    paper.refresh_from_db()
    assert paper.hidden_at is not None
    assert paper.hidden_why == "off topic"
    assert client.get(f"/papers/{paper.key}").status_code == 404
    assert log_of(paper) == ["Hidden (off topic)"]

    run(desk, PAPERS, "show", paper)
    assert client.get(f"/papers/{paper.key}").status_code == 200


def test_hidden_and_listed_by_the_form_as_by_the_actions(desk):
    paper = a_paper(listed_on=None, listing_wanted=True)
    change = f"{PAPERS}{paper.pk}/change/"
    form = {
        **{f"papertopic_set-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")},
        **{f"aliases-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")},
    }

    desk.post(change, form | {"listed_on": "2025-03-14", "hidden_why": "a hoax"})

    paper.refresh_from_db()
    assert (paper.listed_on, paper.listing_wanted, paper.hidden_why) == (MARCH_14, False, "a hoax")
    assert paper.listed_at is not None
    assert paper.hidden_at is not None

    desk.post(change, form | {"listed_on": "2025-03-14", "hidden_why": ""})
    assert Paper.objects.visible().get() == paper


@pytest.mark.processes
def test_picture_is_replaced_and_removed_by_hand_and_a_bomb_is_refused(desk, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    paper = a_paper()
    change = f"{PAPERS}{paper.pk}/change/"
    form = {f"{name}-TOTAL_FORMS": "0" for name in ("papertopic_set", "aliases")}
    form |= {f"{name}-INITIAL_FORMS": "0" for name in ("papertopic_set", "aliases")}
    form |= {"listed_on": "2025-03-14", "new_caption": "Moss"}
    assert 'enctype="multipart/form-data"' in desk.get(change).text

    bomb = BytesIO(png_that_claims(100_000, 100_000))
    refused = desk.post(change, form | {"new_picture": bomb}).text
    assert "This file cannot be shown: an image of more than 40,000,000 pixels." in refused
    assert not Picture.objects.exists()

    desk.post(change, form | {"new_picture": BytesIO(image_file())})
    picture = Picture.objects.get()
    assert (picture.state, picture.caption) == ("stored", "Moss")
    assert picture.row_url in desk.get(change).text

    desk.post(change, form)  # the form again, without a file
    assert Picture.objects.get().digest == picture.digest
    assert "Picture removed: 1 paper." in run(desk, PAPERS, "remove_picture", paper)
    assert "removed by a curator" in desk.get(change).text
    run(desk, PAPERS, "find_picture", paper)
    assert Picture.objects.get().state == "pending"
    assert log_of(paper)[:2] == ["Picture to be looked for", "Picture removed"]

    desk.post(change, form | {"no_picture": "on"})
    assert Picture.objects.get().state == "removed"
    assert paper.title in desk.get(f"{PAPERS}?picture__state__exact=removed").text
    assert paper.title not in desk.get(f"{PAPERS}?picture__state__exact=stored").text


def test_form_writes_no_vote_counter(desk, ada, ben):
    paper = a_paper()
    page = desk.get(f"{PAPERS}{paper.pk}/change/").content.decode()
    paper.upvote(ada)  # while the form is open

    assert 'name="votes' not in page
    form = {f"{name}-TOTAL_FORMS": "0" for name in ("papertopic_set", "aliases")}
    form |= {f"{name}-INITIAL_FORMS": "0" for name in ("papertopic_set", "aliases")}
    desk.post(f"{PAPERS}{paper.pk}/change/", form | {"featured": "on", "listed_on": "2025-03-14"})

    paper = Paper.objects.get()
    assert (paper.featured, paper.votes) == (True, 1)


# --- Merging and removing ---


def test_merge_asks_which_stays_and_proposes_the_one_on_arxiv(desk):
    elsewhere = ingested(title="Twice", arxiv_id="", doi="10.1234/twice")
    on_arxiv = ingested(title="Twice again")

    page = run(desk, PAPERS, "merge", elsewhere, on_arxiv)

    assert Paper.objects.count() == 2
    assert re.findall(r'name="keep" value="(\d+)"( checked)?', page) == [
        (str(on_arxiv.pk), " checked"),
        (str(elsewhere.pk), ""),
    ]


def test_merge_moves_votes_and_names(desk, client, ada, ben):
    kept, other = ingested(), ingested(arxiv_id="", doi="10.1234/twice")
    kept.upvote(ada)
    other.upvote(ada)
    other.upvote(ben)

    run(desk, PAPERS, "merge", kept, other, keep=kept.pk)

    assert list(Paper.objects.values_list("pk", "votes")) == [(kept.pk, 2)]
    assert Paper.objects.by_alias("doi", "10.1234/twice") == kept
    assert client.get(f"/papers/{other.key}").headers["Location"].endswith(kept.key)
    assert log_of(kept) == [f"Merged with {other.key}"]
    assert LogEntry.objects.filter(object_id=other.pk, action_flag=3).exists()


@pytest.mark.parametrize("count", [1, 3])
def test_merge_takes_exactly_two(desk, count):
    papers = [a_paper() for _ in range(count)]

    page = run(desk, PAPERS, "merge", *papers, keep=papers[0].pk)

    assert "Choose two papers" in page
    assert Paper.objects.count() == count


def test_removed_paper_is_not_ingested_again(desk):
    entry = an_entry(arxiv_id="2503.99999", doi="10.1234/gone")
    upsert.upsert([entry], now=timezone.now())
    paper = Paper.objects.get()

    desk.post(f"{PAPERS}{paper.pk}/delete/", {"post": "yes"})
    again = upsert.upsert([entry], now=timezone.now())

    assert not Paper.objects.exists()
    assert again.left_out == 1
    assert set(Tombstone.objects.values_list("scheme", "value")) == {
        ("arxiv", "2503.99999"),
        ("doi", "10.1234/gone"),
    }
    assert LogEntry.objects.get().is_deletion()


def test_removed_in_bulk_with_their_votes(desk, ada):
    papers = [ingested(), ingested()]
    for paper in papers:
        paper.upvote(ada)

    asked = run(desk, PAPERS, "delete_selected", *papers)
    assert "Upvotes: 2" in asked
    run(desk, PAPERS, "delete_selected", *papers, post="yes")

    assert not Paper.objects.exists()
    assert not Upvote.objects.exists()
    assert Tombstone.objects.count() == 2


@pytest.mark.slow
def test_sample_papers_go_with_one_action_and_may_come_back(desk):
    real = a_paper()
    count = samples.load()
    assert "Remove the sample papers" in desk.get(PAPERS).content.decode()

    asked = desk.get(f"{PAPERS}remove_samples/")
    assert asked.status_code == 200
    assert Paper.objects.count() == count + 1  # looking removes nothing
    answered = desk.post(f"{PAPERS}remove_samples/", {"_form_submitted": "on"}, follow=True)

    assert f"Removed: {count} papers." in answered.content.decode()
    assert list(Paper.objects.all()) == [real]
    assert not Tombstone.objects.exists()
    assert str(LogEntry.objects.get()) == f"Deleted “{count} sample papers.”"
    assert "Remove the sample papers" not in desk.get(PAPERS).content.decode()
    assert samples.load() == count


# --- Names, topics, votes ---


def test_name_given_by_hand_is_spelled_as_ingest_spells_it(desk):
    paper = a_paper()

    desk.post(
        "/admin/papers/alias/add/", {"scheme": "arXiv", "value": "2502.03793v2", "paper": paper.pk}
    )

    assert Paper.objects.by_alias("arxiv", "2502.03793") == paper


@pytest.mark.parametrize(
    "asked", ["2502.03793", "https://arxiv.org/abs/2502.03793v2", "Bialecki", "lanterns"]
)
def test_paper_is_found_by_name_author_or_word(desk, asked):
    ingested(title="Paper lanterns", authors=("Jörgen Białecki",), arxiv_id="2502.03793")
    ingested(title="Stone bridges")

    page = desk.get(PAPERS, {"q": asked}).content.decode()

    assert "Paper lanterns" in page
    assert "Stone bridges" not in page


def test_queued_paper_gets_its_topics_when_the_rule_changes(desk):
    paper = upsert.upsert(
        [an_entry(categories=("cs.CL",))], now=timezone.now(), listing=ListingRule.QUEUE
    ).new[0]
    topic = a_topic("language")
    fields = {"slug": topic.slug, "name": topic.name, "position": "1", "categories": "cs.CL"}

    response = desk.post(f"/admin/papers/topic/{topic.pk}/change/", fields)

    assert response.status_code == 302
    retag.run()
    assert list(paper.topics.all()) == [topic]


def test_paper_gets_the_topics_of_the_rules_when_it_is_listed(desk):
    paper = upsert.upsert(
        [an_entry(categories=("cs.CL",))], now=timezone.now(), listing=ListingRule.QUEUE
    ).new[0]
    topic = a_topic("language", categories=["cs.CL"])

    run(desk, PAPERS, "list_today", paper)

    assert list(paper.topics.all()) == [topic]


def test_curators_word_on_a_topic_outlives_the_rules(desk):
    ours, theirs = a_topic("ours"), a_topic("theirs", categories=["cs.CL"])
    paper = ingested(listed_on=timezone.localdate())
    by_rule = PaperTopic.objects.get(topic=theirs)
    form = {
        "papertopic_set-TOTAL_FORMS": "2",
        "papertopic_set-INITIAL_FORMS": "1",
        "papertopic_set-0-id": by_rule.pk,
        "papertopic_set-0-paper": paper.pk,
        "papertopic_set-0-topic": theirs.pk,
        "papertopic_set-0-against": "on",
        "papertopic_set-1-paper": paper.pk,
        "papertopic_set-1-topic": ours.pk,
        "aliases-TOTAL_FORMS": "0",
        "aliases-INITIAL_FORMS": "0",
        "listed_on": paper.listed_on.isoformat(),
    }

    response = desk.post(f"{PAPERS}{paper.pk}/change/", form)
    run(desk, "/admin/papers/topic/", "apply", ours, theirs)
    assert retag.run() == 2

    assert response.status_code == 302
    rows = PaperTopic.objects.order_by("topic__slug").values_list("topic__slug", "by", "against")
    assert list(rows) == [("ours", "curator", False), ("theirs", "curator", True)]


def test_voided_vote_no_longer_counts_and_stays_void(desk, ada):
    paper = a_paper()
    paper.upvote(ada)

    run(desk, VOTES, "void", Upvote.objects.get(), why="a ring")

    assert Paper.objects.get().votes == 0
    paper.upvote(ada)
    assert Paper.objects.get().votes == 0
    vote = Upvote.objects.get()
    assert vote.voided_why == "a ring"
    assert log_of(vote) == ["Voided (a ring)"]


# --- Sources ---


def test_source_says_how_it_is_doing(desk):
    now = timezone.now()
    a_source("due one")
    fine = a_source("fine one")
    fine.mark_succeeded(now, etag="", last_modified="")
    a_source("broken one").mark_failed(now, "404: nothing there")
    a_source("sleeping one").disable(now, "moved")

    page = desk.get(SOURCES).content.decode()
    states = re.findall(r"uppercase[^>]*>\s*(\w+)\s*<", page)

    assert sorted(states) == ["disabled", "due", "failing", "ok"]
    assert "404: nothing there" in page
    broken = desk.get(SOURCES, {"state": "failing"}).content.decode()
    assert "broken one" in broken
    assert "fine one" not in broken


def test_polled_now_though_disabled_or_failing(desk):
    now = timezone.now()
    source = a_source()
    source.mark_failed(now, "404")
    source.disable(now, "enough")

    page = run(desk, SOURCES, "poll_now", source)

    assert list(Source.objects.due(timezone.now())) == [source]
    assert "To be polled now: 1 source." in page
    assert "cannot be reached" not in page
    assert log_of(source) == ["To be polled now"]


def test_polled_now_from_its_own_page_only_after_a_question(desk):
    later = timezone.now() + timedelta(hours=1)
    source = a_source(next_poll_at=later)
    button = f"{SOURCES}{source.pk}/poll_this/"

    assert desk.get(button).status_code == 200
    assert not Source.objects.due(timezone.now()).exists()
    answered = desk.post(button, {"_form_submitted": "on"})

    assert answered.headers["Location"] == f"{SOURCES}{source.pk}/change/"
    assert Source.objects.due(timezone.now()).exists()


def test_poll_now_without_a_broker_is_remembered_and_said(desk, broker_down):
    sources = [a_source("one"), a_source("two")]
    Source.objects.update(next_poll_at=timezone.now() + timedelta(hours=1))

    page = run(desk, SOURCES, "poll_now", *sources)

    assert "The broker cannot be reached" in page
    assert Source.objects.due(timezone.now()).count() == 2


def test_disabled_with_its_reason(desk):
    source = a_source()

    run(desk, SOURCES, "disable", source, why="asks for money")

    source.refresh_from_db()
    assert source.disabled_why == "asks for money"
    assert not Source.objects.enabled().exists()
    assert log_of(source) == ["Disabled (asks for money)"]


def test_another_address_forgets_the_validators_of_the_first(desk):
    source = a_source()
    source.mark_succeeded(timezone.now(), etag='"abc"', last_modified="yesterday")
    form = {
        "name": source.name,
        "kind": source.kind,
        "listing": source.listing,
        "polls-TOTAL_FORMS": "0",
        "polls-INITIAL_FORMS": "0",
    }

    desk.post(f"{SOURCES}{source.pk}/change/", form | {"url": "https://example.org/feed"})

    source.refresh_from_db()
    assert (source.url, source.etag, source.last_modified) == ("https://example.org/feed", "", "")
    assert source.last_success_at is not None


def test_source_shows_its_last_polls(desk):
    source = a_source()
    Poll.objects.create(source=source, status=503, error="the server answered 503")

    assert "the server answered 503" in desk.get(f"{SOURCES}{source.pk}/change/").content.decode()


# --- Who may ---


def test_anonymous_is_sent_to_sign_in(client, db):
    paper = a_paper()

    for path in ("/admin/", PAPERS, f"{PAPERS}remove_samples/"):
        response = client.get(path, follow=True)
        assert response.redirect_chain[-1][0].startswith("/accounts/login/")
    client.post(PAPERS, {"action": "hide", "_selected_action": [paper.pk]})

    assert Paper.objects.visible().exists()


def test_reader_is_refused(client, ada):
    paper = a_paper()
    client.force_login(ada)

    response = client.get(PAPERS, follow=True)
    client.post(PAPERS, {"action": "hide", "_selected_action": [paper.pk]})

    assert response.status_code == 403
    assert Paper.objects.visible().exists()


def test_staff_may_do_what_their_permissions_say(client, ada):
    paper = a_paper(is_sample=True)
    ada.is_staff = True
    ada.save()
    ada.user_permissions.add(Permission.objects.get(codename="view_paper"))
    client.force_login(ada)

    page = client.get(PAPERS)
    client.post(PAPERS, {"action": "hide", "_selected_action": [paper.pk]})
    removal = client.post(f"{PAPERS}remove_samples/", {"_form_submitted": "on"})

    assert page.status_code == 200
    assert Alias.objects.count() == 0
    assert removal.status_code == 403
    assert Topic.objects.count() == 0
    assert list(Paper.objects.visible()) == [paper]
