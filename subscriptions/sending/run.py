"""A digest goes out once for each subscriber and issue.

Any number of processes may run this at the same time: rows are claimed, and the last step before
the wire passes one of them only. One thread keeps the books; couriers carry what it lets go.
"""

import logging
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from time import monotonic, sleep

from django.conf import settings
from django.db import Error, InterfaceError, OperationalError, connection, transaction

from subscriptions.issues import digests, recipients
from subscriptions.issues.candidates import Candidates
from subscriptions.issues.section import Section
from subscriptions.models import Delivery, Issue, Suppression
from subscriptions.sending import emails
from subscriptions.sending.couriers import Couriers, News, Parcel
from subscriptions.sending.letters import Content
from subscriptions.sending.smtp import Verdict

CLAIM_AT_ONCE = 100
LETTERS_AT_ONCE = 10  # couriers wait meanwhile
MOST_IN_HAND = 3 * CLAIM_AT_ONCE  # where slow domains keep theirs waiting there
MOST_LOSSES = 3  # connections lost in a row, until the relay is left alone for a while
MOST_CONTENTS = 200  # rendered ones that are kept for the next who gets the same
MOMENT = 0.2  # seconds between two looks for more, where all that is due has to wait
PATIENCE = 60.0  # seconds for which a database that is away is waited for
# An issue is paused when of the last so many mails these were refused for what we are or say.
LAST, REFUSED = 20, 10
logger = logging.getLogger(__name__)
State = Delivery.State


class RelayDown(Exception):
    """No mail can leave now; none is the worse for it."""


def run(
    now: datetime, at_most: timedelta | None = None, stop: Callable[[], bool] = lambda: False
) -> Counter[str]:
    """Everything that is due; how many deliveries ended in which state."""
    prepare(now)
    clock = _clock(now)
    over = stop if at_most is None else lambda: stop() or clock() >= now + at_most
    return _Round(clock, over).go()


def prepare(now: datetime) -> None:
    """Who gets which issue is settled here, once; what is left behind or too old is put away."""
    while recipients.create_deliveries(now):
        pass
    Delivery.objects.recover()
    Delivery.objects.expire(now)


def send(claimed: Sequence[Delivery], now: datetime) -> Counter[str]:
    """These alone, which the caller has claimed."""
    round_ = _Round(_clock(now), lambda: False, claims=False)
    round_.take(claimed)
    return round_.go()


