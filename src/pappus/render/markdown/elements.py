"""The elements of a body, as far as Markdown and HTML inside it must know the same of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pappus.render.markdown.text import attribute

if TYPE_CHECKING:
    from collections.abc import Mapping

    from selectolax.lexbor import LexborNode

HEADINGS: Mapping[str, int] = {"h2": 4, "h3": 5, "h4": 6, "h5": 6, "h6": 6}  # the title is of level 3
_INLINE_TAGS = frozenset(
    "cite ins kbd mark q rp rt ruby samp small sub sup var".split()
)  # kept by forges; others are not
_KEPT_ATTRIBUTES = ("colspan", "rowspan", "scope", "start", "value", "dir", "lang")  # of blocks, in HTML


def code_text(node: LexborNode) -> str:
    """Return the text of a ``<pre>`` as it stands, its ``<br>`` as line ends."""
    if node.css_first("br") is None:
        return node.text()
    return "".join("\n" if part.tag == "br" else part.text_content or "" for part in node.traverse(include_text=True))


def opening_tag(node: LexborNode) -> str:
    """Return the tag that stands for an inline element in Markdown, "" if it goes without."""
    tag = str(node.tag)
    if tag in _INLINE_TAGS or tag == "code":
        return f"<{tag}>"
    if tag == "abbr" and (title := node.attributes.get("title")):
        return f"<abbr{attribute('title', title)}>"
    if tag == "bdi":
        return f"<span{attribute('dir', node.attributes.get('dir') or 'auto')}>"
    return ""


def attributes(node: LexborNode) -> str:
    """Return the attributes that a block keeps in HTML."""
    own = node.attributes
    return "".join(attribute(name, own[name] or "") for name in _KEPT_ATTRIBUTES if name in own)
