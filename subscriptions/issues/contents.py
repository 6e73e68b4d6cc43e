"""What is in a digest: for each standing order the best that was never sent to its subscriber.

Whoever asks for the same is given the same list, looked up once for all; only what they had
before is their own, and taken from it. So a thousand digests cost a few queries.
"""

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby, islice

from django.db import connection
from django.utils import timezone

from papers.models import Paper
from papers.models.paper import PaperQuerySet
from subscriptions.issues.section import Section
from subscriptions.models import Delivery, DeliveryPaper, Issue, Subscriber, Subscription

WINDOW = timedelta(days=8)  # what arrives late, or gathers its votes late, still comes
MOST_PAPERS = 60  # in one mail: more, and it is cut off on the way
LONGEST = 2_000  # papers of a list: nobody has had all of these in eight days
MOST_LISTS = 2_000
FRESH = timedelta(seconds=30)
Chosen = list[tuple[str, int]]  # the name of a section and a paper, in the order of the mail


class Shelf:
    """What may be sent now, by order. Half a minute later it is looked up again, as votes are
    cast and papers hidden."""

    def __init__(self, now: datetime) -> None:
        self._made_at = now
        self._lists: dict[tuple[object, ...], array[int]] = {}
        self._papers: dict[int, Paper] = {}

    def at(self, now: datetime) -> "Shelf":
        """This one, or one of this moment."""
        is_fresh = now < self._made_at + FRESH and len(self._lists) < MOST_LISTS
        return self if is_fresh else Shelf(now)

    def best(self, order: Subscription) -> Sequence[int]:
        """Papers that meet this order, the best first; the same for every order that asks so."""
        if order.asks not in self._lists:
            ids = order.among(candidates(self._made_at)).values_list("pk", flat=True)
            self._lists[order.asks] = array("q", ids[:LONGEST])
        return self._lists[order.asks]

    def choose(self, orders: Iterable[Subscription], had: set[int]) -> Chosen:
        """A section for each order, and no paper twice; what is chosen counts as had."""
        chosen: Chosen = []
        for order in sorted(orders, key=_narrow_first):
            room = min(order.max_papers, MOST_PAPERS - len(chosen))
            fresh = list(islice((pk for pk in self.best(order) if pk not in had), room))
            title = order.title
            chosen += [(title, pk) for pk in fresh]
            had.update(fresh)
        return chosen

    def sections(self, chosen: Chosen) -> list[Section]:
        """With their papers, as rows show them; those hidden since are left out."""
        [sections] = self.all_sections([chosen])
        return sections

    def all_sections(self, chosen: Collection[Chosen]) -> Iterator[list[Section]]:
        """Their papers are fetched once for many digests."""
        missing = {pk for pairs in chosen for _, pk in pairs} - self._papers.keys()
        if missing:
            self._papers |= Paper.objects.visible().for_rows().in_bulk(missing)
        for pairs in chosen:
            sections: dict[str, Section] = {}
            for title, pk in pairs:
                if paper := self._papers.get(pk):
                    sections.setdefault(title, Section(title, [])).papers.append(paper)
            yield list(sections.values())


def candidates(now: datetime) -> PaperQuerySet:
    today = timezone.localdate(now, timezone.get_default_timezone())
    return Paper.objects.listed(today - WINDOW, today).filter(withdrawn=False)


def of(delivery: Delivery, now: datetime) -> list[Section]:
    return compose([delivery], Shelf(now))[delivery.pk]


def compose(deliveries: Sequence[Delivery], shelf: Shelf) -> dict[int, list[Section]]:
    """Of each of these, by its key. What was chosen once stays chosen, so that a second attempt
    is the same mail."""
    chosen = _kept(deliveries)
    chosen |= _reserve(deliveries, _choose([it for it in deliveries if it.pk not in chosen], shelf))
    sections = shelf.all_sections([chosen.get(it.pk, []) for it in deliveries])
    return {it.pk: its for it, its in zip(deliveries, sections, strict=True)}


def kept(delivery: Delivery) -> list[Section]:
    """What was chosen for it, as it can be read today."""
    return Shelf(timezone.now()).sections(_kept([delivery]).get(delivery.pk, []))


def general(issue: Issue, now: datetime) -> list[Section]:
    """The one of the archive, or what it would be now."""
    shelf, everything = Shelf(now), Subscription(frequency=issue.frequency)
    title = everything.title
    if issue.published_at:
        return shelf.sections([(title, pk) for pk in issue.papers])
    return shelf.sections(shelf.choose([everything], set()))


def choose(
    subscriber: Subscriber, frequency: str, now: datetime, taken: Collection[int] = ()
) -> list[Section]:
    """What an issue would hold for this subscriber, without keeping it for them."""
    every = Subscription.objects.of([subscriber.pk])[subscriber.pk]
    shelf, orders = Shelf(now), _for_this(frequency, every)
    had = _had([subscriber.pk], shelf, orders)[subscriber.pk] | set(taken)
    return shelf.sections(shelf.choose(orders, had))


