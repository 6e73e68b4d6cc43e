"""Emails to readers about what became of the papers that they added, where they wished it."""

import logging
from datetime import datetime

from allauth.account.models import EmailAddress
from django.conf import settings

from accounts.mail_errors import MAIL_ERRORS, describe
from papers.models import Submission
from subscriptions.models import Suppression
from subscriptions.sending import emails
from subscriptions.sending.verdicts import verdict

logger = logging.getLogger(__name__)


def send_outcome(submission_id: int, now: datetime) -> bool:
    """Send the email of a decided submission, once; whether it was sent.

    A relay that fails for now leaves it due for a day. A process that dies while it sends leaves
    it unsent: rather none than two.
    """
    if settings.SENDING_HELD:
        return False
    row = Submission.objects.outcome_mail_due(now).filter(pk=submission_id)
    if not row.update(outcome_mailed_at=now):
        return False
    submission = Submission.objects.select_related("paper", "submitter").get(pk=submission_id)
    address = _address(submission)
    if not address or Suppression.objects.for_address(address).ends_all_mail().exists():
        return False
    try:
        emails.submission_outcome(submission, address).send()
    except MAIL_ERRORS as error:
        logger.warning("No email on submission %s: %s", submission_id, describe(error))
        if not verdict(error).is_final:
            Submission.objects.filter(pk=submission_id).update(outcome_mailed_at=None)
        return False
    return True


def _address(submission: Submission) -> str:
    """The address that the submitter signs in with; empty if it is not confirmed."""
    if not submission.submitter.is_active:
        return ""
    confirmed = EmailAddress.objects.filter(
        user=submission.submitter, primary=True, verified=True
    ).first()
    return str(confirmed.email) if confirmed else ""
