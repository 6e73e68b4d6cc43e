"""What is stored about a reader's follows and mutes. It is deleted with the account, by cascade."""

from typing import Any

from accounts.models import User
from following.models import Follow, Mute


def export(user: User) -> dict[str, Any]:
    """As values for JSON, the newest first; private feeds without their secret addresses."""
    return {
        "follows": [_chosen(follow) for follow in Follow.objects.of_reader(user)],
        "mutes": [_chosen(mute) for mute in Mute.objects.of_reader(user)],
        "private_feeds": [
            {"kind": feed.kind, "created_at": feed.created_at}
            for feed in user.private_feeds.order_by("pk")
        ],
    }


def _chosen(chosen: Follow | Mute) -> dict[str, Any]:
    """Words as the reader wrote them; else the slug, key or handle of what was chosen."""
    name = chosen.words or chosen.key
    return {"what": chosen.what, "name": name, "created_at": chosen.created_at}
