"""Accounts of this site: their emails, and the upvote or save for which somebody signs in.

No email goes to an address that bounced; a page says that one cannot be sent.
"""

import logging
from typing import Any

from allauth.account.utils import get_login_redirect_url
from allauth.core.exceptions import ImmediateHttpResponse
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.adapter import AccountAdapter as BaseAdapter
from accounts.mail_errors import MAIL_ERRORS, describe
from library.views.save import save_wanted_paper
from papers.views.vote import cast_wanted_upvote
from subscriptions.models import Suppression

logger = logging.getLogger(__name__)


class AccountAdapter(BaseAdapter):
    def post_login(
        self,
        request: HttpRequest,
        user: Any,
        *,
        redirect_url: str | None,
        signup: bool,
        **options: Any,
    ) -> HttpResponse:
        page = get_login_redirect_url(request, redirect_url, signup=signup)
        page = save_wanted_paper(user, cast_wanted_upvote(user, page))
        response: HttpResponse = super().post_login(
            request, user, redirect_url=page, signup=signup, **options
        )
        return response

    def may_write_to(self, email: str) -> bool:
        return not Suppression.objects.for_address(email).ends_all_mail().exists()

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        if not self.may_write_to(email):
            logger.info("No email of an account to an address whose mail came back")
            return
        try:
            super().send_mail(template_prefix, email, context)
        except MAIL_ERRORS as error:
            logger.error("An email of an account cannot be sent: %s", describe(error))
            page = render(self.request, "account/email_not_sent.html", status=503)
            raise ImmediateHttpResponse(page) from error

    def send_notification_mail(self, *args: Any, **options: Any) -> None:
        """That a password was changed, for instance: it is changed whether we can say so or not."""
        try:
            super().send_notification_mail(*args, **options)
        except ImmediateHttpResponse:
            return
