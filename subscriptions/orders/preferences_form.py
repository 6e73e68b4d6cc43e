"""The forms of the preferences page: time, each subscription, and what may be added."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.db import transaction
from django.http import QueryDict

from subscriptions.models import Subscriber, Subscription
from subscriptions.orders import reader_sections
from subscriptions.orders.form_parts import (
    DeliveryTimeForm,
    PaperChoiceForm,
    SubscriptionOptionsForm,
)
from subscriptions.orders.order_request import (
    TooManySubscriptions,
    add_subscriptions,
    subscription_keys,
)


class PreferencesForm:
    """All forms of the page for one subscriber, valid and saved together."""

    def __init__(self, subscriber: Subscriber, data: QueryDict | None = None) -> None:
        self.subscriber = subscriber
        subscriptions = list(subscriber.subscriptions.with_readers().select_related("topic"))
        self.first = subscriptions[0] if subscriptions else Subscription()
        initial: Mapping[str, Any] = {
            "weekday": self.first.weekday,
            "hour": subscriber.hour,
            "time_zone": subscriber.time_zone,
        }
        self.time = DeliveryTimeForm(data, initial=initial)
        self.subscriptions = [EditSubscriptionForm(each, data) for each in subscriptions]
        self.more = AddForm(subscriptions, data)
        self.errors: list[str] = []

    def save(self, now: datetime) -> bool:
        """Save all forms, or nothing where one of them has an error. Whether it was saved."""
        shown = [form for form in self.subscriptions if form.is_bound]
        if not all(form.is_valid() for form in (self.time, self.more, *shown)):
            self.errors = ["Nothing was kept yet: please look at what is marked."]
            return False
        if all(form.is_removed for form in self.subscriptions) and not self.more.subscription_keys:
            self.errors = [
                "That would leave nothing. Keep one subscription, or stop all emails below."
            ]
            return False
        try:
            self._save(now)
        except TooManySubscriptions as error:
            self.errors = [str(error)]
            return False
        return True

    @transaction.atomic
    def _save(self, now: datetime) -> None:
        subscriber, subscriptions = self.subscriber, self.subscriber.subscriptions
        for form in self.subscriptions:
            form.save()
        add_subscriptions(subscriber, self.more.subscription_keys, like=self.first)
        subscriptions.update(weekday=self.time.cleaned_data["weekday"])
        subscriber.hour = self.time.cleaned_data["hour"]
        subscriber.time_zone = self.time.cleaned_data["time_zone"]
        subscriber.save(update_fields=["hour", "time_zone"])
        subscriber.schedule_next_issue(now)


class AddForm(PaperChoiceForm):
    """What may be added, also by the account that has confirmed the address."""

    own = forms.MultipleChoiceField(
        label="By your account", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, subscriptions: Sequence[Subscription], data: QueryDict | None) -> None:
        super().__init__(data, prefix="more")
        had = {subscription.what for subscription in subscriptions}
        reader_id = subscriptions[0].reader_id if subscriptions else None
        offered = [each for each in reader_sections.offered(reader_id) if each[0] not in had]
        if offered:
            self.fields["own"].choices = offered  # type: ignore[attr-defined]
        else:
            del self.fields["own"]

    @property
    def subscription_keys(self) -> list[dict[str, Any]]:
        own = subscription_keys(False, [], own=self.cleaned_data.get("own", []))
        return super().subscription_keys + own


class EditSubscriptionForm(SubscriptionOptionsForm):
    """Changes or ends one subscription."""

    remove = forms.BooleanField(label="Remove", required=False)

    def __init__(self, subscription: Subscription, data: QueryDict | None) -> None:
        self.subscription = subscription
        prefix = f"order-{subscription.pk}"
        # A subscription made since the page was opened is not in its POST, and stays as it is.
        was_shown = data is not None and f"{prefix}-frequency" in data
        names = SubscriptionOptionsForm.base_fields
        initial = {name: getattr(subscription, name) for name in names}
        super().__init__(data if was_shown else None, prefix=prefix, initial=initial)

    @property
    def is_removed(self) -> bool:
        return self.is_bound and bool(self.cleaned_data["remove"])

    def save(self) -> None:
        if self.is_removed:
            self.subscription.delete()
        elif self.is_bound and self.has_changed():
            names = SubscriptionOptionsForm.base_fields
            changed = {name: self.cleaned_data[name] for name in names}
            Subscription.objects.filter(pk=self.subscription.pk).update(**changed)
