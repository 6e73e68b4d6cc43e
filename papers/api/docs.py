"""The API's OpenAPI document, drawn as a page that needs no script."""

import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from papers.api.endpoints import api
from papers.web import rate_limits

FRESH = 300  # seconds
BACKTICKS = re.compile("`([^`]+)`")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    document = api.get_openapi_schema()
    shapes = document["components"]["schemas"]
    context = {
        "address": settings.SITE_URL,
        "operations": [_operation(path, it["get"]) for path, it in document["paths"].items()],
        "shapes": [_shape(name, it) for name, it in shapes.items() if name != "Problem"],
        "everything": rate_limits.EVERYTHING,
        "search": rate_limits.SEARCH,
    }
    response = render(request, "papers/api.html", context)
    patch_cache_control(response, public=True, max_age=FRESH)
    return response


def _operation(path: str, operation: dict[str, Any]) -> dict[str, Any]:
    answer = operation["responses"][200]["content"]["application/json"]["schema"]
    return {
        "path": path,
        "summary": operation["summary"],
        "description": _words(operation.get("description", "")),
        "parameters": [
            {
                "name": it["name"],
                "kind": _kind(it["schema"]),
                "default": it["schema"].get("default", ""),
                "description": _words(it.get("description", "")),
            }
            for it in operation["parameters"]
        ],
        "is_list": answer.get("type") == "array",
        "shape": _kind(answer.get("items", answer)),
    }


def _shape(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    required = schema.get("required", [])
    fields = [
        {"name": field, "kind": _kind(it), "always": field in required}
        for field, it in schema["properties"].items()
    ]
    return {"name": name, "fields": sorted(fields, key=lambda it: not it["always"])}


def _words(text: str) -> SafeString:
    """With what stands in backticks as code."""
    return mark_safe(BACKTICKS.sub(r"<code>\1</code>", escape(text)))  # noqa: S308


def _kind(schema: dict[str, Any]) -> str:
    """In words: a number from 1 to 100, a list of DailyPaper, one of publishedAt, trending."""
    if reference := schema.get("$ref"):
        return str(reference).rpartition("/")[2]
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    if choices := schema.get("enum"):
        return f"one of {', '.join(choices)}"
    least, most = schema.get("minimum"), schema.get("maximum")
    if schema.get("type") == "integer":
        to = f" to {most:,}" if most is not None else ""
        return f"number from {least}{to}" if least is not None else "number"
    return "true or false" if schema.get("type") == "boolean" else str(schema.get("format", "text"))
