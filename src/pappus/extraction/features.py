"""What a block looks like, and the elements round it, in small whole numbers.

Nothing here knows a language but lists of words that publishers give to classes and ids. Sizes are counted in letters,
in such a way that a text in ideographs weighs as much as its translation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

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


_SIZES: Final = tuple(map(_size, range(_LONGEST + 1)))


class Row(NamedTuple):
    """What is known of one block: values as in ``BLOCK``, ``GROUP`` and ``KIND``, and sets of topics and zones as bits."""

    block: tuple[int, ...]
    group: tuple[int, ...]
    kind: tuple[int, ...]
    near: int  # topics of the two innermost elements
    far: int  # topics of all elements round it
    zone: int


class _Place:
    """What is known of a frame."""

    __slots__ = (
        "article",
        "core",
        "far",
        "furniture",
        "group",
        "home",
        "letters",
        "linked",
        "near",
        "outer",
        "outside",
        "own",
        "prose",
        "texts",
        "values",
        "zone",
    )

    group: _Place
    outer: _Place
    home: _Place
    article: _Place | None

    def __init__(self) -> None:
        self.texts = self.letters = self.linked = self.prose = 0
        self.own = self.near = self.far = self.zone = self.core = 0
        self.furniture = False  # or in some
        self.outside = False  # of all that may be an article
        self.values: tuple[int, ...] | None = None


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
        self.places = [_Place() for _ in reading.frames]
        self.kinds: dict[tuple[str, str], list[int]] = {}
        self.sizes: list[int] = []
        self.start = title_at(blocks, self.title)
        self._count()
        self._inherit()

    def _count(self) -> None:
        places, kinds = self.places, self.kinds
        wide = _is_wide(self.blocks)
        for block in self.blocks:
            letters = block.letters
            size = letters * 5 // 2 if wide else letters
            self.sizes.append(min(size, _LONGEST))
            frame = block.frame
            place = places[frame.order]
            place.texts += 1
            place.letters += letters
            place.linked += block.linked
            if size >= _PROSE and block.linked * 3 < letters and frame.tag not in HEADINGS:
                place.prose += letters
            key = (frame.tag, frame.names)
            kind = kinds.get(key)
            if kind is None:
                kinds[key] = [letters, block.linked, 1]
            else:
                kind[0] += letters
                kind[1] += block.linked
                kind[2] += 1
        for frame in reversed(self.frames):
            if frame.parent is not None:
                place, around = places[frame.order], places[frame.parent.order]
                around.texts += place.texts
                around.letters += place.letters
                around.linked += place.linked
                around.prose += place.prose
        self.total = places[0].prose

    def _cores(self) -> list[Frame]:
        """Return the innermost elements that hold these shares of the prose; each is in the one before, or it."""
        cores = [self.frames[0]] * len(_CORES)
        if self.total:
            most = [share * self.total for share in _CORES]
            least, places = most[-1], self.places
            for frame in self.frames:
                if (prose := places[frame.order].prose) >= least:
                    for index, share in enumerate(most):
                        if frame.parent is cores[index] and prose >= share:
                            cores[index] = frame
        return cores

    def _inherit(self) -> None:
        places, total = self.places, self.total
        cores = self._cores()
        self.depth = cores[1].depth
        homes = set()
        frame: Frame | None = self.blocks[self.start].frame if self.start >= 0 else None
        while frame is not None:
            homes.add(frame.order)
            frame = frame.parent
        self.homes = {id(places[order]) for order in homes}
        root = places[0]
        root.group = root.outer = root.home = root
        root.article = None
        for frame in self.frames:
            place = places[frame.order]
            around = places[frame.parent.order] if frame.parent is not None else root
            if around.outside or not place.texts:
                place.outside = True
                continue
            place.core = around.core + (frame is cores[0]) + (frame is cores[1]) + (frame is cores[2])
            if around is not place:
                place.group = place if place.texts > 1 else around.group
                place.outer = around if around.texts > place.texts else around.outer
            if not place.core and not place.prose and not place.outer.prose:
                place.outside = True
                continue
            own = topics(frame.names) if frame.names else 0
            if place.prose * 2 > total:
                own &= _BODY  # a page's classes speak of all that is in it
            else:
                place.furniture = around.furniture or says_furniture(frame)
            zone = _ZONE_OF.get(frame.tag, 0)
            if frame.role:
                zone |= _ZONE_OF.get(f"role={frame.role}", 0)
            place.own = own
            place.near = own | around.own
            place.far = own | around.far
            place.zone = zone | around.zone
            place.home = place if frame.order in homes else around.home
            place.article = place if frame.tag == "article" else around.article

    def _names_author(self, text: str) -> bool:
        words = fold(text)
        return any(name in words for name in self.authors)

    def _group(self, place: _Place) -> tuple[int, ...]:
        if place.values is None:
            total, outer = self.total, place.outer
            far = outer.outer
            place.values = (
                ratio(place.prose, total),
                ratio(place.linked, place.letters),
                size(place.texts),
                ratio(place.prose, place.letters),
                size(place.letters // place.texts),
                ratio(outer.prose, total),
                ratio(outer.linked, outer.letters),
                size(outer.texts),
                ratio(outer.prose, outer.letters),
                ratio(far.prose, total),
                ratio(far.linked, far.letters),
                ratio(far.prose, far.letters),
            )
        return place.values

    def rows(self) -> list[Row | None]:
        """Return all features."""
        blocks, start, count = self.blocks, self.start, len(self.blocks)
        looks = [
            (_SIZES[letters], ratio(block.linked, block.letters), _TAGS.get(block.frame.tag, _OTHER))
            for letters, block in zip(self.sizes, blocks, strict=True)
        ]
        times: dict[str, int] = {}
        for block in blocks:
            times[block.text] = times.get(block.text, 0) + 1
        looks += (_NONE, _NONE, _NONE)  # found at -1 too
        kinds = {
            key: (ratio(letters, self.places[0].letters), ratio(linked, letters), size(texts), size(letters // texts))
            for key, (letters, linked, texts) in self.kinds.items()
        }
        rows: list[Row | None] = []
        headed = ended = -99
        for index, block in enumerate(blocks):
            frame, text = block.frame, block.text
            place = self.places[frame.order]
            if place.outside:
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
            home, article = place.home, place.article
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
                max(0, min(frame.depth - self.depth + 1, 9)),
                place.core,
                min(frame.depth, 11) if start < 0 else 0,
                ratio(home.prose, self.total),
                size(home.texts),
                frame.hidden + frame.links,
                0 if article is None else 1 + (id(article) in self.homes),
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
            key = (frame.tag, frame.names)
            rows.append(Row(values, self._group(place.group), kinds[key], near, place.far, place.zone))
        return rows


def _is_wide(blocks: list[Block]) -> bool:
    """Whether a page is written in ideographs or syllables, of which a few say what a word does."""
    sample = "".join([block.text[:40] for block in blocks if block.letters > 30][:24])
    return sum(one > "\u2e7f" for one in sample) * 3 > len(sample)


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
