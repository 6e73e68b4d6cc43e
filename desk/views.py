"""The desk: the queue beside the day, its actions, undo, and duplicates side by side."""

import uuid
from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from desk import duplicates, papers_shown
from desk.commands import Command
from library.models import ListReport
from papers.bounded_numbers import bounded_number
from papers.curation.changes import Conflict
from papers.curation.duplicates import suggest
from papers.curation.undo import NothingToUndo, undo
from papers.models import CuratorAction, Paper, Report
from subscriptions import mail_report
from subscriptions.models import Delivery, Issue

MAX_PAGE = 1_000


def may_curate(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.has_perm("papers.change_paper")


def curator_of(request: HttpRequest) -> User:
    """Raises PermissionDenied for everybody else."""
    if not (may_curate(request) and isinstance(request.user, User)):
        raise PermissionDenied
    return request.user


# --- The page ---


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """`?day=` is shown on the right, `?sort=` and `?page=` are of the queue."""
    curator_of(request)
    sort = request.GET.get("sort", "expected")
    if sort not in papers_shown.SORTS:
        raise Http404("There is no such order of the queue.")
    try:
        number = bounded_number(request.GET.get("page") or "1", least=1, most=MAX_PAGE)
        day = _day(request.GET.get("day", ""))
    except ValueError as error:
        raise Http404(str(error)) from None
    part = request.headers.get("HX-Target")
    if part == "day":
        return _render(request, "desk/_day.html", _day_context(day))
    papers = papers_shown.queue_page(sort, number)
    context = {
        "papers": papers[: papers_shown.PAGE_SIZE],
        "sort": sort,
        "page": number,
        "next_page": number + 1 if len(papers) > papers_shown.PAGE_SIZE else None,
        "day": day,
    }
    if part == "more":
        return _render(request, "desk/_queue_rows.html", context)
    context |= _day_context(day) | {
        "title": "Desk",
        "report_count": Report.objects.open().count(),
        "list_report_count": ListReport.objects.open().count(),
        "sorts": [(name, label) for name, (label, _) in papers_shown.SORTS.items()],
        "actions": papers_shown.last_actions(),
        "alarms": _alarms_of_mail(request),
        "uncertain_mails": _count_uncertain_mails(request),
    }
    return _render(request, "desk/desk.html", context, with_site=True)


def _alarms_of_mail(request: HttpRequest) -> list[str]:
    """For those who may see issues."""
    may_see = request.user.has_perm("subscriptions.view_issue")
    return mail_report.alarms(timezone.now()) if may_see else []


def _count_uncertain_mails(request: HttpRequest) -> int:
    may_see = request.user.has_perm("subscriptions.view_delivery")
    return Delivery.objects.filter(state=Delivery.State.UNCERTAIN).count() if may_see else 0


def _day(text: str) -> date:
    """Raises ValueError."""
    if not text:
        return timezone.localdate()
    if (day := parse_date(text)) is None:
        raise ValueError("There is no such day.")
    return day


def _day_context(day: date) -> dict[str, Any]:
    papers = papers_shown.day_papers(day)
    period = day.isoformat()
    paused = Issue.objects.filter(frequency="daily", period=period, state=Issue.State.PAUSED)
    return _counts_context(day) | {
        "day": day,
        "is_future": day > timezone.localdate(),
        "day_papers": papers,
        "paused": paused.exists(),
    }


def _counts_context(day: date) -> dict[str, Any]:
    counts = papers_shown.counts(day)
    return {"tabs": papers_shown.tabs(day, counts), "queue_count": counts.get(None, 0)}


@require_safe
def doubts(request: HttpRequest) -> HttpResponse:
    """`?paper=1&paper=2`: how many duplicates each may have, for rows that are already shown."""
    curator_of(request)
    try:
        keys = [bounded_number(text) for text in request.GET.getlist("paper")]
    except ValueError as error:
        raise Http404(str(error)) from None
    found = suggest(keys[: papers_shown.PAGE_SIZE])
    versions = dict(Paper.objects.filter(pk__in=found).values_list("pk", "curation_version"))
    rows = [(key, versions[key], len(others)) for key, others in found.items() if key in versions]
    return _render(request, "desk/_doubts.html", {"rows": rows})


# --- Actions ---


@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Do what the pressed button says, or ask what it needs to know first."""
    curator = curator_of(request)
    try:
        command = Command.from_post(request.POST)
        form = command.form()
        if command.name == "merge" and not curator.has_perm("papers.delete_paper"):
            raise PermissionDenied
        if form and not form.is_valid():
            return _ask_before(request, command, form)
        entries = command.run(curator, form.cleaned_data if form else {})
    except Conflict as conflict:
        return _show_conflict(request, command, conflict)
    except ValueError as error:
        return _finish(request, [], str(error), is_error=True)
    return _finish(request, entries, "" if entries else "Nothing to change.")


@require_POST
def undo_action(request: HttpRequest) -> HttpResponse:
    """Undo the action that `batch` names; without it this curator's last one."""
    curator = curator_of(request)
    try:
        given = request.POST.get("batch", "")
        batch = uuid.UUID(given) if given else CuratorAction.objects.last_batch(curator)
        entries = undo(batch, curator) if batch else []
    except (NothingToUndo, ValueError):
        entries = []
    except Conflict as conflict:
        titles = ", ".join(f"“{paper.title_text}”" for paper in conflict.changed)
        text = f"Not undone: {titles or 'the paper'} has been changed since. Undo that first."
        return _finish(request, [], text, is_error=True)
    return _finish(request, entries, "" if entries else "There is nothing to undo.")


def _finish(
    request: HttpRequest, entries: list[CuratorAction], text: str, *, is_error: bool = False
) -> HttpResponse:
    """The changed rows and the day, for htmx; else back to the desk, with a message."""
    done = papers_shown.actions_of(sorted(entries, key=lambda entry: -entry.pk))
    if done:
        text = f"{'Undone: ' if done[0].first.undone_at else ''}{done[0]}"
    day = request.POST.get("on", "")
    if "HX-Request" not in request.headers:
        messages.add_message(request, messages.ERROR if is_error else messages.SUCCESS, text)
        return redirect(f"{reverse('admin:index')}?day={day}" if day else "admin:index")
    is_new = bool(done) and done[0].can_undo
    context = _changes_context(entries, _day(day)) | {
        "text": text,
        "is_error": is_error,
        "undo": done[0] if is_new else None,
        # A new action is added to the log that is shown; an undone one is somewhere in it.
        "actions": done if is_new or not done else papers_shown.last_actions(),
    }
    return _render(request, "desk/_done.html", context)


def _changes_context(entries: list[CuratorAction], day: date) -> dict[str, Any]:
    """The rows that an action changed, in the queue and on the day, and the order of the day."""
    keys = papers_shown.changed_papers(entries)
    order = papers_shown.day_order(day)
    on_day = keys.intersection(order)
    queued = list(papers_shown.queue_rows().queued().filter(pk__in=keys - on_day))
    return _counts_context(day) | {
        "day": day,
        "order": order,
        "queued": queued,
        "not_queued": keys - {paper.pk for paper in queued},
        "day_papers": list(papers_shown.day_rows().filter(pk__in=on_day)),
    }


def _ask_before(request: HttpRequest, command: Command, form: Form) -> HttpResponse:
    if command.name == "merge":
        context = {"command": command, "pairs": duplicates.pairs(command.versions)}
        return _ask(request, "desk/_merge.html", context)
    return _ask(request, "desk/_ask.html", {"command": command, "form": form})


def _show_conflict(request: HttpRequest, command: Command, conflict: Conflict) -> HttpResponse:
    """What stands there now, by whom, beside what this curator wanted."""
    rows = [
        {
            "paper": paper,
            "last": CuratorAction.objects.filter(paper=paper)
            .select_related("curator", "undone_by")
            .newest_first()
            .first(),
        }
        for paper in conflict.changed
    ]
    fresh = dict(
        Paper.objects.filter(pk__in=command.versions).values_list("pk", "curation_version")
    )
    answers = {
        name: values
        for name, values in request.POST.lists()
        if name not in {"csrfmiddlewaretoken", "do", "paper"}
    }
    context = {
        "command": command,
        "rows": rows,
        "gone": conflict.gone,
        "fresh": fresh.items(),
        "answers": answers,
    }
    return _ask(request, "desk/_conflict.html", context)


def _ask(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """In the dialog of the desk; a page of its own without htmx."""
    if "HX-Request" in request.headers:
        response = _render(request, template, context)
        response["HX-Retarget"], response["HX-Reswap"] = "#desk-dialog-body", "innerHTML"
        return response
    context |= {"part": template, "title": context["command"].button.label}
    return _render(request, "desk/ask.html", context, with_site=True)


def _render(
    request: HttpRequest, template: str, context: dict[str, Any], *, with_site: bool = False
) -> HttpResponse:
    if with_site:
        context = admin.site.each_context(request) | context
    return TemplateResponse(request, template, context)
