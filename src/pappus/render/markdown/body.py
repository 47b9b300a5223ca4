"""An article's body, markup of our subset, as Markdown: a walk over the parsed tree that meets every element by name.

Paragraphs are single lines, so nothing is ever inserted into Chinese text. What Markdown cannot hold (figures with captions,
tables with spans, lists of terms, ruby) is HTML that forges let through, one line a row and without blank lines.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from selectolax.lexbor import LexborHTMLParser

from pappus.markup import BLOCKS
from pappus.render.markdown.text import (
    alternative,
    attribute,
    code,
    destination,
    escape,
    fenced,
    flanks,
    heading,
    html_code,
    html_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from selectolax.lexbor import LexborNode

    from pappus.model import Direction
    from pappus.render.shelf import ExternalLinks

MAX_DEPTH: Final = 40  # elements inside one another; deeper ones give their text alone, so that recursion is bounded

_WHITE = " \t\n\f\r"  # what HTML folds; not the ideographic or the no-break space
_SPACES = re.compile(r"[\t\n\f\r][ \t\n\f\r]*| [ \t\n\f\r]+")  # all of it but single spaces, which stay
_DELIMITERS: Mapping[str, str] = {"b": "**", "strong": "**", "em": "*", "i": "*", "del": "~~", "s": "~~"}
_TAGS: Mapping[str, str] = {"**": "strong", "*": "em", "~~": "del"}
_INLINE_TAGS = frozenset(
    "cite ins kbd mark q rp rt ruby samp small sub sup var".split()
)  # kept by forges; others are not
_HEADINGS: Mapping[str, int] = {"h2": 4, "h3": 5, "h4": 6, "h5": 6, "h6": 6}  # the title is of level 3
_KEPT_ATTRIBUTES = ("colspan", "rowspan", "scope", "start", "value", "dir", "lang")  # of blocks, in HTML
_UNWRAPPED = frozenset({"u", "time", "abbr", "bdi"})  # no forge keeps u and bdi; the others only carry attributes


class Piece(NamedTuple):
    """A part of a line. ``kind``: text to be escaped, Markdown that is ready, a line break, or emphasis around ``inner``."""

    kind: Literal["text", "raw", "break", "emphasis"]
    text: str = ""  # of emphasis: its delimiter
    inner: tuple[Piece, ...] = ()


_BREAK = Piece("break")

Block = tuple[Literal["paragraph", "ul", "ol", "other"], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a body needs to know of its page."""

    page: Callable[[str], str | None]  # a URL -> the link to its page in this edition, None if it is not held
    image: Callable[[str], str | None]  # "media:<digest>" -> the link to the file, None if it is not there
    missing: Callable[[str], str]  # alternative text -> the text that stands for an image that is not there
    external: ExternalLinks
    direction: Direction


