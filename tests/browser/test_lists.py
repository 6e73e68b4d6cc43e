"""Lists in a real browser: by keyboard, by eye in any colours, and with nothing but links."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import sign_in
from tests.running_site import Site

pytestmark = pytest.mark.browser

PAGES = [
    "/",
    "/papers/trending?sort=new&min_votes=3",
    "/topics",
    "/authors",
    "/search",
    "/search?q=learning",
    "/about",
    "/status",
    "/subscribe",
    "/accounts/login/",
]
ALIKE = [  # drawn by templates of the above
    "/papers/trending",
    "/papers/date/2025-03-14",
    "/papers/trending?topic=language&min_votes=5000",
    "/topics/language",
    "/search?q=zzzz",
    "/about/ranking",
    "/accounts/signup/",
]
OWN = [  # of a reader who has signed in
    "/papers/trending",
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


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{it['id']}: {it['nodes'][0]['html'][:200]}" for it in found]


# --- By eye ---


@pytest.mark.parametrize(
    ("scheme", "paths", "own"),
    [
        ("light", PAGES + NOT_THERE[:1], OWN),
        pytest.param("light", ALIKE + NOT_THERE[1:], OWN_ALIKE, marks=pytest.mark.long),
        pytest.param("dark", PAGES + ALIKE + NOT_THERE, OWN + OWN_ALIKE, marks=pytest.mark.long),
    ],
)
def test_no_page_has_what_axe_calls_a_violation(chromium: Browser, site: Site, scheme, paths, own):
    context = chromium.new_context(base_url=site.url, color_scheme=scheme)
    page = context.new_page()

    found = {}
    for path in paths:
        page.goto(path)
        found[path] = violations(page)
    sign_in(page, site)
    for path in [*own, *with_something_in_them(page, site)]:
        page.goto(path)
        found[f"{path}, signed in"] = violations(page)
    context.close()

    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def with_something_in_them(page: Page, site: Site) -> list[str]:
    """The addresses of a paper, a list, an interest and a reader, filled by this reader's forms."""
    for rows in ("library_readinglist", "interests_interest", "following_follow"):
        site.rows(f"DELETE FROM {rows}")
    site.rows("UPDATE accounts_user SET handle = 'ada' WHERE email = 'admin@localhost'")
    page.goto("/me/interests")
    page.get_by_label("Name").fill("Moss")
    page.get_by_label("Words").fill("moss, lichen")
    page.get_by_role("button", name="Make interest").click()
    interest = page.url
    page.goto("/papers/trending")
    page.locator("article h2 a").first.click()
    paper = page.url
    page.locator(".choices-of-paper button").first.click()
    page.get_by_label("Title of a new list").fill("Reading group")
    page.get_by_role("button", name="Make list").click()
    expect(page.get_by_role("button", name="Remove from Reading group")).to_be_visible()
    [[key]] = site.rows("SELECT key FROM library_readinglist")
    return [paper, f"/lists/{key}", interest, "/readers/ada"]


def test_phone_page_with_all_opened_has_no_violation_and_fits(chromium: Browser, site: Site):
    context = chromium.new_context(
        base_url=site.url, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True
    )
    page = context.new_page()
    page.goto("/papers/trending")
    page.locator("article .abstract summary").first.click()
    page.locator("article .why summary").first.click()

    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_no_page_breaks_its_policy_or_complains(page: Page):
    page.add_init_script(
        "addEventListener('securitypolicyviolation', (it) => console.error(it.violatedDirective))"
    )
    for path in PAGES + ALIKE:  # a complaint on the console fails the page
        page.goto(path)


def test_forced_colours_leave_votes_and_choices_to_be_seen(chromium: Browser, site: Site):
    context = chromium.new_context(base_url=site.url, forced_colors="active")
    page = context.new_page()
    page.goto("/papers/trending?topic=language")

    drawn = "(it) => getComputedStyle(it).stroke"
    ink = "getComputedStyle(document.querySelector('.vote')).color"
    assert page.locator(".vote svg").first.evaluate(drawn) == page.evaluate(ink)
    chosen = page.locator(".topics [aria-current]").first
    assert "underline" in chosen.evaluate("(it) => getComputedStyle(it).textDecorationLine")
    context.close()


