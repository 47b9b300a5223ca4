"""What an HTML document is made of, as the structure tables count it: texts by kind, links, images, embedded media."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, unquote, urlsplit

import turbohtml
from msgspec import Struct
from turbohtml import Element, Text

from bench.extraction import images
from bench.extraction.texts import BLOCKS, UNSHOWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from turbohtml import Node

_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_WHOLE: Final = _HEADINGS | {"blockquote", "figcaption", "table"}  # whose text counts with that of all in it
_MEDIA: Final = frozenset({"audio", "blockquote", "embed", "iframe", "img", "object", "video"})
_NO_PARAGRAPH: Final = _HEADINGS | {"figcaption", "li", "pre", "table"}
_ADDRESSES: Final = ("src", "data-src", "data-lazy-src", "data-original", "srcset", "data-srcset", "poster", "data")
_POSTED: Final = re.compile(r"\b(?:bluesky-embed|fb-post|fb-video|instagram-media|tiktok-embed|twitter-tweet)\b")
# Whose frames belong to an article, by the ends of their names; sorted. Other frames are mostly advertising.
_HOSTS: Final = tuple(
    "bsky.app dailymotion.com datawrapper.de documentcloud.org dwcdn.net facebook.com flourish.studio giphy.com imgur.com infogram.com"
    " instagram.com omny.fm openstreetmap.org podigee.io reddit.com scribd.com soundcloud.com spotify.com streamable.com tiktok.com"
    " twitch.tv twitter.com vimeo.com x.com youtu.be youtube-nocookie.com youtube.com".split()
)


def fold(text: str) -> str:
    """Return the letters and digits of a text, whatever their case and form."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).casefold()


class Run(Struct, eq=False):
    """Text that stands together, between two edges of blocks."""

    within: tuple[Element, ...]  # the elements round it, outermost first
    pieces: list[str] = []
    links: dict[int, tuple[Element, list[str]]] = {}  # by id, with the pieces in them

    @property
    def text(self) -> str:
        """Its text."""
        return "".join(self.pieces)

    def inside(self, tags: Iterable[str]) -> bool:
        """Whether it stands in an element with one of these tags."""
        return any(element.tag in tags for element in self.within)


class Elements(Struct):
    """A document's runs of text, and its media with the number of runs before them."""

    runs: list[Run] = []
    media: list[tuple[Element, int]] = []


def read(html: str) -> Elements:
    """Return what a document is made of."""
    found = Elements()
    run: Run | None = None
    stack: list[tuple[Node, tuple[Element, ...]] | None] = [(turbohtml.parse(html), ())]
    while stack:
        entry = stack.pop()
        if entry is None:  # the end of a block
            run = None
            continue
        node, within = entry
        if isinstance(node, Text):
            if run is None and node.data.strip():
                run = Run(within)
                found.runs.append(run)
            if run is not None:
                _add(run, node.data, within)
            continue
        if isinstance(node, Element):
            if node.tag in _MEDIA:
                found.media.append((node, len(found.runs)))
            if node.tag in UNSHOWN and node.tag not in {"video", "audio"}:
                continue
            if node.tag in BLOCKS:
                run = None
                stack.append(None)
            within = (*within, node)
        stack += [(child, within) for child in reversed(list(node))]
    return found


def _add(run: Run, piece: str, within: tuple[Element, ...]) -> None:
    run.pieces.append(piece)
    if link := next((element for element in reversed(within) if element.tag == "a"), None):
        run.links.setdefault(id(link), (link, []))[1].append(piece)


def wholes(runs: Iterable[Run], *tags: str) -> list[tuple[Element, list[Run]]]:
    """Return the elements with these tags and the runs in them; a list item without those of items in it."""
    each: dict[int, tuple[Element, list[Run]]] = {}
    for run in runs:
        inside = [element for element in run.within if element.tag in tags]
        for element in inside[-1:] if tags == ("li",) else inside:
            each.setdefault(id(element), (element, []))[1].append(run)
    return list(each.values())


def text(runs: Iterable[Run]) -> str:
    """Return the text of runs."""
    return " ".join(run.text for run in runs)


def paragraphs(runs: Iterable[Run]) -> list[str]:
    """Return the folded texts that are in no heading, list, table, caption or code."""
    return [key for run in runs if not run.inside(_NO_PARAGRAPH) and (key := fold(run.text))]


def unheaded(runs: Iterable[Run]) -> list[str]:
    """Return all folded texts but headings: where a paragraph may be kept."""
    return [key for run in runs if not run.inside(_HEADINGS) and (key := fold(run.text))]


