"""`{% follow_button "author" name %}` and `{% mute_button "author" name %}`."""

from typing import Any

from django import template
from django.template import Context
from django.urls import reverse

from following.choices import choices_of

register = template.Library()


@register.inclusion_tag("following/_button.html", takes_context=True)
def follow_button(context: Context, what: str, name: str) -> dict[str, Any]:
    """`name` as `following.forms.SubjectForm` takes it. Who is not signed in gets a link there."""
    follow = choices_of(context["request"]).follow_of(what, name)
    return _button(context, what, name, ("follow", "unfollow"), follow)


@register.inclusion_tag("following/_button.html", takes_context=True)
def mute_button(context: Context, what: str, name: str) -> dict[str, Any]:
    """Nothing for who is not signed in."""
    mute = choices_of(context["request"]).mute_of(what, name)
    return _button(context, what, name, ("mute", "unmute"), mute)


def _button(
    context: Context, what: str, name: str, verbs: tuple[str, str], chosen: int | None
) -> dict[str, Any]:
    """`verbs` are the names of two addresses: to choose it, and to take the choice back."""
    verb = verbs[1] if chosen else verbs[0]
    return {
        "request": context["request"],
        "user": context["request"].user,
        "verb": verb,
        "url": reverse(f"following:{verb}", args=[chosen] if chosen else []),
        "what": what,
        "name": name,
    }
