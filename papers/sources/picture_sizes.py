"""Checks an image and re-encodes it in two small sizes, as WebP, with Pillow.

Runs in the child process of `sandbox`: an image may be a bomb, and decoders have faults. What
comes out holds pixels alone, no metadata and nothing of the file that came in.
"""

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from papers.sources import ParseError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")  # never SVG, which is a program more than a picture
MAX_PIXELS = 40_000_000  # 160 MB when decoded
MIN_SIDE = 80  # pixels; smaller ones are icons and tracking pixels
MAX_ASPECT = 6  # a strip cannot be read at our sizes
ROW_SIZE = (240, 136)  # shown at half of this, for screens with two pixels a CSS pixel
MAX_CUT = 1.25  # a fifth of its width or height
PAGE_SIZE = (960, 960)
QUALITY = 80

Image.MAX_IMAGE_PIXELS = MAX_PIXELS


@dataclass(frozen=True, slots=True)
class PictureSizes:
    """Two WebP files; width and height are those of `page`, in pixels."""

    row: bytes
    page: bytes
    width: int
    height: int


def encode(body: bytes) -> PictureSizes:
    """Both sizes of an image; raises ParseError with the reason if we do not show it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(body), formats=FORMATS)
            _check(*image.size)
            page = _flattened(image)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise ParseError(f"an image of more than {MAX_PIXELS:,} pixels") from None
    except UnidentifiedImageError:
        raise ParseError("not a PNG, JPEG, WebP or GIF image") from None
    except ParseError:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, IndexError) as error:
        raise ParseError(f"a broken image: {error}") from None
    page.thumbnail(PAGE_SIZE, Image.Resampling.LANCZOS)
    return PictureSizes(_webp(_row(page)), _webp(page), *page.size)


def _check(width: int, height: int) -> None:
    """By the header, before anything is decoded."""
    if width * height > MAX_PIXELS:
        raise ParseError(f"an image of {width} × {height} pixels: too large")
    if min(width, height) < MIN_SIDE:
        raise ParseError(f"an image of {width} × {height} pixels: too small")
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise ParseError(f"an image of {width} × {height} pixels: too narrow")


def _flattened(image: Image.Image) -> Image.Image:
    """The first frame, upright, in RGB, on white where it is transparent."""
    image.draft("RGB", (2 * PAGE_SIZE[0], 2 * PAGE_SIZE[1]))  # a JPEG decodes smaller at once
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # 16 bits a pixel, as microscopes write
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    image = image.convert("RGBA")
    flat = Image.new("RGB", image.size, "white")
    flat.paste(image, mask=image.getchannel("A"))
    return flat


def _row(page: Image.Image) -> Image.Image:
    """Cut to the row's shape where little is lost, else whole, on the colour of its corner."""
    shape = page.width / page.height * ROW_SIZE[1] / ROW_SIZE[0]
    if max(shape, 1 / shape) <= MAX_CUT:
        return ImageOps.fit(page, ROW_SIZE, Image.Resampling.LANCZOS)
    corner = page.getpixel((0, 0))
    assert isinstance(corner, tuple)
    return ImageOps.pad(page, ROW_SIZE, Image.Resampling.LANCZOS, corner)


def _webp(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "WEBP", quality=QUALITY, method=4)
    return file.getvalue()
