"""From what a source wrote to what a database can hold: text, URLs, times, numbers.

Each function takes any value, as broken records hold anything anywhere, and answers with
an empty one where it can make nothing of it.
"""

import html
import json
import re
import reprlib
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

FIELD = 64 * 1024  # characters of any field that are looked at
LINE = 2_000  # of a field that is one line: title, journal reference
URL = 1_000  # what a paper can hold of one
NAME = 200
MOST_VOTES = 10**9  # more is a mistake, and no PostgreSQL integer
YEARS = range(1900, 2200)

# NUL and lone surrogates cannot be stored, the other controls cannot stand in our own feeds.
UNSTORABLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
# As papers.text has it: arXiv indents the first line of a paragraph, others leave a line empty.
PARAGRAPH = re.compile(r"\n[ \t]*\n|(?<=[.!?:;])\n[ \t]{2,}")


def text(value: object, limit: int = FIELD) -> str:
    """One line of text: cut to the limit, cleaned, white space folded."""
    if not isinstance(value, str):
        return ""
    return " ".join(UNSTORABLE.sub("", value[:limit]).split())


def line(value: object) -> str:
    """Text of a field that is short by nature."""
    return text(value, LINE)


def name(value: object) -> str:
    """Text that names somebody."""
    return text(value, NAME)


def paragraphs(value: object) -> str:
    """Text of many lines: an empty line between paragraphs, none within."""
    if not isinstance(value, str):
        return ""
    found = (text(part) for part in PARAGRAPH.split(value[:FIELD].replace("\r\n", "\n")))
    return "\n\n".join(part for part in found if part)


def clean_url(value: object) -> str:
    """The URL if a page may link to it: http or https, a host, no credentials; else nothing."""
    if not isinstance(value, str) or len(value) > URL:
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
    return time if time.year in YEARS else None


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
        found = date.fromisoformat(value)
    except ValueError:
        return None
    return found if found.year in YEARS else None


def count(value: object) -> int:
    """A number of something; what is none, or cannot be true, is 0."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,10}", value):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_VOTES:
        return value
    return 0


def lines(value: object, limit: int = 1_000) -> list[str]:
    """The texts in a list, without what is no text."""
    found = (line(item) for item in value[:limit]) if isinstance(value, list) else ()
    return [item for item in found if item]


def mapping(value: object) -> dict[str, Any]:
    """The value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def kept(**facts: Any) -> dict[str, Any]:
    """The facts that say something: how `Entry.extra` is filled."""
    return {key: value for key, value in facts.items() if value}


def shown(value: object) -> str:
    """A value as a message may quote it: short, on one line."""
    found = text(value if isinstance(value, str) else reprlib.repr(value))
    found = found if len(found) <= 60 else found[:57] + "…"
    return repr(found) if isinstance(value, str) else found


def from_json(body: str | bytes) -> Any:
    """What JSON says; raises ValueError whatever is wrong with it."""
    try:
        # Python refuses a number of 5,000 digits, and with it all the rest.
        return json.loads(body, parse_int=lambda digits: int(digits[:20]))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def described(body: bytes) -> str:
    """What a body is, for the message that it is not what was promised."""
    start = body[:FIELD].replace(b"\0", b"").decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if not start:
        return "an empty body"
    if re.search(r"<(?:!doctype\s+)?html\b", start[:2_000], re.IGNORECASE):
        title = re.search(r"<title[^<>]*>([^<]*)", start, re.IGNORECASE)
        return f"an HTML page titled {shown(html.unescape(title[1]))}" if title else "an HTML page"
    if start[0] in "{[":
        return "JSON"
    root = re.search(r"<[A-Za-z][\w:.-]*", start) if start[0] == "<" else None
    return f"markup of the kind {root[0]}>" if root else f"text like {shown(start[:200])}"
