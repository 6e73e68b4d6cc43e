"""The claimed deliveries of one run: composed, then rendered, until they are given to the relay."""

import logging
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import Error, InterfaceError, OperationalError, transaction

from notifications.models import Notification
from subscriptions.issues import digests
from subscriptions.issues.candidates import Candidates
from subscriptions.issues.section import Section
from subscriptions.models import Delivery, NotificationMail
from subscriptions.sending import emails
from subscriptions.sending.message import DigestTemplate, PersonalMail

MAX_WAITING = 300  # where slow domains keep theirs waiting here
MAX_TEMPLATES = 200
logger = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class QueuedMail:
    delivery: Delivery
    sections: list[Section]
    news: list[Notification]  # of its reader
    mail: PersonalMail | None = None  # once it is rendered


class MailQueue:
    def __init__(self, now: datetime, account: Counter[str]) -> None:
        self._waiting: list[QueuedMail] = []
        self._candidates = Candidates(now)
        self._templates: OrderedDict[object, DigestTemplate] = OrderedDict()
        self._account = account  # of deliveries by the state in which they ended

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def deliveries(self) -> list[Delivery]:
        return [queued.delivery for queued in self._waiting]

    # --- Which mails are next ---

    def is_short(self, limit: int, in_use: Counter[str], slow: set[str]) -> bool:
        """Whether it has no mail for each of `limit` connections."""
        has_enough = len(self.next_mails(limit, limit, in_use, slow)) == limit
        return not has_enough and len(self) < MAX_WAITING

    def next_mails(
        self, number: int, limit: int, in_use: Counter[str], slow: set[str]
    ) -> list[QueuedMail]:
        """Those for the next `number` connections; they stay in the queue.

        `limit` is the number of all connections, `in_use` how many send to each domain.
        No domain gets more than half of all connections while others wait. A slow one gets no
        more than that in any case, so that mails that become due later find a free connection.
        """
        taken = in_use.copy()
        within_share: list[QueuedMail] = []
        beyond_share: list[QueuedMail] = []
        for queued in self._waiting:
            domain = queued.delivery.domain
            if len(within_share) == number:
                break
            if taken[domain] < _share(limit):
                taken[domain] += 1
                within_share.append(queued)
            elif domain not in slow:
                beyond_share.append(queued)
        return within_share + beyond_share[: number - len(within_share)]

    def take(
        self, chosen: Sequence[QueuedMail], now: datetime
    ) -> list[tuple[Delivery, PersonalMail]]:
        """Remove these from the queue; rendered, without those that cannot be rendered."""
        for queued in chosen:
            self._render(queued, now)
        self._waiting = [queued for queued in self._waiting if queued not in chosen]
        return [(queued.delivery, queued.mail) for queued in chosen if queued.mail]

    # --- Composing: which papers a digest has ---

    def add(self, claimed: Sequence[Delivery], now: datetime) -> None:
        """Compose these. One that may have killed a worker is composed and rendered alone."""
        self._candidates = self._candidates.refreshed(now)
        for suspect in [delivery for delivery in claimed if delivery.attempts]:
            Delivery.objects.count_attempt([suspect])
            composed = self._compose([suspect], now)
            self._waiting += composed
            for queued in composed:
                self._render(queued, now)
        fresh = [delivery for delivery in claimed if not delivery.attempts]
        Delivery.objects.count_attempt(fresh)
        self._waiting += self._compose(fresh, now)

    def _compose(self, deliveries: Sequence[Delivery], now: datetime) -> list[QueuedMail]:
        try:
            with transaction.atomic():
                sections = digests.compose(deliveries, self._candidates)
            # Each in a transaction of its own: it locks the account's row, where unread ones count.
            with_papers = [delivery for delivery in deliveries if sections[delivery.pk]]
            news = NotificationMail.objects.claim_for_digests(with_papers, now)
        except (OperationalError, InterfaceError):  # the database failed, not the content
            raise
        except Exception as error:  # one broken paper must not hold up the others' mails
            if len(deliveries) > 1:
                return [queued for one in deliveries for queued in self._compose([one], now)]
            self._defer(deliveries[0], error, now)
            return []
        for delivery in deliveries:
            if not sections[delivery.pk]:
                delivery.mark_empty()
                self._account[delivery.state] += 1
        return [QueuedMail(each, sections[each.pk], news.get(each.pk, [])) for each in with_papers]

    def _defer(self, delivery: Delivery, error: Exception, now: datetime) -> None:
        logger.error("Delivery %s cannot be composed", delivery.pk, exc_info=error)
        delivery.defer(now, f"cannot be composed: {error!r}")
        self._account[delivery.state] += 1

    # --- Rendering ---

    def render_ahead(self, number: int, now: datetime) -> None:
        """The first mails of the queue, while earlier ones are being sent."""
        for queued in self._waiting[:number]:
            self._render(queued, now)

    def _render(self, queued: QueuedMail, now: datetime) -> None:
        if queued.mail:
            return
        try:
            template = self._template(queued)
            queued.mail = emails.personal_digest(template, queued.delivery)
        except Error:
            raise
        except Exception as error:
            self._waiting.remove(queued)
            self._defer(queued.delivery, error, now)

    def _template(self, queued: QueuedMail) -> DigestTemplate:
        """Rendered once for all who get the same."""
        delivery, sections, news = queued.delivery, queued.sections, queued.news
        orders = "; ".join(map(str, delivery.subscriptions))
        looks = (section.identity for section in sections)
        key = (delivery.issue_id, orders, *looks, *(row.pk for row in news))
        if key not in self._templates:
            self._templates[key] = emails.digest_template(delivery.issue, sections, orders, news)
        self._templates.move_to_end(key)
        if len(self._templates) > MAX_TEMPLATES:
            self._templates.popitem(last=False)
        return self._templates[key]


def _share(limit: int) -> int:
    """How many of all connections one domain may use while others wait."""
    return max(1, limit // 2)
