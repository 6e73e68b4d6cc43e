"""What a person does with script: votes, filters, goes back, opens a row, changes the colours."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SHORT_LIST, sign_in
from tests.running_site import Site

pytestmark = pytest.mark.browser


def test_vote_changes_in_place_on_a_list_and_on_a_page_and_stands_after_a_reload(
    page: Page, site: Site, paper: str
):
    sign_in(page, site)
    page.goto(SHORT_LIST)
    button = page.locator("article button[aria-pressed]").first
    before = int(button.locator("data").get_attribute("value") or 0)

    button.click()

    pressed = page.locator("article button[aria-pressed=true]").first
    expect(pressed.locator("data")).to_have_attribute("value", str(before + 1))
    page.reload()
    expect(page.locator("article button[aria-pressed=true]")).to_have_count(1)
    page.locator("article button[aria-pressed=true]").click()
    expect(page.locator("article button[aria-pressed=true]")).to_have_count(0)

    page.goto(paper)
    before = int(page.locator(".vote data").get_attribute("value") or 0)
    page.locator(".vote button").click()
    expect(page.locator(".vote data")).to_have_attribute("value", str(before + 1))
    page.locator(".vote button").click()
    expect(page.locator(".vote data")).to_have_attribute("value", str(before))


def test_stranger_filters_goes_back_and_is_led_to_sign_in_by_a_vote(page: Page):
    page.goto("/papers/trending")
    expect(page.locator("h1")).to_be_visible()
    everything = page.locator("article").count()
    assert everything > 20
    assert page.locator("math").count() > 3

    page.get_by_role("link", name="Mathematics").first.click()
    page.wait_for_url("**topic=mathematics**")
    expect(page.locator("article")).not_to_have_count(everything)
    page.go_back()
    expect(page.locator("article")).to_have_count(everything)

    page.locator("article a.vote").first.click()
    assert "/accounts/login/?next=/papers/" in page.url


def test_opening_a_row_moves_nothing_above_it_and_its_reason_moves_nothing(page: Page):
    page.goto(SHORT_LIST)
    row, following = page.locator("article").nth(1), page.locator("article").nth(2)
    place = "(row) => [row.offsetTop, row.querySelector('h2').offsetTop]"
    before, height = row.evaluate(place), row.evaluate("(row) => row.offsetHeight")
    next_before = following.evaluate(place)

    row.locator(".why summary").click()
    expect(row.locator(".why p")).to_be_visible()
    assert following.evaluate(place) == next_before

    row.locator(".abstract summary").click()
    assert row.evaluate(place) == before
    assert row.evaluate("(row) => row.offsetHeight") > height


def test_colours_follow_the_switch_and_are_kept(page: Page):
    page.emulate_media(color_scheme="light")
    page.goto("/about")
    light = background(page)

    for _ in range(3):  # automatic, light, dark
        page.locator("button.theme").click()
        if background(page) != light:
            break

    dark = background(page)
    assert dark != light
    page.reload()
    assert background(page) == dark


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
