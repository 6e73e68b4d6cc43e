"""Every setting, from the environment or a `.env` file; `.env.example` documents each."""

import os
import secrets
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import dj_database_url
from environs import Env, EnvError, ValidationError, validate

from selfhost import servers

BASE_DIR = Path(__file__).resolve().parent.parent


def stop(variable: str, why: str) -> SystemExit:
    """One line that names the variable, in whatever process reads it."""
    return SystemExit(f"Setting {variable}: {why}")


def last_address() -> str:
    """Where `up` listened last, so that links in mails sent by other commands lead there."""
    try:
        return (DATA_DIR / "address").read_text().strip()
    except OSError:
        return "http://localhost:8000"


def a_url(example: str, *schemes: str) -> Callable[[str], None]:
    """A check that a value is an address of one of these schemes, or is not set."""

    def check(value: str) -> None:
        try:
            parts = urlsplit(value)
            right = parts.scheme in schemes and bool(parts.port or parts.hostname or parts.path)
        except ValueError:  # a port that is no number, half an IPv6 address
            right = False
        if value and not right:
            raise ValidationError(f"write it as {example}")

    return check


def a_mail_address(value: str) -> None:
    if value and ("@" not in value or "\n" in value):
        raise ValidationError(f"“{value}” is no mail address")


def a_return_path(value: str) -> None:
    if value and ("{token}" not in value or "@" not in value):
        raise ValidationError("write it as bounce+{token}@host")


def a_user_and_password(value: str) -> None:
    user, _, password = value.partition(":")
    if value and not (user and password):
        raise ValidationError("write it as user:password")


def a_time_zone(value: str) -> None:
    try:
        ZoneInfo(value)
    except (OSError, ValueError, ZoneInfoNotFoundError):
        raise ValidationError(f"“{value}” is no time zone such as Europe/Berlin") from None


def a_model(value: str) -> None:
    if value and not all((Path(value) / name).is_file() for name in MODEL_FILES):
        raise ValidationError(f"“{value}” is no folder with {' and '.join(MODEL_FILES)}")


MODEL_FILES = ("model.safetensors", "tokenizer.json")


def rates(value: dict[str, float]) -> None:
    if not all(domain and rate > 0 for domain, rate in value.items()):
        raise ValidationError("write it as example.org=20,*=5: mails per second, more than 0")


AT_LEAST_ZERO = validate.Range(min=0)
AT_LEAST_ONE = validate.Range(min=1)
MORE_THAN_ZERO = validate.Range(min=0, min_inclusive=False)
AN_SMTP_URL = "smtp://user:password@host:587, smtps://… or anymail+NAME://KEY"

