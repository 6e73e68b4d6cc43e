"""The forms of the library: a list, what goes into it, a note."""

from typing import Any

from django import forms

from library.models.note import MAX_NOTE_CHARS
from library.models.reading_list import MAX_DESCRIPTION_CHARS, MAX_TITLE_CHARS
from papers.sources import clean
from papers.web.submit_forms import text_field


class ListForm(forms.Form):
    """A new list, or what its owner changes of an old one."""

    title = text_field("Title", MAX_TITLE_CHARS, forms.TextInput())
    description = text_field(
        "Description", MAX_DESCRIPTION_CHARS, forms.Textarea({"rows": 3}), required=False
    )
    is_public = forms.BooleanField(
        label="Public",
        required=False,
        help_text="Everybody may read it and follow its feed; it names you by your display name.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "list-%s", **options})

    def clean_title(self) -> str:
        title = clean.line(self.cleaned_data["title"])
        if not title:
            raise forms.ValidationError("Title: this is missing.")
        return title

    def clean_description(self) -> str:
        return clean.paragraphs(self.cleaned_data["description"])


class NoteForm(forms.Form):
    text = text_field("Note", MAX_NOTE_CHARS, forms.Textarea({"rows": 12}), required=False)

    def clean_text(self) -> str:
        """Its lines stay lines."""
        lines = self.cleaned_data["text"].replace("\r\n", "\n").split("\n")
        return "\n".join(clean.UNSTORABLE.sub("", line).rstrip() for line in lines).strip()
