"""The form with which a reader makes an interest, or changes one and adds to it."""

from typing import Any

from django import forms
from django.db import transaction

from accounts.models import User
from interests.models import Interest, InterestPaper
from interests.models.interest import (
    MAX_INTERESTS,
    MAX_NAME_CHARS,
    MAX_WORD_CHARS,
    MAX_WORDS,
    TooManyWords,
)
from interests.models.interest_paper import MAX_PAPERS, FullInterest
from interests.words import as_word
from library import references
from library.forms import uploaded_text
from library.named_papers import find_referenced
from papers.sources import clean
from papers.web.submit_forms import text_field

MAX_WORDS_CHARS = 2_000  # of all words in one field
MAX_REFERENCES_CHARS = 1_000_000
NOTHING_TO_LEARN_FROM = "Choose something to learn from: saved or upvoted papers, words, or papers."
TOO_MANY_INTERESTS = f"You have {MAX_INTERESTS} interests, which is the most. Delete one first."
TOO_MANY_WORDS = f"An interest has room for {MAX_WORDS} words of yours."
TOO_MANY_PAPERS = f"An interest has room for {MAX_PAPERS} papers."


class InterestForm(forms.Form):
    """Words and papers are added to those that the interest has.

    After `save`, `not_found` has the references that name no paper of this site.
    """

    name = text_field("Name", MAX_NAME_CHARS, forms.TextInput({"autocomplete": "off"}))
    learns_from_saved = forms.BooleanField(label="The papers I save", required=False)
    learns_from_upvoted = forms.BooleanField(label="The papers I upvote", required=False)
    words = text_field(
        "Words",
        MAX_WORDS_CHARS,
        forms.TextInput({"autocomplete": "off"}),
        required=False,
        help_text="With commas between: kv cache, quantisation",
    )
    papers = text_field(
        "Papers",
        MAX_REFERENCES_CHARS,
        forms.Textarea({"rows": 3, "spellcheck": "false"}),
        required=False,
        help_text="arXiv ids, DOIs or links, one a line, or BibTeX.",
    )
    file = forms.FileField(
        label="BibTeX file",
        required=False,
        widget=forms.FileInput({"accept": ".bib,.txt"}),
    )

    def __init__(
        self, reader: User, interest: Interest | None = None, *args: Any, **options: Any
    ) -> None:
        self.reader, self.interest = reader, interest
        self.not_found: list[str] = []
        if interest:
            kept = ("name", "learns_from_saved", "learns_from_upvoted")
            options["initial"] = {field: getattr(interest, field) for field in kept}
        super().__init__(*args, **{"auto_id": "interest-%s", **options})

    def clean_name(self) -> str:
        name = clean.line(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError("Name: this is missing.")
        others = Interest.objects.of_reader(self.reader)
        others = others.exclude(pk=self.interest.pk) if self.interest else others
        if others.filter(name=name).exists():
            raise forms.ValidationError("You have an interest of this name. Choose another name.")
        if self.interest is None and others.count() >= MAX_INTERESTS:
            raise forms.ValidationError(TOO_MANY_INTERESTS)
        return name

    def clean_words(self) -> list[str]:
        given = self.cleaned_data["words"].replace(";", ",").split(",")
        words = list(dict.fromkeys(filter(None, map(as_word, given))))
        for word in words:
            if len(word) > MAX_WORD_CHARS:
                raise forms.ValidationError(
                    f"“{word[:20]}…” is too long. Put commas between words; "
                    f"one has at most {MAX_WORD_CHARS} characters."
                )
        return words

    def clean_file(self) -> str:
        return uploaded_text(self.cleaned_data["file"], MAX_REFERENCES_CHARS)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.errors:
            return given
        try:
            named = references.read(f"{given['papers']}\n{given['file']}")
        except references.TooManyReferences:
            raise forms.ValidationError(TOO_MANY_PAPERS) from None
        self.chosen, missing = find_referenced(named)
        self.not_found = [reference.label for reference in missing]
        learns = given["learns_from_saved"] or given["learns_from_upvoted"]
        if not (self.interest or learns or given["words"] or self.chosen):
            raise forms.ValidationError(self._why_nothing())
        return given

    def save(self) -> Interest | None:
        """The interest, made or changed; None where there is no room, which the form then says."""
        try:
            with transaction.atomic():
                return self._store()
        except TooManyWords:
            self.add_error("words", TOO_MANY_WORDS)
        except FullInterest:
            self.add_error("papers", TOO_MANY_PAPERS)
        return None

    def _store(self) -> Interest:
        interest = self.interest or Interest(reader=self.reader)
        for field in ("name", "learns_from_saved", "learns_from_upvoted"):
            setattr(interest, field, self.cleaned_data[field])
        if self.interest:
            interest.save(update_fields=["name", "learns_from_saved", "learns_from_upvoted"])
        else:
            interest.save()
        interest.decide_on_words(add=self.cleaned_data["words"])
        InterestPaper.objects.choose(interest, self.chosen)
        return interest

    def _why_nothing(self) -> str:
        if self.not_found:
            return "None of these papers is on this site yet."
        return NOTHING_TO_LEARN_FROM
