"""A paper's page in a browser: copied from, followed, and attacked."""

import json
from math import ceil

import pytest
from playwright.sync_api import Page, expect

from papers.web.pagination import PAGE_SIZE
from tests.hostile import HOSTILE
from tests.running_site import Site
from tests.test_journey import soon

pytestmark = pytest.mark.browser

DAY = "2019-03-14"  # far from the samples
# The numbers of the papers: some in every run, all in a long one.
SOME = range(1, len(HOSTILE) + 1, 12)
ALL = range(1, len(HOSTILE) + 1)


@pytest.fixture(
    scope="module", params=[SOME, pytest.param(ALL, marks=pytest.mark.long)], ids=["some", "all"]
)
def numbers(request: pytest.FixtureRequest, site: Site, tmp_path_factory) -> range:
    """Of hostile papers, all of one day, which the site has."""
    file = tmp_path_factory.mktemp("hostile") / "papers.jsonl"
    file.write_text("".join(json.dumps(hostile_paper(number)) + "\n" for number in request.param))
    site.manage("import_papers", str(file), "--list")
    return request.param


def hostile_paper(number: int) -> dict[str, object]:
    words = HOSTILE[number - 1]
    return {
        "arxiv_id": f"1903.{number:05}",
        "title": f"{number} {words}",  # even where the words are drawn as nothing
        "abstract": words,
        "authors": [words, f"Ada {words}"],
        "categories": ["astro-ph.GA"],  # of no topic that another test reads
        "daily_date": DAY,
        "journal_ref": words,
        "ai_summary": words,
        "keywords": [words],
        "comment": words,
        "submitter": words,
        "organization": {"name": words},
    }


@pytest.fixture
def dialogs(page: Page) -> list[str]:
    """Whatever a script would say, if one ran."""
    heard: list[str] = []
    page.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
    return heard


@pytest.mark.timeout(400)
def test_no_script_of_a_hostile_paper_runs_in_a_list_or_on_its_page(
    page: Page, dialogs: list[str], numbers: range
):
    listed = 0
    for number in range(ceil(len(numbers) / PAGE_SIZE)):
        page.goto(f"/papers/date/{DAY}?sort=new&page={number + 1}")
        listed += page.locator("article").count()
        page.evaluate("document.querySelectorAll('details').forEach((it) => (it.open = true))")
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
        assert dialogs == []
    assert listed == len(numbers)

    page.set_viewport_size({"width": 390, "height": 800})
    for number in numbers:
        page.goto(f"/papers/1903.{number:05}")
        page.locator("h1").hover()
        page.locator(".cite summary").click()
        page.get_by_role("button", name="Copy").first.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, number
        assert dialogs == [], number


def test_citation_and_link_are_copied(page: Page, paper: str):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(paper)

    page.get_by_role("button", name="Copy").first.click()

    expect(page.locator("#copied")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == page.inner_text("#citation")

    path = str(page.evaluate("location.pathname"))
    page.get_by_role("button", name="Copy link").click()
    soon(lambda: page.evaluate("navigator.clipboard.readText()").endswith(path), "the copy")


def test_everything_is_there_without_script(plain_page: Page, paper: str):
    plain_page.goto(paper)

    plain_page.locator(".cite summary").click()

    expect(plain_page.locator("#bibtex")).to_contain_text("@misc{")
    expect(plain_page.get_by_role("button", name="Copy")).to_have_count(0)
    plain_page.locator(".authors a").first.click()
    expect(plain_page.locator("article").first).to_be_visible()
