"""Images of a page, as the publisher's markup means them: the best source, its words, and whether it is worth showing.

Nothing here walks a tree: an image is judged by its own attributes, those of its ``<picture>``, and its nearest ancestors.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from msgspec.structs import replace
from turbohtml import Element

from pappus import markup, urls
from pappus.model import Picture

if TYPE_CHECKING:
    from collections.abc import Iterator

IMAGES: Final = frozenset({"amp-anim", "amp-img", "img"})
CAPTION_LENGTH: Final = 1_000  # characters; of an alternative text likewise
CREDIT_LENGTH: Final = 300  # characters

_DESCRIPTOR = re.compile(r"(\d{1,6}(?:\.\d{0,6})?)([wx])", re.ASCII)
_SET_LENGTH = 20_000  # characters of a srcset that are read
_WIDEST = 2400  # pixels; a larger candidate of a srcset only costs
_USUAL = 500  # pixels; what a candidate is taken to have that does not say it
_WIDTH = re.compile(r"(m(?:in|ax))-width:\s*(\d{2,5})(?:\.\d+)?px")
_PIXELS = re.compile(r"\s*(\d{1,5})(?:\.\d+)?(?:px)?\s*\Z")

# Attributes that scripts load images from: most have "src" in their names, these have not; the better ones first.
_LAZY = (
    "data-original",
    "data-large_image",
    "data-full-url",
    "data-image",
    "data-img-url",
    "data-url",
    "data-lazy",
    "data-echo",
)
# Whole names of folders and files, in the singular; a part of a name says nothing: "protest-banner.jpg" is a photograph.
_TRIFLES = frozenset(
    "ad advert avatar badge banner button emoji favicon gravatar icon loader loading logo pixel qr qrcode share smiley smilie"
    " sprite".split()
)
_STAND_INS = frozenset("1x1 blank empty grey pixel transparent".split())  # until a script puts the image there
_STAND_IN = re.compile(r"placeholder|\bspacer\b|\b(?:lazy|pre)-?load|%7b|[{}]")  # braces are of a template
_SIGN = re.compile(  # photographs have other formats; portraits of authors
    r"(?:^|[-_])(?:icon|logo|sprite)s?[^/]*\.(?:png|gif)$|^(?:author|autor|avatar)s?[-_]"
)
_SAYS_SIGN = re.compile(r"(?:avatar|button|icon|logo)s?\b", re.IGNORECASE)
_NAMED_SIGN = re.compile(
    r"(?:^|[-_\s])(?:avatar|emoji|gravatar|icon|logo|pixel|smiley|smilie|tracking)s?(?:$|[-_\s])", re.IGNORECASE
)
_SIGN_LENGTH = 40  # characters; a longer alternative text tells more
_LOOKS = frozenset("black dark default footer header large light main og site small white".split())  # "site-logo"
_PART = re.compile(r"[a-z]+")  # of a file's name; sizes and versions do not matter
_SMALL = 60  # pixels; an image said to be smaller is a decoration
_LARGE = 200  # pixels; an image said to be as large is none
_NEAR = 6  # ancestors that are asked about an image
_SHOWN = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".svg")

_ENDING = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)(?:\.\w+)?$")
_PROCESSED = re.compile(
    r"^(?:\d{2,4}px-|csm_(?=.*_[0-9a-f]{10}$))(.*?)(?:_[0-9a-f]{10})?$"
)  # as wikis and TYPO3 name copies
_SIZED = re.compile(r"(?:(?:^|[-_])(?:\d{2,4}x\d{2,4}|\d{3,4}w?|scaled|large|small|medium|thumb))+$")
_NUMBER = re.compile(r"(?<![^\W_])(?=[a-z]*\d)[a-z\d]{7,}(?![^\W_])", re.ASCII)
_DAY = re.compile(r"(?:19|20)\d{6}")
_VALUES = 16  # of a query in which a picture's own address is looked for

# The word before a name in a credit; pages have a word of their own for it.
_LABEL = re.compile(
    r"\A\s*(?:photo(?:graph)?s?|pictures?|images?|credits?|foto|bild|fotograf[ií]a|imagen|cr[eé]dito|фото|снимок|foto(?:ğraf)?|ảnh|图片?|图源|圖片?"
    r"|摄影|攝影|写真|사진|عکس|تصویر|صورة|चित्र|तस्वीर|ဓာတ်ပုံ)(?:\s+by)?(?:\s*[:：–—]|\s*-(?=\s))\s*",
    re.IGNORECASE,
)


def picture(image: Element, base: str) -> Picture | None:
    """Return an ``<img>`` as a picture without caption; None if it is a decoration or has no usable address.

    Args:
        image: one of :data:`IMAGES`.
        base: of relative addresses.
    """
    if _said_small(image):
        return None
    source = _source(image, base)
    if source is None or (_is_slight(image, source) and not _stands_out(image)):
        return None
    return Picture(src=source, alt=markup.plain(image.attr("alt") or "", CAPTION_LENGTH))


def words_for(image: Element) -> str:
    """Return what is read in place of an image that cannot be shown: its alternative text, "" for a decoration."""
    alt = markup.plain(image.attr("alt") or "", CAPTION_LENGTH)
    if not any(sign.isalnum() for sign in alt):
        return alt  # an emoji is text, whatever it is drawn with
    is_named = _is_slight(image, image.attr("src") or "") or (len(alt) <= _SIGN_LENGTH and _SAYS_SIGN.search(alt))
    is_trifle = _said_small(image) or (is_named and not _stands_out(image))
    return "" if is_trifle or leads_away(image) else alt


def leads_away(element: Element) -> bool:
    """Whether an element is, or stands in, a link to another page, and not to a larger image."""
    for one in (element, *islice(element.ancestors, _NEAR)):
        if isinstance(one, Element) and one.tag == "a":
            target = (one.attr("href") or "").partition("?")[0].lower()
            return bool(target) and not target.startswith("#") and not target.endswith(_SHOWN)
    return False


def trifling(url: str) -> bool:
    """Whether the address of an image that stands for a page says that it is a logo or the like, or cannot be shown."""
    return _is_hidden(url) or _is_named_trifle(_names_in(url)[-1])


def tidied(shown: Picture) -> Picture:
    """Return a picture with plain, bounded words, whose credit is the name alone."""
    return replace(
        shown,
        alt=markup.plain(shown.alt, CAPTION_LENGTH),
        caption=markup.plain(shown.caption, CAPTION_LENGTH),
        credit=markup.plain(_LABEL.sub("", shown.credit), CREDIT_LENGTH),
    )


def same_image(one: str, other: str) -> bool:
    """Whether two addresses seem to show one picture in different sizes: by the file's name without its size.

    A short name says something only inside of its folder.
    """
    (folder, name), (other_folder, other_name) = _place(one), _place(other)
    return name == other_name and (len(name) > 5 or folder == other_folder)


def numbers(url: str) -> frozenset[str]:
    """Return the parts of an address that may be a picture's number in its publisher's archive."""
    return frozenset(one for one in _NUMBER.findall(url.lower()) if not _DAY.fullmatch(one))


@lru_cache(maxsize=1024)  # a page's pictures are compared with one another
def _place(url: str) -> tuple[str, str]:
    """Return the folder and the name, without its size, by which a picture is known again."""
    folder, _, name = _ENDING.sub("", _path(url).rstrip("/")).rpartition("/")
    name = _SIZED.sub("", _PROCESSED.sub(r"\1", name))
    return folder, name or folder  # where only the size was in the name, the folder says what it is


def _path(url: str) -> str:
    """Return an address without its query, in lower case.

    Of one that asks a service for a picture in some size, as ``/resize?url=...``, it is the picture's.
    """
    path, _, query = url.lower().partition("?")
    for one in query.split("&", _VALUES)[:_VALUES] if "/" in query or "%2f" in query else ():
        held = unquote(one.partition("=")[2]).partition("?")[0]
        if "/" in held and held.endswith(_SHOWN):
            return held
    return path


def _source(image: Element, base: str) -> str | None:
    """Return the best address of an image: the largest candidate of its sets, else what a script would load."""
    candidates: list[tuple[float, str]] = []
    loaded: list[str] = []
    for name, value in image.attrs.items():
        if not isinstance(value, str) or not value or value.startswith("data:"):
            continue
        if "srcset" in name:
            candidates += _candidates(value)
        elif "src" in name and name != "src":
            loaded.append(value)
    candidates += _of_picture(image)
    candidates.sort(key=lambda one: -one[0])
    loaded += [value for name in (*_LAZY, "src") if (value := image.attr(name)) and not value.startswith("data:")]
    usable = (urls.parse_http(text, base) for text in (*(text for _, text in candidates[:_NEAR]), *loaded))
    return next((url for url in usable if url is not None and not _is_hidden(url)), None)


def _of_picture(image: Element) -> Iterator[tuple[float, str]]:
    """Yield the candidates that the sources of an image's ``<picture>`` have."""
    around = image.parent
    if not isinstance(around, Element) or around.tag != "picture":
        return
    for one in around:
        if isinstance(one, Element) and one.tag == "source":
            asked = _WIDTH.search(one.attr("media") or "")
            usual = int(asked[2]) * (1 if asked[1] == "min" else 0.5) if asked else _USUAL
            for name, value in one.attrs.items():
                if "srcset" in name and isinstance(value, str):
                    yield from _candidates(value, usual)


