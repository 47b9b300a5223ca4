"""Articles that a page carries as data for its scripts: the text of a page that shows none before they run.

Sites keep their articles in many shapes (Next.js, Nuxt, Apollo, Redux, Arc Fusion, WordPress, rich-text trees), and none of them is known
here: the richest prose is looked for that has to do with the page's title. It is in strings of HTML, in lists of paragraphs, or in trees
whose leaves are texts, and all of it is at one place, but for the numbers of list items. Bounded in time by the length of scripts and
the number of values. ``articleBody`` of schema.org comes last, for it has no structure.
"""

from __future__ import annotations

import json
import re
from html import escape, unescape
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from turbohtml import Document

MAX_CHARS: Final = 4 * 2**20  # of scripts that are read
MAX_VALUES: Final = 300_000  # that are looked at
_LEAST: Final = 500  # letters of prose; less is no article
_PIECE: Final = 80  # characters of a piece of one
_CANDIDATES: Final = 8  # places whose prose is compared with what the page is about
_FIT: Final = 0.25  # of the words of title and description that an article has too
_DEEP: Final = 24  # levels of a rich-text tree
_ATTEMPTS: Final = 60  # objects within one script
_WORTH: Final = 250  # characters of a script, or of an object in one, that may hold an article

_OPENED = re.compile(r"[=(:,]\s*(?=[\[{])")
_PARSED = re.compile(r"""JSON\.parse\(\s*(?="|')""")
_ROW = re.compile(r"^[0-9a-f]{1,6}:(?:T([0-9a-f]{1,6}),|[A-Z]{0,2}(?=[\[{\"]))", re.MULTILINE)
_BLOCKS = re.compile(r"<(?:p|br|li|h[2-6]|blockquote|div)\b", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_ESCAPED = re.compile(r"&lt;(?:p|div|br)\b", re.IGNORECASE)
_DESCRIPTIONS = 'meta[name="description"], meta[property="og:title"], meta[property="og:description"]'
_WORD = re.compile(r"[\u0e00-\u0e7f\u1000-\u109f\u3040-\u30ff\u3400-\u9fff]|\w{4,}")
_UNSEEN = re.compile(r"<(/?)(?:script|style)\b", re.IGNORECASE)
# Within names of fields: what is beside an article. From the states of common content systems.
_BESIDE = re.compile(
    r"advert|ads?$|author|banner|bio$|comment|config|consent|cookie|dictionary|faq|footer|i18n|label|latest|legal|locale|menu|messages|more"
    r"|most|nav|newsletter|popular|privacy|promo|recirc|recommend|related|sidebar|suggest|teaser|terms|translat|trending|widget",
    re.IGNORECASE,
)
# What a block is, within the name of its type.
_KINDS: Final = (
    ("blockquote", re.compile(r"quote", re.IGNORECASE)),
    ("figure", re.compile(r"image|photo|picture|figure|img", re.IGNORECASE)),
    ("h2", re.compile(r"head|title|^h[1-6]$", re.IGNORECASE)),
    ("li", re.compile(r"list_?item|^li$", re.IGNORECASE)),
    ("ul", re.compile(r"list|^[uo]l$", re.IGNORECASE)),
    ("pre", re.compile(r"^code|code_?block|^pre$", re.IGNORECASE)),
    ("", re.compile(r"advert|^ads?$|embed|interstitial|newsletter|promo|related|script|video", re.IGNORECASE)),
)
_TYPES: Final = ("type", "_type", "__typename", "nodeType", "kind", "tagName", "tag", "style")
_TEXTS: Final = ("html", "content", "text", "value", "body", "rendered", "markup", "innerHTML", "paragraph", "data")
_CHILDREN: Final = (
    "children",
    "content",
    "content_elements",
    "elements",
    "items",
    "blocks",
    "nodes",
    "paragraphs",
    "body",
    "data",
    "root",
)
_SOURCES: Final = ("url", "src", "contentUrl", "href")
_TELLS: Final = ("headline", "slug", "canonical_url", "permalink", "href", "link")  # of a teaser for another article


class _Walk(Struct):
    """What is found on the way through all values."""

    budget: int = MAX_VALUES
    pieces: dict[str, list[str]] = field(default_factory=dict)  # markup, by the place in the data
    described: list[str] = field(default_factory=list)  # schema.org's articleBody


def body(document: Document) -> str:
    """Return the article that a page carries as data, as HTML that nobody has checked; "" where there is none."""
    walk = _Walk()
    for number, (value, described) in enumerate(_values(document)):
        _look(value, walk, str(number), described=described)
    topic = _topic(document)
    for group in (walk.pieces.values(), ([one] for one in walk.described)):
        sized = sorted(((sum(map(_prose, pieces)), pieces) for pieces in group), key=lambda one: -one[0])[:_CANDIDATES]
        fitting = [(letters * _fit("".join(pieces), topic), pieces) for letters, pieces in sized if letters >= _LEAST]
        best = max(fitting, key=lambda one: one[0], default=(0.0, []))
        if best[0] > 0:
            return "".join(best[1])
    return ""


def _topic(document: Document) -> frozenset[str]:
    """Return the words that a page says it is about."""
    said = [one.text for one in document.select("title, h1")[:3]]
    said += [one.attr("content") or "" for one in document.select(_DESCRIPTIONS)]
    return _words(" ".join(said))


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))


