"""Splits and cleans author names, from a list or from the one string that arXiv writes."""

import re

from papers.sources import clean, name_marks

MAX_NAME_CHARS = 300  # characters
MAX_AUTHORS = 10_000  # the longest list seen has 3,303

INNERMOST_PARENTHESES = re.compile(r"\([^()]*\)")
MAX_PARENTHESES_DEPTH = 5  # "(1) ((1) MPA, (2) Harvard (USA))" is as deep as it gets
SEPARATOR = re.compile(r"((?<!\\)[,;]|(?<=\w):\s|\s(?:and|&)(?=\s))")
# "Lovelace A", "de Souza AB", "Lovelace A.B."
INITIALS_LAST = re.compile(
    r"(?P<last>[^\d,]*[^\W\d_]{2}) (?P<first>[^\W\d_a-z]{1,3}|(?:[^\W\d_]\.[ -]?){1,4})"
)
AFFILIATION = re.compile(
    r"\b(?:of|for|at|the|univ\w*|instit\w*|inc|ltd|llc|collaboration|consortium)\b|\b\w\.(?=.*,)",
    re.IGNORECASE,
)


def split(authors: str) -> tuple[str, ...]:
    """Names from "A. Author (MIT, USA), B. Author, Jr. and C. Author": affiliations go."""
    authors = name_marks.plain_text(authors)
    if listed := _listed_as_python(authors):
        return clean_names(listed)
    for _ in range(MAX_PARENTHESES_DEPTH):
        authors, replaced = INNERMOST_PARENTHESES.subn(" ", authors)
        if not replaced:
            break
    if ";" in authors and all(map(_is_family_first, parts := authors.split(";"))):
        return clean_names(parts)
    return clean_names(_with_whole_groups(SEPARATOR.split(authors)))


def from_elements(elements: list[str]) -> tuple[str, ...]:
    """Names from the author elements of a feed, turned to have given names first.

    One element for each, or one for all; "Lovelace, A., Hopper, G." as bioRxiv writes, or
    "Lovelace A, Hopper G" as OUP does, or "Lovelace, Ada".
    """
    elements = [name_marks.plain_text(one).strip(" ,;") for one in elements[:MAX_AUTHORS]]
    if len(elements) == 1 and ";" not in elements[0]:
        names = _from_one(elements[0])
    else:
        parts = [part.strip() for element in elements for part in element.split(";")]
        names = [given_first(name_marks.without_degrees(part)) for part in parts]
    return clean_names(_initials_first(names))


def given_first(name: str) -> str:
    """ "Lovelace, Ada" as Ada Lovelace; "Ada Lovelace, PhD" and "J. Doe, MIT" stay."""
    last, comma, first = (part.strip() for part in name.partition(","))
    if not (comma and last and first) or "," in first or name_marks.is_suffix(first):
        return name.strip()
    return name.strip() if AFFILIATION.search(name) else f"{first} {last}"


def clean_names(names: object) -> tuple[str, ...]:
    """Clean names; "Jr." joins the name before it, "et al." and what has no letter goes."""
    cleaned: list[str] = []
    if isinstance(names, list) and len(names) == 1:
        names = _people_in_one(clean.text(names[0])) or names
    for value in names[:MAX_AUTHORS] if isinstance(names, list) else ():
        for name in _names_in(clean.text(value, MAX_NAME_CHARS)):
            if name_marks.SUFFIX.fullmatch(name) and cleaned:
                cleaned[-1] += f" {name}"
            elif any(character.isalpha() for character in name):
                cleaned.append(name)
    return tuple(cleaned[:MAX_AUTHORS])


def _listed_as_python(authors: str) -> list[str]:
    """The strings in "['Ada Lovelace', \\"O'Doe\\"]", as a table of pandas writes a list."""
    if not PYTHON_LIST.match(authors):
        return []
    return [single or double for single, double in PYTHON_STRING.findall(authors)]


PYTHON_LIST = re.compile(r"[\[(]\s?['\"].*['\"],?\s?[\])]\Z", re.DOTALL)
PYTHON_STRING = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")


