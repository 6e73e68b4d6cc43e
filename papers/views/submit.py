"""Adding a paper: paste an id or address, confirm its card, or describe it by hand.

`/submit?id=…` is one page for all that may come of an id: the paper is here, its record is being
looked up, here is its card, no archive has it. So a link or a bookmark leads there as well.
"""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.models import User
from papers import tasks
from papers.models import Paper, RecordLookup, Submission
from papers.sources import Entry
from papers.submissions import known_papers, stored_entry
from papers.submissions.accept import (
    BLOCKED,
    HIDDEN,
    AlreadyHere,
    Refused,
    accept,
    is_curator,
)
from papers.submissions.known_papers import NotRecognised, Wanted
from papers.web import rate_limits
from papers.web.for_readers import for_readers
from papers.web.submit_forms import ConfirmForm, HandForm

# Of one client; what was looked up before is not counted.
LOOKUP_LIMIT = rate_limits.Policy("look-up", 60, 600)
RING_PAUSE = 5  # seconds between two tasks for one row: a reader waits, but the worker may be busy
SLOW_AFTER = 15  # seconds, then the page says so
MAX_QUERY_CHARS = 2_000
WAITING_FOR_EDITORS = "It has been added already, and waits for the editors."
get_and_post = require_http_methods(["GET", "HEAD", "POST"])


@for_readers
@get_and_post
def submit(request: HttpRequest) -> HttpResponse:
    """Without `id` the form alone. A POST of the form leads to the GET with that id."""
    given = request.POST if request.method == "POST" else request.GET
    text = given.get("id")
    if text is None:
        return _page(request)
    try:
        wanted = known_papers.read(text)
    except NotRecognised as error:
        return _page(request, pasted=text, error=str(error))
    address = _address(wanted)
    if request.method == "POST" and len(address) < MAX_QUERY_CHARS:
        return redirect(address)
    return _page_of(request, wanted)


@for_readers
@get_and_post
def confirm(request: HttpRequest) -> HttpResponse:
    """Submit the paper of the card."""
    text = request.POST.get("id", "")
    try:
        wanted = known_papers.read(text)
    except NotRecognised:
        return redirect("papers:submit")
    reader = _reader(request)
    form = ConfirmForm(reader, request.POST)
    found = _found(wanted)
    if request.method != "POST" or found is None:  # the record is too old: it is looked up again
        return redirect(_address(wanted))
    if form.is_valid():
        try:
            return _accepted(request, accept(found, reader, timezone.now(), **form.options()))
        except AlreadyHere:
            return redirect(_address(wanted))
        except Refused as error:
            form.add_error(None, str(error))
    return _card(request, wanted, found, form)


@for_readers
@get_and_post
def by_hand(request: HttpRequest) -> HttpResponse:
    reader = _reader(request)
    if request.method != "POST":
        form = HandForm(reader, initial={"link": request.GET.get("link", "")})
        return render(request, "papers/submit_by_hand.html", {"form": form})
    form = HandForm(reader, request.POST)
    if form.is_valid():
        options = form.options()
        try:
            submission = accept(form.entry, reader, timezone.now(), by_hand=True, **options)
            return _accepted(request, submission)
        except AlreadyHere as error:
            return redirect(f"{reverse('papers:submit')}?{urlencode({'id': error.paper.key})}")
        except Refused as error:
            form.add_error(None, str(error))
    return render(request, "papers/submit_by_hand.html", {"form": form})


# --- The page of one id ---


