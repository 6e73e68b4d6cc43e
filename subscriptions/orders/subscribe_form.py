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


class SubscribeForm(PaperChoiceForm, DeliveryTimeForm, SubscriptionOptionsForm):
    """A field that is missing in the POST gets its default."""

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
        super().__init__(data, initial=defaults | initial_from_query(query))
        if data is None:
            self.fields["time_zone"].widget.attrs["data-guess-zone"] = True

    def order_request(self) -> OrderRequest:
        """Where no papers are chosen, all papers."""
        chosen = self.cleaned_data
        return OrderRequest(
            everything=chosen["everything"] or not self.subscription_keys,
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


def initial_from_query(query: QueryDict) -> dict[str, Any]:
    """Initial values of the form from the filters of the page that the reader came from."""
    initial: dict[str, Any] = {"topic": query.getlist("topic")}
    initial |= {name: query.get(name, "")[:300] for name in ("search", "author")}
    with suppress(ValueError):
        votes = query.get("min_votes", "")
        initial["min_upvotes"] = bounded_number(votes, most=MAX_MIN_UPVOTES)
    has_choice = initial["topic"] or initial["search"] or initial["author"]
    return initial | {"everything": "everything" in query or not has_choice}
