"""Words of strangers in our mails: cut, and without anything that a mail program makes a link of.

A stranger can have us write to any address, and choose some of the words. Pure functions.
"""

import unicodedata
from typing import Any

MAX_CHARS = 40
KEPT_SIGNS = " -'’"


def plain_words(text: str, max_chars: int = MAX_CHARS) -> str:
    """Letters, digits, spaces, hyphens and apostrophes only.

    Without dots, slashes, colons and @ no program finds an address, also no bare `example.org`.
    """
    kept = "".join(
        char if char in KEPT_SIGNS or unicodedata.category(char)[0] in "LMN" else " "
        for char in unicodedata.normalize("NFKC", text)
    )
    words = " ".join(kept.split())
    return words if len(words) <= max_chars else words[: max_chars - 1].rstrip() + "…"


def display_name(user: Any) -> str:
    """How allauth's pages and mails call a user, who may have chosen it to be read by others."""
    return plain_words(user.name or user.email.partition("@")[0])
