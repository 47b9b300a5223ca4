"""The article's body: which text it is, trafilatura says; how it reads, the page's own tree does.

trafilatura chooses well, but what it returns has lost captions, orders of lists and directions of text, and has white
space moved. So its choice is looked up in the page: the page is read as a sequence of runs of text and of media, a run
is kept if its text is among the chosen, and what is kept is written down from the page's own markup.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Final, Literal

import trafilatura
from lxml import html
from trafilatura.htmlprocessing import build_html_output
from trafilatura.settings import Document

from pappus import markup, urls
from pappus.extract import figures, furniture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pappus.model import Picture

_STRUCTURE: Final = frozenset("ul ol li dl dt dd blockquote table caption thead tbody tfoot tr th td".split())
_HEADINGS: Final = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h5", "h6": "h6"}
_SILENT: Final = frozenset(
    "script style noscript template svg math button select textarea input form nav head link meta object embed dialog".split()
)
_OPAQUE: Final = _SILENT - {"form", "nav", "head"}  # never article text, whatever trafilatura says
_ATTRIBUTES: Final = ("lang", "dir", "colspan", "rowspan", "scope", "start", "reversed", "value", "datetime", "title")
_INLINE: Final = markup.INLINES | frozenset("span font big tt label acronym strike center_ wbr o:p data nobr".split())
_RENAMED: Final = {"strike": "s", "acronym": "abbr", "tt": "code"}
_SPACE = re.compile(r"\s+")
_SHORT = 16  # characters; a shorter run must be chosen as a whole, for it may stand inside any text
_ENOUGH = 0.85  # share of the chosen text that must be found again
_REFRAIN = 3  # times that a page says the same before it is taken for furniture
_NEAR = 2  # runs around a medium that decide whether it belongs to the article

EventKind = Literal["open", "close", "run", "media"]


@dataclass(slots=True)
class Event:
    """One step through a page: a structural element begins or ends, a run of text, or pictures and videos."""

    kind: EventKind
    element: html.HtmlElement
    parts: list[str | html.HtmlElement] = field(
        default_factory=list
    )  # of a run: text, and inline elements without tails
    key: str = ""  # of a run: its text without white space
    pictures: list[Picture] = field(default_factory=list)
    markup: str = ""  # of other media
    kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A body found: markup not yet sanitised, and the pictures that stand before it."""

    markup: str
    before: tuple[Picture, ...] = ()
    pictures: tuple[Picture, ...] = ()
    everywhere: tuple[Picture, ...] = ()  # on the whole page, with their words


def chosen(root: html.HtmlElement, base: str, title: str) -> Body | None:
    """Return the article's body as trafilatura chooses it, None if it finds none.

    Args:
        root: the page; left as it is.
        base: of relative addresses.
        title: of the article, which the body does not repeat.
    """
    document = trafilatura.bare_extraction(
        root, url=base, include_comments=False, include_images=True, include_links=True, include_formatting=True
    )
    if not isinstance(document, Document) or document.body is None:
        return None
    events = list(_walk(_body_of(root), base))
    wanted = _folded("".join(document.body.itertext()))
    if _keep(events, document.body, wanted) < _ENOUGH * len(wanted):
        return _as_library_says(document, base, events)
    _refuse(events)
    _adopt(events)
    _drop_refrains(events)
    _keep_media(events)
    return _body(events, base, title)


def whole(root: html.HtmlElement, base: str, title: str) -> Body:
    """Return all of a tree as a body: what a rule selected, or a feed's own content."""
    events = list(_walk(_body_of(root), base))
    for event in events:
        event.kept = event.kind in {"run", "media"}
    return _body(events, base, title)


def _body_of(root: html.HtmlElement) -> html.HtmlElement:
    found = root.find("body")
    return root if found is None else found


def _folded(text: str) -> str:
    return _SPACE.sub("", text)


# --- reading a page as runs ---


def _walk(element: html.HtmlElement, base: str) -> Iterator[Event]:
    """Yield the events of an element's content, in document order."""
    run: list[str | html.HtmlElement] = [element.text or ""]
    for child in element:
        if not isinstance(child.tag, str) or _hidden(child):
            pass
        elif _is_inline(child):
            run.append(child)
        else:
            yield from _run(element, run)
            run = []
            yield from _block(child, base)
        run.append(child.tail or "")
    yield from _run(element, run)


