"""The card: whatever a title is, it is a picture of one size, drawn in no time."""

import io

import pytest
from PIL import Image

from papers import social_card
from tests.hostile import HOSTILE
from tests.selection import every_nth


@pytest.mark.parametrize("words", every_nth(4, HOSTILE))
@pytest.mark.sweep
def test_nothing_is_too_strange_to_be_drawn(words):
    picture = a_card(title=words, authors=words, facts=words, site=words)

    assert picture.size == (1200, 630)
    assert is_clear(picture.crop((0, 16, 80, 630)))
    assert is_clear(picture.crop((1122, 16, 1200, 630)))


def test_script_that_the_font_lacks_leaves_the_number():
    chinese = a_card(title="大型语言模型的推理能力研究")

    assert chinese.tobytes() == a_card(title="arXiv:2503.00001").tobytes()


def test_letters_that_only_look_special_are_drawn_as_they_are_read():
    assert a_card(title="On 𝒜 and ℝ").tobytes() == a_card(title="On A and R").tobytes()


def test_long_title_is_cut_and_says_so():
    assert a_card(title="q " * 400).tobytes() == a_card(title="q " * 500).tobytes()


def a_card(**words: str) -> Image.Image:
    given = {
        "title": "On q",
        "authors": "Ada Quill",
        "facts": "14 March 2025",
        "site": "Trending Papers",
        "otherwise": "arXiv:2503.00001",
    }
    return Image.open(io.BytesIO(social_card.draw(**(given | words)))).convert("RGB")


def is_clear(margin: Image.Image) -> bool:
    return len(margin.getcolors() or []) == 1
