"""Base ModelAdmin of the curation panel: bulk actions, audit log, messages."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import CASCADE, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.forms import ActionForm

Method = TypeVar("Method", bound=Callable[..., Any])
Row = TypeVar("Row", bound=Model)
NO_REASON = "Say why, beside the action."


class ReasonAndDayForm(ActionForm):
    """The action menu of a list page; some actions show a field for a reason or a day."""

    why = forms.CharField(
        label="",
        required=False,
        max_length=200,
        widget=forms.TextInput(
            {
                "class": "desk-field",
                "aria-label": "Why",
                "placeholder": "Why? All can read it in the log",
                "x-show": "['hide', 'hide_comments', 'close', 'disable', 'void'].includes(action)",
            }
        ),
    )
    day = forms.DateField(
        label="",
        required=False,
        widget=forms.DateInput(
            {
                "type": "date",
                "class": "desk-field",
                "aria-label": "Day",
                "x-show": "action === 'list_on_a_day'",
            }
        ),
    )


class BaseAdmin(ModelAdmin):
    """What all our model admins share."""

    action_form = ReasonAndDayForm
    list_per_page = 50

    def apply_to_rows(
        self, request: HttpRequest, rows: Iterable[Any], summary: str, change: Callable[[Any], Any]
    ) -> None:
        """Apply `change`, a method of the model, to each row; log it and show `summary`.

        All in one transaction: either every row changes or none.
        """
        rows = list(rows)
        with transaction.atomic():
            for row in rows:
                change(row)
            self.log_changes(request, rows, summary)
        self.report_success(request, summary, len(rows))

    def save_changed_fields(self, obj: Any, form: Any) -> None:
        """Save only the fields that the form changed: a worker may be writing the others."""
        columns = {field.name for field in self.opts.concrete_fields}
        obj.save(update_fields=columns.intersection(form.changed_data))

    def log_changes(self, request: HttpRequest, rows: list[Any], summary: str) -> None:
        """Write one entry for each row to Django's admin log, which is the audit trail."""
        assert request.user.is_authenticated
        if rows:
            LogEntry.objects.log_actions(
                user_id=request.user.pk, queryset=rows, action_flag=CHANGE, change_message=summary
            )

    def report_success(self, request: HttpRequest, summary: str, count: int) -> None:
        """Show a message such as "Hidden (spam): 3 papers."."""
        noun = self.opts.verbose_name if count == 1 else self.opts.verbose_name_plural
        self.message_user(request, f"{summary}: {count} {noun}.", messages.SUCCESS)

    def reason(self, request: HttpRequest) -> str:
        """The reason typed beside the action menu; empty where there is none."""
        return request.POST.get("why", "").strip()

    def redirect_to(self, request: HttpRequest, page: str, *args: object) -> HttpResponse:
        """Redirect to an admin page by its URL name, such as `papers_paper_changelist`.

        The theme's dialogs send their requests by htmx, which would follow a plain redirect
        inside the dialog.
        """
        url = reverse(f"admin:{page}", args=args)
        if "HX-Request" in request.headers:
            return HttpResponseClientRedirect(url)
        return redirect(url)


class ReadOnlyAdmin(BaseAdmin):
    """For rows that only the site itself writes."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class CountedDeletionMixin(ModelAdmin):
    """The confirmation of a deletion shows counts of the related rows, not their names.

    Django would list each of them, such as thousands of votes.
    """

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        counts = {str(self.opts.verbose_name_plural): len(objs)}
        for relation in self.opts.get_fields(include_hidden=True):
            if getattr(relation, "on_delete", None) is CASCADE and not relation.concrete:
                rows = relation.related_model._base_manager
                if count := rows.filter(**{f"{relation.field.name}__in": objs}).count():
                    counts[str(relation.related_model._meta.verbose_name_plural)] = count
        refused = not all(self.has_delete_permission(request, obj) for obj in objs)
        missing = {str(self.opts.verbose_name)} if refused else set()
        return [str(obj) for obj in objs], counts, missing, []


def visible_by_model(request: HttpRequest, rows: "QuerySet[Row]") -> "QuerySet[Row]":
    """Of log entries and notes those about models that this user may see.

    They name the row that they are about, such as an address.
    """
    models = [
        model for model, rows in admin.site._registry.items() if rows.has_view_permission(request)
    ]
    types = ContentType.objects.get_for_models(*models).values()
    return rows.filter(content_type__in=types)


def label_column(description: str, **colours: str) -> Callable[[Method], Method]:
    """A list column of coloured labels: `colours` maps a label's text to a colour of the theme."""
    decorate: Callable[[Method], Method] = display(description=description, label=colours or True)
    return decorate


def dialog_button(
    name: str, *, permission: str, question: str, explanation: str
) -> Callable[[Method], Method]:
    """An action with a button at the top of the page; a dialog asks for confirmation first."""
    decorate: Callable[[Method], Method] = action(
        description=name,
        permissions=[permission],
        dialog={
            "title": question,
            "description": explanation,
            "form_class": None,
            "form_submit_text": name,
        },
    )
    return decorate
