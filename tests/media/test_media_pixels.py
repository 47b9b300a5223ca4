"""Rule 7 of intake: every image is decoded within limits and made anew from its pixels."""

import contextlib
import io
import random
import struct
import zlib

import pytest
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from pappus.errors import MediaError
from pappus.media.pixels import encode

SECRET = b"canary-of-the-harbour"


def photo(width=400, height=300, mode="RGB"):
    """Draw something with more colours than a palette holds."""
    image = Image.linear_gradient("L").resize((width, height))
    other = image.transpose(Image.Transpose.ROTATE_180).rotate(90).resize((width, height))
    merged = Image.merge("RGB", (image, other, Image.effect_noise((width, height), 40)))
    return merged.convert(mode)


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(encoded):
    image = Image.open(io.BytesIO(encoded.data))
    image.load()
    assert image.size == (encoded.width, encoded.height)
    assert Image.MIME[image.format] == encoded.media_type
    return image


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "AVIF"])
def test_every_admitted_format_becomes_one_of_ours(kind):
    source = photo().quantize(128) if kind == "GIF" else photo()
    encoded = encode(saved(source, kind))
    assert encoded.media_type in {"image/jpeg", "image/png"}
    assert opened(encoded).size == (400, 300)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"BM" + bytes(200),
        b"%PDF-1.7",
        b"\0\0\1\0" + bytes(99),
        b"II*\0" + bytes(99),
    ],
    ids=["empty", "SVG", "BMP", "PDF", "ICO", "TIFF"],
)
def test_other_formats_are_refused_by_their_magic(data):
    with pytest.raises(MediaError, match="neither PNG"):
        encode(data)


def exif(orientation=1):
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010E] = SECRET.decode()
    tags.get_ifd(0x8825)[2] = (52.0, 30.0, 0.0)  # GPS latitude
    tags.get_ifd(0x8825)[29] = SECRET.decode()
    return tags


def profile():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes() + SECRET


def leaking(kind):
    image = photo()
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", SECRET.decode())
        text.add_itxt("XML:com.adobe.xmp", SECRET.decode())
        return saved(image, "PNG", pnginfo=text, exif=exif(), icc_profile=profile())
    if kind == "JPEG":
        return saved(image, "JPEG", comment=SECRET, exif=exif(), xmp=SECRET, icc_profile=profile())
    if kind == "GIF":
        return saved(image.quantize(64), "GIF", comment=SECRET)
    if kind == "moving GIF":
        frames = [photo(64, 64).quantize(32), Image.new("P", (64, 64), 3)]
        return saved(frames[0], "GIF", save_all=True, append_images=frames[1:], comment=SECRET)
    return saved(image, kind, exif=exif().tobytes(), xmp=SECRET, icc_profile=profile())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "moving GIF", "WEBP", "AVIF"])
def test_no_metadata_and_no_trailing_data_reaches_what_is_stored(kind):
    data = leaking(kind) + SECRET
    assert SECRET in data
    encoded = encode(data)
    assert SECRET not in encoded.data
    image = opened(encoded)
    assert not image.getexif()
    assert not {"exif", "xmp", "icc_profile", "comment", "Comment", "XML:com.adobe.xmp", "dpi"} & set(image.info)


def test_a_wide_image_is_scaled_and_a_narrow_one_is_left():
    assert opened(encode(saved(photo(2400, 600), "JPEG"))).size == (1200, 300)
    assert opened(encode(saved(photo(700, 900), "JPEG"))).size == (700, 900)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_images_are_turned_upright(orientation):
    upright = Image.new("RGB", (1600, 800), "white")
    ImageDraw.Draw(upright).rectangle((0, 0, 400, 200), fill="red")
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    stored = upright.transpose(Image.Transpose(undo[orientation])) if orientation > 1 else upright
    image = opened(encode(saved(stored, "JPEG", exif=exif(orientation), quality=95))).convert("RGB")
    assert image.size == (1200, 600)
    red, green, _ = image.getpixel((60, 30))
    assert red > 200
    assert green < 60
    assert min(image.getpixel((1100, 550))) > 230


def test_damaged_exif_is_no_reason_to_lose_an_image():
    data = saved(photo(), "JPEG", exif=b"Exif\0\0II*\0" + b"\xff" * 60)
    assert opened(encode(data)).size == (400, 300)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("L", "PNG"), ("1", "PNG"), ("P", "PNG"), ("I;16", "PNG"), ("CMYK", "JPEG"), ("L", "JPEG"), ("LA", "PNG")],
)
def test_every_mode_keeps_its_brightness(mode, kind):
    grey = Image.linear_gradient("L").resize((128, 128))
    if mode == "I;16":
        source = Image.frombytes(
            "I;16", (128, 128), b"".join(struct.pack("<H", value * 257) for value in grey.tobytes())
        )
    else:
        source = grey.convert("RGB").convert(mode) if mode in {"CMYK", "P"} else grey.convert(mode)
    image = opened(encode(saved(source, kind))).convert("L")
    top, bottom = (sum(image.crop(box).tobytes()) / (128 * 16) for box in ((0, 0, 128, 16), (0, 112, 128, 128)))
    assert top < 30
    assert bottom > 225


