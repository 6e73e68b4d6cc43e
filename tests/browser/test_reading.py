"""What a person does: reads, votes, filters, walks by keyboard; with script and without."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in
from tests.running_site import Site

pytestmark = pytest.mark.browser


def test_day_page_reads_and_its_mathematics_is_drawn(page: Page):
    page.goto("/papers/trending")

    expect(page.locator("h1")).to_be_visible()
    assert page.locator("math").count() > 3
    assert page.locator("article").count() > 20


@pytest.mark.parametrize(
    "path", ["/", "/papers/trending", "/topics", "/subscribe", "/accounts/login/"]
)
def test_page_keeps_to_its_policy_and_never_scrolls_sideways(page: Page, path):
    page.goto(path)  # a refused style or script is an error on the console, which fails the page

    for width in (320, 390, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_vote_changes_in_place_and_stands_after_a_reload(page: Page, site: Site):
    sign_in(page, site)
    page.goto("/papers/trending")
    button = page.locator("article button[aria-pressed]").first
    before = int(button.locator("data").get_attribute("value") or 0)

    button.click()

    pressed = page.locator("article button[aria-pressed=true]").first
    expect(pressed.locator("data")).to_have_attribute("value", str(before + 1))
    page.reload()
    expect(page.locator("article button[aria-pressed=true]")).to_have_count(1)
    page.locator("article button[aria-pressed=true]").click()
    expect(page.locator("article button[aria-pressed=true]")).to_have_count(0)


def test_vote_works_without_script_and_comes_back_to_the_list(plain_page: Page, site: Site):
    sign_in(plain_page, site)
    plain_page.goto("/papers/trending?sort=new")

    plain_page.locator("article button[aria-pressed=false]").nth(3).click()

    assert plain_page.url.endswith("/papers/trending?sort=new")
    expect(plain_page.locator("article button[aria-pressed=true]")).to_have_count(1)
    plain_page.locator("article button[aria-pressed=true]").click()
    expect(plain_page.locator("article button[aria-pressed=true]")).to_have_count(0)


def test_anonymous_vote_leads_to_sign_in(page: Page):
    page.goto("/")

    page.locator("article a.vote").first.click()

    assert "/accounts/login/?next=/papers/" in page.url


def test_topic_filter_and_the_back_button(page: Page):
    page.goto("/papers/trending")
    everything = page.locator("article").count()

    page.get_by_role("link", name="Mathematics").first.click()
    page.wait_for_url("**topic=mathematics**")

    expect(page.locator("article")).not_to_have_count(everything)
    page.go_back()
    expect(page.locator("article")).to_have_count(everything)


def test_colours_follow_the_switch_and_are_kept(page: Page):
    page.emulate_media(color_scheme="light")
    page.goto("/")
    light = background(page)

    for _ in range(3):  # automatic, light, dark
        page.locator("button.theme").click()
        if background(page) != light:
            break

    dark = background(page)
    assert dark != light
    page.reload()
    assert background(page) == dark


def test_list_is_walked_by_keyboard(page: Page):
    page.goto("/papers/trending")

    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator("article h2 a").nth(1)

    expect(second).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/papers/p*")


def test_abstract_opens_without_moving_what_is_above(page: Page):
    page.goto("/papers/trending")
    row = page.locator("article").nth(2)
    place = "(row) => [row.offsetTop, row.querySelector('h2').offsetTop]"
    before, height = row.evaluate(place), row.evaluate("(row) => row.offsetHeight")

    row.locator(".abstract summary").click()

    assert row.evaluate(place) == before
    assert row.evaluate("(row) => row.offsetHeight") > height


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
