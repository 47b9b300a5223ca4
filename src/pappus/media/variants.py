"""A stored image -> the same picture in other widths and formats, for browsers to take instead, and its mean colour (decision 28).

What is stored was made of pixels alone (rule 7 of intake), and so is what is made of it. Pure: the same encoders give the same bytes.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from PIL import Image

from pappus.errors import MediaError
from pappus.media.pixels import Encoded

if TYPE_CHECKING:
    from collections.abc import Mapping

WIDTHS: Final = (
    400,
    800,
)  # pixels: phones that show a picture point by point, and those of twice the density; then the stored width
_GAIN: Final = 0.9  # of the bytes of what a browser would take without it: what saves less is not worth its place
_FORMATS: Final = ("image/jpeg", "image/webp", "image/avif")  # of photographs, the oldest first
_OPTIONS: Final[
    Mapping[str, dict[str, object]]
] = {  # of about the same look; what they cost and save: docs/performance.md
    "image/jpeg": {"quality": 75, "optimize": True, "progressive": True},
    "image/webp": {"quality": 80, "method": 4},
    "image/avif": {"quality": 55, "speed": 6, "codec": "aom", "max_threads": 1},
}
_LOSSLESS: Final[dict[str, object]] = {"lossless": True, "quality": 80, "method": 6}


class Varied(Struct, frozen=True, kw_only=True):
    """What was made of an image."""

    tint: int | None  # as in Media
    variants: tuple[Encoded, ...]  # the oldest format first, and of each the widest


def vary(data: bytes) -> Varied:
    """Return the variants of an image that are worth having.

    Photographs get them in the widths and formats above, from their own format on. Line art (PNG) is not scaled, and gets lossless WebP;
    moving images get none.

    Args:
        data: as :func:`pappus.media.pixels.encode` made it.

    Raises:
        MediaError: damaged.
    """
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP"]) as image:
            moving = getattr(image, "is_animated", False)
            pixels = image.convert("RGBA" if image.has_transparency_data else "RGB")
            media_type = Image.MIME[image.format or ""]
    except Exception as error:  # decoders raise nearly anything; all of it means the same
        raise MediaError("a stored image", f"cannot be decoded: {error}"[:200]) from error
    if moving:
        variants: list[Encoded] = []
    elif media_type == "image/png":
        lossless = _encoded(pixels, "image/webp", _LOSSLESS)
        variants = [lossless] if len(lossless.data) <= _GAIN * len(data) else []
    else:
        variants = _photographs(pixels, media_type, len(data))
    return Varied(tint=_tint(pixels), variants=tuple(variants))


def _photographs(pixels: Image.Image, stored: str, size: int) -> list[Encoded]:
    """Return the widths that are smaller than each wider one of their format, of the formats that gain something at the full width.

    A browser takes from the newest format that it knows: that has to go up to the full width, and a width that lacks there costs more
    than one of an older format would.
    """
    widths = [pixels.width, *(width for width in reversed(WIDTHS) if width < pixels.width)]
    scaled = {width: _scaled(pixels, width) for width in widths}
    kept: list[Encoded] = []
    full = size  # bytes of the newest format that is kept, as all below
    for media_type in _FORMATS[_FORMATS.index(stored) :]:
        least = full
        for width in widths:
            if width == pixels.width and media_type == stored:
                continue
            made = _encoded(scaled[width], media_type, _OPTIONS[media_type])
            if len(made.data) <= _GAIN * least:
                least = len(made.data)
                kept.append(made)
                full = least if width == pixels.width else full
            elif width == pixels.width:
                break
    return kept


def _scaled(pixels: Image.Image, width: int) -> Image.Image:
    if width == pixels.width:
        return pixels
    height = max(1, round(pixels.height * width / pixels.width))
    return pixels.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _encoded(pixels: Image.Image, media_type: str, options: Mapping[str, object]) -> Encoded:
    out = io.BytesIO()
    pixels.save(out, media_type.removeprefix("image/"), **options)
    return Encoded(data=out.getvalue(), media_type=media_type, width=pixels.width, height=pixels.height)


def _tint(pixels: Image.Image) -> int | None:
    """Return the mean colour of an opaque image, each of red, green and blue in its upper two bits."""
    if pixels.mode == "RGBA":
        return None
    red, green, blue = pixels.resize((1, 1), Image.Resampling.BOX).tobytes()
    return (red >> 6) << 4 | (green >> 6) << 2 | blue >> 6
