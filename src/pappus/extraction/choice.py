"""Which blocks of a page are its article.

A model says how likely each block is (``classifier.py``). What is kept is what makes the best text to be expected of these
likelihoods; then a few rules correct what a model cannot know: what the page itself calls furniture, words that a template
says again and again, headings that head what is kept.
"""

from __future__ import annotations

from collections import Counter
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Final

from turbohtml import Element

from pappus.extraction.blocks import HEADINGS, outwards
from pappus.extraction.classifier import model
from pappus.extraction.features import Told, fold, is_same, measure, says_furniture, title_at
from pappus.extraction.phrases import CREDIT, SLOT, asks, phrase, reserves

if TYPE_CHECKING:
    from pappus.extraction.blocks import Block, Frame, Reading

_LEAST: Final = 2  # letters that count for a block of none
_SURE: Final = 0.5  # likelihood from which a block is kept on any page
_REFRAIN: Final = 3  # times that a page says the same before it is taken for its template's words
_WORDS: Final = 4  # letters; shorter ones part sections, as stars do
_MUCH: Final = 1 / 3  # share of the kept text that makes a kind of element the article's own
_TEASER: Final = 0.95  # share of a paragraph in links, from which it offers another article
_TITLED: Final = 30  # letters of such a paragraph; fewer are a name
_PHRASE: Final = 240  # characters; a longer text is no phrase of a template
_TAIL: Final = (
    4  # blocks at the end, with no text after them, that may say whose text it is, or ask readers to subscribe
)
_GAP: Final = 3  # blocks between two that are kept; a list is one
_LITTLE: Final = 0.05  # likelihood under which a block is not the article's, wherever it stands
_HARMLESS: Final = frozenset({0, CREDIT})
_DEEP: Final = 64  # elements round a block that are looked at; real pages have half as many
_OWN: Final = 0.15  # share of the kept text that makes the title's article the only one
_UNDER: Final = 7  # blocks after the title, among which its standfirst may be
_NEAR: Final = 2  # blocks of text round a picture that decide whether it is the article's
_PRESSED: Final = 8  # elements before a hidden one, or in these, among which a button may open it
_FIGURES: Final = frozenset({"figure", "figcaption"})

Kind = tuple[str, str]  # tag and names: what a publisher's template gives to things that mean the same


def choose(
    reading: Reading, title: str = "", body: str = "", summary: str = "", authors: tuple[str, ...] = ()
) -> float:
    """Mark the blocks that are the article, and give each its score.

    Args:
        reading: the page; its blocks' ``score`` and ``kept`` are set.
        title: what the page's ``<title>`` says.
        body: the article's text as structured data have it.
        summary: its summary, likewise.
        authors: its authors' names, likewise.

    Returns:
        How sure this is, 0 to 1: the F1 to be expected of the text.
    """
    blocks = [block for block in reading.blocks if block.kind == "text"]
    rows = measure(reading, Told(title, body, summary, authors))
    for block, score in zip(blocks, model().scores(rows), strict=True):
        block.score = score
    sure = keep(reading, blocks)
    _keep_standfirst(blocks, fold(title), fold(summary))
    return sure


def keep(reading: Reading, blocks: list[Block]) -> float:
    """Mark the blocks that are the article, by the scores of the blocks of text; return how sure this is."""
    least, sure = _threshold(blocks)
    for block in blocks:
        block.kept = block.score >= least
    _adopt(blocks)
    _let_go(blocks)
    _let_others_go(blocks)
    _let_hidden_go(blocks)
    _keep_media(reading.blocks)
    return sure


def _threshold(blocks: list[Block]) -> tuple[float, float]:
    """Return the score from which blocks are kept so that the F1 to be expected is the best, and that F1."""
    scored = sorted([(block.score, block.letters + _LEAST) for block in blocks if block.score > 0], reverse=True)
    expected = sum([score * weight for score, weight in scored])
    best = right = kept = 0.0
    least = 1.0
    for score, weight in scored:
        right += score * weight
        kept += weight
        if 2 * right > best * (kept + expected):
            best, least = 2 * right / (kept + expected), score
    return least, best


def _let_go(blocks: list[Block]) -> None:
    """Let go of what a page says is furniture, of words of its template, and of what only leads elsewhere."""
    kept = [block for block in blocks if block.kept]
    own, once, times = _kinds(kept)
    known: dict[int, bool] = {}
    refrained = False  # whether what comes next is a refrain
    ended = False  # whether text follows that takes no leave
    for place in range(len(kept) - 1, -1, -1):
        block = kept[place]
        said = phrase(block.text) if len(block.text) < _PHRASE else 0
        if times[block.text] >= _REFRAIN and said != CREDIT:
            refrained = refrained if block.frame.tag in HEADINGS else _is_refrain(block, once)
        else:
            refrained = False
        is_parting = not ended and len(block.text) < _PHRASE and _is_parting(block.text)
        block.kept = not (
            refrained
            or said == SLOT
            or is_parting
            or (block.linked >= _TEASER * block.letters and block.letters >= _TITLED and block.frame.tag == "p")
            or _is_furniture(block.frame, own, known)
        )
        ended = ended or (block.kept and not said) or place <= len(kept) - _TAIL


