"""A page as a sequence of blocks: what a browser shows on lines of its own, in the order in which it is read.

One walk over the tree, in document order and without recursion, finds all that is needed later: the leaf blocks, the
elements that stand round them, and what they count.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct
from turbohtml import Element, Text

from pappus.errors import MarkupError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from turbohtml import Document, Node

BLOCKS: Final = frozenset(  # what HTML shows on lines of its own; anything else, known or not, is part of a sentence
    "address article aside blockquote body caption center col colgroup dd details dialog dir div dl dt fieldset figcaption figure"
    " footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav ol optgroup p plaintext pre search"
    " section summary table tbody td tfoot th thead tr ul xmp".split()
)
MEDIA: Final = frozenset(
    "amp-anim amp-audio amp-brightcove amp-dailymotion amp-facebook amp-iframe amp-img amp-instagram amp-soundcloud amp-tiktok"
    " amp-twitter amp-video amp-vimeo amp-youtube audio embed iframe img lite-vimeo lite-youtube object picture video".split()
)
IMAGES: Final = frozenset({"amp-anim", "amp-img", "img", "picture"})
COMPONENTS: Final = ("-image", "-img")  # ends of the names that sites give to images of their own
OPAQUE: Final = frozenset(  # never shown as text
    "annotation annotation-xml area button canvas datalist head input link meta option param rp script select source style svg"
    " template textarea title track".split()
)
HEADINGS: Final = frozenset("h1 h2 h3 h4 h5 h6".split())

MAX_BLOCKS: Final = 50_000  # of one page; real ones have some hundreds, a book ten thousand

_INLINE, _BLOCK, _OPAQUE, _BREAK, _MEDIA = range(5)
_KINDS: Final = (
    dict.fromkeys(BLOCKS, _BLOCK)
    | dict.fromkeys(OPAQUE, _OPAQUE)
    | dict.fromkeys(MEDIA, _MEDIA)
    | {"br": _BREAK, "noscript": _MEDIA}
)
_ROUND: Final = 8  # elements round a button in which a figure is looked for
_HOLDING: Final = frozenset({"blockquote", "button"})
_SHOWN: Final = "img,iframe,video"
_TITLED: Final = 4  # hyphens of an id from which it is a title
_VERBATIM: Final = frozenset({"listing", "plaintext", "pre", "xmp"})
_WHITE: Final = " \t\n\f\r"
_SPACE = re.compile(f"[{_WHITE}]+")
_BREAK_MARK: Final = "\v"  # stands for <br> until white space is folded
_LINES = re.compile(r" ?\v ?")
_WORTH: Final = 200  # characters of an inline element that is not shown, from which it may be the rest of an article
NOT_SHOWN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)  # in a style


class Frame(Struct, eq=False, gc=False):
    """An element that stands round blocks; made once, in document order.

    An inline element that holds blocks, as a link round a teaser does, is a frame too. Frames and blocks hold no cycles, so that
    Python's collector of these need not look through them.
    """

    element: Element
    tag: str
    parent: Frame | None
    depth: int  # of the body: 0
    links: bool  # whether it is in a link
    order: int  # among the frames
    _names: str | None = None  # found when they are asked for: most frames hold nothing of the article
    _role: str | None = None
    _hidden: bool | None = None

    @property
    def names(self) -> str:
        """What its class, id and itemprop say, as written: case parts words. An id made of a title's words says nothing."""
        names = self._names
        if names is None:
            attr = self.element.attr
            names = attr("class") or ""
            if (one := attr("id")) and one.count("-") < _TITLED and self.tag not in HEADINGS:
                names = f"{names} {one}"
            if one := attr("itemprop"):
                names = f"{names} {one}"
            self._names = names
        return names

    @property
    def role(self) -> str:
        """Its role."""
        role = self._role
        if role is None:
            role = self._role = self.element.attr("role") or ""
        return role

    @property
    def hidden(self) -> bool:
        """Whether it is not shown, until a script does it."""
        if self._hidden is not None:
            return self._hidden
        passed: list[Frame] = []
        one: Frame | None = self
        while one is not None and one._hidden is None:  # noqa: SLF001 - another frame's own
            passed.append(one)
            one = one.parent
        hidden = one is not None and bool(one._hidden)  # noqa: SLF001
        for one in reversed(passed):
            hidden = one._hidden = hidden or _is_hidden(one.element)  # noqa: SLF001
        return hidden