def test_opening_a_row_moves_nothing_above_it_and_its_reason_moves_nothing(page: Page):
    page.goto("/papers/trending")
    row, following = page.locator("article").nth(1), page.locator("article").nth(2)
    place = "(it) => it.offsetTop"
    before = following.evaluate(place)

    row.locator(".why summary").click()

    expect(row.locator(".why p")).to_be_visible()
    assert following.evaluate(place) == before


def test_page_shifts_nothing_while_it_loads(page: Page):
    page.add_init_script(
        "window.shifts = 0; new PerformanceObserver((list) => list.getEntries().forEach("
        "(it) => (window.shifts += it.value))).observe({type: 'layout-shift', buffered: true})"
    )
    page.goto("/")
    with_picture = page.locator(".paper .figure").first.get_attribute("href")
    assert with_picture
    for path in ("/", "/papers/trending", "/topics", with_picture):
        page.goto(path, wait_until="networkidle")
        assert page.evaluate("window.shifts") == 0
    assert page.locator("figure img").evaluate("image => image.naturalWidth") > 0


# --- By keyboard alone ---


def test_whole_visit_by_keyboard(page: Page, site: Site):
    sign_in(page, site)
    page.goto("/papers/trending")
    page.wait_for_function("window.htmx")

    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    title = page.locator("article h2 a").first
    expect(title).to_be_focused()
    page.keyboard.press("o")
    expect(page.locator("article").first.locator(".abstract details")).to_have_attribute("open", "")
    page.keyboard.press("u")
    expect(page.locator("article").first.locator("[aria-pressed=true]")).to_have_count(1)
    expect(page.locator("#said")).to_contain_text("Upvoted")
    page.keyboard.press("u")
    expect(page.locator("#said")).to_contain_text("taken back")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("jjk?")
    expect(page.locator("#find")).to_have_value("jjk?")
    page.keyboard.press("Escape")
    title.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/papers/p*")
    first, beside = page.url, page.locator(".trail [rel=next]").get_attribute("href")
    page.keyboard.press("j")
    page.wait_for_url(f"**{beside}")
    page.keyboard.press("k")
    page.wait_for_url(first)


def test_letters_can_be_switched_off(page: Page):
    page.goto("/papers/trending")
    page.keyboard.press("?")
    page.get_by_label("Turn on keyboard shortcuts").uncheck()
    page.keyboard.press("Escape")

    page.keyboard.press("j")

    expect(page.locator("article h2 a").first).not_to_be_focused()


# --- More papers, and what is new ---


def test_more_papers_come_below_and_the_address_stays(page: Page):
    page.goto("/papers/trending")
    more = page.locator(".pager [rel=next]")
    first = page.locator("article").count()

    more.hover()  # htmx is fetched when it is first needed
    page.wait_for_function("window.htmx")
    more.click()

    expect(page.locator("article")).not_to_have_count(first)
    assert page.url.endswith("/papers/trending")
    expect(page.locator("article h2 a").nth(first)).to_be_focused()
    expect(page.locator("#said")).to_contain_text("papers follow")


def test_browser_remembers_the_last_visit_of_who_is_not_signed_in(page: Page):
    page.goto("/papers/trending")
    expect(page.locator("[data-new]")).to_have_count(0)
    expect(page.locator(".since")).to_be_hidden()

    page.evaluate("localStorage.setItem('visit', '86400')")  # long ago
    page.reload()

    expect(page.locator("[data-new]")).to_have_count(page.locator("article").count())
    expect(page.locator(".since")).to_have_text("New since your last visit")  # there is a next page