@dataclass(slots=True)
class Body:
    """Turns markup into Markdown, and counts footnotes on the way."""

    context: Context
    notes: dict[str, int] = field(default_factory=dict)  # address -> footnote's number

    def markdown(self, markup: str, after: str = "") -> str:
        """Return the body's blocks, then its footnotes.

        Args:
            markup: cleaned markup of our subset.
            after: "ul" when the body comes right after a list.
        """
        tree = LexborHTMLParser(markup).body
        blocks = self._blocks(tree, 0, after) if tree is not None else []
        notes = "\n".join(f"[^{number}]: {code(address)}" for address, number in self.notes.items())
        return "\n\n".join(part for part in (*(text for _, text in blocks), notes) if part)

    # Blocks

    def _blocks(self, parent: LexborNode, depth: int, last: str = "", wraps: Sequence[LexborNode] = ()) -> list[Block]:
        """Return the blocks in ``parent``; runs of inline elements between them are paragraphs.

        Args:
            parent: an element that may contain blocks.
            depth: how deep it is.
            last: the kind of the block before: a second list right after a list of its kind needs another marker.
            wraps: inline elements around ``parent``, which here, against the rules of HTML, contain blocks.
        """
        blocks: list[Block] = []
        run: list[Piece] = []

        def close_run() -> None:
            if all(piece.kind == "text" and not piece.text.strip(_WHITE) for piece in run):
                run.clear()
                return
            if (line := _line(self._around(wraps, run))).strip():  # a no-break space alone is no paragraph
                blocks.append(("paragraph", line))
            run.clear()

        for node in parent.iter(include_text=True):
            is_block = node.tag in BLOCKS
            if not is_block and not _holds_blocks(node, depth):
                run += self._inline(node, depth)
                continue
            close_run()
            before = blocks[-1][0] if blocks else last
            if is_block:
                blocks += self._block(node, depth + 1, before, wraps)
            else:
                blocks += self._blocks(node, depth + 1, before, (*wraps, node))
        close_run()
        return blocks

    def _block(self, node: LexborNode, depth: int, last: str, wraps: Sequence[LexborNode]) -> list[Block]:
        if depth > MAX_DEPTH:
            line = _line([Piece("text", node.text(separator=" "))])
            return [("paragraph", line)] if line else []
        own = node.attributes.get("dir")
        if own in {"ltr", "rtl"} and own != self.context.direction and node.tag not in {"li", "figure", "table"}:
            return self._turned(node, own, depth, wraps)
        return self._by_name(node, depth, last, wraps)

    def _turned(self, node: LexborNode, direction: str, depth: int, wraps: Sequence[LexborNode]) -> list[Block]:
        """Return a block that runs the other way, in a ``<div>`` that says so."""
        inner = self._by_name(node, depth, "", wraps)
        if not inner:
            return []
        return [("other", "\n\n".join((f'<div dir="{direction}">', *(text for _, text in inner), "</div>")))]

    def _by_name(self, node: LexborNode, depth: int, last: str, wraps: Sequence[LexborNode]) -> list[Block]:  # noqa: PLR0911 - one for each kind of element
        match node.tag:
            case "p" | "figcaption" | "caption" | "dt":
                return self._blocks(node, depth, last, wraps)
            case "h2" | "h3" | "h4" | "h5" | "h6":
                return self._heading(node, depth, wraps)
            case "ul" | "ol":
                return self._list(node, depth, last, wraps)
            case "blockquote":
                inner = "\n\n".join(text for _, text in self._blocks(node, depth, "", wraps))
                return [("other", _prefixed(inner, "> "))] if inner else []
            case "pre":
                text = _code_text(node).removesuffix("\n")
                return [("other", fenced(text))] if text.strip() else []
            case "hr":
                return [("other", "***")]
            case "figure":
                return self._figure(node, depth, last, wraps)
            case "table":
                return self._table(node, depth, wraps)
            case "dl":
                inner = self._html_children(node, depth)
                return [("other", f"<dl>{inner}</dl>")] if inner.strip() else []
            case _:  # li, dd and parts of tables that have lost their parent
                return self._blocks(node, depth, last, wraps)

    def _heading(self, node: LexborNode, depth: int, wraps: Sequence[LexborNode]) -> list[Block]:
        pieces = [piece for child in node.iter(include_text=True) for piece in self._inline(child, depth)]
        line = _line(self._around(wraps, pieces), start=False, line_break="<br>")
        if not line:
            return []
        return [("other", heading(_HEADINGS[str(node.tag)], line))]

    def _figure(self, node: LexborNode, depth: int, last: str, wraps: Sequence[LexborNode]) -> list[Block]:
        """Return a figure of images as HTML; one whose images are missing, or that holds other things, as its parts."""
        images = node.css("img")
        simple = not any(child.tag in BLOCKS and child.tag != "figcaption" for child in node.iter())
        if images and simple and all(self.context.image(_src(image)) for image in images):
            inner = self._html_children(node, depth)
            for wrap in wraps:  # a linked picture; addresses elsewhere are mostly those of the picture itself
                target = self._target(wrap)
                inner = f"<a{attribute('href', target)}>{inner}</a>" if target else inner
            return [("other", f"<figure>{inner}</figure>")]
        return self._blocks(node, depth, last, wraps)

    def _list(self, node: LexborNode, depth: int, last: str, wraps: Sequence[LexborNode]) -> list[Block]:
        kind: Literal["ul", "ol"] = "ul" if node.tag == "ul" else "ol"
        start = int(node.attributes.get("start") or 1)
        if kind == "ol" and ("reversed" in node.attributes or start < 0 or node.css_first("li[value]") is not None):
            return [("other", self._numbered_html(node, depth, start))]
        items = [blocks for blocks in self._items(node, depth, wraps) if blocks]
        if not items:
            return []
        loose = any(not _is_tight(blocks) for blocks in items)
        gap = "\n\n" if loose else "\n"
        lines = []
        for number, blocks in enumerate(items, start):
            marker = ("+" if last == "ul" else "-") if kind == "ul" else f"{number}{')' if last == 'ol' else '.'}"
            inner = gap.join(text for _, text in blocks)
            indent = " " * (len(marker) + 1)
            lines.append(f"{marker} {_prefixed(inner, indent)[len(indent) :]}")
        return [(kind, gap.join(lines))]

    def _items(self, node: LexborNode, depth: int, wraps: Sequence[LexborNode]) -> Iterable[list[Block]]:
        """Yield the blocks of each item; what stands between items, against the rules, belongs to the one before."""
        item: list[Block] = []
        for child in node.iter(include_text=True):
            if child.tag == "li":
                yield item
                item = self._blocks(child, depth + 1, "", wraps)
            elif child.tag in BLOCKS:
                item += self._block(child, depth + 1, item[-1][0] if item else "", wraps)
            elif line := _line(self._around(wraps, self._inline(child, depth + 1))):
                item.append(("paragraph", line))
        yield item

    def _numbered_html(self, node: LexborNode, depth: int, start: int) -> str:
        """Return a list whose numbers Markdown cannot say; each item tells its own."""
        step = -1 if "reversed" in node.attributes else 1
        number = start if node.attributes.get("start") or step > 0 else sum(child.tag == "li" for child in node.iter())
        lines = ["<ol>"]
        for child in node.iter(include_text=True):
            if child.tag != "li":
                lines += [self._html(child, depth).strip()]
                continue
            number = int(child.attributes.get("value") or number)
            lines.append(f'<li value="{number}">{self._html_children(child, depth)}</li>')
            number += step
        return "\n".join((*(line for line in lines if line), "</ol>"))

    def _table(self, node: LexborNode, depth: int, wraps: Sequence[LexborNode]) -> list[Block]:
        """Return a table as GFM where it has one head row and plain cells, else as HTML, one line a row."""
        caption = next((child for child in node.iter() if child.tag == "caption"), None)
        rows = [row for row in node.css("tr") if row.css_first("td, th") is not None]
        if not rows:
            return self._blocks(caption, depth, "", wraps) if caption is not None else []
        if not _is_simple(node, rows):
            return [("other", self._html_table(node, depth))]
        lines = [f"| {' | '.join(self._cells(row, depth, wraps))} |" for row in rows]
        lines.insert(1, "|" + " --- |" * sum(1 for _ in rows[0].iter()))
        above = self._blocks(caption, depth, "", wraps) if caption is not None else []
        return [*above, ("other", "\n".join(lines))]

    def _cells(self, row: LexborNode, depth: int, wraps: Sequence[LexborNode]) -> Iterable[str]:
        for cell in row.iter():
            pieces = [
                piece for child in cell.iter(include_text=True) for piece in self._inline(child, depth, cell=True)
            ]
            yield _line(self._around(wraps, pieces, cell=True), start=False, line_break="<br>", cell=True)

    def _html_table(self, node: LexborNode, depth: int) -> str:
        lines = [f"<table{_attributes(node)}>"]
        for part in node.iter():
            if part.tag == "caption":
                lines.append(self._html(part, depth))
            elif part.tag in {"thead", "tbody", "tfoot"}:
                rows = [self._html(row, depth + 1) for row in part.iter()]
                lines += [f"<{part.tag}>", *rows, f"</{part.tag}>"] if rows else []
        return "\n".join((*lines, "</table>"))

    # Lines

    def _inline(self, node: LexborNode, depth: int, *, cell: bool = False) -> list[Piece]:  # noqa: PLR0911 - one for each kind of element
        """Return a node of a line as pieces."""
        tag = node.tag
        if tag == "-text":
            return [Piece("text", node.text_content or "")]
        if tag == "br":
            return [_BREAK]
        if tag == "img":
            return self._image(node, cell=cell)
        if depth > MAX_DEPTH:
            return [Piece("text", node.text(separator=" "))]
        if tag == "code" and node.css_first("code > *") is None:
            text = _folded(node.text())
            return [Piece("raw", code(text, cell=cell))] if text.strip() else [Piece("text", text)]
        pieces = [
            piece for child in node.iter(include_text=True) for piece in self._inline(child, depth + 1, cell=cell)
        ]
        if tag in BLOCKS:
            return [Piece("text", " "), *pieces, Piece("text", " ")]
        return self._wrapped(node, pieces, cell=cell)

    def _around(self, wraps: Sequence[LexborNode], pieces: list[Piece], *, cell: bool = False) -> list[Piece]:
        """Return ``pieces`` inside inline elements, the outermost first in ``wraps``."""
        for wrap in reversed(wraps):
            pieces = self._wrapped(wrap, pieces, cell=cell)
        return pieces

    def _wrapped(self, node: LexborNode, pieces: list[Piece], *, cell: bool = False) -> list[Piece]:
        """Return ``pieces`` inside the inline element ``node``; white space at its edges goes outside."""
        before, inner, after = _hoisted(pieces)
        if not inner:
            return [*before, *after]
        tag = str(node.tag)
        if delimiter := _DELIMITERS.get(tag):
            return [*before, Piece("emphasis", delimiter, tuple(inner)), *after]
        if tag == "a":
            return [*before, *self._link(node, inner, cell=cell), *after]
        opening = _opening(node)
        if not opening:
            return [*before, *inner, *after]
        name = opening[1:].partition(" ")[0].rstrip(">")
        return [*before, Piece("raw", opening), *inner, Piece("raw", f"</{name}>"), *after]

    def _target(self, link: LexborNode) -> str:
        """Return what a live link points to, "" if it is none."""
        href = link.attributes.get("href") or ""
        page = self.context.page(href) if href else None
        return page or (href if self.context.external == "live" else "")

    def _link(self, node: LexborNode, inner: list[Piece], *, cell: bool) -> list[Piece]:
        href, target = node.attributes.get("href") or "", self._target(node)
        if target:
            return [
                Piece(
                    "raw",
                    f"[{_line(inner, start=False, line_break='<br>', link=True, cell=cell)}]({destination(target)})",
                )
            ]
        if not href or self.context.external == "text" or _says(node, href):
            return inner
        number = self.notes.setdefault(_bare(href), len(self.notes) + 1)
        return [*inner, Piece("raw", f"[^{number}]")]

    def _image(self, node: LexborNode, *, cell: bool) -> list[Piece]:
        alt = _folded(node.attributes.get("alt") or "").strip()
        target = self.context.image(_src(node))
        if target is None:
            return [Piece("text", self.context.missing(alt))] if alt else []
        return [Piece("raw", f"![{alternative(alt, cell=cell)}]({target})")]

    # HTML inside Markdown

    def _html_children(self, node: LexborNode, depth: int) -> str:
        return "".join(self._html(child, depth + 1) for child in node.iter(include_text=True)).strip()

    def _html(self, node: LexborNode, depth: int) -> str:  # noqa: PLR0911 - one for each kind of element
        """Return a node as one line of HTML that forges let through."""
        tag = str(node.tag)
        if tag == "-text":
            return html_text(_folded(node.text_content or ""))
        if tag in {"br", "hr"}:
            return f"<{tag}>"
        if depth > MAX_DEPTH:
            return html_text(_folded(node.text(separator=" ")))
        if tag == "img":
            return self._html_image(node)
        if tag == "pre":
            return f"<pre>{html_text(_code_text(node)).replace(chr(10), '&#10;')}</pre>"
        inner = self._html_children(node, depth) if tag in BLOCKS else self._html_inline(node, depth)
        if tag == "a":
            return self._html_link(node, inner)
        if tag in _UNWRAPPED:
            opening = _opening(node)
            return f"{opening}{inner}</{opening[1:].partition(' ')[0]}>" if opening else inner
        name = f"h{_HEADINGS[tag]}" if tag in _HEADINGS else tag
        return f"<{name}{_attributes(node)}>{inner}</{name}>"

    def _html_inline(self, node: LexborNode, depth: int) -> str:
        return "".join(self._html(child, depth + 1) for child in node.iter(include_text=True))

    def _html_link(self, node: LexborNode, inner: str) -> str:
        """Return a link; footnotes do not work inside HTML, so an address stands behind its text."""
        href, target = node.attributes.get("href") or "", self._target(node)
        if target:
            return f"<a{attribute('href', target)}>{inner}</a>"
        if not href or self.context.external == "text" or not inner.strip() or _says(node, href):
            return inner
        return f"{inner} ({html_code(_bare(href))})"

    def _html_image(self, node: LexborNode) -> str:
        alt = node.attributes.get("alt") or ""
        target = self.context.image(_src(node))
        if target is None:
            return html_text(self.context.missing(alt)) if alt else ""
        return f"<img{attribute('src', target)}{attribute('alt', alt)}>"


