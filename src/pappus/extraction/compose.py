"""The blocks of an article as markup of our subset, as faithful to the page as that allows.

An element is written when the first block in it is; headings get an outline that begins at two and skips no level; the
title is not said again. What comes out is not yet sanitised.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Final

from turbohtml import Element, Text

from pappus import markup
from pappus.extraction.blocks import BLOCKS, outwards
from pappus.extraction.figures import MOST
from pappus.extraction.inline import Writer, given, joined
from pappus.extraction.outline import HEADINGS, NAMES, Outline, is_pulled

if TYPE_CHECKING:
    from pappus.extraction.blocks import Block, Frame, Reading
    from pappus.extraction.figures import Figure, Figures

_TOP: Final = 2  # blocks in which a title is said again, with words before it or as a paragraph
_KICKER: Final = 40  # characters of those words
_TELLING: Final = 12  # characters from which a title is known at the end of a longer heading
_REPEATED: Final = 20  # letters of a sentence that is pulled out of the text; a shorter one may be said twice
_ROUND: Final = 8  # inline elements that are written round one piece of text
_PULLED: Final = 100  # sentences pulled out of a text; each is looked for in all of it
_NEAR: Final = 5  # elements round a block in which its figure is looked for
_STOPS: Final = frozenset(".!?:;…。！？：；।؟۔։።")  # that end a sentence; a kicker has none
_HOLDING: Final = frozenset("caption dd dt li td th".split())  # whose only paragraph is written without its own tags
_HEADED: Final = frozenset({"blockquote", "dd", "li"})  # in which a heading stays one
_GIVEN: Final = {
    "li": ("value",),
    "ol": ("start", "reversed"),
    "td": ("colspan", "rowspan"),
    "th": ("colspan", "rowspan", "scope"),
}
_BORDERS: Final = frozenset("article body main".split())
_NAMED: Final = frozenset({"div", "p"})
# What the press calls a heading between paragraphs, in names of elements; sorted.
_SUBHEADING: Final = re.compile(
    r"cross-?head|inter-?lin|inter-?t[ií]t|ladillo|mellan-?rubrik|mellem-?rubrik|mellom-?tit|sub-?head(?!er)"
    r"|tussen-?kop|v[aä]li-?otsikko|zwischen-?(?:t|ü|ue)|śródty|srodty",
    re.IGNORECASE,
)
_LINE: Final = 120  # characters of a heading that only its name tells
_SIZE: Final = re.compile(r"(?<![\w%])\d{2,4}(?!\w)")  # pixels, in an address
_NO_LETTER: Final = re.compile(r"[\W_]+")


def compose(reading: Reading, figures: Figures, title: str) -> str:
    """Return the kept blocks of a page as markup of our subset, not yet sanitised.

    Args:
        reading: the page; its blocks are left as they are.
        figures: of the same page.
        title: of the article, which the body does not repeat.
    """
    shown, said = _figures(reading, figures)
    kept = [one for one in reading.blocks if (one.kept or one.order in shown) and one.order not in said]
    kept = _once(_without_title(kept, title))
    writer = _Composer(Outline(reading, kept), figures.base)
    for block in kept:
        if block.kind == "text":
            writer.text(block)
        elif block.order in shown:
            writer.figure(shown[block.order], figures)
        elif block.element not in writer.spoken and figures.picture(block) is None:
            writer.words(figures.instead(block))
    return writer.whole()


def _figures(reading: Reading, figures: Figures) -> tuple[dict[int, Figure], set[int]]:
    """Return the figures of the kept blocks, by these, and the blocks that are written with them; each picture once."""
    shown: dict[int, Figure] = {}
    left = MOST
    said: set[int] = set()
    seen: dict[str, Figure] = {}
    told = {frame.order for block in reading.blocks if block.kept and (frame := _figure_round(block)) is not None}
    for block in reading.blocks:
        if block.kind == "text" or not left:
            continue
        if not block.kept and ((frame := _figure_round(block)) is None or frame.order not in told):
            continue
        if (figure := figures.of(block)) is None:
            continue
        left -= 1
        if any(one.order in said for one in figure.said):
            figure.words = figure.words.without(said)
        said.update(one.order for one in (*figure.said, *figure.words.spare))
        known = seen.setdefault(figure.key, figure)
        is_another = known is figure or (known.said and figure.said and known.words.text != figure.words.text)
        if is_another or block.frame.tag in {"td", "th"}:  # in a table the same sign has its meaning in each row
            shown[block.order] = figure
        else:
            said.add(block.order)
            if not known.said:  # shown small in the text, and large with its words
                known.words = figure.words
            known.image = figure.image if _is_larger(figure, known) else known.image  # blurred until a script is run
    return shown, said


def _is_larger(figure: Figure, known: Figure) -> bool:
    """Whether a picture is shown larger than before, as far as their addresses tell."""
    one, other = (max(map(int, _SIZE.findall(each.address)), default=0) for each in (figure, known))
    return one > other


def _figure_round(block: Block) -> Frame | None:
    """Return the ``<figure>`` that a block stands in: where its caption is kept, its picture is, too."""
    return next((one for one in outwards(block.frame, _NEAR) if one.tag == "figure"), None)


def _without_title(kept: list[Block], title: str) -> list[Block]:
    """Return blocks that do not say the title again, in any heading, or in a paragraph at the top.

    At the top a few words may stand before it, in its heading or above it.
    """
    same = _bare(title)
    if not same:
        return kept
    top = [block for block in kept if block.kind == "text"][:_TOP]
    dropped: set[int] = set()
    for block in kept:
        if block.kind != "text" or len(block.text) > len(title) * 2 + _KICKER:
            continue
        is_first, is_heading = block in top, _level(block) > 0
        words = _bare(block.text) if is_first or is_heading else ""
        is_kicked = len(same) >= _TELLING and words.endswith(same) and len(words) - len(same) <= _KICKER
        if words == same or (is_kicked and is_heading and is_first):
            dropped.add(block.order)
    if len(top) == _TOP and top[1].order in dropped and len(top[0].text) <= _KICKER and top[0].text[-1:] not in _STOPS:
        dropped.add(top[0].order)
    return [block for block in kept if block.order not in dropped]


def _bare(text: str) -> str:
    """Return the letters and digits of a text, in lower case."""
    return _NO_LETTER.sub("", text).casefold()


def _once(kept: list[Block]) -> list[Block]:
    """Return blocks without sentences that are pulled out of the text to be read twice, as their elements' names say."""
    known: dict[int, bool] = {}
    texts = [block for block in kept if block.kind == "text"]
    pulled = [block for block in texts if known.get(block.frame.order, True) and _is_pulled(block.frame, known)][
        :_PULLED
    ]
    if not pulled:
        return kept
    orders = {block.order for block in pulled}
    text = " ".join(_bare(block.text) for block in kept if block.order not in orders)
    again = {block.order for block in pulled if len(words := _bare(block.text)) >= _REPEATED and words in text}
    return [block for block in kept if block.order not in again]


