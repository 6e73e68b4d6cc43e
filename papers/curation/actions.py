"""The verbs of curators that change one paper at a time: list, queue, pick, hide, and back.

All take many papers, are one transaction, write the log and raise Conflict (see changes).
"""

from dataclasses import replace
from datetime import date

from django.db import models, transaction
from django.utils import timezone

from accounts.models import User
from papers.curation.changes import Done, Verb, Versions, change_each, papers_of
from papers.curation.order import place_each
from papers.ingest import topic_rules
from papers.models import CuratorAction, Paper

MAX_WHY_CHARS = 200  # of Paper.hidden_why


class HideReason(models.TextChoices):
    """What a curator chooses from; words of their own may follow."""

    OFF_TOPIC = "off-topic", "Off topic"
    DUPLICATE = "duplicate", "Duplicate"
    NOT_A_PAPER = "no-paper", "Not a paper"
    SPAM = "spam", "Spam"
    WRONG = "wrong", "Wrong or misleading record"
    OTHER = "other", "Other, in your words"

    def with_words(self, words: str) -> str:
        """`Off topic: a cooking blog`. Raises ValueError where the choice alone says nothing."""
        words = " ".join(words.split())
        if self == HideReason.OTHER:
            if not words:
                raise ValueError("Say why the paper is hidden.")
            return words
        return f"{self.label}: {words}" if words else str(self.label)


@transaction.atomic
def list_on(
    versions: Versions,
    day: date,
    curator: User,
    *,
    position: int | None = None,
    as_pick: bool = False,
) -> list[CuratorAction]:
    """Put papers on the page of this day, with the topics that the rules give them now.

    On a day to come they are scheduled: readers see them when it has come. `position` is the place
    of the first of them. Raises ValueError for a place that no page has.
    """

    def list_paper(paper: Paper) -> None:
        paper.list_on(day, as_pick=as_pick)

    verb = Verb.SCHEDULE if day > timezone.localdate() else Verb.LIST
    place = f", place {position}" if position is not None else ""
    pick = ", as an editors’ pick" if as_pick else ""
    done = Done(curator, verb, details=f"for {day}{place}{pick}")
    entries = change_each(versions, done, list_paper)
    topic_rules.assign_with_sources(papers_of(entries))
    if position is not None:
        papers = Paper.objects.in_bulk(versions)
        moved = replace(done, is_public=False)  # the log has it in the details
        entries += place_each([papers[pk] for pk in versions], position, moved)
    return entries


@transaction.atomic
def list_when_announced(versions: Versions, curator: User) -> list[CuratorAction]:
    """Put papers on the page of the day of their announcement; those without one stay."""

    def list_paper(paper: Paper) -> None:
        if paper.announced_on:
            paper.list_on(paper.announced_on)

    done = Done(curator, Verb.LIST, details="on the day of announcement")
    entries = change_each(versions, done, list_paper)
    topic_rules.assign_with_sources(papers_of(entries))
    return entries


def queue(versions: Versions, curator: User) -> list[CuratorAction]:
    """Take papers off their pages, for a curator to list them again."""
    return change_each(versions, Done(curator, Verb.QUEUE), Paper.queue)


def pick(versions: Versions, curator: User) -> list[CuratorAction]:
    """Make papers editors' picks."""
    return change_each(versions, Done(curator, Verb.PICK), Paper.feature)


def unpick(versions: Versions, curator: User) -> list[CuratorAction]:
    done = Done(curator, Verb.UNPICK)
    return change_each(versions, done, lambda paper: paper.feature(featured=False))


def hide(versions: Versions, why: str, curator: User) -> list[CuratorAction]:
    """Take papers off every page. Raises ValueError without a reason."""
    if not (why := why.strip()):
        raise ValueError("Say why the paper is hidden.")
    why = why[: MAX_WHY_CHARS - 1] + "…" if len(why) > MAX_WHY_CHARS else why
    done = Done(curator, Verb.HIDE, why=why)
    return change_each(versions, done, lambda paper: paper.hide(why))


def show(versions: Versions, curator: User) -> list[CuratorAction]:
    """Show hidden papers again."""
    return change_each(versions, Done(curator, Verb.SHOW), Paper.show)
