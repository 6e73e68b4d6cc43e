"""A real site with its sample papers, and a real Chromium to read it with."""

import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from papers.sources import picture_sizes
from tests.papers.test_picture_sizes import image_file
from tests.running_site import Site, running_site
from tests.test_journey import soon

# The first is Chromium without the parts that draw windows: the same pages for a third of the time.
BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
# Seven papers, where a list of all has sixty: axe takes 60 ms of processor for each.
SHORT_LIST = "/papers/trending?topic=language"
WIDTHS = (320, 390, 768, 1280)
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    # A sweep takes a fifth of a second of processor: not each second, as on other sites of tests.
    with running_site(tmp_path_factory.mktemp("site"), "--no-sources", SWEEP_SECONDS="5") as site:
        # Else a worker that publishes at this moment would write what it has read before.
        wait_for_archive(site)
        # As real ones: samples go when another paper is listed, and are never mailed.
        site.rows("UPDATE papers_paper SET is_sample = FALSE")
        site.rows("UPDATE subscriptions_issue SET published_at = NULL")  # with them, in a moment
        add_pictures(site)
        yield site


def wait_for_archive(site: Site) -> None:
    published = "SELECT bool_and(published_at IS NOT NULL) FROM subscriptions_issue"
    soon(lambda: site.rows(published) == [(True,)], "the archive of a site of samples")


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


@pytest.fixture
def paper(site: Site) -> str:
    """The address of the first paper of the list."""
    [[key]] = site.rows("SELECT key FROM papers_paper ORDER BY hotness DESC, key DESC LIMIT 1")
    return f"/papers/{key}"


def sign_in(page: Page, site: Site) -> None:
    """As the administrator, who has voted for nothing: votes of earlier tests are taken back."""
    site.rows("DELETE FROM papers_upvote")
    name = settings.SESSION_COOKIE_NAME
    session = site.administrator.session.cookies[name]
    page.context.add_cookies([{"name": name, "value": session, "url": site.url}])


def fill_in_sign_in(page: Page, site: Site) -> None:
    """On the page with its form."""
    page.get_by_label("Email").fill("admin@localhost")
    page.get_by_label("Password", exact=True).fill((site.data_dir / "admin-password").read_text())
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


def wait_for_htmx(page: Page) -> None:
    """`wait_for_function` would need eval from its second look on, which our policy forbids."""
    soon(lambda: page.evaluate("Boolean(window.htmx)"), "the loading of htmx")


def faults(page: Page) -> list[str]:
    """What axe calls a violation, and the widths of a window in which the page is too wide."""
    too_wide = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            too_wide.append(f"wider than {width} px")
    return violations(page) + too_wide


def violations(page: Page, context: str | None = None) -> list[str]:
    found = Axe().run(page, context).response["violations"]
    return [f"{it['id']}: {it['nodes'][0]['html'][:200]}" for it in found]
