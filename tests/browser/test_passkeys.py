"""Passkeys in a real browser, with an authenticator that Chromium itself plays."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import fill_in_sign_in, violations
from tests.running_site import Site

pytestmark = pytest.mark.browser
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_passkey_is_added_and_signs_in_as_second_step_and_alone(
    chromium: Browser, site: Site
) -> None:
    # A passkey belongs to a host name, which an IP address is not.
    context = chromium.new_context(base_url=site.url.replace("127.0.0.1", "localhost"))
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda it: complaints.append(it.text) if it.type == "error" else None)
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    key = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    account = page.get_by_role("link", name="Account", exact=True)
    try:
        page.goto("/accounts/login/")
        fill_in_sign_in(page, site)
        page.goto("/accounts/2fa/")
        assert violations(page) == []
        page.get_by_role("link", name="Add passkey").click()
        page.get_by_label("Password").fill((site.data_dir / "admin-password").read_text())
        page.get_by_role("button", name="Continue").click()
        page.get_by_label("Name").fill("Laptop")
        page.get_by_role("button", name="Add passkey").click()
        expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
        assert violations(page) == []

        context.clear_cookies()
        page.goto("/accounts/login/")
        fill_in_sign_in(page, site)
        expect(page.get_by_role("heading", name="Second step")).to_be_visible()
        page.get_by_role("button", name="Use passkey").click()
        expect(account).to_be_visible()

        context.clear_cookies()
        page.goto("/accounts/login/?next=/about")
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page).to_have_url(f"{site.url.replace('127.0.0.1', 'localhost')}/about")
        expect(account).to_be_visible()

        context.clear_cookies()
        devtools.send(
            "WebAuthn.setUserVerified",
            {"authenticatorId": key["authenticatorId"], "isUserVerified": False},
        )
        page.goto("/accounts/login/")
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_role("alert")).to_contain_text("No passkey was used")
        assert complaints == []
    finally:
        site.rows("DELETE FROM mfa_authenticator RETURNING 1")  # for the tests that sign in next
        context.close()
