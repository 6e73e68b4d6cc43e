"""The forms of comments: write, edit, report."""

from django import forms

from comments.models import MAX_TEXT_CHARS, Comment
from papers.web.submit_forms import text_field

MARKDOWN_HELP = "Markdown, and TeX between dollar signs: $x^2$."


class CommentForm(forms.Form):
    """`reply_to` is the number of the comment that this one replies to, or nothing."""

    text = text_field(
        "Your comment", MAX_TEXT_CHARS, forms.Textarea({"rows": 4}), help_text=MARKDOWN_HELP
    )
    by_program = forms.BooleanField(label="A program wrote this", required=False)
    reply_to = forms.ModelChoiceField(
        Comment.objects.all(), required=False, widget=forms.HiddenInput
    )


class EditForm(forms.Form):
    text = text_field(
        "Your comment", MAX_TEXT_CHARS, forms.Textarea({"rows": 6}), help_text=MARKDOWN_HELP
    )


class ReportForm(forms.Form):
    words = text_field(
        "What is wrong with it?",
        500,
        forms.Textarea({"rows": 3}),
        help_text="Only the editors read this.",
    )
