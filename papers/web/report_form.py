"""The form with which a reader reports a paper."""

from typing import Any

from django import forms

from papers.models import Report
from papers.models.report import MAX_WORDS_CHARS
from papers.sources import clean
from papers.web.submit_forms import text_field


class ReportForm(forms.Form):
    reason = forms.ChoiceField(
        label="What is the problem?",
        choices=[("", "Choose …"), *Report.Reason.choices],
        error_messages={"required": "Choose what the problem is."},
    )
    words = text_field(
        "In your words",
        MAX_WORDS_CHARS,
        forms.Textarea({"rows": 3}),
        required=False,
        help_text="Only the editors read this. If the paper is here twice: which is the other?",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "report-%s", **options})

    def clean_words(self) -> str:
        words = clean.line(self.cleaned_data["words"])
        if not words and self.cleaned_data.get("reason") == Report.Reason.WRONG:
            raise forms.ValidationError("Say what is wrong.")
        return words
