"""A curator's morning at the desk, by keyboard alone and by mouse alone."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in
from tests.running_site import Site

pytestmark = [pytest.mark.browser]
CURATED = "listed_on, listing_wanted, position, featured, hidden_at, hidden_why"
QUEUE = "#queue-rows .desk-row:not([hidden])"
DAY = "#day-rows .desk-row"
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def queue(site: Site) -> Iterator[list[str]]:
    """Titles: eight papers wait, in this order, and four are on today's page, in theirs."""
    site.rows("DROP TABLE IF EXISTS desk_kept")
    site.rows(f"CREATE TABLE desk_kept AS SELECT id, {CURATED} FROM papers_paper")
    site.rows(
        """
        UPDATE papers_paper SET listing_wanted = number <= 8, position = NULL, hidden_at = NULL,
               listed_on = CASE WHEN number BETWEEN 9 AND 12 THEN %s::date END, featured = FALSE
          FROM (SELECT id AS paper,
                       row_number() OVER (ORDER BY title <> title_text, id DESC) AS number
                  FROM papers_paper) AS numbered
         WHERE id = paper
        """,
        timezone.localdate(),
    )
    rows = site.rows("SELECT title_text FROM papers_paper WHERE listing_wanted ORDER BY id DESC")
    yield [title for (title,) in rows]
    columns = ", ".join(f"{name} = kept.{name}" for name in CURATED.split(", "))
    site.rows(
        f"UPDATE papers_paper SET {columns} FROM desk_kept AS kept WHERE kept.id = papers_paper.id"
    )
    site.rows("DROP TABLE desk_kept")
    site.rows("DELETE FROM papers_curatoraction")


def open_desk(page: Page, site: Site) -> None:
    sign_in(page, site)
    page.goto("/admin/?sort=new")
    expect(page.locator(QUEUE)).to_have_count(8)


def place_of(site: Site, title: str) -> object:
    query = (
        "SELECT listed_on, position, featured, hidden_why FROM papers_paper WHERE title_text = %s"
    )
    return site.rows(query, title)[0]


def test_morning_by_keyboard_loses_neither_place_nor_focus(page: Page, site: Site, queue):
    today = timezone.localdate()
    open_desk(page, site)
    here = page.locator(".desk-row:focus h3")
    status = page.locator("#desk-status")

    def press(keys: str, says: str, then: str | None = None) -> None:
        for key in keys.split():
            page.keyboard.press(key)
        expect(status).to_contain_text(says)
        if then:
            expect(here).to_contain_text(then)

    page.keyboard.press("j")
    expect(here).to_contain_text(queue[0])
    press("l", f"Listed: “{queue[0]}”", then=queue[1])
    press("3 l", f"Listed: “{queue[1]}”", then=queue[2])
    expect(page.locator(DAY).nth(2)).to_contain_text(queue[1])
    press("p", "as an editors’ pick", then=queue[3])
    page.keyboard.press("s")
    expect(page.locator("#id_day")).to_be_focused()
    press("Enter", f"Scheduled: “{queue[3]}”", then=queue[4])
    page.keyboard.press("h")
    expect(page.locator("#desk-dialog")).to_contain_text("Off topic")
    press("1", f"Hidden: “{queue[4]}” (Off topic)", then=queue[5])
    press("u", "Undone: Hidden", then=queue[5])
    expect(page.locator(QUEUE)).to_have_count(4)
    page.keyboard.press("t")  # which the theme takes for its search
    expect(page.locator("#desk-dialog")).to_contain_text("Set topics")
    page.keyboard.press("1")
    press("Enter", "Changed the topics of", then=queue[5])
    press("x j x l", f"Listed: “{queue[5]}” and 1 more")
    press("u", "Undone: Listed")

    page.keyboard.press("ArrowRight")
    page.keyboard.press("j")
    moved = here.inner_text()
    press("J", "Moved", then=moved)
    expect(page.locator(DAY).nth(2)).to_contain_text(moved)
    press("K", "to place 2", then=moved)
    press("q", "Put into the queue")
    page.keyboard.press("?")
    expect(page.locator("#desk-keys")).to_be_visible()
    page.keyboard.press("Escape")

    assert place_of(site, queue[1])[:2] == (today, 3)  # type: ignore[index]
    assert place_of(site, queue[2]) == (today, None, True, "")
    assert place_of(site, queue[3])[0] == today + timedelta(days=1)  # type: ignore[index]
    assert place_of(site, queue[4]) == (None, None, False, "")


def test_morning_by_mouse_and_on_a_phone(page: Page, site: Site, queue):
    open_desk(page, site)
    status = page.locator("#desk-status")
    row = page.locator(QUEUE).first

    row.get_by_role("button", name="List").click()
    expect(status).to_contain_text(f"Listed: “{queue[0]}”")
    expect(row).to_contain_text(queue[1])
    row.drag_to(page.locator(DAY).nth(2), source_position={"x": 60, "y": 8})
    expect(status).to_contain_text(f"Listed: “{queue[1]}”")
    expect(page.locator(DAY).nth(2)).to_contain_text(queue[1])
    page.locator(DAY).nth(2).drag_to(page.locator(DAY).first, source_position={"x": 60, "y": 8})
    expect(page.locator(DAY).first).to_contain_text(queue[1])
    row.get_by_role("button", name="Schedule").click()
    page.locator("#desk-dialog").get_by_role("button", name="Schedule").click()
    expect(status).to_contain_text(f"Scheduled: “{queue[2]}”")
    status.get_by_role("button", name="Undo").click()
    expect(row).to_contain_text(queue[2])
    page.locator("#desk-tabs").get_by_text("Tomorrow").click()
    expect(page.locator("#side h2").first).not_to_contain_text(f"{timezone.localdate():%A}")

    page.set_viewport_size(PHONE)
    for name, says in (("List", "Scheduled"), ("Pick", "as an editors’ pick"), ("Hide", "Hidden")):
        row.get_by_role("button", name=name).click()
        if name == "Hide":
            page.get_by_label("Spam").check()
            page.locator("#desk-dialog").get_by_role("button", name="Hide").click()
        expect(status).to_have_text(re.compile(rf"^(?!Undone).*{says}"))
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    assert page.evaluate(
        "[...document.querySelectorAll('.desk h3')].every(it => it.scrollWidth <= it.clientWidth)"
    )


def test_without_javascript_the_admin_is_seen_and_a_rule_is_previewed(
    plain_page: Page, site: Site
) -> None:
    """The theme hides its pages until its script has run."""
    sign_in(plain_page, site)
    plain_page.goto("/admin/")
    expect(plain_page.get_by_role("heading", name="Last actions")).to_be_visible()
    plain_page.goto("/admin/papers/topic/add/")
    plain_page.locator("[name=words]").fill("moss")
    plain_page.get_by_role("button", name="Preview").click()
    expect(plain_page.get_by_role("heading", name="Caught")).to_be_visible()
    expect(plain_page.locator("[name=words]")).to_have_value("moss")
