"""What the answer of a mail relay means for one mail: sent later, never, or nobody can tell."""

import re
import smtplib
from enum import Enum, auto

from anymail.exceptions import (
    AnymailAPIError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailSerializationError,
    AnymailUnsupportedFeature,
)
from requests import ConnectTimeout
from requests.exceptions import ConnectionError as RequestsConnectionError
from urllib3.exceptions import NewConnectionError


class Verdict(Enum):
    NOT_SENT = auto()  # the connection failed, not the mail: it may go over the next one
    LOGIN_REFUSED = auto()  # our name or password is wrong: more attempts make it worse
    TEMPORARY = auto()  # this mail may be sent later
    PERMANENT = auto()  # not this mail, or not to this mailbox at present
    NO_SUCH_MAILBOX = auto()  # the address is nobody's: never write to it again
    BLOCKED = auto()  # the relay refuses us as the sender, or our content
    UNCERTAIN = auto()  # it may have arrived

    @property
    def is_final(self) -> bool:
        return self in {Verdict.PERMANENT, Verdict.NO_SUCH_MAILBOX, Verdict.BLOCKED}

    @property
    def connection_failed(self) -> bool:
        """Whether the connection is not to be used again."""
        return self in {Verdict.NOT_SENT, Verdict.LOGIN_REFUSED, Verdict.UNCERTAIN}


class NotSent(smtplib.SMTPServerDisconnected):
    """The connection was lost before the final dot: the mail cannot have been taken."""


def verdict(error: Exception) -> Verdict:
    """What an error while sending says about the mail; uncertain unless known to be safe."""
    match error:
        case NotSent():
            return Verdict.NOT_SENT
        case smtplib.SMTPAuthenticationError():
            return Verdict.LOGIN_REFUSED if error.smtp_code // 100 == 5 else Verdict.NOT_SENT
        case smtplib.SMTPRecipientsRefused():
            code, reply = next(iter(error.recipients.values()))
            return _verdict_of_reply(code, reply)
        case smtplib.SMTPResponseException():
            return _verdict_of_reply(error.smtp_code, error.smtp_error)
        case smtplib.SMTPNotSupportedError():
            return Verdict.PERMANENT
        case (
            AnymailRecipientsRefused()
            | AnymailInvalidAddress()
            | AnymailSerializationError()
            | AnymailUnsupportedFeature()
        ):
            return Verdict.PERMANENT
        case AnymailAPIError():
            return _verdict_of_provider(error)
    return Verdict.UNCERTAIN


def _verdict_of_provider(error: AnymailAPIError) -> Verdict:
    """By the HTTP status of a provider's answer, or by how far the request came."""
    status = error.status_code
    if status is None:
        return Verdict.NOT_SENT if _never_connected(error) else Verdict.UNCERTAIN
    if status == 429:
        return Verdict.TEMPORARY
    if status in {401, 403}:
        return Verdict.LOGIN_REFUSED
    return Verdict.BLOCKED if 400 <= status < 500 else Verdict.UNCERTAIN


def _never_connected(error: Exception) -> bool:
    cause = error.__cause__
    if isinstance(cause, RequestsConnectionError) and cause.args:
        reason = getattr(cause.args[0], "reason", None)  # of urllib3's MaxRetryError
        return isinstance(cause, ConnectTimeout) or isinstance(reason, NewConnectionError)
    return False


def _verdict_of_reply(code: int, reply: bytes | str) -> Verdict:
    if code == 421:
        return Verdict.NOT_SENT
    if code // 100 != 5:
        return Verdict.TEMPORARY if code // 100 == 4 else Verdict.UNCERTAIN
    if code in {530, 535}:
        return Verdict.LOGIN_REFUSED
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    status = ENHANCED_STATUS.search(text)
    return verdict_of_status(status[0]) if status else Verdict.BLOCKED


def verdict_of_status(status: str) -> Verdict:
    """What a permanent status code of RFC 3463 (5.x.y) says, in a reply or in a bounce."""
    if NO_SUCH_MAILBOX.match(status):
        return Verdict.NO_SUCH_MAILBOX
    return Verdict.BLOCKED if status.startswith("5.7.") else Verdict.PERMANENT


ENHANCED_STATUS = re.compile(r"\b5\.\d{1,3}\.\d{1,3}\b")
# No such mailbox, domain or route; a mailbox disabled for good.
NO_SUCH_MAILBOX = re.compile(r"5\.(1\.([0-6]|10)|2\.1|4\.4)$")
