"""Emails of their own to readers about what happened, where no digest tells it: one a day."""

import logging
from datetime import datetime

from allauth.account.models import EmailAddress
from django.conf import settings

from accounts.mail_errors import MAIL_ERRORS, describe
from accounts.models import User
from subscriptions.models import NotificationMail, Suppression
from subscriptions.sending import emails
from subscriptions.sending.verdicts import verdict

logger = logging.getLogger(__name__)


def send(reader_id: int, now: datetime) -> bool:
    """Send a reader the email of today; whether it was sent.

    A relay that fails for now leaves it due for as long as its news is new.
    """
    if settings.SENDING_HELD:
        return False
    reader = User.objects.filter(pk=reader_id).first()
    address = _address(reader) if reader else ""
    if not (reader and address) or Suppression.objects.for_address(address).exists():
        return False
    try:
        mail, rows = NotificationMail.objects.claim(reader_id, now)
    except NotificationMail.DoesNotExist:
        return False
    try:
        emails.notifications(address, rows).send()
    except MAIL_ERRORS as error:
        logger.warning("No notifications to reader %s: %s", reader_id, describe(error))
        if verdict(error).is_final:
            mail.finish(NotificationMail.State.FAILED, describe(error))
        else:
            mail.defer(rows, now, describe(error))
        return False
    mail.finish(NotificationMail.State.SENT)
    return True


def _address(reader: User) -> str:
    """The address that the reader signs in with; empty if it is not confirmed."""
    if not reader.is_active:
        return ""
    confirmed = EmailAddress.objects.filter(user=reader, primary=True, verified=True).first()
    return str(confirmed.email) if confirmed else ""
