"""A number that somebody typed is a small whole number, or a ValueError."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.bounded_numbers import bounded_number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("7", 7), ("007", 7), ("100", 100)])
def test_digits_are_a_number(text: str, number: int) -> None:
    assert bounded_number(text, most=100) == number


@pytest.mark.parametrize(
    "text", ["", " 1", "+1", "-1", "1.0", "1_0", "1e1", "٣", "²", "101", "9" * 30, "0" * 5_000]
)
def test_all_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        bounded_number(text, most=100)


@pytest.mark.slow
@given(st.text() | st.from_regex(r"\d+"))
def test_nothing_else_is_raised_and_every_number_fits_a_column(text: str) -> None:
    try:
        number = bounded_number(text)
    except ValueError:
        return
    assert 0 <= number < 2**63
