"""Authors as a tuple of names, from a list or from the one string arXiv writes them in."""

import re

from papers.sources import clean

NAME = 300  # characters
MANY = 10_000  # the longest list seen has 3,303

INNERMOST = re.compile(r"\([^()]*\)")
DEPTH = 5  # "(1) ((1) MPA, (2) Harvard (USA))" is as deep as it gets
BETWEEN = re.compile(r"(?<!\\)[,;]|(?<=\w):\s|\s(?:and|&)(?=\s)")
SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|ph\.?\s?d|m\.?d)\.?", re.IGNORECASE)
# "Lovelace A", "de Souza AB", "Lovelace A.B."
INITIALS_LAST = re.compile(
    r"(?P<last>[^\d,]*[^\W\d_]{2}) (?P<first>[^\W\d_a-z]{1,3}|(?:[^\W\d_]\.[ -]?){1,4})"
)
AFFILIATION = re.compile(
    r"\b(?:of|for|at|the|univ\w*|instit\w*|inc|ltd|llc|collaboration|consortium)\b|\b\w\.(?=.*,)",
    re.IGNORECASE,
)
MAIL = re.compile(r"[<(\[]?[^\s<>()\[\]@]{1,64}@[^\s<>()\[\]@]{1,255}[>)\]]?")
OTHERS = re.compile(r"(?:^|\s)et\.? al\.?$|^(?:and|others)$", re.IGNORECASE)


def split(authors: str) -> tuple[str, ...]:
    """Names from "A. Author (MIT, USA), B. Author, Jr. and C. Author": affiliations go."""
    authors = clean.text(authors)
    for _ in range(DEPTH):
        authors, replaced = INNERMOST.subn(" ", authors)
        if not replaced:
            break
    return tidy(BETWEEN.split(authors))


def people(written: list[str]) -> tuple[str, ...]:
    """Names as the author elements of feeds have them, given names first.

    One element for each, or one for all; "Lovelace, A., Hopper, G." as bioRxiv writes, or
    "Lovelace A, Hopper G" as OUP does, or "Lovelace, Ada".
    """
    elements = [clean.text(one) for one in written[:MANY]]
    elements = [(MAIL.sub(" ", one) if "@" in one else one).strip(" ,;") for one in elements]
    if len(elements) == 1 and ";" not in elements[0]:
        found = _from_one(elements[0])
    else:
        found = [given_first(name) for element in elements for name in element.split(";")]
    return tidy(_initials_first(found))


def given_first(name: str) -> str:
    """ "Lovelace, Ada" as Ada Lovelace; "Ada Lovelace, PhD" and "J. Doe, MIT" stay."""
    last, comma, first = (part.strip() for part in name.partition(","))
    if not (comma and last and first) or "," in first or SUFFIX.fullmatch(first):
        return name.strip()
    return name.strip() if AFFILIATION.search(name) else f"{first} {last}"


def _from_one(element: str) -> list[str]:
    """Names from the one string they all stand in."""
    parts = [part for one in element.split(",") if (part := OTHERS.sub("", one.strip()))]
    if len(parts) > 1 and sum(map(_is_initials, parts[1:])) * 3 >= len(parts):
        found: list[str] = []
        is_whole = True  # the first part cannot be anybody's initials
        for part in parts:
            if not is_whole and _is_initials(part):
                found[-1] = f"{part} {found[-1]}"
                is_whole = True
            else:
                found.append(part)
                is_whole = False
        return found
    if len(parts) == 2 and (" " not in parts[0] or parts[0][0].islower()):
        return [given_first(element)]
    return list(split(element))


def _is_initials(part: str) -> bool:
    """Whether it is like "A.", "P.-L.", "R. J." or "AB"."""
    letters = re.findall(r"[^\W\d_]+", part[:40])
    longest = 1 if "." in part else 3
    are_short = all(one.isupper() and len(one) <= longest for one in letters)
    return are_short and 0 < len(letters) < 6 and not SUFFIX.fullmatch(part)


def _initials_first(found: list[str]) -> list[str]:
    """ "Lovelace A" as A. Lovelace, where all are written so: one alone may be called Sam A."""
    turned = []
    for name in found:
        match = INITIALS_LAST.fullmatch(name.strip()) if len(name) <= NAME else None
        if not match or (len(found) == 1 and match["first"].count(".") < 2):
            return found
        first = (
            match["first"] if "." in match["first"] else " ".join(f"{c}." for c in match["first"])
        )
        turned.append(f"{first} {match['last']}")
    return turned


def tidy(names: object) -> tuple[str, ...]:
    """Clean names; "Jr." joins the name before it, "et al." and what has no letter goes."""
    found: list[str] = []
    for given in names[:MANY] if isinstance(names, list) else ():
        name = OTHERS.sub("", clean.text(given, NAME)).strip(" ,;")
        if SUFFIX.fullmatch(name) and found:
            found[-1] += f" {name}"
        elif any(character.isalpha() for character in name):
            found.append(name)
    return tuple(found)
