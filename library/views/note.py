"""A reader's private note on a paper. Its form is on the paper's page; with errors, on its own."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.models import User
from library.forms import NoteForm
from library.models import Note
from papers.models import Paper
from papers.views.redirects import redirect_to_paper
from papers.web.for_readers import for_readers


@for_readers
@require_http_methods(["GET", "HEAD", "POST"])
def note(request: HttpRequest, key: str) -> HttpResponse:
    """Only a POST writes; a link to it leads to the paper. An empty text deletes the note."""
    assert isinstance(request.user, User)
    paper = get_object_or_404(Paper.objects.visible(), key=key)
    if request.method != "POST":
        return redirect(paper)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return render(request, "library/note.html", {"paper": paper, "form": form})
    text = form.cleaned_data["text"]
    try:
        Note.objects.write(request.user, paper, text)
    except Paper.DoesNotExist:  # merged into another since it was read
        return redirect_to_paper(key)
    messages.info(request, "Your note is saved." if text else "You have no note on this paper now.")
    return redirect(paper)
