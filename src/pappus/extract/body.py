"""The article's body: where it is, trafilatura says; how it reads, the page's own tree does.

trafilatura finds articles well, but what it returns has lost captions, orders of lists and directions of text, and has
white space moved. So its choice is looked up in the page (``former_choice.py``), which is read as a sequence of runs of text and
of media (``runs.py``), and what is kept is written down here from the page's own markup.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from itertools import islice
from typing import TYPE_CHECKING, Final

import trafilatura
from lxml import html
from trafilatura.htmlprocessing import build_html_output
from trafilatura.settings import Document

from pappus import markup, urls
from pappus.errors import ExtractError
from pappus.extract import former_choice as choice
from pappus.extract import former_figures as figures
from pappus.extract.runs import IMAGES, Event, hidden, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pappus.model import Picture

# What a page may have for its text to be chosen: finding it takes the square of these. Real pages stay below 10,000.
MAX_ELEMENTS: Final = 20_000
MAX_CHILDREN: Final = 10_000  # of one element
_TOP: Final = 2  # runs in which a title is said again, with words before it or as a paragraph
_KICKER: Final = 40  # characters of those words
_TELLING: Final = 12  # characters from which a title is known at the end of a longer heading
_SPACED: Final = 500  # links after which a lost space is looked for
_SEEN: Final = 20  # characters on both sides of it that tell where it was
_NO_LETTER = re.compile(r"[\W_]+")
_HEADINGS: Final = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h5", "h6": "h6"}
_ATTRIBUTES: Final = (
    "lang",
    "dir",
    "colspan",
    "rowspan",
    "scope",
    "start",
    "reversed",
    "value",
    "datetime",
    "title",
)
_RENAMED: Final = {"strike": "s", "acronym": "abbr", "tt": "code"}
_RAISED: Final = {"msup": "sup", "msub": "sub"}  # MathML: the last element in them


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

    Raises:
        ExtractError: more elements than can be chosen from.
    """
    _check_size(root, base)
    document = trafilatura.bare_extraction(
        root,
        url=base,
        include_comments=False,
        include_images=True,
        include_links=True,
        include_formatting=True,
    )
    if not isinstance(document, Document) or document.body is None:
        return None
    events = read(root, base)
    if not choice.choose(events, document.body):
        return _as_library_says(document, base, events, title, markup.plain(root.text_content()))
    return _body(events, base, title)


def _check_size(root: html.HtmlElement, url: str) -> None:
    elements, most = sum(1 for _ in root.iter()), max(map(len, root.iter()))
    if elements > MAX_ELEMENTS or most > MAX_CHILDREN:
        reason = f"too large to choose its text: {elements:,} elements, {most:,} of them in one"
        raise ExtractError(url, reason, "give a rule for this site's body")


def whole(root: html.HtmlElement, base: str, title: str) -> Body:
    """Return all of a tree as a body: what a rule selected, or a feed's own content."""
    events = read(root, base)
    for event in events:
        event.kept = event.kind in {"run", "media"}
    return _body(events, base, title)


def _body(events: list[Event], base: str, title: str) -> Body:
    events = _without_title(events, title)
    first = next((index for index, event in enumerate(events) if event.kept and event.kind == "run"), 0)
    top = next((event for event in events[:first] if event.kept), None)
    if top is not None and len(top.pictures) == 1:
        top.kept = False  # what stands above all text is the lead
    before = [
        picture for event in events[:first] for picture in event.pictures if not figures.leads_away(event.element)
    ]
    return Body(
        markup="".join(_written(events, base)),
        before=tuple(before[-4:]),
        pictures=tuple(picture for event in events if event.kept for picture in event.pictures),
        everywhere=tuple(picture for event in events for picture in event.pictures),
    )


