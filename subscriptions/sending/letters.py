"""Rendered once, addressed many times: from letter to letter only what is personal changes.

A content is rendered with blanks, words that nobody writes, where a letter says whose it is. The
whole mail is made of it once, down to the bytes of the wire; a letter joins these bytes around
what belongs into the blanks.
"""

import re
import secrets
from binascii import b2a_qp
from collections.abc import Mapping
from dataclasses import dataclass
from email import charset
from email.message import Message
from email.utils import parseaddr
from functools import cached_property
from html import escape
from string import ascii_lowercase
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import sanitize_address

# Another one in every process, so that no title can hold a blank. As long as a mail address is,
# or the lines around it would be filled too far.
EDGE = "".join(secrets.choice(ascii_lowercase) for _ in range(16))
BLANK = re.compile(f"{EDGE}([a-z_]+?){EDGE}")
SOFT = rb"(?:=\r\n)?"  # where quoted-printable breaks a line that had no end
SOFT_EDGE = SOFT.join(letter.encode() for letter in EDGE)
SOFT_BLANK = re.compile(
    SOFT + SOFT_EDGE + SOFT + rb"((?:[a-z]" + SOFT + rb"|_" + SOFT + rb")+?)" + SOFT_EDGE + SOFT
)
# Not the 8 bits that Django would send: these lines are short, and any relay passes them on as
# they are, so a signature over them holds.
QUOTED = charset.Charset("utf-8")
QUOTED.body_encoding = charset.QP


def blank(name: str) -> str:
    return f"{EDGE}{name}{EDGE}"


class Mail(EmailMultiAlternatives):
    encoding = QUOTED

    def message(self, **options: Any) -> Any:
        # Folded at 78, a long link would leave the first line of its header empty.
        message: Message = super().message(**options)
        message.policy = message.policy.clone(max_line_length=990)
        return message


class Ready:
    """A message for a backend that asks for nothing but its bytes."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def as_bytes(self, unixfrom: bool = False, linesep: str = "\n") -> bytes:
        return self.content if linesep == "\r\n" else self.content.replace(b"\r\n", b"\n")


class Letter(Mail):
    """The bytes of the wire; whatever else of a mail a backend asks for is made when it does."""

    def __init__(self, content: "Content", said: dict[str, str], sender: str) -> None:
        self._content, self._said, self._sender = content, said, sender
        self._safe = {name: escape(value) for name, value in said.items()}
        self.metadata: dict[str, str] = {}
        # As the wire has it: a domain in other letters than ASCII is spelt in them.
        self.to_address = _on_the_wire(said["address"])
        self.from_address = parseaddr(sender)[1]
        self.stuffed = Stuffed(content.stuffed.filled(said, self._safe, self.to_address))

    @cached_property
    def wire(self) -> bytes:
        return self._content.wire.filled(self._said, self._safe, self.to_address)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or "subject" in vars(self):
            raise AttributeError(name)
        self._become_whole()
        return getattr(self, name)

    def _become_whole(self) -> None:
        content, said = self._content, self._said
        super().__init__(
            subject=content.mail.subject,
            body="".join(_filled(content.text, said)),
            from_email=self._sender,
            to=[said["address"]],
            reply_to=content.mail.reply_to,
            headers={
                name: BLANK.sub(lambda found: said[found[1]], value)
                for name, value in content.mail.extra_headers.items()
            },
        )
        self.attach_alternative("".join(_filled(content.html, self._safe)), "text/html")

    def message(self, **options: Any) -> Any:
        return Ready(self.wire)


class Stuffed(bytes):
    """A wire on which a dot that begins a line is doubled (RFC 5321, section 4.5.2).

    To look through a whole mail for such dots takes half of the time of sending it.
    """


@dataclass(frozen=True, slots=True)
class Content:
    """A mail with blanks, taken apart at them."""

    mail: Mail
    text: list[str]
    html: list[str]
    wire: "Wire"
    stuffed: "Wire"

    @classmethod
    def of(cls, mail: Mail) -> "Content":
        text, html = str(mail.body), str(mail.alternatives[0][0])
        wire = Wire.of(mail)
        return cls(mail, BLANK.split(text), BLANK.split(html), wire, wire.stuffed())

    def letter(self, said: dict[str, str], sender: str) -> Letter:
        """For the one of whom this is said; it comes back to the sender, whoever it is from."""
        return Letter(self, said, sender)


@dataclass(frozen=True, slots=True)
class Wire:
    """The bytes, with the blanks of the headers, of the text and of the HTML apart."""

    head: list[Any]
    text: list[Any]
    html: list[Any]
    is_stuffed: bool = False

    @classmethod
    def of(cls, mail: Mail) -> "Wire":
        whole = mail.message().as_bytes(linesep="\r\n")
        end_of_head = whole.index(b"\r\n\r\n")
        end_of_text = whole.index(b"Content-Type: text/html", end_of_head)
        parts = whole[:end_of_head], whole[end_of_head:end_of_text], whole[end_of_text:]
        head, text, html = (_named(SOFT_BLANK.split(part)) for part in parts)
        return cls(head, text, html)

    def stuffed(self) -> "Wire":
        """In the body a blank, and what follows it, begins a line; among the headers none does."""
        head = [AFTER_A_LINE.sub(b"..", it) if isinstance(it, bytes) else it for it in self.head]
        text, html = (
            [AT_A_LINE.sub(b"..", it) if isinstance(it, bytes) else it for it in part]
            for part in (self.text, self.html)
        )
        return Wire(head, text, html, is_stuffed=True)

    def filled(self, said: dict[str, str], safe: dict[str, str], address: str) -> bytes:
        head = {name: value.encode() for name, value in (said | {"address": address}).items()}
        text = {name: _quoted(value) for name, value in said.items()}
        html = {name: _quoted(value) for name, value in safe.items()}
        if self.is_stuffed:
            text = {name: AT_A_LINE.sub(b"..", value) for name, value in text.items()}
            html = {name: AT_A_LINE.sub(b"..", value) for name, value in html.items()}
        return b"".join(
            [*_filled(self.head, head), *_filled(self.text, text), *_filled(self.html, html)]
        )


AT_A_LINE = re.compile(rb"(?m)^\.")
AFTER_A_LINE = re.compile(rb"(?<=\n)\.")


def _named(pieces: list[bytes]) -> list[Any]:
    pieces[1::2] = [name.replace(b"=\r\n", b"").decode() for name in pieces[1::2]]  # type: ignore[misc]
    return pieces


def _filled(pieces: list[Any], said: Mapping[str, Any]) -> list[Any]:
    """At odd places stand the names of the blanks."""
    return [said[it] if place % 2 else it for place, it in enumerate(pieces)]


def _on_the_wire(address: str) -> str:
    # Taking an address apart by all of RFC 5322 costs more than the rest of a letter.
    return address if PLAIN.fullmatch(address) else sanitize_address(address, "utf-8")


PLAIN = re.compile(r"[a-z0-9_+-]+(\.[a-z0-9_+-]+)*@[a-z0-9-]+(\.[a-z0-9-]+)+")


def _quoted(value: str) -> bytes:
    """On lines of its own that are none to the reader."""
    return b"=\r\n" + b2a_qp(value.encode()).replace(b"=\n", b"=\r\n") + b"=\r\n"
