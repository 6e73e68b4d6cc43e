"""Logs what curators do outside the desk: to topics and sources, and to papers in the admin.

The open log shows these entries; nobody can undo them. Votes: papers/curation/votes.py.
"""

import uuid
from collections.abc import Iterable

from accounts.models import User
from papers.models import CuratorAction, Paper, Source, Topic

About, Verb = CuratorAction.About, CuratorAction.Verb
Subject = Paper | Topic | Source
MAX_DETAILS_CHARS = 500
MAX_WHY_CHARS = 300


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
            paper=row if isinstance(row, Paper) else None,
            details=details[:MAX_DETAILS_CHARS],
            why=why[:MAX_WHY_CHARS],
            **_subject(row),
        )
        for row in rows
    )


def _subject(row: Subject) -> dict[str, str]:
    match row:
        case Paper():
            return {"about": About.PAPER, "about_key": row.key, "about_name": row.title_text}
        case Topic():
            return {"about": About.TOPIC, "about_key": row.slug, "about_name": row.name}
        case Source():
            return {"about": About.SOURCE, "about_key": row.name, "about_name": row.name}
