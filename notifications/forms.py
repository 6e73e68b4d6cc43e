"""The form by which a reader chooses what they get an email about."""

from typing import Any

from django import forms
from django.conf import settings

from notifications.models import Notification


class MailChoiceForm(forms.Form):
    kinds = forms.MultipleChoiceField(
        label="Email me about",
        choices=Notification.Kind,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="At most one email a day. Each has a link that stops them.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not settings.COMMENTS:
            kinds = [kind for kind in Notification.Kind.choices if kind[0] != "reply"]
            self.fields["kinds"].choices = kinds  # type: ignore[attr-defined]
