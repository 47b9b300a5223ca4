"""Lines of Markdown from pieces: text with its white space folded, breaks, emphasis that every version of CommonMark understands."""

from __future__ import annotations

import re
from collections import deque
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

from pappus.render.markdown.text import escape, flanks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WHITE = " \t\n\f\r"  # what HTML folds; not the ideographic or the no-break space
_SPACES = re.compile(r"[\t\n\f\r][ \t\n\f\r]*| [ \t\n\f\r]+")  # all of it but single spaces, which stay
_TAGS: Mapping[str, str] = {"**": "strong", "*": "em", "~~": "del"}


class Piece(NamedTuple):
    """A part of a line. ``kind``: text to be escaped, Markdown that is ready, a line break, or emphasis around ``inner``."""

    kind: Literal["text", "raw", "break", "emphasis"]
    text: str = ""  # of emphasis: its delimiter
    inner: tuple[Piece, ...] = ()


BREAK = Piece("break")


def as_line(
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
            inner = as_line(
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
        some = list(group)
        merged += [Piece("text", "".join(piece.text for piece in some))] if kind == "text" else some
    folded: list[Piece] = []
    for piece, following in pairwise((*merged, BREAK)):
        if piece.kind != "text":
            folded.append(piece)
            continue
        text = fold(piece.text)
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


def hoisted(pieces: Iterable[Piece]) -> tuple[list[Piece], list[Piece], list[Piece]]:
    """Return the white space and breaks at the start, what stands between, and those at the end."""
    inner = deque(pieces)
    before: list[Piece] = []
    after: list[Piece] = []
    for edge, index, take in ((before, 0, inner.popleft), (after, -1, inner.pop)):
        while inner and inner[index].kind in {"break", "text"}:
            text = fold(inner[index].text)
            if text.strip(WHITE):
                if text[index] == " ":
                    edge.append(Piece("text", " "))
                    inner[index] = Piece("text", text.rstrip(" ") if index else text.lstrip(" "))
                break
            edge.append(take())
    return before, list(inner), after[::-1]


def fold(text: str) -> str:
    """Return text with its white space folded; a look first, for most has none to fold."""
    return _SPACES.sub(" ", text) if "  " in text or any(white in text for white in "\n\t\f\r") else text
