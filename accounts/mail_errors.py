"""The exceptions of Django's email backends, ours and django-anymail's, where a mail cannot go."""

import smtplib

from anymail.exceptions import AnymailError

MAIL_ERRORS = (OSError, AnymailError)  # every smtplib.SMTPException is an OSError


def describe(error: Exception) -> str:
    """What the relay or the system said, in one line."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()))
        error = smtplib.SMTPResponseException(code, reply)
    if isinstance(error, smtplib.SMTPResponseException):
        raw = error.smtp_error
        text = raw.decode(errors="replace") if isinstance(raw, bytes) else str(raw)
        return " ".join(f"{error.smtp_code} {text}".split())
    return " ".join(str(error).split()) or type(error).__name__
