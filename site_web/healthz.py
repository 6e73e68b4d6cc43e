"""/healthz: whether the database and the broker can be reached."""

import psycopg
from celery import current_app
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """`{"database": "ok", "broker": "ok"}`; 503 only without the database."""
    state = {"database": database(), "broker": broker()}
    return JsonResponse(state, status=200 if state["database"] == "ok" else 503)


def database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return "unreachable"
    return "ok"


def why_unreachable() -> str:
    """One line on why the database cannot be reached, at once; a pool would try for long."""
    known = connection.get_connection_params()
    names = ("host", "port", "dbname", "user", "password", "connect_timeout", "sslmode")
    try:
        psycopg.connect(**{name: known[name] for name in names if known.get(name)}).close()
    except psycopg.OperationalError as error:
        return str(error).strip().splitlines()[0]
    return ""


def broker() -> str:
    try:
        with current_app.connection_for_read() as link:
            link.ensure_connection(max_retries=1, interval_start=0, timeout=2)
    except Exception:  # whatever its client raises, the answer is the same
        return "unreachable"
    return "ok"
