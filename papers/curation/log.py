"""Logs what curators do outside the desk: to topics, sources and votes, and to papers in the admin.

The open log shows these entries; the desk cannot undo them.
"""

import uuid
from collections import Counter
from collections.abc import Iterable

from accounts.models import User
from papers.models import CuratorAction, Paper, Source, Topic, Upvote

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


def write_voided(votes: Iterable[Upvote], curator: User, why: str) -> None:
    """Log that these votes, with their papers loaded, were voided: a number for each paper.

    Not whose they were: what somebody voted for is theirs to tell.
    """
    batch = uuid.uuid4()
    counts = Counter(vote.paper for vote in votes)
    CuratorAction.objects.bulk_create(
        CuratorAction(
            batch=batch,
            curator=curator,
            verb=Verb.VOID,
            paper=paper,
            details=f"{count} vote{'' if count == 1 else 's'}",
            why=why[:MAX_WHY_CHARS],
            **_subject(paper) | {"about": About.VOTE},
        )
        for paper, count in counts.items()
    )


def _subject(row: Subject) -> dict[str, str]:
    match row:
        case Paper():
            return {"about": About.PAPER, "about_key": row.key, "about_name": row.title_text}
        case Topic():
            return {"about": About.TOPIC, "about_key": row.slug, "about_name": row.name}
        case Source():
            return {"about": About.SOURCE, "about_key": row.name, "about_name": row.name}
