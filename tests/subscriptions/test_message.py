"""A digest's template is rendered once; each mail differs from it only in what is personal."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from smtplib import _quote_periods as quote_periods  # type: ignore[attr-defined]
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subscriptions.sending.message import NONCE, DigestTemplate, Mail, PersonalMail, placeholder
from subscriptions.sending.smtp import EmailBackend

VALUES = {"name": "Ada = <Lovelace> & “Co”", "url": "https://papers.example.org/" + "x" * 200}


def a_template(words: str = "Hello") -> DigestTemplate:
    mail = Mail(
        subject=words or "none",
        body=f"{words}{placeholder('name')}{words}\r\nto {placeholder('address')}\n"
        f"{placeholder('url')}",
        from_email="papers@example.org",
        to=[placeholder("address")],
        headers={
            "Message-ID": f"<{placeholder('name')}>",
            "X-Link": f"<{placeholder('url')}>, more",
        },
    )
    mail.attach_alternative(
        f"<p>{words}<b>{placeholder('name')}</b>{placeholder('url')}", "text/html"
    )
    return DigestTemplate.from_mail(mail)


def a_mail(words: str = "Hello", address: str = "ada@example.org", **values: str) -> PersonalMail:
    return a_template(words).personal_mail(VALUES | {"address": address} | values, "b@x.org")


def read(wire: bytes) -> EmailMessage:
    return message_from_bytes(wire, policy=policy.default)  # type: ignore[return-value]


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=200))
def test_placeholders_are_filled_and_nothing_else_changes(words: str) -> None:
    message = read(a_mail(words).as_wire_bytes())
    name = VALUES["name"]
    first, second, third = part(message, "plain").splitlines()
    assert (first, second, third) == (f"{words}{name}{words}", "to ada@example.org", VALUES["url"])
    safe = "Ada = &lt;Lovelace&gt; &amp; “Co”"
    assert part(message, "html").rstrip("\n") == f"<p>{words}<b>{safe}</b>{VALUES['url']}"


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.text("..=a é\n", max_size=300))
def test_the_fast_bytes_say_what_djangos_own_message_says(words: str) -> None:
    mail = a_mail()
    mail.body, mail.alternatives = f"x{words}", []
    mail.attach_alternative(f"{words}<b>", "text/html")
    fast = read(mail.as_wire_bytes())
    slow = read(mail.message().as_bytes(linesep="\r\n"))
    for name in ("From", "To", "Subject", "X-Link", "MIME-Version"):
        assert len(fast.get_all(name, [])) == len(slow.get_all(name, [])) == 1
        assert name == "From" or fast[name] == slow[name]  # whose From is the return path here
    assert fast.get_content_type() == slow.get_content_type() == "multipart/alternative"
    for one, other in zip(fast.iter_parts(), slow.iter_parts(), strict=True):
        assert one.items() == other.items()
        assert str(one.get_content()) == str(other.get_content())


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(words=st.text("..=a \n", max_size=300), name=st.text("..= é", max_size=99))
def test_dots_that_begin_a_line_are_doubled_as_smtplib_does(words: str, name: str) -> None:
    mail = a_mail()
    mail.body = f".{words}{name}"
    wire = mail.as_wire_bytes()
    assert sent_over_smtp(wire) == quote_periods(wire) + b".\r\n"


def sent_over_smtp(wire: bytes) -> bytes:
    sent: list[bytes] = []
    smtp: Any = EmailBackend().connection_class()
    smtp.putcmd = lambda *_: None
    smtp.getreply = lambda: (354, b"go on")
    smtp.send = sent.append
    smtp._hangs_up_within = lambda _: False
    smtp._data(wire)
    return b"".join(sent)


def test_no_line_is_longer_than_quoted_printable_allows() -> None:
    head, _, body = a_mail("long " * 100).as_wire_bytes().partition(b"\r\n\r\n")
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert body.isascii() and b"\n" not in body.replace(b"\r\n", b"")


def test_a_backend_that_builds_its_own_message_gets_the_same() -> None:
    mail = a_mail(address="o'neil@example.org")
    message = read(mail.as_wire_bytes())
    assert part(message, "plain").splitlines() == str(mail.body).splitlines()
    assert part(message, "html").rstrip("\n") == str(mail.alternatives[0][0])
    assert "o'neil" in str(mail.body)
    assert message["X-Link"] == mail.extra_headers["X-Link"] == f"<{VALUES['url']}>, more"
    assert (mail.to, mail.from_email) == ([message["To"]], "b@x.org")


def test_two_mails_of_one_template_tell_nothing_of_each_other() -> None:
    template = a_template()
    ada = template.personal_mail(VALUES | {"address": "ada@example.org"}, "b@x.org")
    ben = template.personal_mail(VALUES | {"address": "ben@example.org"}, "b@x.org")
    assert ada.as_wire_bytes().replace(b"ada@", b"ben@") == ben.as_wire_bytes()
    assert NONCE.encode() not in ben.as_wire_bytes()


@pytest.mark.parametrize("name", ["address", "url", "name"])
def test_a_placeholder_without_a_value_is_an_error_not_a_mail(name: str) -> None:
    values = VALUES | {"address": "ada@example.org"}
    del values[name]
    with pytest.raises(KeyError):
        a_template().personal_mail(values, "b@x.org")
