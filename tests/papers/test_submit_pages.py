"""Adding a paper on the pages: by id, DOI, address or by hand; what is refused, and says why."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from papers import tasks
from papers.models import Paper, RecordLookup, Submission
from papers.submissions import stored_entry
from papers.submissions.accept import MAX_PER_DAY
from papers.views import submit
from papers.web import rate_limits
from tests.conftest import FeedServer
from tests.factories import a_paper, a_user, an_entry
from tests.hostile import HOSTILE
from tests.papers.test_record_lookups import archive  # noqa: F401 a fixture

pytestmark = pytest.mark.django_db
HAND: dict[str, Any] = {
    "link": "https://lichen.example.org/1.pdf",
    "title": "On lichen",
    "authors": "Ada Quill, Ben Marsh",
    "abstract": "We watch lichen.",
    "why": "It grows.",
}


def a_reader(**fields: Any) -> User:
    reader = a_user(**fields)
    reader.emailaddress_set.create(email=reader.email, verified=True, primary=True)
    return reader


def client_of(reader: User) -> Client:
    client = Client()
    client.force_login(reader)
    return client


@pytest.fixture
def reader() -> User:
    return a_reader(name="Ada Quill")


@pytest.fixture
def client(reader: User) -> Client:
    return client_of(reader)


@pytest.fixture
def curator() -> User:
    curator = a_reader(is_staff=True)
    curator.user_permissions.add(Permission.objects.get(codename="change_paper"))
    return curator


def page(client: Client, pasted: str) -> str:
    return client.get(f"/submit?id={quote(pasted, safe='')}").content.decode()


def look_up_all() -> None:
    for row in RecordLookup.objects.due(timezone.now()):
        tasks.look_up(row.pk)


def found(arxiv_id: str = "2503.00001", **fields: Any) -> None:
    """As a worker would have found it."""
    row = RecordLookup.objects.start("arxiv", arxiv_id, timezone.now())
    entry = an_entry(arxiv_id=arxiv_id, **fields)
    RecordLookup.objects.filter(pk=row.pk).update(
        state="found", archive="arXiv", record=stored_entry.to_json(entry)
    )


# --- From an id to a card to a submission ---


@pytest.mark.processes
@pytest.mark.parametrize(
    ("pasted", "spelling", "title"),
    [
        ("https://arxiv.org/pdf/2503.00001v2", "2503.00001", "On moss"),
        ("doi:10.5555/Moss.1", "10.5555/moss.1", "Moss takes up CO₂ at night"),
        ("https://doi.org/10.5555/fern.2", "10.5555/fern.2", "A fern"),
        (
            "https://openreview.net/pdf?id=aBcDeFgH12",
            "https://openreview.net/forum?id=aBcDeFgH12",
            "Learning from lichen",
        ),
    ],
)
def test_pasting_leads_to_the_archives_card_and_on_to_the_queue(
    client: Client,
    reader: User,
    archive: FeedServer,  # noqa: F811
    pasted: str,
    spelling: str,
    title: str,
) -> None:
    address = client.post("/submit", {"id": pasted}).headers["Location"]
    assert address == f"/submit?id={quote(spelling, safe='')}"

    waiting = client.get(address).content.decode()
    assert "Looking up" in waiting
    assert 'http-equiv="refresh"' in waiting  # without JavaScript
    look_up_all()
    card = client.get(address).content.decode()
    assert title in card
    assert "Add this paper" in card

    done = client.post("/submit/confirm", {"id": spelling, "why": "It grows.", "mail_wanted": "on"})

    assert done.headers["Location"] == "/me/submitted"
    submission = Submission.objects.get()
    assert (submission.submitter, submission.why, submission.mail_wanted) == (
        (reader, "It grows.", True)
    )
    assert Paper.objects.queued().get().votes == 1
    shown = client.get("/me/submitted").content.decode()
    assert title in shown
    assert "Waits for the editors" in shown
    assert "waits for an editor" in client.get(address).content.decode()


def test_two_clicks_on_confirm_are_one(client: Client) -> None:
    found()
    for _ in range(2):
        done = client.post("/submit/confirm", {"id": "2503.00001"})
        assert done.headers["Location"] == "/me/submitted"

    assert Submission.objects.count() == Paper.objects.count() == 1


def test_what_no_archive_has_and_a_silent_archive_lead_to_the_form(client: Client) -> None:
    for state, words in (("missing", "No archive has a record"), ("failed", "did not answer")):
        RecordLookup.objects.update_or_create(
            scheme="doi", value="10.5555/x", defaults={"state": state, "archive": "Crossref"}
        )
        shown = page(client, "10.5555/x")
        assert words in shown
        assert "/submit/by-hand?link=https%3A%2F%2Fdoi.org%2F10.5555%2Fx" in shown
    assert "No archive that we know" in page(client, "https://moss.example.org/1.pdf")
    assert "no such paper on this site" in page(client, "p12345678")


def test_a_trusted_readers_paper_is_on_todays_page_at_once() -> None:
    found(title="On moss")
    client = client_of(a_reader(is_trusted=True))

    done = client.post("/submit/confirm", {"id": "2503.00001"})

    assert done.headers["Location"] == "/papers/2503.00001"
    assert Paper.objects.listed(timezone.localdate(), timezone.localdate()).get().title == "On moss"


def test_a_curator_chooses_the_day_on_the_card(curator: User) -> None:
    found()
    client = client_of(curator)
    assert 'type="date"' in page(client, "2503.00001")

    wrong = client.post("/submit/confirm", {"id": "2503.00001", "day": "soon", "why": "It grows."})
    assert "Write the day as" in wrong.content.decode()
    assert "It grows." in wrong.content.decode()
    client.post("/submit/confirm", {"id": "2503.00001", "day": "2025-03-14"})

    assert Paper.objects.get().listed_on == date(2025, 3, 14)


def test_the_admins_add_paper_leads_here(curator: User) -> None:
    response = client_of(curator).get("/admin/papers/paper/add/")

    assert response.headers["Location"] == "/submit"


def test_a_record_that_is_too_old_is_looked_up_again(client: Client) -> None:
    found()
    RecordLookup.objects.update(requested_at=timezone.now() - timedelta(days=2))

    done = client.post("/submit/confirm", {"id": "2503.00001"})

    assert done.headers["Location"] == "/submit?id=2503.00001"
    assert "Looking up" in page(client, "2503.00001")


# --- What is here already ---


def test_a_paper_that_is_here_is_shown_with_its_upvote(client: Client) -> None:
    paper = a_paper("On moss")
    paper.aliases.create(scheme="arxiv", value=paper.key)

    shown = page(client, f"https://arxiv.org/abs/{paper.key}v3")

    assert "here already" in shown
    assert f'action="/papers/{paper.key}/upvote"' in shown
    done = client.post("/submit/confirm", {"id": paper.key})
    assert done.headers["Location"] == f"/submit?id={paper.key}"
    assert not Submission.objects.exists()


def test_a_paper_of_an_import_that_is_on_no_page_can_be_added(client: Client) -> None:
    paper = a_paper("On moss", listed_on=None)
    paper.aliases.create(scheme="arxiv", value=paper.key)
    assert "Add this paper" in page(client, paper.key)

    client.post("/submit/confirm", {"id": paper.key})

    assert Paper.objects.queued().get() == paper


def test_hidden_and_deleted_papers_are_refused_in_plain_words(client: Client) -> None:
    hidden, deleted = a_paper(), a_paper()
    for paper in (hidden, deleted):
        paper.aliases.create(scheme="arxiv", value=paper.key)
    hidden.hide("Spam: says Ben")
    Paper.objects.filter(pk=deleted.pk).delete_forever("removed by ben@example.org")

    pages = page(client, hidden.key), page(client, deleted.key)

    assert "editors have hidden this paper" in pages[0]
    assert "editors removed this paper" in pages[1]
    assert not [shown for shown in pages if "Ben" in shown or "ben@" in shown]


def test_what_another_reader_described_is_not_shown_before_it_is_listed(client: Client) -> None:
    client_of(a_reader()).post("/submit/by-hand", HAND)

    shown = page(client, HAND["link"])

    assert "waits for the editors" in shown
    assert "On lichen" not in shown
    paper = Paper.objects.get()
    assert client.get(paper.get_absolute_url()).status_code == 404
    assert "On lichen" not in client.get("/search?q=lichen").content.decode()


# --- By hand ---


def test_a_paper_by_hand_waits_in_the_queue(client: Client, reader: User) -> None:
    done = client.post("/submit/by-hand", HAND)

    assert done.headers["Location"] == "/me/submitted"
    paper = Paper.objects.queued().get()
    assert (paper.title, paper.authors) == ("On lichen", ["Ada Quill", "Ben Marsh"])
    assert (paper.abstract_url, paper.pdf_url) == (HAND["link"], HAND["link"])
    assert (paper.submitter, paper.submitter_name) == (reader, "Ada Quill")
    client.post("/submit/by-hand", HAND)
    assert Submission.objects.count() == Paper.objects.count() == 1


def test_a_paper_by_hand_that_is_on_a_page_leads_there(client: Client) -> None:
    paper = a_paper("On moss")
    paper.aliases.create(scheme="arxiv", value=paper.key)

    done = client.post("/submit/by-hand", HAND | {"link": f"https://arxiv.org/abs/{paper.key}"})

    assert done.headers["Location"] == f"/submit?id={paper.key}"


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("title", "", "Title: this is missing."),
        ("title", "x" * 10_000, "10000 characters; at most 300 are possible."),
        ("title", "<script>alert(1)</script>", "has HTML in it"),
        ("title", "On \x00 moss", "Null characters"),
        ("title", "{}", "letters"),
        ("title", "${}\\mbox{}$", "no title"),
        ("authors", "1, 2", "no name"),
        ("authors", "<b>Ada</b>", "has HTML in it"),
        ("abstract", "<img src=x onerror=alert(1)>", "has HTML in it"),
        ("abstract", "x" * 10_000, "at most 6,000 are possible"),
        ("link", "javascript:alert(1)", "no web address"),
        ("link", "https://user:pass@example.org/", "no web address"),
        ("link", "http://127.0.0.1/x", "private network"),
        ("link", "http://192.168.1.1:8000/x", "private network"),
        ("link", "http://[::1]/x", "private network"),
        ("link", "http://wiki/x", "private network"),
        ("link", "http://printer.local/x", "private network"),
        ("why", "x" * 301, "at most 300 are possible"),
    ],
)
def test_rubbish_is_named_and_nothing_that_was_typed_is_lost(
    client: Client, settings: Settings, field: str, value: str, error: str
) -> None:
    settings.FETCH_ALLOW_PRIVATE = False
    response = client.post("/submit/by-hand", HAND | {field: value})

    shown = response.content.decode()
    assert error in shown
    assert "<script>alert(1)" not in shown
    assert "<img src=x" not in shown
    form = response.context["form"]
    assert form[field].value() == value
    assert all(form[name].value() == typed for name, typed in HAND.items() if name != field)
    assert not Paper.objects.exists()


@pytest.mark.slow
def test_hostile_words_are_shown_as_they_are(client: Client) -> None:
    for text in HOSTILE[::10]:
        RecordLookup.objects.all().delete()
        Paper.objects.all().delete()
        Submission.objects.all().delete()
        found(title=f"A {text}", abstract=text, authors=(f"A {text}",))
        shown = [page(client, "2503.00001"), page(client, text[:100])]
        shown.append(client.post("/submit", {"id": text}, follow=True).content.decode())
        client.post("/submit/confirm", {"id": "2503.00001", "why": text[:300].replace("\x00", "")})
        shown.append(client.get("/me/submitted").content.decode())
        assert Submission.objects.exists()
        assert not [one for one in shown if "<script>alert" in one or "<img src=x" in one]


# --- Limits ---


@pytest.mark.slow
def test_the_limit_of_a_day_is_said_on_the_card_and_keeps_what_was_typed(client: Client) -> None:
    for number in range(MAX_PER_DAY + 1):
        found(f"2503.1{number:04}")
        response = client.post(
            "/submit/confirm", {"id": f"2503.1{number:04}", "why": "It grows."}, follow=True
        )

    shown = response.content.decode()
    assert "10 papers today" in shown
    assert 'value="It grows."' in shown
    assert Submission.objects.count() == MAX_PER_DAY


def test_lookups_are_limited_by_client(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submit, "LOOKUP_LIMIT", rate_limits.Policy("look-up-test", 1, 600))

    first, second = (client.get(f"/submit?id=2503.0000{number}") for number in (1, 2))

    assert (first.status_code, second.status_code) == (200, 429)
    assert "try again in" in second.content.decode()
    assert 'value="2503.00002"' in second.content.decode()
    assert client.get("/submit?id=2503.00001").status_code == 200  # nothing new is looked up


@pytest.mark.usefixtures("broker_down")
def test_without_a_broker_the_page_waits_for_the_sweep(client: Client) -> None:
    assert "Looking up" in page(client, "2503.00001")


# --- Who ---


def test_others_sign_in_and_come_back() -> None:
    for address in ("/submit?id=2503.00001", "/me/submitted", "/submit/by-hand"):
        whereto = Client().get(address).headers["Location"]
        assert whereto == f"/accounts/login/?next={quote(address)}"


def test_without_a_confirmed_address_nothing_is_added(settings: Settings) -> None:
    found()
    client = client_of(a_user())

    response = client.post("/submit/confirm", {"id": "2503.00001"})

    assert "confirmed address" in response.content.decode()
    assert not Submission.objects.exists()


def test_each_reader_sees_their_own_papers_alone(client: Client) -> None:
    found(title="On moss")
    client.post("/submit/confirm", {"id": "2503.00001"})

    assert "On moss" in client.get("/me/submitted").content.decode()
    assert "On moss" not in client_of(a_reader()).get("/me/submitted").content.decode()


def test_the_page_of_ones_papers_says_what_became_of_them(client: Client) -> None:
    for number in (1, 2, 3):
        found(f"2503.0000{number}")
        client.post("/submit/confirm", {"id": f"2503.0000{number}"})
    listed, hidden, scheduled = Paper.objects.order_by("key")
    listed.list_on(date(2025, 3, 14))
    hidden.hide("Off topic: cooking")
    scheduled.list_on(timezone.localdate() + timedelta(days=2))

    shown = client.get("/me/submitted").content.decode()

    assert "On the page of" in shown
    assert "Friday, 14 March 2025" in shown
    assert "Not listed: Off topic: cooking" in shown
    assert "Will be on the page of" in shown


# --- Ways to it ---


def test_the_404_of_an_id_offers_to_add_the_paper() -> None:
    for path in ("/papers/2502.99999", "/papers/2502.99999v2", "/abs/2502.99999"):
        response = Client().get(path)
        assert response.status_code == 404
        assert 'href="/submit?id=2502.99999"' in response.content.decode()
    assert "/submit?id=" not in Client().get("/papers/moss").content.decode()


def test_every_page_links_here_and_this_page_has_a_bookmark(client: Client) -> None:
    assert 'href="/submit"' in Client().get("/about").content.decode()
    assert "javascript:location.href=" in client.get("/submit").content.decode()


# --- Trust ---


def test_a_curator_trusts_a_reader_from_the_list_of_users(curator: User, reader: User) -> None:
    for codename in ("view_user", "trust_user"):
        curator.user_permissions.add(Permission.objects.get(codename=codename))
    client = client_of(curator)

    for action, is_trusted in (("trust", True), ("trust_no_longer", False)):
        fields = {"action": action, "_selected_action": [reader.pk]}
        client.post("/admin/accounts/user/", fields)
        reader.refresh_from_db()
        assert reader.is_trusted is is_trusted

    changes = LogEntry.objects.filter(object_id=reader.pk).values_list("change_message", flat=True)
    assert sorted(changes) == ["No longer trusted with papers", "Trusted with papers"]
