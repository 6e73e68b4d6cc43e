"""A digest as a mailbox gets it."""

import re
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from papers.identifiers import fold_name
from papers.models import PaperSearch, PaperTopic
from subscriptions.models import Delivery, Issue
from subscriptions.sending import emails, run
from subscriptions.sending.message import PersonalMail
from subscriptions.sending.plain_text import first_sentences, one_line, truncate, wrap
from tests.factories import MARCH_14, a_paper, a_topic
from tests.subscriptions.conftest import Relay
from tests.subscriptions.factories import (
    A_DAY,
    FRIDAY_8AM,
    a_delivery,
    a_subscriber,
    compose_one,
    on_topic,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site(settings: Settings) -> None:
    settings.SITE_URL = "https://papers.example.org"


@pytest.fixture
def read() -> Callable[[Delivery], EmailMessage]:
    """As another program reads what went over the wire."""

    def read(delivery: Delivery) -> EmailMessage:
        return message_from_bytes(digest_of(delivery).as_wire_bytes(), policy=policy.default)  # type: ignore[return-value]

    return read


def digest_of(delivery: Delivery) -> PersonalMail:
    orders = "; ".join(map(str, delivery.subscriber.subscriptions.all()))
    sections = compose_one(delivery)
    template = emails.digest_template(delivery.issue, sections, orders)
    return emails.personal_digest(template, delivery)


Read = Callable[[Delivery], EmailMessage]


def body(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    content: str = part.get_content()
    return content


def test_the_headers_of_a_list_are_there_once(read: Read) -> None:
    a_paper()
    delivery = a_delivery(a_subscriber("ada@example.org"))
    message = read(delivery)
    for name, value in {
        "To": "ada@example.org",
        "List-Id": "Trending Papers daily <daily.papers.example.org>",
        "List-Unsubscribe": f"<https://papers.example.org{delivery.subscriber.unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "Feedback-ID": "2025-03-14:daily:digest:papersexampleor",
        "Message-ID": delivery.stable_id,
    }.items():
        assert message.get_all(name) == [value]
    assert len(message.get_all("Date", [])) == len(message.get_all("Subject", [])) == 1
    assert message["Precedence"] is None


def test_a_long_link_stays_on_the_line_of_its_header(read: Read) -> None:
    a_paper()
    delivery = a_delivery()
    mail = digest_of(delivery)
    lines = mail.as_wire_bytes().splitlines()
    assert any(line.startswith(b"List-Unsubscribe: <https://") for line in lines)
    assert max(map(len, lines)) <= 998


def test_a_message_id_is_the_same_for_every_attempt_and_tells_no_address() -> None:
    ada, ben = a_delivery(a_subscriber("ada@example.org")), a_delivery()
    assert ada.stable_id == Delivery.objects.get(pk=ada.pk).stable_id
    assert ada.stable_id != ben.stable_id
    assert "ada" not in ada.stable_id


@pytest.mark.parametrize(
    ("titles", "subject"),
    [
        (["Moss"], "Moss · Friday 14 March"),
        (["Moss", "Fern"], "Moss, and 1 more paper · Friday 14 March"),
        (["Moss", "Fern", "Reed"], "Moss, and 2 more papers · Friday 14 March"),
    ],
)
def test_the_subject_says_what_is_inside(titles: list[str], subject: str, read: Read) -> None:
    for number, title in enumerate(titles):
        a_paper(title, upvotes=50 - number)
    assert read(a_delivery())["Subject"] == subject


def test_an_ampersand_is_one_in_text_and_subject_and_escaped_in_html(read: Read) -> None:
    paper = a_paper("Fish & <chips>", abstract="Salt & vinegar.", authors=["Tom & Co"])
    PaperTopic.objects.create(paper=paper, topic=a_topic("r-and-d", name="R&D"))
    message = read(a_delivery())
    assert message["Subject"].startswith("Fish & <chips> · ")
    for words in ("Fish & <chips>", "Salt & vinegar.", "Tom & Co", "R&D"):
        assert words in body(message)
    for words in ("Fish &amp; &lt;chips&gt;", "Salt &amp; vinegar.", "Tom &amp; Co", "R&amp;D"):
        assert words in body(message, "html")


@pytest.mark.parametrize(
    "title",
    [
        "folded\n  over\r\nlines",
        "Injected\r\nBcc: everybody@example.org",
        "turned \u202eround\u202c and \u2066about\u2069",
        "nul \x00 bell \x07 next \x85 line \u2028 paragraph \u2029 tab \x0b",
        "x" * 5000,
        "word " * 1000,
        "<script>alert(1)</script>",
        "half a pair \ud83d",
        "一篇論文的題目" * 100,
        "%s {{ title }} {% now 'Y' %}",
        "",
    ],
)
def test_no_title_breaks_a_mail(title: str, relay: Relay) -> None:
    stored = title.encode("utf-8", "ignore").decode().replace("\x00", "")  # what PostgreSQL takes
    paper = a_paper("x", title_text=stored, abstract_text=stored, authors=[stored] * 7)
    PaperTopic.objects.create(paper=paper, topic=a_topic("t", name="a" * 80))
    a_delivery(a_subscriber("ada@example.org"))
    assert run.run(FRIDAY_8AM)["sent"] == 1
    [(_, message)] = relay.received
    assert len(message["Subject"]) <= 120
    assert message["Bcc"] is None
    assert message["To"] == "ada@example.org"
    assert message["Subject"].isprintable()
    assert "<script>" not in body(message, "html")
    assert all(it.isprintable() for it in body(message).replace("\r", "").replace("\n", ""))


@pytest.mark.parametrize(
    "words",
    [
        "<script>alert(1)</script>",
        "turned \u202eround",
        "a\u2028b\x85c\x0bd",
        "x" * 300,
        "{{ words }} %s & “quotes”",
        "=?utf-8?q?encoded?=",
    ],
)
def test_no_words_of_an_order_break_a_mail(words: str, relay: Relay) -> None:
    """They stand in the heads of sections and in the foot, typed by whoever knows the address."""
    paper = a_paper("Moss", authors=[words])
    PaperSearch.objects.create(paper=paper, title="Moss", author_names=[fold_name(words)])
    a_subscriber("ada@example.org", orders=[{}, {"what": "author", "words": words}])
    assert run.run(FRIDAY_8AM)["sent"] == 1
    [(_, message)] = relay.received
    assert message["Subject"] == "Moss · Friday 14 March"
    assert message["To"] == "ada@example.org"
    assert "<script>" not in body(message, "html")
    text = body(message).replace("\r", "").replace("\n", "")
    assert all(it.isprintable() for it in text)
    assert body(message).count("Moss") == 1


def test_sixty_papers_of_the_worst_kind_stay_under_100_kilobytes(read: Read) -> None:
    topics = [a_topic(name="Ünlikely töpic näme " * 4) for _ in range(4)]
    for number in range(60):
        paper = a_paper(
            "x",
            key=f"hep-th/{number:07}",
            title_text="Ä title of söme length & <more> " * 20,
            abstract_text="Wörds & wörds “quoted” " * 100,
            authors=["Äuthor with “a” rather & löng name of theirs " * 3] * 20,
            featured=True,
            pdf_url="https://example.org/?a=1&b=" + "x" * 120,
            code_url="https://example.org/" + "x" * 120,
        )
        for topic in topics:
            PaperTopic.objects.create(paper=paper, topic=topic)
    subscriber = a_subscriber(orders=[{"max_papers": 60}])
    delivery = a_delivery(subscriber)
    message = digest_of(delivery)
    html = str(message.alternatives[0][0])
    assert html.count('class="paper"') == 60
    assert len(html.encode()) < 100_000

    [section] = compose_one(delivery)
    reasons = dict.fromkeys([paper.pk for paper in section.papers], "Like “söme” " + "& ä" * 200)
    sections = [replace(section, reasons=reasons)]
    html = str(emails.digest_template(delivery.issue, sections, "").mail.alternatives[0][0])
    assert html.count("Like “söme”") == 60
    assert len(html.encode()) < 100_000


def test_fifty_sections_of_the_longest_words_stay_under_100_kilobytes(read: Read) -> None:
    name = "論" * 298
    names = [f"{number:02}{name}" for number in range(50)]
    for author in names:
        for _ in range(2):  # one is left out
            paper = a_paper("Of things", abstract="We look. " * 90, authors=["Ada Quill"] * 9)
            PaperSearch.objects.create(paper=paper, author_names=[fold_name(author)])
    orders = [{"what": "author", "words": author, "max_papers": 1} for author in names]
    message = digest_of(a_delivery(a_subscriber(orders=orders)))
    html = str(message.alternatives[0][0])
    assert html.count('class="paper"') == html.count("And 1 more of Friday 14 March") == 50
    assert len(html.encode()) < 100_000


def test_the_text_comes_first_and_fits_eighty_columns(read: Read) -> None:
    a_paper(
        "Of things and other things " * 8, abstract="We look. " * 90, authors=["Ada Quill"] * 17
    )
    message = read(a_delivery())
    kinds = [part.get_content_type() for part in message.iter_parts()]
    assert kinds == ["text/plain", "text/html"]
    lines = body(message).splitlines()
    assert all(len(line) <= 76 or "https://" in line for line in lines)
    assert "Ada Quill and 12 more" in " ".join(body(message).split())


LINK_TO_PERIOD = re.compile(r"https://papers\.example\.org(/papers/(?:date|week)/[\dW-]+)")


def test_a_digest_names_the_days_of_its_papers_and_not_its_own_empty_one(
    read: Read, client: Client
) -> None:
    a_paper("Moss", upvotes=5)
    a_paper("Fern", listed_on=MARCH_14 - A_DAY, featured=True)
    saturday = Issue.objects.create(
        frequency="daily",
        period="2025-03-15",
        first_day=MARCH_14 + A_DAY,
        last_day=MARCH_14 + A_DAY,
    )
    message = read(a_delivery(issue=saturday, due_at=FRIDAY_8AM + A_DAY))

    assert message["Subject"].endswith(" · Saturday 15 March")
    for kind in ("plain", "html"):
        text = body(message, kind)
        links = list(dict.fromkeys(LINK_TO_PERIOD.findall(text)))
        assert links == ["/papers/date/2025-03-14", "/papers/date/2025-03-13"]
        assert all('<article class="paper"' in client.get(link).text for link in links)
        assert "Friday 14 March" in text and "Thursday 13 March" in text
    assert "▲ 5 · Fri 14 Mar" in body(message)
    assert "▲ 0 · editors’ pick · Thu 13 Mar" in body(message)
    assert body(message, "html").count(" · Fri 14 Mar") == 1


def test_a_row_links_pdf_and_code_and_a_section_says_why_it_is_there(read: Read) -> None:
    vision = a_topic(name="Vision")
    code = "https://code.example.org/moss"
    paper = a_paper("Moss", pdf_url="https://example.org/moss.pdf", code_url=code)
    PaperTopic.objects.create(paper=paper, topic=vision)
    a_paper("Fern", code_url="https://example.org/" + "x" * 900)
    everything: dict[str, Any] = {}
    message = read(a_delivery(a_subscriber(orders=[everything, on_topic(vision)])))

    text, html = body(message), body(message, "html")
    assert "PDF: https://example.org/moss.pdf" in text and f"Code: {code}" in text
    assert 'href="https://example.org/moss.pdf"' in html and f'href="{code}"' in html
    assert "x" * 900 not in text + html  # an address of that length would make a mail too large
    assert text.count("You follow this topic") == html.count("You follow this topic") == 1
    assert html.count(">▲ 0</a>") == 2


def test_a_section_says_what_it_left_out_and_why_by_its_kind(read: Read) -> None:
    named = a_topic("robots", name="Papers by robots")
    for number in range(14):
        PaperTopic.objects.create(paper=a_paper(f"Robot {number}"), topic=named)
    subscriber = a_subscriber(orders=[on_topic(named, max_papers=2)])
    delivery = a_delivery(subscriber)
    url = "https://papers.example.org/papers/date/2025-03-14?topic=robots"
    for message in (read(delivery), read(delivery)):  # also where it is composed before
        text, html = body(message), body(message, "html")
        assert "You follow this topic" in text and "You follow this topic" in html
        assert f"And 12 more of Friday 14 March on the site:\r\n{url}" in text
        assert f'href="{url}"' in html and ">And 12 more of Friday 14 March on the site</a>" in html


def test_the_look_needs_neither_the_style_element_nor_a_browser(read: Read) -> None:
    """Gmail may drop the element, and Outlook draws with Word."""
    paper = a_paper("Moss", pdf_url="https://example.org/moss.pdf", featured=True)
    PaperTopic.objects.create(paper=paper, topic=a_topic(name="Vision"))
    confirmation = emails.confirmation(a_subscriber(), "All papers by email.", "/x/confirm")
    for html in (body(read(a_delivery()), "html"), str(confirmation.alternatives[0][0])):
        assert re.search(r'<!--\[if mso\]><table [^>]*width="600"', html)
        html = re.sub(r"<style.*?</style>|<!--.*?-->", "", html, flags=re.DOTALL)
        assert "flex" not in html and "grid" not in html
        for tag in re.findall(r"<table[^>]*>", html):
            assert 'role="presentation"' in tag and 'cellpadding="0"' in tag
        for tag in re.findall(r"<(?:a|p|h1|h2|td class)[ >][^>]*>", html):
            assert "style=" in tag
        for tag in re.findall(r"<div[^>]*>", html):  # Word ignores their padding
            assert "padding" not in tag


def test_a_weekly_digest_links_the_weeks_of_its_papers(read: Read) -> None:
    a_paper("Moss", listed_on=MARCH_14 - A_DAY)
    a_paper("Fern", listed_on=MARCH_14 - 7 * A_DAY)
    week = Issue.objects.create(
        frequency="weekly",
        period="2025-W11",
        first_day=MARCH_14 - 4 * A_DAY,
        last_day=MARCH_14 + 2 * A_DAY,
    )
    subscriber = a_subscriber(orders=[{"frequency": "weekly"}])
    text = body(read(a_delivery(subscriber, issue=week)))

    assert LINK_TO_PERIOD.findall(text) == ["/papers/week/2025-W11", "/papers/week/2025-W10"]
    assert "2 papers from\r\nthe week of 10 March: https://" in text


def test_the_foot_says_why_and_how_to_stop(read: Read, settings: Settings) -> None:
    a_paper()
    delivery = a_delivery(a_subscriber("ada@example.org"))
    message = read(delivery)
    for kind in ("plain", "html"):
        text = body(message, kind)
        assert "ada@example.org asked for this: All papers, daily." in text
        assert f"https://papers.example.org{delivery.subscriber.preferences_url}" in text
        assert f"https://papers.example.org{delivery.subscriber.unsubscribe_url}" in text
        assert settings.CONTACT_EMAIL in text


def test_nothing_is_loaded_and_nobody_is_followed(read: Read) -> None:
    paper = a_paper()
    html = body(read(a_delivery()), "html")
    for word in ("<img", "url(", "<script", "@import", "<link"):
        assert word not in html
    assert f'href="https://papers.example.org{paper.get_absolute_url()}"' in html


def test_colours_are_for_day_and_night(read: Read) -> None:
    a_paper()
    html = body(read(a_delivery()), "html")
    assert '<meta name="color-scheme" content="light dark">' in html
    assert "prefers-color-scheme: dark" in html
    assert 'style="' in html


def test_a_confirmation_has_one_link_and_no_list() -> None:
    mail = emails.confirmation(a_subscriber("ada@example.org"), "A & B by mail.", "/x/confirm")
    assert "A & B by mail." in mail.body
    assert mail.body.count("/confirm") == 1
    assert "A &amp; B by mail." in str(mail.alternatives[0][0])
    assert "List-Unsubscribe" not in mail.extra_headers


@pytest.mark.parametrize(
    ("shorten", "text", "length", "expected"),
    [
        (truncate, "short", 10, "short"),
        (truncate, "some words here", 11, "some words…"),
        (truncate, "unbreakable" * 9, 10, "unbreakab…"),
        (first_sentences, "One is here. Two is there. Three", 30, "One is here. Two is there."),
        (first_sentences, "One. " + "and so on " * 9, 30, "One. and so on and so on and…"),
        (first_sentences, "In v1.5 e.g. we see. " + "x" * 30, 30, "In v1.5 e.g. we see…"),
    ],
)
def test_text_is_cut_where_it_hurts_least(
    shorten: Any, text: str, length: int, expected: str
) -> None:
    assert shorten(text, length) == expected


def test_lines_lose_what_must_not_be_seen() -> None:
    assert one_line(" a\n\tb\u202e\x00 c ") == "a b c"
    assert wrap("word " * 20, "  ").splitlines()[1].startswith("  word")
