"""/healthz: whether the database, the broker and the cache answer, within a second."""

from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Lock, Thread

import psycopg
from celery import current_app
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_redis import get_redis_connection

TIME_LIMIT = 0.8  # seconds for all checks together; who asks may wait a second
OK, UNREACHABLE = "ok", "unreachable"


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """`{"database": "ok", "broker": "ok", "cache": "ok"}`; 503 only without the database."""
    state = states()
    return JsonResponse(state, status=200 if state["database"] == OK else 503)


def states() -> dict[str, str]:
    checks = {"database": why_unreachable, "broker": _reach_broker, "cache": _reach_cache}
    running = {name: _running(name, check) for name, check in checks.items()}
    done, _ = wait(running.values(), TIME_LIMIT)
    return {
        name: OK if check in done and not check.exception() and not check.result() else UNREACHABLE
        for name, check in running.items()
    }


def why_unreachable() -> str:
    """One line on why the database cannot be reached, empty where it can.

    By a connection of its own: a pool would try for long, or have none left on a busy site.
    """
    known = connection.get_connection_params()
    names = ("host", "port", "dbname", "user", "password", "connect_timeout", "sslmode")
    try:
        psycopg.connect(**{name: known[name] for name in names if known.get(name)}).close()
    except psycopg.OperationalError as error:
        return str(error).strip().splitlines()[0]
    return ""


def broker() -> str:
    try:
        _reach_broker()
    except Exception:  # whatever its client raises, the answer is the same
        return UNREACHABLE
    return OK


def _reach_broker() -> None:
    with current_app.connection_for_read() as link:
        link.ensure_connection(max_retries=1, interval_start=0, timeout=2)


def _reach_cache() -> None:
    get_redis_connection("default").ping()


_checks: dict[str, "Future[str | None]"] = {}
_starting = Lock()


def _running(name: str, check: Callable[[], str | None]) -> "Future[str | None]":
    """This check in a thread. One that hangs is not started again: threads would pile up."""
    with _starting:
        if name not in _checks or _checks[name].done():
            _checks[name] = future = Future[str | None]()
            Thread(target=_run, args=(future, check), daemon=True).start()
        return _checks[name]


def _run(future: "Future[str | None]", check: Callable[[], str | None]) -> None:
    try:
        future.set_result(check())
    except Exception as error:  # whatever a client raises: it is not reachable
        future.set_exception(error)