def _candidates(srcset: str, usual: float = _USUAL) -> list[tuple[float, str]]:
    """Return the addresses of a srcset with their widths in pixels; a comma within an address is its own."""
    found: list[tuple[float, str]] = []
    address, width = "", usual
    for word in srcset[:_SET_LENGTH].split():
        rest = word
        if address:
            descriptor, comma, rest = word.partition(",")
            width = _width(descriptor, usual)
            if not comma:
                continue
            found.append((width, address))
            address, width = "", usual
        if rest.endswith(","):
            found.append((usual, rest.strip(",")))
        else:
            address = rest.lstrip(",")
    if address:
        found.append((width, address))
    return [one for one in found if one[0] <= _WIDEST and one[1] and not one[1].startswith("data:")]


def _width(descriptor: str, usual: float) -> float:
    number, unit = descriptor[:-1], descriptor[-1:]
    if unit == "w" and number.isdecimal():
        return float(number)
    found = _DESCRIPTOR.fullmatch(descriptor)
    return usual if found is None else float(found[1]) * (usual if found[2] == "x" else 1)


def _is_slight(image: Element, source: str) -> bool:
    """Whether an image's address, class or id says that it is a decoration."""
    return _is_trifle(source) or bool(
        _NAMED_SIGN.search(" ".join(image.attrs.get("class") or ())) or _NAMED_SIGN.search(image.attr("id") or "")
    )


