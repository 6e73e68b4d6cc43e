"""What a reader asks for: as a form gives it, as a signed link carries it, as orders keep it."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass, field, fields
from datetime import datetime
from typing import Any

from django.utils.text import get_text_list

from papers.models import Topic
from subscriptions.models import Frequency, Subscriber, Subscription
from subscriptions.models.subscription import DEFAULT_MAX_PAPERS, MAX_SUBSCRIPTIONS

WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
What = Subscription.What


class TooManyOrders(Exception):
    """More standing orders than we keep for one address."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """New ones come last, with a default: links of a week ago do not have them."""

    everything: bool
    topics: list[int]
    frequency: str
    weekday: int
    hour: int
    time_zone: str
    searches: list[str] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    min_upvotes: int = 0
    max_papers: int = DEFAULT_MAX_PAPERS

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
        names += [f"the search “{words}”" for words in self.searches]
        names += [f"papers by {name}" for name in self.authors]
        what = get_text_list(names, "and") or "nothing"
        when = f"{rhythm(self.frequency, self.weekday)} at {self.hour:02}:00"
        zone = self.time_zone.replace("_", " ")
        return f"{what[0].upper()}{what[1:]} by mail, {when} ({zone}){self._limits}."

    @property
    def _limits(self) -> str:
        """Said where it is not what everybody gets."""
        votes = f"from {self.min_upvotes} upvotes on" if self.min_upvotes else ""
        most = f"at most {self.max_papers} of each" if self.max_papers != DEFAULT_MAX_PAPERS else ""
        return "".join(f", {it}" for it in (votes, most) if it)

    def place(self, subscriber: Subscriber, now: datetime) -> None:
        """As standing orders, beside those that stand."""
        topics = Topic.objects.filter(pk__in=self.topics)
        how = {
            "frequency": self.frequency,
            "min_upvotes": self.min_upvotes,
            "max_papers": self.max_papers,
        }
        for thing in orders_for(self.everything, topics, self.searches, self.authors):
            subscriber.subscriptions.update_or_create(**thing, defaults=how)
        refuse_too_many(subscriber)
        # One weekday for all: two would ask for two weekly mails, and an issue is only one.
        subscriber.subscriptions.update(weekday=self.weekday)
        subscriber.hour, subscriber.time_zone = self.hour, self.time_zone
        subscriber.save(update_fields=["hour", "time_zone"])
        subscriber.schedule_next_issue(now)


def orders_for(
    everything: bool,
    topics: Iterable[Topic],
    searches: Iterable[str] = (),
    authors: Iterable[str] = (),
) -> list[dict[str, Any]]:
    """By which a standing order is found, or made."""
    things = [{"what": What.TOPIC, "topic": topic, "words": ""} for topic in topics]
    if everything:
        things.append({"what": What.EVERYTHING, "topic": None, "words": ""})
    things += [{"what": What.SEARCH, "topic": None, "words": words} for words in searches]
    things += [{"what": What.AUTHOR, "topic": None, "words": name} for name in authors]
    return things


def refuse_too_many(subscriber: Subscriber) -> None:
    if subscriber.subscriptions.count() > MAX_SUBSCRIPTIONS:
        raise TooManyOrders(f"An address may have {MAX_SUBSCRIPTIONS} orders: end some first.")


def rhythm(frequency: str, weekday: int) -> str:
    if frequency == Frequency.WEEKLY:
        return f"every {WEEKDAYS[weekday]}"
    return "from Monday to Friday" if frequency == Frequency.WEEKDAYS else "every day"