class Block(Struct, eq=False, gc=False):
    """A leaf: a paragraph, a heading, a cell, a caption; or one picture, video or embed."""

    kind: Literal["text", "media"]
    frame: Frame  # the innermost round it
    order: int  # among the blocks
    parts: list[Text | Element]  # of text: its inline nodes, in order
    text: str  # as a browser shows it: white space folded, <br> as a line end
    letters: int  # characters that are no white space
    linked: int  # of these, in links
    links: int  # how many links; of media: whether it is in one
    element: Element | None = None  # of media
    score: float = 0.0  # how likely it is the article's, 0 to 1
    kept: bool = False


class Reading(Struct, frozen=True):
    """All blocks of a page and the frames round them, both in document order."""

    blocks: list[Block]
    frames: list[Frame]


def read(document: Document) -> Reading:
    """Return a page's blocks.

    Raises:
        MarkupError: more than 50,000 of them.
    """
    root = document.root
    body = next((child for child in root or () if type(child) is Element and child.tag == "body"), root)
    if body is None:
        return Reading([], [])
    walk = _Walk(body)
    walk.run()
    return Reading(walk.blocks, walk.frames)


class _Walk:
    """The state of one walk: the open frame, and the run of inline nodes that is being gathered."""

    __slots__ = (
        "blocks",
        "broken",
        "filled",
        "frame",
        "frames",
        "inlines",
        "link",
        "linked",
        "links",
        "parts",
        "texts",
        "waiting",
    )

    def __init__(self, body: Element) -> None:
        self.frame = Frame(body, body.tag, None, 0, body.tag == "a", 0)
        self.frames = [self.frame]
        self.blocks: list[Block] = []
        self.inlines: list[Element] = []  # open, from the outermost; all later than the frame
        self.parts: list[Text | Element] = []  # of the run
        self.texts: list[str] = []
        self.filled = False  # whether the run has any text
        self.broken = False  # whether nothing came after its last line break
        self.link = 0  # how many inline elements were open within the link that is open
        self.linked = 0
        self.links = 0
        self.waiting: list[Block] = []  # pictures inside a sentence, which stand after it

    def run(self) -> None:
        """Walk over all nodes in document order."""
        levels: list[Iterator[Node]] = []
        nodes = iter(self.frame.element)
        while True:
            for node in nodes:
                if type(node) is Text:
                    data = node.data
                    if self.filled or not data.isspace():
                        self.say(node, data)
                elif type(node) is Element and self.enter(node):
                    levels.append(nodes)
                    nodes = iter(node)
                    break
            else:
                if not levels:
                    break
                nodes = levels.pop()
                self.leave()
        self.flush()

    def say(self, node: Text, data: str) -> None:
        """Take text; white space, too, where it may stand between two words."""
        self.texts.append(data)
        if not self.inlines:
            self.parts.append(node)
        if not data.isspace():
            self.filled = True
            self.broken = False
            if self.link or self.frame.links:
                self.linked += len(data) - data.count(" ") - data.count("\n")

    def enter(self, node: Element) -> bool:
        """Open an element; returns whether its children are to be read."""
        tag = node.tag
        kind = _KINDS.get(tag, _INLINE)
        if tag in _HOLDING and (shown := _shown_instead(node, self.frame)) is not None:
            kind = shown
        if kind == _BLOCK:
            if self.parts:
                self.interrupt(node)
            self.open(node, tag)
            return True
        if kind == _INLINE:
            return self.enter_inline(node, tag)
        if kind == _BREAK:
            self.break_line(node)
        elif kind == _MEDIA:
            self.show(node, tag)
        return False

    def enter_inline(self, node: Element, tag: str) -> bool:
        """Open an element that is part of a line; returns whether its children are to be read."""
        inlines = self.inlines
        if tag == "span":
            if _is_hidden(node):
                return self.unveil(node, tag)
        elif tag.endswith(COMPONENTS) and node.attr("src") and node.select_one(_SHOWN) is None:
            self.show(node, tag)
            return False
        elif tag == "a" and not self.link and self.leads(node.attr("href") or ""):
            self.link = len(inlines) + 1
            self.links += 1
        if not inlines:
            self.parts.append(node)
        inlines.append(node)
        return True

    def leads(self, address: str) -> bool:
        """Whether a link leads anywhere: that of a heading to itself does not."""
        return bool(address) and not (address.startswith("#") and self.frame.tag in HEADINGS)

    def leave(self) -> None:
        """Close what was opened last."""
        inlines = self.inlines
        if inlines:
            if self.link == len(inlines):
                self.link = 0
            inlines.pop()
            return
        frame = self.frame
        if self.parts and (frame.tag in BLOCKS or frame.hidden):
            self.flush()
        if frame.parent is not None:
            self.frame = frame.parent

    def open(self, node: Element, tag: str) -> None:
        """Make an element the frame of what follows."""
        outer = self.frame
        self.frame = Frame(node, tag, outer, outer.depth + 1, outer.links or tag == "a", len(self.frames))
        self.frames.append(self.frame)

    def unveil(self, node: Element, tag: str) -> bool:
        """Open an inline element that is not shown where it may be the rest of an article; returns whether."""
        if len(node.text) < _WORTH:
            return False
        self.interrupt(node)
        self.open(node, tag)
        return True

    def break_line(self, node: Element) -> None:
        """Take a line break; a second one ends the paragraph."""
        if not self.filled:
            return
        if self.broken and self.frame.tag not in _VERBATIM:
            self.interrupt(node)
            return
        self.broken = True
        self.texts.append(_BREAK_MARK)
        if not self.inlines:
            self.parts.append(node)

    def show(self, node: Element, tag: str) -> None:
        """Take a picture or a player; a picture within a line does not end it."""
        if tag == "noscript" and node.select_one("img, iframe") is None:
            return
        if self.filled and (self.broken or tag not in IMAGES):
            self.interrupt(node)
        linked = int(bool(self.link) or self.frame.links)
        block = Block("media", self.frame, len(self.blocks), [], "", 0, 0, linked, node)
        if self.filled:
            self.waiting.append(block)
            if not self.inlines:
                self.parts.append(node)
        else:
            self.blocks.append(block)
            self.bound()

    def interrupt(self, node: Element) -> None:
        """End the run before a node; inline elements that are open become frames, for they hold more than a run."""
        inlines, parts = self.inlines, self.parts
        if not inlines:
            self.flush()
            return
        parts.pop()
        for outer, inner in zip(inlines, (*inlines[1:], node), strict=True):
            for child in outer:
                if child is inner:
                    break
                if isinstance(child, (Text, Element)):
                    parts.append(child)
        opened = inlines[:]
        inlines.clear()
        self.link = 0
        self.flush()
        for one in opened:
            self.open(one, one.tag)

    def flush(self) -> None:
        """Make a block of the run."""
        if self.filled:
            blocks, frame = self.blocks, self.frame
            text = "".join(self.texts)
            text = text.replace(_BREAK_MARK, "\n").strip("\n") if frame.tag in _VERBATIM else _folded(text)
            letters = len(text) - text.count(" ") - text.count("\n")
            linked = min(self.linked, letters) if self.linked else 0
            blocks.append(Block("text", frame, len(blocks), self.parts, text, letters, linked, self.links))
            for one in self.waiting:
                one.order = len(blocks)
                blocks.append(one)
            self.waiting.clear()
            self.filled = self.broken = False
            self.bound()
        self.parts = []
        self.texts.clear()
        self.linked = self.links = 0

    def bound(self) -> None:
        """Go no further where there are more blocks than any article's page has."""
        if len(self.blocks) > MAX_BLOCKS:
            raise MarkupError("page", f"more than {MAX_BLOCKS:,} pieces of text")


