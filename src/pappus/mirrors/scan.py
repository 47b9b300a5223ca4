"""Reads a QR image of a mirror's, which a stranger may have made."""

from __future__ import annotations

import io
from typing import Final

import zxingcpp
from PIL import Image

from pappus.errors import MirrorError

QR_BYTES: Final = 16 * 1024  # of an image
_SIDE = 1500  # pixels
_SHARE = 0.66  # of each side that the code must take: with its quiet zone it takes 0.72 or more, and no room is left for another


def scan(data: bytes) -> str:
    """Return the text of a QR image in the form in which :func:`pappus.mirrors.binding.qr_image` makes them: one code, two colours.

    What could show different things to different readers is refused: grey and transparent pixels, several codes, moving pictures.

    Raises:
        MirrorError: it is not of this form.
    """
    if len(data) > QR_BYTES:
        raise MirrorError("a QR image", f"is larger than {QR_BYTES:,} bytes")
    pixels = _pixels(data)
    if pixels is None:
        raise MirrorError("a QR image", "is no PNG in black and white, still, and of moderate size")
    codes = zxingcpp.read_barcodes(
        pixels, formats=zxingcpp.barcode_formats_from_str("QRCode"), try_rotate=False, try_downscale=False
    )
    if len(codes) != 1 or not _fills(codes[0].position, pixels.size):
        raise MirrorError("a QR image", "holds no QR code, or more than that")
    text: str = codes[0].text
    return text


def _pixels(data: bytes) -> Image.Image | None:
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            plain = image.mode == "1" and max(image.size) <= _SIDE and not getattr(image, "is_animated", False)
            return image.convert("L") if plain else None
    except Exception:  # noqa: BLE001  # decoders raise nearly anything on hostile input; all of it means the same
        return None


def _fills(position: zxingcpp.Position, size: tuple[int, int]) -> bool:
    corners = (position.top_left, position.top_right, position.bottom_left, position.bottom_right)
    wide = max(corner.x for corner in corners) - min(corner.x for corner in corners)
    high = max(corner.y for corner in corners) - min(corner.y for corner in corners)
    return bool(wide >= _SHARE * size[0] and high >= _SHARE * size[1])