def _fit(markup: str, topic: frozenset[str]) -> float:
    """Return how much of what a page is about a piece speaks of: nought where it is something else."""
    if not topic:
        return 1.0
    share = len(topic & _words(_TAG.sub(" ", unescape(markup)))) / len(topic)
    return share if share >= _FIT else 0.0


# Data in scripts


def _values(document: Document) -> Iterator[tuple[Any, bool]]:
    """Yield the values in a page's scripts, each with whether it describes the page to machines (JSON-LD)."""
    left = MAX_CHARS
    flight: list[str] = []
    for script in document.select("script:not([src])"):
        text = script.text
        if len(text) < _WORTH or len(text) > left:
            continue
        left -= len(text)
        kind = (script.attr("type") or "").lower()
        if kind.endswith("json"):
            yield from ((value, "ld+" in kind) for value in _decoded(text))
        elif not kind or "javascript" in kind or kind == "module":
            for value in _assigned(text):
                if _is_flight(value):
                    flight.append(value[1])
                else:
                    yield value, False
    for value in _rows("".join(flight)):
        yield value, False


def _decoded(text: str) -> list[Any]:
    try:
        return [msgspec.json.decode(text.strip().removeprefix("<!--").removesuffix("-->"))]
    except (ValueError, RecursionError):
        return []


def _assigned(text: str) -> Iterator[Any]:
    """Yield the objects, lists and parsed strings in a script that are JSON, the outermost of each."""
    decoder = json.JSONDecoder()
    budget = 2 * len(text)
    at = 0
    for _ in range(_ATTEMPTS):
        opened = _OPENED.search(text, at)
        parsed = _PARSED.search(text, at)
        found = min((one for one in (opened, parsed) if one), key=lambda one: one.end(), default=None)
        if found is None or budget <= 0:
            return
        at = found.end()
        try:
            value, end = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            budget -= error.pos - at
            continue
        except (ValueError, RecursionError):
            return
        if isinstance(value, str):
            yield from _decoded(value)
        elif end - at >= _WORTH:
            yield value
        at = end


def _is_flight(value: Any) -> bool:
    """Whether a value is a piece of what React's server components send: ``[1, "rows"]``."""
    return isinstance(value, list) and len(value) == 2 and value[0] == 1 and isinstance(value[1], str)


def _rows(text: str) -> Iterator[Any]:
    """Yield the values in the rows that React's server components send: JSON to the end of a line, text by its length."""
    at = 0
    for _ in range(10_000):
        mark = _ROW.search(text, at)
        if mark is None:
            return
        if mark[1]:  # in bytes
            piece = (
                text[mark.end() : mark.end() + int(mark[1], 16)].encode()[: int(mark[1], 16)].decode("utf-8", "ignore")
            )
            at = mark.end() + len(piece)
            yield piece
        else:
            at = (text.find("\n", mark.end()) + 1) or len(text)
            if at - mark.end() >= _PIECE:
                yield from _decoded(text[mark.end() : at])


# The richest piece


def _look(value: Any, walk: _Walk, place: str, *, described: bool) -> None:
    """Gather the prose in a value, in the order in which it stands there."""
    waiting: list[tuple[str, Any]] = [(place, value)]
    while waiting and walk.budget > 0:
        place, one = waiting.pop()
        walk.budget -= 1
        if isinstance(one, dict):
            inner = [(f"{place}.{name}", part) for name, part in one.items() if part and not _BESIDE.search(name)]
            waiting += reversed(inner)
        elif isinstance(one, list):
            if not described and (markup := _listed(one)):
                walk.pieces.setdefault(place, []).append(markup)
            else:
                waiting += reversed([(_item(place, number, one), part) for number, part in enumerate(one)])
        elif isinstance(one, str) and len(one) >= _PIECE:
            _take(one, walk, place, described=described)


def _item(place: str, number: int, items: list[Any]) -> str:
    """Return the place of a list's item: the same for all, but where each is an article of its own."""
    return f"{place}[{number}]" if _tells(items) else f"{place}[]"


def _tells(items: list[Any]) -> bool:
    """Whether a list is one of other articles."""
    return sum(isinstance(one, dict) and any(name in one for name in _TELLS) for one in items[:20]) * 2 > len(
        items[:20]
    )


