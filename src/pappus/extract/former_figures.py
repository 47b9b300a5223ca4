"""Images and videos of a page, as the publisher's markup means them: best source, caption, credit, poster."""

from __future__ import annotations

import re
from html import escape
from itertools import islice
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pappus import markup, urls
from pappus.model import Picture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import html

_LAZY = (
    "data-src", "data-original", "data-lazy-src", "data-lazy", "data-full-src", "data-hi-res-src", "data-url", "data-image",
    "data-img-src", "data-echo", "data-actualsrc", "data-large_image", "src",
)  # fmt: skip
_LAZY_SETS = ("data-srcset", "data-lazy-srcset", "srcset")
_CANDIDATE = re.compile(r"\s*(\S+?)(?:\s+([0-9.]+)([wx])\s*(?:,|$)|\s*(?:,\s+|,$|$))")
_WIDEST = 2400  # pixels; a larger candidate of a srcset only costs

_HOLDER = re.compile(
    r"\b(?:wp-caption|(?:article|main|lead|inline|story|content)?[-_]{0,2}(?:figure|image|img|photo|picture|foto|bild|imagen))",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"caption|cutline|legend|bildunter|image[-_]?(?:desc|text)|photo[-_]?(?:desc|text)|pie[-_]?(?:de[-_]?)?foto",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"credit|copyright|(?:image|photo|img|foto)[-_]{0,2}(?:source|author|by|agency)|photographer|fotograf|bildquelle",
    re.IGNORECASE,
)
# Whole names of folders and files, in the singular; a part of a name says nothing: "protest-banner.jpg" is a photograph.
_TRIFLES = frozenset(
    "ad advert avatar badge banner button emoji favicon gravatar icon loader loading logo pixel qr qrcode share smiley smilie"
    " sprite".split()
)
_STAND_INS = frozenset("1x1 blank transparent".split())  # until a script puts the image there
_STAND_IN = re.compile(r"placeholder|\bspacer\b")
_SIGN = re.compile(r"(?:^|[-_])(?:icon|logo|sprite)s?[^/]*\.(?:png|gif)$")  # photographs have other formats
_SAYS_SIGN = re.compile(r"(?:avatar|button|icon|logo)s?\b", re.IGNORECASE)
_SIGN_LENGTH = 40  # characters; a longer alternative text tells more
_LOOKS = frozenset("black dark default footer header large light main og site small white".split())  # "site-logo"
_PART = re.compile(r"[a-z]+")  # of a file's name; sizes and versions do not matter
_SMALL = 90  # pixels; an image said to be smaller is a decoration
_LARGE = 200  # pixels; an image said to be as large is none
_PARTS = 400  # elements; more than that is no figure, and looking into it again and again would cost
_CAPTION_LENGTH = 1_000  # characters; of an alternative text likewise
_CREDIT_LENGTH = 300  # characters

_READABLE = 80  # characters of an address that says more than its host alone
_FRAMES = frozenset({"iframe", "amp-iframe"})
PLAYERS = _FRAMES | {"video", "audio"}
_KNOWN = re.compile(
    r"^https?://(?:www\.)?(?:youtube(?:-nocookie)?\.com/embed/(?P<youtube>[\w-]{6,20})|player\.vimeo\.com/video/(?P<vimeo>\d{4,15})"
    r"|(?:geo\.)?dailymotion\.com/(?:embed/video/|player\S*?video=)(?P<dailymotion>\w{4,15}))"
)
_PLAYER = re.compile(
    r"^https?://(?:\S*\.)?(?:aparat|bilibili|bitchute|brightcove|dailymotion|jwplayer|odysee|ok|rumble|rutube|soundcloud|spotify|streamable|ted|vimeo|vk|youku)"
    r"\.(?:com|ru|net|tv)/|\b(?:audio|embed|film|player|podcast|video|watch)s?\b",
    re.IGNORECASE,
)
_NO_PLAYER = re.compile(
    r"\b(?:ads?|adserver|banner|captcha|chat|comments?|consent|doubleclick|form|googletagmanager|like|maps?|newsletter|plugins?|share|signup|subscribe|widgets?)\b",
    re.IGNORECASE,
)
_WATCH = {
    "youtube": "https://www.youtube.com/watch?v={}",
    "vimeo": "https://vimeo.com/{}",
    "dailymotion": "https://www.dailymotion.com/video/{}",
}

