"""The pages to download and to delete what is stored about a person."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from subscriptions import personal_data
from subscriptions.models import Subscriber
from subscriptions.tokens import Purpose
from subscriptions.views.links import allow_get_and_post, invalid_token_page, token_page


@token_page
def data(request: HttpRequest, token: str) -> HttpResponse:
    subscriber = Subscriber.objects.by_token(Purpose.PREFERENCES, token)
    if subscriber is None:
        return invalid_token_page(request)
    return _download(personal_data.export(subscriber.address))


@token_page
def forget(request: HttpRequest, token: str) -> HttpResponse:
    subscriber = Subscriber.objects.by_token(Purpose.PREFERENCES, token)
    if subscriber is None:
        return invalid_token_page(request)
    if request.method == "POST":
        personal_data.erase(subscriber.address)
        return render(request, "subscriptions/forgotten.html")
    accounts = EmailAddress.objects.filter(email__iexact=subscriber.address, verified=True)
    context = {"subscriber": subscriber, "has_account": accounts.exists()}
    return render(request, "subscriptions/forget.html", context)


@never_cache
@login_required
@require_safe
def account_data(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    return _download(personal_data.export_account(request.user))


@never_cache
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
@allow_get_and_post
def forget_account(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    if request.method == "POST":
        try:
            personal_data.erase_account(request.user)
        except personal_data.StaffAccountError:
            return render(request, "subscriptions/forget_account.html", status=409)
        logout(request)
        return render(request, "subscriptions/forgotten.html")
    return render(request, "subscriptions/forget_account.html")


def _download(data: dict[str, Any]) -> HttpResponse:
    response = JsonResponse(data, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = 'attachment; filename="what-you-hold-about-me.json"'
    return response
