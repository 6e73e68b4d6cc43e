"""Readers report papers; curators see the open reports in one list and decide them."""

import pytest
from django.test import Client

from accounts.models import User
from papers.models import CuratorAction, Paper, Report
from papers.models.report import MAX_REPORTS_A_DAY, MAX_WORDS_CHARS
from subscriptions import personal_data
from tests.factories import a_paper, a_user

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def ada(client: Client) -> User:
    """She reads, and is signed in."""
    ada = a_user("ada@example.org")
    client.force_login(ada)
    return ada


@pytest.fixture
def admin(db: None) -> Client:
    admin = Client()
    admin.force_login(a_user(is_staff=True, is_superuser=True, name="Carla Fern"))
    return admin


def report(client: Client, paper: Paper, reason: str = "spam", words: str = "") -> str:
    address = f"{paper.get_absolute_url()}/report"
    response = client.post(address, {"reason": reason, "words": words}, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def decide(admin: Client, action: str, *reports: Report) -> None:
    data = {"action": action, "_selected_action": [row.pk for row in reports]}
    assert admin.post("/admin/papers/report/", data).status_code == 302


def test_who_is_not_signed_in_is_led_to_sign_in_and_back_to_the_paper(client: Client) -> None:
    paper = a_paper(key="hep-th/9901001")
    page = client.get("/papers/hep-th/9901001")

    assert "Report a problem" in page.content.decode()
    assert "csrf" not in page.content.decode()
    response = client.post("/papers/hep-th/9901001/report", {"reason": "spam"})
    assert response["Location"] == "/accounts/login/?next=%2Fpapers%2Fhep-th%2F9901001"
    assert client.get("/papers/hep-th/9901001/report")["Location"] == paper.get_absolute_url()
    assert not Report.objects.exists()


def test_a_report_is_kept_once_while_it_is_open(client: Client, ada: User, admin: Client) -> None:
    paper = a_paper()
    assert 'action="/papers/' in client.get(paper.get_absolute_url()).content.decode()

    assert "Thank you" in report(client, paper, "wrong", f"Ben is no author {HOSTILE}")
    assert "already" in report(client, paper, "spam")
    decide(admin, "dismiss", Report.objects.get())
    assert "Thank you" in report(client, paper, "spam")

    assert list(Report.objects.order_by("pk").values_list("reason", "state")) == [
        ("wrong", "dismissed"),
        ("spam", "open"),
    ]


@pytest.mark.parametrize(
    ("reason", "words", "error"),
    [
        ("", "It is odd", "Choose what the problem is."),
        ("odd", "It is odd", "Select a valid choice"),
        ("wrong", "  ", "Say what is wrong."),
        ("spam", "x" * (MAX_WORDS_CHARS + 1), "501 characters; at most 500 are possible."),
        ("spam", HOSTILE * 100, "&lt;script&gt;"),
    ],
)
def test_a_bad_report_is_explained_and_its_words_stay(
    client: Client, ada: User, reason: str, words: str, error: str
) -> None:
    page = report(client, a_paper(), reason, words)

    assert error in page
    assert words[:10].strip().replace("<", "&lt;").replace(">", "&gt;") in page
    assert HOSTILE not in page
    assert not Report.objects.exists()


def test_a_reader_reports_so_many_papers_a_day(client: Client, ada: User) -> None:
    for _ in range(MAX_REPORTS_A_DAY):
        Report.objects.create(paper=a_paper(), reporter=ada, reason="spam")

    assert "Please go on tomorrow" in report(client, a_paper())
    assert Report.objects.count() == MAX_REPORTS_A_DAY


def test_a_hidden_paper_cannot_be_reported(client: Client, ada: User) -> None:
    paper = a_paper()
    paper.hide("spam")

    assert client.post(f"/papers/{paper.key}/report", {"reason": "spam"}).status_code == 404


@pytest.mark.slow
def test_open_reports_are_one_list_and_deciding_them_is_logged(
    client: Client, ada: User, admin: Client
) -> None:
    moss, fern = a_paper("Moss"), a_paper("Fern")
    report(client, moss, "wrong", f"It is about lichen {HOSTILE}")
    report(client, fern)
    assert "2 open reports" in admin.get("/admin/").content.decode()
    listed = admin.get("/admin/papers/report/").content.decode()
    assert "It is about lichen" in listed
    assert HOSTILE not in listed

    decide(admin, "accept", Report.objects.get(paper=moss))
    decide(admin, "accept", Report.objects.get(paper=moss))  # again changes nothing

    listed = admin.get("/admin/papers/report/").content.decode()
    assert "Fern" in listed
    assert "lichen" not in listed
    assert "lichen" in admin.get("/admin/papers/report/?state=all").content.decode()
    (entry,) = CuratorAction.objects.all()
    assert (entry.verb, entry.paper) == ("accept", moss)
    log = Client().get("/log").content.decode()
    assert "Accepted a report on" in log
    assert "lichen" not in log
    assert "ada@" not in log


def test_reports_are_in_the_export_and_go_with_the_account(client: Client, ada: User) -> None:
    paper = a_paper()
    report(client, paper, "duplicate", "of another")

    (row,) = personal_data.export_account(ada)["reports"]
    assert (row["paper"], row["words"], row["state"]) == (paper.key, "of another", "open")

    personal_data.erase_account(ada)
    assert not Report.objects.exists()
