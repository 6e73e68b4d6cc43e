"""Fills a site's database with digests that are due: `python -m tests.faults.due_digests 600 25`.

In a process of its own, for the data folder that its environment names. So it imports nothing of
the tests: tests.servers would replace that environment by that of the tests.
"""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.utils import timezone  # noqa: E402 the models need the line above

from papers.models import Paper  # noqa: E402
from subscriptions.models import Subscriber, Subscription  # noqa: E402


def create(subscribers: int, papers: int) -> None:
    """All due now, at the hour that has just begun."""
    now = timezone.now()
    Paper.objects.bulk_create(
        [
            Paper(
                key=f"2611.{number:05}",
                title=f"On the number {number}",
                title_text=f"On the number {number}",
                abstract="We count. " * 30,
                abstract_text="We count. " * 30,
                authors=["Ada Quill", "Ben Marsh"],
                listed_on=now.date(),
            )
            for number in range(papers)
        ]
    )
    created = Subscriber.objects.bulk_create(
        [
            Subscriber(
                address=f"reader{number}@example{number % 5}.org",
                confirmed_at=now,
                next_due_at=now,
                hour=now.hour,
            )
            for number in range(subscribers)
        ]
    )
    Subscription.objects.bulk_create(
        [Subscription(subscriber=subscriber) for subscriber in created]
    )


if __name__ == "__main__":
    create(int(sys.argv[1]), int(sys.argv[2]))