class _Round:
    """What one process does until nothing is due, or its time is over."""

    def __init__(
        self, clock: Callable[[], datetime], over: Callable[[], bool], claims: bool = True
    ) -> None:
        self.clock, self.over, self.claims = clock, over, claims
        self.account: Counter[str] = Counter()
        self.composed: deque[tuple[Delivery, list[Section]]] = deque()
        self.hand: list[Parcel] = []
        self.couriers = Couriers(settings.MAIL_CONNECTIONS)
        self.candidates = Candidates(clock())
        self.rendered: OrderedDict[object, Content] = OrderedDict()
        self.last: defaultdict[int, deque[bool]] = defaultdict(lambda: deque(maxlen=LAST))
        self.losses = 0
        self.look_again_at = 0.0

    def go(self) -> Counter[str]:
        try:
            while self._turn():
                pass
        except RelayDown as error:
            logger.error("Digests wait, as the relay takes no mail: %s", error)
        finally:
            self._finish()
        return self.account

    def _turn(self) -> bool:
        """Let go what can leave, write down what came of the rest; whether there is more to do."""
        is_over = self.over()
        found = None if is_over else self._gather()
        self.couriers.hire(0 if is_over else len(self.hand))
        at_once = found is not None or (self.couriers.free and self.hand)
        news = self.couriers.news(0 if at_once else MOMENT)
        done = self._of_parcels(news)
        for it in done:
            self.losses = self.losses + 1 if it.verdict is Verdict.NOT_TAKEN else 0
        rests = is_over or self.losses >= MOST_LOSSES
        going = [] if rests else self.couriers.pick(self.hand)
        if done or going:
            self._give(going, self._write_down(done, going))
            self._judge(done)
        if self.couriers.on_the_way or news:
            return True
        return not is_over and bool(self.hand or self.composed or self._more_may_come(found))

    def _more_may_come(self, found: bool | None) -> bool:
        return self.claims and (found is not False or Delivery.objects.waits(self.clock()))

    # --- Into the hand ---

    def _gather(self) -> bool | None:
        """A few letters more before couriers stand idle: whether anything is due. None where it
        did not look, as there are enough, or were none a moment ago."""
        if len(self.hand) >= MOST_IN_HAND or self._is_enough():
            return None
        if not self.composed:
            if not self.claims or monotonic() < self.look_again_at:
                return None
            slow = self.couriers.slow_domains
            claimed = Delivery.objects.claim(self.clock(), CLAIM_AT_ONCE, but_not=slow)
            if not claimed:
                self.look_again_at = monotonic() + MOMENT
                return False
            self.take(claimed)
        while self.composed and not self._is_enough():
            self._render(LETTERS_AT_ONCE)
        return True

    def _is_enough(self) -> bool:
        """Whether no courier need stand idle, nor carry what one domain gets beyond its share."""
        most = self.couriers.most
        return len(self.couriers.pick(self.hand, most, others_wait=bool(self.composed))) == most

    def take(self, claimed: Sequence[Delivery]) -> None:
        """Compose these. One that may have killed a worker is tried with nobody beside it."""
        self.candidates = self.candidates.refreshed(self.clock())
        for suspect in [it for it in claimed if it.attempts]:
            Delivery.objects.start([suspect])
            self._compose([suspect])
            self._render(1)
        fresh = [it for it in claimed if not it.attempts]
        Delivery.objects.start(fresh)
        self._compose(fresh)

    def _compose(self, deliveries: Sequence[Delivery]) -> None:
        try:
            with transaction.atomic():
                composed = digests.compose(deliveries, self.candidates)
        except (OperationalError, InterfaceError):  # no paper's fault
            raise
        except Exception as error:  # one poisonous paper must not keep the others' mail
            if len(deliveries) > 1:
                for delivery in deliveries:
                    self._compose([delivery])
            else:
                self._put_off(deliveries[0], error)
            return
        for delivery in deliveries:
            if sections := composed[delivery.pk]:
                self.composed.append((delivery, sections))
            else:
                delivery.leave_empty()
                self.account[delivery.state] += 1

    def _render(self, most: int) -> None:
        """The next letters, so many at most."""
        for _ in range(min(most, len(self.composed))):
            delivery, sections = self.composed.popleft()
            try:
                letter = emails.personal(self._content(delivery, sections), delivery)
            except Error:
                raise
            except Exception as error:
                self._put_off(delivery, error)
            else:
                self.hand.append(Parcel(delivery, letter, delivery.domain))

    def _content(self, delivery: Delivery, sections: list[Section]) -> Content:
        """The same for all who get the same: rendered once."""
        orders = "; ".join(map(str, delivery.subscriptions))
        papers = tuple((it.title, *(paper.pk for paper in it.papers)) for it in sections)
        key = (delivery.issue_id, orders, papers)
        if key not in self.rendered:
            self.rendered[key] = emails.digest(delivery.issue, sections, orders)
        self.rendered.move_to_end(key)
        if len(self.rendered) > MOST_CONTENTS:
            self.rendered.popitem(last=False)
        return self.rendered[key]

    def _put_off(self, delivery: Delivery, error: Exception) -> None:
        logger.error("Delivery %s cannot be composed", delivery.pk, exc_info=error)
        delivery.defer(self.clock(), f"cannot be composed: {error!r}")
        self.account[delivery.state] += 1

    # --- Out of the hand ---

    def _write_down(self, done: Sequence[News], going: Sequence[Parcel]) -> set[int]:
        """What came of some and that others leave, in one commit; which of these may.

        A database that went away does not make a doubt of what is known here.
        """
        arrived = [it.parcel.of for it in done if it.parcel and not it.error]
        failed = [it for it in done if it.error]
        until, again = monotonic() + PATIENCE, False
        while True:
            try:
                if not failed:
                    return self._let_go(going, arrived, again)
                with transaction.atomic():
                    for it in failed:
                        self._fail(it)
                    return self._let_go(going, arrived, again)
            except (OperationalError, InterfaceError) as error:
                if connection.in_atomic_block or monotonic() > until:
                    raise
                logger.warning("The database is away: %s", error)
                connection.close()
                sleep(MOMENT)
                again = True  # perhaps it was the answer that got lost

    def _let_go(
        self, going: Sequence[Parcel], arrived: Sequence[Delivery], again: bool
    ) -> set[int]:
        return Delivery.objects.put_on_wire(
            [it.of for it in going], arrived, self.clock(), again=again
        )

    def _fail(self, news: News) -> None:
        assert news.parcel
        delivery, now, why = news.parcel.of, self.clock(), str(news.error)[:1000]
        match news.verdict:
            case Verdict.NOT_TAKEN if delivery.attempts == 1:
                delivery.put_back()
            case Verdict.LOCKED_OUT:
                delivery.put_back()
            case Verdict.NOT_TAKEN | Verdict.LATER:  # at this mail again: others come first
                delivery.defer(now, why)
            case Verdict.NEVER | Verdict.REFUSED:
                delivery.fail(why)
            case Verdict.GONE:
                delivery.fail(why)
                Suppression.objects.add(delivery.subscriber.address, Suppression.Reason.HARD_BOUNCE)
            case _:
                delivery.doubt(why)

    def _give(self, going: Sequence[Parcel], passed: set[int]) -> None:
        self.couriers.give([it for it in going if it.of.pk in passed])
        ids = {it.of.pk for it in going}
        self.hand = [it for it in self.hand if it.of.pk not in ids]
        for it in going:
            if it.of.pk not in passed:
                it.of.stop()
                self.account[it.of.state] += 1

    def _judge(self, done: Sequence[News]) -> None:
        """Whether to go on, after what the relay said of these."""
        self.account.update(it.parcel.of.state for it in done if it.parcel)
        for it in done:
            assert it.parcel
            delivery, verdict = it.parcel.of, it.verdict
            last = self.last[delivery.issue_id]
            last.append(verdict is Verdict.REFUSED)
            if verdict is Verdict.REFUSED and sum(last) >= REFUSED:
                last.clear()
                why = f"{REFUSED} of the last {LAST} mails were refused, one with: {it.error}"
                delivery.issue.pause(why)
                logger.error("%s is paused: %s", delivery.issue, why)
            if verdict is Verdict.LOCKED_OUT:
                self._locked_out(it.error)
        if self.losses >= MOST_LOSSES:
            raise RelayDown(f"{self.losses} connections were lost in a row")

    def _of_parcels(self, news: Sequence[News]) -> list[News]:
        """Couriers that cannot start are no loss while others work."""
        for it in news:
            if not it.parcel and it.verdict is Verdict.LOCKED_OUT:
                self._locked_out(it.error)
            if not it.parcel and not self.couriers.most:
                raise RelayDown(str(it.error)) from it.error
        return [it for it in news if it.parcel]

    def _locked_out(self, error: Exception | None) -> None:
        """Another try each minute could cost us the account: a curator has to look."""
        Issue.objects.open().pause(f"the relay does not let us in: {error}")
        raise RelayDown(f"it does not let us in: {error}") from error

    def _finish(self) -> None:
        """What is on the wire comes to its end; the rest is left to others."""
        while self.couriers.on_the_way:
            done = [it for it in self.couriers.news(MOMENT) if it.parcel]
            if done:
                self._write_down(done, [])
                self.account.update(it.parcel.of.state for it in done if it.parcel)
        self.couriers.dismiss()
        Delivery.objects.put_back([*(it.of for it in self.hand), *(it for it, _ in self.composed)])
        self.hand, self.composed = [], deque()


def _clock(now: datetime) -> Callable[[], datetime]:
    """Time goes on from the given moment: sending may take long."""
    started = monotonic()
    return lambda: now + timedelta(seconds=monotonic() - started)
