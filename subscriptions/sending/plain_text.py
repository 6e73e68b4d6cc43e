"""Text as mail bears it: on one line, cut at a word, wrapped for 80 columns. Pure."""

import re
from textwrap import TextWrapper

WIDTH = 76
SENTENCE_END = re.compile(r"([.?!][)”’\"']?)\s+(?=[A-Z“])")
JOINERS = "\u200c\u200d"  # unseen, but Persian and emoji need them


def one_line(text: str) -> str:
    """Without line ends, controls and whatever turns the direction of reading."""
    seen = "".join(it if it.isprintable() or it in JOINERS else " " for it in text)
    return " ".join(seen.split())


def cut(text: str, length: int) -> str:
    """At most so long, ended at a word."""
    if len(text) <= length:
        return text
    head = text[: max(length - 1, 0)]
    word = head.rfind(" ")
    if word > length // 2:
        head = head[:word]
    return head.rstrip(" ,;:.-–—") + "…"


def opening(text: str, length: int) -> str:
    """The first sentences, where they fill most of the length; else cut within one."""
    if len(text) <= length:
        return text
    ends = [it.end(1) for it in SENTENCE_END.finditer(text[: length + 1])]
    return text[: ends[-1]] if ends and ends[-1] > length * 0.6 else cut(text, length)


def fill(text: str, indent: str = "") -> str:
    """Wrapped; its later lines begin with this."""
    wrapper = TextWrapper(
        WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return wrapper.fill(text)


def bare(text: str) -> str:
    """Without the blank that templates leave: never two empty lines, and no blank at line ends."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"
