"""robots.txt, the sitemap and the icons that browsers and phones look for."""

import io
import re

import pytest
from django.test import Client
from PIL import Image

from papers.models import Paper
from papers.views.sitemap import PrimaryKeyPaginator
from tests.factories import a_paper, a_topic

pytestmark = pytest.mark.django_db


def test_robots_know_the_sitemap_and_where_not_to_go(client: Client):
    response = client.get("/robots.txt")
    lines = response.content.decode().splitlines()

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert "Sitemap: http://testserver/sitemap.xml" in lines
    assert "Disallow: /accounts/" in lines


@pytest.mark.parametrize(
    ("path", "kind", "size"),
    [("/favicon.ico", "ICO", (48, 48)), ("/apple-touch-icon.png", "PNG", (180, 180))],
)
def test_icons_stand_at_the_addresses_that_are_tried(client: Client, path, kind, size):
    response = client.get(path)

    icon = Image.open(io.BytesIO(b"".join(response.streaming_content)))
    assert (icon.format, icon.size) == (kind, size)
    assert response["Content-Type"].startswith("image/")
    assert "public" in response["Cache-Control"]
    assert client.head(path).status_code == 200
    later = client.get(path, HTTP_IF_MODIFIED_SINCE=response["Last-Modified"])
    assert later.status_code == 304


def test_sitemap_names_every_page_once(client: Client):
    a_paper(key="2503.00001")
    a_paper(key="hep-th/9901001", listed_on=None)
    a_topic("language")

    assert addresses(client) == {
        *("/", "/papers/trending", "/topics", "/about", "/about/ranking", "/status"),
        *("/papers/date/2025-03-14", "/topics/language"),
        *("/papers/2503.00001", "/papers/hep-th/9901001"),
    }


def test_hidden_and_invented_papers_are_not_in_it(client: Client):
    a_paper(key="2503.00001").hide("spam")
    a_paper(key="2503.00002", is_sample=True)

    assert not any("2503" in address for address in addresses(client) - {"/papers/date/2025-03-14"})


def test_pages_share_the_papers_among_them():
    papers = [a_paper() for _ in range(5)]
    keys = {paper.key for paper in papers}
    pages = PrimaryKeyPaginator(Paper.objects.order_by("pk"), 2)
    first_page = papers[0].pk // 2  # primary keys go on from test to test

    found = [
        paper.key
        for number in range(max(1, first_page), pages.num_pages + 1)
        for paper in pages.page(number)
    ]

    assert len(found) == 5
    assert set(found) == keys
    assert len(pages.page(pages.num_pages)) <= 2


def test_a_far_page_is_found_as_fast_as_the_first(client: Client, django_assert_max_num_queries):
    a_paper()

    with django_assert_max_num_queries(2):
        client.get("/sitemap-papers.xml")


@pytest.mark.parametrize(
    "address", ["/sitemap-x.xml", "/sitemap-papers.xml?p=99", "/sitemap-papers.xml?p=x"]
)
def test_no_such_part_is_a_404(client: Client, address):
    assert client.get(address).status_code == 404


def test_empty_site_has_a_sitemap(client: Client):
    assert "/about" in addresses(client)


def addresses(client: Client) -> set[str]:
    found: list[str] = []
    for part in locations(client, "/sitemap.xml"):
        found += locations(client, part)
    assert len(found) == len(set(found))
    return set(found)


def locations(client: Client, address: str) -> list[str]:
    response = client.get(address)
    assert response.status_code == 200
    assert not response.cookies
    return re.findall(r"<loc>http://testserver([^<]*)</loc>", response.content.decode())
