"""The field that chooses whose digest is previewed, for those who may see subscribers."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminEmailInputWidget

from accounts.models import User
from subscriptions.models import Subscriber


class SubscriberChoiceForm(forms.Form):
    """Whose digest is shown; without an address that for nobody in particular."""

    subscriber = forms.EmailField(
        label="As it is for", required=False, widget=UnfoldAdminEmailInputWidget
    )

    def __init__(self, data: Any, user: User) -> None:
        super().__init__(data)
        # A disabled field has its initial value, whatever the request says.
        self.fields["subscriber"].disabled = not user.has_perm("subscriptions.view_subscriber")

    def clean_subscriber(self) -> Subscriber | None:
        address = self.cleaned_data["subscriber"]
        subscriber = Subscriber.objects.by_address(address) if address else None
        if address and subscriber is None:
            raise forms.ValidationError("Nobody subscribed with this address.")
        return subscriber
