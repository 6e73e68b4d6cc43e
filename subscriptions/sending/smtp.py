"""Django's SMTP, which also tells whether a lost connection may have taken the mail along."""

import re
import smtplib
from enum import Enum, auto
from typing import Any

from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from django.core.mail.backends import smtp

from subscriptions.durations import limit
from subscriptions.sending.letters import Letter, Stuffed

FAILURES = (OSError, AnymailError)  # every smtplib.SMTPException is an OSError


class Verdict(Enum):
    NOT_TAKEN = auto()  # the connection failed, not the mail: it may go over the next one
    LOCKED_OUT = auto()  # our name or password is wrong: trying on makes it worse
    LATER = auto()
    NEVER = auto()  # this mail, or this mailbox at present
    GONE = auto()  # the address is nobody's: never write to it again
    REFUSED = auto()  # it is us, or what we write, that they do not want
    DOUBT = auto()  # it may have arrived

    @property
    def is_final(self) -> bool:
        return self in {Verdict.NEVER, Verdict.GONE, Verdict.REFUSED}


def verdict(error: Exception) -> Verdict:
    """What an error on the wire says about the mail; what is not known to be safe is a doubt."""
    match error:
        case NotTaken():
            return Verdict.NOT_TAKEN
        case smtplib.SMTPAuthenticationError():
            return Verdict.LOCKED_OUT if error.smtp_code // 100 == 5 else Verdict.NOT_TAKEN
        case smtplib.SMTPRecipientsRefused():
            code, reply = next(iter(error.recipients.values()))
            return _of_reply(code, reply)
        case smtplib.SMTPResponseException():
            return _of_reply(error.smtp_code, error.smtp_error)
        case smtplib.SMTPNotSupportedError():
            return Verdict.NEVER
        case AnymailRecipientsRefused():
            return Verdict.NEVER
    return Verdict.DOUBT


def _of_reply(code: int, reply: bytes | str) -> Verdict:
    if code == 421:
        return Verdict.NOT_TAKEN
    if code // 100 != 5:
        return Verdict.LATER if code // 100 == 4 else Verdict.DOUBT
    if code in {530, 535}:
        return Verdict.LOCKED_OUT
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    found = ENHANCED.search(text)
    return of_status(found[0]) if found else Verdict.REFUSED


def of_status(status: str) -> Verdict:
    """What a final status of RFC 3463 says, in a reply as in a mail that came back."""
    if DEAD.match(status):
        return Verdict.GONE
    return Verdict.REFUSED if status.startswith("5.7.") else Verdict.NEVER


ENHANCED = re.compile(r"\b5\.\d{1,3}\.\d{1,3}\b")
# No such mailbox, domain or route; a mailbox disabled for good.
DEAD = re.compile(r"5\.(1\.([0-6]|10)|2\.1|4\.4)$")


class NotTaken(smtplib.SMTPServerDisconnected):
    """Lost before the final dot."""


class EmailBackend(smtp.EmailBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _TellingSSL if self.use_ssl else _Telling

    def _send(self, email_message: Any) -> bool:
        """A letter brings its bytes along: nothing is left to parse, and no error is silent."""
        if not isinstance(email_message, Letter):
            return bool(super()._send(email_message))  # type: ignore[misc]
        assert self.connection
        letter = email_message
        self.connection.sendmail(letter.from_address, [letter.to_address], letter.stuffed)
        return True


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
            code, reply = self._stuffed(msg) if isinstance(msg, Stuffed) else super().data(msg)
        except smtplib.SMTPResponseException as error:
            if not self._dot_has_left:
                raise
            raise smtplib.SMTPServerDisconnected(*error.args) from error
        self._be_patient(self.timeout)
        if code // 100 not in {2, 4, 5}:
            self.close()
            raise smtplib.SMTPServerDisconnected(f"no answer to the dot, but {code} {reply!r}")
        return (250 if code // 100 == 2 else code), reply

    def _stuffed(self, msg: Stuffed) -> tuple[int, bytes]:
        self.putcmd("data")
        code, reply = self.getreply()
        if code != 354:
            raise smtplib.SMTPDataError(code, reply)
        end = b".\r\n" if msg.endswith(b"\r\n") else b"\r\n.\r\n"
        self.send(msg + end)  # at once, or the end waits for somebody to say that the rest is there
        return self.getreply()

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
