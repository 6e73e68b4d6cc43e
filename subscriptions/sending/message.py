"""MIME messages: any mail of ours, and a digest rendered once and filled in for each recipient.

A digest's text, HTML and headers are rendered with placeholders for what is personal (address,
links, Message-ID). For each recipient these are replaced, and the result is encoded.
"""

import re
import secrets
from binascii import b2a_qp
from collections.abc import Mapping
from dataclasses import dataclass
from email import charset
from email.message import Message
from email.utils import parseaddr
from html import escape
from string import ascii_lowercase
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import sanitize_address

# New in every process, so that no title can contain a placeholder. With it a placeholder is about
# as long as a mail address: lines of the text part are wrapped before it is replaced.
NONCE = "".join(secrets.choice(ascii_lowercase) for _ in range(16))
PLACEHOLDER = re.compile(f"{NONCE}([a-z_]+?){NONCE}")
PLAIN_ADDRESS = re.compile(r"[a-z0-9_+-]+(\.[a-z0-9_+-]+)*@[a-z0-9-]+(\.[a-z0-9-]+)+")
# Not the 8 bits that Django would send: these lines are short, and any relay passes them on as
# they are, so a DKIM signature over them stays valid.
QUOTED_PRINTABLE = charset.Charset("utf-8")
QUOTED_PRINTABLE.body_encoding = charset.QP


def placeholder(name: str) -> str:
    return f"{NONCE}{name}{NONCE}"


class Mail(EmailMultiAlternatives):
    """A text and an HTML part, in quoted-printable."""

    encoding = QUOTED_PRINTABLE

    def message(self, **options: Any) -> Any:
        # Folded at 78, a long link would leave the first line of its header empty.
        message: Message = super().message(**options)
        message.policy = message.policy.clone(max_line_length=990)
        return message


class PersonalMail(Mail):
    """The digest of one recipient: an ordinary mail to Django, with a faster way to its bytes."""

    metadata: dict[str, str]  # read by django-anymail
    envelope_from: str
    envelope_to: str
    head: bytes  # all header lines, without the empty line after them
    boundary: bytes

    def as_wire_bytes(self) -> bytes:
        """As `message().as_bytes(linesep="\\r\\n")`, apart from where encoded lines break.

        Building a Message and serializing it takes ten times as long.
        """
        text, html = str(self.body), str(self.alternatives[0][0])
        return b"\r\n".join(
            [
                self.head,
                b"",
                *self._part(b"plain", text),
                *self._part(b"html", html),
                b"--" + self.boundary + b"--",
                b"",
            ]
        )

    def _part(self, subtype: bytes, content: str) -> list[bytes]:
        return [
            b"--" + self.boundary,
            b"Content-Type: text/" + subtype + b'; charset="utf-8"',
            b"MIME-Version: 1.0",
            b"Content-Transfer-Encoding: quoted-printable",
            b"",
            _quoted_printable(content),
        ]


@dataclass(frozen=True, slots=True)
class DigestTemplate:
    """A digest for everybody who gets the same papers, with placeholders."""

    mail: Mail
    head: str
    boundary: bytes

    @classmethod
    def from_mail(cls, mail: Mail) -> "DigestTemplate":
        """`mail` has placeholders in its headers, in its text and in its HTML."""
        message = mail.message()
        head, _, _ = message.as_bytes(linesep="\r\n").partition(b"\r\n\r\n")
        return cls(mail, head.decode("ascii"), message.get_boundary().encode())

    def personal_mail(self, values: Mapping[str, str], return_path: str) -> PersonalMail:
        """For the recipient with these values by placeholder; KeyError where one is missing.

        It bounces to `return_path`, whatever its From header says.
        """
        template, html = self.mail, str(self.mail.alternatives[0][0])
        mail = PersonalMail(
            subject=template.subject,
            body=_fill(str(template.body), values),
            from_email=return_path,
            to=[values["address"]],
            reply_to=template.reply_to,
            headers={name: _fill(text, values) for name, text in template.extra_headers.items()},
        )
        safe_values = {name: escape(value) for name, value in values.items()}
        mail.attach_alternative(_fill(html, safe_values), "text/html")
        mail.envelope_from = parseaddr(return_path)[1]
        mail.envelope_to = _ascii_address(values["address"])
        mail.head = _fill(self.head, {**values, "address": mail.envelope_to}).encode()
        mail.boundary = self.boundary
        return mail


def _fill(template: str, values: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda match: values[match[1]], template)


def _ascii_address(address: str) -> str:
    """With an international domain spelt in ASCII."""
    # Parsing an address by all of RFC 5322 takes longer than the rest of a mail.
    if PLAIN_ADDRESS.fullmatch(address):
        return address
    return str(sanitize_address(address, "utf-8"))


def _quoted_printable(text: str) -> bytes:
    """Lines end in CRLF. By binascii, as the email package's own encoder is slow Python."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return b2a_qp(lines.encode()).replace(b"\n", b"\r\n")
