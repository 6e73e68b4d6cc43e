"""The page of an account's display name and handle; the other account pages are allauth's."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.forms import ProfileForm
from accounts.models import User


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, cast(User, request.user))
    if request.method == "POST" and form.is_valid() and form.save():
        messages.success(request, "Your profile is saved.")
        return redirect("accounts:profile")
    return render(request, "account/profile.html", {"form": form})
