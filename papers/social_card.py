"""Draws a paper's card: the picture that chats and networks show beside a shared link."""

import io
import unicodedata
from bisect import bisect_right
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import Image, ImageColor, ImageDraw, ImageFont

SIZE = WIDTH, HEIGHT = 1200, 630
MARGIN = 84
TEXT_WIDTH = WIDTH - 2 * MARGIN
MAX_TITLE_CHARS = 300  # the rest is not looked at
TITLE_SIZES = ((88, 2), (76, 3), (66, 3), (58, 4), (50, 5))  # (pixels, most lines), largest first
BACKGROUND, INK, QUIET, ACCENT = "#faf6ee", "#221c16", "#5b5147", "#bf3415"


def draw(*, title: str, authors: str, facts: str, site: str, otherwise: str) -> bytes:
    """The card as a PNG. `otherwise` replaces a title in a script that the font does not have."""
    image = Image.new("RGB", SIZE, BACKGROUND)
    canvas = ImageDraw.Draw(image)
    canvas.rectangle((0, 0, WIDTH, 12), INK)
    image.paste(_mark(88), (MARGIN - 11, 58))
    name = _fit_text(site, "SemiBold", 38, TEXT_WIDTH - 110)
    canvas.text((MARGIN + 96, 104), name, INK, _font("SemiBold", 38), "lm")
    lines, font = _headline(_drop_missing_glyphs(title) or _drop_missing_glyphs(otherwise))
    step = round(font.size * 1.14)
    for number, line in enumerate(reversed(lines)):
        canvas.text((MARGIN, 462 - number * step), line, INK, font, "ls")
    canvas.line((MARGIN, 496, WIDTH - MARGIN, 496), INK, 2)
    canvas.line((MARGIN, 501, WIDTH - MARGIN, 501), INK, 1)
    canvas.text(
        (MARGIN, 524), _fit_text(authors, "Medium", 28, TEXT_WIDTH), INK, _font("Medium", 28)
    )
    canvas.text(
        (MARGIN, 566), _fit_text(facts, "Regular", 26, TEXT_WIDTH), QUIET, _font("Regular", 26)
    )
    file = io.BytesIO()
    # A palette is enough for three inks, and makes a quarter of the bytes.
    image.quantize(palette=_palette(), dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def _headline(title: str) -> tuple[list[str], ImageFont.FreeTypeFont]:
    """The lines of the title in the largest font that fits, else cut in the smallest; the font."""
    for size, max_lines in TITLE_SIZES:
        font = _font("Bold", size)
        lines = _wrap(title[:MAX_TITLE_CHARS], font, TEXT_WIDTH)
        if len(lines) <= max_lines:
            return _balance(title, lines, font), font
    return [*lines[: max_lines - 1], _cut(f"{lines[max_lines - 1]} …", font, TEXT_WIDTH)], font


def _balance(title: str, lines: list[str], font: ImageFont.FreeTypeFont) -> list[str]:
    """The title in as many lines as before, of as equal a width as possible."""
    too_narrow, wide_enough = TEXT_WIDTH // 3, TEXT_WIDTH
    while wide_enough - too_narrow > 8:
        width = (too_narrow + wide_enough) // 2
        if len(_wrap(title, font, width)) > len(lines):
            too_narrow = width
        else:
            wide_enough = width
    return _wrap(title, font, wide_enough)


def _wrap(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
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
            fits = max(1, _count_fitting(word, font, width))
            lines.append(word[:fits])
            word = word[fits:]
        line = word
    return [*lines, line] if line else lines


def _count_fitting(text: str, font: ImageFont.FreeTypeFont, width: float) -> int:
    """How many of its first characters are no wider than `width`."""
    return bisect_right(range(1, len(text) + 1), width, key=lambda n: font.getlength(text[:n]))


def _fit_text(text: str, weight: str, size: int, width: int) -> str:
    return _cut(_drop_missing_glyphs(text[:MAX_TITLE_CHARS]), _font(weight, size), width)


def _cut(text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    if font.getlength(text) <= width:
        return text
    fits = _count_fitting(text, font, width - font.getlength("…"))
    return f"{text[:fits].rstrip(' .,;:…')}…"


def _drop_missing_glyphs(text: str) -> str:
    """The text without characters that the font lacks; "" if those are a third of its letters."""
    drawn = lost = 0
    kept = []
    for character in unicodedata.normalize("NFC", " ".join(text[: MAX_TITLE_CHARS * 2].split())):
        letters = character if _has_glyph(character) else unicodedata.normalize("NFKD", character)
        letters = "".join(filter(_has_glyph, letters))
        kept.append(letters)
        if character.isalpha():
            drawn, lost = drawn + bool(letters), lost + (not letters)
    return "" if lost * 2 > drawn else " ".join("".join(kept).split())


@lru_cache(maxsize=4_096)
def _has_glyph(character: str) -> bool:
    if character == " ":
        return True
    if unicodedata.category(character)[0] in "CMZ":  # controls, marks on their own, strange spaces
        return False
    font = _font("Bold", 24)
    return bytes(font.getmask(character)) != bytes(font.getmask("\U000fffff"))


@lru_cache(maxsize=32)
def _font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    # The admin's theme has Inter in its package; Pillow's own font lacks the accents of most names.
    theme = find_spec("unfold")
    assert theme and theme.origin
    fonts = Path(theme.origin).parent / "static/unfold/fonts/inter"
    # The other layout engine, Raqm, may be missing, and may take long.
    return ImageFont.truetype(
        fonts / f"Inter-{weight}.woff2", size, layout_engine=ImageFont.Layout.BASIC
    )


@lru_cache(maxsize=2)
def _mark(size: int) -> Image.Image:
    """The site's mark, as in mark.svg; drawn four times as large, for smooth edges."""
    large = Image.new("RGB", (size * 4, size * 4), BACKGROUND)
    canvas = ImageDraw.Draw(large)
    unit = size * 4 / 32
    page = [(4, 1), (16.9, 1), (5.9, 16.3), (28, 16.3), (28, 31), (4, 31)]
    corner = [(18, 1), (28, 15), (8, 15)]
    for shape, colour in ((page, INK), (corner, ACCENT)):
        canvas.polygon([(x * unit, y * unit) for x, y in shape], colour)
    return large.resize((size, size), Image.Resampling.LANCZOS)


@lru_cache(maxsize=1)
def _palette() -> Image.Image:
    """The blends of each ink with the background, and of ink with accent, as edges have them."""
    steps = 21
    blends = Image.new("P", (1, 1))
    blends.putpalette(
        [
            round(a + (b - a) * step / (steps - 1))
            for first, second in (
                (BACKGROUND, INK),
                (BACKGROUND, QUIET),
                (BACKGROUND, ACCENT),
                (INK, ACCENT),
            )
            for step in range(steps)
            for a, b in zip(ImageColor.getrgb(first), ImageColor.getrgb(second), strict=True)
        ]
    )
    return blends
