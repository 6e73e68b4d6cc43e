"""Images become two small WebP files; bombs, other formats and what is broken are refused."""

import io
import struct
import zlib
from datetime import timedelta

import pytest
from PIL import Image

from papers.sources import ParseError, picture_sizes, sandbox


def image_file(
    size: tuple[int, int] = (800, 400), mode: str = "RGB", form: str = "PNG", color: object = 90
) -> bytes:
    """An image of one colour; `color` as Pillow takes it for the mode."""
    file = io.BytesIO()
    colour = (color, 40, 30) if mode == "RGB" else color
    Image.new(mode, size, colour).save(file, form)  # type: ignore[arg-type]
    return file.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    """A small PNG whose header states another size."""
    body = bytearray(image_file())
    header = struct.pack(">II", width, height) + bytes(body[24:29])
    body[16:33] = header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    return bytes(body)


def opened(body: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(body))
    image.load()
    return image


@pytest.mark.parametrize(
    ("mode", "form", "color"),
    [
        ("RGB", "PNG", 90),
        ("RGB", "JPEG", 90),
        ("RGB", "WEBP", 90),
        ("P", "GIF", 3),
        ("L", "PNG", 90),
        ("LA", "PNG", (90, 255)),
        ("CMYK", "JPEG", (0, 0, 0, 90)),
        ("I;16", "PNG", 90 * 256),
    ],
)
def test_each_format_becomes_two_webp_files(mode, form, color):
    made = picture_sizes.encode(image_file((2400, 1200), mode, form, color))

    row, page = opened(made.row), opened(made.page)
    assert (row.format, row.size) == ("WEBP", (240, 136))
    assert (page.format, page.size) == ("WEBP", (960, 480)) == ("WEBP", (made.width, made.height))


def test_small_image_is_not_made_larger_on_the_paper_page():
    made = picture_sizes.encode(image_file((300, 200)))
    assert (made.width, made.height) == opened(made.page).size == (300, 200)


def test_transparent_image_stands_on_white():
    made = picture_sizes.encode(image_file(mode="RGBA", color=(0, 0, 0, 0)))
    assert opened(made.page).convert("RGB").getpixel((5, 5)) == (255, 255, 255)


def test_row_cuts_little_and_else_shows_the_whole_on_the_colour_of_its_corner():
    body = io.BytesIO()
    image = Image.new("RGB", (800, 800), "black")
    image.paste("white", (200, 200, 600, 600))
    image.save(body, "PNG")
    image.resize((800, 500)).crop((0, 0, 800, 500)).save(near := io.BytesIO(), "PNG")

    whole = opened(picture_sizes.encode(body.getvalue()).row).convert("L")
    cut = opened(picture_sizes.encode(near.getvalue()).row).convert("L")

    assert [whole.getpixel(at) < 20 for at in ((2, 68), (80, 68), (120, 68))] == [True, True, False]
    assert cut.getpixel((120, 68)) > 230


def test_only_the_first_frame_and_no_metadata_are_kept():
    frames = [Image.new("RGB", (200, 100), colour) for colour in ("white", "black")]
    animated, photo = io.BytesIO(), io.BytesIO()
    frames[0].save(animated, "GIF", save_all=True, append_images=frames[1:])
    exif = Image.Exif()
    exif[0x010E] = "taken at 48.2, 16.4"
    exif[0x0112] = 6  # turned by a quarter
    frames[0].save(photo, "JPEG", exif=exif)

    first = opened(picture_sizes.encode(animated.getvalue()).page)
    upright = picture_sizes.encode(photo.getvalue())

    assert (first.n_frames, first.convert("L").getpixel((5, 5))) == (1, 255)  # type: ignore[attr-defined]
    assert (upright.width, upright.height) == (100, 200)
    assert not opened(upright.page).getexif()
    assert b"48.2" not in upright.page


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (png_that_claims(100_000, 100_000), "more than 40,000,000 pixels"),
        (png_that_claims(8_000, 5_001), "more than 40,000,000|too large"),
        (image_file((4, 4)), "too small"),
        (image_file((900, 100)), "too narrow"),
        (image_file()[:200], "broken image"),
        (image_file(form="JPEG")[:-500], "broken image"),
        (b"<!doctype html><html><body>Moved</body></html>", "not a PNG"),
        (SVG, "not a PNG"),
        (b"", "not a PNG"),
        (image_file(form="BMP"), "not a PNG"),
        (image_file(form="TIFF"), "not a PNG"),
        (image_file(form="PDF"), "not a PNG"),
    ],
)
def test_what_is_no_picture_for_us_is_refused_with_the_reason(body, reason):
    with pytest.raises(ParseError, match=reason):
        picture_sizes.encode(body)


@pytest.mark.processes
def test_image_over_the_limits_of_the_child_process_is_refused(monkeypatch):
    assert sandbox.encode_picture(image_file()).width == 800
    with monkeypatch.context() as patch:
        patch.setattr(sandbox, "MAX_CPU_TIME", timedelta(seconds=0.01))
        with pytest.raises(ParseError, match="longer than"):
            sandbox.encode_picture(image_file((6_000, 6_000)))
    with monkeypatch.context() as patch:
        patch.setattr(sandbox, "MAX_MEMORY_MB", 1)
        with pytest.raises(ParseError, match="memory"):
            sandbox.encode_picture(image_file())
