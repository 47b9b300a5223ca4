"""Rules against the generic way: which blocks are kept where rules say something, and when rules are not believed.

A body that rules select is the region of the article: nothing outside it is kept, and within it what the generic way doubts is kept the
sooner, the less sure that is of the whole. But rules outlive the layout that they were made for, and then select a teaser, or strip the
text away. So where the generic way is sure of a text, and rules would leave little of it, they are not used; and where the two differ by
more than a little, that is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from turbohtml import Element, Text

from pappus.extraction.blocks import BLOCKS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from turbohtml import Node

    from pappus.extraction.blocks import Block, Reading
    from pappus.extraction.rules import Rules
    from pappus.extraction.rules.apply import Selection

_NOTHING: Final = 40  # letters; a body of fewer is none, but one that the operator selects for a source
_SURE: Final = 0.5  # confidence from which the generic way is held against rules
_TEXT: Final = 400  # letters of its text from which it is
_LEFT: Final = 0.3  # of these letters, that rules have to leave
# The score from which a block within the body is kept: the first where the generic way is this sure of the whole or less, the second where
# it is this sure or more, and between the two as it is between them. Of 147 pages with rules, these made the fewest worse.
_LOW: Final = (0.6, 0.05)
_HIGH: Final = (0.9, 0.45)
_DIFFERENT: Final = 0.02  # of the letters, from which it is told that rules and the generic way differ
_QUOTED: Final = 60  # characters of a text that is told of
_MEANT: Final = 0.1  # the same, where rules keep all of a body because the operator selects it


def overrule(reading: Reading, selection: Selection, rules: Rules, *, confidence: float) -> tuple[str, ...]:
    """Set which blocks are kept as rules want it, and return what an operator should know of these rules, in one clause each.

    Blocks that are kept because rules name their region get the highest score.

    Args:
        reading: the page, as the generic way scores it and keeps what it does.
        selection: what the rules select on the page.
        rules: the same rules.
        confidence: how sure the generic way is, from 0 to 1.
    """
    if not (selection.bodies or selection.stripped or selection.cut or rules.only):
        return ()
    generic = [block for block in reading.blocks if block.kept]
    region = _within(reading, selection.bodies)
    stripped = _within(reading, {*selection.stripped, *(one for one in selection.cut if isinstance(one, Element))})
    inside = [block for block in reading.blocks if block in region]
    body = inside if rules.whole else _kept(inside, _least(confidence))
    if not selection.bodies and not rules.only:
        body = generic
    held = generic if confidence >= _SURE and _letters(generic) >= _TEXT and not rules.only else []
    left = [one for one in body if one not in stripped]
    findings: list[str] = []
    enough = _Enough(held, 1 if rules.whole else _NOTHING)
    if not enough(left) and enough(body):
        findings.append(
            f"the rules' strips take {_letters(body) - _letters(left):,} of {_letters(body):,} letters: not used"
        )
        left = body
    elif not enough(left) and not rules.only:
        findings.append(_told(body, held))
        kept = [one for one in generic if one not in stripped]
        left = kept if enough(kept) else generic
    elif selection.bodies:
        findings += _differences(left, generic, _MEANT if rules.whole else _DIFFERENT)
        for block in left:
            block.score = 1.0
    taken = set(left)
    for block in reading.blocks:
        block.kept = block in taken
    broken = _cut(reading, selection.cut)
    if broken and not rules.whole:
        findings.append(
            f"the rules' strips take words out of the midst of {len(broken):,} lines, the first of them {broken[0].text[:_QUOTED]!r}"
        )
    return tuple(findings)


def _cut(reading: Reading, cut: Collection[Node]) -> list[Block]:
    """Take parts of lines, and pictures, out of the blocks that they are in, and out of the page's tree.

    Returns:
        The kept texts that have lost words between others.
    """
    if not cut:
        return []
    round_: set[Node] = set(cut)
    for node in cut:
        above = node.parent
        while isinstance(above, Element) and above.tag not in BLOCKS and above not in round_:
            round_.add(above)
            above = above.parent
    gone = set(cut)
    hurt = [one for one in reading.blocks if one.element in round_ or any(part in round_ for part in one.parts)]
    broken: list[Block] = []
    for node in cut:
        node.decompose()
    for block in hurt:
        block.parts = [part for part in block.parts if part not in gone]
        text = "".join(part.data if isinstance(part, Text) else part.text for part in block.parts)
        before, block.text = block.text, text.strip("\n") if block.frame.tag == "pre" else " ".join(text.split())
        block.kept &= bool(block.text) if block.kind == "text" else block.element not in gone
        if block.kept and not before.startswith(block.text) and not before.endswith(block.text):
            broken.append(block)
    return broken


class _Enough(NamedTuple):
    """Tells whether rules leave a text, and enough of the one that is held against them."""

    held: Collection[Block]
    least: int  # letters, where none is

    def __call__(self, chosen: list[Block]) -> bool:
        if self.held:
            return _common(chosen, self.held) >= _LEFT * _letters(self.held)
        return _letters(chosen) >= self.least


def _least(confidence: float) -> float:
    """Return the score from which a block within the body is kept."""
    (unsure, low), (sure, high) = _LOW, _HIGH
    return low + (high - low) * min(1.0, max(0.0, (confidence - unsure) / (sure - unsure)))


def _kept(inside: list[Block], least: float) -> list[Block]:
    """Return the blocks of a body that are kept: its texts by their score, its pictures beside a text that is kept."""
    texts = {one for one in inside if one.kind == "text" and (one.kept or one.score >= least)}
    last, beside = None, set(texts)
    waiting: list[Block] = []
    for one in inside:
        if one.kind == "media":
            waiting.append(one)
            continue
        if one in texts or last in texts:
            beside.update(waiting)
        waiting, last = [], one
    if last in texts:
        beside.update(waiting)
    return [one for one in inside if one in beside]


def _differences(left: list[Block], generic: list[Block], share: float) -> Iterator[str]:
    """Yield in what the text that rules choose differs from the one that is found without them, by more than this share."""
    common = _common(left, generic)
    ours, theirs = _letters(generic), _letters(left)
    if ours - common > share * ours:
        yield f"the rules' body leaves out {ours - common:,} of {ours:,} letters that are found without it"
    if theirs - common > share * theirs:
        yield f"{theirs - common:,} of {theirs:,} letters of the rules' body are not found without it"


def _told(body: Collection[Block], held: Collection[Block]) -> str:
    if held:
        return f"the rules' body has {_common(body, held):,} of {_letters(held):,} letters that are found without it: not used"
    return f"the rules' body has {_letters(body):,} letters: not used"


def _within(reading: Reading, elements: Collection[Element]) -> set[Block]:
    """Return the blocks within some elements."""
    chosen = set(elements)
    if not chosen:
        return set()
    inside: list[bool] = []
    for frame in reading.frames:
        inside.append(frame.element in chosen or (frame.parent is not None and inside[frame.parent.order]))
    return {one for one in reading.blocks if inside[one.frame.order] or one.element in chosen}


def _common(chosen: Iterable[Block], held: Collection[Block]) -> int:
    known = set(held)
    return _letters(one for one in chosen if one in known)


def _letters(blocks: Iterable[Block]) -> int:
    return sum(one.letters for one in blocks)