def _run(element: html.HtmlElement, parts: list[str | html.HtmlElement]) -> Iterator[Event]:
    key = _folded("".join(part if isinstance(part, str) else _text(part) for part in parts))
    if key:
        yield Event("run", element, parts=parts, key=key)


def _text(element: html.HtmlElement) -> str:
    """Return the text that an inline element shows."""
    if element.tag in _OPAQUE or _hidden(element):
        return ""
    inner = "".join(_text(child) + (child.tail or "") for child in element if isinstance(child.tag, str))
    return (element.text or "") + inner


def _hidden(element: html.HtmlElement) -> bool:
    if element.tag in _OPAQUE:
        return True
    style = element.get("style")
    return element.get("hidden") is not None or (style is not None and "display:none" in _folded(style).lower())


def _is_inline(element: html.HtmlElement) -> bool:
    """Whether an element is inline with everything in it; an image makes it a block."""
    return (
        element.tag in _INLINE
        and element.tag != "img"
        and all(_is_inline(child) for child in element if isinstance(child.tag, str) and child.tag not in _OPAQUE)
    )


def _block(element: html.HtmlElement, base: str) -> Iterator[Event]:
    tag = element.tag
    if (pictures := _pictures(element, base)) is not None:
        if pictures:
            yield Event("media", element, pictures=pictures)
    elif tag in {"iframe", "video"}:
        if shown := figures.video(element, base):
            yield Event("media", element, markup=shown)
    elif tag == "pre":
        if key := _folded(element.text_content()):
            yield Event("run", element, parts=[element.text_content()], key=key)
    elif tag in _STRUCTURE:
        yield Event("open", element)
        yield from _walk(element, base)
        yield Event("close", element)
    else:
        yield from _walk(element, base)


def _pictures(element: html.HtmlElement, base: str) -> list[Picture] | None:
    """Return the pictures of a figure or an image, as far as they are worth showing; None if it is neither."""
    if figures.holds_pictures(element):
        return figures.pictures(element, base)
    if element.tag in {"img", "amp-img"}:
        picture = figures.alone(element, base)
        return [picture] if picture is not None else []
    return None


# --- choosing ---


def _keep(events: list[Event], library: html.HtmlElement, wanted: str) -> int:
    """Mark the runs whose text was chosen; return how many characters of it were found.

    A text is kept as often as it was chosen; where a page has it more often, as in a teaser, it is kept where most of
    the other chosen text is.
    """
    exact = {_folded("".join(one.itertext())) for one in library.iter() if isinstance(one.tag, str)}
    exact |= {_folded(one.text or "") for one in library.iter()} | {_folded(one.tail or "") for one in library.iter()}
    matching = [
        event
        for event in events
        if event.kind == "run" and (event.key in exact or (len(event.key) >= _SHORT and event.key in wanted))
    ]
    container = _container(matching)
    kept = Counter[str]()
    for inside in (True, False):
        for event in matching:
            if _is_inside(event.element, container) is inside and kept[event.key] < wanted.count(event.key):
                event.kept = inside or len(event.key) >= _SHORT
                kept[event.key] += event.kept
    return sum(len(event.key) for event in matching if event.kept)


def _container(matching: list[Event]) -> html.HtmlElement | None:
    """Return the smallest element that holds nine tenths of the matching text."""
    weights = _weights(matching)
    total = sum(len(event.key) for event in matching)
    heavy = [one for one, weight in weights.items() if weight >= 0.9 * total]
    return max(heavy, key=lambda one: sum(1 for _ in one.iterancestors()), default=None)


def _weights(runs: list[Event]) -> dict[html.HtmlElement, int]:
    """Return how many characters of these runs stand in each element."""
    weights: dict[html.HtmlElement, int] = {}
    for event in runs:
        for one in (event.element, *event.element.iterancestors()):
            weights[one] = weights.get(one, 0) + len(event.key)
    return weights


def _is_inside(element: html.HtmlElement, container: html.HtmlElement | None) -> bool:
    return container is None or element is container or any(one is container for one in element.iterancestors())


