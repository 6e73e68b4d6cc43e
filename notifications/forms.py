"""The form by which a reader chooses what they get an email about."""

from django import forms

from notifications.models import Notification


class MailChoiceForm(forms.Form):
    kinds = forms.MultipleChoiceField(
        label="Email me about",
        choices=Notification.Kind,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="At most one email a day. Each has a link that stops them.",
    )
