"""Forms of accounts: signing up, with a public name, and adding a passkey."""

from typing import Any

from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.socialaccount.forms import SignupForm as AllauthLinkedSignupForm
from django import forms
from django.contrib import messages
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from accounts.models import User
from accounts.public_name import HANDLE_HELP, MAX_NAME_CHARS, clean_display_name, clean_handle

HANDLE_TAKEN = "Somebody has this handle already. Please choose another."


class PublicNameFields(forms.Form):
    """A display name and a handle, both optional: who only reads and votes needs neither."""

    name = forms.CharField(
        label="Name",
        required=False,
        max_length=MAX_NAME_CHARS,
        help_text="Shown to others beside what you submit.",
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    handle = forms.CharField(
        label="Handle",
        required=False,
        max_length=100,  # a longer one than allowed is explained by `clean_handle`
        help_text=HANDLE_HELP,
        widget=forms.TextInput(
            {"autocomplete": "nickname", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def clean_name(self) -> str:
        return clean_display_name(self.cleaned_data["name"])

    def clean_handle(self) -> str:
        handle = clean_handle(self.cleaned_data["handle"])
        if handle and self.other_users().filter(handle=handle).exists():
            raise forms.ValidationError(HANDLE_TAKEN)
        return handle

    def other_users(self) -> Any:
        return User.objects.all()


class NamedSignupMixin(PublicNameFields):
    def signup(self, request: HttpRequest, user: User) -> None:
        """allauth's hook, called when the user is saved."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
        if not user.take_handle(self.cleaned_data["handle"]):
            messages.warning(request, f"{HANDLE_TAKEN} Your account has none yet.")


class SignupForm(NamedSignupMixin, AllauthSignupForm):
    """As much work for an address with an account as for one without."""

    field_order = ["email", "password1", "name", "handle"]

    def try_save(self, request: HttpRequest) -> Any:
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])  # most of the work for a new account
        return super().try_save(request)


class LinkedSignupForm(NamedSignupMixin, AllauthLinkedSignupForm):
    """For who comes from ORCID, GitHub or Google: the address they have there is filled in."""

    field_order = ["email", "name", "handle"]


class AddPasskeyForm(AddWebAuthnForm):
    """allauth's, in our words; MFA_FORMS names it."""

    name = forms.CharField(
        required=False,
        max_length=80,
        help_text="To tell it from others, such as “Laptop”.",
    )
    passwordless = forms.BooleanField(
        label="Sign in with it alone, without a password",
        required=False,
        initial=True,
        help_text="Your device then asks for your finger, face or PIN each time. "
        "Untick this for a small security key that cannot.",
    )
