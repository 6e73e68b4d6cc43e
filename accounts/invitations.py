"""Invites people to work in the admin: an address and a role, and an email with a link.

The link is allauth's for a new password. Who opens it reads the mailbox, so the address counts as
confirmed; after signing in, the admin's first page leads to two-step sign-in. Where no email goes
to the address, the administrator, who may set passwords anyway, gets the link to pass it on.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.app_settings import PASSWORD_RESET_TOKEN_GENERATOR
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.decorators import action
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminSelectWidget

from accounts import roles
from accounts.admin_base import BaseAdmin
from accounts.models import User


class InvitationForm(forms.Form):
    address = forms.EmailField(
        label="Email address", widget=UnfoldAdminEmailInputWidget({"autofocus": True})
    )
    role = forms.ChoiceField(label="Role", widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        (role := self.fields["role"]).choices = [  # type: ignore[attr-defined]
            choice for choice in roles.choices(None) if choice[0] != roles.READER
        ]
        role.initial = self.fields["role"].choices[0][0]  # type: ignore[attr-defined]

    def clean_address(self) -> str:
        address: str = get_adapter().clean_email(self.cleaned_data["address"].lower())
        return address

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        user = User.objects.filter(email__iexact=cleaned.get("address", "")).first()
        if user and not user.is_active:
            self.add_error("address", "This account may not sign in. Change that on its page.")
        elif user and roles.current_role(user) not in {roles.READER, cleaned.get("role")}:
            self.add_error("address", "This account has a role. Change it on its page.")
        return cleaned


class InvitationMixin(BaseAdmin):
    """A button above the list of users, for administrators."""

    actions_list = ["invite"]

    def has_invite_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    @action(  # type: ignore[untyped-decorator]
        description="Invite a curator", url_path="invite", permissions=["invite"]
    )
    def invite(self, request: HttpRequest) -> HttpResponse:
        if not self.has_invite_permission(request):
            raise PermissionDenied
        form = InvitationForm(request.POST or None)
        context = self.admin_site.each_context(request) | {
            "title": "Invite a curator",
            "opts": self.opts,
            "form": form,
        }
        if request.method == "POST" and form.is_valid():
            role = form.cleaned_data["role"]
            user, link = invite(request, form.cleaned_data["address"], role)
            summary = f"Invited as {dict(roles.choices(None))[role]}"
            self.log_changes(request, [user], summary)
            if not link:
                self.message_user(request, f"{summary}: {user.email}.", messages.SUCCESS)
                return self.redirect_to(request, "accounts_user_changelist")
            context["form"] = InvitationForm()  # for the next person
            context |= {"summary": summary, "address": user.email, "link": link}
        return TemplateResponse(request, "admin/accounts/user/invite.html", context)


@transaction.atomic
def invite(request: HttpRequest, address: str, role: str) -> tuple[User, str]:
    """Give the role to the account of this address, which is made where there is none; send a link.

    Returns the account, and the link where no email goes to this address, else an empty string.
    Nothing is changed where the email cannot be sent.
    """
    user = User.objects.filter(email__iexact=address).first() or User(email=address)
    owned = EmailAddress.objects.filter(user=user.pk, email__iexact=user.email, verified=True)
    if not owned.exists():
        user.set_unusable_password()  # it may be of somebody who does not read this mailbox
        user.save()
        confirm_address(user)
    roles.give(user, role)
    adapter = get_adapter(request)
    key = f"{user_pk_to_url_str(user)}-{PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)}"
    link: str = adapter.get_reset_password_from_key_url(key)
    if not adapter.may_write_to(user.email):
        return user, link
    context = {
        "password_reset_url": link,
        "admin_url": request.build_absolute_uri(reverse("admin:index")),
        "role": dict(roles.choices(None))[role].partition(":")[0],
        "has_password": user.has_usable_password(),
    }
    adapter.send_mail("account/email/invitation", user.email, context)
    return user, ""


def confirm_address(user: User) -> None:
    """Take the address from an account that never confirmed it; sign-in needs it to be primary."""
    addresses = EmailAddress.objects
    addresses.filter(email__iexact=user.email).exclude(user=user).delete()
    addresses.filter(user=user).exclude(email__iexact=user.email).update(primary=False)
    mine, _ = addresses.get_or_create(
        user=user, email__iexact=user.email, defaults={"email": user.email.lower()}
    )
    mine.verified = mine.primary = True
    mine.save()
