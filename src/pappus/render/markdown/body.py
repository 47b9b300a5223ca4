"""An article's body, markup of our subset, as Markdown: a walk over the parsed tree that meets every element by name.

Paragraphs are single lines, so nothing is ever inserted into Chinese text. What Markdown cannot hold (figures with captions,
tables with spans, lists of terms, ruby) is HTML that forges let through, one line a row and without blank lines.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from selectolax.lexbor import LexborHTMLParser

from pappus.markup import BLOCKS
from pappus.render.elements import MAX_DEPTH, bare, says, src
from pappus.render.markdown.elements import HEADINGS, code_text, opening_tag
from pappus.render.markdown.fallback import Html
from pappus.render.markdown.lines import BREAK, WHITE, Piece, as_line, fold, hoisted
from pappus.render.markdown.text import alternative, attribute, code, destination, fenced, heading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from selectolax.lexbor import LexborNode

    from pappus.render.elements import Context

_DELIMITERS: Mapping[str, str] = {"b": "**", "strong": "**", "em": "*", "i": "*", "del": "~~", "s": "~~"}

Block = tuple[Literal["paragraph", "ul", "ol", "other"], str]


class Body:
    """Turns markup into Markdown, and counts footnotes on the way."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.notes: dict[str, int] = {}  # address -> footnote's number
        self.html = Html(context)

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
            if all(piece.kind == "text" and not piece.text.strip(WHITE) for piece in run):
                run.clear()
                return
            if (line := as_line(self._around(wraps, run))).strip():  # a no-break space alone is no paragraph
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
            line = as_line(self._flat(node))
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
                text = code_text(node).removesuffix("\n")
                images = as_line(self._images(node))  # which code cannot show
                blocks: list[Block] = [("other", fenced(text))] if text.strip() else []
                return [*blocks, ("paragraph", images)] if images else blocks
            case "hr":
                return [("other", "***")]
            case "figure":
                return self._figure(node, depth, last, wraps)
            case "table":
                return self._table(node, depth, wraps)
            case "dl":
                inner = self.html.children(node, depth)
                return [("other", f"<dl>{inner}</dl>")] if inner.strip() else []
            case _:  # li, dd and parts of tables that have lost their parent
                return self._blocks(node, depth, last, wraps)

    def _heading(self, node: LexborNode, depth: int, wraps: Sequence[LexborNode]) -> list[Block]:
        pieces = [piece for child in node.iter(include_text=True) for piece in self._inline(child, depth)]
        line = as_line(self._around(wraps, pieces), start=False, line_break="<br>")
        if not line:
            return []
        return [("other", heading(HEADINGS[str(node.tag)], line))]

    def _figure(self, node: LexborNode, depth: int, last: str, wraps: Sequence[LexborNode]) -> list[Block]:
        """Return a figure of images as HTML; one whose images are missing, or that holds other things, as its parts."""
        images = node.css("img")
        simple = not any(child.tag in BLOCKS and child.tag != "figcaption" for child in node.iter())
        if images and simple and all(self.context.image(src(image)) for image in images):
            inner = self.html.children(node, depth)
            for wrap in wraps:  # a linked picture; addresses elsewhere are mostly those of the picture itself
                target = self.context.target(wrap)
                inner = f"<a{attribute('href', target)}>{inner}</a>" if target else inner
            return [("other", f"<figure>{inner}</figure>")]
        return self._blocks(node, depth, last, wraps)

    def _list(self, node: LexborNode, depth: int, last: str, wraps: Sequence[LexborNode]) -> list[Block]:
        kind: Literal["ul", "ol"] = "ul" if node.tag == "ul" else "ol"
        start = int(node.attributes.get("start") or 1)
        if kind == "ol" and ("reversed" in node.attributes or start < 0 or node.css_first("li[value]") is not None):
            return [("other", self.html.numbered_list(node, depth, start))]
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
            elif line := as_line(self._around(wraps, self._inline(child, depth + 1))):
                item.append(("paragraph", line))
        yield item

    def _table(self, node: LexborNode, depth: int, wraps: Sequence[LexborNode]) -> list[Block]:
        """Return a table as GFM where it has one head row and plain cells, else as HTML, one line a row."""
        caption = next((child for child in node.iter() if child.tag == "caption"), None)
        rows = [row for row in node.css("tr") if row.css_first("td, th") is not None]
        if not rows:
            return self._blocks(caption, depth, "", wraps) if caption is not None else []
        if not _is_simple(node, rows):
            return [("other", self.html.table(node, depth))]
        lines = [f"| {' | '.join(self._cells(row, depth, wraps))} |" for row in rows]
        lines.insert(1, "|" + " --- |" * sum(1 for _ in rows[0].iter()))
        above = self._blocks(caption, depth, "", wraps) if caption is not None else []
        return [*above, ("other", "\n".join(lines))]

    def _cells(self, row: LexborNode, depth: int, wraps: Sequence[LexborNode]) -> Iterable[str]:
        for cell in row.iter():
            pieces = [
                piece for child in cell.iter(include_text=True) for piece in self._inline(child, depth, cell=True)
            ]
            yield as_line(self._around(wraps, pieces, cell=True), start=False, line_break="<br>", cell=True)

    # Lines

    def _inline(self, node: LexborNode, depth: int, *, cell: bool = False) -> list[Piece]:  # noqa: PLR0911 - one for each kind of element
        """Return a node of a line as pieces."""
        tag = node.tag
        if tag == "-text":
            return [Piece("text", node.text_content or "")]
        if tag == "br":
            return [BREAK]
        if tag == "img":
            return self._image(node, cell=cell)
        if depth > MAX_DEPTH:
            return self._flat(node, cell=cell)
        if tag == "code" and node.css_first("code > *") is None:
            text = fold(node.text())
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

    def _wrapped(self, node: LexborNode, pieces: list[Piece], *, cell: bool) -> list[Piece]:
        """Return ``pieces`` inside the inline element ``node``; white space at its edges goes outside."""
        before, inner, after = hoisted(pieces)
        if not inner:
            return [*before, *after]
        tag = str(node.tag)
        if delimiter := _DELIMITERS.get(tag):
            return [*before, Piece("emphasis", delimiter, tuple(inner)), *after]
        if tag == "a":
            return [*before, *self._link(node, inner, cell=cell), *after]
        opening = opening_tag(node)
        if not opening:
            return [*before, *inner, *after]
        name = opening[1:].partition(" ")[0].rstrip(">")
        return [*before, Piece("raw", opening), *inner, Piece("raw", f"</{name}>"), *after]

    def _link(self, node: LexborNode, inner: list[Piece], *, cell: bool) -> list[Piece]:
        href, target = node.attributes.get("href") or "", self.context.target(node)
        if target:
            text = as_line(inner, start=False, line_break="<br>", before="[", after="]", link=True, cell=cell)
            return [Piece("raw", f"[{text}]({destination(target)})")]
        if not href or self.context.external == "text" or says(node.text(), href):
            return inner
        number = self.notes.setdefault(bare(href), len(self.notes) + 1)
        return [*inner, Piece("raw", f"[^{number}]")]

    def _flat(self, node: LexborNode, *, cell: bool = False) -> list[Piece]:
        """Return what is too deep as its text and its images."""
        return [Piece("text", node.text(separator=" ")), *self._images(node, cell=cell)]

    def _images(self, node: LexborNode, *, cell: bool = False) -> list[Piece]:
        return [piece for image in node.css("img") for piece in self._image(image, cell=cell)]

    def _image(self, node: LexborNode, *, cell: bool) -> list[Piece]:
        alt = fold(node.attributes.get("alt") or "").strip()
        target = self.context.image(src(node))
        if target is None:
            return [Piece("text", self.context.missing(alt))] if alt else []
        return [Piece("raw", f"![{alternative(alt, cell=cell)}]({target})")]


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
