"""Every setting, from the environment or a `.env` file; `.env.example` documents each.

This module reads and wires; `config.environment` has the checks, and one module for each larger
subject turns values into what Django expects.
"""

from pathlib import Path
from urllib.parse import urlsplit

from environs import validate

from config import admin_theme, content_security, databases, error_reports, log_lines, mail, sign_in
from config.environment import (
    AT_LEAST_ONE,
    AT_LEAST_ZERO,
    MORE_THAN_ZERO,
    byte_size,
    check_byte_size,
    check_client,
    check_domain_rates,
    check_embedding_model,
    check_mail_address,
    check_return_path,
    check_storage,
    check_time_zone,
    check_url,
    check_user_and_password,
    errors_in_one_line,
    last_site_url,
    load,
    service_url,
    stored_secret,
)
from config.sign_in import *  # noqa: F403
from selfhost import servers

BASE_DIR = Path(__file__).resolve().parent.parent

env = load(BASE_DIR / ".env")
with errors_in_one_line():
    DATA_DIR = Path(env.str("DATA_DIR", "") or BASE_DIR / ".data").absolute()
    DEBUG = env.bool("DEBUG", False)
    LOG_LEVEL = env.str(
        "LOG_LEVEL",
        "INFO",
        validate=validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]),
    )
    _log_format = env.str("LOG_FORMAT", "text", validate=validate.OneOf(["text", "json"]))
    LOG_REQUESTS = env.bool("LOG_REQUESTS", False)
    _sentry_dsn = env.str(
        "SENTRY_DSN", "", validate=check_url("https://key@host/1", "http", "https")
    )
    SITE_NAME = env.str("SITE_NAME", "Trending Papers")
    SITE_URL = env.str(
        "SITE_URL", "", validate=check_url("https://papers.example.org", "http", "https")
    )
    SITE_URL = (SITE_URL or last_site_url(DATA_DIR)).rstrip("/")
    _hsts = env.str("HSTS", "on", validate=validate.OneOf(["off", "on", "subdomains", "preload"]))
    TIME_ZONE = env.str("TIME_ZONE", "UTC", validate=check_time_zone)
    TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0, validate=AT_LEAST_ZERO)
    METRICS_TOKEN = env.str("METRICS_TOKEN", "")
    EMBEDDING_MODEL = env.str("EMBEDDING_MODEL", "", validate=check_embedding_model)

    _secret_key = env.str("SECRET_KEY", "")
    SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
    _allowed_hosts: list[str] = env.list("ALLOWED_HOSTS", [])
    _database_url = env.str("DATABASE_URL", "")
    REDIS_URL = env.str(
        "REDIS_URL",
        "",
        validate=check_url("redis://:password@host:6379/0", "redis", "rediss", "redis+socket"),
    )
    CACHE_URL = env.str(
        "CACHE_URL",
        "",
        validate=check_url("redis://:password@host:6379/1", "redis", "rediss", "unix"),
    )

    FETCH_ALLOW_PRIVATE = env.bool("FETCH_ALLOW_PRIVATE", False)
    ARXIV_API_URL = service_url(env, "ARXIV_API_URL", "https://export.arxiv.org/api/query")
    ARXIV_OAI_URL = service_url(env, "ARXIV_OAI_URL", "https://oaipmh.arxiv.org/oai")
    ARXIV_HTML_URL = service_url(env, "ARXIV_HTML_URL", "https://arxiv.org/html")
    ARXIV_HOSTS = env.list(
        "ARXIV_HOSTS", ["arxiv.org", "rss.arxiv.org", "export.arxiv.org", "oaipmh.arxiv.org"]
    )
    CROSSREF_API_URL = service_url(env, "CROSSREF_API_URL", "https://api.crossref.org")
    DATACITE_API_URL = service_url(env, "DATACITE_API_URL", "https://api.datacite.org")
    OPENREVIEW_API_URLS: list[str] = env.list(
        "OPENREVIEW_API_URLS", ["https://api2.openreview.net", "https://api.openreview.net"]
    )

    SUBMITTER_UPVOTES = env.bool("SUBMITTER_UPVOTES", True)
    EXPECTED_SCORE = env.bool("EXPECTED_SCORE", True)
    COMMENTS = env.bool("COMMENTS", True)
    CURATORS_NAMED = env.bool("CURATORS_NAMED", True)
    PICTURES = env.bool("PICTURES", True)
    MEDIA_BUDGET = byte_size(env.str("MEDIA_BUDGET", "2G", validate=check_byte_size))
    _media_storage = env.json("MEDIA_STORAGE", {}, validate=check_storage)

    _orcid_client = env.str("ORCID_CLIENT", "", validate=check_client)
    _github_client = env.str("GITHUB_CLIENT", "", validate=check_client)
    _google_client = env.str("GOOGLE_CLIENT", "", validate=check_client)

    _email_url = env.str("EMAIL_URL", "")
    _site_host = urlsplit(SITE_URL).hostname
    CONTACT_EMAIL = env.str("CONTACT_EMAIL", f"contact@{_site_host}", validate=check_mail_address)
    DEFAULT_FROM_EMAIL = env.str(
        "DEFAULT_FROM_EMAIL", f"{SITE_NAME} <papers@{_site_host}>", validate=check_mail_address
    )
    RETURN_PATH = env.str("RETURN_PATH", "", validate=check_return_path)
    HOOK_SECRET = env.str("HOOK_SECRET", "", validate=check_user_and_password)
    SENDING_HELD = env.bool("SENDING_HELD", False)
    MAIL_CONNECTIONS = env.int("MAIL_CONNECTIONS", 4, validate=AT_LEAST_ONE)
    MAIL_RATE = env.float("MAIL_RATE", 0.0, validate=AT_LEAST_ZERO)
    MAIL_DOMAIN_RATES: dict[str, float] = env.dict(
        "MAIL_DOMAIN_RATES", {}, subcast_values=float, validate=check_domain_rates
    )

    SWEEP_SECONDS = env.float("SWEEP_SECONDS", 60.0, validate=MORE_THAN_ZERO)
    # Longer than the longest poll, a command's wait included.
    LEASE_SECONDS = env.float("LEASE_SECONDS", 600.0, validate=MORE_THAN_ZERO)
    # Leases and waits of mail; shorter ones are for tests that kill things.
    MAIL_CLAIM_SECONDS = env.float("MAIL_CLAIM_SECONDS", 120.0)
    MAIL_SENDING_SECONDS = env.float("MAIL_SENDING_SECONDS", 300.0)
    MAIL_DOT_SECONDS = env.float("MAIL_DOT_SECONDS", 120.0)
    MAIL_RETRY_SECONDS = env.float("MAIL_RETRY_SECONDS", 300.0)
    MAIL_STALE_SECONDS = env.float("MAIL_STALE_SECONDS", 86_400.0)
    MAIL_RUN_SECONDS = env.float("MAIL_RUN_SECONDS", 55.0)
    CONFIRMATION_PAUSE_SECONDS = env.float("CONFIRMATION_PAUSE_SECONDS", 180.0)
    CONFIRMATION_LIFE_SECONDS = env.float("CONFIRMATION_LIFE_SECONDS", 604_800.0)