# The word before a name in a credit; pages have a word of their own for it.
_LABEL = re.compile(
    r"\A\s*(?:photo(?:graph)?s?|pictures?|images?|credits?|foto|bild|fotograf[ií]a|imagen|cr[eé]dito|фото|снимок|foto(?:ğraf)?|ảnh|图片?|图源|圖片?"
    r"|摄影|攝影|写真|사진|عکس|تصویر|صورة|चित्र|तस्वीर|ဓာတ်ပုံ)(?:\s+by)?\s*[:：]\s*",
    re.IGNORECASE,
)


def holds_pictures(element: html.HtmlElement) -> bool:
    """Whether an element is a figure: by its name, or by its class if nothing but an image and its words is in it."""
    if sum(1 for _ in islice(element.iter(), _PARTS + 1)) > _PARTS or next(images(element), None) is None:
        return False
    if element.tag in {"figure", "picture"}:
        return not any(True for _ in element.iter("table", "blockquote", "pre"))
    if element.tag not in {"div", "p", "section", "aside", "span", "a", "dl", "center"} or not _HOLDER.search(
        _names(element)
    ):
        return False
    words = len(markup.plain(element.text_content()))
    said = sum(len(markup.plain(one.text_content())) for one in _outermost(element, _CAPTION, _CREDIT))
    return words - said <= 20 and words <= _CAPTION_LENGTH


