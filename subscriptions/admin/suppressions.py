"""Admin pages of suppressions: addresses and domains that this site never writes to again."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.validators import DomainNameValidator, validate_email
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextInputWidget

from accounts.admin_base import BaseAdmin
from papers.bounded_numbers import bounded_number
from subscriptions.models import Subscriber, Suppression
from subscriptions.models.subscriber import normalize_address

SCOPES = [
    (Suppression.Scope.BULK, "Digests and their confirmations; account mail still goes"),
    (Suppression.Scope.ALL, "All mail, also sign-in links and new passwords"),
]


class AddressOrDomainField(forms.CharField):
    """Its value is an address, or `@` and a domain; lower case."""

    def __init__(self) -> None:
        super().__init__(
            label="Address or domain",
            max_length=254,
            widget=UnfoldAdminTextInputWidget,
            help_text="ada@example.org; or example.org for every address there. "
            "Subdomains are domains of their own.",
        )

    def clean(self, value: Any) -> str:
        target = normalize_address(super().clean(value))
        if target.rpartition("@")[0]:
            validate_email(target)
            return target
        domain = target.removeprefix("@")
        if "." not in domain:
            raise ValidationError("This is neither an address nor a domain, such as example.org.")
        DomainNameValidator()(domain)
        return f"@{domain}"


class ReasonForm(forms.Form):
    """What a curator says who ends mail: how much of it, and why."""

    scope = forms.ChoiceField(
        label="What ends",
        choices=SCOPES,
        initial=Suppression.Scope.BULK,
        widget=UnfoldAdminRadioSelectWidget,
    )
    note = forms.CharField(label="Why", max_length=200, widget=UnfoldAdminTextInputWidget)


class SuppressionForm(ReasonForm, forms.ModelForm):  # type: ignore[type-arg]
    """For a new one; the address is kept as a hash alone."""

    target = AddressOrDomainField()
    field_order = ["target", "scope", "note"]

    class Meta:
        model = Suppression
        fields = ["scope", "note"]


def suppress(target: str, answers: dict[str, Any]) -> Suppression:
    """`answers` are the cleaned values of a ReasonForm."""
    return Suppression.objects.add(
        target, Suppression.Reason.CURATOR, answers["scope"], answers["note"]
    )


@admin.register(Suppression)
class SuppressionAdmin(BaseAdmin):
    list_display = ["address_hash", "is_domain", "reason", "scope", "note", "created_at"]
    list_filter = ["reason", "scope", "is_domain"]
    search_fields = ["address_hash", "note"]
    fields = ["address_hash", "is_domain", "reason", "scope", "note", "created_at"]
    readonly_fields = ["address_hash", "is_domain", "created_at"]
    list_before_template = "admin/subscriptions/subscriber/why_link.html"

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any
    ) -> Any:
        return super().get_form(request, obj, change, **options) if change else SuppressionForm

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fields(request, obj) if obj else ["target", "scope", "note"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_readonly_fields(request, obj) if obj else []

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """`?subscriber=` is a key, so that no log of a proxy has the address."""
        if not request.user.has_perm("subscriptions.view_subscriber"):
            return {}
        try:
            key = bounded_number(request.GET.get("subscriber", ""))
            return {"target": Subscriber.objects.get(pk=key).address}
        except (ValueError, Subscriber.DoesNotExist):
            return {}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
        else:
            self._add(request, obj, form.cleaned_data)

    def _add(self, request: HttpRequest, obj: Suppression, answers: dict[str, Any]) -> None:
        """Set `obj` to the row, which may have been there before."""
        target = answers["target"]
        obj.pk = suppress(target, answers).pk
        obj.refresh_from_db()
        if target.startswith("@"):
            count = Subscriber.objects.filter(address__endswith=target).count()
            text = f"Subscribers with an address at {target[1:]}: {count}."
            self.message_user(request, text, messages.WARNING if count else messages.INFO)
