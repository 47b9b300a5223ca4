"""Any image of a publisher -> a small one of ours, made of its pixels and nothing else (rule 7 of intake).

What is decoded is turned into bare RGB or RGBA and encoded anew: EXIF, XMP, ICC, comments, text and trailing data
cannot pass, for they are never handed over. Saving in the format that came would leak some of them.
"""

from __future__ import annotations

import io
import math
import warnings
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from PIL import Image, ImageCms

from pappus.errors import MediaError
from pappus.model import Media, digest

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_PIXELS: Final = 40_000_000  # of one frame, as its header says
MAX_FRAMES: Final = 200
MAX_WIDTH: Final = 1200  # pixels; wider images are scaled down
MAX_HEIGHT: Final = 12_000  # pixels; tall charts stay readable
MIN_WIDTH: Final = 32  # pixels; what is narrower is an icon or a spacer
_SPACER = 2  # pixels; what is this thin in any direction only counts readers
_MOVING_PIXELS = 100_000_000  # in all frames; a longer animation becomes its first frame
_MOVING_BYTES = 8 * 2**20  # encoded, which is about what the largest still can have; likewise

_JPEG_QUALITY = 80
_WEBP_QUALITY = 75
_FEW_COLOURS = 256
_ORIENTATION = 0x0112  # EXIF tag
_TURNS = {
    2: (Image.Transpose.FLIP_LEFT_RIGHT,),
    3: (Image.Transpose.ROTATE_180,),
    4: (Image.Transpose.FLIP_TOP_BOTTOM,),
    5: (Image.Transpose.TRANSPOSE,),
    6: (Image.Transpose.ROTATE_270,),
    7: (Image.Transpose.TRANSVERSE,),
    8: (Image.Transpose.ROTATE_90,),
}


class Encoded(Struct, frozen=True, kw_only=True):
    """An image that is ready to be stored."""

    data: bytes
    media_type: str
    width: int  # pixels
    height: int

    @property
    def media(self) -> Media:
        """What the store says of it."""
        return Media(
            digest=digest(self.data),
            media_type=self.media_type,
            size=len(self.data),
            width=self.width,
            height=self.height,
        )


def encode(data: bytes) -> Encoded:
    """Return an image scaled to at most 1200 pixels in width, upright, in sRGB, without any metadata.

    Opaque images become progressive JPEG, those of few colours PNG where that is not much larger, transparent ones
    PNG or WebP, moving ones WebP.

    Args:
        data: PNG, JPEG, GIF, WebP or AVIF.

    Raises:
        MediaError: another format, damaged, past the limits, or a tracking pixel.
    """
    kind = _kind(data)
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data), formats=[kind]) as image:
            _admit(image, kind)
            moving = _moving(image) if _frames(image) > 1 else None
            return moving or _still(image)
    except MediaError:
        raise
    except Exception as error:  # decoders raise nearly anything on hostile input; all of it means the same
        raise MediaError(f"an image ({kind})", f"cannot be decoded: {error}"[:200]) from error


def _kind(data: bytes) -> str:
    """Return Pillow's name of a format, known by its magic; what a server calls it does not matter."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    brands = data[8 : min(int.from_bytes(data[:4]), 256)]
    if data[4:8] == b"ftyp" and (b"avif" in brands or b"avis" in brands):
        return "AVIF"
    raise MediaError("an image", f"neither PNG, JPEG, GIF, WebP nor AVIF: it begins with {data[:12]!r}")


def _admit(image: Image.Image, kind: str) -> None:
    """Refuse by the header alone what is too large to decode, or too small to be worth it."""
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise MediaError(f"an image ({kind})", f"{width:,} x {height:,} pixels; {MAX_PIXELS:,} is the limit")
    if min(width, height) <= _SPACER:
        raise MediaError(f"an image ({kind})", f"a tracking pixel, {width} x {height}")
    if width < MIN_WIDTH:
        raise MediaError(f"an image ({kind})", f"a decoration, only {width} pixels wide")


def _frames(image: Image.Image) -> int:
    """Return how many frames to show: 1 for a still, and for an animation that would cost too much."""
    if not getattr(image, "is_animated", False):
        return 1
    try:
        image.seek(MAX_FRAMES)
    except EOFError:
        frames: int = getattr(image, "n_frames", 1)
    else:
        raise MediaError("an animation", f"more than {MAX_FRAMES} frames")
    image.seek(0)
    return frames if frames * math.prod(image.size) <= _MOVING_PIXELS else 1


def _target(size: tuple[int, int], *, turned: bool = False) -> tuple[int, int]:
    """Return the size to scale to, as the file has its sides; ``turned`` says that they will be exchanged."""
    width, height = size[::-1] if turned else size
    factor = min(1.0, MAX_WIDTH / width, MAX_HEIGHT / height)
    scaled = max(1, round(width * factor)), max(1, round(height * factor))
    return scaled[::-1] if turned else scaled


def _still(image: Image.Image) -> Encoded:
    orientation = _orientation(image)
    target = _target(image.size, turned=orientation >= 5)
    if image.format == "JPEG":
        image.draft(image.mode, target)  # decodes at 1/2, 1/4 or 1/8 where that is still enough
    pixels = _bare(image)
    few = pixels.getcolors(_FEW_COLOURS) is not None
    if pixels.size != target:
        pixels = pixels.resize(target, Image.Resampling.LANCZOS, reducing_gap=3.0)
    for turn in _TURNS.get(orientation, ()):
        pixels = pixels.transpose(turn)
    return _transparent(pixels, few=few) if pixels.mode == "RGBA" else _opaque(pixels, few=few)


def _moving(image: Image.Image) -> Encoded | None:
    """Return an animation, None where it would be larger than a host, or a reader's phone, can be asked to take."""
    target = _target(image.size)
    frames: list[Image.Image] = []
    durations: list[int] = []  # milliseconds
    for frame in _each(image):
        durations.append(min(60_000, max(20, int(image.info.get("duration") or 100))))
        frames.append(frame.resize(target, Image.Resampling.LANCZOS) if frame.size != target else frame)
    out = io.BytesIO()
    frames[0].save(
        out,
        "WEBP",
        save_all=True,
        append_images=frames[1:],
        duration=durations,
        loop=0,
        quality=_WEBP_QUALITY,
        method=2,
    )
    image.seek(0)
    if out.tell() > _MOVING_BYTES:
        return None
    return Encoded(data=out.getvalue(), media_type="image/webp", width=target[0], height=target[1])


