"""Turns values as sources write them into values to store: text, URLs, times, numbers.

Each function takes any value, as broken records hold anything anywhere, and returns an empty one
where it is not usable.
"""

import html
import json
import re
import reprlib
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

MAX_FIELD_CHARS = 64 * 1024  # the rest of a field is ignored
MAX_LINE_CHARS = 2_000  # of a field that is one line: title, journal reference
MAX_URL_CHARS = 1_000  # what a paper can hold of one
MAX_NAME_CHARS = 200
MAX_COUNT = 10**9  # more is a mistake, and does not fit in PostgreSQL's integer
PLAUSIBLE_YEARS = range(1900, 2200)

# NUL and lone surrogates cannot be stored, the other controls cannot stand in our own feeds.
UNSTORABLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
# As papers.text has it: arXiv indents the first line of a paragraph, others leave a line empty.
PARAGRAPH_BREAK = re.compile(r"\n[ \t]*\n|(?<=[.!?:;])\n[ \t]{2,}")


def text(value: object, limit: int = MAX_FIELD_CHARS) -> str:
    """One line of text: cut to the limit, cleaned, white space folded."""
    if not isinstance(value, str):
        return ""
    return " ".join(UNSTORABLE.sub("", value[:limit]).split())


def line(value: object) -> str:
    """One line of text of a field that is short, such as a title."""
    return text(value, MAX_LINE_CHARS)


def title(value: object, record: object) -> str:
    """The title of a record; raises ValueError that names the record if there is none."""
    title = line(value)
    if not title:
        raise ValueError(f"no title: {quoted(record)}")
    return title


def name(value: object) -> str:
    """One line of text that names somebody."""
    return text(value, MAX_NAME_CHARS)


def paragraphs(value: object) -> str:
    """Text of many lines: an empty line between paragraphs, none within."""
    if not isinstance(value, str):
        return ""
    parts = PARAGRAPH_BREAK.split(value[:MAX_FIELD_CHARS].replace("\r\n", "\n"))
    return "\n\n".join(filter(None, map(text, parts)))


def url(value: object) -> str:
    """The URL if a page may link to it: http or https, a host, no credentials; else nothing."""
    if not isinstance(value, str) or len(value) > MAX_URL_CHARS:
        return ""
    url = re.sub(r"[\t\r\n]", "", value.strip())  # as browsers do
    if UNSTORABLE.search(url) or re.search(r"[\s\\<>\"]", url):
        return ""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
        return parts.geturl() if usable else ""
    except ValueError:  # brackets that are no IPv6 address
        return ""


def moment(value: object) -> datetime | None:
    """A time in ISO form, in UTC; one without zone is taken as UTC."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        time = datetime.fromisoformat(value.strip())
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return time if time.year in PLAUSIBLE_YEARS else None


def mail_moment(value: object) -> datetime | None:
    """A time as mails and arXiv's versions write it, "Mon, 2 Apr 2007 19:18:42 GMT"."""
    try:
        time = parsedate_to_datetime(line(value))
    except (TypeError, ValueError, OverflowError):
        return None
    return moment(time.isoformat())


def day(value: object) -> date | None:
    """A day as YYYY-MM-DD."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return day if day.year in PLAUSIBLE_YEARS else None


def count(value: object) -> int:
    """A number of things; 0 for what is no number or not plausible."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,10}", value):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_COUNT:
        return value
    return 0


def lines(value: object, limit: int = 1_000) -> list[str]:
    """The texts in a list; what is no text is left out."""
    texts = map(line, value[:limit]) if isinstance(value, list) else ()
    return [text for text in texts if text]


def mapping(value: object) -> dict[str, Any]:
    """The value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def without_empty(**facts: Any) -> dict[str, Any]:
    """A dictionary of the facts that are not empty, for `Entry.extra`."""
    return {key: value for key, value in facts.items() if value}


def quoted(value: object) -> str:
    """A value as an error message quotes it: short, on one line."""
    shown = text(value if isinstance(value, str) else reprlib.repr(value))
    shown = shown if len(shown) <= 60 else shown[:57] + "…"
    return repr(shown) if isinstance(value, str) else shown


def from_json(body: str | bytes) -> Any:
    """The value of a JSON text; raises ValueError whatever is wrong with it."""
    try:
        # Python refuses a number of 5,000 digits, and with it all the rest.
        return json.loads(body, parse_int=lambda digits: int(digits[:20]))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def described(body: bytes) -> str:
    """What a body is, for the message that it is not of the format it should be."""
    start = (
        body[:MAX_FIELD_CHARS]
        .replace(b"\0", b"")
        .decode("utf-8", "replace")
        .lstrip("\ufeff \t\r\n")
    )
    if not start:
        return "an empty body"
    if re.search(r"<(?:!doctype\s+)?html\b", start[:2_000], re.IGNORECASE):
        title = re.search(r"<title[^<>]*>([^<]*)", start, re.IGNORECASE)
        return f"an HTML page titled {quoted(html.unescape(title[1]))}" if title else "an HTML page"
    if start[0] in "{[":
        return "JSON"
    root = re.search(r"<[A-Za-z][\w:.-]*", start) if start[0] == "<" else None
    return f"markup of the kind {root[0]}>" if root else f"text like {quoted(start[:200])}"
