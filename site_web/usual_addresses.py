"""Addresses that browsers, phones and feed readers try on every site lead to where it is here."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import URLPattern, path
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

MAX_AGE = 86_400  # seconds
ICONS = {"favicon.ico": "img/icon-192.png", "apple-touch-icon.png": "img/icon-180.png"}
FEEDS = {"feed": "atom", "rss": "rss", "atom.xml": "atom"}


def _icon(file: str) -> Callable[[HttpRequest], HttpResponse]:
    @require_safe
    @cache_control(public=True, max_age=MAX_AGE)
    def icon(request: HttpRequest) -> HttpResponse:
        return redirect(static(file))  # its name changes with its content

    return icon


def _feed(form: str) -> Callable[[HttpRequest], HttpResponse]:
    @require_safe
    def feed(request: HttpRequest) -> HttpResponse:
        return redirect("papers:feed_daily", permanent=True, form=form)

    return feed


urlpatterns: list[URLPattern] = [
    *(path(name, _icon(file)) for name, file in ICONS.items()),
    *(path(name, _feed(form)) for name, form in FEEDS.items()),
]
