"""`{% page_parts "row" %}`: what other apps draw in this place (papers/web/page_parts.py)."""

from typing import Any

from django import template
from django.template import Context, Template
from django.utils.safestring import SafeString, mark_safe

from papers.web.page_parts import parts_of

register = template.Library()


@register.simple_tag(takes_context=True)
def page_parts(context: Context, place: str) -> SafeString:
    """Without the spaces around each part: one that has nothing to show leaves no empty lines."""
    templates = _templates(context, place)
    parts = [part.render(context).strip() for part in templates]
    return mark_safe("".join(parts))  # noqa: S308  escaped by each


def _templates(context: Context, place: str) -> list[Template]:
    """Looked up once for all rows of a page, and kept where `{% include %}` keeps its own."""
    kept: dict[Any, Any] = context.render_context.dicts[0]
    templates: list[Template] | None = kept.get((page_parts, place))
    if templates is None:
        assert context.template is not None
        get_template = context.template.engine.get_template
        templates = kept[page_parts, place] = [get_template(p.template) for p in parts_of(place)]
    return templates
