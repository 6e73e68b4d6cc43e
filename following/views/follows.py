"""What a reader follows and mutes: the page of it, and the forms that add and remove."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from following.forms import FollowForm, MuteForm
from following.models import Follow, Mute, PrivateFeed
from following.private_feeds import feed_kinds
from papers.models import Topic
from papers.web.for_readers import for_readers
from papers.web.next_page import next_page


@for_readers
@require_safe
def follows(request: HttpRequest) -> HttpResponse:
    return _page(request)


@for_readers
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest) -> HttpResponse:
    """Only a POST follows; a link leads to the page. Again changes nothing."""
    return _add(request, FollowForm, Follow)


@for_readers
@require_http_methods(["GET", "HEAD", "POST"])
def mute(request: HttpRequest) -> HttpResponse:
    """Only a POST mutes; a link leads to the page. Again changes nothing."""
    return _add(request, MuteForm, Mute)


@for_readers
@require_POST
def unfollow(request: HttpRequest, pk: int) -> HttpResponse:
    """Again changes nothing."""
    assert isinstance(request.user, User)
    Follow.objects.remove(request.user, pk)
    return _answer(request, Follow)


@for_readers
@require_POST
def unmute(request: HttpRequest, pk: int) -> HttpResponse:
    """Again changes nothing."""
    assert isinstance(request.user, User)
    Mute.objects.remove(request.user, pk)
    return _answer(request, Mute)


def _page(request: HttpRequest, form: FollowForm | MuteForm | None = None) -> HttpResponse:
    """`form` has errors to show; the other one is empty."""
    assert isinstance(request.user, User)
    reader = request.user
    addresses = {feed.kind: feed for feed in PrivateFeed.objects.filter(reader=reader)}
    context: dict[str, Any] = {
        "follows": sorted(Follow.objects.of_reader(reader), key=_by_kind),
        "mutes": sorted(Mute.objects.of_reader(reader), key=_by_kind),
        "follow_form": form if isinstance(form, FollowForm) else FollowForm(reader),
        "mute_form": form if isinstance(form, MuteForm) else MuteForm(reader),
        "topics": Topic.objects.all(),
        "feeds": [(kind, addresses.get(kind.name)) for kind in feed_kinds()],
    }
    return render(request, "following/follows.html", context)


def _by_kind(chosen: Follow | Mute) -> tuple[str, str]:
    return chosen.what, chosen.title.casefold()


def _add(
    request: HttpRequest,
    form_class: type[FollowForm] | type[MuteForm],
    model: type[Follow] | type[Mute],
) -> HttpResponse:
    assert isinstance(request.user, User)
    if request.method != "POST":
        return redirect("following:follows")
    form = form_class(request.user, request.POST)
    if form.is_valid() and form.has_room():
        model.objects.add(request.user, **form.subject)
        return _answer(request, model)
    if request.htmx:  # type: ignore[attr-defined]
        for errors in form.errors.values():
            messages.error(request, " ".join(map(str, errors)))
        return HttpResponse(headers={"HX-Redirect": reverse("following:follows")})
    return _page(request, form)


def _answer(request: HttpRequest, model: type[Follow] | type[Mute]) -> HttpResponse:
    """htmx gets the new button; without script the reader returns to the page they came from."""
    if request.htmx:  # type: ignore[attr-defined]
        names = {name: request.POST.get(name, "") for name in ("what", "name", "title")}
        context = names | {"is_mute": model is Mute}
        return render(request, "following/_new_button.html", context)
    return redirect(next_page(request, default=reverse("following:follows")))
