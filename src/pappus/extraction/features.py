"""What a block looks like, and the elements round it, in small whole numbers.

Nothing here knows a language but lists of words that publishers give to classes and ids. Sizes are counted in letters,
in such a way that a text in ideographs weighs as much as its translation.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct
from turbohtml import Element

from pappus.extraction.blocks import HEADINGS
from pappus.extraction.phrases import AFTER, phrase
from pappus.extraction.topics import TOPICS, is_furniture, topics

if TYPE_CHECKING:
    from pappus.extraction.blocks import Block, Frame, Reading

# The features of a block itself and of its neighbours, each with how many values it has.
BLOCK: Final = {
    "size": 24,
    "link": 9,
    "tag": 26,
    "end": 5,
    "first": 8,
    "commas": 7,
    "shape": 9,
    "refrain": 5,
    "phrase": 9,
    "start": 32,
    "position": 16,
    "heads": 11,
    "since": 12,
    "depth": 10,
    "core": 4,
    "near": 12,
    "home": 9,
    "crowd": 24,
    "hidden": 3,
    "article": 3,
    "said": 3,
    "summary": 3,
    "author": 3,
    "comments": 3,
    "furniture": 2,
    "media": 4,
    "size-1": 25,
    "link-1": 10,
    "tag-1": 27,
    "size+1": 25,
    "link+1": 10,
    "tag+1": 27,
    "size+2": 25,
    "link+2": 10,
}
# Of the smallest element with other blocks in it, of the next larger one, and of the next.
GROUP: Final = {
    "share": 9,
    "linked": 9,
    "texts": 24,
    "prose": 9,
    "mean": 24,
    "outer share": 9,
    "outer linked": 9,
    "outer texts": 24,
    "outer prose": 9,
    "wide share": 9,
    "wide linked": 9,
    "wide prose": 9,
}
# Of all blocks with the same tag, class and id.
KIND: Final = {"kind share": 9, "kind linked": 9, "kind texts": 24, "kind mean": 24}
ZONES: Final = (
    "article aside blockquote button details dl figure footer form header li main nav ol section table ul".split()
)

_PROSE: Final = 80  # letters from which a text is taken for a sentence
_LONGEST: Final = 4_095
_PHRASE: Final = 240  # characters; a longer text is no phrase of a template
_CORES: Final = (0.8, 0.6, 0.4)  # shares of a page's prose that an element has whose inside is looked at
_KNOWN: Final = 80  # characters from which a text is known again
_SEEN: Final = 100  # of these with white space
_NAME: Final = 4  # letters of a name
_FURNITURE: Final = frozenset("aside button dialog fieldset form menu nav".split())
_ROLES: Final = frozenset("alert banner complementary contentinfo dialog form menu navigation search toolbar".split())
_COMMENT: Final = TOPICS.index("comment")
_NONE: Final = (-1, -1, -1)
_TELLING: Final = 10  # letters from which a text is known again in the title
_OPENING: Final = frozenset("\"“„«‘'「『—–-")

_TAGS: Final = {
    tag: index
    for index, tag in enumerate(
        (
            "div p h1 h2 h3 h4 h5 li td th dt dd figcaption blockquote pre section article header footer aside nav summary"
            " legend a span"
        ).split()
    )
} | {"caption": 12, "h6": 6, "main": 15, "body": 0}
_OTHER: Final = 25
_HEADS: Final = frozenset({3, 4, 5, 6})
_SHAPES: Final = {"a": 1, "b": 2, "em": 3, "i": 3, "label": 7, "small": 6, "span": 4, "strong": 2, "time": 5}
_ZONE: Final = {tag: 1 << index for index, tag in enumerate(ZONES)}
_ZONE_OF: Final = (
    _ZONE
    | {"dialog": _ZONE["form"], "fieldset": _ZONE["form"], "menu": _ZONE["nav"]}
    | {
        f"role={role}": _ZONE[tag]
        for role, tag in {
            "alert": "form",
            "article": "article",
            "banner": "header",
            "complementary": "aside",
            "contentinfo": "footer",
            "dialog": "form",
            "main": "main",
            "menu": "nav",
            "menubar": "nav",
            "navigation": "nav",
            "search": "form",
            "tablist": "nav",
            "toolbar": "nav",
        }.items()
    }
)
_ENDS: Final = (
    dict.fromkeys('.!?…。！？؟۔।။៕」』”"’)）»', 1)
    | dict.fromkeys(":：", 2)
    | dict.fromkeys(",;、，；،-–—|/›>", 3)
    | dict.fromkeys("0123456789", 4)
)
_BODY: Final = 1 << TOPICS.index("body")


def _size(letters: int) -> int:
    """Return two steps for each doubling: 0 to 23."""
    if letters < 2:
        return letters
    bits = letters.bit_length()
    return 2 * bits - 2 + (letters >> (bits - 2) & 1)


_WIDE: Final = re.compile("[^\u0000-\u2e7f]")
_SIZES: Final = tuple(map(_size, range(_LONGEST + 1)))


class Row(NamedTuple):
    """What is known of one block: values as in ``BLOCK``, ``GROUP`` and ``KIND``, and sets of topics and zones as bits."""

    block: tuple[int, ...]
    group: tuple[int, ...]
    kind: tuple[int, ...]
    near: int  # topics of the two innermost elements
    far: int  # topics of all elements round it
    zone: int


class _Place(Struct, gc=False):
    """What is known of an element with something in it that may be the article's; other elements stand here by their order."""

    group: int  # the smallest element of it and those round it that holds other blocks, too
    outer: int  # the smallest one round it that holds more blocks
    home: int  # the smallest one of it and those round it that holds the title
    article: int  # likewise of ``<article>``; -1 for none
    core: int  # how many of the cores it is in
    furniture: bool  # whether it, or one round it, says that it is none of the article
    own: int  # topics of its names
    near: int  # those of the one round it, too
    far: int  # those of all round it, too
    zone: int


