"""Saving papers: first in the browser, then in the account; with script and without."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SHORT_LIST, fill_in_sign_in
from tests.running_site import Site

pytestmark = pytest.mark.browser


def test_what_is_saved_without_account_is_in_it_after_signing_in(page: Page, site: Site):
    site.rows("DELETE FROM library_save")
    page.goto(SHORT_LIST)
    buttons = page.locator("article .save")
    titles = [page.locator("article h2").nth(place).inner_text() for place in (0, 2)]
    for place in (0, 1, 2):
        buttons.nth(place).click()
    page.keyboard.press("k")  # back to the second of them
    page.keyboard.press("s")
    expect(page.locator("#said")).to_have_text("No longer saved")
    page.reload()
    expect(page.locator("article a.save[aria-pressed=true]")).to_have_count(2)
    expect(page.locator("[data-saved-here]")).to_have_text("Saved 2")

    page.goto("/accounts/login/")
    fill_in_sign_in(page, site)
    expect(page.locator(".messages")).to_contain_text("2 papers that were saved in this browser")
    page.goto("/me/saved")
    assert sorted(page.locator("article h2").all_inner_texts()) == sorted(titles)
    assert page.evaluate("localStorage.getItem('saved')") is None
    page.locator("article .save button").first.click()
    expect(page.locator("article .save [aria-pressed=true]")).to_have_count(1)
    expect(page.locator("#said")).to_have_text("No longer saved")


def test_without_script_a_save_leads_to_sign_in_and_back(plain_page: Page, site: Site):
    site.rows("DELETE FROM library_save")
    plain_page.goto(SHORT_LIST)
    plain_page.locator("article a.save").first.click()
    assert "/accounts/login/?next=/papers/" in plain_page.url

    fill_in_sign_in(plain_page, site)
    expect(plain_page.locator(".acts .save [aria-pressed=true]")).to_have_count(1)
    plain_page.locator(".acts .save button").click()
    expect(plain_page.locator(".acts .save [aria-pressed=false]")).to_have_count(1)
