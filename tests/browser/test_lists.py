"""Lists in a real browser: by keyboard, and with nothing but links and forms."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SHORT_LIST, fill_in_sign_in, sign_in, wait_for_htmx
from tests.running_site import Site

pytestmark = pytest.mark.browser

# --- By keyboard alone ---


def test_whole_visit_by_keyboard(page: Page, site: Site):
    sign_in(page, site)
    page.goto(SHORT_LIST)
    wait_for_htmx(page)

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
    page.get_by_label("Turn on keyboard shortcuts").uncheck()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("j")
    expect(page.locator("article h2 a").nth(1)).not_to_be_focused()
    page.keyboard.press("?")
    page.get_by_label("Turn on keyboard shortcuts").check()
    page.keyboard.press("Escape")
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


# --- More papers, and what is new ---


def test_more_papers_come_below_and_the_address_stays(page: Page):
    page.goto("/papers/trending")
    more = page.locator(".pager [rel=next]")
    first = page.locator("article").count()

    more.hover()  # htmx is fetched when it is first needed
    wait_for_htmx(page)
    more.click()

    expect(page.locator("article")).not_to_have_count(first)
    assert page.url.endswith("/papers/trending")
    expect(page.locator("article h2 a").nth(first)).to_be_focused()
    expect(page.locator("#said")).to_contain_text("papers follow")


def test_browser_shows_who_is_not_signed_in_what_came_since_the_last_visit(page: Page):
    page.goto("/papers/trending?sort=new")
    expect(page.locator("[data-new]")).to_have_count(0)
    expect(page.locator(".since")).to_be_hidden()
    times = page.locator("article").evaluate_all("all => all.map(one => Number(one.dataset.at))")
    newest = max(times)
    count = times.count(newest)
    assert 0 < count < len(times)

    page.evaluate("localStorage.setItem('visit', '86400')")  # long ago
    page.reload()
    expect(page.locator("[data-new]")).to_have_count(len(times))
    expect(page.locator(".since")).to_have_text("New since your last visit")  # there is a next page

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


def test_without_script_a_list_is_turned_narrowed_and_ordered(plain_page: Page):
    page = plain_page
    page.goto("/papers/trending")
    everything = page.locator("article").count()
    page.locator(".pager [rel=next]").click()
    assert "page=2" in page.url
    page.locator(".pager [rel=prev]").click()
    assert page.url.endswith("/papers/trending")

    page.locator("#topic-language").click()
    assert "topic=language" in page.url
    assert 0 < page.locator("article").count() < everything
    page.locator("#by-upvotes").click()
    votes = votes_shown(page)
    assert votes == sorted(votes, reverse=True)
    page.locator("#least-30").click()
    fewer = votes_shown(page)
    assert fewer == [count for count in votes if count >= 30]
    assert 0 < len(fewer) < len(votes)

    page.locator("#find").fill("attention")
    page.locator(".find button").click()
    assert page.url.endswith("/search?q=attention")
    page.goto("/papers/trending?min_votes=9999999")
    page.get_by_role("link", name="Show all papers").click()
    expect(page.locator("article")).to_have_count(everything)
    page.goto(SHORT_LIST)
    page.locator("#topics-all").click()
    expect(page.locator("article")).to_have_count(everything)


def votes_shown(page: Page) -> list[int]:
    return [int(it) for it in page.locator("article data").all_inner_texts()]


def test_without_script_days_turn_and_periods_widen(plain_page: Page):
    page = plain_page
    page.goto("/about")
    page.get_by_role("link", name="Today").first.click()
    today = page.locator("h1").inner_text()
    page.locator(".turn [rel=prev]").click()
    assert page.locator("h1").inner_text() != today
    page.get_by_role("link", name="Week", exact=True).click()
    expect(page.locator("h1")).to_contain_text("Week")
    page.get_by_role("link", name="Month", exact=True).click()

    assert "/papers/month/" in page.url


def test_without_script_a_paper_is_read_left_again_and_voted_for(plain_page: Page, site: Site):
    site.rows("DELETE FROM papers_upvote")
    page = plain_page
    page.goto(SHORT_LIST)
    row = page.locator("article").first
    row.locator(".abstract summary").click()
    row.locator(".why summary").click()
    expect(row.locator(".why p")).to_contain_text("votes")
    title = page.locator("article h2 a").first
    name = title.inner_text()
    title.click()
    expect(page.locator("h1")).to_have_text(name)
    page.go_back()
    assert page.url.endswith(SHORT_LIST)

    page.locator("article a.vote").first.click()
    assert "/accounts/login/?next=/papers/" in page.url
    fill_in_sign_in(page, site)
    page.wait_for_url("**/papers/p*")

    page.goto(f"{SHORT_LIST}&sort=new")
    given = page.locator("article button[aria-pressed=true]")
    expect(given).to_have_count(1)
    given.click()
    expect(given).to_have_count(0)
    page.locator("article button[aria-pressed=false]").nth(3).click()
    assert page.url.endswith(f"{SHORT_LIST}&sort=new")
    expect(given).to_have_count(1)
    given.click()
    expect(given).to_have_count(0)
