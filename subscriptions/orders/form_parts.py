"""Form fields that the subscribe page and the preferences page share: papers, time, options."""

from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from papers.identifiers import fold_name
from papers.models import Topic
from papers.search_query import parse
from subscriptions.issues.candidates import Candidates, site_day
from subscriptions.models import Frequency, Subscription
from subscriptions.orders.order_request import WEEKDAYS, subscription_keys
from subscriptions.orders.time_zones import (
    accepted_zones,
    offered_zones,
    zone_choices,
    zone_in_words,
)

MAX_MIN_UPVOTES = 9_999
HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]
FREQUENCIES = [
    (Frequency.DAILY, "Every day"),
    (Frequency.WEEKDAYS, "From Monday to Friday"),
    (Frequency.WEEKLY, "Once a week"),
]


class PaperChoiceForm(forms.Form):
    """Which papers: everything, topics, what a search finds, those of an author."""

    everything = forms.BooleanField(label="All papers", required=False)
    topic = forms.ModelMultipleChoiceField(
        Topic.objects.all(),
        label="Topics",
        to_field_name="slug",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    search = forms.CharField(label="Search words", max_length=300, required=False)
    author = forms.CharField(label="Author", max_length=300, required=False)

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
        _check_papers_can_be_found(Subscription(what=Subscription.What.SEARCH, words=words))
        return words

    def clean_author(self) -> str:
        name = " ".join(self.cleaned_data["author"].split())
        if name and not fold_name(name):
            raise forms.ValidationError("This name has no letter in it.")
        _check_papers_can_be_found(Subscription(what=Subscription.What.AUTHOR, words=name))
        return name

    @property
    def subscription_keys(self) -> list[dict[str, Any]]:
        """What was chosen, as the fields that identify a subscription."""
        chosen = self.cleaned_data
        return subscription_keys(
            chosen["everything"],
            chosen["topic"],
            filter(None, [chosen["search"]]),
            filter(None, [chosen["author"]]),
        )


def _check_papers_can_be_found(subscription: Subscription) -> None:
    now = timezone.now()
    if subscription.words and (problem := Candidates(now).problem(subscription, site_day(now))):
        raise forms.ValidationError(f"A digest of this cannot be made: {problem}.")


class ZoneSelect(forms.Select):
    """Draws 490 options in one loop; Django includes two templates for each, three times slower."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        context = self.get_context(name, value, attrs)
        return mark_safe(render_to_string("subscriptions/_zone_select.html", context))  # noqa: S308


class DeliveryTimeForm(forms.Form):
    """When mail is sent: the same for all subscriptions of an address."""

    weekday = forms.TypedChoiceField(label="Weekday", choices=list(enumerate(WEEKDAYS)), coerce=int)
    hour = forms.TypedChoiceField(label="At", choices=HOURS, coerce=int)
    time_zone = forms.CharField(label="Time zone", max_length=60)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = zone_choices()
        zone = self.data.get(self.add_prefix("time_zone")) or self.initial.get("time_zone", "UTC")
        # An old spelling, or an offset from the form of a list, stays until the reader changes it.
        if zone in accepted_zones() - offered_zones():
            choices = [(zone, zone_in_words(zone)), *choices]
        self.fields["time_zone"].widget = ZoneSelect(choices=choices)

    def clean_time_zone(self) -> str:
        zone: str = self.cleaned_data["time_zone"]
        if zone not in accepted_zones():
            raise forms.ValidationError("We know no time zone of this name.")
        return zone


class SubscriptionOptionsForm(forms.Form):
    """The options of one subscription. The field names are those of the model."""

    frequency = forms.ChoiceField(label="How often", choices=FREQUENCIES)
    min_upvotes = forms.IntegerField(
        label="Upvotes, at least", min_value=0, max_value=MAX_MIN_UPVOTES
    )
    max_papers = forms.IntegerField(label="Papers, at most", min_value=1, max_value=60)