def _each(image: Image.Image) -> Iterator[Image.Image]:
    """Yield an animation's frames as bare pixels, all of one mode."""
    index = 0
    while True:
        try:
            image.seek(index)
        except EOFError:
            return
        yield _bare(image).convert("RGBA")
        index += 1


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - damaged EXIF raises nearly anything, and is no reason to lose the image
        return 1


def _bare(image: Image.Image) -> Image.Image:
    """Return the pixels alone: RGBA where some of them are transparent, else RGB; in sRGB."""
    image.load()
    shown: Image.Image = image
    if image.mode.startswith(("I", "F")):  # 16 and 32 bits a sample
        shown = _eight_bit(image)
    mode = "RGBA" if image.has_transparency_data else "RGB"
    pixels = _srgb(shown, mode) or shown.convert(mode)
    if mode == "RGBA" and pixels.getchannel("A").getextrema()[0] == 255:
        pixels = pixels.convert("RGB")
    return Image.frombytes(pixels.mode, pixels.size, pixels.tobytes())  # no info dictionary comes along


def _eight_bit(image: Image.Image) -> Image.Image:
    """Return a deep grey image with 8 bits a sample; ``convert`` alone would clip it to white."""
    return image.convert("F").point(lambda value: value * (1 / 257) + 0).convert("L")


def _srgb(image: Image.Image, mode: str) -> Image.Image | None:
    """Return the image with its own colour profile applied; None if it has none, or one that we cannot use."""
    profile = image.info.get("icc_profile")
    if not isinstance(profile, bytes) or b"sRGB" in profile or image.mode not in {"RGB", "RGBA", "CMYK"}:
        return None
    if (image.mode == "CMYK") != (profile[16:20] == b"CMYK"):
        return None
    try:
        converted = ImageCms.profileToProfile(
            image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode=mode
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
    return converted


def _opaque(pixels: Image.Image, *, few: bool) -> Encoded:
    out = io.BytesIO()
    pixels.save(out, "JPEG", quality=_JPEG_QUALITY, optimize=True, progressive=True)
    if few:
        drawn = _png(pixels.quantize(_FEW_COLOURS, dither=Image.Dither.NONE))
        if len(drawn) <= 2 * out.tell():  # line art: sharp; a photograph that once was a GIF is not worth it
            return _encoded(drawn, "image/png", pixels)
    return _encoded(out.getvalue(), "image/jpeg", pixels)


def _transparent(pixels: Image.Image, *, few: bool) -> Encoded:
    if few:
        drawn = pixels.quantize(_FEW_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        return _encoded(_png(drawn), "image/png", pixels)
    out = io.BytesIO()
    pixels.save(out, "WEBP", quality=_JPEG_QUALITY, method=4)
    return _encoded(out.getvalue(), "image/webp", pixels)


def _png(pixels: Image.Image) -> bytes:
    out = io.BytesIO()
    pixels.save(out, "PNG", optimize=True)
    return out.getvalue()


def _encoded(data: bytes, media_type: str, pixels: Image.Image) -> Encoded:
    return Encoded(data=data, media_type=media_type, width=pixels.width, height=pixels.height)
