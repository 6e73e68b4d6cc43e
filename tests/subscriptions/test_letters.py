"""A content is rendered once; each letter is the same but for what is personal."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from smtplib import _quote_periods as quote_periods  # type: ignore[attr-defined]

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subscriptions.sending.letters import EDGE, Content, Letter, Mail, blank

ANSWERS = {"name": "Ada = <Lovelace> & “Co”", "url": "https://papers.example.org/" + "x" * 200}


def a_content(words: str = "Hello") -> Content:
    mail = Mail(
        subject=words or "none",
        body=f"{words}{blank('name')}{words}\r\nto {blank('address')}\n{blank('url')}",
        from_email="papers@example.org",
        to=[blank("address")],
        headers={"Message-ID": f"<{blank('name')}>", "X-Link": f"<{blank('url')}>, more"},
    )
    mail.attach_alternative(f"<p>{words}<b>{blank('name')}</b>{blank('url')}", "text/html")
    return Content.of(mail)


def read(letter: Letter) -> EmailMessage:
    wire = letter.message().as_bytes(linesep="\r\n")
    return message_from_bytes(wire, policy=policy.default)  # type: ignore[return-value]


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content())


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=200))
def test_whatever_stands_around_a_blank_it_is_filled_and_nothing_else_changes(words: str) -> None:
    message = read(a_content(words).letter(ANSWERS | {"address": "ada@example.org"}, "b@x.org"))
    name = ANSWERS["name"]
    first, second, third = part(message, "plain").splitlines()
    assert (first, second, third) == (f"{words}{name}{words}", "to ada@example.org", ANSWERS["url"])
    safe = "Ada = &lt;Lovelace&gt; &amp; “Co”"
    assert part(message, "html").rstrip("\n") == f"<p>{words}<b>{safe}</b>{ANSWERS['url']}"


@settings(max_examples=200, deadline=None)
@given(words=st.text("..=a ", max_size=300), name=st.text("..= é", max_size=99))
def test_dots_that_begin_a_line_are_doubled_wherever_they_come_from(words: str, name: str) -> None:
    said = ANSWERS | {"address": "ada@example.org", "name": f".{name}"}
    letter = a_content(f".{words}").letter(said, "b@x.org")
    assert letter.stuffed == quote_periods(letter.wire)


def test_no_line_is_longer_than_quoted_printable_allows() -> None:
    letter = a_content("long " * 100).letter(ANSWERS | {"address": "ada@example.org"}, "b@x.org")
    head, _, body = letter.wire.partition(b"\r\n\r\n")
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert body.isascii() and b"\n" not in body.replace(b"\r\n", b"")


def test_a_letter_says_the_same_to_a_backend_that_builds_its_own() -> None:
    letter = a_content().letter(ANSWERS | {"address": "o'neil@example.org"}, "b@x.org")
    message = read(letter)
    assert part(message, "plain").splitlines() == str(letter.body).splitlines()
    assert part(message, "html").rstrip("\n") == str(letter.alternatives[0][0])
    assert "o'neil" in str(letter.body)
    assert message["X-Link"] == letter.extra_headers["X-Link"] == f"<{ANSWERS['url']}>, more"
    assert (letter.to, letter.from_email) == ([message["To"]], "b@x.org")


def test_two_letters_of_one_content_tell_nothing_of_each_other() -> None:
    content = a_content()
    ada = content.letter(ANSWERS | {"address": "ada@example.org"}, "b@x.org").wire
    ben = content.letter(ANSWERS | {"address": "ben@example.org"}, "b@x.org").wire
    assert ada.replace(b"ada@", b"ben@") == ben
    assert EDGE.encode() not in ben


@pytest.mark.parametrize("name", ["address", "url", "name"])
def test_a_blank_without_an_answer_is_an_error_not_a_mail(name: str) -> None:
    said = ANSWERS | {"address": "ada@example.org"}
    del said[name]
    with pytest.raises(KeyError):
        a_content().letter(said, "b@x.org")
