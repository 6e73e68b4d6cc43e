"""Every kind of mail we send: a function each, over templates/emails/NAME.txt and NAME.html."""

import re
import secrets
from dataclasses import dataclass
from email.utils import formataddr, formatdate, make_msgid
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from css_inline import CSSInliner
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from papers.models import Paper, Topic
from papers.periods import Period, around
from subscriptions import tokens
from subscriptions.issues.section import LeftOut, Section, periods_covered
from subscriptions.models import Delivery, Issue, Subscriber
from subscriptions.sending.message import DigestTemplate, Mail, PersonalMail, placeholder
from subscriptions.sending.plain_text import (
    first_sentences,
    one_line,
    tidy_blank_lines,
    truncate,
    wrap,
)
from subscriptions.tokens import Purpose

MAX_SUBJECT_CHARS = 120
MAX_TITLE_CHARS = 200
MAX_URL_CHARS = 300
MAX_NAME_CHARS = 40  # of an author or a topic
MAX_PREHEADER_CHARS = 200
TOPICS_PER_PAPER = 3
EXCERPT_CHARS = [300, 120, 0]  # the first with which the mail is not too large; 0: no links either
MAX_HTML_BYTES = 100_000  # Gmail cuts off a little more than this
# Style attributes for programs that ignore <style>; media queries (dark, narrow) stay in <style>.
inliner = CSSInliner(keep_style_tags=True, remove_inlined_selectors=True, minify_css=True)


@dataclass(frozen=True, slots=True)
class Row:
    """A paper as a mail shows it, every text bounded in length."""

    number: int
    title: str
    authors: str
    excerpt: str
    upvotes: int
    topics: list[str]
    featured: bool
    day: str  # whose page shows it: Fri 14 Mar
    url: str
    links: list[tuple[str, str]]  # name and address: PDF, code

    @property
    def as_text(self) -> str:
        pick = ["editors’ pick"] if self.featured else []
        day = [self.day] if self.day else []
        facts = " · ".join([f"▲ {self.upvotes}", *pick, *day, *self.topics])
        head = [f"{self.number:>2}. {self.title}", self.authors and f"    {self.authors}"]
        lines = [*filter(None, head), f"    {facts}"]
        for part in filter(None, [self.excerpt, self.url]):
            lines += ["", f"    {part}"]
        lines += [f"    {name}: {url}" for name, url in self.links]
        return "\n".join(wrap(line, "    ") for line in lines)


def confirmation(subscriber: Subscriber, description: str, path: str) -> Mail:
    context = {"description": description, "url": settings.SITE_URL + path}
    mail = _mail("confirmation", "Confirm your subscription", subscriber.address, context)
    mail.from_email = return_path(Purpose.CONFIRMATION_BOUNCE, subscriber.pk)
    # So that a bounce is understood that quotes it, also without RETURN_PATH.
    token = tokens.make_for_address(Purpose.CONFIRMATION_BOUNCE, subscriber.pk)
    mail.extra_headers["Message-ID"] = f"<{token}.{secrets.token_hex(8)}@{_host()}>"
    return mail


def check(address: str) -> EmailMessage:
    """For `send_test_mail`."""
    return EmailMessage(
        subject=f"A test email from {settings.SITE_NAME}",
        body=f"It was sent by the settings of {settings.SITE_URL}. Nobody has to answer it.\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[address],
        headers={"Auto-Submitted": "auto-generated", "Message-ID": make_msgid(domain=_host())},
    )


def digest_template(
    issue: Issue, sections: list[Section], orders: str, subject_prefix: str = ""
) -> DigestTemplate:
    """The digest of all subscribers who get these sections for these orders (in words)."""
    days = issue.days
    why = f"{placeholder('address')} asked for this: {one_line(orders)}."
    context = {
        "heading": heading(days),
        "count": sum(len(section.papers) for section in sections),
        "preheader": _preheader(sections),
        "why": why,
        "why_text": wrap(why),
        "covered": [_link(period) for period in periods_covered(sections, days.kind)],
        "view_url": placeholder("view_url"),
        "preferences_url": placeholder("preferences_url"),
        "unsubscribe_url": placeholder("unsubscribe_url"),
    }
    title = subject_prefix + subject(sections, days)
    for excerpt_chars in EXCERPT_CHARS:
        rows = {"sections": _rows(sections, excerpt_chars), "with_links": bool(excerpt_chars)}
        mail = _mail("digest", title, placeholder("address"), context | rows)
        if len(str(mail.alternatives[0][0]).encode()) < MAX_HTML_BYTES:
            break
    mail.extra_headers |= _list_headers(issue)
    return DigestTemplate.from_mail(mail)


def personal_digest(template: DigestTemplate, delivery: Delivery) -> PersonalMail:
    subscriber = delivery.subscriber
    values = {
        "address": subscriber.address,
        "date": formatdate(),
        "message_id": delivery.stable_id,
        "view_url": settings.SITE_URL + delivery.view_url,
        "preferences_url": settings.SITE_URL + subscriber.preferences_url,
        "unsubscribe_url": settings.SITE_URL + subscriber.unsubscribe_url,
        "unsubscribe_address": return_path(Purpose.MAIL_UNSUBSCRIBE, subscriber.pk),
    }
    mail = template.personal_mail(values, return_path(Purpose.BOUNCE, delivery.pk))
    # django-anymail: the provider's delivery events return it.
    mail.metadata = {"delivery": str(delivery.pk)}
    return mail


