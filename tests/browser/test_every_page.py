"""Every page, in the colours and widths of any window: accessible, within its policy, and still."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SHORT_LIST, faults, sign_in, violations
from tests.running_site import Site

pytestmark = pytest.mark.browser

PAGES = [
    "/",
    f"{SHORT_LIST}&sort=new&min_votes=3",
    "/topics",
    "/authors",
    "/search",
    "/search?q=learning",
    "/about",
    "/about/ranking",
    "/status",
    "/subscribe",
    "/accounts/login/",
]
ALIKE = [  # drawn by templates of the above
    "/papers/trending",
    "/papers/trending?sort=new&min_votes=3",
    "/papers/date/2025-03-14",
    "/papers/trending?topic=language&min_votes=5000",
    "/topics/language",
    "/search?q=zzzz",
    "/digests",
    "/accounts/signup/",
]
OWN = [  # of a reader who has signed in
    SHORT_LIST,
    "/me/saved",
    "/me/lists",
    "/me/interests",
    "/me/follows",
    "/me/notifications",
    "/me/import",
    "/accounts/profile/",
    "/accounts/tokens/",
]
OWN_ALIKE = [
    "/papers/trending",
    "/papers/for-you",
    "/me/upvoted",
    "/me/read",
    "/me/submitted",
    "/me/comments",
    "/me/follows/papers",
    "/me/claims",
    "/accounts/email/",
]
NOT_THERE = ["/nothing/here", "/papers/date/2999-01-01", "/?sort=best"]
REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => console.error(event.violatedDirective))
"""
ADD_UP_SHIFTS = """
window.shifts = 0
new PerformanceObserver((list) => list.getEntries().forEach((it) => (window.shifts += it.value)))
    .observe({type: "layout-shift", buffered: true})
"""


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("scheme", "paths", "own", "not_there"),
    [
        ("light", PAGES, OWN, NOT_THERE[:1]),
        pytest.param("light", ALIKE, OWN_ALIKE, NOT_THERE[1:], marks=pytest.mark.long),
        pytest.param("dark", PAGES + ALIKE, OWN + OWN_ALIKE, NOT_THERE, marks=pytest.mark.long),
    ],
)
def test_every_page_is_accessible_keeps_its_policy_and_fits(
    page: Page, site: Site, paper: str, scheme, paths, own, not_there
):
    page.emulate_media(color_scheme=scheme)
    page.add_init_script(REPORT_VIOLATIONS)  # a complaint on the console fails the page

    found = {}
    for path in [*paths, paper]:
        page.goto(path)
        found[path] = faults(page)
    page.locator(".authors a").first.click()
    found["an author"] = faults(page)
    missing = page.context.new_page()  # may complain: of the status 404
    for path in not_there:
        missing.goto(path)
        found[path] = faults(missing)
    sign_in(page, site)
    for path in [*own, *with_something_in_them(page, site)]:
        page.goto(path)
        found[f"{path}, signed in"] = faults(page)

    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def with_something_in_them(page: Page, site: Site) -> list[str]:
    """The addresses of a paper, a list, an interest and a reader, filled by this reader's forms."""
    for rows in (
        "library_listitem",
        "library_readinglist",
        "interests_interest",
        "following_follow",
    ):
        site.rows(f"DELETE FROM {rows}")
    site.rows("UPDATE accounts_user SET handle = 'ada' WHERE email = 'admin@localhost'")
    page.goto("/me/interests")
    page.get_by_label("Name").fill("Moss")
    page.get_by_label("Words").fill("moss, lichen")
    page.get_by_role("button", name="Make interest").click()
    interest = page.url
    page.goto(SHORT_LIST)
    page.locator("article h2 a").first.click()
    paper = page.url
    page.locator(".choices-of-paper button").first.click()
    page.get_by_label("Title of a new list").fill("Reading group")
    page.get_by_role("button", name="Make list").click()
    expect(page.get_by_role("button", name="Remove from Reading group")).to_be_visible()
    [[key]] = site.rows("SELECT key FROM library_readinglist")
    return [paper, f"/lists/{key}", interest, "/readers/ada"]


@pytest.mark.parametrize(
    "path", [SHORT_LIST, pytest.param("/papers/trending", marks=pytest.mark.long)]
)
def test_phone_page_with_all_opened_has_no_violation_and_fits(
    chromium: Browser, site: Site, path: str
):
    context = chromium.new_context(
        base_url=site.url, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True
    )
    page = context.new_page()
    page.goto(path)
    page.locator("article .abstract summary").first.click()
    page.locator("article .why summary").first.click()

    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_forced_colours_leave_votes_and_choices_to_be_seen(page: Page):
    page.emulate_media(forced_colors="active")
    page.goto(SHORT_LIST)

    drawn = "(it) => getComputedStyle(it).stroke"
    ink = "getComputedStyle(document.querySelector('.vote')).color"
    assert page.locator(".vote svg").first.evaluate(drawn) == page.evaluate(ink)
    chosen = page.locator(".topics [aria-current]").first
    assert "underline" in chosen.evaluate("(it) => getComputedStyle(it).textDecorationLine")


def test_page_shifts_nothing_while_it_loads(page: Page):
    page.add_init_script(ADD_UP_SHIFTS)
    page.goto("/")
    with_picture = page.locator(".paper .figure").first.get_attribute("href")
    assert with_picture
    slow = page.context.new_cdp_session(page)  # so slow that it draws before the page is whole
    slow.send("Emulation.setCPUThrottlingRate", {"rate": 8})
    for path in ("/", "/papers/trending", "/topics", with_picture):
        page.goto(path, wait_until="networkidle")
        assert page.evaluate("window.shifts") == 0
    assert page.locator("figure img").evaluate("image => image.naturalWidth") > 0
