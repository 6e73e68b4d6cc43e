"""Every kind of mail we send: a function each, over templates/emails/NAME.txt and NAME.html."""

import re
import secrets
from collections.abc import Sequence
from email.utils import formataddr, formatdate, make_msgid
from typing import Any
from urllib.parse import urlsplit

from css_inline import CSSInliner
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from notifications.models import Notification
from subscriptions import tokens
from subscriptions.issues.section import Section
from subscriptions.models import Delivery, Issue, Subscriber
from subscriptions.sending import digest_parts, notification_parts
from subscriptions.sending.message import DigestTemplate, Mail, PersonalMail, placeholder
from subscriptions.sending.plain_text import one_line, tidy_blank_lines, truncate, wrap
from subscriptions.tokens import Purpose

EXCERPT_CHARS = [300, 120, 0]  # the first with which the mail is not too large; 0: no links either
MAX_NOTIFICATIONS = 50  # in an email of their own; the page has all
MAX_NOTIFICATIONS_IN_DIGEST = 5  # above the papers
MAX_ORDERS_CHARS = 1_000  # in the foot
MAX_HTML_BYTES = 100_000  # Gmail cuts off a little more than this
# Style attributes for programs that ignore <style>; media queries (dark, narrow) stay in <style>.
inliner = CSSInliner(keep_style_tags=True, remove_inlined_selectors=True, minify_css=True)


def confirmation(subscriber: Subscriber, description: str, path: str) -> Mail:
    context = {"description": description, "url": settings.SITE_URL + path}
    mail = _mail("confirmation", "Confirm your subscription", subscriber.address, context)
    mail.from_email = return_path(Purpose.CONFIRMATION_BOUNCE, subscriber.pk)
    # So that a bounce is understood that quotes it, also without RETURN_PATH.
    token = tokens.make_for_address(Purpose.CONFIRMATION_BOUNCE, subscriber.pk)
    mail.extra_headers["Message-ID"] = f"<{token}.{secrets.token_hex(8)}@{_host()}>"
    return mail


def notifications(address: str, rows: Sequence[Notification]) -> Mail:
    """What happened that concerns one reader, the oldest first."""
    news = notification_parts.context(rows, MAX_NOTIFICATIONS)
    first = news["events"][0]
    others = f", and {len(rows) - 1} more" if len(rows) > 1 else ""
    subject = f"{first['headline']}: {first['title']}"
    subject = truncate(subject, digest_parts.MAX_SUBJECT_CHARS - len(others)) + others
    heading = first["headline"] if len(rows) == 1 else "What is new for you"
    mail = _mail("notifications", subject, address, {"news": news, "heading": heading})
    mail.extra_headers |= {
        "Message-ID": make_msgid(domain=_host()),
        "List-Id": formataddr((f"{settings.SITE_NAME} notifications", f"notifications.{_host()}")),
        "List-Unsubscribe": f"<{news['stop_url']}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "X-Auto-Response-Suppress": "All",
    }
    return mail


def test_mail(address: str) -> EmailMessage:
    """For the command `send_test_mail`."""
    return EmailMessage(
        subject=f"A test email from {settings.SITE_NAME}",
        body=f"It was sent by the settings of {settings.SITE_URL}. Nobody has to answer it.\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[address],
        headers={"Auto-Submitted": "auto-generated", "Message-ID": make_msgid(domain=_host())},
    )


def digest_template(
    issue: Issue,
    sections: list[Section],
    orders: str,
    news: Sequence[Notification] = (),
    subject_prefix: str = "",
) -> DigestTemplate:
    """The digest of all subscribers who get these sections for these orders (in words).

    With `news`, the notifications of a reader, it is theirs alone.
    """
    days = issue.days
    why = (
        f"{placeholder('address')} asked for this: {truncate(one_line(orders), MAX_ORDERS_CHARS)}."
    )
    context = {
        "heading": digest_parts.heading(days),
        "count": sum(len(section.papers) for section in sections),
        "preheader": digest_parts.preheader(sections),
        "why": why,
        "why_text": wrap(why),
        "covered": digest_parts.links_to_days(sections, days.kind),
        "view_url": placeholder("view_url"),
        "preferences_url": placeholder("preferences_url"),
        "unsubscribe_url": placeholder("unsubscribe_url"),
    }
    if news:
        context["news"] = notification_parts.context(news, MAX_NOTIFICATIONS_IN_DIGEST)
    title = subject_prefix + digest_parts.subject(sections, days)
    for excerpt_chars in EXCERPT_CHARS:
        rows = {
            "sections": digest_parts.section_rows(sections, excerpt_chars),
            "with_links": bool(excerpt_chars),
        }
        mail = _mail("digest", title, placeholder("address"), context | rows)
        if len(str(mail.alternatives[0][0]).encode()) < MAX_HTML_BYTES:
            break
    mail.extra_headers |= _list_headers(issue)
    return DigestTemplate.from_mail(mail)


def personal_digest(template: DigestTemplate, delivery: Delivery) -> PersonalMail:
    """With the address and the links of this delivery's subscriber."""
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