def preview_digest(
    issue: Issue, sections: list[Section], orders: str, address: str
) -> PersonalMail:
    """For a curator to look at: its links belong to nobody, so a click changes nothing."""
    values = {
        "address": address,
        "date": formatdate(),
        "message_id": make_msgid(domain=_host()),
        "view_url": settings.SITE_URL + issue.get_absolute_url(),
        "preferences_url": settings.SITE_URL + reverse("subscriptions:subscribe"),
        "unsubscribe_url": settings.SITE_URL + reverse("subscriptions:subscribe"),
        "unsubscribe_address": settings.CONTACT_EMAIL,
    }
    template = digest_template(issue, sections, orders, subject_prefix="[Test] ")
    return template.personal_mail(values, settings.DEFAULT_FROM_EMAIL)


def return_path(purpose: Purpose, key: int) -> str:
    """The address that this mail bounces to; the sender's where RETURN_PATH is not set."""
    if not settings.RETURN_PATH:
        return settings.DEFAULT_FROM_EMAIL
    return settings.RETURN_PATH.replace("{token}", tokens.make_for_address(purpose, key))


def subject(sections: list[Section], days: Period) -> str:
    """As “Moss, and 11 more papers · Friday 14 March”."""
    papers = [paper for section in sections for paper in section.papers]
    others = len(papers) - 1
    tail = f", and {others} more paper{'s' if others > 1 else ''}" if others > 0 else ""
    tail += f" · {heading(days)}"
    if not papers:
        return tail
    return truncate(one_line(papers[0].title_text), MAX_SUBJECT_CHARS - len(tail)) + tail


def _mail(name: str, subject: str, address: str, context: dict[str, Any]) -> Mail:
    context |= {
        "subject": subject,
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "contact": settings.CONTACT_EMAIL,
    }
    mail = Mail(
        subject=subject,
        body=tidy_blank_lines(render_to_string(f"emails/{name}.txt", context)),
        to=[address],
        reply_to=[settings.CONTACT_EMAIL],
        headers={"From": settings.DEFAULT_FROM_EMAIL, "Auto-Submitted": "auto-generated"},
    )
    html = render_to_string(f"emails/{name}.html", context)
    mail.attach_alternative(inliner.inline(html), "text/html")
    return mail


def _host() -> str:
    return urlsplit(settings.SITE_URL).hostname or "localhost"


def _list_headers(issue: Issue) -> dict[str, str]:
    frequency, host = issue.frequency, _host()
    # Feedback-ID: the same for the whole list, as it must not identify a recipient.
    sender = re.sub(r"[^a-z0-9]", "", host)[:15].ljust(5, "0")
    unsubscribe = f"<{placeholder('unsubscribe_url')}>"  # first, as some programs read only one
    if settings.RETURN_PATH:
        unsubscribe += f", <mailto:{placeholder('unsubscribe_address')}?subject=unsubscribe>"
    return {
        "Date": placeholder("date"),
        "Message-ID": placeholder("message_id"),
        "List-Id": formataddr((f"{settings.SITE_NAME} {frequency}", f"{frequency}.{host}")),
        "List-Unsubscribe": unsubscribe,
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Feedback-ID": f"{issue.period}:{frequency}:digest:{sender}",
        "X-Auto-Response-Suppress": "All",
    }


def _rows(sections: list[Section], excerpt_chars: int) -> list[dict[str, Any]]:
    numbers = count(1)
    return [
        {
            "title": one_line(section.title),
            "why": one_line(section.why),
            "papers": [_row(paper, next(numbers), excerpt_chars) for paper in section.papers],
            "more": section.left_out and _more(section.left_out),
        }
        for section in sections
    ]


def _row(paper: Paper, number: int, excerpt_chars: int) -> Row:
    authors = ", ".join(truncate(one_line(name), MAX_NAME_CHARS) for name in paper.lead_authors)
    abstract = one_line(paper.abstract_text)
    topics: list[Topic] = getattr(paper, "topic_list", [])  # set by PaperQuerySet.for_rows()
    return Row(
        number=number,
        title=truncate(one_line(paper.title_text), MAX_TITLE_CHARS),
        authors=f"{authors} and {paper.more_authors} more" if paper.more_authors else authors,
        excerpt=first_sentences(abstract, excerpt_chars) if excerpt_chars else "",
        upvotes=paper.upvotes,
        topics=[
            truncate(one_line(topic.name), MAX_NAME_CHARS) for topic in topics[:TOPICS_PER_PAPER]
        ],
        featured=paper.featured,
        day=around("day", paper.listed_on).short if paper.listed_on else "",
        url=settings.SITE_URL + paper.get_absolute_url(),
        links=[
            (name, url)
            for name, url in (("PDF", paper.pdf_url), ("Code", paper.code_url))
            if excerpt_chars and url and len(url) <= MAX_URL_CHARS
        ],
    )


def _more(left_out: LeftOut) -> dict[str, str]:
    """The papers that a section had no room for, in words and as a link to their list."""
    return {
        "words": f"And {left_out.count} more of {_days_in_words(left_out.days)} on the site",
        "url": settings.SITE_URL + left_out.path,
    }


def _link(days: Period) -> dict[str, str]:
    """To the page of these days."""
    url = settings.SITE_URL + reverse(f"papers:{days.kind}", args=[days.name])
    return {"name": _days_in_words(days), "url": url}


def _days_in_words(days: Period) -> str:
    """Within a sentence: `Friday 14 March`, `the week of 10 March`."""
    return heading(days).replace("Week of", "the week of")


def _preheader(sections: list[Section]) -> str:
    """What mailboxes show beside the subject: the titles after the first."""
    papers = [paper for section in sections for paper in section.papers][1:4]
    titles = " · ".join(one_line(paper.title_text) for paper in papers)
    return truncate(titles, MAX_PREHEADER_CHARS)


def heading(days: Period) -> str:
    first = f"{days.first.day} {days.first:%B}"
    return f"Week of {first}" if days.kind == "week" else f"{days.first:%A} {first}"