def images(element: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """Yield the images in an element, itself included, but for those that repeat another for readers without scripts."""
    found = [image for image in element.iter("img", "amp-img") if not _in_noscript(image)]
    yield from found or element.iter("img")


def _in_noscript(image: html.HtmlElement) -> bool:
    return any(True for _ in image.iterancestors("noscript"))


def pictures(element: html.HtmlElement, base: str) -> list[Picture]:
    """Return the pictures of a figure; words that belong to all of them go with the last."""
    found: list[Picture] = []
    for image in images(element):
        picture = alone(image, base)
        if picture is not None and all(picture.src != other.src for other in found):
            found.append(picture)
    if found:
        caption, credit = _words(element)
        found[-1] = Picture(src=found[-1].src, alt=found[-1].alt, caption=caption, credit=credit)
    return found


def alone(image: html.HtmlElement, base: str) -> Picture | None:
    """Return an ``<img>`` as a picture without caption; None if it is a decoration or has no usable address."""
    source = _source(image, base)
    if source is None or _is_drawn(source) or _is_stand_in(source) or _said_small(image):
        return None
    if trifling(source) and not _stands_out(image):
        return None
    return Picture(src=source, alt=markup.plain(image.get("alt") or "", _CAPTION_LENGTH))


def words_for(image: html.HtmlElement) -> str:
    """Return what is read in place of an image that cannot be shown: its alternative text, "" for a decoration."""
    alt = markup.plain(image.get("alt") or "", _CAPTION_LENGTH)
    if not any(sign.isalnum() for sign in alt):
        return alt  # an emoji is text, whatever it is drawn with
    is_named = _is_trifle(image.get("src") or "") or (len(alt) <= _SIGN_LENGTH and _SAYS_SIGN.search(alt))
    is_trifle = _said_small(image) or (is_named and not _stands_out(image))
    return "" if is_trifle or leads_away(image) else alt


def words_of(element: html.HtmlElement) -> str:
    """Return the words of a figure whose images cannot be shown, as markup."""
    seen = list(images(element))
    if all(_said_small(image) for image in seen):
        return ""
    caption, credit = _words(element)
    said = [alt for image in seen if (alt := words_for(image)) not in caption] + [caption, credit]
    return "".join(f"<p>{escape(text, quote=False)}</p>" for text in dict.fromkeys(said) if text)


def leads_away(element: html.HtmlElement) -> bool:
    """Whether an element is, or stands in, a link to another page, and not to a larger image."""
    for one in (element, *element.iterancestors("a")):
        target = (one.get("href") or "").partition("?")[0].lower()
        if one.tag == "a" and target and not target.startswith("#"):
            return not target.endswith((".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".svg"))
    return False


def trifling(url: str) -> bool:
    """Whether an image's address says that it is a decoration, or cannot be shown."""
    return _is_drawn(url) or _is_stand_in(url) or _is_trifle(url)


def _is_drawn(url: str) -> bool:
    """Whether an image is SVG, which may hold scripts, and is not stored."""
    return url.partition("?")[0].lower().endswith(".svg")


def _is_stand_in(url: str) -> bool:
    stem = _names_in(url)[-1].partition(".")[0]
    return stem in _STAND_INS or bool(_STAND_IN.search(stem))


def _is_trifle(url: str) -> bool:
    *folders, name = _names_in(url)
    parts = set(_PART.findall(name.partition(".")[0])) - _LOOKS
    named = bool(parts) and all(_singular(part) in _TRIFLES for part in parts)
    return named or any(_singular(folder) in _TRIFLES for folder in folders) or bool(_SIGN.search(name))


def _names_in(url: str) -> list[str]:
    """Return the names of an address's folders and file, in lower case."""
    before, mark, after = url.partition("?")[0].lower().partition("://")
    return (after.partition("/")[2] if mark else before).split("/")


def _singular(name: str) -> str:
    return name.removesuffix("s")


def _stands_out(image: html.HtmlElement) -> bool:
    """Whether an image is no decoration whatever its name: it is a figure, or large."""
    return any(side >= _LARGE for side in _sides(image)) or any(True for _ in image.iterancestors("figure"))


def _said_small(image: html.HtmlElement) -> bool:
    return any(0 < side < _SMALL for side in _sides(image))


def _sides(image: html.HtmlElement) -> Iterator[int]:
    """Yield the width and height that an image is said to have, in pixels."""
    for side in ("width", "height"):
        if digits := re.match(r"\s*(\d{1,5})(?:px)?\s*$", image.get(side) or ""):
            yield int(digits[1])


def _source(image: html.HtmlElement, base: str) -> str | None:
    """Return the best address of an image: the largest candidate of its sets, else what a script would load."""
    sets = [image.get(name) or "" for name in _LAZY_SETS]
    for around in image.iterancestors("picture"):  # not the parent: libxml2 puts what follows <source> into it
        sets += [source.get(name) or "" for source in around.iter("source") for name in _LAZY_SETS]
    candidates = sorted(_candidates(" , ".join(text for text in sets if text), base), key=lambda pair: -pair[0])
    if candidates:
        return candidates[0][1]
    for name in _LAZY:
        value = image.get(name) or ""
        if not value.startswith("data:") and (url := urls.parse_http(value, base)):
            return url
    return None


def _candidates(srcset: str, base: str) -> Iterator[tuple[float, str]]:
    for found in _CANDIDATE.finditer(srcset[:20_000]):
        size = float(found[2]) if found[2] and found[2].count(".") < 2 and found[2] != "." else 1.0
        width = size if found[3] == "w" else size * 500  # density: all of these show the same picture
        url = urls.parse_http(found[1].rstrip(","), base) if not found[1].startswith("data:") else None
        if url is not None and width <= _WIDEST and found[1] != ",":
            yield width, url


def _names(element: html.HtmlElement) -> str:
    return f"{element.get('class') or ''} {element.get('itemprop') or ''}"


def _outermost(element: html.HtmlElement, *patterns: re.Pattern[str]) -> list[html.HtmlElement]:
    """Return the elements inside ``element`` that are captions by name or class, none of them inside another."""
    found: list[html.HtmlElement] = []
    for one in element.iterdescendants():
        if not isinstance(one.tag, str) or (
            one.tag != "figcaption" and not any(p.search(_names(one)) for p in patterns)
        ):
            continue
        if not any(ancestor in found for ancestor in one.iterancestors()):
            found.append(one)
    return found


def says_credit(element: html.HtmlElement) -> bool:
    """Whether an element's class says that it is a caption or a credit."""
    return bool(_CAPTION.search(_names(element)) or _CREDIT.search(_names(element)))


def _words(element: html.HtmlElement) -> tuple[str, str]:
    """Return caption and credit of a figure."""
    credits_ = [one for one in element.iterdescendants() if isinstance(one.tag, str) and _CREDIT.search(_names(one))]
    credit = next((text for one in credits_ if (text := markup.plain(one.text_content()))), "")
    captions = [markup.plain(one.text_content()) for one in _outermost(element, _CAPTION)]
    if not any(captions) and element.tag == "figure":
        captions = [markup.plain(element.text_content())]
    caption = max(captions, key=len, default="")[:_CAPTION_LENGTH]
    if credit and caption.endswith(credit):
        caption = caption.removesuffix(credit).rstrip(" |-–—/")
    elif credit and caption.startswith(credit):
        caption = caption.removeprefix(credit).lstrip(" |-–—/")
    return caption, "" if credit == caption else credit[:_CREDIT_LENGTH]


def tidied(picture: Picture) -> Picture:
    """Return a picture with plain, bounded words, whose credit is the name alone."""
    return replace(
        picture,
        alt=markup.plain(picture.alt, _CAPTION_LENGTH),
        caption=markup.plain(picture.caption, _CAPTION_LENGTH),
        credit=markup.plain(_LABEL.sub("", picture.credit), _CREDIT_LENGTH),
    )


def same_image(one: str, other: str) -> bool:
    """Whether two addresses seem to show one picture in different sizes: by the file's name without its size.

    A short name says something only inside of its folder.
    """
    name, folder = _stem(one), one.rpartition("/")[0]
    return name == _stem(other) and (len(name) > 5 or folder == other.rpartition("/")[0])


def _stem(url: str) -> str:
    path = url.partition("?")[0].rstrip("/").lower()
    folder, _, name = re.sub(r"\.(?:jpe?g|png|webp|gif|avif)(?:\.\w+)?$", "", path).rpartition("/")
    name = re.sub(r"(?:(?:^|[-_])(?:\d{2,4}x\d{2,4}|\d{3,4}w?|scaled|large|small|medium|thumb))+$", "", name)
    return name or folder  # where only the size was in the name, the folder says what it is


def figure(picture: Picture) -> str:
    """Return a picture as markup: a figure with its words, or the image alone in one."""
    image = f'<img src="{escape(picture.src)}" alt="{escape(picture.alt)}">'
    words = " ".join(escape(text, quote=False) for text in (picture.caption, picture.credit) if text)
    return f"<figure>{image}{f'<figcaption>{words}</figcaption>' if words else ''}</figure>"


def player(element: html.HtmlElement, base: str) -> str:
    """Return an embedded video or sound as its poster and a link to it; "" if it is none, or has no address."""
    if element.tag in _FRAMES:
        return _framed(element, base)
    sources = (one.get("src") or one.get("data-src") or "" for one in element.iter("video", "audio", "source"))
    source = next((url for text in sources if (url := urls.parse_http(text, base))), "")
    return _played(element, source, urls.parse_http(element.get("poster") or "", base) or "")


def _framed(element: html.HtmlElement, base: str) -> str:
    given = (element.get(name) or "" for name in ("src", "data-src", "data-lazy-src"))
    address = next((url for text in given if (url := urls.parse_http(text, base))), "")
    if found := _KNOWN.match(address):
        host = found.lastgroup or ""
        poster = f"https://i.ytimg.com/vi/{found[host]}/hqdefault.jpg" if host == "youtube" else ""
        return _played(element, _WATCH[host].format(found[host]), poster)
    may_fill_screen = element.get("allowfullscreen") is not None or "fullscreen" in (element.get("allow") or "")
    if _said_small(element) or _NO_PLAYER.search(address) or not (may_fill_screen or _PLAYER.search(address)):
        return ""
    return _played(element, address, "")


def _played(element: html.HtmlElement, address: str, poster: str) -> str:
    link = f'<p><a href="{escape(address)}">▶ {escape(_title(element, address))}</a></p>' if address else ""
    return (figure(Picture(src=poster)) if poster else "") + link


def _title(element: html.HtmlElement, address: str) -> str:
    said = markup.plain(element.get("title") or element.get("aria-label") or "")
    return said or (address if len(address) <= _READABLE else urls.host(address))
