"""The form of a reader's public profile: name, handle, and what strangers see of them."""

from typing import Any

from django import forms

from accounts.forms import HANDLE_TAKEN, PublicNameFields
from accounts.models import User

# Fields of User, with what each shows on /readers/HANDLE and elsewhere.
SWITCHES = {
    "shows_submitted": "Papers you submitted, and your name beside them",
    "shows_orcid": "Your ORCID iD, from the linked ORCID account",
    "shows_lists": "Your public lists",
    "shows_comments": "Your comments",
    "shows_upvotes": "Your upvotes, and your name beside them",
}


class ProfileForm(PublicNameFields):
    shown = forms.MultipleChoiceField(
        label="What others see on your public page",
        choices=list(SWITCHES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any, user: User) -> None:
        self.user = user
        shown = [switch for switch in SWITCHES if getattr(user, switch)]
        initial = {"name": user.name, "handle": user.handle or "", "shown": shown}
        super().__init__(data, initial=initial)

    def other_users(self) -> Any:
        return User.objects.exclude(pk=self.user.pk)

    def save(self) -> bool:
        """False where somebody else took the handle in this moment; then nothing is changed."""
        user, named_before = self.user, self.user.submitter_name
        if not user.take_handle(self.cleaned_data["handle"]):
            self.add_error("handle", HANDLE_TAKEN)
            return False
        user.name = self.cleaned_data["name"]
        for switch in SWITCHES:
            setattr(user, switch, switch in self.cleaned_data["shown"])
        user.save(update_fields=["name", *SWITCHES])
        # A source may have named another submitter: that name stays.
        named = user.submitted.filter(submitter_name__in=["", named_before])
        named.exclude(submitter_name=user.submitter_name).update(submitter_name=user.submitter_name)
        return True