def _line(
    pieces: Sequence[Piece],
    *,
    start: bool = True,
    line_break: str = "\\\n",
    before: str = " ",
    after: str = " ",
    link: bool = False,
    cell: bool = False,
    active: tuple[str, ...] = (),
) -> str:
    """Return pieces as Markdown: one line, or several where there are breaks.

    Args:
        pieces: what stands in the line.
        start: whether it starts a block.
        line_break: what a break is written as.
        before: the character that will stand before the line, " " for none.
        after: the character that will stand after it, " " for none.
        link: whether it stands between the brackets of a link.
        cell: whether it stands in a cell of a table.
        active: delimiters of the emphasis around it.
    """
    pieces = _merged(pieces)
    out: list[str] = []
    for index, piece in enumerate(pieces):
        left = out[-1][-1] if out else before
        right = _first(pieces[index + 1]) if index + 1 < len(pieces) else after
        if piece.kind == "raw":
            part = piece.text
        elif piece.kind == "break":
            part = line_break
        elif piece.kind == "text":
            fresh = (start and not out) or left == "\n"
            part = escape(piece.text, start=fresh, before=left, after=right, link=link, cell=cell)
        else:
            inner = _line(
                piece.inner,
                start=False,
                line_break=line_break,
                before=piece.text[0],
                after=piece.text[0],
                link=link,
                cell=cell,
                active=(*active, piece.text),
            )
            part = _emphasised(piece.text, inner, left, right, active)
        if left == "`" and part.startswith("`"):
            out.append("<!-- -->")  # code spans that touch would be one
        out.append(part)
    return "".join(out)


