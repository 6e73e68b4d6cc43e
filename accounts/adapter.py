"""Account mails by allauth: which addresses it takes; signed by this site, limited by mailbox."""

from contextlib import suppress
from email.utils import make_msgid
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import ratelimit
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.core.mail import EmailMessage
from django.http import HttpRequest

from accounts.foreign_text import plain_words
from accounts.mail_address import check_mail_address
from accounts.mailbox import mailbox
from accounts.networks import network_hash


class AccountAdapter(DefaultAccountAdapter):
    def clean_email(self, email: str) -> str:
        """For a new address, of a new account or an old one."""
        check_mail_address(email)
        return str(super().clean_email(email))

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """A new account keeps for a while from which network it was opened, as a hash."""
        # Without an address where the request did not come through the trusted proxies.
        with suppress(ImproperlyConfigured, PermissionDenied):
            user.network_hash = network_hash(self.get_client_ip(request))
        return super().save_user(request, user, form, commit)

    def may_write_to(self, email: str) -> bool:
        """False where `send_mail` would send nothing to this address."""
        return True

    def get_from_email(self) -> str:
        return settings.DEFAULT_FROM_EMAIL

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Anybody can cause most of these mails, by typing an address: so many for each mailbox."""
        if not ratelimit.consume(self.request, action="mail", key=mailbox(email)):
            raise ImmediateHttpResponse(ratelimit.respond_429(self.request))
        domain = urlsplit(settings.SITE_URL).netloc
        site = SimpleNamespace(name=settings.SITE_NAME, domain=domain)
        super().send_mail(template_prefix, email, context | {"current_site": site})

    def render_mail(self, *args: Any, **options: Any) -> EmailMessage:
        mail: EmailMessage = super().render_mail(*args, **options)
        host = urlsplit(settings.SITE_URL).hostname or "localhost"
        mail.extra_headers.setdefault("Message-ID", make_msgid(domain=host))  # not the machine's
        return mail

    def get_http_user_agent(self, request: HttpRequest) -> str:
        return plain_words(super().get_http_user_agent(request), max_chars=80)
