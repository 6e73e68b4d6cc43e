"""/api/docs: the OpenAPI document as a page that needs no script."""

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

MAX_AGE = 300  # seconds
BACKTICKS = re.compile("`([^`]+)`")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    document = api.get_openapi_schema()
    schemas = document["components"]["schemas"]
    operations = [
        _operation(method, path, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]
    context = {
        "address": settings.SITE_URL,
        "operations": [row for row in operations if not row["scope"]],
        "private_operations": [row for row in operations if row["scope"]],
        "shapes": [_schema(name, schema) for name, schema in schemas.items() if name != "Problem"],
        "everything": rate_limits.EVERYTHING,
        "search": rate_limits.SEARCH,
        "private": rate_limits.PRIVATE,
    }
    response = render(request, "papers/api.html", context)
    patch_cache_control(response, public=True, max_age=MAX_AGE)
    return response


def _operation(method: str, path: str, operation: dict[str, Any]) -> dict[str, Any]:
    success = operation["responses"].get(200, {})  # missing where the answer has no content
    schema = _schema_of(success)
    return {
        "method": method.upper(),
        "path": path,
        "scope": operation.get("x-scope", ""),
        "body": _kind(body) if (body := _schema_of(operation.get("requestBody", {}))) else "",
        "summary": operation["summary"],
        "description": _with_code(operation.get("description", "")),
        "parameters": [
            {
                "name": parameter["name"],
                "kind": _kind(parameter["schema"]),
                "default": parameter["schema"].get("default", ""),
                "description": _with_code(parameter.get("description", "")),
            }
            for parameter in operation["parameters"]
        ],
        "is_list": schema.get("type") == "array",
        "shape": _kind(schema.get("items", schema)) if success else "",
    }


def _schema_of(part: dict[str, Any]) -> dict[str, Any]:
    """Of the body of a request or response; empty where there is none."""
    schema: dict[str, Any] = part.get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def _schema(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    required = schema.get("required", [])
    fields = [
        {"name": name, "kind": _kind(field), "always": name in required}
        for name, field in schema["properties"].items()
    ]
    return {"name": name, "fields": sorted(fields, key=lambda field: not field["always"])}


def _with_code(text: str) -> SafeString:
    """HTML with the text in backticks as `<code>`."""
    return mark_safe(BACKTICKS.sub(r"<code>\1</code>", escape(text)))  # noqa: S308


def _kind(schema: dict[str, Any]) -> str:
    """A type in words: number from 1 to 100, list of DailyPaper, one of publishedAt, trending."""
    if reference := schema.get("$ref"):
        return str(reference).rpartition("/")[2]
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    if choices := schema.get("enum"):
        return f"one of {', '.join(choices)}"
    minimum, maximum = schema.get("minimum"), schema.get("maximum")
    if schema.get("type") == "integer":
        to = f" to {maximum:,}" if maximum is not None else ""
        return f"number from {minimum}{to}" if minimum is not None else "number"
    return "true or false" if schema.get("type") == "boolean" else str(schema.get("format", "text"))
