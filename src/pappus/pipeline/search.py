"""The search of an edition, brought up to date with the store as a part of its build.

What changed is known by the block: its articles are read again, and where other terms stand in it than before, the leaves of these
terms are put right. So an edition that was built step by step has the same bytes as one that is built at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pappus.layout import SEARCH
from pappus.render.site.search import INDEX, SIGNS, Contents, Tree, blocks, cards, content, file, path
from pappus.render.site.search.segments import Segment, levels, patch, runs, write
from pappus.render.site.search.terms import SIMPLIFIED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from pappus.model import Article, Artifact
    from pappus.render.site.search.blocks import Entry
    from pappus.store import Store

_Entries = dict[int, "Entry | None"]  # by row id; None: it does not stand


class Index:
    """The index of an edition's words, during a build.

    Args:
        store: where articles and blocks are.
        edition: its name.
        put: takes a file of the edition.
        leave: takes the path of one that is needed no more.
        everything: write all of it anew.
    """

    def __init__(
        self,
        store: Store,
        edition: str,
        *,
        put: Callable[[Artifact], None],
        leave: Callable[[str], None],
        everything: bool,
    ) -> None:
        self._articles = store.articles
        self._editions = store.editions
        self._kept = store.search
        self._edition = edition
        self._put = put
        self._leave = leave
        self._everything = everything
        self._open = -1  # block of which entries are gathered
        self._entries: _Entries = {}
        self._touched: set[int] = set()  # blocks that have to be read again
        self._last = self._articles.last()
        self._segments = runs(self._last // blocks.SIZE) if self._last else []
        self._before = self._trees()
        # By block of a segment that stays, its terms that changed, and their articles now. New segments are put together from their blocks.
        self._changed: dict[int, Mapping[str, str]] = {}

    def add(self, ident: int, article: Article, channels: Sequence[str]) -> None:
        """Take an article that changed. In a first build they come in order, and no block has to be read again."""
        block, number = divmod(ident, blocks.SIZE)
        if block != self._open:
            self._open = block
            self._entries = {}
        self._touched.add(block)
        self._entries[ident] = _entry(article, channels)
        if number == blocks.SIZE - 1 and len(self._entries) == min(ident, blocks.SIZE):  # ids begin at 1
            self._keep(block, self._entries)

    def finish(self) -> None:
        """Write what changed: segments, cards, and the file by which readers find them."""
        for block in sorted(self._touched):
            self._keep(block, self._whole(block))
        trees = [self._tree(segment) for segment in self._segments]
        self._put(file(INDEX, Contents(self._last, tuple(trees[::-1]), self._articles.span())))
        self._put(file(SIGNS, SIMPLIFIED))
        for folder in self._folders() - {segment.name for segment in self._segments}:
            self._leave_others(folder, frozenset())

    def _folders(self) -> set[str]:
        """Return the folders in which segments were."""
        if not self._everything:
            return {segment.name for segment in self._before}
        places = (one.removeprefix(SEARCH) for one in self._editions.within(self._edition, SEARCH))
        return {one.split("/")[0] for one in places if "/" in one} - {cards.CARDS}

    def _trees(self) -> dict[Segment, Tree]:
        """Return the segments as they were; none where all is written anew."""
        if self._everything or not self._editions.digest(self._edition, path(INDEX)):
            return {}
        trees = content(self._body(INDEX), Contents).segments
        return {Segment(tree.first, tree.last): tree for tree in trees}

    def _whole(self, block: int) -> _Entries:
        """Return the entries of a block."""
        known = self._entries if block == self._open else {}
        first = block * blocks.SIZE
        return {
            ident: known[ident] if ident in known else _entry(article, self._articles.channels(ident))
            for ident, article in self._articles.between(first, first + blocks.SIZE - 1)
        }

    def _keep(self, block: int, entries: _Entries) -> None:
        """Write the cards of a block, and keep its terms."""
        self._touched.discard(block)
        first = block * blocks.SIZE
        for start in range(first, max(entries) + 1, cards.GROUP):
            group = (entries.get(ident) for ident in range(start, start + cards.GROUP))
            self._put(file(cards.name(start // cards.GROUP), [one and one.card for one in group]))
        slices = blocks.write({ident - first: one for ident, one in entries.items() if one})
        if block == self._segments[-1].first:  # nearly all leaves of so small a segment change: it is written anew
            self._before.pop(self._segments[-1], None)
        elif any(one.first <= block <= one.last for one in self._segments if one in self._before):
            before = [self._slices(number, block, block) for number in range(blocks.SLICES)]
            self._changed[block] = blocks.differences([text for one in before for text in one], slices)
        self._kept.put(self._edition, block, slices)

    def _slices(self, number: int, first: int, last: int) -> Iterator[str]:
        return self._kept.slices(self._edition, number, first, last)

    def _body(self, name: str) -> bytes:
        return self._editions.body(self._edition, path(name)) or b""

    def _tree(self, segment: Segment) -> Tree:
        """Write what changed in a segment. Returns where in it to begin."""
        changes = {
            block: terms for block, terms in self._changed.items() if segment.first <= block <= segment.last and terms
        }
        if segment not in self._before:
            firsts = []
            for first, text in write(segment, lambda number: self._slices(number, segment.first, segment.last)):
                firsts.append(first)
                self._put(file(segment.file(0, first), text))
        elif changes:
            firsts, leaves = patch(
                segment,
                self._firsts(segment, self._before[segment]),
                lambda first: content(self._body(segment.file(0, first)), str),
                changes,
            )
            for first, text in leaves:
                self._put(file(segment.file(0, first), text))
        else:
            return self._before[segment]
        *pages, [top] = levels(firsts)
        needed = {path(segment.file(0, first)) for first in firsts}
        for level, some in enumerate(pages, 1):
            for page in some:
                artifact = file(segment.file(level, page[0]), page)
                needed.add(artifact.entry.path)
                self._put(artifact)
        self._leave_others(segment.name, needed)
        return Tree(segment.first, segment.last, len(pages), tuple(top))

    def _leave_others(self, folder: str, needed: AbstractSet[str]) -> None:
        """Have all leave that is in the folder of a segment and not needed."""
        for one in self._editions.within(self._edition, f"{SEARCH}{folder}/"):
            if one not in needed:
                self._leave(one)

    def _firsts(self, segment: Segment, tree: Tree) -> list[str]:
        """Return the first terms of the leaves of a segment as it was."""
        terms = list(tree.terms)
        for level in range(tree.level, 0, -1):
            terms = [term for first in terms for term in content(self._body(segment.file(level, first)), list[str])]
        return terms


def _entry(article: Article, channels: Sequence[str]) -> Entry | None:
    return None if article.withdrawn else blocks.entry(article, channels)
