"""Takes an action of a curator back, from the desk or from the log, however long ago it was."""

import uuid
from typing import Any

from django.db import transaction
from django.db.models import Field
from django.utils import timezone

from accounts.models import User
from papers.curation.changes import Conflict, State, lock, state, versions_of
from papers.curation.topics import restore_topics, topics_of
from papers.models import CuratorAction, Paper, Upvote, VoteRing
from papers.models.merging import unmerge

About = CuratorAction.About


class NothingToUndo(Exception):
    """It was undone before, or is not there."""


@transaction.atomic
def undo(batch: uuid.UUID, curator: User) -> list[CuratorAction]:
    """Undo all of an action; returns its log entries.

    Raises Conflict where somebody has changed since what it changed, and NothingToUndo. Whatever
    else happened to the papers stays.
    """
    entries = CuratorAction.objects.standing().undoable().filter(batch=batch)
    actions = list(entries.select_for_update().order_by("-pk"))
    if not actions:
        raise NothingToUndo
    papers = _papers_of(actions)
    changed = [papers[action.paper_id] for action in actions if not _still_stands(action, papers)]
    if changed:
        raise Conflict(changed)
    VoteRing.objects.filter(batch=batch).reopen()
    for action in actions:
        _restore(papers[action.paper_id], action.before)
        action.undone_at, action.undone_by = timezone.now(), curator
    CuratorAction.objects.bulk_update(actions, ["undone_at", "undone_by"])
    return actions


def _papers_of(actions: list[CuratorAction]) -> dict[int | None, Paper]:
    """The papers of these actions, locked. Raises Conflict where one is gone."""
    keys = {action.paper_id for action in actions if action.paper_id}
    papers = lock(versions_of(Paper.objects.filter(pk__in=keys)))
    if gone := sum(action.paper_id is None for action in actions):
        raise Conflict([], gone)
    return {paper.pk: paper for paper in papers}


def _still_stands(action: CuratorAction, papers: dict[int | None, Paper]) -> bool:
    """Whether what the action changed is still as it left it."""
    paper = papers[action.paper_id]
    if action.about == About.VOTE:
        return True  # no vote changes once it is void
    if action.verb != CuratorAction.Verb.MERGE and action.about_key != paper.key:
        return False  # it has been merged into another paper
    now = state(paper) | {"votes_brought": paper.votes_brought}
    if "topics" in action.after:
        now["topics"] = topics_of(paper, action.after["topics"])
    return all(now[name] == value for name, value in action.after.items())


def _restore(paper: Paper, before: State) -> None:
    fields: dict[str, Any] = dict(before)
    if (votes := fields.pop("voided", None)) is not None:
        Upvote.objects.filter(pk__in=votes).restore()
    if (topics := fields.pop("topics", None)) is not None:
        restore_topics(paper, topics)
    if (record := fields.pop("merge", None)) is not None:
        unmerge(paper, record)
    for name, value in fields.items():
        field = Paper._meta.get_field(name)
        assert isinstance(field, Field)
        setattr(paper, name, field.to_python(value))
    paper.curation_version += 1
    paper.save(update_fields=[*fields, "curation_version"])
