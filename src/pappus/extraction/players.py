"""Videos, sounds and other things that a page embeds, as what is left of them without scripts: a poster and a link.

A player is known by its element and attributes; for those that many sites embed, the address of the page that a reader
can open is made from that of the frame.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from msgspec import Struct
from turbohtml import Element

from pappus import markup, urls

if TYPE_CHECKING:
    from collections.abc import Iterator

FRAMES: Final = frozenset({"amp-iframe", "embed", "iframe", "object"})
PLAYED: Final = frozenset({"amp-audio", "amp-video", "audio", "video"})
# Elements of components that name what they show by an id of its place. Source: the documentation of AMP's components.
_COMPONENTS: Final = {
    "amp-dailymotion": ("data-videoid", "https://www.dailymotion.com/video/{}"),
    "amp-facebook": ("data-href", "{}"),
    "amp-instagram": ("data-shortcode", "https://www.instagram.com/p/{}/"),
    "amp-soundcloud": ("data-trackid", "https://api.soundcloud.com/tracks/{}"),
    "amp-tiktok": ("data-src", "{}"),
    "amp-twitter": ("data-tweetid", "https://twitter.com/i/status/{}"),
    "amp-vimeo": ("data-videoid", "https://vimeo.com/{}"),
    "amp-youtube": ("data-videoid", "https://www.youtube.com/watch?v={}"),
    "lite-vimeo": ("videoid", "https://vimeo.com/{}"),
    "lite-youtube": ("videoid", "https://www.youtube.com/watch?v={}"),
}
POST: Final = "blockquote"  # of a site whose script would show it; without, it is a link and nothing else
PLAYERS: Final = FRAMES | PLAYED | frozenset(_COMPONENTS) | {POST}

# What a frame's address has where it is a player's, and the page that it plays. Sorted by host.
_PAGES: Final = tuple(
    (re.compile(rf"https?://(?:[\w-]+\.)*{pattern}", re.ASCII), page)
    for pattern, page in (
        (
            r"dailymotion\.com/(?:embed/video/|swf/(?:video/)?|player\S*?[?&]video=)(\w{4,15})",
            "https://www.dailymotion.com/video/{}",
        ),
        (r"embed\.podcasts\.apple\.com/(\S+)", "https://podcasts.apple.com/{}"),
        (r"instagram\.com/(?:p|reel|tv)/([\w-]{5,20})", "https://www.instagram.com/p/{}/"),
        (r"open\.spotify\.com/embed(?:-podcast)?/([a-z]+/\w+)", "https://open.spotify.com/{}"),
        (r"platform\.twitter\.com/embed/\S*?[?&]id=(\d{3,25})", "https://twitter.com/i/status/{}"),
        (r"player\.bilibili\.com/player\.html\?\S*?\bbvid=(BV\w{10})", "https://www.bilibili.com/video/{}"),
        (r"player\.vimeo\.com/video/(\d{3,15})", "https://vimeo.com/{}"),
        (r"streamable\.com/[eos]/(\w{3,10})", "https://streamable.com/{}"),
        (r"embed(?:-ssl)?\.ted\.com/talks/(\w+)", "https://www.ted.com/talks/{}"),
        (r"t\.me/(\w{4,40}/\d+)", "https://t.me/{}"),
        (r"tiktok\.com/embed/(?:v\d/)?(\d{10,25})", "https://www.tiktok.com/embed/v2/{}"),
        (
            r"youtube(?:-nocookie)?\.com/(?:embed|v|shorts)/(?!videoseries)([\w-]{6,20})",
            "https://www.youtube.com/watch?v={}",
        ),
    )
)
_YOUTUBE = re.compile(r"https://www\.youtube\.com/watch\?v=([\w-]{6,20})\Z", re.ASCII)
# Frames that say in their address what they show.
_QUOTING = re.compile(
    r"https?://(?:[\w-]+\.)*(?:facebook\.com/(?:\w+/)?plugins/(?:post|video)\.php|w\.soundcloud\.com/player/)\?(\S+)",
    re.ASCII,
)
_QUOTED = ("href", "url")

_PLAYER = re.compile(
    r"\A(?:https?:)?//(?:\S*\.)?(?:acast|aparat|bilibili|bitchute|brightcove|bsky|dailymotion|documentcloud|dwcdn|flo\.uri|flourish|giphy|imgur"
    r"|infogram|jwplayer|kaltura|megaphone|odysee|ok|omny|openstreetmap|podigee|reddit|rumble|rutube|scribd|simplecast|soundcloud|spotify|spreaker"
    r"|streamable|ted|twitch|vimeo|vk|youku)\.(?:app|com|fm|io|net|org|ru|sh|studio|tv)/"
    r"|\b(?:audio|chart|embed|film|graphic|map|player|podcast|video|watch)s?\b",
    re.IGNORECASE,
)
_NO_PLAYER = re.compile(
    r"\b(?:ads?|adserver|adservice|amazon-adsystem|banner|captcha|chat|comments?|consent|disqus|doubleclick|form|googlesyndication|googletagmanager|like|login|newsletter"
    r"|paywall|plugins?|recaptcha|share|signup|subscribe|sync|tracking|widgets?)\b",
    re.IGNORECASE,
)
_SMALL = 60  # pixels; a frame said to be smaller is a counter
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_PIXELS = re.compile(r"\s*(\d{1,5})(?:px)?\s*\Z")
_LOADED = ("src", "data-src", "data-lazy-src", "data-original", "data-url", "data", "data-video-url")
_READABLE = 80  # characters of an address that says more than its host alone


class Player(Struct, frozen=True):
    """What can be shown of an embed."""

    address: str  # of the page, or file, that a reader can open; "" for none
    poster: str  # address of its picture; "" for none
    title: str  # what the link says; "" if there is none


def player(element: Element, base: str) -> Player | None:
    """Return an embedded video, sound, post or chart; None if it is none, or has neither address nor poster.

    Args:
        element: one of :data:`PLAYERS`.
        base: of relative addresses.
    """
    tag = element.tag
    poster = ""
    if tag in _COMPONENTS:
        address = _component(element, base)
    elif tag == POST:
        link = element.find("a")
        address = (urls.parse_http(link.attr("href") or "", base) or "") if link is not None else ""
    elif tag in PLAYED:
        address = next((url for text in _sources(element) if (url := _file(text, base))), "")
        poster = urls.parse_http(element.attr("poster") or element.attr("data-poster") or "", base) or ""
    else:
        address = _framed(element, base)
    if found := _YOUTUBE.match(address):
        poster = f"https://i.ytimg.com/vi/{found[1]}/hqdefault.jpg"
    return Player(address, poster, _title(element, address)) if address or poster else None


def page_of(address: str) -> str | None:
    """Return the page that the player at an absolute address plays; None if it is none of those known."""
    for pattern, page in _PAGES:
        if found := pattern.match(address):
            return page.format(found[1])
    if found := _QUOTING.match(address):
        said = parse_qs(found[1], max_num_fields=markup.MAX_ATTRIBUTES)
        return next((url for name in _QUOTED for text in said.get(name, ()) if (url := urls.parse_http(text))), None)
    return None


def _component(element: Element, base: str) -> str:
    name, page = _COMPONENTS[element.tag]
    said = element.attr(name) or ""
    if page == "{}":
        return urls.parse_http(said, base) or ""
    return page.format(said) if re.fullmatch(r"[\w-]{3,25}", said, re.ASCII) else ""


def _sources(element: Element) -> Iterator[str]:
    yield from (value for name in _LOADED if (value := element.attr(name)))
    yield from (value for one in element if isinstance(one, Element) for name in _LOADED if (value := one.attr(name)))


def _file(text: str, base: str) -> str | None:
    """Return the address of a file; what stands there until a script is run may be the page itself, or Flash."""
    url = urls.parse_http(text, base) if not text.startswith("#") else None
    return None if url is None or url == base or url.partition("?")[0].endswith(".swf") else url


def _framed(element: Element, base: str) -> str:
    """Return the page that a frame shows; "" where it is not worth a link."""
    given = [value for name in _LOADED if (value := element.attr(name))]
    if element.tag == "object":
        given += [
            one.attr("value") or "" for one in element if isinstance(one, Element) and one.attr("name") == "movie"
        ]
        given += [one.attr("src") or "" for one in element if isinstance(one, Element) and one.tag == "embed"]
    address = next((url for text in given if (url := _file(text, base))), "")
    if not address or _is_unseen(element):
        return ""
    if page := page_of(address):
        return page
    may_fill_screen = element.attr("allowfullscreen") is not None or "fullscreen" in (element.attr("allow") or "")
    if _NO_PLAYER.search(address) or not (may_fill_screen or _PLAYER.search(address)):
        return ""
    return address


def _is_unseen(element: Element) -> bool:
    """Whether a frame is not for readers but for a counter, or a script."""
    if (
        element.attr("hidden") is not None
        or element.attr("aria-hidden") == "true"
        or _UNSEEN.search(element.attr("style") or "")
    ):
        return True
    sides = (_PIXELS.match(element.attr(side) or "") for side in ("width", "height"))
    return any(side is not None and int(side[1]) < _SMALL for side in sides)


def _title(element: Element, address: str) -> str:
    said = markup.plain(element.attr("title") or element.attr("aria-label") or "")
    return said or (address if len(address) <= _READABLE else urls.host(address))
