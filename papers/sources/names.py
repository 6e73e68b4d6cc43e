"""Authors as a tuple of names, from a list or from the one string arXiv writes them in."""

import re

from papers.sources import fields

NAME = 300  # characters
MANY = 10_000  # the longest list seen has 3,303

INNERMOST = re.compile(r"\([^()]*\)")
DEPTH = 5  # "(1) ((1) MPA, (2) Harvard (USA))" is as deep as it gets
BETWEEN = re.compile(r"(?<!\\)[,;]|(?<=\w):\s|\s(?:and|&)(?=\s)")
SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|ph\.?\s?d|m\.?d)\.?", re.IGNORECASE)
# "Lovelace A", "de Souza AB", "Lovelace A.B."
INITIALS_LAST = re.compile(r"(?P<last>\D+?) (?P<first>[^\W\d_a-z]{1,3}|(?:[^\W\d_]\.[ -]?){1,4})")
MAIL = re.compile(r"[<(\[]?[^\s<>()\[\]@]{1,64}@[^\s<>()\[\]@]{1,255}[>)\]]?")
OTHERS = re.compile(r"(?:^|\s)et\.? al\.?$|^(?:and|others)$", re.IGNORECASE)


def split(authors: str) -> tuple[str, ...]:
    """Names from "A. Author (MIT, USA), B. Author, Jr. and C. Author": affiliations go."""
    authors = fields.text(authors)
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
    elements = [MAIL.sub(" ", fields.text(one)).strip(" ,;") for one in written[:MANY]]
    if len(elements) == 1 and ";" not in elements[0]:
        return _from_one(elements[0])
    found = [name.strip() for element in elements for name in element.split(";")]
    return tidy([_turned(name) for name in found])


def _from_one(element: str) -> tuple[str, ...]:
    """Names from the one string they all stand in."""
    parts = [part for one in element.split(",") if (part := OTHERS.sub("", one.strip()))]
    if len(parts) < 2:
        return tidy([_turned(name) for name in split(element)])
    if sum(map(_is_initials, parts[1:])) * 3 >= len(parts):
        found: list[str] = []
        turned = True  # the first cannot be anybody's initials
        for part in parts:
            if not turned and _is_initials(part):
                found[-1] = f"{part} {found[-1]}"
                turned = True
            else:
                found.append(part)
                turned = False
        return tidy(found)
    if len(parts) == 2 and _turned(element) != element and " " not in parts[0]:
        return tidy([_turned(element)])
    found = list(split(element))
    if all(INITIALS_LAST.fullmatch(name) for name in found):
        found = [_turned(name) for name in found]
    return tidy(found)


def _is_initials(part: str) -> bool:
    """Whether it is like "A.", "P.-L.", "R. J." or "AB"."""
    letters = re.findall(r"[^\W\d_]+", part)
    return 0 < len(letters) < 6 and all(
        one.isupper() and len(one) <= (1 if "." in part else 3) for one in letters
    )


def _turned(name: str) -> str:
    """One name with the given name first: "Lovelace, Ada" and "Lovelace A.B."."""
    last, comma, first = (part.strip() for part in name.partition(","))
    if comma and last and first and "," not in first and not SUFFIX.fullmatch(first):
        is_place = re.search(r"\b(?:of|for|and|the)\b|\.", last + first.replace(".", "", 6))
        return name if is_place and not _is_initials(first) else f"{first} {last}"
    found = INITIALS_LAST.fullmatch(name)
    if found and ("." in found["first"] or len(found["first"]) == 1):
        first = found["first"]
        return f"{first if '.' in first else f'{first}.'} {found['last']}"
    return name


def tidy(names: object) -> tuple[str, ...]:
    """Clean names; "Jr." joins the name before it, "et al." and what has no letter goes."""
    found: list[str] = []
    for given in names[:MANY] if isinstance(names, list) else ():
        name = OTHERS.sub("", fields.text(given, NAME)).strip(" ,;")
        if SUFFIX.fullmatch(name) and found:
            found[-1] += f" {name}"
        elif any(character.isalpha() for character in name):
            found.append(name)
    return tuple(found)