def _without_title(events: list[Event], title: str) -> list[Event]:
    """Return events that do not say the title again, in any heading, or in a paragraph at the top.

    At the top a few words may stand before it, in its heading or above it.
    """
    same = _bare(title)
    top = [event for event in events if event.kept and event.kind == "run"][:_TOP]
    at_top = set(map(id, top))

    def repeats(event: Event) -> bool:
        words, first, heads = _bare(event.key), id(event) in at_top, bool(_level(event.element))
        if words == same:
            return heads or first
        kicked = len(same) >= _TELLING and words.endswith(same) and len(words) - len(same) <= _KICKER
        return kicked and heads and first

    dropped = {id(event) for event in events if same and event.kept and event.kind == "run" and repeats(event)}
    if len(top) == _TOP and id(top[1]) in dropped and len(top[0].key) <= _KICKER and top[0].key[-1] not in choice.STOPS:
        dropped.add(id(top[0]))
    return [event for event in events if id(event) not in dropped]


def _bare(text: str) -> str:
    """Return the letters and digits of a text, in lower case."""
    return _NO_LETTER.sub("", text).casefold()


def _level(element: html.HtmlElement) -> str:
    """Return the heading that an element is, or stands in; "" for none."""
    for one in (element, *element.iterancestors()):
        if one.tag in _HEADINGS:
            return _HEADINGS[one.tag]
        if one.tag in {"article", "section", "body", "li", "td"}:
            break
    return ""


def _written(events: list[Event], base: str) -> Iterator[str]:
    """Yield markup; a structural element is written when the first kept thing in it is, with its empty cells before."""
    pending: list[tuple[html.HtmlElement, str]] = []  # with their tags, and the empty cells in them
    written: list[html.HtmlElement] = []
    for event in events:
        if event.kind == "open":
            pending.append((event.element, _tag(event.element)))
        elif event.kind == "close" and not pending:
            yield f"</{written.pop().tag}>"
        elif event.kind == "close":
            element, opening = pending.pop()
            cell = f"{opening}</{element.tag}>" if element.tag in {"td", "th"} else ""  # keeps its column
            if pending:
                pending[-1] = (pending[-1][0], pending[-1][1] + cell)
            elif written:
                yield cell
        elif event.kept:
            yield from (opening for _, opening in pending)
            written += (element for element, _ in pending)
            pending = []
            yield _content(event, base, inside=written[-1].tag if written else "")


def _tag(element: html.HtmlElement, name: str = "") -> str:
    given = "".join(f' {key}="{escape(value)}"' for key in _ATTRIBUTES if (value := element.get(key)) is not None)
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
    if hidden(element):
        return ""
    if element.tag in IMAGES:
        return escape(figures.words_for(element), quote=False)
    inner = _words(element.text or "")
    for child in element:
        if isinstance(child.tag, str):
            bar = "/" if element.tag == "mfrac" and child is element[0] else ""
            inner += _inline(child, base) + bar + _words(child.tail or "")
    around = element.getparent()
    is_last = around is not None and around.tag in _RAISED and element is around[-1]
    name = _RAISED[around.tag] if is_last else _RENAMED.get(element.tag, element.tag)
    if name == "a":
        target = urls.parse(element.get("href") or "", base)
        return (
            f'<a href="{escape(target)}">{inner}</a>' if target and inner.strip() and not _is_anchor(element) else inner
        )
    written = f"{_tag(element, name)}{inner}</{name}>" if name in markup.INLINES and inner else inner
    if element.get("dir") and inner and name != "bdi":  # of the inline elements, it alone may have a direction
        return f"{_tag(element, 'bdi')}{written}</bdi>"
    return written


def _is_anchor(element: html.HtmlElement) -> bool:
    return (element.get("href") or "").strip().startswith("#")


def _as_library_says(document: Document, base: str, events: list[Event], title: str, text: str) -> Body:
    """Return trafilatura's own markup, where its choice cannot be found again in the page, whose ``text`` is given."""
    built = html.fragment_fromstring(build_html_output(document), create_parent="div")
    for link in islice(built.iter("a"), _SPACED):
        words, tail = markup.plain(link.text_content()), link.tail or ""
        if tail[:1].isalnum() and f"{words[-_SEEN:]} {markup.plain(tail)[:_SEEN]}" in text:  # it loses these spaces
            link.tail = f" {tail}"
    written = read(built, base)
    for event in written:
        event.kept = event.kind in {"run", "media"}
    body = _body(written, base, title)
    return Body(
        markup=body.markup,
        pictures=body.pictures,
        everywhere=tuple(p for event in events for p in event.pictures),
    )
