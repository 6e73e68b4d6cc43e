"""What a reader may order, on the subscribe page and behind the preferences link."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.db import transaction
from django.http import QueryDict

from papers.models import Topic
from subscriptions.models import Frequency, Subscriber, Subscription
from subscriptions.models.subscriber import DEFAULT_HOUR
from subscriptions.wishes import WEEKDAYS, Wishes, orders_for

What = Subscription.What
REGIONS = ["Africa", "America", "Antarctica", "Arctic", "Asia"]
REGIONS += ["Atlantic", "Australia", "Europe", "Indian", "Pacific"]
HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]
FREQUENCIES = [
    (Frequency.DAILY, "Every day"),
    (Frequency.WEEKDAYS, "From Monday to Friday"),
    (Frequency.WEEKLY, "Once a week"),
]


class OrderForm(forms.Form):
    """What, how often and when. A field that is left out stands at its default."""

    everything = forms.BooleanField(label="All papers", required=False)
    topic = forms.ModelMultipleChoiceField(
        Topic.objects.all(),
        label="Topics",
        to_field_name="slug",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    frequency = forms.ChoiceField(label="How often", choices=FREQUENCIES)
    weekday = forms.TypedChoiceField(
        label="Day of a weekly mail", choices=list(enumerate(WEEKDAYS)), coerce=int
    )
    hour = forms.TypedChoiceField(label="At", choices=HOURS, coerce=int)
    time_zone = forms.CharField(label="Time zone", max_length=60)

    def __init__(
        self, data: QueryDict | None, defaults: dict[str, Any], initial: dict[str, Any]
    ) -> None:
        if data is not None:
            data = data.copy()
            for name, value in defaults.items():
                data.setdefault(name, str(value))
        super().__init__(data, initial=defaults | initial)
        self.fields["time_zone"].widget = forms.Select(choices=_zones_by_region())

    def clean_time_zone(self) -> str:
        zone: str = self.cleaned_data["time_zone"]
        if zone not in _zones():
            raise forms.ValidationError("We know no time zone of this name.")
        return zone


class SubscribeForm(OrderForm):
    address = forms.EmailField(
        label="Mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    website = forms.CharField(required=False)  # people do not see it; programs fill it in
    field_order = ["address"]

    def __init__(self, data: QueryDict | None = None, topics: Iterable[str] = ()) -> None:
        topics = list(topics)
        defaults = {
            "frequency": Frequency.DAILY.value,
            "weekday": 0,
            "hour": DEFAULT_HOUR,
            "time_zone": settings.TIME_ZONE,
        }
        super().__init__(data, defaults, {"topic": topics, "everything": not topics})

    def wishes(self) -> Wishes:
        """Without any choice, everything."""
        chosen = self.cleaned_data
        topics = [topic.pk for topic in chosen["topic"]]
        return Wishes(
            everything=chosen["everything"] or not topics,
            topics=topics,
            frequency=chosen["frequency"],
            weekday=chosen["weekday"],
            hour=chosen["hour"],
            time_zone=chosen["time_zone"],
        )


class PreferencesForm(OrderForm):
    """All orders of a subscriber at once; they need not be alike, and only what is changed here
    is changed in each of them."""

    min_upvotes = forms.IntegerField(label="Only from so many upvotes", min_value=0, max_value=9999)
    max_papers = forms.IntegerField(label="At most so many papers", min_value=1, max_value=60)
    of_each = ["frequency", "weekday", "min_upvotes", "max_papers"]

    def __init__(self, subscriber: Subscriber, data: QueryDict | None = None) -> None:
        self.subscriber = subscriber
        orders = list(subscriber.subscriptions.select_related("topic"))
        first = orders[0] if orders else Subscription(subscriber=subscriber)
        defaults = {name: getattr(first, name) for name in self.of_each}
        defaults |= {"hour": subscriber.hour, "time_zone": subscriber.time_zone}
        unlike = len({order.frequency for order in orders}) > 1
        if unlike:
            defaults["frequency"] = ""
        standing = {
            "everything": any(order.what == What.EVERYTHING for order in orders),
            "topic": [order.topic.slug for order in orders if order.topic],
        }
        super().__init__(data, defaults, standing)
        if unlike:
            as_they_are = ("", "As it is now: some daily, some weekly")
            self.fields["frequency"] = forms.ChoiceField(
                label="How often", choices=[as_they_are, *FREQUENCIES], required=False
            )

    def clean(self) -> dict[str, Any]:
        chosen: dict[str, Any] = super().clean() or self.cleaned_data
        if "topic" in chosen and not (chosen["topic"] or chosen["everything"]):
            raise forms.ValidationError("Choose a topic, or all papers. Or stop all mail, below.")
        return chosen

    @transaction.atomic
    def save(self, now: datetime) -> None:
        chosen, orders = self.cleaned_data, self.subscriber.subscriptions
        things = orders_for(chosen["everything"], chosen["topic"])
        orders.filter(what=What.TOPIC).exclude(topic__in=chosen["topic"]).delete()
        if not chosen["everything"]:
            orders.filter(what=What.EVERYTHING).delete()
        as_chosen = {name: chosen[name] for name in self.of_each if chosen[name] != ""}
        for thing in things:
            orders.get_or_create(**thing, defaults=as_chosen)
        changed = {name: as_chosen[name] for name in as_chosen if name in self.changed_data}
        orders.update(**changed | {"weekday": chosen["weekday"]})
        self.subscriber.hour, self.subscriber.time_zone = chosen["hour"], chosen["time_zone"]
        self.subscriber.save(update_fields=["hour", "time_zone"])
        self.subscriber.plan(now)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _zones_by_region() -> list[Any]:
    regions: dict[str, list[tuple[str, str]]] = {}
    for zone in sorted(_zones()):
        region, _, place = zone.partition("/")
        if region in REGIONS:
            regions.setdefault(region, []).append((zone, place.replace("_", " ")))
    return [("UTC", "UTC"), *regions.items()]
