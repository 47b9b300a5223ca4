"""The search of an edition, brought up to date with the store as a part of its build.

What changed is known by the block: its articles are read again, and where other terms stand in it than before, the shards of these
terms are put right. So an edition that was built step by step has the same bytes as one that is built at once.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pappus.model import BY_PUBLISHER
from pappus.render.site.search import INDEX, Contents, blocks, cards, file, path, text_in
from pappus.render.site.search.segments import Segment, bits, patch, runs, write

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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
        leave: takes the path of one that is needed no more, and whether it has to go at once.
        everything: write all of it anew.
    """

    def __init__(
        self,
        store: Store,
        edition: str,
        *,
        put: Callable[[Artifact], None],
        leave: Callable[[str, bool], None],
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
        self._forget = False  # whether what an article said may be in no former file either
        self._touched: set[int] = set()  # blocks that have to be read again
        self._changed: dict[int, Mapping[str, str]] = {}  # by block its terms that changed, and their articles now

    def add(self, ident: int, article: Article, channels: Sequence[str]) -> None:
        """Take an article that changed. In a first build they come in order, and no block has to be read again."""
        block, number = divmod(ident, blocks.SIZE)
        if block != self._open:
            self._open = block
            self._entries = {}
        self._touched.add(block)
        self._entries[ident] = _entry(article, channels)
        self._forget |= article.withdrawn not in {"", BY_PUBLISHER}
        if number == blocks.SIZE - 1 and len(self._entries) == min(ident, blocks.SIZE):  # ids begin at 1
            self._keep(block, self._entries)

    def finish(self) -> None:
        """Write what changed: segments, cards, and the file by which readers find them."""
        for block in sorted(self._touched):
            self._keep(block, self._whole(block))
        last = self._articles.last()
        before = {(first, end): bits for first, end, bits in self._kept.segments(self._edition)}
        segments = [self._segment(run, before) for run in runs(last // blocks.SIZE)] if last else []
        for (first, end), number in before.items():
            self._take_out(Segment(first, end, number), segments)
        for segment in segments:
            self._write(segment, new=segment.bits != before.get((segment.first, segment.last)))
        shown = [(one.first, one.last, one.bits) for one in segments]
        self._kept.has(self._edition, shown)
        self._put(file(INDEX, Contents(last, shown[::-1], self._articles.span())))

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
        if not self._everything:
            before = [self._slices(number, block, block) for number in range(blocks.SLICES + 1)]
            self._changed[block] = blocks.differences([text for one in before for text in one], slices)
        self._kept.put(self._edition, block, slices)

    def _slices(self, number: int, first: int, last: int) -> list[str]:
        return self._kept.slices(self._edition, number, first, last)

    def _segment(self, run: tuple[int, int], before: Mapping[tuple[int, int], int]) -> Segment:
        """Return the segment of a run of blocks; the number of its shards follows from what is in them."""
        first, last = run
        if run in before and not self._everything and not self._inside(*run):
            return Segment(first, last, before[run])
        size = sum(self._kept.size(self._edition, number, first, last) for number in range(blocks.SLICES))
        return Segment(first, last, bits(size))

    def _inside(self, first: int, last: int) -> list[int]:
        """Return the blocks of a run that changed."""
        return [block for block in sorted(self._changed) if first <= block <= last]

    def _take_out(self, segment: Segment, segments: Sequence[Segment]) -> None:
        if segment not in segments:
            for shard in segment.shards:
                self._leave(path(f"{segment.name}/{shard}"), self._forget)

    def _write(self, segment: Segment, *, new: bool) -> None:
        if new or self._everything or segment.first == segment.last:
            for name, text in write(segment, lambda number: self._slices(number, segment.first, segment.last)):
                self._put(file(f"{segment.name}/{name}", text))
            return
        for block in self._inside(segment.first, segment.last):
            self._patch(segment, block, self._changed[block])

    def _patch(self, segment: Segment, block: int, changed: Mapping[str, str]) -> None:
        """Put right the shards of the terms that have other articles in a block."""
        shards: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for term, found in changed.items():
            shards[segment.shard(term)][term] = found
        for name, terms in shards.items():
            full = f"{segment.name}/{name}"
            before = text_in(self._editions.body(self._edition, path(full)) or b"")
            self._put(file(full, patch(segment, before, block, terms)))


def _entry(article: Article, channels: Sequence[str]) -> Entry | None:
    return None if article.withdrawn else blocks.entry(article, channels)
