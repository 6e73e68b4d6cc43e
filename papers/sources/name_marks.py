"""Cleans one author's name: markup, marks, titles, degrees, ids and mail addresses go."""

import re

from papers.sources import clean, html_text

SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv)\.?", re.IGNORECASE)


def is_clean(name: str) -> bool:
    """Whether it is certainly a name and nothing else: nearly all are, and this is quick."""
    return not UNUSUAL_CHARACTER.search(name) and UNUSUAL_WORDS.isdisjoint(name.lower().split())


UNUSUAL_CHARACTER = re.compile(r"[^\w\s.'’-]|[\d_\xb9\xb2\xb3\u2070-\u2079]|^\W|'$")
UNUSUAL_WORDS = frozenset(
    [
        *("al", "al.", "alii", "alia", "by", "and", "et", "et.", "others", "more", "for", "on"),
        *("asst", "asst.", "assoc", "assoc.", "dr", "dr.", "prof", "prof.", "professor"),
        *("dphil", "mbbs", "md", "md.", "m.d.", "mph", "msc", "m.sc.", "bsc", "b.sc.", "d.sc"),
        *("d.sc.", "sc.d", "sc.d.", "scd", "pharmd", "pharm.d.", "psyd", "psy.d.", "frcp", "frs"),
        *("ph", "ph.", "ph.d", "ph.d.", "phd", "phd."),
        *("collaborations", "consortia", "consortiums", "groups", "teams", "univ.-prof."),
    ]
)


def clean_name(name: str) -> str:
    """A name without what stands around it: titles, degrees, numbers of affiliations, quotes."""
    name = ET_AL.sub("", AND.sub("", plain_text(name))).strip(AROUND)
    if is_quoted := QUOTED.fullmatch(name):
        name = is_quoted[1]
    name = without_degrees(AFFILIATION_BEHIND.sub("", name))
    if " " in name and not ANY_GROUP.search(name):
        name = AFFILIATION_NUMBERS.sub("", name)
    return "" if DEGREES.fullmatch(name) or OTHERS.fullmatch(name) else name.strip(AROUND)


def without_degrees(name: str) -> str:
    """ "Lovelace, Ada" for "Dr. Lovelace, Ada, PhD"."""
    return DEGREES_BEHIND.sub("", TITLES.sub("", name))


def plain_text(value: object) -> str:
    """One line without markup, mail addresses and ids; "(Ada Lovelace)" without parentheses."""
    text = clean.text(value)
    if "<" in text or "&" in text:
        text = clean.text(html_text.read(text).text)
    text = MARKS.sub("", without_mail(text))
    text = ORCID.sub(" ", text) if "000" in text else text
    if text.startswith("(") and text.endswith(")") and text.count("(") == 1:
        text = text[1:-1]
    return " ".join(text.split())


# https://support.orcid.org/hc/articles/360006897674
ORCID = re.compile(
    r"[\[(]?(?:orcid(?: ?id)?:? ?)?(?:https?://(?:www\.)?orcid\.org/|\borcid\.org/)?"
    r"\b[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9Xx]\b/?[\])]?",
    re.IGNORECASE,
)


def without_mail(text: str) -> str:
    """Without mail addresses: "ada@example.org (Ada Lovelace)" is "(Ada Lovelace)"."""
    return MAIL_ADDRESS.sub(" ", text) if "@" in text else text


MAIL_ADDRESS = re.compile(
    r"[<(\[]?(?:mailto:)?[^\s<>()\[\]@,;]{1,64}@[^\s<>()\[\]@,;]{1,255}[>)\]]?"
)


def is_suffix(part: str) -> bool:
    return bool(SUFFIX.fullmatch(part) or DEGREES.fullmatch(part))


ANY_GROUP = re.compile(r"\b(?:collaboration|consorti|groups?\b|teams?\b)", re.IGNORECASE)
AROUND = " ,;/|*#[]"
AND = re.compile(r"^(?:and|&|[Bb]y)\s|\s(?:and|&)$")
# "(MIT)", "(University of X)", "(1)", but not the nickname or the name in another script.
AFFILIATION_BEHIND = re.compile(
    r"\s\((?:(?-i:[A-Z]{2,8})|[0-9, ]+|[^()]*\b(?:univ|inst|lab|dept|department|college|school"
    r"|cent(?:er|re)|research|corresponding|editor|author|speaker)[^()]*)\)$",
    re.IGNORECASE,
)
ET_AL = re.compile(r"(?:^|\s)et\.? al(?:\.|ii|ia)?$|^(?:and|others)$", re.IGNORECASE)
OTHERS = re.compile(r"(?:\+ ?)?(?:[0-9]{1,4} )?(?:more|others)(?: authors)?", re.IGNORECASE)
# Scripts: `^{1,2}`, `$^{\dagger}$`, `$^1$`, but not the accent of `\^{o}`; and signs of notes.
MARKS = re.compile(
    r"(?<!\\)\$?\^(?:\{[^{}]{0,40}\}|[0-9*]+(?:,[0-9*]+)*|\\[a-z]{1,8}\b ?)\$?"
    r"|\\(?:textsuperscript|thanks|footnote(?:mark)?)\{[^{}]{0,80}\}"
    r"|[\xb9\xb2\xb3\u2070\u2074-\u2079\u2020\u2021\xa7\xb6\u2217\u22c6\u2605\u2709\uff0a]+"
    r"|(?<=\w)\*+"
)
QUOTED = re.compile(r"['\"]{1,2}([^'\"]*(?:'[^'\"]+)*)['\"]{1,2}")
# Not "MA" or "M.A.", which are initials.
_SURE_DEGREE = r"(?:Ph\.?\s?[Dd]|PHD|D\.?Phil|M\.?Sc|B\.?Sc|D\.Sc|Sc\.?D|Pharm\.?D|Psy\.?D)\.?"
_DEGREE = (
    rf"(?:{_SURE_DEGREE}|(?:M\.?B\.?A|M\.?Eng|MD|M\.D|MBBS|MPH|FRCP|FRS|Ed\.?D|D\.?V\.?M|Dr\.?P\.?H"
    r"|Dr\.?-?\s?(?:rer\.?\s?nat|Ing|med))\.?)"
)
DEGREES = re.compile(rf"{_DEGREE}(?:[ ,/-]+{_DEGREE}){{0,5}}")
DEGREES_BEHIND = re.compile(rf"(?:,?\s{_DEGREE}){{0,5}}(?:,\s?{_DEGREE}|\s{_SURE_DEGREE})$")
TITLES = re.compile(r"^(?:(?:Dr|Prof|Professor|Assoc|Asst|Univ\.-Prof)\.? )+(?=\S{2})")
AFFILIATION_NUMBERS = re.compile(r"(?:(?<=[^\W\d_]{2})| )[0-9]{1,2}(?:,[0-9]{1,2})*$")
