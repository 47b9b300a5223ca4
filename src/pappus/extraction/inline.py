"""The inside of a paragraph as markup: links, emphasis and text, its white space as a browser shows it.

Rules kept here: CSS Text 3, section 4.1, for white space: runs of it become one space, also over the borders of elements, and
none at the beginning and the end of a line. The walk is iterative, for elements may stand as deep as a page's limit.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from turbohtml import Element, Text

from pappus import markup, urls
from pappus.extraction import pictures
from pappus.extraction.blocks import NOT_SHOWN, OPAQUE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from turbohtml import Node

_OPAQUE: Final = (OPAQUE - {"rp"}) | frozenset("audio embed iframe noscript object picture video".split())
_RENAMED: Final = {"acronym": "abbr", "strike": "s", "tt": "code"}
_WRITTEN: Final = (markup.INLINES - {"a", "br", "img", "rb"}) | _RENAMED.keys()
_GIVEN: Final = {
    name: sorted(markup.ATTRIBUTES[name] - {"dir"}) for name in markup.INLINES if name in markup.ATTRIBUTES
}
_RAISED: Final = {  # MathML: what the second and third child of an element are
    "mover": ("sup",),
    "msub": ("sub",),
    "msubsup": ("sub", "sup"),
    "msup": ("sup",),
    "munder": ("sub",),
    "munderover": ("sub", "sup"),
}
_NONE: Final = 1_000_000  # levels; a page has 512 at most
_PARTS: Final = 8  # nodes before one in a part of a formula that are looked at; there are three elements in it
_LAYOUT = re.compile(r"[ \t\n\r\f]+")
# A line end becomes a space, but nothing between two ideographs, where a space would be seen.
_WIDE = (
    "\u1100-\u115f\u2e80-\u303e\u3041-\u30ff\u3105-\u312f\u31a0-\u31bf\u3400-\u4dbf\u4e00-\ua4cf\uf900-\ufaff\ufe30-\ufe4f"
    "\uff01-\uff60\uffe0-\uffe6"
)
_WIDE_BREAK = re.compile(f"(?<=[{_WIDE}])[ \\t]*[\\n\\r][ \\t\\n\\r]*(?=[{_WIDE}])")
_UNSEEN_NAME = re.compile(  # for those who listen to a page; what they hear besides its text
    r"(?:^|\s)(?:(?:u-|is-)?(?:visually|visibly)-?hidden|screen-?reader(?:-text|-only)?|sr-?only|off-?screen|hidden-?visually)(?:\s|$)",
    re.IGNORECASE,
)
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_ITALIC = re.compile(r"font-style\s*:\s*(?:italic|oblique)", re.IGNORECASE)
_ANCHORS: Final = frozenset("#§¶🔗")  # links of a heading to itself


class Writer:
    """Writes inline nodes; one object a block, so that white space is folded over all of it."""

    __slots__ = ("_at_space", "_base", "_breaks", "_space", "_text", "_verbatim", "pieces", "said")

    def __init__(self, base: str, *, verbatim: bool = False) -> None:
        self._base = base
        self._verbatim = verbatim
        self._at_space = True  # nothing, a space or a line break was written last
        self._space = -1  # the piece that ends in that space
        self._breaks: list[int] = []  # pieces that are line breaks which no text has followed yet
        self._text = 0  # how many pieces are text that is seen
        self.pieces: list[str] = []
        self.said: list[Element] = []  # images in whose place their words were written

    def line(self) -> str:
        """Return what was written."""
        self._trim()
        for place in self._breaks:
            self.pieces[place] = ""
        return "".join(self.pieces)

    def write(self, nodes: Iterable[Node], around: Iterable[Element] = ()) -> None:
        """Write nodes and what is in them.

        Args:
            nodes: that follow one another.
            around: the elements that they stand in, of those that are to be written; the outermost first.
        """
        levels: list[tuple[Iterator[Node], str, int, int]] = [(iter(()), *self._enter(element)) for element in around]
        rest, closing, opened, before = iter(nodes), "", -1, -1
        formula = _NONE  # how many levels there were when a formula began, in which white space means nothing
        while True:
            for node in rest:
                if type(node) is Text:
                    self._say(node.data if len(levels) <= formula else node.data.strip())
                elif type(node) is Element and not self._whole(node):
                    if node.tag == "math":
                        formula = min(formula, len(levels))
                    levels.append((rest, closing, opened, before))
                    closing, opened, before = self._enter(node)
                    rest = iter(node)
                    break
            else:
                if self._text == before:
                    self.pieces[opened] = ""
                elif closing:
                    self.pieces.append(closing)
                if not levels:
                    return
                rest, closing, opened, before = levels.pop()
                if len(levels) == formula:
                    formula = _NONE

    def _enter(self, element: Element) -> tuple[str, int, int]:
        """Open an element; returns what closes it, the piece that opened it, and how much text there was before."""
        opening, closing = self._tags(element)
        self.pieces.append(opening)
        return closing, len(self.pieces) - 1, self._text

    def enclosed(self, around: Sequence[Element]) -> str:
        """Return what was written, inside of inline elements; the outermost first."""
        line = self.line()
        for element in reversed(around):
            opening, closing = self._tags(element)
            line = f"{opening}{line}{closing}"
        return line

    def _whole(self, element: Element) -> bool:
        """Write an element that has no content to walk through, or shows none; returns whether it is one."""
        tag = element.tag
        if tag == "br":
            self._break()
        elif tag in pictures.IMAGES:
            words = pictures.words_for(element)
            if words and not draws_formula(element) and pictures.picture(element, self._base) is None:
                self.said.append(element)
                self._say(words)
        elif tag not in _OPAQUE and not _is_unseen(element) and not _is_anchor(element):
            return False
        return True

    def _say(self, text: str) -> None:
        if self._verbatim:
            self._at_space = False
            self._text += 1
            self.pieces.append(markup.escaped(text))
            return
        if not text.isprintable() or "  " in text:
            text = _LAYOUT.sub(" ", _WIDE_BREAK.sub("", text))
        if self._at_space and text[:1] == " ":
            text = text[1:]
        if not text:
            return
        if text[-1] == " ":
            self._at_space = True
            self._space = len(self.pieces)
        else:
            self._at_space = False
        if text != " ":
            self._text += 1
            self._breaks.clear()
        self.pieces.append(markup.escaped(text))

    def _break(self) -> None:
        self._trim()
        self._at_space = True
        self._space = -1
        if self._verbatim:
            self.pieces.append("\n")
        elif self._text:
            self._breaks.append(len(self.pieces))
            self.pieces.append("<br>")

    def _trim(self) -> None:
        """Take away a space at the end of a line."""
        if self._at_space and self._space >= 0:
            self.pieces[self._space] = self.pieces[self._space][:-1]
            self._space = -1

    def _tags(self, element: Element) -> tuple[str, str]:
        """Return what stands before and after the content of an element."""
        tag = element.tag
        if tag == "a":
            href = element.attr("href")
            target = urls.parse(href, self._base) if href and not href.lstrip().startswith("#") else None
            return (f'<a href="{markup.quoted(target)}">', "</a>") if target else ("", "")
        opening, closing = _mathematical(element)
        if tag in _WRITTEN:
            name = _RENAMED.get(tag, tag)
            opening, closing = f"{opening}<{name}{given(element, _GIVEN[name])}>", f"</{name}>{closing}"
        elif tag in {"font", "span"} and (style := element.attr("style")):
            for pattern, name in ((_BOLD, "b"), (_ITALIC, "i")):
                if pattern.search(style):
                    opening, closing = f"{opening}<{name}>", f"</{name}>{closing}"
        if (direction := element.attr("dir")) and tag != "math":  # of the inline elements, <bdi> alone may have one
            if tag == "bdi":
                return f"<bdi{given(element, ('lang', 'dir'))}>", "</bdi>"
            opening, closing = (
                f'<bdi{given(element, ("lang",))} dir="{markup.quoted(direction)}">{opening}',
                f"{closing}</bdi>",
            )
        return opening, closing


def joined(text: str, source: str) -> str:
    """Return text whose white space was folded already, without the spaces that were line ends between ideographs.

    Args:
        text: as folded.
        source: the same, as it stands in the page.
    """
    if "\n" not in source and "\r" not in source:
        return text
    return _LAYOUT.sub(" ", _WIDE_BREAK.sub("", source)).strip(" ") if _WIDE_BREAK.search(source) else text


def given(element: Element, names: Iterable[str]) -> str:
    """Return those of an element's attributes as they stand in a tag."""
    attr = element.attr
    return "".join([f' {name}="{markup.quoted(value)}"' for name in names if (value := attr(name)) is not None])


