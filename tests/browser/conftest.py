"""A real site with its sample papers, and a real Chromium to read it with."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from papers.sources import picture_sizes
from tests.papers.test_picture_sizes import image_file
from tests.running_site import Site, running_site
from tests.test_journey import soon

# The first is Chromium without the parts that draw windows: the same pages for a third of the time.
BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("site"), "--no-sources") as site:
        # Else a worker that publishes at this moment would write what it has read before.
        published = "SELECT bool_and(published_at IS NOT NULL) FROM subscriptions_issue"
        soon(lambda: site.rows(published) == [(True,)], "the archive of a site of samples")
        # As real ones: samples go when another paper is listed, and are never mailed.
        site.rows("UPDATE papers_paper SET is_sample = FALSE")
        site.rows("UPDATE subscriptions_issue SET published_at = NULL")  # with them, in a moment
        add_pictures(site)
        yield site


def add_pictures(site: Site) -> None:
    """One for every other paper, all the same, as a worker would have stored them."""
    sizes = picture_sizes.encode(image_file())
    rows = site.rows(
        """
        INSERT INTO papers_picture (paper_id, state, origin, source_url, caption, digest, width,
                                    height, stored_bytes, attempts, next_try_at, last_error)
        SELECT id, 'stored', 'arxiv', '', 'Figure 1: Moss.', md5(key), %s, %s, 1, 0, now(), ''
          FROM papers_paper WHERE id %% 2 = 0 RETURNING digest
        """,
        *(sizes.width, sizes.height),
    )
    folder = site.data_dir / "media" / "pictures"
    folder.mkdir(parents=True)
    for (digest,) in rows:
        (folder / f"{digest}-row.webp").write_bytes(sizes.row)
        (folder / f"{digest}-page.webp").write_bytes(sizes.page)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """For this package alone: while it lives, Django takes the thread for an asynchronous one."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here: apt-get install chromium-headless-shell")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser, site: Site) -> Iterator[BrowserContext]:
    context = chromium.new_context(base_url=site.url)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that must not complain: an error on its console fails the test."""
    complaints: list[str] = []
    page = context.new_page()
    page.on("console", lambda it: complaints.append(it.text) if it.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert complaints == []


@pytest.fixture
def plain_page(chromium: Browser, site: Site) -> Iterator[Page]:
    """The same without JavaScript."""
    context = chromium.new_context(base_url=site.url, java_script_enabled=False)
    yield context.new_page()
    context.close()


def sign_in(page: Page, site: Site) -> None:
    """As the administrator, who has voted for nothing: votes of earlier tests are taken back."""
    site.rows("DELETE FROM papers_upvote")
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill("admin@localhost")
    page.get_by_label("Password", exact=True).fill((site.data_dir / "admin-password").read_text())
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "login" not in url)