def test_a_palette_with_transparency_stays_transparent_and_small():
    source = Image.new("RGBA", (300, 100), (0, 0, 0, 0))
    ImageDraw.Draw(source).ellipse((10, 10, 90, 90), fill=(200, 30, 30, 255))
    encoded = encode(saved(source.quantize(8), "PNG"))
    image = opened(encoded).convert("RGBA")
    assert encoded.media_type == "image/png"
    assert image.getpixel((200, 50))[3] == 0
    assert image.getpixel((50, 50))[3] == 255


def test_a_photograph_with_transparency_becomes_webp_and_one_that_only_could_have_it_becomes_jpeg():
    half = photo(mode="RGBA")
    half.putalpha(Image.linear_gradient("L").resize(half.size))
    assert encode(saved(half, "PNG")).media_type == "image/webp"
    assert encode(saved(photo(mode="RGBA"), "PNG")).media_type == "image/jpeg"


def test_line_art_stays_sharp_as_png():
    chart = Image.new("RGB", (800, 400), "white")
    ImageDraw.Draw(chart).line((0, 400, 800, 0), fill="navy", width=3)
    assert encode(saved(chart, "PNG")).media_type == "image/png"


def test_an_animation_keeps_its_frames_and_their_time():
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "green", "blue")]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=[100, 200, 300], loop=0)
    encoded = encode(data)
    image = opened(encoded)
    assert encoded.media_type == "image/webp"
    assert image.n_frames == 3


def header(width, height):
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", rows)
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "size", [(6_400, 6_400), (60_000, 60_000), (2**31 - 1, 1000)], ids=["41 megapixels", "3.6 gigapixels", "endless"]
)
def test_a_bomb_is_refused_by_its_header(size):
    with pytest.raises(MediaError, match=r"pixels|decompression bomb|decoded"):
        encode(header(*size))


def test_an_animation_that_would_be_very_large_becomes_its_first_frame():
    """Noise that repeats itself is small as PNG, and as WebP so large that hosts of pages refuse a whole edition for it."""
    chance = random.Random(3)
    frames = [Image.frombytes("RGB", (700, 700), chance.randbytes(700 * 3 * 4) * 175) for _ in range(36)]
    data = saved(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=50)
    assert len(data) < 1_000_000
    assert encode(data) == encode(saved(frames[0], "PNG"))


def test_more_frames_than_allowed_are_refused():
    frames = [Image.new("P", (32, 32), number % 7) for number in range(202)]
    for number, frame in enumerate(frames):
        frame.putpalette([number % 256, 0, 0] * 256)
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=20)
    with pytest.raises(MediaError, match="more than 200 frames"):
        encode(data)


@pytest.mark.parametrize(
    ("size", "reason"), [((1, 1), "tracking pixel"), ((600, 1), "tracking pixel"), ((16, 16), "decoration")]
)
def test_what_only_counts_or_decorates_is_refused(size, reason):
    with pytest.raises(MediaError, match=reason):
        encode(saved(Image.new("RGB", size), "PNG"))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "AVIF"])
def test_truncated_and_damaged_files_raise_a_media_error_or_decode(kind):
    data = saved(photo(90, 60).quantize(32) if kind == "GIF" else photo(90, 60), kind)
    dice = random.Random(7)
    for cut in (13, 30, len(data) // 2):
        with pytest.raises(MediaError):
            encode(data[:cut])
    for _ in range(40):
        hostile = bytearray(data)
        for _ in range(8):
            hostile[dice.randrange(12, len(data))] = dice.randrange(256)
        with contextlib.suppress(MediaError):
            assert encode(bytes(hostile)).width <= 1200


def test_the_same_image_gives_the_same_bytes():
    data = saved(photo(), "PNG")
    assert encode(data) == encode(data)


def test_a_colour_profile_is_applied_before_it_is_dropped():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes().replace(b"sRGB", b"none")
    swapped = profile.replace(b"rXYZ", b"tmp.").replace(b"bXYZ", b"rXYZ").replace(b"tmp.", b"bXYZ")
    red, green, blue = (
        opened(encode(saved(Image.new("RGB", (64, 64), "red"), "PNG", icc_profile=swapped)))
        .convert("RGB")
        .getpixel((9, 9))
    )
    assert blue > 200
    assert max(red, green) < 60


def test_a_colour_profile_that_is_none_is_ignored():
    data = saved(Image.new("RGB", (64, 64), "red"), "PNG", icc_profile=b"no profile" * 30)
    assert opened(encode(data)).convert("RGB").getpixel((9, 9))[0] > 240
