"""How a person is called in public: rules for display names and handles. Pure functions."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

MAX_NAME_CHARS = 80
MIN_HANDLE_CHARS, MAX_HANDLE_CHARS = 3, 30
HANDLE_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"  # also checked by the database
HANDLE_HELP = (
    f"Your public short name, {MIN_HANDLE_CHARS} to {MAX_HANDLE_CHARS} characters: letters a to z, "
    "digits, and single hyphens between them."
)
# Who has one of these would seem to speak for the site.
RESERVED_HANDLES = {
    *("admin", "administrator", "anonymous", "curator", "curators", "editor", "editors"),
    *("everyone", "help", "moderator", "operator", "readers", "root", "security", "staff"),
    *("support", "system"),
}
JOINERS = "\u200c\u200d"  # invisible, but Persian and the scripts of India need them
check_characters = RegexValidator(
    HANDLE_PATTERN, "Use letters a to z, digits, and single hyphens between them."
)


def clean_display_name(name: str) -> str:
    """With single spaces. Raises ValidationError where it would disturb the text around it."""
    name = " ".join(name.split())
    if any(unicodedata.category(char)[0] == "C" and char not in JOINERS for char in name):
        raise ValidationError("The name has invisible characters. Please type it again.")
    return name


def clean_handle(handle: str) -> str:
    """In lower case, without a leading @. Raises ValidationError; empty is allowed."""
    handle = handle.strip().removeprefix("@").lower()
    if not handle:
        return ""
    check_characters(handle)
    if not MIN_HANDLE_CHARS <= len(handle) <= MAX_HANDLE_CHARS:
        raise ValidationError(
            f"Use {MIN_HANDLE_CHARS} to {MAX_HANDLE_CHARS} characters; these are {len(handle)}."
        )
    if re.sub("[^a-z]", "", handle) in RESERVED_HANDLES:
        raise ValidationError("This handle is reserved. Please choose another.")
    return handle