def _is_pulled(frame: Frame, known: dict[int, bool]) -> bool:
    """Whether an element is, or stands in, a pulled quotation; what is found is kept in ``known``."""
    passed: list[int] = []
    found = False
    one: Frame | None = frame
    while one is not None and one.tag not in _BORDERS:
        if one.order in known:
            found = known[one.order]
            break
        passed.append(one.order)
        if is_pulled(one):
            found = True
            break
        one = one.parent
    known.update(dict.fromkeys(passed, found))
    return found


def _level(block: Block) -> int:
    """Return the level of the heading that a block is or stands in; 0 for none."""
    one: Frame | None = block.frame
    while one is not None:
        if one.tag in HEADINGS:
            return HEADINGS[one.tag]
        if one.role == "heading":
            level = one.element.attr("aria-level") or ""
            return int(level) if level in {"1", "2", "3", "4", "5", "6"} else 2
        if one.names and one.tag in _NAMED and _is_line(block.text) and _says_heading(one.names[:NAMES]):
            return 2
        if one.tag in BLOCKS and one.tag not in {"div", "hgroup"}:
            return 0
        one = one.parent
    return 0


@lru_cache(maxsize=1024)  # names are few on a page, and the same on a source's pages
def _says_heading(names: str) -> bool:
    return bool(_SUBHEADING.search(names))


def _is_line(text: str) -> bool:
    return len(text) <= _LINE and text[-1] not in ".;:,。；：，"


class _Open:
    """An element that is being written."""

    __slots__ = ("cell", "first", "frame", "leaves", "name")

    def __init__(self, frame: Frame, name: str) -> None:
        self.frame = frame
        self.name = name
        self.leaves = 0  # written directly in it
        self.first = -1  # the piece that opens the paragraph that is its first leaf
        self.cell = frame.order  # of a row: the last element that was looked at


