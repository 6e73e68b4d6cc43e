"""Every message we send: one function each, over `emails/NAME.txt` and `emails/NAME.html`."""

import re
from dataclasses import dataclass
from email.utils import formataddr, formatdate, make_msgid
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from css_inline import CSSInliner
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from papers.models import Paper, Topic
from papers.periods import Period
from subscriptions import tokens
from subscriptions.issues.section import Section
from subscriptions.models import Delivery, Issue, Subscriber
from subscriptions.sending.letters import Content, Letter, Mail, blank
from subscriptions.sending.plain_text import bare, cut, fill, one_line, opening
from subscriptions.tokens import Purpose

SUBJECT = 120  # characters
TITLE = 200
NAME = 40
TOPICS = 3
EXCERPTS = [300, 120, 0]  # the first with which the mail is not too large
LARGEST = 100_000  # bytes: what is larger is cut off by some readers
# Inline for those programs that know nothing else; what asks for dark or narrow stays on top.
inliner = CSSInliner(keep_style_tags=True, remove_inlined_selectors=True, minify_css=True)


@dataclass(frozen=True, slots=True)
class Row:
    """A paper as a mail shows it: whatever the title was, its length is bounded."""

    number: int
    title: str
    authors: str
    excerpt: str
    upvotes: int
    topics: list[str]
    featured: bool
    url: str

    @property
    def as_text(self) -> str:
        pick = ["editors’ pick"] if self.featured else []
        facts = " · ".join([f"▲ {self.upvotes}", *pick, *self.topics])
        head = [f"{self.number:>2}. {self.title}", self.authors and f"    {self.authors}"]
        lines = [*filter(None, head), f"    {facts}"]
        for part in filter(None, [self.excerpt, self.url]):
            lines += ["", f"    {part}"]
        return "\n".join(fill(line, "    ") for line in lines)


def confirmation(subscriber: Subscriber, description: str, path: str) -> Mail:
    context = {"description": description, "url": settings.SITE_URL + path}
    mail = _mail("confirmation", "Please confirm: papers by mail", subscriber.address, context)
    mail.from_email = return_path(Purpose.CONFIRMATION_BOUNCE, subscriber.pk)
    return mail


def digest(issue: Issue, sections: list[Section], orders: str, prefix: str = "") -> Content:
    """For all who ordered this and get the same; `personal` makes it a letter to one of them."""
    days = issue.days
    why = f"{blank('address')} asked for this: {one_line(orders)}."
    context = {
        "heading": heading(days),
        "count": sum(len(section.papers) for section in sections),
        "preheader": _preheader(sections),
        "why": why,
        "why_text": fill(why),
        "more_url": settings.SITE_URL + reverse(f"papers:{days.kind}", args=[days.name]),
        "more": "the whole week" if days.kind == "week" else "the whole day",
        "view_url": blank("view_url"),
        "preferences_url": blank("preferences_url"),
        "unsubscribe_url": blank("unsubscribe_url"),
    }
    for excerpt in EXCERPTS:
        rows = {"sections": _rows(sections, excerpt)}
        title = prefix + subject(sections, days)
        mail = _mail("digest", title, blank("address"), context | rows)
        if len(str(mail.alternatives[0][0]).encode()) < LARGEST:
            break
    mail.extra_headers |= _list_headers(issue)
    return Content.of(mail)


def personal(content: Content, delivery: Delivery) -> Letter:
    """What stands in the blanks."""
    subscriber = delivery.subscriber
    said = {
        "address": subscriber.address,
        "date": formatdate(),
        "message_id": delivery.stable_id,
        "view_url": settings.SITE_URL + delivery.view_url,
        "preferences_url": settings.SITE_URL + subscriber.preferences_url,
        "unsubscribe_url": settings.SITE_URL + subscriber.unsubscribe_url,
        "unsubscribe_address": return_path(Purpose.MAIL_UNSUBSCRIBE, subscriber.pk),
    }
    letter = content.letter(said, return_path(Purpose.BOUNCE, delivery.pk))
    letter.metadata = {"delivery": str(delivery.pk)}  # which a provider's events give back
    return letter


def return_path(purpose: Purpose, number: int) -> str:
    """Where this mail comes back to; without an address for that, to whom it is from."""
    if not settings.RETURN_PATH:
        return settings.DEFAULT_FROM_EMAIL
    return settings.RETURN_PATH.replace("{token}", tokens.make_for_address(purpose, number))