def _emphasised(delimiter: str, inner: str, left: str, right: str, active: tuple[str, ...]) -> str:
    """Return emphasis by delimiters where they are sure to be understood, else by tags."""
    crowded = {left, inner[0], inner[-1], right} & {"*", "~"}  # cmark-gfm looks past tildes
    nested = active and (delimiter in active or left.isalnum() or right.isalnum())
    if crowded or nested or not flanks(left, inner[0], inner[-1], right):
        tag = _TAGS[delimiter]
        return f"<{tag}>{inner}</{tag}>"
    return f"{delimiter}{inner}{delimiter}"


def _first(piece: Piece) -> str:
    """Return the character that a piece will start with, as far as its neighbour must know."""
    return {"break": " ", "emphasis": piece.text[:1]}.get(piece.kind, piece.text[:1])


def _merged(pieces: Sequence[Piece]) -> list[Piece]:
    """Return pieces with neighbouring texts joined, white space folded, and none of it at the ends of lines."""
    merged: list[Piece] = []
    for kind, group in groupby(pieces, key=lambda piece: piece.kind):
        merged += [Piece("text", "".join(piece.text for piece in group))] if kind == "text" else group
    folded: list[Piece] = []
    for piece, following in pairwise((*merged, _BREAK)):
        if piece.kind != "text":
            folded.append(piece)
            continue
        text = _folded(piece.text)
        if not folded or folded[-1].kind == "break":
            text = text.removeprefix(" ")
        if following.kind == "break":
            text = text.removesuffix(" ")
        if text:
            folded.append(Piece("text", text))
    return _without_outer_breaks(folded)


