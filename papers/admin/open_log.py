"""Writes what the admin's forms do to a row into the open log, too."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from accounts.admin_base import BaseAdmin
from accounts.models import User
from papers.curation import log
from papers.models import CuratorAction

Verb = CuratorAction.Verb


class OpenLogMixin(BaseAdmin):
    """Follows Django's own log of the admin, which says which fields were changed."""

    # Labels of fields of the form whose changes are logged elsewhere.
    logged_elsewhere: Iterable[str] = ()

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self.log_openly(request, Verb.ADD, [obj])
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        if details := ", ".join(self._changes(message)):
            self.log_openly(request, Verb.CHANGE, [obj], details=details)
        return super().log_change(request, obj, message)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.log_openly(request, Verb.REMOVE, [obj])
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        self.log_openly(request, Verb.REMOVE, queryset)
        super().delete_queryset(request, queryset)

    def log_openly(
        self, request: HttpRequest, verb: CuratorAction.Verb, rows: Iterable[Any], **words: str
    ) -> None:
        """`words` are `details` and `why`."""
        assert isinstance(request.user, User)
        log.write(verb, rows, request.user, **words)

    @transaction.atomic
    def change_openly(
        self,
        request: HttpRequest,
        rows: Iterable[Any],
        before: Any,
        verb: CuratorAction.Verb,
        change: dict[str, Any],
        why: str = "",
    ) -> list[Any]:
        """Set these columns of the rows of which the condition `before` is true, and log it twice.

        Returns those rows, as they were.
        """
        related: Any = self.list_select_related  # also what `log_subject` reads
        keys = [row.pk for row in rows]  # grouped rows cannot be locked
        chosen = self.model._default_manager.filter(before, pk__in=keys).select_related(*related)
        locked = list(chosen.select_for_update(of=["self"]))
        if change:
            self.model._default_manager.filter(pk__in=[row.pk for row in locked]).update(**change)
        self.log_changes(request, locked, verb.label.capitalize())
        self.log_openly(request, verb, locked, why=why)
        return locked

    def _changes(self, message: Any) -> list[str]:
        """`["words", "added alias: doi:10.1234/moss"]`, from Django's structured message.

        A row that the form's tables changed is named, as it is one of many.
        """
        changes = []
        for part in message if isinstance(message, list) else []:
            ((what, about),) = part.items()
            if "object" in about:
                changes.append(f"{what} {about['name']}: {about['object']}")
            else:
                labels = (str(label) for label in about.get("fields", ()))
                changes += [it.lower() for it in labels if it not in self.logged_elsewhere]
        return changes
