"""What every page of the desk shares: deeds upon chosen rows, done, logged and said aloud."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.forms import ActionForm

Method = TypeVar("Method", bound=Callable[..., Any])


class DeskForm(ActionForm):
    """The list of actions, and what some of them ask, shown where one of these is chosen."""

    why = forms.CharField(
        label="",
        required=False,
        max_length=200,
        widget=forms.TextInput(
            {
                "class": "desk-field",
                "aria-label": "Why",
                "placeholder": "Why?",
                "x-show": "['hide', 'disable', 'void'].includes(action)",
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


class Desk(ModelAdmin):
    action_form = DeskForm
    list_per_page = 50

    def carry_out(
        self, request: HttpRequest, rows: Iterable[Any], said: str, deed: Callable[[Any], Any]
    ) -> None:
        """By the model's own method, the same that everyone else calls."""
        rows = list(rows)
        with transaction.atomic():
            for row in rows:
                deed(row)
            self.log(request, rows, said)
        self.say(request, said, len(rows))

    def save_changed(self, obj: Any, form: Any) -> None:
        """What the form changed and nothing else, as a worker may be writing the rest."""
        columns = {field.name for field in self.opts.concrete_fields}
        obj.save(update_fields=columns.intersection(form.changed_data))

    def log(self, request: HttpRequest, rows: list[Any], said: str) -> None:
        assert request.user.is_authenticated
        if rows:
            LogEntry.objects.log_actions(
                user_id=request.user.pk, queryset=rows, action_flag=CHANGE, change_message=said
            )

    def say(self, request: HttpRequest, said: str, count: int) -> None:
        noun = self.opts.verbose_name if count == 1 else self.opts.verbose_name_plural
        self.message_user(request, f"{said}: {count} {noun}.", messages.SUCCESS)

    def why(self, request: HttpRequest) -> str:
        return request.POST.get("why", "").strip() or "by a curator"

    def go(self, request: HttpRequest, page: str, *args: object) -> HttpResponse:
        """To another page, also from a dialog of the theme, which asks by htmx."""
        url = reverse(f"admin:{page}", args=args)
        if "HX-Request" in request.headers:
            return HttpResponseClientRedirect(url)
        return redirect(url)


class ReadOnly(Desk):
    """Written by the machine alone."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def labelled(description: str, **colours: str) -> Callable[[Method], Method]:
    """A column of coloured labels, by their texts."""
    decorate: Callable[[Method], Method] = display(description=description, label=colours or True)
    return decorate


def button(
    name: str, *, permission: str, question: str, explanation: str
) -> Callable[[Method], Method]:
    """A deed with a button of its own at the top of the page, done after a question."""
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
