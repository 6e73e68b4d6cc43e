"""Private notes of curators in the admin: beneath a row's form, and in a dialog of the desk."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.admin_base import BaseAdmin
from accounts.models import CuratorNote

TEMPLATES = "admin/accounts/curatornote"


class NoteForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = CuratorNote
        fields = ["text"]
        widgets = {"text": UnfoldAdminTextareaWidget({"rows": 3})}


class CuratorNotesMixin(BaseAdmin):
    """For models with a `curator_notes` relation.

    Who may see the row and write notes may write one about it, even where they may not change it.
    """

    change_form_outer_after_template = f"{TEMPLATES}/notes.html"

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.notes)
        name = f"{self.opts.app_label}_{self.opts.model_name}_notes"
        return [path("<path:object_id>/notes/", page, name=name), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **options: Any
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row and request.user.has_perm("accounts.view_curatornote"):
            context = options.get("extra_context") or {}
            options["extra_context"] = context | self._notes_context(row, NoteForm())
        response: HttpResponse = super().change_view(request, object_id, *args, **options)
        return response

    def notes(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A page of the notes, with a form for one more; for htmx what the desk's dialog shows."""
        row = self._row_for_notes(request, object_id)
        form = NoteForm(request.POST or None)
        form.fields["text"].widget.attrs["autofocus"] = True
        if request.method == "POST" and form.is_valid():
            form.instance.about, form.instance.author = row, request.user
            form.save()
            return self._after_note(request, row)
        response = self._render_notes(
            request, "dialog" if "HX-Request" in request.headers else "page", row, form
        )
        if form.errors:
            response["HX-Retarget"], response["HX-Reswap"] = "#desk-dialog-body", "innerHTML"
        return response

    def _row_for_notes(self, request: HttpRequest, object_id: str) -> Any:
        """Raises PermissionDenied and Http404."""
        row = self.get_object(request, object_id)
        may_write = request.user.has_perms(
            ["accounts.view_curatornote", "accounts.add_curatornote"]
        )
        if not (may_write and self.has_view_permission(request, row)):
            raise PermissionDenied
        if row is None:
            raise Http404
        return row

    def _after_note(self, request: HttpRequest, row: Any) -> HttpResponse:
        """For htmx the notes in the row of the desk."""
        if "HX-Request" in request.headers:
            return self._render_notes(request, "changed", row, NoteForm())
        self.message_user(request, "Note added.", messages.SUCCESS)
        return redirect(self._page_of(row, "change"))

    def _render_notes(
        self, request: HttpRequest, name: str, row: Any, form: NoteForm
    ) -> HttpResponse:
        context = self.admin_site.each_context(request) | self._notes_context(row, form)
        context |= {"title": "Notes between curators", "opts": self.opts, "row": row}
        return TemplateResponse(request, f"{TEMPLATES}/{name}.html", context)

    def _notes_context(self, row: Any, form: NoteForm) -> dict[str, Any]:
        return {
            "notes": row.curator_notes.as_json(),
            "note_form": form,
            "notes_page": self._page_of(row, "notes"),
        }

    def _page_of(self, row: Any, name: str) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=[row.pk])
