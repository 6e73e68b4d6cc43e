"""The page of the account on which readers choose their public name and what strangers see."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from profiles.profile_form import ProfileForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def own_profile(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, cast(User, request.user))
    if request.method == "POST" and form.is_valid() and form.save():
        messages.success(request, "Your profile is saved.")
        return redirect("profiles:own_profile")
    return render(request, "profiles/own_profile.html", {"form": form})