def test_browser_narrows_a_list_to_what_came_since_the_last_visit(page: Page):
    page.goto("/papers/trending?sort=new")
    times = page.locator("article").evaluate_all("all => all.map(one => Number(one.dataset.at))")
    newest = max(times)
    count = times.count(newest)
    assert 0 < count < len(times)

    page.evaluate(f"localStorage.setItem('visit-before', '{newest - 1}')")
    page.reload()
    page.get_by_role("link", name="new since your last visit").click()

    assert page.url.endswith("/papers/trending?since=visit")
    expect(page.locator("article:visible")).to_have_count(count)
    expect(page.locator(".since")).to_contain_text(f"{count} new since your last visit")
    expect(page.locator(".pager")).to_be_hidden()
    page.get_by_role("link", name="Show all papers").click()
    expect(page.locator("article:visible")).to_have_count(len(times))

    page.evaluate(f"localStorage.setItem('visit-before', '{newest + 1}')")
    page.goto("/papers/trending?since=visit")
    expect(page.locator("article:visible")).to_have_count(0)
    expect(page.locator(".since")).to_contain_text("Nothing new since your last visit")


# --- With nothing but links and forms ---


@pytest.fixture
def reading(plain_page: Page) -> Iterator[Page]:
    plain_page.goto("/papers/trending")
    yield plain_page


def test_without_script_a_topic_narrows_the_list_and_all_come_back(reading: Page):
    everything = reading.locator("article").count()

    reading.locator("#topic-language").click()
    assert "topic=language" in reading.url
    expect(reading.locator("article")).not_to_have_count(everything)
    assert 0 < reading.locator("article").count() < everything
    reading.locator("#topics-all").click()

    expect(reading.locator("article")).to_have_count(everything)


def test_without_script_votes_narrow_the_list(reading: Page):
    reading.locator("#least-30").click()

    votes = [int(it) for it in reading.locator("article data").all_inner_texts()]
    assert votes and min(votes) >= 30


def test_without_script_the_order_changes(reading: Page):
    reading.locator("#by-upvotes").click()

    votes = [int(it) for it in reading.locator("article data").all_inner_texts()]
    assert votes == sorted(votes, reverse=True)


def test_without_script_the_next_page_is_a_page(reading: Page):
    reading.locator(".pager [rel=next]").click()
    assert "page=2" in reading.url
    reading.locator(".pager [rel=prev]").click()

    assert reading.url.endswith("/papers/trending")


def test_without_script_days_turn_and_periods_widen(reading: Page):
    reading.get_by_role("link", name="Today").click()
    today = reading.locator("h1").inner_text()
    reading.locator(".turn [rel=prev]").click()
    assert reading.locator("h1").inner_text() != today
    reading.get_by_role("link", name="Week", exact=True).click()
    expect(reading.locator("h1")).to_contain_text("Week")
    reading.get_by_role("link", name="Month", exact=True).click()

    assert "/papers/month/" in reading.url


def test_without_script_abstracts_and_reasons_open(reading: Page):
    row = reading.locator("article").first
    row.locator(".abstract summary").click()
    row.locator(".why summary").click()

    expect(row.locator(".why p")).to_contain_text("votes")


def test_without_script_a_paper_is_read_and_left_again(reading: Page):
    title = reading.locator("article h2 a").first
    name = title.inner_text()
    title.click()
    expect(reading.locator("h1")).to_have_text(name)
    reading.go_back()

    assert reading.url.endswith("/papers/trending")


def test_without_script_a_vote_leads_to_sign_in_and_back(reading: Page, site: Site):
    reading.locator("article a.vote").first.click()
    assert "/accounts/login/?next=" in reading.url
    reading.get_by_label("Email").fill("admin@localhost")
    password = (site.data_dir / "admin-password").read_text()
    reading.get_by_label("Password", exact=True).fill(password)
    reading.get_by_role("button", name="Sign in", exact=True).click()

    reading.wait_for_url("**/papers/p*")


def test_without_script_an_empty_list_leads_on(reading: Page):
    reading.goto("/papers/trending?min_votes=9999999")
    reading.get_by_role("link", name="Show all papers").click()

    assert reading.locator("article").count() > 0


def test_without_script_the_search_box_asks(reading: Page):
    reading.locator("#find").fill("attention")
    reading.locator(".find button").click()

    assert reading.url.endswith("/search?q=attention")
