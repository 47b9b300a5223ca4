"""The text of HTML, the same way for every extractor that returns HTML, and for golds that are HTML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import turbohtml
from turbohtml import Element, Text

if TYPE_CHECKING:
    from turbohtml import Node

# Elements that begin and end a line in a browser, or stand in a box of their own, as table cells do.
BLOCKS: Final = frozenset(
    "address article aside blockquote body br button caption center dd details dialog dir div dl dt fieldset figcaption figure footer form"
    " h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol option p pre search section summary table tbody td tfoot th thead"
    " tr ul".split()
)
# Whose text no browser shows where they stand.
UNSHOWN: Final = frozenset(
    "audio canvas datalist head iframe math noembed noframes noscript object script select style svg template textarea title video".split()
)


def shown(html: str) -> str:
    """Return the text that HTML shows: blocks on lines of their own, inline elements without a gap, other white space folded."""
    pieces: list[str] = []
    stack: list[Node | str] = [turbohtml.parse(html)]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            pieces.append(node)
        elif isinstance(node, Text):
            pieces.append(re.sub(r"\s+", " ", node.data))
        elif not isinstance(node, Element):
            stack.extend(reversed(list(node)))
        elif node.tag not in UNSHOWN:
            edge = "\n" if node.tag in BLOCKS else ""
            stack += (edge, *reversed(list(node)), edge)
    return re.sub(r" *\n[ \n]*", "\n", re.sub(" +", " ", "".join(pieces))).strip()


def folded(text: str) -> str:
    """Return text in one line, its white space single."""
    return " ".join(text.split())