def _page_of(request: HttpRequest, wanted: Wanted) -> HttpResponse:
    reader, paper = _reader(request), known_papers.find(wanted)
    if paper:
        return _page_of_paper(request, wanted, paper, reader)
    if known_papers.is_blocked(wanted):
        return _page(request, wanted=wanted, refusal=BLOCKED)
    if not wanted.has_archive:
        return _page(request, wanted=wanted, missing=True)
    row = RecordLookup.objects.current(*wanted.name, timezone.now())
    if row is None:
        usage = rate_limits.count_request(request, LOOKUP_LIMIT)
        if usage and usage.exceeded:
            minutes = -(-usage.seconds // 60)
            error = f"That is a lot at once. Please try again in {minutes} minutes."
            response = _page(request, status=429, pasted=wanted.spelling, error=error)
            response["Retry-After"] = str(usage.seconds)
            return response
        row = RecordLookup.objects.start(*wanted.name, timezone.now())
    if row.state == RecordLookup.State.FOUND:
        return _card(request, wanted, stored_entry.from_json(row.record), archive=row.archive)
    if row.state == RecordLookup.State.WAITING:
        _ring(row)
    waited = (timezone.now() - row.requested_at).total_seconds()
    return _page(request, wanted=wanted, lookup=row, is_slow=waited > SLOW_AFTER)


def _page_of_paper(
    request: HttpRequest, wanted: Wanted, paper: Paper, reader: User
) -> HttpResponse:
    own = paper.submissions.filter(submitter=reader).exists()
    chooses = is_curator(reader) or (reader.is_trusted and not paper.described_by_reader)
    if paper.hidden_at:
        return _page(request, wanted=wanted, refusal=HIDDEN)
    if paper.listed_on is None and not own and (chooses or not paper.listing_wanted):
        return _card(request, wanted, paper)
    if paper.listed_on is None and paper.described_by_reader and not is_curator(reader):
        return _page(request, wanted=wanted, refusal=WAITING_FOR_EDITORS)
    Paper.objects.mark_for([paper], reader)
    return _page(request, wanted=wanted, paper=paper)


def _card(
    request: HttpRequest,
    wanted: Wanted,
    found: Entry | Paper,
    form: ConfirmForm | None = None,
    *,
    archive: str = "",
) -> HttpResponse:
    """What the reader confirms; `found` has the same names of fields in both cases."""
    reader = _reader(request)
    return _page(
        request,
        wanted=wanted,
        card=found,
        authors=found.authors[:12],
        more_authors=max(0, len(found.authors) - 12),
        archive=archive,
        confirm_form=form or ConfirmForm(reader),
        goes_to_page=is_curator(reader) or reader.is_trusted,
        upvotes=settings.SUBMITTER_UPVOTES,
        shown_as=reader.name or "a reader",
    )


def _page(request: HttpRequest, status: int = 200, **context: Any) -> HttpResponse:
    context["bookmark"] = f"{settings.SITE_URL}{reverse('papers:submit')}?id="
    return render(request, "papers/submit.html", context, status=status)


def _found(wanted: Wanted) -> Entry | Paper | None:
    """What a card of this id was made of, if that is still here."""
    if paper := known_papers.find(wanted):
        return paper
    row = RecordLookup.objects.current(*wanted.name, timezone.now())
    is_found = row and row.state == RecordLookup.State.FOUND
    return stored_entry.from_json(row.record) if row and is_found else None


def _ring(row: RecordLookup) -> None:
    """Let a worker look it up; again where it was due for a while."""
    if cache.add(f"look-up:{row.pk}", 1, RING_PAUSE):
        # Robust: without a broker the sweep rings later, and the reader sees no error.
        transaction.on_commit(lambda: tasks.look_up.delay(row.pk), robust=True)


def _accepted(request: HttpRequest, submission: Submission) -> HttpResponse:
    paper = submission.paper
    if paper and submission.state == Submission.State.LISTED:
        messages.success(request, "Added to the page of its day.")
        return redirect(paper)
    day = submission.scheduled_on
    messages.success(
        request, f"Added to the page of {day}." if day else "Added. An editor will look at it."
    )
    return redirect("papers:submitted")


def _address(wanted: Wanted) -> str:
    return f"{reverse('papers:submit')}?{urlencode({'id': wanted.spelling})}"


def _reader(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
