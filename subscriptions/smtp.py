"""Django's SMTP, which also tells whether a lost connection may have taken the mail along."""

import smtplib
from enum import Enum, auto
from typing import Any

from anymail.exceptions import AnymailError, AnymailRecipientsRefused  # type: ignore[import-untyped]
from django.core.mail.backends import smtp

from subscriptions.limits import limit

FAILURES = (OSError, AnymailError)  # every smtplib.SMTPException is an OSError


class Verdict(Enum):
    NOT_TAKEN = auto()  # the connection failed, not the mail: it may go over the next one
    LATER = auto()
    NEVER = auto()
    DOUBT = auto()  # it may have arrived


def verdict(error: Exception) -> Verdict:
    """What an error on the wire says about the mail; what is not known to be safe is a doubt."""
    match error:
        case NotTaken():
            return Verdict.NOT_TAKEN
        case smtplib.SMTPRecipientsRefused():
            return _of_code(next(iter(error.recipients.values()))[0])
        case smtplib.SMTPResponseException():
            return _of_code(error.smtp_code)
        case smtplib.SMTPNotSupportedError() | AnymailRecipientsRefused():
            return Verdict.NEVER
    return Verdict.DOUBT


def _of_code(code: int) -> Verdict:
    if code == 421:
        return Verdict.NOT_TAKEN
    return {4: Verdict.LATER, 5: Verdict.NEVER}.get(code // 100, Verdict.DOUBT)


class NotTaken(smtplib.SMTPServerDisconnected):
    """Lost before the final dot."""


class EmailBackend(smtp.EmailBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _TellingSSL if self.use_ssl else _Telling


class _Telling(smtplib.SMTP):
    _replies_to_data: int | None = None  # the second one answers the dot

    def sendmail(self, *args: Any, **options: Any) -> dict[str, tuple[int, bytes]]:
        self._replies_to_data = None
        try:
            return super().sendmail(*args, **options)
        except smtplib.SMTPServerDisconnected as error:
            if self._dot_has_left:
                raise
            raise NotTaken(*error.args) from error

    def data(self, msg: Any) -> tuple[int, bytes]:
        """As ever, but after the dot a reply that makes no sense is a loss, not a refusal."""
        self._replies_to_data = 0
        try:
            code, reply = super().data(msg)
        except smtplib.SMTPResponseException as error:
            if not self._dot_has_left:
                raise
            raise smtplib.SMTPServerDisconnected(*error.args) from error
        self._be_patient(self.timeout)
        if code // 100 not in {2, 4, 5}:
            self.close()
            raise smtplib.SMTPServerDisconnected(f"no answer to the dot, but {code} {reply!r}")
        return (250 if code // 100 == 2 else code), reply

    def getreply(self) -> tuple[int, bytes]:
        if self._replies_to_data is not None:
            self._replies_to_data += 1
        if self._replies_to_data == 2:
            self._be_patient(limit("MAIL_DOT_SECONDS").total_seconds())
        return super().getreply()

    @property
    def _dot_has_left(self) -> bool:
        return (self._replies_to_data or 0) >= 2

    def _be_patient(self, seconds: float) -> None:
        if self.sock is not None:
            self.sock.settimeout(seconds)


class _TellingSSL(_Telling, smtplib.SMTP_SSL):
    pass