def _kinds(kept: list[Block]) -> tuple[set[Kind], set[Kind], Counter[str]]:
    """Return the kinds of elements that hold much of the kept text, those round what is said once, and how often each text is."""
    times = Counter([block.text for block in kept])
    weights: Counter[Kind] = Counter()
    once: set[Kind] = set()
    beside: dict[int, list[Block]] = {}  # blocks whose elements stand in the same one
    for block in kept:
        outer = block.frame.parent
        beside.setdefault(outer.order if outer is not None else -1, []).append(block)
    for group in beside.values():
        around = {(frame.tag, frame.names) for frame in outwards(group[0].frame.parent, _DEEP)}
        letters = 0
        for block in group:
            letters += block.letters
            kind = (block.frame.tag, block.frame.names)
            if kind not in around:
                weights[kind] += block.letters
            if times[block.text] < _REFRAIN:
                once.add(kind)
        for kind in around:
            weights[kind] += letters
        if any(times[block.text] < _REFRAIN for block in group):
            once |= around
    much = _MUCH * sum([block.letters for block in kept])
    return {kind for kind, weight in weights.items() if weight >= much}, once, times


def _is_parting(text: str) -> bool:
    """Whether a text takes leave of its readers."""
    return asks(text) or reserves(text)


def _is_refrain(block: Block, once: set[Kind]) -> bool:
    """Whether what is said again and again is a template's word, not its author's: songs have refrains, too.

    It is in elements with a name that nothing else of the text has, or in links.
    """
    if block.letters < _WORDS:
        return False
    named = any(frame.names and (frame.tag, frame.names) not in once for frame in outwards(block.frame, _DEEP))
    return named or block.linked * 2 >= block.letters


def _is_furniture(frame: Frame, own: set[Kind], known: dict[int, bool]) -> bool:
    """Whether an element or one round it says that it is none of the article, but for the article's own kinds."""
    passed: list[int] = []
    found = False
    for one in outwards(frame, _DEEP):
        if one.order in known:
            found = known[one.order]
            break
        passed.append(one.order)
        if (one.tag, one.names) not in own and says_furniture(one):
            found = True
            break
    known.update(dict.fromkeys(passed, found))
    return found


def _adopt(blocks: list[Block]) -> None:
    """Keep what little stands between two kept blocks in the same element: short headings, answers, lists."""
    last = -1
    for place, block in enumerate(blocks):
        if not block.kept:
            continue
        gap = blocks[last + 1 : place] if last >= 0 and blocks[last].frame.parent is block.frame.parent else []
        if (
            gap
            and len({_outer(one, block).order for one in gap}) <= _GAP
            and all(_is_at_home(one, block) for one in gap)
        ):
            for one in gap:
                one.kept = True
        last = place


def _is_at_home(block: Block, kept: Block) -> bool:
    """Whether a block that was not kept may still be of the text that it stands in, as a kept one does."""
    return (
        _outer(block, kept).parent is kept.frame.parent
        and block.score > _LITTLE
        and block.linked * 2 < block.letters
        and (len(block.text) >= _PHRASE or phrase(block.text) in _HARMLESS)
    )


def _outer(block: Block, kept: Block) -> Frame:
    """Return the element of a block; of an item of a list that a kept block is not in, the list."""
    around = block.frame.parent if block.frame.tag == "li" else None
    return block.frame if around is None or around is kept.frame.parent else around


def _let_others_go(blocks: list[Block]) -> None:
    """Let go of other articles, where the one with the title has text of its own; entries of a live blog are inside it."""
    title = next((block for block in blocks if block.frame.tag == "h1"), None)
    own = title and _article(title.frame)
    if own is None:
        return
    kept = [(block, _article(block.frame)) for block in blocks if block.kept]
    letters = sum(block.letters for block, article in kept if article is own)
    if letters >= _OWN * sum(block.letters for block, _ in kept):
        for block, article in kept:
            block.kept = article is own or article is None


def _let_hidden_go(blocks: list[Block]) -> None:
    """Let go of what the page does not show and readers cannot open, unless that is most of the text: scripts would show it."""
    kept = [block for block in blocks if block.kept]
    hidden = [block for block in kept if block.frame.hidden and not _opens(block.frame)]
    if 2 * sum(block.letters for block in hidden) < sum(block.letters for block in kept):
        for block in hidden:
            block.kept = False


def _opens(frame: Frame) -> bool:
    """Whether what is hidden stands under something to be pressed that says of itself that it opens it."""
    *_, outermost = takewhile(lambda one: one.hidden, outwards(frame, _DEEP))
    before = islice(outermost.element.previous_siblings, _PRESSED)
    header = next((one for one in before if isinstance(one, Element)), None)
    pressed = islice(header.iter_elements(include_self=True), _PRESSED) if header is not None else ()
    return any(one.attr("aria-expanded") is not None for one in pressed)


def _article(frame: Frame) -> Frame | None:
    """Return the outermost article round a frame."""
    return next((one for one in reversed(list(outwards(frame, _DEEP))) if one.tag == "article"), None)


def _keep_standfirst(blocks: list[Block], title: str, summary: str) -> None:
    """Keep the page's own summary where it stands under the title: an article begins with it, whatever it is in."""
    first = title_at(blocks, title) + 1
    if first and summary:
        for block in blocks[first : first + _UNDER]:
            block.kept = block.kept or is_same(fold(block.text), summary)


def _keep_media(blocks: list[Block]) -> None:
    """Keep pictures and players that stand between kept blocks."""
    texts: list[bool] = []
    media: list[tuple[int, Block]] = []
    for block in blocks:
        if block.kind == "media":
            media.append((len(texts), block))
        elif not _is_caption(block.frame):
            texts.append(block.kept)
    for place, block in media:
        block.kept = sum(texts[max(0, place - _NEAR) : place + _NEAR]) >= _NEAR


def _is_caption(frame: Frame) -> bool:
    return frame.tag in _FIGURES or (frame.parent is not None and frame.parent.tag in _FIGURES)
