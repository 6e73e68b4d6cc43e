"""What a reader may order, on the subscribe page and behind the preferences link."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.db import transaction
from django.http import QueryDict

from papers.identifiers import fold_name
from papers.models import Topic
from papers.search_query import parse
from subscriptions.models import Frequency, Subscriber, Subscription
from subscriptions.models.subscriber import DEFAULT_HOUR
from subscriptions.models.subscription import DEFAULT_MAX_PAPERS
from subscriptions.orders.order_request import (
    WEEKDAYS,
    TooManyOrders,
    Wishes,
    orders_for,
    refuse_too_many,
)

REGIONS = ["Africa", "America", "Antarctica", "Arctic", "Asia"]
REGIONS += ["Atlantic", "Australia", "Europe", "Indian", "Pacific"]
HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]
FREQUENCIES = [
    (Frequency.DAILY, "Every day"),
    (Frequency.WEEKDAYS, "From Monday to Friday"),
    (Frequency.WEEKLY, "Once a week"),
]


class WhatForm(forms.Form):
    """Things to order: everything, topics, a search, an author."""

    everything = forms.BooleanField(label="All papers", required=False)
    topic = forms.ModelMultipleChoiceField(
        Topic.objects.all(),
        label="Topics",
        to_field_name="slug",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    search = forms.CharField(label="What a search finds", max_length=300, required=False)
    author = forms.CharField(label="Papers by", max_length=300, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["search"].widget.attrs |= {
            "placeholder": "diffusion -survey",
            "autocapitalize": "none",
        }
        self.fields["author"].widget.attrs["placeholder"] = "Name as on their papers"

    def clean_search(self) -> str:
        words = " ".join(self.cleaned_data["search"].split())
        query = parse(words)
        if words and query.is_empty:
            raise forms.ValidationError(query.problems or "This search asks for nothing.")
        return words

    def clean_author(self) -> str:
        name = " ".join(self.cleaned_data["author"].split())
        if name and not fold_name(name):
            raise forms.ValidationError("This name has no letter in it.")
        return name

    @property
    def things(self) -> list[dict[str, Any]]:
        chosen = self.cleaned_data
        return orders_for(
            chosen["everything"],
            chosen["topic"],
            filter(None, [chosen["search"]]),
            filter(None, [chosen["author"]]),
        )


class WhenForm(forms.Form):
    weekday = forms.TypedChoiceField(
        label="Day of a weekly mail", choices=list(enumerate(WEEKDAYS)), coerce=int
    )
    hour = forms.TypedChoiceField(label="At", choices=HOURS, coerce=int)
    time_zone = forms.CharField(label="Time zone", max_length=60)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        zones = _zones_by_region()
        zone = (self.initial or {}).get("time_zone", "UTC")
        if zone not in _offered():  # an old spelling that stands is not changed unasked
            zones = [(zone, zone), *zones]
        self.fields["time_zone"].widget = forms.Select(choices=zones)

    def clean_time_zone(self) -> str:
        zone: str = self.cleaned_data["time_zone"]
        if zone not in _zones():
            raise forms.ValidationError("We know no time zone of this name.")
        return zone


class HowForm(forms.Form):
    """Of one order."""

    frequency = forms.ChoiceField(label="How often", choices=FREQUENCIES)
    min_upvotes = forms.IntegerField(label="Upvotes, at least", min_value=0, max_value=9999)
    max_papers = forms.IntegerField(label="Papers, at most", min_value=1, max_value=60)


class SubscribeForm(WhatForm, WhenForm, HowForm):
    """A field that is left out stands at its default."""

    address = forms.EmailField(
        label="Mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    website = forms.CharField(required=False)  # people do not see it; programs fill it in

    def __init__(self, data: QueryDict | None, page: QueryDict) -> None:
        """Proposing what `page` shows: `?topic=vision&search=moss&author=Ada+Quill&everything`."""
        defaults: dict[str, Any] = {
            "frequency": Frequency.DAILY.value,
            "weekday": 0,
            "hour": DEFAULT_HOUR,
            "time_zone": settings.TIME_ZONE,
            "min_upvotes": 0,
            "max_papers": DEFAULT_MAX_PAPERS,
        }
        if data is not None:
            data = data.copy()
            for name, value in defaults.items():
                data.setdefault(name, str(value))
        super().__init__(data, initial=defaults | proposal(page))
        if data is None:
            self.fields["time_zone"].widget.attrs["data-guess-zone"] = True

    def wishes(self) -> Wishes:
        """Without any choice, everything."""
        chosen = self.cleaned_data
        return Wishes(
            everything=chosen["everything"] or not self.things,
            topics=[topic.pk for topic in chosen["topic"]],
            frequency=chosen["frequency"],
            weekday=chosen["weekday"],
            hour=chosen["hour"],
            time_zone=chosen["time_zone"],
            searches=[chosen["search"]] if chosen["search"] else [],
            authors=[chosen["author"]] if chosen["author"] else [],
            min_upvotes=chosen["min_upvotes"],
            max_papers=chosen["max_papers"],
        )


def proposal(page: QueryDict) -> dict[str, Any]:
    proposed: dict[str, Any] = {"topic": page.getlist("topic")}
    proposed |= {name: page.get(name, "")[:300] for name in ("search", "author")}
    votes = page.get("min_votes", "")
    if votes.isascii() and votes.isdigit() and len(votes) <= 4:
        proposed["min_upvotes"] = int(votes)
    asks = proposed["topic"] or proposed["search"] or proposed["author"]
    return proposed | {"everything": "everything" in page or not asks}


class OrderForm(HowForm):
    """A standing order, to be changed or ended."""

    remove = forms.BooleanField(label="End this one", required=False)

    def __init__(self, order: Subscription, data: QueryDict | None) -> None:
        self.order = order
        prefix = f"order-{order.pk}"
        was_shown = data is not None and f"{prefix}-frequency" in data
        standing = {name: getattr(order, name) for name in HowForm.base_fields}
        super().__init__(data if was_shown else None, prefix=prefix, initial=standing)

    @property
    def is_ended(self) -> bool:
        return self.is_bound and bool(self.cleaned_data["remove"])

    def save(self) -> None:
        if self.is_ended:
            self.order.delete()
        elif self.is_bound and self.has_changed():
            changed = {name: self.cleaned_data[name] for name in HowForm.base_fields}
            Subscription.objects.filter(pk=self.order.pk).update(**changed)


class Preferences:
    """All that goes to an address: when, each standing order, and what may be added."""

    def __init__(self, subscriber: Subscriber, data: QueryDict | None = None) -> None:
        self.subscriber = subscriber
        orders = list(subscriber.subscriptions.select_related("topic"))
        self.first = orders[0] if orders else Subscription()
        standing: Mapping[str, Any] = {
            "weekday": self.first.weekday,
            "hour": subscriber.hour,
            "time_zone": subscriber.time_zone,
        }
        self.when = WhenForm(data, initial=standing)
        self.orders = [OrderForm(order, data) for order in orders]
        self.more = WhatForm(data, prefix="more")
        self.errors: list[str] = []

    def save(self, now: datetime) -> bool:
        """All of it, or nothing where something is amiss."""
        shown = [form for form in self.orders if form.is_bound]
        if not all(form.is_valid() for form in (self.when, self.more, *shown)):
            self.errors = ["Nothing was kept yet: please look at what is marked."]
            return False
        if all(form.is_ended for form in self.orders) and not self.more.things:
            self.errors = ["That would leave nothing. Keep an order, or stop all mail, below."]
            return False
        try:
            self._save(now)
        except TooManyOrders as error:
            self.errors = [str(error)]
            return False
        return True

    @transaction.atomic
    def _save(self, now: datetime) -> None:
        orders, subscriber = self.subscriber.subscriptions, self.subscriber
        for form in self.orders:
            form.save()
        how = {name: getattr(self.first, name) for name in HowForm.base_fields}
        for thing in self.more.things:
            orders.get_or_create(**thing, defaults=how)
        refuse_too_many(subscriber)
        orders.update(weekday=self.when.cleaned_data["weekday"])
        subscriber.hour = self.when.cleaned_data["hour"]
        subscriber.time_zone = self.when.cleaned_data["time_zone"]
        subscriber.save(update_fields=["hour", "time_zone"])
        subscriber.schedule_next_issue(now)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _offered() -> frozenset[str]:
    return frozenset({"UTC"} | {zone for _, zones in _zones_by_region()[1:] for zone, _ in zones})


@cache
def _zones_by_region() -> list[Any]:
    regions: dict[str, list[tuple[str, str]]] = {}
    for zone in sorted(_zones()):
        region, _, place = zone.partition("/")
        if region in REGIONS:
            regions.setdefault(region, []).append((zone, place.replace("_", " ")))
    return [("UTC", "UTC"), *regions.items()]
