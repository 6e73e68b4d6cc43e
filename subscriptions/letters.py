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
    wire: bytes
    to_address: str  # as the wire has it: a domain in other letters than ASCII is spelt in them
    metadata: dict[str, str]

    def message(self, **options: Any) -> Any:
        return Ready(self.wire)


@dataclass(frozen=True, slots=True)
class Content:
    """A mail with blanks, taken apart at them."""

    mail: Mail
    text: list[str]
    html: list[str]
    wire: "Wire"

    @classmethod
    def of(cls, mail: Mail) -> "Content":
        text, html = str(mail.body), str(mail.alternatives[0][0])
        return cls(mail, BLANK.split(text), BLANK.split(html), Wire.of(mail))

    def letter(self, said: dict[str, str], sender: str) -> Letter:
        """For the one of whom this is said; it comes back to the sender, whoever it is from."""
        letter = Letter(
            subject=self.mail.subject,
            body="".join(_filled(self.text, said)),
            from_email=sender,
            to=[said["address"]],
            reply_to=self.mail.reply_to,
            headers={
                name: BLANK.sub(lambda found: said[found[1]], value)
                for name, value in self.mail.extra_headers.items()
            },
        )
        safe = {name: escape(value) for name, value in said.items()}
        letter.attach_alternative("".join(_filled(self.html, safe)), "text/html")
        letter.to_address = sanitize_address(said["address"], "utf-8")
        letter.wire = self.wire.filled(said, safe, letter.to_address)
        return letter


@dataclass(frozen=True, slots=True)
class Wire:
    """The bytes, with the blanks of the headers, of the text and of the HTML apart."""

    head: list[bytes]
    text: list[bytes]
    html: list[bytes]

    @classmethod
    def of(cls, mail: Mail) -> "Wire":
        whole = mail.message().as_bytes(linesep="\r\n")
        end_of_head = whole.index(b"\r\n\r\n")
        end_of_text = whole.index(b"Content-Type: text/html", end_of_head)
        parts = whole[:end_of_head], whole[end_of_head:end_of_text], whole[end_of_text:]
        head, text, html = (SOFT_BLANK.split(part) for part in parts)
        return cls(*(_named(part) for part in (head, text, html)))

    def filled(self, said: dict[str, str], safe: dict[str, str], address: str) -> bytes:
        head = {name: value.encode() for name, value in (said | {"address": address}).items()}
        text = {name: _quoted(value) for name, value in said.items()}
        html = {name: _quoted(value) for name, value in safe.items()}
        return b"".join(
            [*_filled(self.head, head), *_filled(self.text, text), *_filled(self.html, html)]
        )


def _named(pieces: list[bytes]) -> list[Any]:
    pieces[1::2] = [name.replace(b"=\r\n", b"").decode() for name in pieces[1::2]]  # type: ignore[misc]
    return pieces


def _filled(pieces: list[Any], said: Mapping[str, Any]) -> list[Any]:
    """At odd places stand the names of the blanks."""
    return [said[it] if place % 2 else it for place, it in enumerate(pieces)]


def _quoted(value: str) -> bytes:
    """On lines of its own that are none to the reader."""
    return b"=\r\n" + b2a_qp(value.encode()).replace(b"=\n", b"=\r\n") + b"=\r\n"