def _shown_instead(node: Element, frame: Frame) -> int | None:
    """Return what an element is because of what it holds: a figure that can be pressed, or a post that a script would show."""
    if node.tag == "button":
        in_figure = any(one.tag == "figure" for one in outwards(frame, _ROUND))
        is_pressed = node.find("figure") is not None or (in_figure and node.find("img") is not None)
        return _BLOCK if is_pressed else None
    link = node.find("a") if not node.text.strip() else None
    return _MEDIA if link is not None and node.select_one(_SHOWN) is None else None


def outwards(frame: Frame | None, most: int) -> Iterator[Frame]:
    """Yield an element and those round it, from the innermost; so many of them at the most."""
    for _ in range(most):
        if frame is None:
            return
        yield frame
        frame = frame.parent


def holding(blocks: Iterable[Block]) -> dict[int, Frame]:
    """Return the elements round some blocks, by their order."""
    found: dict[int, Frame] = {}
    for block in blocks:
        one: Frame | None = block.frame
        while one is not None and one.order not in found:
            found[one.order] = one
            one = one.parent
    return found


def _folded(text: str) -> str:
    """Return text as a browser shows it: white space folded, a line end for each break (CSS Text 3, section 4.1)."""
    text = text.strip(_WHITE)
    if not text.isprintable():  # hence with line ends, tabs or breaks
        text = _SPACE.sub(" ", text)
        if _BREAK_MARK in text:
            text = _LINES.sub("\n", text).strip(" \n")
    elif "  " in text:
        text = _SPACE.sub(" ", text)
    return text


def _is_hidden(element: Element) -> bool:
    """Whether an element is not shown, until a script does it."""
    attr = element.attr
    style = attr("style")
    return (style is not None and NOT_SHOWN.search(style) is not None) or attr("hidden") is not None
