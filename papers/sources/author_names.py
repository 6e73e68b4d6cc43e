"""Splits and cleans author names, from a list or from the one string that arXiv writes."""

import re

from papers.sources import clean

MAX_NAME_CHARS = 300  # characters
MAX_AUTHORS = 10_000  # the longest list seen has 3,303

INNERMOST_PARENTHESES = re.compile(r"\([^()]*\)")
MAX_PARENTHESES_DEPTH = 5  # "(1) ((1) MPA, (2) Harvard (USA))" is as deep as it gets
SEPARATOR = re.compile(r"(?<!\\)[,;]|(?<=\w):\s|\s(?:and|&)(?=\s)")
SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|ph\.?\s?d|m\.?d)\.?", re.IGNORECASE)
# "Lovelace A", "de Souza AB", "Lovelace A.B."
INITIALS_LAST = re.compile(
    r"(?P<last>[^\d,]*[^\W\d_]{2}) (?P<first>[^\W\d_a-z]{1,3}|(?:[^\W\d_]\.[ -]?){1,4})"
)
AFFILIATION = re.compile(
    r"\b(?:of|for|at|the|univ\w*|instit\w*|inc|ltd|llc|collaboration|consortium)\b|\b\w\.(?=.*,)",
    re.IGNORECASE,
)
MAIL_ADDRESS = re.compile(r"[<(\[]?[^\s<>()\[\]@]{1,64}@[^\s<>()\[\]@]{1,255}[>)\]]?")
ET_AL = re.compile(r"(?:^|\s)et\.? al\.?$|^(?:and|others)$", re.IGNORECASE)


def split(authors: str) -> tuple[str, ...]:
    """Names from "A. Author (MIT, USA), B. Author, Jr. and C. Author": affiliations go."""
    authors = clean.text(authors)
    for _ in range(MAX_PARENTHESES_DEPTH):
        authors, replaced = INNERMOST_PARENTHESES.subn(" ", authors)
        if not replaced:
            break
    return clean_names(SEPARATOR.split(authors))


def from_elements(elements: list[str]) -> tuple[str, ...]:
    """Names from the author elements of a feed, turned to have given names first.

    One element for each, or one for all; "Lovelace, A., Hopper, G." as bioRxiv writes, or
    "Lovelace A, Hopper G" as OUP does, or "Lovelace, Ada".
    """
    elements = [_without_mail(clean.text(one)).strip(" ,;") for one in elements[:MAX_AUTHORS]]
    if len(elements) == 1 and ";" not in elements[0]:
        names = _from_one(elements[0])
    else:
        names = [given_first(name) for element in elements for name in element.split(";")]
    return clean_names(_initials_first(names))


def _without_mail(text: str) -> str:
    return MAIL_ADDRESS.sub(" ", text) if "@" in text else text


def given_first(name: str) -> str:
    """ "Lovelace, Ada" as Ada Lovelace; "Ada Lovelace, PhD" and "J. Doe, MIT" stay."""
    last, comma, first = (part.strip() for part in name.partition(","))
    if not (comma and last and first) or "," in first or SUFFIX.fullmatch(first):
        return name.strip()
    return name.strip() if AFFILIATION.search(name) else f"{first} {last}"


def _from_one(element: str) -> list[str]:
    """Names from one string with all of them."""
    parts = [part for one in element.split(",") if (part := ET_AL.sub("", one.strip()))]
    if len(parts) > 1 and sum(map(_is_initials, parts[1:])) * 3 >= len(parts):
        names: list[str] = []
        is_whole = True  # the first part cannot be anybody's initials
        for part in parts:
            if not is_whole and _is_initials(part):
                names[-1] = f"{part} {names[-1]}"
                is_whole = True
            else:
                names.append(part)
                is_whole = False
        return names
    if len(parts) == 2 and (" " not in parts[0] or parts[0][0].islower()):
        return [given_first(element)]
    return list(split(element))


def _is_initials(part: str) -> bool:
    """Whether it is like "A.", "P.-L.", "R. J." or "AB"."""
    letters = re.findall(r"[^\W\d_]+", part[:40])
    longest = 1 if "." in part else 3
    are_short = all(one.isupper() and len(one) <= longest for one in letters)
    return are_short and 0 < len(letters) < 6 and not SUFFIX.fullmatch(part)


def _initials_first(names: list[str]) -> list[str]:
    """ "Lovelace A" as A. Lovelace, where all are written so: one alone may be called Sam A."""
    turned = []
    for name in names:
        match = INITIALS_LAST.fullmatch(name.strip()) if len(name) <= MAX_NAME_CHARS else None
        if not match or (len(names) == 1 and match["first"].count(".") < 2):
            return names
        first = (
            match["first"] if "." in match["first"] else " ".join(f"{c}." for c in match["first"])
        )
        turned.append(f"{first} {match['last']}")
    return turned


def clean_names(names: object) -> tuple[str, ...]:
    """Clean names; "Jr." joins the name before it, "et al." and what has no letter goes."""
    cleaned: list[str] = []
    for value in names[:MAX_AUTHORS] if isinstance(names, list) else ():
        name = ET_AL.sub("", clean.text(value, MAX_NAME_CHARS)).strip(" ,;")
        if SUFFIX.fullmatch(name) and cleaned:
            cleaned[-1] += f" {name}"
        elif any(character.isalpha() for character in name):
            cleaned.append(name)
    return tuple(cleaned)
