"""An order request: what a reader chose on the subscribe page, until they confirm it.

The form makes it, the signed link in the confirmation mail carries it, and confirming turns it into
subscriptions.
"""

from collections.abc import Iterable
from dataclasses import astuple, dataclass, field, fields
from datetime import datetime
from typing import Any

from django.utils.text import get_text_list

from accounts.foreign_text import plain_words
from papers.models import Topic
from subscriptions.models import Frequency, Subscriber, Subscription
from subscriptions.models.subscription import DEFAULT_MAX_PAPERS, MAX_SUBSCRIPTIONS
from subscriptions.orders.time_zones import zone_in_words

WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
What = Subscription.What


class TooManySubscriptions(Exception):
    """More subscriptions than one address may have."""


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """A new field goes last and has a default: links that were mailed before do not have it."""

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
    def from_list(cls, values: list[Any]) -> "OrderRequest":
        """Back from `as_list()`. The values come from a signed link, so they are not checked."""
        return cls(*values[: len(fields(cls))])

    def as_list(self) -> list[Any]:
        return list(astuple(self))

    @property
    def description(self) -> str:
        """One sentence, for the page with the button and the record of consent."""
        names = [f"the search “{words}”" for words in self.searches]
        return self._describe(names + [f"papers by {name}" for name in self.authors])

    @property
    def description_for_strangers(self) -> str:
        """The same for the mail, which anybody can have sent to anybody."""
        names = [f"a search (“{plain_words(words)}”)" for words in self.searches]
        return self._describe(names + [f"an author ({plain_words(it)})" for it in self.authors])

    def _describe(self, typed: list[str]) -> str:
        names = ["all papers"] if self.everything else []
        names += Topic.objects.filter(pk__in=self.topics).values_list("name", flat=True)
        names += typed
        what = get_text_list(names, "and") or "nothing"
        when = f"{frequency_in_words(self.frequency, self.weekday)} at {self.hour:02}:00"
        zone = zone_in_words(self.time_zone)
        return f"{what[0].upper()}{what[1:]} by email, {when} ({zone}){self._limits_in_words}."

    @property
    def _limits_in_words(self) -> str:
        """Mentions only limits that are not the default."""
        votes = f"from {self.min_upvotes} upvotes on" if self.min_upvotes else ""
        most = f"at most {self.max_papers} of each" if self.max_papers != DEFAULT_MAX_PAPERS else ""
        return "".join(f", {words}" for words in (votes, most) if words)

    def apply(self, subscriber: Subscriber, now: datetime) -> None:
        """Create or change these subscriptions; the others stay as they are."""
        topics = Topic.objects.filter(pk__in=self.topics)
        options = {
            "frequency": self.frequency,
            "min_upvotes": self.min_upvotes,
            "max_papers": self.max_papers,
        }
        for key in subscription_keys(self.everything, topics, self.searches, self.authors):
            subscriber.subscriptions.update_or_create(**key, defaults=options)
        check_number_of_subscriptions(subscriber)
        # One weekday for all: with two there would be two mails of one weekly issue.
        subscriber.subscriptions.update(weekday=self.weekday)
        subscriber.hour, subscriber.time_zone = self.hour, self.time_zone
        subscriber.save(update_fields=["hour", "time_zone"])
        subscriber.schedule_next_issue(now)


def subscription_keys(
    everything: bool,
    topics: Iterable[Topic],
    searches: Iterable[str] = (),
    authors: Iterable[str] = (),
    own: Iterable[str] = (),
) -> list[dict[str, Any]]:
    """For each thing that was chosen, the fields that identify its subscription.

    `own` are values of `Subscription.what` for what depends on the reader's account.
    """
    keys = [{"what": What.TOPIC, "topic": topic, "words": ""} for topic in topics]
    if everything:
        keys.append({"what": What.EVERYTHING, "topic": None, "words": ""})
    keys += [{"what": What.SEARCH, "topic": None, "words": words} for words in searches]
    keys += [{"what": What.AUTHOR, "topic": None, "words": name} for name in authors]
    keys += [{"what": what, "topic": None, "words": ""} for what in own]
    return keys


def add_subscriptions(
    subscriber: Subscriber, keys: Iterable[dict[str, Any]], like: Subscription
) -> None:
    """With the options of `like`; those that are there stay. Raises TooManySubscriptions."""
    names = ("frequency", "weekday", "min_upvotes", "max_papers")
    options = {name: getattr(like, name) for name in names}
    for key in keys:
        subscriber.subscriptions.get_or_create(**key, defaults=options)
    check_number_of_subscriptions(subscriber)


def check_number_of_subscriptions(subscriber: Subscriber) -> None:
    """Raises TooManySubscriptions, whose text is shown to the reader."""
    if subscriber.subscriptions.count() > MAX_SUBSCRIPTIONS:
        raise TooManySubscriptions(
            f"An address may have {MAX_SUBSCRIPTIONS} orders: end some first."
        )


def frequency_in_words(frequency: str, weekday: int) -> str:
    if frequency == Frequency.WEEKLY:
        return f"every {WEEKDAYS[weekday]}"
    return "from Monday to Friday" if frequency == Frequency.WEEKDAYS else "every day"