def _without_outer_breaks(pieces: list[Piece]) -> list[Piece]:
    kept = [index for index, piece in enumerate(pieces) if piece.kind != "break"]
    return pieces[kept[0] : kept[-1] + 1] if kept else []


def _hoisted(pieces: Iterable[Piece]) -> tuple[list[Piece], list[Piece], list[Piece]]:
    """Return the white space and breaks at the start, what stands between, and those at the end."""
    inner = deque(pieces)
    before: list[Piece] = []
    after: list[Piece] = []
    for edge, index, take in ((before, 0, inner.popleft), (after, -1, inner.pop)):
        while inner and inner[index].kind in {"break", "text"}:
            text = _folded(inner[index].text)
            if text.strip(_WHITE):
                if text[index] == " ":
                    edge.append(Piece("text", " "))
                    inner[index] = Piece("text", text.rstrip(" ") if index else text.lstrip(" "))
                break
            edge.append(take())
    return before, list(inner), after[::-1]


def _folded(text: str) -> str:
    """Return text with its white space folded; a look first, for most has none to fold."""
    return _SPACES.sub(" ", text) if "  " in text or any(white in text for white in "\n\t\f\r") else text


def _is_tight(blocks: Sequence[Block]) -> bool:
    """Whether an item needs no blank lines: a paragraph or nothing, then lists that may follow it at once."""
    nested = blocks[1:] if blocks[0][0] == "paragraph" else blocks
    return all(kind == "ul" or (kind == "ol" and re.match(r"1[.)]", text)) for kind, text in nested)


