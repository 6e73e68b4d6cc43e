"""SMTP backend: Django's, which also tells whether a lost connection may have taken the mail."""

import select
import smtplib
import socket
from datetime import timedelta
from time import monotonic
from typing import Any

from django.core.mail.backends import smtp

from subscriptions.durations import duration_setting
from subscriptions.sending.message import PersonalMail
from subscriptions.sending.verdicts import NotSent

# How long we watch for a relay that hangs up in the middle of a mail, before the final dot is sent:
# as long as its last reply took, within these. On a connection that has taken no mail yet always
# the longest, as a relay that breaks every connection in the mail never takes one.
MIN_HANGUP_WAIT = timedelta(seconds=0.003)
MAX_HANGUP_WAIT = timedelta(seconds=0.1)


class EmailBackend(smtp.EmailBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _SMTPOverSSL if self.use_ssl else _SMTP

    def _send(self, email_message: Any) -> bool:
        """A digest brings its own bytes: Django's parsing and encoding take most of the time.

        Django also swallows errors where `fail_silently` is set; of a digest none may be lost.
        """
        if not isinstance(email_message, PersonalMail):
            return bool(super()._send(email_message))  # type: ignore[misc]
        assert self.connection
        mail = email_message
        self.connection.sendmail(mail.envelope_from, [mail.envelope_to], mail.as_wire_bytes())
        return True


class _SMTP(smtplib.SMTP):
    """Raises NotSent where the connection was lost before the end of the mail was sent."""

    _replies_in_data: int | None = None  # the second one answers the final dot
    _has_taken_mail = False
    final_reply = ""  # to the last mail

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connected: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        # So that the final dot does not wait for the acknowledgement of the rest.
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connected

    def sendmail(self, *args: Any, **options: Any) -> dict[str, tuple[int, bytes]]:
        self._replies_in_data = None
        try:
            return super().sendmail(*args, **options)
        except smtplib.SMTPServerDisconnected as error:
            if self._final_dot_sent:
                raise
            raise NotSent(*error.args) from error

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send the mail itself; a nonsensical reply to its final dot is a lost connection.

        It is no refusal: the mail may have been taken.
        """
        self._replies_in_data = 0
        try:
            code, reply = self._data(msg)
        except smtplib.SMTPResponseException as error:
            if not self._final_dot_sent:
                raise
            raise smtplib.SMTPServerDisconnected(*error.args) from error
        self._set_timeout(timedelta(seconds=self.timeout))
        if code // 100 not in {2, 4, 5}:
            self.close()
            raise smtplib.SMTPServerDisconnected(f"no answer to the dot, but {code} {reply!r}")
        self._has_taken_mail = True
        self.final_reply = f"{code} {reply.decode(errors='replace')}"
        return (250 if code // 100 == 2 else code), reply

    def _data(self, msg: bytes) -> tuple[int, bytes]:
        """As smtplib does it, but dots are doubled (RFC 5321, section 4.5.2) by a plain replace.

        smtplib's regular expression takes half of the time of sending a digest. `msg` begins
        with a header and its lines end in CRLF, so a dot that begins a line follows a CRLF.
        """
        asked_at = monotonic()
        self.putcmd("data")
        code, reply = self.getreply()
        if code != 354:
            raise smtplib.SMTPDataError(code, reply)
        reply_time = timedelta(seconds=monotonic() - asked_at)
        msg = msg.replace(b"\r\n.", b"\r\n..")
        self.send(msg if msg.endswith(b"\r\n") else msg + b"\r\n")
        if self._hangs_up_within(reply_time):
            self.close()
            raise smtplib.SMTPServerDisconnected("the relay hung up in the middle of the mail")
        self.send(b".\r\n")
        return self.getreply()

    def _hangs_up_within(self, reply_time: timedelta) -> bool:
        """Whether the relay is gone before the final dot, without which it cannot take the mail.

        The bytes of the mail are only in the system's buffers when `send` returns, so an error of
        the connection is seen about as late as a reply would be.
        """
        wait = max(reply_time, MIN_HANGUP_WAIT) if self._has_taken_mail else MAX_HANGUP_WAIT
        assert self.sock
        poll = select.poll()
        # Errors and hang-ups are always reported; on macOS, which lacks the flag, an end is one.
        poll.register(self.sock, getattr(select, "POLLRDHUP", 0))
        return bool(poll.poll(min(wait, MAX_HANGUP_WAIT) / timedelta(milliseconds=1)))

    def getreply(self) -> tuple[int, bytes]:
        if self._replies_in_data is not None:
            self._replies_in_data += 1
        if self._replies_in_data == 2:
            self._set_timeout(duration_setting("MAIL_DOT_SECONDS"))
        return super().getreply()

    @property
    def _final_dot_sent(self) -> bool:
        return (self._replies_in_data or 0) >= 2

    def _set_timeout(self, timeout: timedelta) -> None:
        if self.sock is not None:
            self.sock.settimeout(timeout.total_seconds())


class _SMTPOverSSL(_SMTP, smtplib.SMTP_SSL):
    pass
