"""From the form to the preferences as a person goes, with script and without; and for everybody."""

import re
import time
from email import message_from_bytes, policy

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import faults, sign_in, violations, wait_for_archive
from tests.running_site import Site

pytestmark = pytest.mark.browser
FAY = "fay@example.org"


def mailed_link(site: Site, address: str, ending: str) -> str:
    """The path of the link in the newest mail to this address."""
    outbox, deadline = site.data_dir / "outbox", time.monotonic() + 30
    while time.monotonic() < deadline:
        for file in sorted(outbox.glob("*.eml"), reverse=True):
            message = message_from_bytes(file.read_bytes(), policy=policy.default)
            part = message.get_body(("plain",))
            if message["To"] == address and part:
                found = re.search(rf"https?://[^/\s]+(/?\S*{ending})\s", part.get_content())
                if found:
                    return found[1]
        time.sleep(0.2)
    raise AssertionError(f"no mail to {address} with a link to {ending}")


def subscribe(page: Page, site: Site, address: str, query: str = "") -> None:
    """Fill in the form, open the mailed link, press its button."""
    page.goto(f"/subscribe{query}")
    page.get_by_label("Email address").fill(address)
    if not query:
        page.get_by_label("Everything").check()
    page.get_by_role("button", name="Subscribe").click()
    expect(page.locator("h1")).to_have_text("Check your inbox")
    page.goto(mailed_link(site, address, "/confirm"))
    page.get_by_role("button", name="Confirm subscription").click()
    expect(page.locator("h1")).to_have_text("You are subscribed")


@pytest.fixture(scope="module")
def preferences(chromium: Browser, site: Site) -> str:
    """The address of the preferences of Fay, who subscribed with script."""
    context = chromium.new_context(base_url=site.url)
    page = context.new_page()
    subscribe(page, site, FAY)
    link = page.get_by_role("link", name="Choose topics, day and hour")
    address = str(link.get_attribute("href"))
    context.close()
    return address


@pytest.mark.parametrize(
    ("zone", "proposed"), [("Asia/Calcutta", "Asia/Calcutta"), ("Etc/GMT+3", "UTC")]
)
def test_form_proposes_the_zone_of_the_browser_and_keeps_the_one_chosen(
    chromium: Browser, site: Site, zone: str, proposed: str
) -> None:
    """Which some browsers call by its old name, and some zones are not for people."""
    context = chromium.new_context(base_url=site.url, timezone_id=zone)
    page = context.new_page()
    page.goto("/subscribe")
    expect(page.get_by_label("Time zone")).to_have_value(proposed)
    page.get_by_label("Email address").fill("dora@example")
    page.get_by_label("Everything").check()
    page.get_by_label("Time zone").select_option("Europe/Berlin")
    page.get_by_role("button", name="Subscribe").click()
    expect(page.locator(".errorlist").first).to_be_visible()
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Berlin")
    context.close()


def test_address_beside_a_list_orders_what_the_list_shows(chromium: Browser, site: Site) -> None:
    """With script in the browser's zone, also after a filter; without it at the chosen offset."""
    for script, zone in ((True, "Europe/Berlin"), (False, "UTC+2")):
        context = chromium.new_context(
            base_url=site.url, timezone_id="Europe/Berlin", java_script_enabled=script
        )
        page = context.new_page()
        page.goto("/")
        page.get_by_label("At least 3 upvotes").click()
        expect(page).to_have_url(re.compile("min_votes=3"))
        form = page.locator("form.subscribe:visible")
        form.get_by_label("Email address").fill(f"ivo-{script}@example.org")
        if not script:
            form.get_by_label("Your clock is").select_option("2 h ahead of UTC")
        form.get_by_role("button", name="Subscribe").click()
        expect(page.locator(".page")).to_contain_text(
            f"All papers by email, every day at 07:00 ({zone}), from 3 upvotes on."
        )
        context.close()


