"""Checks a mail address that somebody typed; each refusal says its reason.

Stricter than RFC 5321 where mail would not arrive, or where Python and PostgreSQL do not agree
which letters are the same in lower case, so that one of them would take two addresses for one.
"""

import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

MAX_LOCAL_CHARS = 64  # RFC 5321, 4.5.3.1.1: octets, which for ASCII are characters
# Unicode categories that a lower-case domain name may hold beyond ASCII. Not unassigned ones (Cn):
# a database with newer tables may know them as capitals.
DOMAIN_CATEGORIES = {"Ll", "Lo", "Lm", "Mn", "Mc", "Nd"}
is_address = EmailValidator("This is not an email address, such as name@example.org.", allowlist=[])


def check_mail_address(address: str) -> None:
    """Raises ValidationError."""
    local, at, domain = address.strip().lower().rpartition("@")
    if at and not local.isascii():
        raise ValidationError(
            "The part before the @ has a letter or sign beyond ASCII. Such internationalised "
            "addresses (RFC 6531) are not supported here. Please use another address."
        )
    if len(local) > MAX_LOCAL_CHARS:
        raise ValidationError(
            f"The part before the @ has more than {MAX_LOCAL_CHARS} characters; "
            "no mail server accepts that (RFC 5321)."
        )
    if at and (domain.startswith("[") or "." not in domain.strip(".")):
        raise ValidationError(
            "The part after the @ must be a domain name with a dot, such as example.org."
        )
    is_address(address)
    further = [character for character in domain if not character.isascii()]
    if unicodedata.normalize("NFKC", domain) != domain or any(
        unicodedata.category(character) not in DOMAIN_CATEGORIES for character in further
    ):
        raise ValidationError("The part after the @ has letters that no domain name has.")
