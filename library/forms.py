"""The forms of the library: a list, a note, an import."""

from collections.abc import Mapping
from typing import Any, Self

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet

from library import references
from library.models import ReadingList
from library.models.note import MAX_NOTE_CHARS
from library.models.reading_list import MAX_DESCRIPTION_CHARS, MAX_TITLE_CHARS
from papers.models.report import MAX_WORDS_CHARS
from papers.sources import clean
from papers.web.submit_forms import text_field

MAX_IMPORT_CHARS = 2_000_000


class ListForm(forms.Form):
    """A new list, or what its owner changes of an old one."""

    title = text_field("Title", MAX_TITLE_CHARS, forms.TextInput())
    description = text_field(
        "Description", MAX_DESCRIPTION_CHARS, forms.Textarea({"rows": 3}), required=False
    )
    is_public = forms.BooleanField(
        label="Public",
        required=False,
        help_text="Everybody may read and follow it. It names you if your profile shows lists.",
    )

    def __init__(self, others: QuerySet[ReadingList], *args: Any, **options: Any) -> None:
        """`others` are those of its owner that must have another title."""
        super().__init__(*args, **{"auto_id": "list-%s", **options})
        self.others = others

    @classmethod
    def to_change(cls, own: ReadingList, data: Mapping[str, Any] | None = None) -> Self:
        """A title that stays may be that of an older list, too."""
        others = ReadingList.objects.of_reader(own.owner).exclude(pk=own.pk)
        return cls(others, data, initial={name: getattr(own, name) for name in cls.base_fields})

    def clean_title(self) -> str:
        title = clean.line(self.cleaned_data["title"])
        if not title:
            raise forms.ValidationError("Title: this is missing.")
        if "title" not in self.changed_data:
            return title
        if same := self.others.filter(title__iexact=title).first():
            raise forms.ValidationError(
                f"You have a list “{same.title}” already. Choose another title."
            )
        return title

    def clean_description(self) -> str:
        return clean.paragraphs(self.cleaned_data["description"])


class ListReportForm(forms.Form):
    words = text_field(
        "What is wrong with it?",
        MAX_WORDS_CHARS,
        forms.Textarea({"rows": 3}),
        help_text="Only the editors read this.",
    )

    def clean_words(self) -> str:
        return clean.line(self.cleaned_data["words"])


class NoteForm(forms.Form):
    text = text_field("Note", MAX_NOTE_CHARS, forms.Textarea({"rows": 12}), required=False)

    def clean_text(self) -> str:
        """Its lines stay lines."""
        lines = self.cleaned_data["text"].replace("\r\n", "\n").split("\n")
        return "\n".join(clean.UNSTORABLE.sub("", line).rstrip() for line in lines).strip()


class ImportForm(forms.Form):
    """A file or pasted text. Cleaned: `found`, the references in it, and `into`, a list or None."""

    text = text_field(
        "Ids, DOIs, links or BibTeX",
        MAX_IMPORT_CHARS,
        forms.Textarea({"rows": 8, "spellcheck": "false"}),
        required=False,
        help_text="One paper a line, or BibTeX entries.",
    )
    file = forms.FileField(label="Or a file", required=False, help_text=".bib or .txt")
    into = forms.ModelChoiceField(
        ReadingList.objects.none(), label="Add them to", required=False, empty_label="Saved papers"
    )

    def __init__(self, lists: QuerySet[ReadingList], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["into"].queryset = lists  # type: ignore[attr-defined]

    def clean_file(self) -> str:
        return uploaded_text(self.cleaned_data["file"], MAX_IMPORT_CHARS)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.errors:
            return given
        try:
            found = references.read(f"{given['text']}\n{given['file']}")
        except references.TooManyReferences:
            raise forms.ValidationError(
                f"These are more than {references.MAX_REFERENCES:,} papers. Import them in parts."
            ) from None
        if not found:
            raise forms.ValidationError("There is nothing to import. Paste ids, or choose a file.")
        return {"found": found, "into": given["into"]}


def uploaded_text(file: "UploadedFile[Any] | None", max_bytes: int) -> str:
    """The text of an uploaded file; empty where there is none. Raises ValidationError."""
    if file and (file.size or 0) > max_bytes:
        raise forms.ValidationError(f"The file is larger than {max_bytes:,} bytes.")
    return file.read().decode("utf-8-sig", "replace") if file else ""
