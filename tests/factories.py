"""Plain functions for data: a test names only what matters to it."""

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

from accounts.models import User
from papers.models import Paper, Topic
from papers.sources import Entry

MARCH_14 = date(2025, 3, 14)  # a Friday
numbers = itertools.count(1)


def a_user(email: str = "", **fields: Any) -> User:
    """With an account old enough for its votes to count in ranking."""
    fields.setdefault("date_joined", datetime.now(UTC) - timedelta(days=30))
    return User.objects.create_user(email or f"reader{next(numbers)}@example.org", **fields)


def a_voter(user: User) -> User:
    """This user, with a confirmed address."""
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return user


def a_paper(
    title: str = "", *, upvotes: int = 0, listed_on: date | None = MARCH_14, **fields: Any
) -> Paper:
    number = next(numbers)
    title = title or f"On the number {number}"
    fields.setdefault("key", f"2503.{number:05}")
    fields.setdefault("abstract", f"We study the number {number}.")
    fields.setdefault("title_text", title)
    fields.setdefault("abstract_text", fields["abstract"])
    return Paper.objects.create(title=title, votes_brought=upvotes, listed_on=listed_on, **fields)


def a_topic(slug: str = "", **fields: Any) -> Topic:
    slug = slug or f"topic-{next(numbers)}"
    fields.setdefault("name", slug.replace("-", " ").title())
    return Topic.objects.create(slug=slug, **fields)


def an_entry(**fields: Any) -> Entry:
    number = next(numbers)
    defaults: dict[str, Any] = {
        "title": f"On the number {number}",
        "abstract": f"We study the number {number}.",
        "authors": ("Ada Quill", "Ben Marsh"),
        "arxiv_id": f"2503.{number:05}",
        "version": 1,
        "categories": ("cs.CL",),
        "primary_category": "cs.CL",
        "announced_on": MARCH_14,
    }
    return Entry(**(defaults | fields))
