"""A reader from the first save to the deletion of the account, with script and without.

Two people: Ada, whose way this is, and Ben, who replies to her.
"""

import json

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SHORT_LIST
from tests.browser.test_subscribing import mailed_link
from tests.database_search import columns_with
from tests.running_site import Site
from tests.test_journey import soon

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
PASSWORD = "three blind mice"
BEN = "INSERT INTO accounts_user (email, password, name, is_active, is_staff, is_superuser,\
 date_joined) VALUES (%s, '', 'Ben', TRUE, FALSE, FALSE, now() - interval '9 days') RETURNING id"
REPLY = "INSERT INTO comments_comment (paper_id, author_id, parent_id, text, by_program, state,\
 created_at) SELECT paper_id, %s, id, 'It grows.', FALSE, 'visible', now() FROM comments_comment\
 WHERE text LIKE 'Is %%' AND author_id = %s"


@pytest.mark.parametrize(
    "script", [True, pytest.param(False, marks=pytest.mark.long)], ids=["script", "no script"]
)
def test_a_reader_keeps_follows_talks_and_leaves_nothing(
    chromium: Browser, site: Site, script: bool
) -> None:
    context = chromium.new_context(base_url=site.url, java_script_enabled=script)
    page = context.new_page()
    ada = f"ada-{script}@example.org".lower()

    titles = save_five(page, site, ada, script)
    page.goto("/me/saved")
    assert sorted(page.locator("article h2").all_inner_texts()) == sorted(titles)

    be_shown_what_fits(page, site, titles)
    mute_a_word(page)
    comment(page)
    stop_the_mails_of_replies(page, site, ada)

    page.goto("/accounts/email/")
    export = json.loads(context.request.get("/accounts/data/").text())
    assert len(export["saved"]) == 5
    assert "Is $x^2$" in json.dumps(export["comments"])
    leave(page)
    assert columns_with(ada, site.rows) == []
    context.close()


def save_five(page: Page, site: Site, address: str, script: bool) -> list[str]:
    """Before there is an account where the browser has script, else after signing up."""
    page.goto(SHORT_LIST)
    titles = page.locator("article h2").all_inner_texts()[:5]
    if script:
        for place in range(5):
            page.locator("article a.save").nth(place).click()
    sign_up(page, site, address)
    if not script:
        for place in range(5):
            page.goto(SHORT_LIST)
            page.locator("article .save button").nth(place).click()
    saved = "SELECT count(*) FROM library_save JOIN accounts_user AS u ON u.id = reader_id\
 WHERE u.email = %s"
    soon(lambda: site.rows(saved, address) == [(5,)], "the five saves in the account")
    return titles


def sign_up(page: Page, site: Site, address: str) -> None:
    page.goto("/accounts/signup/")
    page.locator("input[name=email]").fill(address)
    page.locator("input[name=password1]").fill(PASSWORD)
    page.locator("main form button").first.click()
    page.goto(mailed_link(site, address, r"/confirm-email/\S+"))
    page.locator("main form button").first.click()
    page.goto("/accounts/login/")
    if page.locator("input[name=login]").count():
        page.locator("input[name=login]").fill(address)
        page.locator("input[name=password]").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(lambda url: "login" not in url)
    page.wait_for_load_state("networkidle")  # also of what the browser had saved
    # As an account of some days, whose first comment needs no curator.
    older = "UPDATE accounts_user SET date_joined = now() - interval '9 days' WHERE email = %s"
    site.rows(older, address)


def be_shown_what_fits(page: Page, site: Site, titles: list[str]) -> None:
    page.goto("/me/interests")
    page.get_by_label("Name").fill("Mine")
    page.get_by_label("The papers I save").check()
    page.get_by_role("button", name="Make interest").click()
    untrained = "SELECT 1 FROM interests_interest WHERE trained_at IS NULL"
    soon(lambda: not site.rows(untrained), "the training of an interest")

    page.goto("/papers/for-you")

    shown = page.locator("article h2").all_inner_texts()
    assert shown
    assert not set(shown) & set(titles)
    expect(page.locator("main")).to_contain_text("Like ")
    expect(page.locator("main")).to_contain_text("which you saved")


def mute_a_word(page: Page) -> None:
    page.goto(SHORT_LIST)
    word = page.locator("article h2").first.inner_text().split()[-1]
    page.goto("/me/follows")
    muting = page.locator("#mutes form.choose")
    muting.get_by_label("What").select_option("word")
    muting.get_by_label("Name or words").fill(word)
    muting.get_by_role("button", name="Mute").click()

    page.goto(SHORT_LIST)

    expect(page.locator("details.folded > summary")).to_contain_text("muted")


def comment(page: Page) -> None:
    page.locator("article h2 a").first.click()
    form = page.locator("#comments > form")
    form.get_by_label("Your comment").fill("Is $x^2$ *right*?")
    form.get_by_role("button", name="Comment").click()

    expect(page.locator("#comments .comment math")).to_have_count(1)


def stop_the_mails_of_replies(page: Page, site: Site, address: str) -> None:
    page.goto("/me/notifications")
    page.get_by_label("Replies to my comments").check()
    page.get_by_role("button", name="Save changes").click()
    [[ada]] = site.rows("SELECT id FROM accounts_user WHERE email = %s", address)
    [[ben]] = site.rows(BEN, address.replace("ada", "ben"))

    site.rows(REPLY, ben, ada)

    stop = mailed_link(site, address, "/stop-notifications")
    page.goto(stop)
    page.locator("main form button").first.click()
    choices = "SELECT count(*) FROM notifications_mailchoice WHERE reader_id = %s AND kinds <> '{}'"
    soon(lambda: site.rows(choices, ada) == [(0,)], "the end of these mails")


def leave(page: Page) -> None:
    page.goto("/accounts/delete/")
    if page.get_by_label("Password", exact=True).count():
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.locator("main form button").first.click()
    page.get_by_role("button", name="Delete my account").click()