def _refuse(events: list[Event]) -> None:
    kept = [event for event in events if event.kind == "run" and event.kept]
    weights = _weights(kept)
    total = sum(len(event.key) for event in kept)
    light = {one for one, weight in weights.items() if weight < 0.2 * total}
    for event in kept:
        if furniture.is_furniture(event.element, weights.keys() - light):
            event.kept = False
            LOG.append((event.key, "REFUSED " + (event.element.get("class") or event.element.getparent().get("class") or ''), event.element.tag))


def _adopt(events: list[Event]) -> None:
    """Keep what was not chosen but stands among it and reads like it: the library drops much that has links or markup."""
    runs = [event for event in events if event.kind == "run"]
    kept = [index for index, event in enumerate(runs) if event.kept]
    if not kept:
        return
    holders = {one for index in kept for one in runs[index].element.iterancestors()}
    kin = {runs[index].element.getparent() for index in kept} | {_outermost(runs[index].element) for index in kept}
    container = _container([runs[index] for index in kept])
    for index, event in enumerate(runs):
        element = event.element
        outer = _outermost(element)
        part = outer in kin and outer is not element
        among = kept[0] < index < kept[-1] and element.tag in _PROSE and (part or outer.getparent() in kin)
        alike = index > kept[-1] and element.tag == "p" and element.getparent() in kin and event.key[-1] in _STOPS
        quoted = element.tag in {"footer", "cite", "p"} and outer in kin and outer.tag == "blockquote"
        if event.kept or not (among or alike or quoted): continue
        event.kept = (_is_inside(element, container)
            and not furniture.is_furniture(element, holders)
            and (outer.tag == "table" or not furniture.leads_away(outer)))
        if event.kept:
            LOG.append((event.key, "among" if among else "alike" if alike else "quoted", element.tag))


_STOPS = ".!?…。！？」』”’\")）؟।۔"
def _outermost(element: html.HtmlElement) -> html.HtmlElement:
    """Return the list, table or quotation that an element is a part of, or the element itself."""
    for one in element.iterancestors("ul", "ol", "dl", "table", "blockquote"):
        element = one
    return element


REJ = []
LOG = []
_PROSE: Final = frozenset("p h2 h3 h4 h5 h6 li td th caption dt dd pre blockquote cite footer".split())


def _drop_refrains(events: list[Event]) -> None:
    """Let go of what a page says again and again between paragraphs: "advertisement", "article content"."""
    plain = [event for event in events if event.kept and event.element.tag not in _STRUCTURE]
    counts = Counter(event.key for event in plain)
    for event in plain:
        event.kept = counts[event.key] < _REFRAIN or len(event.key) < 4


def _keep_media(events: list[Event]) -> None:
    """Mark the media that stand between kept runs, and are no picture of a link to something else."""
    flow = [event for event in events if event.kind in {"run", "media"}]
    runs = [index for index, event in enumerate(flow) if event.kind == "run" and event.kept]
    if not runs:
        return
    for index in range(runs[0], runs[-1] + 3):
        if index >= len(flow) or flow[index].kind != "media":
            continue
        before = [event for event in flow[:index] if event.kind == "run"][-_NEAR:]
        after = [event for event in flow[index:] if event.kind == "run"][:_NEAR]
        near = sum(event.kept for event in (*before, *after))
        flow[index].kept = near >= _NEAR and any(event.kept for event in before) and not _is_teaser(flow[index])


def _is_teaser(event: Event) -> bool:
    """Whether a medium is part of a link to another page, and not to a larger image."""
    for one in (event.element, *event.element.iterancestors("a")):
        target = (one.get("href") or "").partition("?")[0].lower()
        if one.tag == "a" and target and not target.startswith("#"):
            return not target.endswith((".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif"))
    return False


# --- writing down ---


def _body(events: list[Event], base: str, title: str) -> Body:
    same = _folded(title)
    events = [event for event in events if not (event.kept and event.key == same and _level(event.element))]
    first = next((index for index, event in enumerate(events) if event.kept and event.kind == "run"), 0)
    top = next((event for event in events[:first] if event.kept), None)
    if top is not None and len(top.pictures) == 1:
        top.kept = False  # what stands above all text is the lead
    before = [picture for event in events[:first] for picture in event.pictures if not _is_teaser(event)]
    return Body(
        markup="".join(_written(events, base)),
        before=tuple(before[-4:]),
        pictures=tuple(picture for event in events if event.kept for picture in event.pictures),
        everywhere=tuple(picture for event in events for picture in event.pictures),
    )