_AROUND: Final = _Place(0, 0, 0, -1, 0, furniture=False, own=0, near=0, far=0, zone=0)  # the page


class Told(NamedTuple):
    """What a page's metadata tell of its article, as far as it is known."""

    title: str = ""  # the page's, with the site's name in it
    body: str = ""  # the article's text, as structured data have it
    summary: str = ""
    authors: tuple[str, ...] = ()


def measure(reading: Reading, told: Told) -> list[Row | None]:
    """Return the features of a page's blocks of text, in their order; None for those far from all prose."""
    blocks = [block for block in reading.blocks if block.kind == "text"]
    return _Page(reading, blocks, told).rows() if blocks else []


def title_at(blocks: list[Block], title: str) -> int:
    """Return which block of text is the title, -1 for none; ``title`` is folded and may have more in it."""
    heads = [place for place, block in enumerate(blocks) if block.frame.tag == "h1"]
    for place in heads:
        if fold(blocks[place].text) in title:
            return place
    if heads:
        return heads[0]
    for place, block in enumerate(blocks if title else ()):
        if block.letters >= _TELLING and fold(block.text) in title:
            return place
    return -1


class _Page:
    def __init__(self, reading: Reading, blocks: list[Block], told: Told) -> None:
        self.blocks = blocks
        self.frames = reading.frames
        self.media = {block.order for block in reading.blocks if block.kind == "media"}
        self.title = fold(told.title)
        self.body = fold(told.body)
        self.summary = fold(told.summary)[:_KNOWN]
        self.authors = tuple(name for one in told.authors if len(name := fold(one)) >= _NAME)
        self.start = title_at(blocks, self.title)
        self.texts, self.letters, self.linked, self.prose = ([0] * len(self.frames) for _ in range(4))  # in each frame
        self.kinds: dict[tuple[str, str], list[int]] = {}
        self.sizes: list[int] = []
        self._count()
        self.total = self.prose[0]
        self.homes = self._homes()
        self.groups: dict[int, tuple[int, ...]] = {}

    def _count(self) -> None:
        texts, letters, linked, prose, kinds = self.texts, self.letters, self.linked, self.prose, self.kinds
        wide = _is_wide(self.blocks)
        for block in self.blocks:
            own, own_linked, frame = block.letters, block.linked, block.frame
            size = own * 5 // 2 if wide else own
            self.sizes.append(min(size, _LONGEST))
            order, key = frame.order, (frame.tag, frame.names)
            texts[order] += 1
            letters[order] += own
            linked[order] += own_linked
            if size >= _PROSE and own_linked * 3 < own and frame.tag not in HEADINGS:
                prose[order] += own
            kind = kinds.get(key)
            if kind is None:
                kinds[key] = [own, own_linked, 1]
            else:
                kind[0] += own
                kind[1] += own_linked
                kind[2] += 1
        for frame in reversed(self.frames):
            order, around = frame.order, frame.parent
            if around is not None and texts[order]:
                outer = around.order
                texts[outer] += texts[order]
                letters[outer] += letters[order]
                linked[outer] += linked[order]
                prose[outer] += prose[order]

    def _cores(self) -> list[Frame]:
        """Return the innermost elements that hold these shares of the prose; each is in the one before, or it."""
        cores = [self.frames[0]] * len(_CORES)
        if self.total:
            most = [share * self.total for share in _CORES]
            least = most[-1]
            for frame, prose in zip(self.frames, self.prose, strict=True):
                if prose >= least:
                    for index, share in enumerate(most):
                        if frame.parent is cores[index] and prose >= share:
                            cores[index] = frame
        return cores

    def _homes(self) -> set[int]:
        """Return the orders of the elements that hold the title."""
        homes = set()
        frame: Frame | None = self.blocks[self.start].frame if self.start >= 0 else None
        while frame is not None:
            homes.add(frame.order)
            frame = frame.parent
        return homes

    def _places(self, cores: list[Frame]) -> list[_Place | None]:
        """Return what is known of each element; None where nothing in it may be the article's."""
        texts, prose, total, homes = self.texts, self.prose, self.total, self.homes
        places: list[_Place | None] = [None] * len(self.frames)
        for frame in self.frames:
            order = frame.order
            outer = frame.parent.order if frame.parent is not None else 0
            around = places[outer] if order else _AROUND
            if around is None or not texts[order]:
                continue
            core = around.core + (frame is cores[0]) + (frame is cores[1]) + (frame is cores[2])
            if texts[outer] <= texts[order]:
                outer = around.outer
            if not core and not prose[order] and not prose[outer]:
                continue
            own, furniture = topics(frame.names) if frame.names else 0, False
            if prose[order] * 2 > total:
                own &= _BODY  # a page's classes speak of all that is in it
            else:
                furniture = around.furniture or says_furniture(frame)
            zone = around.zone | _ZONE_OF.get(frame.tag, 0)
            if frame.role:
                zone |= _ZONE_OF.get(f"role={frame.role}", 0)
            places[order] = _Place(
                order if texts[order] > 1 else around.group,
                outer,
                order if order in homes else around.home,
                order if frame.tag == "article" else around.article,
                core,
                furniture,
                own,
                own | around.own,
                own | around.far,
                zone,
            )
        return places

    def _names_author(self, text: str) -> bool:
        words = fold(text)
        return any(name in words for name in self.authors)

    def _group(self, group: int, places: list[_Place | None]) -> tuple[int, ...]:
        values = self.groups.get(group)
        if values is None:
            total, texts, letters, linked, prose = self.total, self.texts, self.letters, self.linked, self.prose
            outer = _outer(places, group)
            far = _outer(places, outer)
            values = self.groups[group] = (
                ratio(prose[group], total),
                ratio(linked[group], letters[group]),
                size(texts[group]),
                ratio(prose[group], letters[group]),
                size(letters[group] // texts[group]),
                ratio(prose[outer], total),
                ratio(linked[outer], letters[outer]),
                size(texts[outer]),
                ratio(prose[outer], letters[outer]),
                ratio(prose[far], total),
                ratio(linked[far], letters[far]),
                ratio(prose[far], letters[far]),
            )
        return values

    def _kind(self, frame: Frame) -> tuple[int, ...]:
        letters, linked, texts = self.kinds[frame.tag, frame.names]
        return ratio(letters, self.letters[0]), ratio(linked, letters), size(texts), size(letters // texts)

    def rows(self) -> list[Row | None]:
        """Return all features."""
        blocks, start, count = self.blocks, self.start, len(self.blocks)
        cores = self._cores()
        places, depth = self._places(cores), cores[1].depth
        looks = [
            (_SIZES[letters], ratio(block.linked, block.letters), _TAGS.get(block.frame.tag, _OTHER))
            for letters, block in zip(self.sizes, blocks, strict=True)
        ]
        times = Counter([block.text for block in blocks])
        looks += (_NONE, _NONE, _NONE)  # found at -1 too
        rows: list[Row | None] = []
        headed = ended = -99
        for index, block in enumerate(blocks):
            frame, text = block.frame, block.text
            place = places[frame.order]
            if place is None:
                rows.append(None)
                continue
            look = looks[index]
            said = phrase(text) if len(text) < _PHRASE else 0
            before, after, later = looks[index - 1], looks[index + 1], looks[index + 2]
            near = place.near
            shape = 0
            if len(block.parts) == 1 and type(part := block.parts[0]) is Element:
                shape = _SHAPES.get(part.tag, 8)
                if names := part.attr("class"):
                    near |= topics(names)
            values = (
                *look,
                _ENDS.get(text[-1], 0),
                7 if look[0] > 7 and text.isupper() else _first(text[0]),
                _commas(text) if look[0] > 8 else 0,
                shape,
                min(times[text], 4),
                said,
                0 if start < 0 else 1 if index < start else min(index - start + 2, 31),
                16 * index // count,
                min(index - headed, 10),
                min(index - ended, 11),
                max(0, min(frame.depth - depth + 1, 9)),
                place.core,
                min(frame.depth, 11) if start < 0 else 0,
                ratio(self.prose[place.home], self.total),
                size(self.texts[place.home]),
                frame.hidden + frame.links,
                0 if place.article < 0 else 1 + (place.article in self.homes),
                0 if not self.body else 2 if block.letters > 12 and fold(text[:_KNOWN]) in self.body else 1,
                0 if not self.summary else 1 + is_same(fold(text[:_SEEN]), self.summary),
                0 if not self.authors else 1 + (len(text) < _PHRASE * 2 and self._names_author(text)),
                (near >> _COMMENT & 1) + (place.far >> _COMMENT & 1),
                place.furniture,
                ((block.order - 1) in self.media) + 2 * ((block.order + 1) in self.media),
                before[0] + 1,
                before[1] + 1,
                before[2] + 1,
                after[0] + 1,
                after[1] + 1,
                after[2] + 1,
                later[0] + 1,
                later[1] + 1,
            )
            if look[2] in _HEADS:
                headed = index
            if said == AFTER:
                ended = index
            group, kind = self._group(place.group, places), self._kind(frame)
            rows.append(Row(values, group, kind, near, place.far, place.zone))
        return rows


def _outer(places: list[_Place | None], order: int) -> int:
    """Return the smallest element round another that holds more blocks."""
    place = places[order]
    return place.outer if place is not None else 0


def _is_wide(blocks: list[Block]) -> bool:
    """Whether a page is written in ideographs or syllables, of which a few say what a word does."""
    sample = "".join([block.text[:40] for block in blocks if block.letters > 30][:24])
    return len(_WIDE.findall(sample)) * 3 > len(sample)


def size(count: int) -> int:
    """Return a number on a scale of two steps for each doubling, 0 to 22."""
    return _SIZES[count] if count <= _LONGEST else _SIZES[-1]


def ratio(part: int, whole: int) -> int:
    """Return a share in eighths."""
    return 8 * part // whole if whole else 0


def fold(text: str) -> str:
    """Return a text without white space, in lower case."""
    return "".join(text.lower().split())


def says_furniture(frame: Frame) -> bool:
    """Whether an element says that what is in it is no part of an article."""
    if frame.tag in _FURNITURE or frame.role in _ROLES:
        return True
    return frame.tag not in HEADINGS and bool(frame.names) and is_furniture(frame.names)


def is_same(text: str, summary: str) -> bool:
    """Whether a text begins as the summary does, both folded; one of them may be cut."""
    return len(text) > _NAME * 3 and (summary.startswith(text) or text.startswith(summary.rstrip(".…")))


def _commas(text: str) -> int:
    return min(text.count(",") + text.count("，") + text.count("、") + text.count("،"), 6)


def _first(one: str) -> int:
    if one.islower():
        return 1
    if one.isupper():
        return 2
    if one.isdigit():
        return 3
    if one in _OPENING:
        return 4
    return 5 if one.isalpha() else 6
