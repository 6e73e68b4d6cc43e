"""Turns EMAIL_URL into Django's mail settings."""

from dataclasses import dataclass, field
from importlib.util import find_spec
from urllib.parse import SplitResult, unquote, urlsplit

from config.environment import setting_error

EXAMPLES = "smtp://user:password@host:587, smtps://… or anymail+NAME://KEY"


@dataclass(frozen=True)
class MailBackend:
    """Values of Django's EMAIL_* settings; the defaults are Django's."""

    backend: str
    host: str = "localhost"
    port: int = 25
    user: str = ""
    password: str = ""
    use_ssl: bool = False
    use_tls: bool = False
    anymail: dict[str, str] = field(default_factory=dict)  # the API key of a provider


def from_url(email_url: str) -> MailBackend:
    """Empty: files in the outbox; else SMTP or a provider of django-anymail."""
    if not email_url:
        return MailBackend("selfhost.outbox.EmailBackend")
    try:
        url = urlsplit(email_url)
        port = url.port
    except ValueError:
        raise setting_error("EMAIL_URL", f"write {EXAMPLES}") from None
    if url.scheme in {"smtp", "smtps"} and url.hostname:
        return _smtp(url, url.hostname, port)
    provider = url.scheme.removeprefix("anymail+")
    if provider != url.scheme and url.netloc and find_spec(f"anymail.backends.{provider}"):
        return MailBackend(
            f"anymail.backends.{provider}.EmailBackend",
            anymail={f"{provider.upper()}_API_KEY": unquote(url.netloc)},
        )
    raise setting_error("EMAIL_URL", f"write {EXAMPLES}")


def _smtp(url: SplitResult, host: str, port: int | None) -> MailBackend:
    user = unquote(url.username or "")
    return MailBackend(
        "subscriptions.sending.smtp.EmailBackend",
        host=host,
        port=port or (465 if url.scheme == "smtps" else 587),
        user=user,
        password=unquote(url.password or ""),
        use_ssl=url.scheme == "smtps",
        use_tls=url.scheme == "smtp" and bool(user),  # no password in the clear
    )
