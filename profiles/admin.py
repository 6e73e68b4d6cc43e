"""Claims to be an author in the admin: a curator accepts or refuses each, with a reason."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.admin_base import BaseAdmin
from accounts.models import User
from profiles.models import Claim


class DecisionForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("state") != Claim.State.WAITING:
            if not self.instance.proven_at:
                raise forms.ValidationError("The reader has not proven this claim yet.")
            if not data.get("reason"):
                self.add_error("reason", "Say why: the reader can read it.")
        return data


@admin.register(Claim)
class ClaimAdmin(BaseAdmin):
    form = DecisionForm
    fields = ["state", "reason", "author", "reader", "evidence", "orcid", "address", "domain"]
    fields += ["proven_at", "appeal", "appealed_at", "decided_by", "decided_at", "link"]
    readonly_fields = fields[2:]
    list_display = ["author", "reader", "evidence", "domain", "state", "proven_at", "appealed_at"]
    list_filter = ["state", "evidence"]
    search_fields = ["author", "reader__email", "address"]
    list_select_related = ["reader"]
    ordering = ["-pk"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Claim, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)
        obj.decide(Claim.State(obj.state), obj.reason, request.user)
