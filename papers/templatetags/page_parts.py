"""`{% page_parts "row" %}`: what other apps draw in this place (papers/web/page_parts.py)."""

from django import template
from django.template import Context
from django.utils.safestring import SafeString, mark_safe

from papers.web.page_parts import parts_of

register = template.Library()


@register.simple_tag(takes_context=True)
def page_parts(context: Context, place: str) -> SafeString:
    """Without the spaces around each part: one that has nothing to show leaves no empty lines."""
    assert context.template is not None
    engine = context.template.engine
    parts = [engine.get_template(part.template).render(context) for part in parts_of(place)]
    return mark_safe("".join(part.strip() for part in parts))  # noqa: S308  escaped by each
