"""`{% follow_button "author" name %}` and `{% mute_button "author" name %}`."""

from typing import Any
from urllib.parse import quote

from django import template
from django.template import Context
from django.urls import reverse

from following.choices import choices_of

register = template.Library()


@register.inclusion_tag("following/_button.html", takes_context=True)
def follow_button(context: Context, what: str, name: str, title: str = "") -> dict[str, Any]:
    """`name` as `following.forms.SubjectForm` takes it, `title` where pages call it otherwise.

    Who is not signed in gets a link to do so.
    """
    chosen = choices_of(context["request"]).follow_of(what, name)
    verb, keys = ("unfollow", [chosen]) if chosen else ("follow", [])
    return _button(context, what, name, title, verb, reverse(f"following:{verb}", args=keys))


@register.inclusion_tag("following/_button.html", takes_context=True)
def mute_button(context: Context, what: str, name: str, title: str = "") -> dict[str, Any]:
    """Nothing for who is not signed in."""
    chosen = choices_of(context["request"]).mute_of(what, name)
    verb, keys = ("unmute", [chosen]) if chosen else ("mute", [])
    return _button(context, what, name, title, verb, reverse(f"following:{verb}", args=keys))


def _button(
    context: Context, what: str, name: str, title: str, verb: str, url: str
) -> dict[str, Any]:
    shown = {"verb": verb, "url": url, "what": what, "name": name, "title": title or name}
    # The same before and after a click, so that htmx leaves the focus on it.
    shown["id"] = f"{verb.removeprefix('un')}-{what}-{quote(name)}"
    return shown | {"user": context["request"].user, "next_page": context["next_page"]}
