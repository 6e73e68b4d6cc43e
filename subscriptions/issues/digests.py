"""Chooses the papers of a digest: for each subscription the best that were never sent before."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from itertools import islice

from django.utils import timezone

from following.models import Mute
from papers.periods import around
from subscriptions.issues import delivery_papers
from subscriptions.issues.already_sent import received_papers
from subscriptions.issues.candidates import Candidates, site_day
from subscriptions.issues.paper_lists import PaperList
from subscriptions.issues.section import ChosenSection, LeftOut, Section, Selection
from subscriptions.models import Delivery, Subscriber, Subscription
from subscriptions.models.subscription import reader_of

MAX_MAIL_PAPERS = 60  # mail programs cut off a longer mail
WIDTHS: dict[str, int] = {Subscription.What.FOR_YOU: 1, Subscription.What.EVERYTHING: 2}


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
    oldest_id = _oldest_id(subscriptions, candidates, day)
    received = received_papers({subscriber.pk: oldest_id})[subscriber.pk]
    reader_id = reader_of(subscriptions)
    mutes = Mute.objects.by_reader([reader_id])[reader_id] if reader_id else []
    selection = select_papers(subscriptions, candidates, day, received | set(excluded), mutes)
    return candidates.sections(selection)


def select_papers(
    subscriptions: Iterable[Subscription],
    candidates: Candidates,
    day: date,
    excluded: set[int],
    mutes: Sequence[Mute] = (),
) -> Selection:
    """A section for each subscription, no paper twice, and none that is muted or of `excluded`.

    The chosen papers are added to `excluded`, for the next mail to the same subscriber.
    """
    in_order = sorted(subscriptions, key=_narrow_first)
    lists = [candidates.papers(subscription, day) for subscription in in_order]
    muted = candidates.muted(lists, mutes)
    free_places = MAX_MAIL_PAPERS
    chosen: list[list[int]] = []
    for subscription, papers in zip(in_order, lists, strict=True):
        free = (pk for pk in papers.ids if pk not in excluded and pk not in muted)
        its_own = list(islice(free, min(subscription.max_papers, free_places)))
        free_places -= len(its_own)
        excluded.update(its_own)
        chosen.append(its_own)
    # Counted once all is chosen: what one section has no room for may stand in another.
    return [
        ChosenSection(
            subscription.title,
            subscription.what,
            its_own,
            *_left_out_and_muted(subscription, papers, excluded, muted),
            candidates.reasons(papers, its_own),
        )
        for subscription, papers, its_own in zip(in_order, lists, chosen, strict=True)
    ]


def _left_out_and_muted(
    subscription: Subscription, papers: PaperList, excluded: set[int], muted: set[int]
) -> tuple[LeftOut | None, LeftOut | None]:
    days = [row for row in zip(papers.ids, papers.days, strict=True) if row[0] not in excluded]
    left_out = [day for pk, day in days if pk not in muted]
    return (
        _of_newest_period(subscription, left_out),
        _of_newest_period(subscription, [day for pk, day in days if pk in muted]),
    )


def _of_newest_period(subscription: Subscription, days: list[int]) -> LeftOut | None:
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
    oldest_ids: dict[int, int] = {}
    for delivery, its_own, day in zip(deliveries, subscriptions, days, strict=True):
        for subscription in its_own:
            Subscription.objects.record_problem(subscription, candidates.problem(subscription, day))
        oldest_id = _oldest_id(its_own, candidates, day)
        key = delivery.subscriber_id
        oldest_ids[key] = min(oldest_id, oldest_ids.get(key, oldest_id))
    received = received_papers(oldest_ids)
    mutes = Mute.objects.by_reader({each.reader_id for each in deliveries if each.reader_id})
    return {
        delivery.pk: select_papers(
            its_own,
            candidates,
            day,
            received[delivery.subscriber_id],
            mutes.get(delivery.reader_id, []) if delivery.reader_id else [],
        )
        for delivery, its_own, day in zip(deliveries, subscriptions, days, strict=True)
    }


def _oldest_id(subscriptions: Iterable[Subscription], candidates: Candidates, day: date) -> int:
    """The smallest key of a paper that any of these may be sent on this day; else 0."""
    lists = (candidates.papers(subscription, day).ids for subscription in subscriptions)
    return min((min(ids) for ids in lists if ids), default=0)


def _of_frequency(frequency: str, subscriptions: Iterable[Subscription]) -> list[Subscription]:
    return [each for each in subscriptions if each.frequency == frequency]


def _narrow_first(subscription: Subscription) -> tuple[int, int]:
    """Sort key: everything comes last, or nothing would be left for a topic."""
    return WIDTHS.get(subscription.what, 0), subscription.pk
