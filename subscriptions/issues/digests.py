"""Chooses the papers of a digest: for each subscription the best that were never sent before."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import islice

from django.utils import timezone

from subscriptions.issues import delivery_papers
from subscriptions.issues.already_sent import received_papers
from subscriptions.issues.candidates import Candidates
from subscriptions.issues.section import Section, Selection
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
    subscriber: Subscriber, frequency: str, now: datetime, excluded: Collection[int] = ()
) -> list[Section]:
    """What a digest of this frequency would hold for this subscriber; nothing is written."""
    subscriptions = Subscription.objects.by_subscriber([subscriber.pk])[subscriber.pk]
    subscriptions = _of_frequency(frequency, subscriptions)
    candidates = Candidates(now)
    received = received_papers([subscriber.pk], candidates.oldest_id(subscriptions))
    excluded = received[subscriber.pk] | set(excluded)
    return candidates.sections(select_papers(subscriptions, candidates, excluded))


def select_papers(
    subscriptions: Iterable[Subscription], candidates: Candidates, excluded: set[int]
) -> Selection:
    """A section for each subscription, no paper twice and none of `excluded`.

    The chosen papers are added to `excluded`, for the next mail to the same subscriber.
    """
    selection: Selection = []
    for subscription in sorted(subscriptions, key=_narrow_first):
        count = min(subscription.max_papers, MAX_MAIL_PAPERS - len(selection))
        free = (pk for pk in candidates.paper_ids(subscription) if pk not in excluded)
        chosen = list(islice(free, count))
        title = subscription.title
        selection += [(title, pk) for pk in chosen]
        excluded.update(chosen)
    return selection


def _select_for_each(
    deliveries: Sequence[Delivery], candidates: Candidates
) -> dict[int, Selection]:
    if not deliveries:
        return {}
    subscriptions = [_of_frequency(each.issue.frequency, each.subscriptions) for each in deliveries]
    oldest_id = candidates.oldest_id(one for several in subscriptions for one in several)
    for subscription in (one for several in subscriptions for one in several):
        Subscription.objects.record_problem(subscription, candidates.problem(subscription))
    received = received_papers({each.subscriber_id for each in deliveries}, oldest_id)
    return {
        delivery.pk: select_papers(its_own, candidates, received[delivery.subscriber_id])
        for delivery, its_own in zip(deliveries, subscriptions, strict=True)
    }


def _of_frequency(frequency: str, subscriptions: Iterable[Subscription]) -> list[Subscription]:
    return [each for each in subscriptions if each.frequency == frequency]


def _narrow_first(subscription: Subscription) -> tuple[bool, int]:
    """Sort key: everything comes last, or nothing would be left for a topic."""
    return subscription.what == Subscription.What.EVERYTHING, subscription.pk
