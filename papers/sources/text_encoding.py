"""Tells the encoding of a text by its first bytes: UTF-8, 16 or 32, with a mark or without."""

import codecs
import re

BYTE_ORDER_MARKS = (  # UTF-32's begins like UTF-16's
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# XML and JSON begin with an ASCII character: where the zeros stand beside it tells the encoding.
ZEROS = (
    (re.compile(rb"[^\0]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0[^\0]"), "utf-32-be"),
    (re.compile(rb"[^\0]\0[^\0]"), "utf-16-le"),
    (re.compile(rb"\0[^\0]\0"), "utf-16-be"),
)


def detect(start: bytes) -> str:
    """The encoding of a text by its first four bytes: UTF-8 where nothing else is sure."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return encoding
    return next((name for zeros, name in ZEROS if zeros.match(start)), "utf-8")
