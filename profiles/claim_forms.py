"""The forms of a claim: how it is proven, the appeal; link and picture on the author's page."""

from typing import Any

from django import forms

from accounts.mail_address import check_mail_address
from papers.models import Paper
from papers.sources import clean
from papers.web.submit_forms import text_field
from profiles.models import Claim
from profiles.models.claim import MAX_APPEAL_CHARS, MAX_LINK_LABEL_CHARS


class AddressForm(forms.Form):
    address = forms.EmailField(
        label="Email address of your institution",
        validators=[check_mail_address],
        help_text="We send a link to it. The editors see the address; nobody else does.",
    )


class AppealForm(forms.Form):
    what, button = "appeal", "Send appeal"
    appeal = text_field(
        "Why is the decision wrong?",
        MAX_APPEAL_CHARS,
        forms.Textarea({"rows": 4}),
        help_text="You can appeal once.",
    )

    def clean_appeal(self) -> str:
        return clean.paragraphs(self.cleaned_data["appeal"])


class AuthorPageForm(forms.Form):
    """What an author adds to their page. Nothing is uploaded: the site has the pictures already."""

    what, button = "page", "Save changes"
    link = forms.URLField(
        label="Link on the page of the author",
        required=False,
        max_length=500,
        assume_scheme="https",
    )
    link_label = text_field(
        "Text of the link", MAX_LINK_LABEL_CHARS, forms.TextInput(), required=False
    )

    picture_paper = forms.ModelChoiceField(
        Paper.objects.none(),
        label="Picture of your work",
        required=False,
        empty_label="No picture",
        help_text="Choose one of your papers of which this site shows a picture.",
    )

    def __init__(self, claim: Claim, data: Any = None) -> None:
        names = ("link", "link_label", "picture_paper")
        initial = {name: getattr(claim, name) for name in names}
        super().__init__(data, initial=initial, auto_id=f"claim-{claim.pk}-%s")
        field = self.fields["picture_paper"]
        field.queryset = claim.papers_with_pictures()  # type: ignore[attr-defined]
        field.label_from_instance = lambda paper: paper.title_text  # type: ignore[attr-defined]

    def clean_link(self) -> str:
        """Web addresses alone."""
        link: str = self.cleaned_data["link"]
        if link and not clean.url(link):
            raise forms.ValidationError("Link: this is not a web address.")
        return link

    def clean_link_label(self) -> str:
        return clean.line(self.cleaned_data["link_label"])
