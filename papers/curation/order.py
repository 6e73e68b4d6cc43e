"""Puts a paper at a place of its day's page."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from accounts.models import User
from papers.curation.changes import Done, Verb, Versions, lock, state, write_log
from papers.models import CuratorAction, Paper
from papers.models.sort_orders import SortOrder

MAX_POSITION = 999
ONLY_LISTED = "Only a paper on a day’s page has a place."


@transaction.atomic
def place(versions: Versions, position: int | None, curator: User) -> list[CuratorAction]:
    """Put papers at this place of their day's page, and the next ones; None lets the votes decide.

    Papers that a curator put there before move towards the place that becomes free. Raises
    Conflict, and ValueError for a paper that is on no page or for a position that no page has.
    """
    papers = lock(versions)
    done = Done(curator, Verb.ORDER, details=f"to place {position}" if position else "by votes")
    return place_each(papers, position, done)


@transaction.atomic
def move(versions: Versions, steps: int, curator: User) -> list[CuratorAction]:
    """Move a paper by so many places on its day's page; at the end of it nothing happens."""
    (paper,) = lock(versions)
    if paper.listed_on is None:
        raise ValueError(ONLY_LISTED)
    keys = _keys_in_order(paper.listed_on)
    position = _place_of(paper, keys) + steps
    if not 1 <= position <= len(keys):
        return []
    done = Done(curator, Verb.ORDER, details=f"to place {position}")
    return place_each([paper], position, done)


def place_each(papers: Sequence[Paper], position: int | None, done: Done) -> list[CuratorAction]:
    """Put locked papers at this place and the next ones."""
    if position is not None and not 1 <= position <= MAX_POSITION:
        raise ValueError(f"A place is a number from 1 to {MAX_POSITION}.")
    if any(paper.listed_on is None for paper in papers):
        raise ValueError(ONLY_LISTED)
    entries: list[CuratorAction] = []
    for number, paper in enumerate(papers):
        entries += _place_one(paper, None if position is None else position + number, done)
    return entries


def _place_one(paper: Paper, position: int | None, done: Done) -> list[CuratorAction]:
    assert paper.listed_on
    moving = [] if position is None else _moving_along(paper, position, paper.listed_on)
    before = {each.pk: state(each) for each in (paper, *(other for other, _ in moving))}
    for other, place in moving:
        other.place_at(place)
    paper.place_at(position)
    return write_log(done, [paper], before, along=[other for other, _ in moving])


def _moving_along(paper: Paper, position: int, day: date) -> list[tuple[Paper, int]]:
    """Papers of the day with a position that make room, each with its new one.

    Those between the place that is taken and the one that becomes free, as far as they stand
    without a gap.
    """
    rows = Paper.objects.select_for_update(no_key=True).filter(
        listed_on=day, position__isnull=False
    )
    taken = {other.position: other for other in rows.order_by("pk") if other != paper}
    step = 1 if position <= _place_of(paper, _keys_in_order(day)) else -1
    moving = []
    while other := taken.get(position):
        position += step
        moving.append((other, position))
    return [(other, place) for other, place in moving if place > 0]


def _keys_in_order(day: date) -> list[int]:
    """Of the papers of this day, as its page shows them."""
    papers = Paper.objects.listed(day, day).sorted(SortOrder.HOT, curated=True)
    return list(papers.values_list("pk", flat=True))


def _place_of(paper: Paper, keys: Sequence[int]) -> int:
    """From 1; a paper that the page does not show comes after all."""
    return keys.index(paper.pk) + 1 if paper.pk in keys else len(keys) + 1
