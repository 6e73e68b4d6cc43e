"""Changes papers for a curator in one transaction: checks versions, and writes the log.

The verbs are in the modules beside this one. Each takes the papers as `Versions`, so that what
another curator did meanwhile is never overwritten unseen: then it raises Conflict, and nothing is
changed.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from papers.models import CuratorAction, Paper

Verb = CuratorAction.Verb
Versions = Mapping[int, int]  # the primary key of a paper: its curation_version, as it was shown
CURATED_FIELDS = (
    *("listed_on", "listed_at", "listing_wanted", "position"),
    *("featured", "hidden_at", "hidden_why"),
)
# What the verbs, the log and the rules of topics read of a paper; the rest stays in the database.
COLUMNS = (
    *CURATED_FIELDS,
    *("key", "title_text", "curation_version", "announced_on", "categories", "source"),
)
CURATORS_LOCK = 0x6465736B  # "desk" in ASCII: the advisory lock that curators' actions hold
State = dict[str, Any]  # values that JSON can hold, by the name of a field


class Conflict(Exception):
    """Somebody changed these papers after they were shown."""

    def __init__(self, changed: Sequence[Paper], gone: int = 0) -> None:
        super().__init__("changed by somebody else")
        self.changed = changed  # as they are now
        self.gone = gone  # how many have been deleted, or merged into another


@dataclass
class Done:
    """An action as one curator took it on one or many papers: what their log entries share."""

    curator: User
    verb: Verb
    details: str = ""
    why: str = ""
    is_public: bool = True
    batch: uuid.UUID = field(default_factory=uuid.uuid4)

    def entry(
        self, paper: Paper, before: State, after: State, *, is_public: bool = True
    ) -> CuratorAction:
        """The unsaved log entry of one paper."""
        return CuratorAction(
            batch=self.batch,
            curator=self.curator,
            verb=self.verb,
            about_key=paper.key,
            about_name=paper.title_text,
            paper=paper,
            details=self.details,
            why=self.why,
            is_public=self.is_public and is_public,
            before=before,
            after=after,
        )


def papers_of(entries: Iterable[CuratorAction]) -> list[Paper]:
    """The papers of these log entries; of new ones they are as the action left them."""
    return [entry.paper for entry in entries if entry.paper]


def versions_of(papers: Iterable[Paper]) -> dict[int, int]:
    return {paper.pk: paper.curation_version for paper in papers}


@transaction.atomic(savepoint=False)
def change_each(
    versions: Versions, done: Done, change: Callable[[Paper], None]
) -> list[CuratorAction]:
    """Apply `change`, a method of the model that saves, to each of these papers.

    Returns the log entries of those that it changed. Raises Conflict.
    """
    papers = lock(versions, COLUMNS)
    before = {paper.pk: state(paper) for paper in papers}
    for paper in papers:
        change(paper)
    return write_log(done, papers, before)


def lock(versions: Versions, columns: Sequence[str] = ()) -> list[Paper]:
    """These papers in their order, locked until the transaction ends. Raises Conflict.

    With only these columns, if any are named.
    """
    # Curators take turns, as an action may lock further papers of a day: it takes milliseconds.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CURATORS_LOCK])
    rows = Paper.objects.select_for_update(no_key=True).filter(pk__in=versions).order_by("pk")
    rows = rows.only(*columns) if columns else rows
    papers = {paper.pk: paper for paper in rows}
    changed = [paper for paper in papers.values() if paper.curation_version != versions[paper.pk]]
    gone = len(versions) - len(papers)
    if changed or gone:
        raise Conflict(changed, gone)
    return [papers[pk] for pk in versions]


def state(paper: Paper) -> State:
    """What curators decide about a paper."""
    values = {name: getattr(paper, name) for name in CURATED_FIELDS}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
    }


def write_log(
    done: Done, papers: Iterable[Paper], before: Mapping[int, State], along: Iterable[Paper] = ()
) -> list[CuratorAction]:
    """Log what changed since `before`, the states by primary key.

    `along` are papers that had to move for the others: undone with them, and not in the open log.
    """
    entries = []
    for paper, is_public in [*((it, True) for it in papers), *((it, False) for it in along)]:
        now, then = state(paper), before[paper.pk]
        changed = [name for name in CURATED_FIELDS if now[name] != then[name]]
        if changed:
            old, new = ({name: each[name] for name in changed} for each in (then, now))
            entries.append(done.entry(paper, old, new, is_public=is_public))
    return CuratorAction.objects.bulk_create(entries)