def _take(text: str, walk: _Walk, place: str, *, described: bool) -> None:
    if described:
        if place.endswith(".articleBody") and len(text) >= _LEAST:
            walk.described.append(_paragraphs(text))
    elif text.lstrip()[:1] in {"{", "["} and (values := _decoded(text)):
        for value in values:
            _look(value, walk, f"{place}()", described=False)
    elif markup := _written(text):
        walk.pieces.setdefault(place, []).append(markup)


def _written(text: str) -> str:
    """Return a string as markup where it is an article's HTML, else ""."""
    if _ESCAPED.search(text) and not _BLOCKS.search(text):
        text = unescape(text)
    return text if _BLOCKS.search(text) and "<html" not in text[:1000].lower() else ""


def _paragraphs(text: str) -> str:
    """Return plain text, or HTML, as paragraphs."""
    if _BLOCKS.search(text):
        return text
    return "".join(f"<p>{escape(unescape(one))}</p>" for one in map(str.strip, text.splitlines()) if one)


def _listed(items: list[Any]) -> str:
    """Return a list as markup where it is one of paragraphs, or of blocks, else ""."""
    if len(items) < 2:
        return ""
    if all(isinstance(one, str) for one in items):
        long = [one for one in items if len(one) >= 60 and " " in one]
        return "".join(map(_paragraphs, long)) if len(long) * 2 > len(items) else ""
    blocks = [one for one in items if isinstance(one, dict)]
    if len(blocks) * 2 < len(items) or _tells(items):
        return ""
    if not any(name in one for one in blocks[:3] for name in (*_TYPES, "children")):
        return ""
    markup = "".join(_block(one, _DEEP) for one in items)
    return markup if _prose(markup) else ""


def _block(item: Any, depth: int) -> str:
    """Return a block of a rich-text tree as markup."""
    if isinstance(item, str):
        return _marked(item)
    if not isinstance(item, dict) or depth == 0:
        return ""
    tag = _tag(item)
    if tag == "figure":
        return _figure(item, depth)
    inner = _inner(item, depth) if tag != "" else ""
    if not inner.strip():
        return ""
    if tag is None:  # a run of text within a paragraph
        return inner
    return inner if tag == "p" and _BLOCKS.match(inner.lstrip()) else f"<{tag}>{inner}</{tag}>"


def _tag(item: dict[str, Any]) -> str | None:
    """Return the element that a block is, "" where it is no text, None where it is part of one."""
    said = next((item[name] for name in _TYPES if isinstance(item.get(name), str)), "")
    for tag, pattern in _KINDS:
        if pattern.search(said):
            return tag
    leaf = isinstance(item.get("text"), str) and not any(isinstance(item.get(name), list) for name in _CHILDREN)
    if said.lower() in {"link", "hyperlink", "span", "strong", "em", "a", "b", "i"} or (
        leaf and said in {"", "text"} and len(item) <= 6
    ):
        return None
    return "p"


def _inner(item: dict[str, Any], depth: int) -> str:
    for name in _CHILDREN:
        value = item.get(name)
        if isinstance(value, list) and value:
            return "".join(_block(one, depth - 1) for one in value)
        if isinstance(value, dict) and name != "data":
            return _block(value, depth - 1)
    return next((_marked(item[name]) for name in _TEXTS if isinstance(item.get(name), str)), "")


def _figure(item: dict[str, Any], depth: int) -> str:
    values = [item, *(one for one in item.values() if isinstance(one, dict))]
    source = next((one[name] for one in values for name in _SOURCES if _is_address(one.get(name))), "")
    caption = next((one["caption"] for one in values if isinstance(one.get("caption"), str)), "")
    if not source or depth == 0:
        return ""
    words = f"<figcaption>{_marked(caption)}</figcaption>" if caption else ""
    return f'<figure><img src="{escape(source)}">{words}</figure>'


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://", "/"))


def _marked(text: str) -> str:
    """Return a text as markup: as it is where it has tags or entities, escaped where not."""
    return text if _TAG.search(text) or re.search(r"&#?\w{2,8};", text) else escape(text, quote=False)


def _shown(markup: str) -> str:
    """Return markup without scripts and styles, in time that grows with its length."""
    shown: list[str] = []
    at, open_ = 0, False
    for mark in _UNSEEN.finditer(markup):
        if not open_:
            shown.append(markup[at : mark.start()])
        at, open_ = mark.end(), not mark[1]
    return "".join(shown) + ("" if open_ else markup[at:])


def _prose(markup: str) -> int:
    """Return how many letters of a piece stand in pieces of some length; words of menus and labels are none."""
    pieces = (
        one.strip() for one in re.split(r"<(?:/?(?:p|div|li|h[1-6]|br|blockquote|td|figure)\b)[^<>]*>", _shown(markup))
    )
    texts = (_TAG.sub("", one) for one in pieces)
    return sum(len(one) for one in texts if len(one) >= 40 and "{" not in one[:40])
