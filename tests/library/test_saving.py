"""Saving a paper: with and without account, with and without script."""

import pytest
from django.test import Client

from accounts.models import User
from library.models import ReadMark, Save
from library.views.browser_saves import MAX_KEYS
from papers.models import Paper
from papers.models.merging import merge
from tests.factories import a_paper, a_user, a_voter

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def saved(reader: User) -> list[Paper]:
    return [save.paper for save in Save.objects.of_reader(reader).order_by("-pk")]


def test_a_save_returns_to_the_page_it_came_from_and_again_changes_nothing(
    client: Client, ada: User
) -> None:
    client.force_login(ada)
    paper = a_paper(key="hep-th/9901001")
    address = paper.get_absolute_url()

    for _ in range(2):
        response = client.post(f"{address}/save", {"next": "/papers/trending?sort=new"})
        assert (response.status_code, response["Location"]) == (302, "/papers/trending?sort=new")
    assert saved(ada) == [paper]
    elsewhere = client.post(f"{address}/unsave", {"next": "https://evil.example/"})
    assert elsewhere["Location"] == address
    client.post(f"{address}/unsave")
    assert saved(ada) == []
    assert client.get(f"{address}/save")["Location"] == address
    assert client.get(f"{address}/unsave").status_code == 405
    paper.hide("spam")
    assert client.post(f"{address}/save").status_code == 404


def test_htmx_gets_the_button_that_takes_the_save_back(client: Client, ada: User) -> None:
    client.force_login(ada)
    paper = a_paper("On <script>")

    button = client.post(f"{paper.get_absolute_url()}/save", headers=HTMX).content.decode()

    assert f'action="{paper.get_absolute_url()}/unsave"' in button
    assert 'aria-pressed="true"' in button
    assert "<script>" not in button


def test_who_is_not_signed_in_is_led_there_and_finds_the_paper_saved(client: Client) -> None:
    ada = a_voter(a_user("ada@example.org", password="moss-on-stone"))
    paper = a_paper()
    address = paper.get_absolute_url()
    sign_in = f"/accounts/login/?next={address.replace('/', '%2F')}%2Fsave"
    page = client.get(address).content.decode()
    assert f'href="/accounts/login/?next={address}/save"' in page

    assert client.post(f"{address}/save")["Location"] == sign_in
    assert client.post(f"{address}/save", headers=HTMX)["HX-Redirect"] == sign_in
    data = {"login": ada.email, "password": "moss-on-stone"}
    response = client.post(f"/accounts/login/?next={address}/save", data)

    assert response["Location"] == address
    assert saved(ada) == [paper]


def test_what_the_browser_kept_is_taken_over_once(client: Client, ada: User) -> None:
    client.force_login(ada)
    fern, moss, stays, goes = a_paper(), a_paper(), a_paper(), a_paper()
    Save.objects.add(ada, [fern])
    merge(stays, goes)
    keys = " ".join(["2503.99999", goes.key, moss.key, fern.key, "<script>"])

    assert client.post("/me/saved/from-browser", {"keys": keys}).status_code == 204
    assert client.post("/me/saved/from-browser", {"keys": ""}).status_code == 204

    assert saved(ada) == [moss, stays, fern]
    page = client.get("/about").content.decode()
    assert "3 papers that were saved in this browser were added to your saved papers." in page
    assert 'id="saved-here"' in page
    assert Client().post("/me/saved/from-browser", {"keys": keys}).status_code == 401
    flood = "x " * MAX_KEYS + moss.key
    assert client.post("/me/saved/from-browser", {"keys": flood}).status_code == 204


def test_a_list_shows_what_its_reader_saved_and_read_and_nobody_else_does(
    client: Client, ada: User, ben: User
) -> None:
    fern, moss = a_paper(), a_paper()
    Save.objects.add(ada, [fern])
    ReadMark.objects.add(ada, moss)
    client.force_login(ada)

    page = client.get("/papers/trending").content.decode()
    assert page.count("/unsave") == 2  # the address of a form, and that for htmx
    assert page.count(" data-read") == 1
    client.force_login(ben)
    page = client.get("/papers/trending").content.decode()
    assert "/unsave" not in page
    assert " data-read" not in page
    anonymous = Client().get("/papers/trending").content.decode()
    assert anonymous.count('class="save"') == 2
    assert "csrf" not in anonymous
