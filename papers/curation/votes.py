"""Voids votes for a curator, one by one or those of a ring; papers/curation/undo takes it back."""

import uuid
from collections import defaultdict

from django.db import transaction

from accounts.models import User
from papers.curation.changes import Done, Verb
from papers.models import CuratorAction, Paper, Upvote, VoteRing
from papers.models.upvote import UpvoteQuerySet

WHY_OF_RING = "Accounts that vote together"


@transaction.atomic
def void(votes: UpvoteQuerySet, why: str, curator: User) -> list[CuratorAction]:
    """Make those of these votes that are active count no more.

    The open log gets an entry for each paper, with the number of votes. Not whose they were: what
    somebody voted for is theirs to tell.
    """
    # In the order in which the trigger of their counters locks papers.
    rows = votes.active().select_for_update(of=("self",)).order_by("paper", "pk")
    voided: dict[int, list[int]] = defaultdict(list)
    for key, paper_key in rows.values_list("pk", "paper"):
        voided[paper_key].append(key)
    Upvote.objects.filter(pk__in=[key for keys in voided.values() for key in keys]).void(why)
    done, entries = Done(curator, Verb.VOID, why=why), []
    for paper in Paper.objects.filter(pk__in=voided).order_by("pk"):
        entry = done.entry(paper, {"voided": voided[paper.pk]}, {})
        entry.about = CuratorAction.About.VOTE
        count = len(voided[paper.pk])
        entry.details = f"{count} vote" if count == 1 else f"{count} votes"
        entries.append(entry)
    return CuratorAction.objects.bulk_create(entries)


@transaction.atomic
def accept(ring: VoteRing, curator: User) -> int:
    """Void the votes of a ring for the papers in common; how many papers had some.

    Only of a ring that nobody has decided on: else nothing happens.
    """
    if _lock_open(ring) is None:
        return 0
    accounts = ring.accounts.values_list("pk", flat=True)
    entries = void(Upvote.objects.of_ring(accounts, ring.papers), WHY_OF_RING, curator)
    batch: uuid.UUID | None = entries[0].batch if entries else None
    ring.decide(VoteRing.State.ACCEPTED, curator, batch)
    return len(entries)


@transaction.atomic
def dismiss(ring: VoteRing, curator: User) -> bool:
    """These accounts are no ring, and are not proposed again; False where it was decided on."""
    if _lock_open(ring) is None:
        return False
    ring.decide(VoteRing.State.DISMISSED, curator)
    return True


def _lock_open(ring: VoteRing) -> VoteRing | None:
    return VoteRing.objects.open().select_for_update().filter(pk=ring.pk).first()
