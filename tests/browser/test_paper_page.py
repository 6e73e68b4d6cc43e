"""A paper's page in a browser: copied from, followed, checked for access, and attacked."""

import json
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import sign_in
from tests.hostile import HOSTILE
from tests.running_site import Site

pytestmark = pytest.mark.browser

DAY = "2019-03-14"  # far from the samples


@pytest.fixture(scope="module")
def attacked(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The site with two hundred hostile papers on one day."""
    file = tmp_path_factory.mktemp("hostile") / "papers.jsonl"
    records = [
        {
            "arxiv_id": f"1903.{number:05}",
            "title": f"{number} {words}",  # even where the words are drawn as nothing
            "abstract": words,
            "authors": [words, f"Ada {words}"],
            "categories": ["cs.CL"],
            "daily_date": DAY,
            "journal_ref": words,
            "ai_summary": words,
            "keywords": [words],
            "comment": words,
            "submitter": words,
            "organization": {"name": words},
        }
        for number, words in enumerate(HOSTILE, start=1)
    ]
    file.write_text("".join(json.dumps(record) + "\n" for record in records))
    site.manage("import_papers", str(file), "--list")
    return site


@pytest.fixture
def dialogs(page: Page) -> Iterator[list[str]]:
    """Whatever a script would say, if one ran."""
    heard: list[str] = []
    page.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
    yield heard
    assert heard == []


def test_no_script_runs_on_a_page_of_hostile_papers(page: Page, dialogs, attacked: Site):
    for number in range(1, 5):
        page.goto(f"/papers/date/{DAY}?sort=new&page={number}")
        assert page.locator("article").count() > 20
        page.evaluate("document.querySelectorAll('details').forEach((it) => (it.open = true))")
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280


@pytest.mark.parametrize("number", range(1, len(HOSTILE) + 1, 12))
def test_no_script_runs_on_a_hostile_papers_page(page: Page, dialogs, attacked: Site, number):
    attack(page, number)


@pytest.mark.long
@pytest.mark.parametrize("number", range(1, len(HOSTILE) + 1))
def test_no_script_runs_on_any_hostile_papers_page(page: Page, dialogs, attacked: Site, number):
    attack(page, number)


def attack(page: Page, number: int) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"/papers/1903.{number:05}")
    page.locator("h1").hover()
    page.locator(".cite summary").click()
    page.get_by_role("button", name="Copy").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_citation_and_link_are_copied(page: Page, site: Site):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(a_sample(page))

    page.get_by_role("button", name="Copy").first.click()

    expect(page.locator("#copied")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == page.inner_text("#citation")

    path = str(page.evaluate("location.pathname"))
    page.get_by_role("button", name="Copy link").click()
    page.wait_for_function(
        "path => navigator.clipboard.readText().then((it) => it.endsWith(path))", arg=path
    )


def test_everything_is_there_without_script(plain_page: Page, site: Site):
    plain_page.goto(a_sample(plain_page))

    plain_page.locator(".cite summary").click()

    expect(plain_page.locator("#bibtex")).to_contain_text("@misc{")
    expect(plain_page.get_by_role("button", name="Copy")).to_have_count(0)
    plain_page.locator(".authors a").first.click()
    expect(plain_page.locator("article").first).to_be_visible()


def test_vote_on_the_page_changes_in_place(page: Page, site: Site):
    sign_in(page, site)
    page.goto(a_sample(page))
    before = int(page.locator(".vote data").get_attribute("value") or 0)

    page.locator(".vote button").click()

    expect(page.locator(".vote data")).to_have_attribute("value", str(before + 1))
    page.locator(".vote button").click()
    expect(page.locator(".vote data")).to_have_attribute("value", str(before))


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
@pytest.mark.parametrize("path", ["a paper", "/about", "/about/ranking", "an author", "/authors"])
def test_page_is_accessible(chromium: Browser, site: Site, path, scheme):
    context = chromium.new_context(base_url=site.url, color_scheme=scheme)
    page = context.new_page()
    if not path.startswith("/"):
        sample = a_sample(page)
        page.goto(sample)
        author = page.locator(".authors a").first.get_attribute("href")
        path = sample if path == "a paper" else str(author)
    page.goto(path)

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()
    context.close()


@pytest.mark.parametrize("path", ["/about", "/about/ranking", "/authors", "a paper"])
def test_page_never_scrolls_sideways(page: Page, site: Site, path):
    page.goto(path if path.startswith("/") else a_sample(page))

    for width in (320, 390, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def a_sample(page: Page) -> str:
    page.goto("/papers/trending")
    return str(page.locator("article h2 a").first.get_attribute("href"))
