"""Chooses the papers of a digest: for each subscription the best that were never sent before."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from itertools import islice

from django.utils import timezone

from papers.periods import around
from subscriptions.issues import delivery_papers
from subscriptions.issues.already_sent import received_papers
from subscriptions.issues.candidates import Candidates, PaperList, site_day
from subscriptions.issues.section import ChosenSection, LeftOut, Section, Selection
from subscriptions.models import Delivery, Subscriber, Subscription

MAX_MAIL_PAPERS = 60  # mail programs cut off a longer mail


def compose(deliveries: Sequence[Delivery], candidates: Candidates) -> dict[int, list[Section]]:
    """By the delivery's key, the sections of each digest.

    The choice is written down and used again, so that a second attempt is the same mail.
    """
    selections = delivery_papers.read(deliveries)
    new = [delivery for delivery in deliveries if delivery.pk not in selections]
    selections |= delivery_papers.write(new, _select_for_each(new, candidates))
    sections = candidates.sections_of_each([selections.get(each.pk, []) for each in deliveries])
    return {each.pk: its_own for each, its_own in zip(deliveries, sections, strict=True)}


def kept_sections(delivery: Delivery) -> list[Section]:
    """What was chosen for this delivery, without papers that were hidden since."""
    selection = delivery_papers.read([delivery]).get(delivery.pk, [])
    return Candidates(timezone.now()).sections(selection)


def preview(
    subscriber: Subscriber, frequency: str, due_at: datetime, excluded: Collection[int] = ()
) -> list[Section]:
    """What the digest of this frequency that is due then would hold; nothing is written."""
    subscriptions = Subscription.objects.by_subscriber([subscriber.pk])[subscriber.pk]
    subscriptions = _of_frequency(frequency, subscriptions)
    candidates, day = Candidates(timezone.now()), site_day(due_at)
    oldest_id = _oldest_id([(each, day) for each in subscriptions], candidates)
    received = received_papers([subscriber.pk], oldest_id)[subscriber.pk]
    selection = select_papers(subscriptions, candidates, day, received | set(excluded))
    return candidates.sections(selection)


def select_papers(
    subscriptions: Iterable[Subscription], candidates: Candidates, day: date, excluded: set[int]
) -> Selection:
    """A section for each subscription, no paper twice and none of `excluded`.

    The chosen papers are added to `excluded`, for the next mail to the same subscriber.
    """
    in_order = sorted(subscriptions, key=_narrow_first)
    free_places = MAX_MAIL_PAPERS
    chosen: list[list[int]] = []
    for subscription in in_order:
        free = (pk for pk in candidates.papers(subscription, day).ids if pk not in excluded)
        papers = list(islice(free, min(subscription.max_papers, free_places)))
        free_places -= len(papers)
        excluded.update(papers)
        chosen.append(papers)
    # Counted once all is chosen: what one section has no room for may stand in another.
    return [
        ChosenSection(
            subscription.title,
            subscription.what,
            papers,
            _left_out(subscription, candidates.papers(subscription, day), excluded),
        )
        for subscription, papers in zip(in_order, chosen, strict=True)
    ]


def _left_out(subscription: Subscription, papers: PaperList, excluded: set[int]) -> LeftOut | None:
    days = [day for pk, day in zip(*papers, strict=True) if pk not in excluded]
    if not days:
        return None
    newest = around(subscription.period_kind, date.fromordinal(max(days)))
    count = sum(day >= newest.first.toordinal() for day in days)
    return LeftOut(count, newest.kind, newest.name, subscription.list_path(newest))


def _select_for_each(
    deliveries: Sequence[Delivery], candidates: Candidates
) -> dict[int, Selection]:
    if not deliveries:
        return {}
    days = [site_day(delivery.due_at) for delivery in deliveries]
    subscriptions = [_of_frequency(each.issue.frequency, each.subscriptions) for each in deliveries]
    pairs = [
        (each, day) for its_own, day in zip(subscriptions, days, strict=True) for each in its_own
    ]
    for subscription, day in pairs:
        Subscription.objects.record_problem(subscription, candidates.problem(subscription, day))
    subscribers = {delivery.subscriber_id for delivery in deliveries}
    received = received_papers(subscribers, _oldest_id(pairs, candidates))
    return {
        delivery.pk: select_papers(its_own, candidates, day, received[delivery.subscriber_id])
        for delivery, its_own, day in zip(deliveries, subscriptions, days, strict=True)
    }


def _oldest_id(subscriptions: Iterable[tuple[Subscription, date]], candidates: Candidates) -> int:
    """The smallest key of a paper that any of these may be sent on its day; else 0."""
    lists = (candidates.papers(subscription, day).ids for subscription, day in subscriptions)
    return min((min(ids) for ids in lists if ids), default=0)


def _of_frequency(frequency: str, subscriptions: Iterable[Subscription]) -> list[Subscription]:
    return [each for each in subscriptions if each.frequency == frequency]


def _narrow_first(subscription: Subscription) -> tuple[bool, int]:
    """Sort key: everything comes last, or nothing would be left for a topic."""
    return subscription.what == Subscription.What.EVERYTHING, subscription.pk
