"""What is stored about a reader in the library. It is deleted with the account, by cascade."""

from typing import Any

from accounts.models import User
from papers.models import Paper


def export(user: User) -> dict[str, Any]:
    """As values for JSON, the newest first; lists in their order."""
    saves = user.saves.order_by("-pk").select_related("paper")
    marks = user.read_marks.order_by("-pk").select_related("paper")
    notes = user.notes.order_by("-pk").select_related("paper")
    lists = user.reading_lists.order_by("pk").prefetch_related("items__paper")
    return {
        "saved": [_paper(save.paper) | {"saved_at": save.saved_at} for save in saves],
        "read": [_paper(mark.paper) | {"read_at": mark.read_at} for mark in marks],
        "notes": [
            _paper(note.paper)
            | {"text": note.text, "created_at": note.created_at, "changed_at": note.changed_at}
            for note in notes
        ],
        "lists": [
            {
                "key": kept.key,
                "title": kept.title,
                "description": kept.description,
                "is_public": kept.is_public,
                "made_private_by_the_editors_because": kept.closed_why,
                "created_at": kept.created_at,
                "changed_at": kept.changed_at,
                "papers": [
                    _paper(item.paper) | {"added_at": item.added_at}
                    for item in sorted(kept.items.all(), key=lambda item: item.position)
                ],
            }
            for kept in lists
        ],
        "list_reports": list(
            user.list_reports.order_by("pk").values("reading_list__key", "words", "created_at")
        ),
    }


def _paper(paper: Paper) -> dict[str, Any]:
    ids = {"arxiv": paper.arxiv_id, "doi": paper.doi}
    named = {scheme: value for scheme, value in ids.items() if value}
    return {"paper": paper.key, "title": paper.title_text} | named
