"""Settings of accounts and sign-in (django-allauth) that depend on no variable; and its providers.

`config.settings` imports the names in capitals as its own.
"""

from typing import Any

from accounts import foreign_text

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "site_web.account_adapter.AccountAdapter"
ACCOUNT_FORMS = {"signup": "accounts.forms.SignupForm"}
ACCOUNT_USER_DISPLAY = foreign_text.display_name
ACCOUNT_RATE_LIMITS = {"mail": "10/h/key"}  # the key is a mailbox; the others are allauth's
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD = "website"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # in the browser that signed up, and no other
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
MFA_ADAPTER = "accounts.second_step.MFAAdapter"
MFA_FORMS = {"add_webauthn": "accounts.forms.AddPasskeyForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1  # a clock may be half a minute off
MFA_ALLOW_UNVERIFIED_EMAIL = True  # of a change of address: who signs in has proven another one
SOCIALACCOUNT_ADAPTER = "accounts.linked_accounts.SocialAccountAdapter"
SOCIALACCOUNT_FORMS = {"signup": "accounts.forms.LinkedSignupForm"}
SOCIALACCOUNT_AUTO_SIGNUP = False  # first a form, which shows the address and asks for a handle

OPENID_SERVERS = {"orcid": "https://orcid.org", "google": "https://accounts.google.com"}


def providers(orcid: str, github: str, google: str) -> dict[str, Any]:
    """SOCIALACCOUNT_PROVIDERS of these clients (`id:secret`), without those that are empty.

    ORCID and Google speak OpenID Connect. ORCID has no scope for addresses: its sign-up asks for
    one.
    """
    orcid_app = _openid_app("orcid", "ORCID", orcid, scope=["openid"])
    google_app = _openid_app("google", "Google", google, scope=["openid", "profile", "email"])
    github_app = {"name": "GitHub"} | _keys(github)
    return {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [app for app, keys in [(orcid_app, orcid), (google_app, google)] if keys],
        },
        "github": {"OAUTH_PKCE_ENABLED": True, "APPS": [github_app] if github else []},
    }


def hosts(providers: dict[str, Any]) -> list[str]:
    """Where the sign-in form may lead: browsers apply `form-action` to its redirect as well."""
    openid = [app["settings"]["server_url"] for app in providers["openid_connect"]["APPS"]]
    return openid + (["https://github.com"] if providers["github"]["APPS"] else [])


def _openid_app(provider_id: str, name: str, client: str, scope: list[str]) -> dict[str, Any]:
    settings = {"server_url": OPENID_SERVERS[provider_id], "scope": scope}
    return {"provider_id": provider_id, "name": name, "settings": settings} | _keys(client)


def _keys(client: str) -> dict[str, str]:
    client_id, _, secret = client.partition(":")
    return {"client_id": client_id, "secret": secret}
