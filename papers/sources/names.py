"""Authors as a tuple of names, from a list or from the one string arXiv writes them in."""

import re

from papers.sources import fields

NAME = 300  # characters
MANY = 10_000  # the longest list seen has 3,303

INNERMOST = re.compile(r"\([^()]*\)")
DEPTH = 5  # "(1) ((1) MPA, (2) Harvard (USA))" is as deep as it gets
BETWEEN = re.compile(r"(?<!\\)[,;]|(?<=\w):\s|\s(?:and|&)(?=\s)")
SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|ph\.?\s?d|m\.?d)\.?", re.IGNORECASE)
OTHERS = re.compile(r"(?:^|\s)et\.? al\.?$|^(?:and|others)$", re.IGNORECASE)


def split(authors: str) -> tuple[str, ...]:
    """Names from "A. Author (MIT, USA), B. Author, Jr. and C. Author": affiliations go."""
    authors = fields.text(authors)
    for _ in range(DEPTH):
        authors, replaced = INNERMOST.subn(" ", authors)
        if not replaced:
            break
    return tidy(BETWEEN.split(authors))


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