def _kept(deliveries: Iterable[Delivery]) -> dict[int, Chosen]:
    """What an earlier attempt chose."""
    kept: dict[int, Chosen] = defaultdict(list)
    tried = [it.pk for it in deliveries]
    contents = DeliveryPaper.objects.filter(delivery__in=tried).order_by("delivery", "position")
    for delivery, section, paper in contents.values_list("delivery_id", "section", "paper_id"):
        kept[delivery].append((section, paper))
    return dict(kept)


def _choose(deliveries: Sequence[Delivery], shelf: Shelf) -> dict[int, Chosen]:
    if not deliveries:
        return {}
    subscribers = {it.subscriber_id for it in deliveries}
    wanted = [_for_this(it.issue.frequency, it.orders) for it in deliveries]
    had = _had(subscribers, shelf, [order for each in wanted for order in each])
    return {
        it.pk: shelf.choose(each, had[it.subscriber_id])
        for it, each in zip(deliveries, wanted, strict=True)
    }


def _for_this(frequency: str, orders: Iterable[Subscription]) -> list[Subscription]:
    return [it for it in orders if it.frequency == frequency]


def _had(
    subscribers: Collection[int], shelf: Shelf, orders: Iterable[Subscription]
) -> dict[int, set[int]]:
    """What was sent to each of these, of whatever these orders may choose."""
    oldest = min((min(shelf.best(it), default=0) for it in orders), default=0)
    with connection.cursor() as cursor:
        cursor.execute(HAD, [oldest, list(subscribers)])
        return {subscriber: set(papers) for subscriber, papers in cursor.fetchall()}


# By a range and not by name: of years of mail, only the end of each one's in the index is read.
HAD = """
SELECT whose, ARRAY(SELECT paper_id FROM subscriptions_deliverypaper
                     WHERE subscriber_id = whose AND paper_id >= %s)
  FROM unnest(%s::bigint[]) AS whose
"""


def _reserve(deliveries: Sequence[Delivery], chosen: dict[int, Chosen]) -> dict[int, Chosen]:
    """Keep what was chosen. What another mail to a subscriber took a moment ago is not ours."""
    of_whom = {it.pk: it.subscriber_id for it in deliveries}
    rows = [
        (of_whom[delivery], delivery, section, first, "{" + ",".join(papers) + "}")
        for delivery, pairs in chosen.items()
        for section, first, papers in _runs(pairs)
    ]
    if not rows:
        return chosen
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [list(column) for column in zip(*rows, strict=True)])
        kept = dict(cursor.fetchall())
    less = {delivery for delivery, pairs in chosen.items() if kept.get(delivery, 0) < len(pairs)}
    of_less = _kept([it for it in deliveries if it.pk in less])
    return chosen | {delivery: of_less.get(delivery, []) for delivery in less}


def _runs(pairs: Chosen) -> Iterator[tuple[str, int, list[str]]]:
    """Each section with the position of its first paper, as one row says it all."""
    for section, run in groupby(enumerate(pairs), key=lambda it: it[1][0]):
        positions, papers = zip(*((position, str(pk)) for position, (_, pk) in run), strict=True)
        yield section, positions[0], list(papers)


# What was deleted this moment is left out; what is locked is not deleted before this can be seen.
# All in one order, so that of two who take the same neither locks the other.
KEEP = """
WITH chosen AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::int[], %s::text[])
               AS chosen (subscriber_id, delivery_id, section, first, papers)
), delivery AS (
    SELECT id FROM subscriptions_delivery WHERE id IN (SELECT delivery_id FROM chosen)
     ORDER BY id FOR KEY SHARE
), paper AS (
    SELECT id FROM papers_paper WHERE id IN (SELECT unnest(papers::bigint[]) FROM chosen)
     ORDER BY id FOR KEY SHARE
), kept AS (
    INSERT INTO subscriptions_deliverypaper
           (subscriber_id, paper_id, delivery_id, section, position)
    SELECT chosen.subscriber_id, paper.id, delivery.id, chosen.section, first + number - 1
      FROM chosen
      JOIN delivery ON delivery.id = chosen.delivery_id,
           unnest(papers::bigint[]) WITH ORDINALITY AS one (paper_id, number)
      JOIN paper ON paper.id = one.paper_id
     ORDER BY chosen.subscriber_id, paper.id
        ON CONFLICT DO NOTHING
    RETURNING delivery_id
)
SELECT delivery_id, count(*) FROM kept GROUP BY delivery_id
"""


def _narrow_first(order: Subscription) -> tuple[bool, int]:
    """Everything comes last, or nothing would be left for a topic."""
    return order.what == Subscription.What.EVERYTHING, order.pk
