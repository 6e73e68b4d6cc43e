"""What a reader asks for: as a form gives it, as a signed link carries it, as orders keep it."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from typing import Any

from django.utils.text import get_text_list

from papers.models import Topic
from subscriptions.models import Frequency, Subscriber, Subscription

WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
What = Subscription.What


@dataclass(frozen=True, slots=True)
class Wishes:
    everything: bool
    topics: list[int]
    frequency: str
    weekday: int
    hour: int
    time_zone: str

    @classmethod
    def read(cls, kept: list[Any]) -> "Wishes":
        """Back from `keep()`; our signature vouches for what is in it."""
        return cls(*kept[: len(fields(cls))])

    def keep(self) -> list[Any]:
        return list(astuple(self))

    @property
    def description(self) -> str:
        """One sentence, for the mail, the page with the button, and the record of consent."""
        names = ["all papers"] if self.everything else []
        names += Topic.objects.filter(pk__in=self.topics).values_list("name", flat=True)
        what = get_text_list(names, "and") or "nothing"
        when = f"{rhythm(self.frequency, self.weekday)} at {self.hour:02}:00"
        return f"{what[0].upper()}{what[1:]} by mail, {when} ({self.time_zone.replace('_', ' ')})."

    def place(self, subscriber: Subscriber, now: datetime) -> None:
        """As standing orders, beside those that stand."""
        for thing in orders_for(self.everything, Topic.objects.filter(pk__in=self.topics)):
            subscriber.subscriptions.update_or_create(
                **thing, defaults={"frequency": self.frequency}
            )
        # One weekday for all: two would ask for two weekly mails, and an issue is only one.
        subscriber.subscriptions.update(weekday=self.weekday)
        subscriber.hour, subscriber.time_zone = self.hour, self.time_zone
        subscriber.save(update_fields=["hour", "time_zone"])
        subscriber.plan(now)


def orders_for(everything: bool, topics: Iterable[Topic]) -> list[dict[str, Any]]:
    """By which a standing order is found, or made."""
    things: list[dict[str, Any]] = [{"what": What.TOPIC, "topic": topic} for topic in topics]
    if everything:
        things.append({"what": What.EVERYTHING, "topic": None})
    return [thing | {"words": ""} for thing in things]


def rhythm(frequency: str, weekday: int) -> str:
    if frequency == Frequency.WEEKLY:
        return f"every {WEEKDAYS[weekday]}"
    return "from Monday to Friday" if frequency == Frequency.WEEKDAYS else "every day"
