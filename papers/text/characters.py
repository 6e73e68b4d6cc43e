"""Characters of a text: white space, invisible characters, and the escapes of arXiv's own files."""

import re
import unicodedata

# Private characters, each of which stands for a formula or an address while prose is read.
FIRST_PLACEHOLDER, LAST_PLACEHOLDER = 0xF0000, 0xFFFFD
# Controls, bidirectional overrides, lone surrogates, what XML forbids, and our placeholders.
INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff"
    f"{chr(FIRST_PLACEHOLDER)}-{chr(LAST_PLACEHOLDER)}]"
)
WORD = re.compile(r" ?[^ ]{1,100}")


def clean(source: str) -> str:
    """On one line, in NFC, without invisible characters."""
    text = one_line(source)
    if not text.isprintable():
        text = one_line(INVISIBLE.sub("", text))
    if text.isascii():
        return text
    # Word by word, as a long run of combining marks takes normalize() quadratic time.
    return "".join(unicodedata.normalize("NFC", word) for word in WORD.findall(text))


def one_line(text: str) -> str:
    return " ".join(text.split())


ESCAPED = re.compile(r'\\(\\|"|n(?= ))')
QUOTED = re.compile(r'(?<![\w\\])\\"(\w[^"\\]{0,200})\\"(?![\w{])|(?<=[0-9])\\"(?=[ ,.;)])')


def unescape_internal_form(text: str) -> str:
    """Undo the escapes of arXiv's internal form, and quotation marks: `\\"o` is an accent."""
    if "\\\\" in text and "\\" not in ESCAPED.sub("", text):
        return ESCAPED.sub(lambda match: " " if match[1] == "n" else match[1], text)
    if '\\"' in text:
        text = QUOTED.sub(lambda match: match[0].replace("\\", ""), text)
    return text.replace(".\\n ", ". ")