class _Composer:
    """The state of the writing: the pieces so far, the open elements, and the open headings."""

    def __init__(self, outline: Outline, base: str) -> None:
        self._outline = outline
        self._base = base
        self._pieces: list[str] = []
        self._open: list[_Open] = []
        self._orders: set[int] = set()  # of the open ones
        self._levels: list[int] = []  # of the headings that the next one may stand under, as the page has them
        self._inherits: dict[int, tuple[str, str]] = {}
        self._outers: dict[int, tuple[Element, ...]] = {}
        self._inlines: dict[Element, tuple[Element, ...]] = {}
        self.spoken: set[Element] = set()  # images whose words stand in a sentence

    def whole(self) -> str:
        """Return all that was written."""
        while self._open:
            self._close()
        return "".join(self._pieces)

    def text(self, block: Block) -> None:
        """Write a paragraph, a heading, an item, a cell, or lines of code."""
        frame = block.frame
        holder = self._outline.around(frame)
        self._reach(holder)
        if holder is not None and self._outline.name(holder) == "pre":
            self._code(block)
            return
        inner = self._inner(block)
        if not inner:
            return
        level = _level(block) if holder is None or self._outline.name(holder) in _HEADED else 0
        if level:
            name = f"h{self._outlined(level)}"
            if self._open:
                self._settle(self._open[-1])
            self._pieces.append(f"<{name}{self._directed(frame)}>{inner}</{name}>")
            return
        self._leaf(inner, self._directed(frame), is_loose=frame is holder)

    def figure(self, figure: Figure, figures: Figures) -> None:
        """Write a picture or a player with its words."""
        holder = figure.words.holder
        frame = holder.parent if holder is not None and holder.parent is not None else figure.block.frame
        self._reach(self._outline.around(frame))
        if self._open:
            self._settle(self._open[-1])
        self._pieces.append(figures.written(figure))

    def words(self, text: str) -> None:
        """Write what is read in place of an image that cannot be shown."""
        if text:
            self._leaf(markup.escaped(text), "", is_loose=False)

    def _leaf(self, inner: str, attributes: str, *, is_loose: bool) -> None:
        """Write a paragraph; in an item or a cell the only one, and text that stands loose, has no tags of its own."""
        holder = self._open[-1] if self._open else None
        if holder is not None and holder.name in _HOLDING:
            self._settle(holder)
            if is_loose:
                self._pieces.append(inner if holder.leaves == 1 else f" {inner}")
                return
            if holder.leaves == 1 and not attributes:
                holder.first = len(self._pieces)
                self._pieces += ("", inner, "")
                return
        self._pieces.append(f"<p{attributes}>{inner}</p>")

    def _settle(self, holder: _Open) -> None:
        """Give the first paragraph of an element its tags, for it is not the only one."""
        holder.leaves += 1
        if holder.first >= 0:
            self._pieces[holder.first], self._pieces[holder.first + 2] = "<p>", "</p>"
            holder.first = -1

    def _code(self, block: Block) -> None:
        holder = self._open[-1]
        writer = Writer(self._base, verbatim=True)
        writer.write(block.parts)
        lines = writer.line().strip("\n") if holder.leaves == 0 else writer.line().rstrip("\n")
        self._pieces.append(lines if holder.leaves == 0 else f"\n{lines}")
        holder.leaves += 1

    def _inner(self, block: Block) -> str:
        """Return the content of a block, with the inline elements round all or parts of it."""
        parts, frame = block.parts, block.frame
        outer = self._outer(frame)
        if len(parts) == 1 and not outer and type(parts[0]) is Text and parts[0].parent is frame.element:
            return markup.escaped(joined(block.text, parts[0].data))
        writer = Writer(self._base)
        for around, group in groupby(parts, key=_parent):
            writer.write(group, self._inner_of(around))
        self.spoken.update(writer.said)
        return writer.enclosed(outer)

    def _outer(self, frame: Frame) -> tuple[Element, ...]:
        """Return the inline elements round the nearest element that is none, the outermost first."""
        while frame.tag not in BLOCKS and frame.parent is not None:
            frame = frame.parent
        passed: list[Frame] = []
        one: Frame | None = frame
        while one is not None and one is not self._outline.root and one.order not in self._outers:
            passed.append(one)
            one = one.parent
        found = self._outers.get(one.order, ()) if one is not None else ()
        for each in reversed(passed):
            found = found if each.tag in BLOCKS else _with(found, each.element)
            self._outers[each.order] = found
        return found

    def _inner_of(self, element: Element | None) -> tuple[Element, ...]:
        """Return the inline elements up to the nearest that is none, the outermost first."""
        passed: list[Element] = []
        one = element
        while one is not None and one.tag not in BLOCKS and one not in self._inlines:
            passed.append(one)
            one = _parent(one)
        found = self._inlines.get(one, ()) if one is not None else ()
        for each in reversed(passed):
            found = self._inlines[each] = _with(found, each)
        return found

    def _reach(self, holder: Frame | None) -> None:
        """Close and open elements until the innermost open one is the one given."""
        missing: list[Frame] = []
        while holder is not None and holder.order not in self._orders:
            missing.append(holder)
            holder = self._outline.around(holder.parent) if holder.parent is not None else None
        while self._open and self._open[-1].frame is not holder:
            self._close()
        for frame in reversed(missing):
            self._begin(frame)

    def _begin(self, frame: Frame) -> None:
        name = self._outline.name(frame)
        if self._open:
            if frame.tag in {"td", "th"}:
                self._empty_cells(self._open[-1], frame.order)
            elif self._open[-1].leaves == 1 and self._open[-1].first >= 0 and name not in {"ul", "ol"}:
                self._settle(self._open[-1])
        self._pieces.append(f"<{name}{given(frame.element, _GIVEN.get(name, ()))}{self._directed(frame)}>")
        self._open.append(_Open(frame, name))
        self._orders.add(frame.order)

    def _close(self) -> None:
        one = self._open.pop()
        self._orders.remove(one.frame.order)
        if one.name == "tr":
            self._empty_cells(one, None)
        self._pieces.append(f"</{one.name}>")

    def _empty_cells(self, row: _Open, until: int | None) -> None:
        """Write the cells of a row that nothing stands in, which keep the others in their columns."""
        if row.name != "tr":
            return
        for one in self._outline.inside(row.frame) if until is None or until > row.cell + 1 else ():
            if until is not None and one.order >= until:
                break
            if one.order > row.cell and one.parent is row.frame and one.tag in {"td", "th"}:
                self._pieces.append(f"<{one.tag}{given(one.element, _GIVEN[one.tag])}></{one.tag}>")
        row.cell = until if until is not None else row.cell

    def _outlined(self, level: int) -> int:
        """Return the level at which a heading is written: under the last one that the page has above it."""
        while self._levels and self._levels[-1] >= level:
            self._levels.pop()
        self._levels.append(level)
        return min(len(self._levels) + 1, 6)

    def _directed(self, frame: Frame) -> str:
        """Return direction and language of an element: its own, or those of elements round it that are not written."""
        own = frame.element
        language, direction = own.attr("lang"), own.attr("dir")
        around = frame.parent
        if around is not None and frame is not self._outline.root and not (language and direction):
            inherited = self._inherited(around)
            language, direction = language or inherited[0], direction or inherited[1]
        found = f' lang="{markup.quoted(language)}"' if language else ""
        return f'{found} dir="{markup.quoted(direction)}"' if direction else found

    def _inherited(self, frame: Frame) -> tuple[str, str]:
        """Return language and direction that the elements from one up to the next that is written give what is in them."""
        passed: list[Frame] = []
        one: Frame | None = frame
        while one is not None and one.order not in self._inherits:
            passed.append(one)
            one = one.parent
        found = self._inherits[one.order] if one is not None else ("", "")
        for each in reversed(passed):
            if each is self._outline.root or self._outline.name(each):
                found = "", ""
            else:
                own = each.element
                found = own.attr("lang") or found[0], own.attr("dir") or found[1]
            self._inherits[each.order] = found
        return found


def _parent(part: object) -> Element | None:
    around = getattr(part, "parent", None)
    return around if isinstance(around, Element) else None


def _with(around: tuple[Element, ...], element: Element) -> tuple[Element, ...]:
    """Return elements and one more inside of them, unless there is one like it: a page may have hundreds round each word."""
    if len(around) >= _ROUND or any(one.tag == element.tag for one in around):
        return around
    return (*around, element)
