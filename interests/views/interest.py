"""A reader's interests: the list of them, and the page of one, where it is corrected."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from interests import tasks
from interests.forms import TOO_MANY_PAPERS, TOO_MANY_WORDS, InterestForm
from interests.models import Interest, InterestPaper
from interests.models.interest import MAX_WORD_CHARS, TooManyWords
from interests.models.interest_paper import FullInterest
from interests.words import as_word
from papers.models import Paper
from papers.web.for_readers import for_readers
from papers.web.next_page import next_page

SHOWN_WORDS = 40
SHOWN_NOT_FOUND = 5
get_and_post = require_http_methods(["GET", "HEAD", "POST"])


@for_readers
@get_and_post
def interests(request: HttpRequest) -> HttpResponse:
    """All of them; a POST makes one."""
    assert isinstance(request.user, User)
    own = Interest.objects.of_reader(request.user).for_ranking()
    form = InterestForm(request.user, None, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and (made := form.save()):
        train_soon(made)
        _say_what_was_not_found(request, form)
        return redirect(next_page(request, default=made.get_absolute_url()))
    return render(request, "interests/interests.html", {"interests": own, "form": form})


@for_readers
@get_and_post
def interest(request: HttpRequest, interest_id: int) -> HttpResponse:
    """Its words and papers; a POST changes its name and what it learns from, and adds to it."""
    assert isinstance(request.user, User)
    own = _own(request, interest_id)
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = InterestForm(request.user, own, data, files)
    if request.method == "POST" and form.is_valid() and form.save():
        train_soon(own)
        _say_what_was_not_found(request, form)
        return redirect(own)
    return render(request, "interests/interest.html", _page(own, form))


@for_readers
@require_POST
def delete(request: HttpRequest, interest_id: int) -> HttpResponse:
    own = _own(request, interest_id)
    own.delete()
    messages.info(request, f"The interest “{own.name}” is deleted.")
    return redirect("interests:interests")


@for_readers
@require_POST
def decide_on_word(request: HttpRequest, interest_id: int, decision: str) -> HttpResponse:
    """`decision` is add, remove (it then counts against) or forget (as the papers say)."""
    own = _own(request, interest_id)
    word = as_word(request.POST.get("word", ""))
    if word and len(word) <= MAX_WORD_CHARS:
        try:
            own.decide_on_words(**{decision: [word]})
        except TooManyWords:
            messages.error(request, TOO_MANY_WORDS)
        train_soon(own)
    return redirect(own)


@for_readers
@require_POST
def decide_on_paper(
    request: HttpRequest, interest_id: int, key: str, decision: str
) -> HttpResponse:
    """`decision` is for, against or forget. htmx gets a line in place of the paper's row."""
    own = _own(request, interest_id)
    paper = get_object_or_404(Paper.objects.visible(), key=key)
    try:
        if decision == "forget":
            InterestPaper.objects.forget(own, paper)
        else:
            InterestPaper.objects.choose(own, [paper], against=decision == "against")
    except FullInterest:
        messages.error(request, TOO_MANY_PAPERS)
        return redirect(own)
    train_soon(own)
    if request.htmx:  # type: ignore[attr-defined]
        context = {"interest": own, "paper": paper}
        return render(request, "interests/_counts_against.html", context)
    if decision == "against":
        messages.info(request, f"“{paper.title_text}” counts against “{own.name}” now.")
    return redirect(next_page(request, default=own.get_absolute_url()))


def train_soon(interest: Interest) -> None:
    """Let a worker train it now, while the reader looks at the next page."""
    Interest.objects.filter(pk=interest.pk).train_soon(timezone.now())
    # Robust: without a broker the sweep queues it, and the reader sees no error.
    transaction.on_commit(lambda: tasks.train_interest.delay(interest.pk), robust=True)


def _own(request: HttpRequest, interest_id: int) -> Interest:
    """Raises Http404."""
    own = Interest.objects.of_reader(request.user).for_ranking()
    return get_object_or_404(own, pk=interest_id)


def _page(interest: Interest, form: InterestForm) -> dict[str, Any]:
    chosen = list(interest.chosen_papers.select_related("paper").order_by("-pk"))
    weights = interest.word_weights
    shown = sorted(weights, key=lambda word: -weights[word])[:SHOWN_WORDS]
    return {
        "interest": interest,
        "form": form,
        "words": [word for word in shown if word not in interest.added_words],
        "papers_for": [row.paper for row in chosen if not row.against],
        "papers_against": [row.paper for row in chosen if row.against],
    }


def _say_what_was_not_found(request: HttpRequest, form: InterestForm) -> None:
    if missing := form.not_found:
        some = ", ".join(f"“{label}”" for label in missing[:SHOWN_NOT_FOUND])
        more = f" and {len(missing) - SHOWN_NOT_FOUND} more" if missing[SHOWN_NOT_FOUND:] else ""
        messages.info(
            request,
            f"{len(form.chosen)} of {len(form.chosen) + len(missing)} papers are on this site and "
            f"were added. Not here: {some}{more}.",
        )
