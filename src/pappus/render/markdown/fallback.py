"""What Markdown cannot hold, as HTML that forges let through: one line an element, one a row, and without blank lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from pappus.markup import BLOCKS
from pappus.render.elements import MAX_DEPTH, bare, says, src
from pappus.render.markdown.elements import HEADINGS, attributes, code_text, opening_tag
from pappus.render.markdown.lines import fold
from pappus.render.markdown.text import attribute, html_code, html_text

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

    from pappus.render.elements import Context

_UNWRAPPED = frozenset({"u", "time", "abbr", "bdi"})  # no forge keeps u and bdi; the others only carry attributes


class Html(Struct, frozen=True):
    """Turns elements into HTML; every method returns text that may stand in a block of HTML."""

    context: Context

    def numbered_list(self, node: LexborNode, depth: int, start: int) -> str:
        """Return a list whose numbers Markdown cannot say; each item tells its own."""
        step = -1 if "reversed" in node.attributes else 1
        number = start if node.attributes.get("start") or step > 0 else sum(child.tag == "li" for child in node.iter())
        lines = ["<ol>"]
        for child in node.iter(include_text=True):
            if child.tag != "li":
                lines += [self.element(child, depth).strip()]
                continue
            number = int(child.attributes.get("value") or number)
            lines.append(f'<li value="{number}">{self.children(child, depth)}</li>')
            number += step
        return "\n".join((*(line for line in lines if line), "</ol>"))

    def table(self, node: LexborNode, depth: int) -> str:
        """Return a table, one line a row."""
        lines = [f"<table{attributes(node)}>"]
        for part in node.iter():
            if part.tag == "caption":
                lines.append(self.element(part, depth))
            elif part.tag in {"thead", "tbody", "tfoot"}:
                rows = [self.element(row, depth + 1) for row in part.iter()]
                lines += [f"<{part.tag}>", *rows, f"</{part.tag}>"] if rows else []
        return "\n".join((*lines, "</table>"))

    def children(self, node: LexborNode, depth: int) -> str:
        """Return what is in a node, without white space at its edges."""
        return "".join(self.element(child, depth + 1) for child in node.iter(include_text=True)).strip()

    def element(self, node: LexborNode, depth: int) -> str:  # noqa: PLR0911 - one for each kind of element
        """Return a node as one line of HTML that forges let through."""
        tag = str(node.tag)
        if tag == "-text":
            return html_text(fold(node.text_content or ""))
        if tag in {"br", "hr"}:
            return f"<{tag}>"
        if depth > MAX_DEPTH:
            return html_text(fold(node.text(separator=" "))) + self._images(node)
        if tag == "img":
            return self._image(node)
        if tag == "pre":
            return f"<pre>{html_text(code_text(node)).replace(chr(10), '&#10;')}</pre>{self._images(node)}"
        inner = self.children(node, depth) if tag in BLOCKS else self._inside(node, depth)
        if tag == "a":
            return self._link(node, inner)
        if tag in _UNWRAPPED:
            opening = opening_tag(node)
            return f"{opening}{inner}</{opening[1:].partition(' ')[0]}>" if opening else inner
        name = f"h{HEADINGS[tag]}" if tag in HEADINGS else tag
        return f"<{name}{attributes(node)}>{inner}</{name}>"

    def _inside(self, node: LexborNode, depth: int) -> str:
        return "".join(self.element(child, depth + 1) for child in node.iter(include_text=True))

    def _link(self, node: LexborNode, inner: str) -> str:
        """Return a link; footnotes do not work inside HTML, so an address stands behind its text."""
        href, target = node.attributes.get("href") or "", self.context.target(node)
        if target:
            return f"<a{attribute('href', target)}>{inner}</a>"
        if not href or self.context.external == "text" or not inner.strip() or says(node.text(), href):
            return inner
        return f"{inner} ({html_code(bare(href))})"

    def _images(self, node: LexborNode) -> str:
        return "".join(map(self._image, node.css("img")))

    def _image(self, node: LexborNode) -> str:
        alt = node.attributes.get("alt") or ""
        target = self.context.image(src(node))
        if target is None:
            return html_text(self.context.missing(alt)) if alt else ""
        return f"<img{attribute('src', target)}{attribute('alt', alt)}>"
