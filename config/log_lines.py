"""The form of all log lines: no mail address, no token of a mailed link, no traceback of a 4xx."""

import copy
import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

SECRETS = [
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        # The part of a path that is a token, whatever it looks like.
        (
            r"(/(?:subscriptions|digests/view|accounts/confirm-email|accounts/password/reset/key"
            r"|feeds/private)/+)[^\s/?#\"'<>]+",
            r"\1(token)",
        ),
        # Anywhere else, as in a mistyped path, by its form: signed by Django (value:signature),
        # of a password reset (account-time-hash), in a mail address (kind and number-hash).
        (r"[\w.=~-]*(?:(?::|%3a)[\w-]+)?(?::|%3a)[\w-]{43,}", "(token)"),
        (r"\b[0-9a-z]{1,14}-[0-9a-z]{1,13}-[0-9a-f]{32}\b", "(token)"),
        (r"\b[a-z]\d+-[0-9a-f]{20}\b", "(token)"),
        # Workers of Celery are called worker@host, too.
        (
            r"(?:\"[^\"\n]{1,64}\"|(?<![^\s@\"'`<>()\[\]{},:;=&?/\\|])"
            r"(?!(?:worker|fetcher|celery)@)[^\s@\"'`<>()\[\]{},:;=&?/\\|]+)(?:@|%40|=40)"
            r"(?:[\w-]+(?:\.[\w-]+)*|\[[\da-fx.:]+\])",
            "(address)",
        ),
    )
]


def logging_config(level: str, form: str) -> dict[str, Any]:
    """The setting LOGGING: one handler for all lines, to standard error; `form` is text or json."""
    line = {
        "()": JsonLogFormatter if form == "json" else LogFormatter,
        "format": "{asctime} {levelname:<7} {name} {message}",
        "style": "{",
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": line},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            "celery": {"level": level},
        },
    }


class LogFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(_without_traceback_of_4xx(record)))


class JsonLogFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message; traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        record = _without_traceback_of_4xx(record)
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": scrub(record.getMessage()),
        }
        if record.exc_info:
            fields["traceback"] = scrub(self.formatException(record.exc_info))
        return json.dumps(fields, ensure_ascii=False)


def _without_traceback_of_4xx(record: logging.LogRecord) -> logging.LogRecord:
    status = getattr(record, "status_code", None)  # Django sets it for responses
    if isinstance(status, int) and 400 <= status < 500:
        record = copy.copy(record)
        record.exc_info = record.exc_text = None
    return record


def scrub(text: str) -> str:
    """The text without addresses and tokens."""
    for pattern, replacement in SECRETS:
        text = pattern.sub(replacement, text)
    return text