env = Env()
env.read_env(os.environ.get("ENV_FILE") or str(BASE_DIR / ".env"))
try:
    DATA_DIR = Path(env.str("DATA_DIR", "") or BASE_DIR / ".data").absolute()
    DEBUG = env.bool("DEBUG", False)
    LOG_LEVEL = env.str(
        "LOG_LEVEL",
        "INFO",
        validate=validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]),
    )
    SITE_NAME = env.str("SITE_NAME", "Trending Papers")
    SITE_URL = env.str(
        "SITE_URL", "", validate=a_url("https://papers.example.org", "http", "https")
    )
    SITE_URL = (SITE_URL or last_address()).rstrip("/")
    TIME_ZONE = env.str("TIME_ZONE", "UTC", validate=a_time_zone)
    TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0, validate=AT_LEAST_ZERO)
    METRICS_TOKEN = env.str("METRICS_TOKEN", "")
    EMBEDDING_MODEL = env.str("EMBEDDING_MODEL", "", validate=a_model)

    _secret_key = env.str("SECRET_KEY", "")
    SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
    _allowed_hosts: list[str] = env.list("ALLOWED_HOSTS", [])
    _database_url = env.str("DATABASE_URL", "")
    REDIS_URL = env.str(
        "REDIS_URL",
        "",
        validate=a_url("redis://:password@host:6379/0", "redis", "rediss", "redis+socket"),
    )
    CACHE_URL = env.str(
        "CACHE_URL",
        "",
        validate=a_url("redis://:password@host:6379/1", "redis", "rediss", "unix"),
    )

    FETCH_ALLOW_PRIVATE = env.bool("FETCH_ALLOW_PRIVATE", False)
    ARXIV_API_URL = env.str(
        "ARXIV_API_URL",
        "https://export.arxiv.org/api/query",
        validate=a_url("https://export.arxiv.org/api/query", "http", "https"),
    )
    ARXIV_OAI_URL = env.str(
        "ARXIV_OAI_URL",
        "https://oaipmh.arxiv.org/oai",
        validate=a_url("https://oaipmh.arxiv.org/oai", "http", "https"),
    )
    ARXIV_HOSTS = env.list(
        "ARXIV_HOSTS", ["arxiv.org", "rss.arxiv.org", "export.arxiv.org", "oaipmh.arxiv.org"]
    )

    _email_url = env.str("EMAIL_URL", "")
    _site_host = urlsplit(SITE_URL).hostname
    CONTACT_EMAIL = env.str("CONTACT_EMAIL", f"contact@{_site_host}", validate=a_mail_address)
    DEFAULT_FROM_EMAIL = env.str(
        "DEFAULT_FROM_EMAIL", f"{SITE_NAME} <papers@{_site_host}>", validate=a_mail_address
    )
    RETURN_PATH = env.str("RETURN_PATH", "", validate=a_return_path)
    HOOK_SECRET = env.str("HOOK_SECRET", "", validate=a_user_and_password)
    MAIL_CONNECTIONS = env.int("MAIL_CONNECTIONS", 4, validate=AT_LEAST_ONE)
    MAIL_RATE = env.float("MAIL_RATE", 0.0, validate=AT_LEAST_ZERO)

    MAIL_DOMAIN_RATES: dict[str, float] = env.dict(
        "MAIL_DOMAIN_RATES", {}, subcast_values=float, validate=rates
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
except EnvError as error:
    raise SystemExit(f"Setting {error}") from None

_site = urlsplit(SITE_URL)

# --- Secrets that this data folder keeps for itself ---


def kept_secret(name: str, length: int = 50) -> str:
    """The secret of this name in DATA_DIR, made on first use and readable by its owner alone."""
    path = DATA_DIR / name
    try:
        servers.make_private(DATA_DIR)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(length))
    except FileExistsError:
        pass
    except OSError as error:
        raise stop("DATA_DIR", f"cannot write there: {servers.explain(error)}") from None
    try:
        return path.read_text().strip()
    except OSError as error:
        raise stop("DATA_DIR", f"cannot read there: {servers.explain(error)}") from None


SECRET_KEY = _secret_key or kept_secret("secret-key")

# --- Where things are ---

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
INSTALLED_APPS = [
    "accounts",
    "papers",
    "subscriptions",
    "selfhost",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.sitemaps",
    "allauth",
    "allauth.account",
    "anymail",
    "csp",
    "django_htmx",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "site_web.middleware.no_nul",
    "site_web.middleware.no_trailing_slash",
    "django.middleware.gzip.GZipMiddleware",
    "site_web.page_cache.kept_pages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "site_web.middleware.nobody_without_a_session",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
# Kept in a cookie until they are shown, so that a page without any opens no session to look.
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
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = False
LANGUAGE_CODE = "en"
USE_I18N = False  # one language; asking for it at every value took a third of a list's time
USE_TZ = True

# --- PostgreSQL, the truth ---

EMBEDDED_POSTGRES = not _database_url
EMBEDDED_VALKEY = not REDIS_URL

try:
    _database = dj_database_url.parse(_database_url or servers.database_url(DATA_DIR))
except (ValueError, dj_database_url.ParseError):
    raise stop("DATABASE_URL", "write it as postgres://user:password@host:5432/name") from None
if _database.get("ENGINE") != "django.db.backends.postgresql":
    raise stop("DATABASE_URL", "only PostgreSQL will do: postgres://user:password@host:5432/name")
DATABASES = {
    "default": {
        **_database,
        "CONN_HEALTH_CHECKS": True,  # a restarted PostgreSQL poisons no connection
        "OPTIONS": {
            **_database.get("OPTIONS", {}),
            "pool": {"min_size": 1, "max_size": 8, "timeout": 10},
            "connect_timeout": 5,
        },
    }
}

# --- Valkey: the doorbell, and a cache that may be lost ---

CELERY_BROKER_URL = REDIS_URL or servers.redis_url(DATA_DIR)
if not CACHE_URL:
    _broker = urlsplit(CELERY_BROKER_URL)
    CACHE_URL = (
        f"unix://{_broker.path}?db=1"
        if _broker.scheme == "redis+socket"
        else _broker._replace(path="/1").geturl()
    )
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": CACHE_URL,
        "TIMEOUT": 300,
        "KEY_PREFIX": "papers",
        "OPTIONS": {
            "SOCKET_CONNECT_TIMEOUT": 1,
            "SOCKET_TIMEOUT": 1,
            "IGNORE_EXCEPTIONS": True,  # without the cache pages are slower, not gone
        },
    },
    # What a web process asked for a moment ago, in its own memory.
    "near": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "near",
        "OPTIONS": {"MAX_ENTRIES": 200},
    },
}

