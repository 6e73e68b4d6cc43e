"""The form of the subscribe page, and what it proposes to a reader who comes from another page."""

from contextlib import suppress
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict

from accounts.mail_address import check_mail_address
from papers.bounded_numbers import bounded_number
from subscriptions.models import Frequency
from subscriptions.models.subscriber import DEFAULT_HOUR
from subscriptions.models.subscription import DEFAULT_MAX_PAPERS
from subscriptions.orders.form_parts import (
    MAX_MIN_UPVOTES,
    DeliveryTimeForm,
    PaperChoiceForm,
    SubscriptionOptionsForm,
)
from subscriptions.orders.order_request import OrderRequest

CHOICES = ("topic", "search", "author")  # the fields that choose papers
NOTHING_CHOSEN = "Choose what you want to get: everything, or a topic, a search or an author."


class SubscribeForm(PaperChoiceForm, DeliveryTimeForm, SubscriptionOptionsForm):
    """A field that is missing in the POST gets its default.

    Only which papers has no default: a POST that chooses none is an error. `everything=True`, of
    the radio button, or `everything=on`, of a ticked box, orders all papers, and with them the
    topics, search and author of the POST. `everything=False`, or none, orders only the latter.
    """

    everything = forms.TypedChoiceField(  # type: ignore[assignment]
        label="Which papers",
        choices=[(True, "Everything"), (False, "Only what I choose")],
        coerce=lambda value: value == "True",
        widget=forms.RadioSelect,
        error_messages={"required": NOTHING_CHOSEN},
    )
    address = forms.CharField(
        label="Email address",
        max_length=254,
        validators=[check_mail_address],
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    website = forms.CharField(required=False)  # hidden from people; spam programs fill it in

    def __init__(self, data: QueryDict | None, query: QueryDict) -> None:
        """`query` is what the page proposes: `?topic=vision&search=moss&author=Ada&everything`."""
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
            data["everything"] = everything_value(data)
        super().__init__(data, initial=defaults | initial_from_query(query))
        if data is None:
            self.fields["time_zone"].widget.attrs["data-guess-zone"] = True

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or self.cleaned_data
        is_incomplete = self.errors.keys() & {"everything", *CHOICES}
        if not is_incomplete and not self.subscription_keys:
            self.add_error("everything", NOTHING_CHOSEN)
        return chosen

    def order_request(self) -> OrderRequest:
        chosen = self.cleaned_data
        return OrderRequest(
            everything=chosen["everything"],
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


def everything_value(data: QueryDict) -> str:
    """The value of the radio buttons that a POST means; empty where it chooses nothing."""
    if data.get("everything") == "on":
        return "True"
    return data.get("everything") or ("False" if any(data.get(name) for name in CHOICES) else "")


def initial_from_query(query: QueryDict) -> dict[str, Any]:
    """Initial values of the form from the filters of the page that the reader came from."""
    initial: dict[str, Any] = {"topic": query.getlist("topic")}
    initial |= {name: query.get(name, "")[:300] for name in ("search", "author")}
    with suppress(ValueError):
        votes = query.get("min_votes", "")
        initial["min_upvotes"] = bounded_number(votes, most=MAX_MIN_UPVOTES)
    if "everything" in query:
        initial["everything"] = True
    elif any(initial[name] for name in CHOICES):
        initial["everything"] = False
    return initial
