"""Exports what is stored of a reader's interests; deleting the account deletes it all."""

from typing import Any

from accounts.models import User
from interests.models import Interest


def export(user: User) -> dict[str, Any]:
    """As values for JSON."""
    interests = Interest.objects.of_reader(user).prefetch_related("chosen_papers__paper")
    return {"interests": [_interest(interest) for interest in interests]}


def _interest(interest: Interest) -> dict[str, Any]:
    return {
        "name": interest.name,
        "created_at": interest.created_at,
        "learns_from_saved": interest.learns_from_saved,
        "learns_from_upvoted": interest.learns_from_upvoted,
        "added_words": interest.added_words,
        "removed_words": interest.removed_words,
        "word_weights": interest.word_weights,
        "papers": [
            {"paper": row.paper.key, "against": row.against, "chosen_at": row.chosen_at}
            for row in interest.chosen_papers.all()
        ],
    }