def test(issue: Issue, sections: list[Section], orders: str, to: str) -> Letter:
    """A digest to look at: its links are nobody's, so a click in it changes nothing."""
    said = {
        "address": to,
        "date": formatdate(),
        "message_id": make_msgid(domain=urlsplit(settings.SITE_URL).hostname or "localhost"),
        "view_url": settings.SITE_URL + issue.get_absolute_url(),
        "preferences_url": settings.SITE_URL + reverse("subscriptions:subscribe"),
        "unsubscribe_url": settings.SITE_URL + reverse("subscriptions:subscribe"),
        "unsubscribe_address": settings.CONTACT_EMAIL,
    }
    content = digest(issue, sections, orders, prefix="[Test] ")
    return content.letter(said, settings.DEFAULT_FROM_EMAIL)


def subject(sections: list[Section], days: Period) -> str:
    """What is inside: “Moss, and 11 more papers · Friday 14 March”."""
    papers = [paper for section in sections for paper in section.papers]
    others = len(papers) - 1
    tail = f", and {others} more paper{'s' if others > 1 else ''}" if others > 0 else ""
    tail += f" · {heading(days)}"
    return cut(one_line(papers[0].title_text), SUBJECT - len(tail)) + tail if papers else tail


def _mail(name: str, subject: str, address: str, context: dict[str, Any]) -> Mail:
    context |= {
        "subject": subject,
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "contact": settings.CONTACT_EMAIL,
    }
    mail = Mail(
        subject=subject,
        body=bare(render_to_string(f"emails/{name}.txt", context)),
        to=[address],
        reply_to=[settings.CONTACT_EMAIL],
        headers={"From": settings.DEFAULT_FROM_EMAIL, "Auto-Submitted": "auto-generated"},
    )
    html = render_to_string(f"emails/{name}.html", context)
    mail.attach_alternative(inliner.inline(html), "text/html")
    return mail


def _list_headers(issue: Issue) -> dict[str, str]:
    frequency, host = issue.frequency, urlsplit(settings.SITE_URL).hostname or "localhost"
    # Never more than the list, as it must not tell one recipient from another.
    sender = re.sub(r"[^a-z0-9]", "", host)[:15].ljust(5, "0")
    unsubscribe = f"<{blank('unsubscribe_url')}>"  # first, as some read no further
    if settings.RETURN_PATH:
        unsubscribe += f", <mailto:{blank('unsubscribe_address')}?subject=unsubscribe>"
    return {
        "Date": blank("date"),
        "Message-ID": blank("message_id"),
        "List-Id": formataddr((f"{settings.SITE_NAME} {frequency}", f"{frequency}.{host}")),
        "List-Unsubscribe": unsubscribe,
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Feedback-ID": f"{issue.period}:{frequency}:digest:{sender}",
        "X-Auto-Response-Suppress": "All",
    }


def _rows(sections: list[Section], excerpt: int) -> list[dict[str, Any]]:
    numbers = count(1)
    return [
        {
            "title": one_line(section.title),
            "papers": [_row(paper, next(numbers), excerpt) for paper in section.papers],
        }
        for section in sections
    ]


def _row(paper: Paper, number: int, excerpt: int) -> Row:
    authors = ", ".join(cut(one_line(name), NAME) for name in paper.lead_authors)
    topics: list[Topic] = getattr(paper, "topic_list", [])  # as for_rows() fetched them
    return Row(
        number=number,
        title=cut(one_line(paper.title_text), TITLE),
        authors=f"{authors} and {paper.more_authors} more" if paper.more_authors else authors,
        excerpt=opening(one_line(paper.abstract_text), excerpt) if excerpt else "",
        upvotes=paper.upvotes,
        topics=[cut(one_line(topic.name), NAME) for topic in topics[:TOPICS]],
        featured=paper.featured,
        url=settings.SITE_URL + paper.get_absolute_url(),
    )


def _preheader(sections: list[Section]) -> str:
    """What a mailbox shows beside the subject: the next titles."""
    papers = [paper for section in sections for paper in section.papers][1:4]
    return cut(" · ".join(one_line(paper.title_text) for paper in papers), 200)


def heading(days: Period) -> str:
    first = f"{days.first.day} {days.first:%B}"
    return f"Week of {first}" if days.kind == "week" else f"{days.first:%A} {first}"