VARIABLES = frozenset(env.dump())  # the names of all of these
_site = urlsplit(SITE_URL)
SECRET_KEY = _secret_key or stored_secret(DATA_DIR, "secret-key")

# --- Django's parts ---

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
INSTALLED_APPS = [
    "accounts",
    "papers",
    "library",
    "following",
    "interests",
    "comments",
    "profiles",
    "notifications",
    "reader_api",
    "subscriptions",
    "selfhost",
    "unfold.apps.BasicAppConfig",  # the theme alone, without its own admin site
    "site_web.apps.SiteAdminConfig",  # django.contrib.admin, with our admin site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.sitemaps",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.github",
    "allauth.socialaccount.providers.openid_connect",
    "anymail",
    "csp",
    "django_htmx",
]
MIDDLEWARE = [
    "site_web.request_log.log_requests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "site_web.middleware.bounded_query",
    "site_web.middleware.no_nul",
    "site_web.middleware.no_trailing_slash",
    "django.middleware.gzip.GZipMiddleware",
    "site_web.page_cache.cache_public_pages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "site_web.middleware.anonymous_without_session_cookie",
    "site_web.middleware.refused_values",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
# In a cookie until they are shown: a page without messages need not open a session to find that.
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "site_web.context_processors.site",
            ]
        },
    }
]
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": _media_storage or {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "site_web.static_files.StaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o600  # also of the collected files, which only the site serves
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# Answered at fixed addresses, which browsers and phones try: /favicon.ico, /apple-touch-icon.png.
WHITENOISE_ROOT = BASE_DIR / "static" / "root"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = False
LANGUAGE_CODE = "en"
USE_I18N = False  # one language; looking it up for each value took a third of a list's time
USE_TZ = True

