"""Text for mails: made one line, truncated at a word, wrapped for 80 columns. Pure functions."""

import re
from textwrap import TextWrapper

WRAP_COLUMNS = 76
SENTENCE_END = re.compile(r"([.?!][)”’\"']?)\s+(?=[A-Z“])")
JOINERS = "\u200c\u200d"  # invisible, but Persian and emoji need them


def one_line(text: str) -> str:
    """Without line ends, control characters and marks that change the direction of reading."""
    printable = "".join(char if char.isprintable() or char in JOINERS else " " for char in text)
    return " ".join(printable.split())


def truncate(text: str, max_chars: int) -> str:
    """At the end of a word, where that is not in the first half; with an ellipsis."""
    if len(text) <= max_chars:
        return text
    head = text[: max(max_chars - 1, 0)]
    last_space = head.rfind(" ")
    if last_space > max_chars // 2:
        head = head[:last_space]
    return head.rstrip(" ,;:.-–—") + "…"


def first_sentences(text: str, max_chars: int) -> str:
    """Whole sentences where they fill most of the length, else truncated within one."""
    if len(text) <= max_chars:
        return text
    ends = [match.end(1) for match in SENTENCE_END.finditer(text[: max_chars + 1])]
    return text[: ends[-1]] if ends and ends[-1] > max_chars * 0.6 else truncate(text, max_chars)


def wrap(text: str, indent: str = "") -> str:
    """In lines for 80 columns; all but the first begin with the indent."""
    wrapper = TextWrapper(
        WRAP_COLUMNS, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return wrapper.fill(text)


def tidy_blank_lines(text: str) -> str:
    """Without what templates leave behind: double empty lines and spaces at line ends."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"