def _mathematical(element: Element) -> tuple[str, str]:
    """Return what makes a part of a formula readable in a line: raised, lowered, over a bar or under a root."""
    around = element.parent
    opening, closing = ("√(", ")") if element.tag == "msqrt" else ("", "")
    if not isinstance(around, Element) or (around.tag not in _RAISED and around.tag != "mfrac"):
        return opening, closing
    place = sum(isinstance(one, Element) for one in islice(element.previous_siblings, _PARTS))
    if around.tag == "mfrac":
        return ("/" if place == 1 else "") + opening, closing
    names = _RAISED[around.tag]
    if not 0 < place <= len(names):
        return opening, closing
    return f"<{names[place - 1]}>{opening}", f"{closing}</{names[place - 1]}>"


def _is_unseen(element: Element) -> bool:
    """Whether an element is not shown."""
    attr = element.attr
    if (style := attr("style")) and NOT_SHOWN.search(style):
        return element.find("math") is None  # which is hidden where an image draws it
    if (names := attr("class")) and _UNSEEN_NAME.search(names):
        return True
    return attr("hidden") is not None or (attr("aria-hidden") == "true" and draws_formula(element))


def draws_formula(element: Element) -> bool:
    """Whether an element shows what the formula before it says, which may be hidden for its sake."""
    before = element.previous_sibling
    return isinstance(before, Element) and before.find("math") is not None


def _is_anchor(element: Element) -> bool:
    return element.tag == "a" and (element.attr("href") or "").startswith("#") and element.text.strip() in _ANCHORS