# The figures are those of a kill -9 by hand: a task is never lost, and found again in seconds.
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True  # with an attempt counter on every row
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "papers.tasks.poll_source": {"queue": "fetch"},
    "papers.tasks.fill": {"queue": "fetch"},
    "subscriptions.tasks.*": {"queue": "mail"},
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0.5}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 300_000  # kB
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 8
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,  # more than twice the longest task
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 25,
}
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")

# --- Mail ---

ANYMAIL = {"WEBHOOK_SECRET": HOOK_SECRET}
EMAIL_TIMEOUT = 30
try:
    _mail = urlsplit(_email_url)
    _mail_port = _mail.port
except ValueError:
    raise stop("EMAIL_URL", f"write {AN_SMTP_URL}") from None
_provider = _mail.scheme.removeprefix("anymail+")
if not _email_url:
    EMAIL_BACKEND = "selfhost.outbox.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "outbox"
elif _mail.scheme in {"smtp", "smtps"} and _mail.hostname:
    EMAIL_BACKEND = "subscriptions.sending.smtp.EmailBackend"
    EMAIL_HOST = _mail.hostname
    EMAIL_PORT = _mail_port or (465 if _mail.scheme == "smtps" else 587)
    EMAIL_HOST_USER = unquote(_mail.username or "")
    EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
    EMAIL_USE_SSL = _mail.scheme == "smtps"
    EMAIL_USE_TLS = _mail.scheme == "smtp" and bool(EMAIL_HOST_USER)  # no password in the clear
elif _provider != _mail.scheme and _mail.netloc and find_spec(f"anymail.backends.{_provider}"):
    EMAIL_BACKEND = f"anymail.backends.{_provider}.EmailBackend"
    ANYMAIL[f"{_provider.upper()}_API_KEY"] = unquote(_mail.netloc)
else:
    raise stop("EMAIL_URL", f"write {AN_SMTP_URL}")

# --- People ---

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
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD = "website"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT

# --- Security ---

_https = _site.scheme == "https"
ALLOWED_HOSTS = _allowed_hosts or [str(_site.hostname), "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [f"{_site.scheme}://{_site.netloc}"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_NAME = "__Host-session" if _https else "session"
SECURE_SSL_REDIRECT = _https
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked from inside, without the proxy
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}

# --- What is written down while running ---

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname:<7} {name} {message}", "style": "{"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        "celery": {"level": LOG_LEVEL},
    },
}

UNFOLD = {
    "SITE_TITLE": SITE_NAME,
    "SITE_HEADER": SITE_NAME,
    "SITE_ICON": "site_web.admin_site.icon",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "site_web.admin_site.icon"}],
    "STYLES": ["site_web.admin_site.stylesheet"],
    "DASHBOARD_CALLBACK": "site_web.admin_site.dashboard",
    "SIDEBAR": {"show_search": True, "navigation": "site_web.admin_site.sidebar"},
    "BORDER_RADIUS": "3px",
    # The light end is the site's warm paper and ink, the dark end its ink-blue night.
    "COLORS": {
        "base": {
            "50": "#faf6ee",
            "100": "#f2ebdd",
            "200": "#e0d6c5",
            "300": "#cfc6b8",
            "400": "#9a9eac",
            "500": "#6f6457",
            "600": "#5b5147",
            "700": "#2e3a55",
            "800": "#202b43",
            "900": "#1a2337",
            "950": "#131a2a",
        },
        "primary": {
            "50": "#fdf2ee",
            "100": "#fbe0d7",
            "200": "#f7c3b3",
            "300": "#f7a48b",
            "400": "#ff8360",
            "500": "#e0532f",
            "600": "#bf3415",
            "700": "#a02a10",
            "800": "#83240f",
            "900": "#6c2212",
            "950": "#3b0e06",
        },
        "font": {
            "subtle-light": "#6f6457",
            "subtle-dark": "#9a9eac",
            "default-light": "#5b5147",
            "default-dark": "#cfc6b8",
            "important-light": "#221c16",
            "important-dark": "#ece6da",
        },
    },
}