def _is_hidden(url: str) -> bool:
    """Whether an image only holds the place of another, or is SVG, which may hold scripts and is not stored."""
    path = url.partition("?")[0].lower()
    stem = path.rpartition("/")[2].partition(".")[0]
    return path.endswith(".svg") or stem in _STAND_INS or bool(_STAND_IN.search(stem))


def _is_trifle(url: str) -> bool:
    *folders, name = _names_in(url)
    return _is_named_trifle(name) or any(_singular(folder) in _TRIFLES for folder in folders)


def _is_named_trifle(name: str) -> bool:
    """Whether a file's name says that it is a decoration."""
    parts = set(_PART.findall(name.partition(".")[0])) - _LOOKS
    return (bool(parts) and all(_singular(part) in _TRIFLES for part in parts)) or bool(_SIGN.search(name))


def _names_in(url: str) -> list[str]:
    """Return the names of an address's folders and file, in lower case."""
    before, mark, after = url.partition("?")[0].lower().partition("://")
    return (after.partition("/")[2] if mark else before).split("/")


def _singular(name: str) -> str:
    return name.removesuffix("s")


def _stands_out(image: Element) -> bool:
    """Whether an image is no decoration whatever its name: it is a figure, or large."""
    return any(side >= _LARGE for side in _sides(image)) or any(
        isinstance(one, Element) and one.tag == "figure" for one in islice(image.ancestors, _NEAR)
    )


def _said_small(image: Element) -> bool:
    return any(0 < side < _SMALL for side in _sides(image))


def _sides(image: Element) -> Iterator[int]:
    """Yield the width and height that an image is said to have, in pixels."""
    for side in ("width", "height"):
        if digits := _PIXELS.match(image.attr(side) or ""):
            yield int(digits[1])
