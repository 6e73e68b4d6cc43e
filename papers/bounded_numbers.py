"""Reads a whole number that a reader or a program typed, within bounds. The only place that does.

int() also takes digits of other scripts, signs, underscores and spaces, and raises for more than
4,300 digits; PostgreSQL refuses what is too large for a column.
"""

MAX_DIGITS = 18  # what fits into PostgreSQL's bigint whatever the digits are


def bounded_number(text: str, *, least: int = 0, most: int = 10**MAX_DIGITS - 1) -> int:
    """The number that these ASCII digits spell; raises ValueError for all else."""
    if not (text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS):
        raise ValueError("not a whole number")
    number = int(text)
    if not least <= number <= most:
        raise ValueError(f"not a number from {least:,} to {most:,}")
    return number
