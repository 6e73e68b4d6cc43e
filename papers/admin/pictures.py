"""The picture of a paper, on the paper's page in the admin: see, replace, remove, look again."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from accounts.admin_base import BaseAdmin
from papers.models import Paper, Picture
from papers.models.picture import MAX_CAPTION_CHARS
from papers.pictures import storage
from papers.sources import ParseError, sandbox
from papers.sources.picture_sizes import PictureSizes

MAX_UPLOAD_BYTES = 15_000_000


class PictureForm(forms.ModelForm):  # type: ignore[type-arg]
    """The fields of a paper, and those that replace or remove the picture it has."""

    new_picture = forms.FileField(
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text="PNG, JPEG, WebP or GIF. It replaces the picture that was found.",
    )
    new_caption = forms.CharField(
        required=False, max_length=MAX_CAPTION_CHARS, widget=UnfoldAdminTextInputWidget
    )
    no_picture = forms.BooleanField(
        label="Remove the picture", required=False, widget=UnfoldBooleanSwitchWidget
    )

    def clean_new_picture(self) -> PictureSizes | None:
        file = self.cleaned_data["new_picture"]
        if not file:
            return None
        if file.size > MAX_UPLOAD_BYTES:
            raise forms.ValidationError(f"Choose a file of at most {MAX_UPLOAD_BYTES:,} bytes.")
        try:
            return sandbox.encode_picture(file.read())
        except ParseError as error:
            raise forms.ValidationError(f"This file cannot be shown: {error}.") from None


class PictureAdminMixin(BaseAdmin):
    """Of PaperAdmin, which names the actions among its own."""

    form = PictureForm

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = ["picture_now"]
        if self.has_change_permission(request, obj):
            fields += ["new_picture", "new_caption", "no_picture"]
        return [*super().get_fieldsets(request, obj), ("Picture", {"fields": fields})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), "picture_now"]

    @admin.display(description="picture")
    def picture_now(self, paper: Paper) -> SafeString | str:
        picture = Picture.objects.filter(paper=paper).first()
        if picture is None:
            return "not looked for yet"
        if picture.is_stored:
            return format_html(
                '<img src="{}" width="120" height="68" alt="{}"> {}',
                *(picture.row_url, picture.alt, picture.credit),
            )
        return ": ".join(filter(None, (picture.get_state_display(), picture.last_error)))

    def save_model(self, request: HttpRequest, obj: Paper, form: Any, change: bool) -> None:
        self.save_changed_fields(obj, form)  # never the counters, which triggers keep
        if sizes := form.cleaned_data.get("new_picture"):
            storage.replace(obj, sizes, form.cleaned_data["new_caption"])
        elif form.cleaned_data.get("no_picture"):
            storage.remove(obj)

    @admin.action(description="Remove the picture", permissions=["change"])
    def remove_picture(self, request: HttpRequest, papers: Any) -> None:
        self.apply_to_rows(request, papers, "Picture removed", storage.remove)

    @admin.action(description="Look for a picture again", permissions=["change"])
    def find_picture(self, request: HttpRequest, papers: Any) -> None:
        self.apply_to_rows(request, papers, "Picture to be looked for", storage.look_again)
