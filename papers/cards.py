"""The picture of a paper where its address is shared: its title, set like the page it leads to."""

import io
import unicodedata
from bisect import bisect_right
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import Image, ImageColor, ImageDraw, ImageFont

SIZE = WIDTH, HEIGHT = 1200, 630
MARGIN = 84
ROOM = WIDTH - 2 * MARGIN
LONGEST = 300  # characters of a title that are looked at
SIZES = ((88, 2), (76, 3), (66, 3), (58, 4), (50, 5))  # pixels, and lines at the most
PAPER, INK, QUIET, ACCENT = "#faf6ee", "#221c16", "#5b5147", "#bf3415"


def draw(*, title: str, authors: str, facts: str, site: str, otherwise: str) -> bytes:
    """A PNG. A title in a script that the font lacks is left to the page: `otherwise` stands."""
    image = Image.new("RGB", SIZE, PAPER)
    canvas = ImageDraw.Draw(image)
    canvas.rectangle((0, 0, WIDTH, 12), INK)
    image.paste(_mark(88), (MARGIN - 11, 58))
    name = _fitted(site, "SemiBold", 38, ROOM - 110)
    canvas.text((MARGIN + 96, 104), name, INK, _font("SemiBold", 38), "lm")
    lines, font = _headline(_drawable(title) or _drawable(otherwise))
    step = round(font.size * 1.14)
    for number, line in enumerate(reversed(lines)):
        canvas.text((MARGIN, 462 - number * step), line, INK, font, "ls")
    canvas.line((MARGIN, 496, WIDTH - MARGIN, 496), INK, 2)
    canvas.line((MARGIN, 501, WIDTH - MARGIN, 501), INK, 1)
    canvas.text((MARGIN, 524), _fitted(authors, "Medium", 28, ROOM), INK, _font("Medium", 28))
    canvas.text((MARGIN, 566), _fitted(facts, "Regular", 26, ROOM), QUIET, _font("Regular", 26))
    file = io.BytesIO()
    # Three inks on paper need no more than a palette: a quarter of the bytes.
    image.quantize(palette=_inks(), dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def _headline(title: str) -> tuple[list[str], ImageFont.FreeTypeFont]:
    """In the largest size that holds all of it; in the smallest, cut short."""
    for size, most in SIZES:
        font = _font("Bold", size)
        lines = _wrapped(title[:LONGEST], font, ROOM)
        if len(lines) <= most:
            return _balanced(title, lines, font), font
    return [*lines[: most - 1], _cut(f"{lines[most - 1]} …", font, ROOM)], font


def _balanced(title: str, lines: list[str], font: ImageFont.FreeTypeFont) -> list[str]:
    """As many lines, as even as they can be."""
    too_narrow, wide_enough = ROOM // 3, ROOM
    while wide_enough - too_narrow > 8:
        width = (too_narrow + wide_enough) // 2
        if len(_wrapped(title, font, width)) > len(lines):
            too_narrow = width
        else:
            wide_enough = width
    return _wrapped(title, font, wide_enough)


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if font.getlength(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        while font.getlength(word) > width:  # no space to break it at
            fits = max(1, _fits(word, font, width))
            lines.append(word[:fits])
            word = word[fits:]
        line = word
    return [*lines, line] if line else lines


def _fits(text: str, font: ImageFont.FreeTypeFont, width: float) -> int:
    """How many of its characters are no wider than this."""
    return bisect_right(range(1, len(text) + 1), width, key=lambda n: font.getlength(text[:n]))


def _fitted(text: str, weight: str, size: int, width: int) -> str:
    return _cut(_drawable(text[:LONGEST]), _font(weight, size), width)


def _cut(text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    if font.getlength(text) <= width:
        return text
    fits = _fits(text, font, width - font.getlength("…"))
    return f"{text[:fits].rstrip(' .,;:…')}…"


def _drawable(text: str) -> str:
    """Without what the font has no sign for; nothing where that is a third of the letters."""
    drawn = lost = 0
    kept = []
    for sign in unicodedata.normalize("NFC", " ".join(text[: LONGEST * 2].split())):
        letters = sign if _has(sign) else unicodedata.normalize("NFKD", sign)
        letters = "".join(filter(_has, letters))
        kept.append(letters)
        if sign.isalpha():
            drawn, lost = drawn + bool(letters), lost + (not letters)
    return "" if lost * 2 > drawn else " ".join("".join(kept).split())


@lru_cache(maxsize=4_096)
def _has(sign: str) -> bool:
    if sign == " ":
        return True
    if unicodedata.category(sign)[0] in "CMZ":  # controls, marks on their own, strange spaces
        return False
    font = _font("Bold", 24)
    return bytes(font.getmask(sign)) != bytes(font.getmask("\U000fffff"))


@lru_cache(maxsize=32)
def _font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    # The admin's theme brings a family with it; Pillow's own font lacks the accents of most names.
    theme = find_spec("unfold")
    assert theme and theme.origin
    fonts = Path(theme.origin).parent / "static/unfold/fonts/inter"
    # The basic layout, as the other depends on what is installed, and may take long.
    return ImageFont.truetype(
        fonts / f"Inter-{weight}.woff2", size, layout_engine=ImageFont.Layout.BASIC
    )


@lru_cache(maxsize=2)
def _mark(size: int) -> Image.Image:
    """The site's mark, as in mark.svg; drawn four times as large, for smooth edges."""
    large = Image.new("RGB", (size * 4, size * 4), PAPER)
    canvas = ImageDraw.Draw(large)
    unit = size * 4 / 32
    page = [(4, 1), (16.9, 1), (5.9, 16.3), (28, 16.3), (28, 31), (4, 31)]
    corner = [(18, 1), (28, 15), (8, 15)]
    for shape, colour in ((page, INK), (corner, ACCENT)):
        canvas.polygon([(x * unit, y * unit) for x, y in shape], colour)
    return large.resize((size, size), Image.Resampling.LANCZOS)


@lru_cache(maxsize=1)
def _inks() -> Image.Image:
    """A palette of every ink as it fades into the paper, and of one into the other."""
    steps = 21
    blends = Image.new("P", (1, 1))
    blends.putpalette(
        [
            round(a + (b - a) * step / (steps - 1))
            for first, second in ((PAPER, INK), (PAPER, QUIET), (PAPER, ACCENT), (INK, ACCENT))
            for step in range(steps)
            for a, b in zip(ImageColor.getrgb(first), ImageColor.getrgb(second), strict=True)
        ]
    )
    return blends
