"""Following and muting by keyboard with script, and by forms without."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SHORT_LIST, sign_in
from tests.running_site import Site

pytestmark = pytest.mark.browser


def test_a_topic_is_followed_and_muted_papers_are_folded_and_passed_over(page: Page, site: Site):
    site.rows("DELETE FROM following_follow")
    site.rows("DELETE FROM following_mute")
    sign_in(page, site)
    page.goto(SHORT_LIST)
    rows = page.locator(".papers > .paper")
    count, title = rows.count(), rows.nth(1).locator("h2").inner_text()
    page.goto("/topics")
    page.locator("main a[href^='/topics/']").first.click()

    page.get_by_role("button", name="Follow").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("Followed")
    expect(page.get_by_role("button", name="Unfollow")).to_be_focused()

    page.goto("/me/follows")
    form = page.locator("form[action='/me/follows/mute']")
    form.locator("[name=name]").fill(title)
    form.get_by_role("button").click()
    expect(page.locator("#mutes .chosen")).to_contain_text(title)
    page.goto(SHORT_LIST)
    expect(rows).to_have_count(count - 1)
    folded = page.locator("details.folded")
    expect(folded.locator("summary").first).to_have_text("1 muted")
    rows.nth(count - 3).locator("h2 a").focus()
    for _ in range(3):
        page.keyboard.press("j")
    expect(rows.last.locator("h2 a")).to_be_focused()
    folded.locator("summary").first.click()
    page.keyboard.press("j")
    expect(folded.locator("h2 a")).to_be_focused()
    expect(folded.locator(".because")).to_contain_text("You mute")
    site.rows("DELETE FROM following_follow")
    site.rows("DELETE FROM following_mute")
