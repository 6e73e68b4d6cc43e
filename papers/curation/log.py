"""Logs what curators do outside the desk: to topics, sources, comments, lists, and in the admin.

The open log shows these entries; nobody can undo them. Votes: papers/curation/votes.py.
"""

import uuid
from collections.abc import Iterable
from typing import Any, Protocol

from accounts.models import User
from papers.models import CuratorAction, Paper, Source, Topic

About, Verb = CuratorAction.About, CuratorAction.Verb
MAX_DETAILS_CHARS = 500
MAX_WHY_CHARS = 300


class RowOfAnotherApp(Protocol):
    def log_subject(self) -> dict[str, Any]:
        """`about`, `about_key`, `about_name` and `paper` of its log entries."""


Subject = Paper | Topic | Source | RowOfAnotherApp


def write(
    verb: CuratorAction.Verb,
    rows: Iterable[Subject],
    curator: User,
    *,
    details: str = "",
    why: str = "",
) -> None:
    """Log one action on these rows. For REMOVE it is to be called before they are deleted."""
    batch = uuid.uuid4()
    CuratorAction.objects.bulk_create(
        CuratorAction(
            batch=batch,
            curator=curator,
            verb=verb,
            details=details[:MAX_DETAILS_CHARS],
            why=why[:MAX_WHY_CHARS],
            **_subject(row),
        )
        for row in rows
    )


def _subject(row: Subject) -> dict[str, Any]:
    match row:
        case Paper():
            names = {"about_key": row.key, "about_name": row.title_text}
            return {"about": About.PAPER, "paper": row, **names}
        case Topic():
            return {"about": About.TOPIC, "about_key": row.slug, "about_name": row.name}
        case Source():
            return {"about": About.SOURCE, "about_key": row.name, "about_name": row.name}
        case _:
            return row.log_subject()