def _is_simple(table: LexborNode, rows: Sequence[LexborNode]) -> bool:
    """Whether GFM can hold a table: a head row of ``th``, then rows of as many ``td``; cells of one line, no spans."""
    width = sum(1 for _ in rows[0].iter())
    if (
        table.css_first(
            "[colspan], [rowspan], td *:is(ul, ol, dl, p + p, pre, table, figure, blockquote, h2, h3), [dir]"
        )
        is not None
    ):
        return False
    if {part.tag for part in table.iter()} - {"caption", "thead", "tbody"} or len(table.css("table")) > 1:
        return False
    if any(cell.tag != "th" for cell in rows[0].iter()):
        return False
    return all(sum(1 for _ in row.iter()) == width and all(cell.tag == "td" for cell in row.iter()) for row in rows[1:])


def _holds_blocks(node: LexborNode, depth: int) -> bool:
    """Whether an inline element contains blocks, which is against the rules of HTML and common."""
    if node.tag == "-text" or depth > MAX_DEPTH:
        return False
    return any(child.tag in BLOCKS or _holds_blocks(child, depth + 1) for child in node.iter())


def _prefixed(text: str, prefix: str) -> str:
    return "\n".join(f"{prefix}{line}" if line else prefix.rstrip() for line in text.split("\n"))


def _code_text(node: LexborNode) -> str:
    """Return the text of a ``<pre>`` as it stands, its ``<br>`` as line ends."""
    if node.css_first("br") is None:
        return node.text()
    return "".join("\n" if part.tag == "br" else part.text_content or "" for part in node.traverse(include_text=True))


def _opening(node: LexborNode) -> str:
    """Return the tag that stands for an inline element in Markdown, "" if it goes without."""
    tag = str(node.tag)
    if tag in _INLINE_TAGS or tag == "code":
        return f"<{tag}>"
    if tag == "abbr" and (title := node.attributes.get("title")):
        return f"<abbr{attribute('title', title)}>"
    if tag == "bdi":
        return f"<span{attribute('dir', node.attributes.get('dir') or 'auto')}>"
    return ""


def _attributes(node: LexborNode) -> str:
    own = node.attributes
    return "".join(attribute(name, own[name] or "") for name in _KEPT_ATTRIBUTES if name in own)


def _src(image: LexborNode) -> str:
    return image.attributes.get("src") or ""


def _bare(href: str) -> str:
    """Return an address as people write it down."""
    return href.removeprefix("mailto:")


def _says(link: LexborNode, href: str) -> bool:
    """Whether the text of a link is its address already."""
    text = "".join(link.text().split())
    return text.rstrip("/") in {end.rstrip("/") for end in (href, _bare(href), href.partition("://")[2] or href)}
