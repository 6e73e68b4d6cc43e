"""The forms with which readers add papers: to confirm a record, or to describe a paper by hand."""

import ipaddress
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import User
from papers.models.submission import MAX_WHY_CHARS
from papers.sources import Entry, author_names, clean, html_text
from papers.sources.addresses import is_public
from papers.submissions.accept import is_curator
from papers.submissions.known_papers import ARCHIVED, NotRecognised, read

MAX_TITLE_CHARS = 300
MAX_AUTHORS_CHARS = 5_000
MAX_ABSTRACT_CHARS = 6_000
PRIVATE_SUFFIXES = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa")


def text_field(label: str, max_chars: int, widget: forms.Widget, **options: Any) -> forms.CharField:
    """Without a limit in the browser, which would cut what is pasted and say nothing."""
    field = forms.CharField(
        label=label,
        max_length=max_chars,
        widget=widget,
        error_messages={
            "required": f"{label}: this is missing.",
            "max_length": f"%(show_value)s characters; at most {max_chars:,} are possible.",
        },
        **options,
    )
    field.widget.attrs.pop("maxlength", None)
    return field


class ConfirmForm(forms.Form):
    """What a reader says when they confirm a card; curators choose the day too."""

    why = text_field(
        "Why this paper?",
        MAX_WHY_CHARS,
        forms.TextInput(),
        required=False,
        help_text="One line for the editors.",
    )
    mail_wanted = forms.BooleanField(label="Email me what becomes of it", required=False)
    day = forms.DateField(
        label="Day",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text="The page that will show it; a day to come is possible.",
        error_messages={"required": "Choose a day.", "invalid": "Write the day as 2025-03-14."},
    )

    def __init__(self, reader: User, *args: Any, **options: Any) -> None:
        options.setdefault("initial", {}).setdefault("day", timezone.localdate())
        super().__init__(*args, **options)
        if is_curator(reader):
            del self.fields["mail_wanted"]
        else:
            del self.fields["day"]
            if reader.is_trusted:
                del self.fields["mail_wanted"]
        self.reader = reader

    def options(self) -> dict[str, Any]:
        """The arguments of `accept`."""
        day: date | None = self.cleaned_data.get("day")
        mail_wanted = bool(self.cleaned_data.get("mail_wanted"))
        return {"why": clean.line(self.cleaned_data["why"]), "mail_wanted": mail_wanted, "day": day}


class HandForm(ConfirmForm):
    """A paper as a reader describes it."""

    title = text_field("Title", MAX_TITLE_CHARS, forms.TextInput())
    authors = text_field(
        "Authors", MAX_AUTHORS_CHARS, forms.Textarea({"rows": 2}), help_text="Ada Quill, Ben Marsh"
    )
    abstract = text_field(
        "Abstract", MAX_ABSTRACT_CHARS, forms.Textarea({"rows": 8}), required=False
    )
    link = text_field(
        "Link",
        clean.MAX_URL_CHARS,
        forms.TextInput({"inputmode": "url"}),
        help_text="The page of the paper, or its PDF.",
    )
    field_order = ["link", "title", "authors", "abstract", "why", "mail_wanted", "day"]

    def clean_title(self) -> str:
        title = self.cleaned_data["title"]
        _refuse_html("title", title)
        if not any(c.isalpha() for c in title):
            raise ValidationError("A title has letters.")
        return clean.line(title)

    def clean_authors(self) -> tuple[str, ...]:
        authors = self.cleaned_data["authors"]
        _refuse_html("authors", authors)
        names = author_names.split(", ".join(filter(None, map(str.strip, authors.splitlines()))))
        if not names:
            raise ValidationError("There is no name here. Write names with commas between.")
        return names

    def clean_abstract(self) -> str:
        _refuse_html("abstract", self.cleaned_data["abstract"])
        return clean.paragraphs(self.cleaned_data["abstract"])

    def clean_link(self) -> str:
        link = clean.url(self.cleaned_data["link"])
        if not link:
            raise ValidationError(
                "This is no web address. It begins with http:// or https:// and has no blanks."
            )
        if not settings.FETCH_ALLOW_PRIVATE and is_private(urlsplit(link).hostname or ""):
            raise ValidationError(
                "Readers cannot open this address: it is of a private network. "
                "Use one that is public."
            )
        return link

    def clean(self) -> dict[str, Any] | None:
        """A title of which nothing is left to see, such as `{}`, makes no entry."""
        cleaned = super().clean()
        if not self.errors:
            try:
                self.entry = self._entry()
            except ValueError as error:
                self.add_error("title", str(error))
        return cleaned

    def _entry(self) -> Entry:
        given, ids = self.cleaned_data, {}
        try:
            scheme, value = read(given["link"]).name
            ids = {scheme: value} if scheme in ARCHIVED else {}
        except NotRecognised:  # more than one id in the address: it is a link like any other
            pass
        is_pdf = urlsplit(given["link"]).path.lower().endswith(".pdf")
        return Entry(
            title=given["title"],
            abstract=given["abstract"],
            authors=given["authors"],
            arxiv_id=ids.get("arxiv", ""),
            doi=ids.get("doi", ""),
            identifiers=tuple(("openreview", v) for s, v in ids.items() if s == "openreview"),
            abstract_url=given["link"],
            pdf_url=given["link"] if is_pdf else "",
        )


def is_private(host: str) -> bool:
    """Whether a host can only be in a private network, as far as its name says."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." not in host.strip(".") or host.lower().rstrip(".").endswith(PRIVATE_SUFFIXES)
    return not is_public(host)


def _refuse_html(name: str, text: str) -> None:
    if tag := html_text.IS_HTML.search(text):
        raise ValidationError(f"The {name} has HTML in it ({tag[0][:40]}). Write plain text.")
