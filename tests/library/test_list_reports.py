"""A public list is reported; a curator makes it private, with a reason, and may allow it again."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from library import personal_data
from library.models import ListReport, ReadingList
from papers.models import CuratorAction
from papers.models.report import MAX_REPORTS_A_DAY
from tests.factories import a_user, a_voter

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"
ADMIN = "/admin/library/readinglist/"


@pytest.fixture
def shown(ben: User) -> ReadingList:
    return ReadingList.objects.create(owner=ben, title="Buy fern pills", is_public=True)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(a_voter(user))
    return client


def decide(reading_list: ReadingList, action: str, **fields: str) -> str:
    curator = Client()
    curator.force_login(a_user(name="Cy", is_staff=True, is_superuser=True))
    data = {"action": action, "_selected_action": [reading_list.pk], **fields}
    return curator.post(ADMIN, data, follow=True).text


def test_a_reader_reports_a_public_list_once_and_within_the_limit(
    ada: User, ben: User, shown: ReadingList
) -> None:
    client, address = signed_in(ada), f"{shown.get_absolute_url()}/report"
    assert "/accounts/login/" in Client().post(address, {"words": "Spam"})["Location"]
    assert "Report this list" in client.get(shown.get_absolute_url()).text
    assert "Report this list" not in signed_in(ben).get(shown.get_absolute_url()).text
    assert "Report this list" not in Client().get(shown.get_absolute_url()).text
    assert client.post(address, {"words": ""}).status_code == 200
    assert "will look at this list" in client.post(address, {"words": HOSTILE}, follow=True).text
    assert "already" in client.post(address, {"words": "Again"}, follow=True).text
    assert personal_data.export(ada)["list_reports"][0]["words"] == HOSTILE

    others = [ReadingList(owner=ben, title="x", key=f"l{n}") for n in range(MAX_REPORTS_A_DAY)]
    rows = ReadingList.objects.bulk_create(others)
    reports = [ListReport(reading_list=row, reporter=ada, words="x") for row in rows]
    ListReport.objects.bulk_create(reports)
    ListReport.objects.filter(reading_list=shown).update(decided_at=shown.created_at)
    page = client.post(address, {"words": "Once more"}).text
    assert "within a day" in page and "Once more" in page
    private = ReadingList.objects.create(owner=ben, title="Mine")
    assert client.get(f"{private.get_absolute_url()}/report").status_code == 404


def test_a_curator_makes_it_private_and_its_owner_reads_why(
    ada: User, ben: User, shown: ReadingList
) -> None:
    ListReport.objects.create(reading_list=shown, reporter=ada, words=HOSTILE)
    owner, curator = signed_in(ben), Client()
    curator.force_login(a_user(is_staff=True, is_superuser=True))
    assert "1 open report on readers’ lists" in curator.get("/admin/").text
    listed = curator.get(f"{ADMIN}?todo=reported").text
    assert "1: &lt;script&gt;" in listed and "<script>alert" not in listed

    assert "Say why" in decide(shown, "close")
    decide(shown, "close", why="Advertising")
    shown.refresh_from_db()
    assert (shown.is_public, ListReport.objects.open().count()) == (False, 0)
    assert Client().get(shown.get_absolute_url()).status_code == 404
    assert "made this list private: Advertising" in owner.get(shown.get_absolute_url()).text
    log = Client().get("/log").text
    assert f"the list {shown.key}" in log and "Advertising" in log
    assert "fern pills" not in log and str(ben.email) not in log
    exported = personal_data.export(ben)["lists"][0]
    assert exported["made_private_by_the_editors_because"] == "Advertising"

    fields = {"title": "My own words", "is_public": "on"}
    refused = owner.post(f"{shown.get_absolute_url()}/edit", fields).text
    assert "cannot be public" in refused and "My own words" in refused
    with pytest.raises(IntegrityError), transaction.atomic():
        ReadingList.objects.filter(pk=shown.pk).update(is_public=True)
    owner.post(f"{shown.get_absolute_url()}/edit", {"title": "My own words"})
    assert "My own words" not in curator.get(ADMIN).text

    decide(shown, "reopen")
    assert Client().get(shown.get_absolute_url()).status_code == 404
    owner.post(f"{shown.get_absolute_url()}/edit", fields)
    assert Client().get(shown.get_absolute_url()).status_code == 200
    verbs = CuratorAction.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["close", "reopen"]


def test_reports_are_dismissed_and_private_lists_are_not_shown_to_curators(
    ada: User, ben: User, shown: ReadingList
) -> None:
    private = ReadingList.objects.create(owner=ben, title="Mine alone")
    ListReport.objects.create(reading_list=shown, reporter=ada, words="Spam")
    assert "Mine alone" not in decide(shown, "dismiss_reports")
    shown.refresh_from_db()
    assert (shown.is_public, ListReport.objects.open().count()) == (True, 0)
    curator = Client()
    curator.force_login(a_user(is_staff=True, is_superuser=True))
    assert "Mine alone" not in curator.get(f"{ADMIN}{private.pk}/change/", follow=True).text