# --- PostgreSQL and Valkey: embedded servers where no URL names another ---

EMBEDDED_POSTGRES = not _database_url
EMBEDDED_VALKEY = not REDIS_URL
DATABASES = databases.databases(_database_url or servers.database_url(DATA_DIR))
CELERY_BROKER_URL = REDIS_URL or servers.redis_url(DATA_DIR)
CACHE_URL = CACHE_URL or databases.default_cache_url(CELERY_BROKER_URL)
CACHES = databases.caches(CACHE_URL)

# --- Mail ---

_mail = mail.from_url(_email_url)
EMAIL_BACKEND = _mail.backend
EMAIL_HOST = _mail.host
EMAIL_PORT = _mail.port
EMAIL_HOST_USER = _mail.user
EMAIL_HOST_PASSWORD = _mail.password
EMAIL_USE_SSL = _mail.use_ssl
EMAIL_USE_TLS = _mail.use_tls
EMAIL_TIMEOUT = 30
EMAIL_FILE_PATH = DATA_DIR / "outbox"  # of `selfhost.outbox` alone
ANYMAIL = {"WEBHOOK_SECRET": HOOK_SECRET} | _mail.anymail

# --- Accounts: all that depends on no variable is in config.sign_in ---

ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
MFA_TOTP_ISSUER = SITE_NAME
SOCIALACCOUNT_PROVIDERS = sign_in.providers(_orcid_client, _github_client, _google_client)

# --- Security ---

_https = _site.scheme == "https"
ADMIN_NEEDS_SECOND_STEP = _https
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _https  # for localhost: browsers refuse others
ALLOWED_HOSTS = _allowed_hosts or [str(_site.hostname), "localhost", "127.0.0.1", "[::1]"]
CSRF_FAILURE_VIEW = "site_web.wrong_address.csrf_failure"
CSRF_TRUSTED_ORIGINS = [f"{_site.scheme}://{_site.netloc}"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_NAME = "__Host-session" if _https else "session"
SECURE_SSL_REDIRECT = _https
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # `up` and containers call it without the proxy
SECURE_HSTS_SECONDS = 31_536_000 if _https and _hsts != "off" else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _hsts in {"subdomains", "preload"}
SECURE_HSTS_PRELOAD = _hsts == "preload"
# `check --deploy` would warn of what HSTS leaves out on purpose.
SILENCED_SYSTEM_CHECKS = [] if _hsts == "preload" else ["security.W005", "security.W021"]
if _hsts == "off":
    SILENCED_SYSTEM_CHECKS.append("security.W004")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": content_security.directives(sign_in.hosts(SOCIALACCOUNT_PROVIDERS))
}

LOGGING = log_lines.logging_config(LOG_LEVEL, _log_format)
error_reports.send_to(_sentry_dsn)
UNFOLD = admin_theme.unfold(SITE_NAME)