def _level(element: html.HtmlElement) -> str:
    """Return the heading that an element is, or stands in; "" for none."""
    for one in (element, *element.iterancestors()):
        if one.tag in _HEADINGS:
            return _HEADINGS[one.tag]
        if one.tag in {"article", "section", "body", "li", "td"}:
            break
    return ""


def _written(events: list[Event], base: str) -> Iterator[str]:
    """Yield markup; a structural element is written when the first kept thing in it is."""
    pending: list[html.HtmlElement] = []
    written: list[html.HtmlElement] = []
    for event in events:
        if event.kind == "open":
            pending.append(event.element)
        elif event.kind == "close":
            if pending:
                if event.element.tag in {"td", "th"} and written:  # an empty cell keeps its column
                    yield _tag(pending[-1]) + f"</{pending[-1].tag}>" if len(pending) == 1 else ""
                pending.pop()
            else:
                yield f"</{written.pop().tag}>"
        elif event.kept:
            yield from (_tag(one) for one in pending)
            written += pending
            pending = []
            yield _content(event, base, inside=written[-1].tag if written else "")


def _tag(element: html.HtmlElement, name: str = "") -> str:
    given = "".join(f' {key}="{escape(value)}"' for key in _ATTRIBUTES if (value := element.get(key)))
    return f"<{name or element.tag}{given}>"


def _content(event: Event, base: str, *, inside: str) -> str:
    if event.kind == "media":
        return "".join(figures.figure(picture) for picture in event.pictures) + event.markup
    if event.element.tag == "pre":
        return f"<pre>{escape(str(event.parts[0]), quote=False)}</pre>"
    inner = "".join(_words(part) if isinstance(part, str) else _inline(part, base) for part in event.parts).strip()
    level = _level(event.element)
    if level:
        return f"{_tag(event.element, level) if event.element.tag in _HEADINGS else f'<{level}>'}{inner}</{level}>"
    if inside in {"li", "td", "th", "dt", "dd", "caption"} and event.element.tag == inside:
        return inner
    opening = _tag(event.element, "p") if event.element.tag == "p" else "<p>"
    return "".join(f"{opening}{part.strip()}</p>" for part in _BREAKS.split(inner) if part.strip())


_BREAKS = re.compile(r"(?:\s*<br>\s*){2,}")


def _words(text: str) -> str:
    """Return text as markup, its layout's white space folded as a browser does (CSS Text 3, section 4.1).

    A line end becomes a space, but nothing between two ideographs, where a space would be seen.
    """
    return escape(_LAYOUT.sub(" ", _WIDE_BREAK.sub("", text)), quote=False)


_LAYOUT = re.compile(r"[ \t\n]+")
_WIDE_BREAK = re.compile(
    r"(?<=[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef])[ \t]*\n\s*(?=[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef])"
)


def _inline(element: html.HtmlElement, base: str) -> str:
    """Return an inline element as markup, without its tail."""
    if element.tag == "br":
        return "<br>"
    if element.tag in _OPAQUE or _hidden(element):
        return ""
    inner = _words(element.text or "")
    for child in element:
        if isinstance(child.tag, str):
            inner += _inline(child, base) + _words(child.tail or "")
    name = _RENAMED.get(element.tag, element.tag)
    if name == "a":
        target = urls.parse(element.get("href") or "", base)
        return (
            f'<a href="{escape(target)}">{inner}</a>' if target and inner.strip() and not _is_anchor(element) else inner
        )
    return f"{_tag(element, name)}{inner}</{name}>" if name in markup.INLINES and inner else inner


def _is_anchor(element: html.HtmlElement) -> bool:
    return (element.get("href") or "").strip().startswith("#")


def _as_library_says(document: Document, base: str, events: list[Event]) -> Body:
    """Return trafilatura's own markup, where its choice cannot be found again in the page."""
    built = html.fragment_fromstring(build_html_output(document), create_parent="div")
    written = list(_walk(built, base))
    for event in written:
        event.kept = event.kind in {"run", "media"}
    body = _body(written, base, "")
    return Body(
        markup=body.markup, pictures=body.pictures, everywhere=tuple(p for event in events for p in event.pictures)
    )