def _with_whole_groups(parts: list[str]) -> list[str]:
    """Names from parts with the separators between them, of groups each with its kind.

    "A and B Collaborations" are two groups, "Ages and Stages Collaboration" is one.
    """
    names: list[str] = []
    are_plural = False  # the part before belongs to "… Collaborations" behind it
    for number in range(len(parts) - 1, -1, -2):
        name = parts[number].strip()
        separator = parts[number + 1] if names else ""
        is_word = bool(SINGLE_WORD.fullmatch(name))
        if group := PLURAL_GROUP.search(name):
            kind = SINGULARS[group[1].lower()]
            name, are_plural = f"{name[: group.start()]} {kind}", True
        elif are_plural and name and (is_word or separator.strip() != ","):
            name = f"{name} {kind}"
        elif names and is_word and _joins_a_group(separator, names[-1]):
            name = f"{name}{separator} {names.pop()}"
        elif name:
            are_plural = False
        names.append(name)
    return names[::-1]


def _joins_a_group(separator: str, name: str) -> bool:
    is_short = len(name) < MAX_NAME_CHARS
    return is_short and separator.strip() in ("and", "&") and bool(SINGLE_GROUP.search(name))


SINGULARS = {
    "collaborations": "Collaboration",
    "consortia": "Consortium",
    "consortiums": "Consortium",
    "groups": "Group",
    "teams": "Team",
}
PLURAL_GROUP = re.compile(r"\s(Collaborations|Consortia|Consortiums|Groups|Teams)\Z", re.IGNORECASE)
SINGLE_GROUP = re.compile(r"\s(?:Collaboration|Consortium)\Z", re.IGNORECASE)
SINGLE_WORD = re.compile(r"(?:the )?[\w+./-]{2,40}(?: [IVX]{1,4}| [0-9]{1,2})?", re.IGNORECASE)


def _names_in(text: str) -> list[str]:
    """Clean names from what should be one."""
    if name_marks.is_clean(text):
        return [text]
    return list(map(name_marks.clean_name, _several(text)))


def _several(name: str) -> list[str]:
    """The names in what should be one: a list in text, "A and B Collaborations", "A for the B"."""
    if listed := _listed_as_python(name):
        return listed
    name = name_marks.without_degrees(name_marks.plain_text(name))
    if PLURAL_GROUP.search(name) and SEPARATOR.search(name):
        return _with_whole_groups(SEPARATOR.split(name))
    if speaker := ON_BEHALF.fullmatch(name):
        return [speaker["name"], speaker["group"]]
    return [given_first(name) if _is_family_first(name) else name]


def _people_in_one(text: str) -> list[str]:
    """The full names in a list's only text, where it is sure that they are several."""
    if AFFILIATION.search(text) or name_marks.ANY_GROUP.search(text):
        return []
    parts = [part.strip() for part in SEPARATOR.split(text)[::2]]
    people = [part for part in parts if part and not name_marks.is_suffix(part)]
    return parts if len(people) > 1 and all(" " in part for part in people) else []


ON_BEHALF = re.compile(
    r"(?:(?P<name>[^,;]{3,80}?),? )?(?:for|on behalf of) (?:the )?"
    r"(?P<group>[^,;]{1,80} (?:collaboration|consortium|team|group))",
    re.IGNORECASE,
)


def _is_family_first(name: str) -> bool:
    """Whether it is like "Lovelace, Ada" or "de la Cruz, Maria": one word, or a particle first."""
    family, _, given = (part.strip() for part in name.partition(","))
    is_one = bool(family and given) and "," not in given
    return (
        is_one
        and (" " not in family or family[0].islower())
        and not name_marks.ANY_GROUP.search(name)
    )


def _from_one(element: str) -> list[str]:
    """Names from one string with all of them."""
    parts = [part for one in element.split(",") if (part := name_marks.ET_AL.sub("", one.strip()))]
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
    if len(parts) == 2 and _is_family_first(", ".join(parts)):
        return [given_first(element)]
    return list(split(element))


def _is_initials(part: str) -> bool:
    """Whether it is like "A.", "P.-L.", "R. J." or "AB"."""
    letters = re.findall(r"[^\W\d_]+", part[:40])
    longest = 1 if "." in part else 3
    are_short = all(one.isupper() and len(one) <= longest for one in letters)
    return are_short and 0 < len(letters) < 6 and not name_marks.is_suffix(part)


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
