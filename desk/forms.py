"""What some actions ask a curator: a day, a place, a reason, topics."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from papers.curation.actions import HideReason
from papers.curation.order import MAX_POSITION
from papers.models import Topic

MAX_DAYS_AHEAD = 60


class DayForm(forms.Form):
    day = forms.DateField(
        label="Day", widget=forms.DateInput({"type": "date", "autofocus": True}, format="%Y-%m-%d")
    )

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day > timezone.localdate() + timedelta(days=MAX_DAYS_AHEAD):
            raise forms.ValidationError(f"Choose a day within the next {MAX_DAYS_AHEAD} days.")
        return day


class PlaceForm(forms.Form):
    position = forms.IntegerField(
        label="Place on the page; empty leaves it to the votes",
        required=False,
        min_value=1,
        max_value=MAX_POSITION,
        widget=forms.NumberInput({"autofocus": True}),
    )


class HideForm(forms.Form):
    reason = forms.ChoiceField(label="Reason", choices=HideReason.choices, widget=forms.RadioSelect)
    words = forms.CharField(
        label="In your words; all can read them in the log",
        required=False,
        max_length=160,
        widget=forms.TextInput,
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "reason" in cleaned:
            try:
                cleaned["why"] = HideReason(cleaned["reason"]).with_words(cleaned.get("words", ""))
            except ValueError as error:
                self.add_error("words", str(error))
        return cleaned


class TopicsForm(forms.Form):
    """Ticked topics are added and others taken away, where the choice differs from `shown`."""

    topics = forms.ModelMultipleChoiceField(
        Topic.objects.all(), label="Topics", required=False, widget=forms.CheckboxSelectMultiple
    )
    shown = forms.ModelMultipleChoiceField(
        Topic.objects.all(), required=False, widget=forms.MultipleHiddenInput
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        ticked, shown = set(cleaned.get("topics", [])), set(cleaned.get("shown", []))
        return cleaned | {
            "add": sorted(ticked - shown, key=str),
            "remove": sorted(shown - ticked, key=str),
        }


class MergeForm(forms.Form):
    keep = forms.IntegerField(min_value=1)
