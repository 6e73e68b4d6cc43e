"""The form of a new API token."""

from django import forms

from papers.sources import clean
from papers.web.submit_forms import text_field
from reader_api.models import ApiToken
from reader_api.models.api_token import MAX_NAME_CHARS

Scope = ApiToken.Scope


class TokenForm(forms.Form):
    name = text_field(
        "Name",
        MAX_NAME_CHARS,
        forms.TextInput({"autocomplete": "off"}),
        help_text="To tell it from others, such as “Notebook”.",
    )
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        choices=Scope.choices,
        initial=[Scope.READ],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one thing that the token may do."},
    )

    def clean_name(self) -> str:
        name = clean.line(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError("Name: this is missing.")
        return name
