"""A page as a sequence of runs of text and of media, in the order in which they are read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Final, Literal

from pappus.extract import former_figures as figures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import html

    from pappus.model import Picture

STRUCTURE: Final = frozenset("ul ol li dl dt dd blockquote table caption thead tbody tfoot tr th td".split())
OPAQUE: Final = frozenset(  # never article text, whatever trafilatura says
    "script style noscript template svg annotation annotation-xml button select textarea input link meta object embed dialog".split()
)
_BLOCK: Final = (  # what HTML shows on lines of its own; anything else, known or not, is part of a sentence
    STRUCTURE
    | figures.PLAYERS
    | frozenset(
        "address article aside body center details div fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr"
        " legend main nav optgroup option pre p picture search section summary".split()
    )
)
IMAGES: Final = frozenset({"img", "amp-img"})
_SPACE = re.compile(r"\s+")

EventKind = Literal["open", "close", "run", "media"]


@dataclass(slots=True)
class Event:
    """One step through a page: a structural element begins or ends, a run of text, or pictures and videos."""

    kind: EventKind
    element: html.HtmlElement
    parts: list[str | html.HtmlElement] = field(default_factory=list)  # of a run: text, and inline elements
    key: str = ""  # of a run: its text without white space
    pictures: list[Picture] = field(default_factory=list)
    markup: str = ""  # of other media
    kept: bool = False


def read(root: html.HtmlElement, base: str) -> list[Event]:
    """Return the events of a page, in document order; ``base`` is of its relative addresses."""
    body = root.find("body")
    return list(_walk(root if body is None else body, base))


def folded(text: str) -> str:
    """Return a text without its white space."""
    return _SPACE.sub("", text)


def text_of(event: Event) -> str:
    """Return the text of a run as it stands in the page."""
    return "".join(part if isinstance(part, str) else _text(part) for part in event.parts)


def hidden(element: html.HtmlElement) -> bool:
    """Whether an element is never shown, or never as text."""
    if element.tag in OPAQUE:
        return True
    style = element.get("style")
    return element.get("hidden") is not None or (style is not None and "display:none" in folded(style).lower())


def _walk(element: html.HtmlElement, base: str) -> Iterator[Event]:
    """Yield the events of an element's content."""
    parts: list[str | html.HtmlElement] = [element.text or ""]
    for child in element:
        if not isinstance(child.tag, str) or hidden(child):
            pass
        elif _is_inline(child, base):
            parts.append(child)
        else:
            yield from _run(element, parts)
            parts = []
            yield from _block(child, base)
        parts.append(child.tail or "")
    yield from _run(element, parts)


def _run(element: html.HtmlElement, parts: list[str | html.HtmlElement]) -> Iterator[Event]:
    event = Event("run", element, parts=parts)
    event.key = folded(text_of(event))
    if event.key:
        yield event
        return
    for part in parts:  # images alone that cannot be shown
        for image in () if isinstance(part, str) else part.iter(*IMAGES):
            if words := figures.words_for(image):
                yield Event("media", image, markup=f"<p>{escape(words, quote=False)}</p>")


def _text(element: html.HtmlElement) -> str:
    """Return the text that an inline element shows."""
    if hidden(element):
        return ""
    inner = "".join(_text(child) + (child.tail or "") for child in element if isinstance(child.tag, str))
    return (element.text or "") + inner


def _is_inline(element: html.HtmlElement, base: str) -> bool:
    """Whether an element is inline with everything in it; an image that can be shown makes it a block."""
    if element.tag in IMAGES:
        return figures.alone(element, base) is None
    return element.tag not in _BLOCK and all(
        _is_inline(child, base) for child in element if isinstance(child.tag, str) and child.tag not in OPAQUE
    )


def _block(element: html.HtmlElement, base: str) -> Iterator[Event]:
    tag = element.tag
    if (pictures := _pictures(element, base)) is not None:
        words = "" if pictures else figures.words_of(element)
        if pictures or words:
            yield Event("media", element, pictures=pictures, markup=words)
    elif tag in figures.PLAYERS:
        if shown := figures.player(element, base):
            yield Event("media", element, markup=shown)
    elif tag == "pre":
        if key := folded(element.text_content()):
            yield Event("run", element, parts=[element.text_content()], key=key)
    elif tag in STRUCTURE:
        yield Event("open", element)
        yield from _walk(element, base)
        yield Event("close", element)
    else:
        yield from _walk(element, base)


def _pictures(element: html.HtmlElement, base: str) -> list[Picture] | None:
    """Return the pictures of a figure or an image, as far as they are worth showing; None if it is neither."""
    if figures.holds_pictures(element):
        return figures.pictures(element, base)
    if element.tag in IMAGES:
        picture = figures.alone(element, base)
        return [picture] if picture is not None else []
    return None