def test_reader_chooses_what_to_get_before_anything_is_ordered(
    plain_page: Page, site: Site
) -> None:
    page = plain_page
    page.goto("/subscribe")
    topics = page.get_by_role("group", name="Topics")
    everything, chosen = page.get_by_label("Everything"), page.get_by_label("Only what I choose")
    expect(everything).not_to_be_checked()
    expect(chosen).not_to_be_checked()
    page.get_by_label("Email address").fill("hal@example.org")
    page.get_by_role("button", name="Subscribe").click()
    expect(page).to_have_title(re.compile("Subscribe"))  # the browser asks for the choice

    everything.check()
    expect(topics).to_be_hidden()
    chosen.check()
    page.get_by_role("button", name="Subscribe").click()
    expect(page.locator(".errorlist")).to_contain_text("Choose what you want to get")
    expect(page.get_by_label("Email address")).to_have_value("hal@example.org")
    topics.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Subscribe").click()
    expect(page.locator("h1")).to_have_text("Check your inbox")
    expect(page.locator(".page")).not_to_contain_text("All papers")


def test_whole_way_works_without_script(plain_page: Page, site: Site) -> None:
    page = plain_page
    subscribe(page, site, "cora@example.org", "?search=moss&author=Ada+Quill")
    page.get_by_role("link", name="Choose topics, day and hour").click()
    expect(page.get_by_role("group", name="“moss”")).to_be_visible()
    search = page.get_by_role("group", name="“moss”")
    search.get_by_label("How often").select_option("weekly")
    search.get_by_label("Papers, at most").fill("5")
    page.get_by_role("group", name="Papers by Ada Quill").get_by_label("Remove").check()
    page.get_by_text("Add something").click()
    page.get_by_label("All papers").check()
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator(".messages")).to_contain_text("Kept")
    expect(page.get_by_role("group", name="All papers")).to_be_visible()
    expect(page.get_by_role("group", name="Papers by Ada Quill")).to_have_count(0)
    expect(search.get_by_label("Papers, at most")).to_have_value("5")

    page.get_by_role("button", name="Pause all emails").click()
    expect(page.get_by_role("button", name="Resume emails")).to_be_visible()
    page.get_by_role("button", name="Stop all emails").click()
    expect(page.locator("h1")).to_have_text("You will get no more emails")
    assert page.context.cookies() == []


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_pages_of_mail_are_for_everybody(page: Page, site: Site, preferences: str, scheme) -> None:
    wait_for_archive(site)
    page.emulate_media(color_scheme=scheme)
    for path in (preferences, f"{preferences}/forget", "/digests"):
        page.goto(path)
        assert faults(page) == [], path
    page.locator(".past a").first.click()
    expect(page.locator("article.paper").first).to_be_visible()
    assert faults(page) == []


@pytest.mark.long
def test_curators_pages_of_mail_are_for_everybody(page: Page, site: Site) -> None:
    sign_in(page, site)
    [[issue]] = site.rows("SELECT id FROM subscriptions_issue ORDER BY id LIMIT 1")
    for path in (f"issue/{issue}/change/", f"issue/{issue}/preview/", "delivery/deliverability/"):
        page.goto(f"/admin/subscriptions/{path}")
        expect(page.locator(".desk-account, .desk-parts, .desk-chart").first).to_be_visible()
        assert violations(page, ".desk-account, .desk-parts, .desk-chart, .desk-ask") == [], path


def test_a_reader_votes_from_a_digest_without_script(
    plain_page: Page, preferences: str, site: Site
) -> None:
    """The page tells other sites nothing of its address, and yet its forms are believed."""
    site.rows("UPDATE subscriptions_subscriber SET next_due_at = now() WHERE address = %s", FAY)
    sign_in(plain_page, site)
    plain_page.goto(mailed_link(site, FAY, r"/digests/view/\S+"))

    plain_page.locator("article button[aria-pressed=false]").first.click()

    expect(plain_page.locator("article button[aria-pressed=true]")).to_have_count(1)
    plain_page.locator("article button[aria-pressed=true]").click()
    expect(plain_page.locator("article button[aria-pressed=true]")).to_have_count(0)