def headings(runs: Iterable[Run]) -> list[str]:
    """Return the folded texts of headings."""
    return [fold(text(inside)) for _, inside in wholes(runs, *_HEADINGS)]


def items(runs: Iterable[Run]) -> list[str]:
    """Return the folded texts of list items."""
    return [key for _, inside in wholes(runs, "li") if (key := fold(text(inside)))]


def links(runs: Iterable[Run], base: str) -> list[tuple[str, str]]:
    """Return where links lead, by host and path, and their folded texts; links within the page and without text are left out."""
    gathered: dict[int, tuple[Element, list[str]]] = {}
    for run in runs:
        for name, (link, pieces) in run.links.items():
            gathered.setdefault(name, (link, []))[1].extend(pieces)
    return [
        (goal, key)
        for link, pieces in gathered.values()
        if (goal := target(attribute(link, "href"), base)) and (key := fold("".join(pieces)))
    ]


def target(address: str, base: str) -> str:
    """Return host and path of an address; "" where it is no page's, or the same page's."""
    full = images.absolute(address, base)
    try:
        parts, here = urlsplit(full), urlsplit(base)
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or (parts.fragment and parts[:4] == here[:4]):
        return ""
    return f"{parts.netloc.removeprefix('www.')}{unquote(parts.path).rstrip('/')}".casefold()


def tables(runs: Iterable[Run]) -> list[str]:
    """Return the texts of tables of data: of two rows and two columns at least, with no table in them."""
    return [
        text(inside)
        for element, inside in wholes(runs, "table")
        if not element.find_all("table")
        and len({id(one) for run in inside for one in run.within if one.tag == "tr"}) > 1
        and len({id(one) for run in inside for one in run.within if one.tag in {"td", "th"}}) > 3
    ]


def quotes(runs: Iterable[Run]) -> list[str]:
    """Return the texts of block quotations that are no posts of other sites."""
    return [text(inside) for element, inside in wholes(runs, "blockquote") if not _posted(element)]


def captions(runs: Iterable[Run]) -> list[str]:
    """Return the folded texts of figures' captions."""
    return [key for _, inside in wholes(runs, "figcaption") if (key := fold(text(inside)))]


def attribute(element: Element, name: str) -> str:
    """Return an attribute's value; "" where it has none."""
    value = element.attrs.get(name)
    return " ".join(value) if isinstance(value, list) else value or ""


def sources(element: Element, base: str) -> list[str]:
    """Return the full addresses that an element loads something from."""
    said = [attribute(element, name) for name in _ADDRESSES]
    each = (piece.split()[0] for value in said for piece in re.split(r",\s+", value) if piece.strip())
    return [full for one in each if (full := images.absolute(one, base)).startswith("http")]


def pictures(media: Iterable[tuple[Element, int]], base: str) -> list[list[str]]:
    """Return the addresses of each image in all its versions, and of each poster of a video."""
    found = []
    for element, _ in media:
        if element.tag == "img":
            frame = element.parent
            versions = frame.find_all("source") if isinstance(frame, Element) and frame.tag == "picture" else []
            found.append([one for each in (element, *versions) for one in sources(each, base)])
        elif element.tag == "video":
            found.append([images.absolute(attribute(element, "poster"), base)])
    return [each for each in found if any(each)]


def embeds(media: Iterable[tuple[Element, int]], base: str) -> list[str]:
    """Return what names each video, recording, frame or post of another site."""
    found = []
    for element, _ in media:
        if element.tag == "blockquote":
            led = [attribute(link, "href") for link in element.find_all("a")] if _posted(element) else []
            addresses = [one for one in led[-1:] if one.startswith("http")]
        elif element.tag in {"audio", "video"}:
            inner = [one for source in element.find_all("source") for one in sources(source, base)]
            addresses = [images.absolute(attribute(element, "src"), base) or "", *inner]
        else:
            addresses = sources(element, base) if element.tag in {"embed", "iframe", "object"} else []
            addresses = [one for one in addresses if (urlsplit(one).hostname or "").endswith(_HOSTS)]
        if name := next((media_name(one) for one in addresses if one.startswith("http")), ""):
            found.append(name)
    return list(dict.fromkeys(found))


def media_name(address: str) -> str:
    """Return what names a medium in its address, wherever else it is linked: its number, mostly."""
    parts = urlsplit(address)
    query = parse_qs(parts.query)
    last = parts.path.rstrip("/").rpartition("/")[2]
    said = query.get("v") or query.get("url") or query.get("href")
    if said:
        return media_name(said[0]) if said[0].startswith("http") else said[0]
    return last if len(last) > 4 else f"{parts.netloc}{parts.path}"


def _posted(element: Element) -> bool:
    return bool(_POSTED.search(attribute(element, "class")))
