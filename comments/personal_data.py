"""What is stored about a reader's comments, for their export.

A deleted account's comments lose their words and their author by a trigger; the places stay.
"""

from typing import Any

from accounts.models import User


def export(user: User) -> dict[str, Any]:
    return {
        "comments": [
            {
                "paper": comment.paper.key,
                "text": comment.text,
                "state": comment.state,
                "when": comment.created_at,
                "edited": comment.edited_at,
                "texts_before": [edit.text for edit in comment.edits.all()],
            }
            for comment in user.comments.select_related("paper")
            .prefetch_related("edits")
            .order_by("pk")
        ],
        "comment_upvotes": list(user.comment_votes.order_by("pk").values("comment", "created_at")),
        "comment_reports": list(
            user.comment_reports.order_by("pk").values("comment", "words", "created_at")
        ),
    }
