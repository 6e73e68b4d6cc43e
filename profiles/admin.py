"""Claims to be an author in the admin: a curator accepts or refuses each, with a reason.

A curator can also take the picture off the page of the author.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.admin_base import BaseAdmin
from accounts.models import User
from profiles.domain_evidence import evidence_for
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
    fields += ["domain_in_papers", "proven_at", "appeal", "appealed_at", "decided_by"]
    fields += ["decided_at", "link", "picture_paper"]
    readonly_fields = fields[2:]
    list_display = ["author", "reader", "evidence", "domain", "state", "proven_at", "appealed_at"]
    list_filter = ["state", "evidence"]
    search_fields = ["author", "reader__email", "address"]
    list_select_related = ["reader"]
    ordering = ["-pk"]
    actions = ["remove_picture"]

    @admin.display(description="the domain and the papers")
    def domain_in_papers(self, claim: Claim) -> str:
        return evidence_for(claim.domain, claim.author) if claim.domain else "No email address."

    @admin.action(description="Remove the picture", permissions=["change"])
    def remove_picture(self, request: HttpRequest, claims: Any) -> None:
        rows = list(claims.exclude(picture_paper=None))
        Claim.objects.filter(pk__in=[row.pk for row in rows]).update(picture_paper=None)
        self.log_changes(request, rows, "Picture removed")
        self.report_success(request, "Picture removed", len(rows))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Claim, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)
        obj.decide(Claim.State(obj.state), obj.reason, request.user)
