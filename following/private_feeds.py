"""The kinds of private feeds. An app that has one registers it in `AppConfig.ready`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # apps.py imports this module before there are models
    from accounts.models import User
    from papers.feeds.responses import Feed


@dataclass(frozen=True)
class FeedKind:
    """`name` is stored with each address (at most 20 characters); `label` says what is in it."""

    name: str
    label: str
    build: "Callable[[User], Feed]"


_kinds: dict[str, FeedKind] = {}


def register_feed_kind(kind: FeedKind) -> None:
    _kinds[kind.name] = kind


def feed_kinds() -> list[FeedKind]:
    """In the order in which they were registered."""
    return list(_kinds.values())


def feed_kind(name: str) -> FeedKind | None:
    """None where the app that had it is no longer installed."""
    return _kinds.get(name)
