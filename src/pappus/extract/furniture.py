"""What is no article's, whatever stands round it: by the element, role or name that its publisher gave it, and by what it says.

The model that scores blocks weighs all this among much else. Here are the signs that stand alone: they decide on pages where nothing
else speaks, and about what stands right among paragraphs. What most of an article's text is in says nothing against it.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from pappus.extract.blocks import HEADINGS
from pappus.extract.phrases import AFTER, PITCH, SLOT, phrase

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from pappus.extract.blocks import Block, Frame, Reading

_LINE: Final = 80  # characters of a slot's words, or of a heading
_PITCH_LENGTH: Final = 300  # characters; a longer paragraph says more than to subscribe
_TAIL: Final = 8  # blocks at the end, among which readers are asked to subscribe
_REST: Final = 0.2  # of the text, that may come after the heading of what is no article
_MUCH: Final = 1 / 3  # of the text, that makes a kind of element the article's own
_SURE: Final = 0.95  # score from which a name alone is not believed
_LED_AWAY: Final = 0.95  # of a paragraph's letters in links, from which it offers another article
_OFTEN: Final = 3  # times that a heading stands on a page which heads nothing of the article

_ELEMENTS: Final = frozenset("aside button dialog fieldset form menu nav".split())
_ROLES: Final = frozenset("alert banner complementary contentinfo dialog form menu navigation search toolbar".split())
_NAMES: Final = re.compile(  # whole words of a class or id, sorted
    r"(?<![a-z0-9])(?:"
    r"ads?|advert\w*|also[-_]read|audio[-_]?player|author\w*|banner|bio|breadcrumbs?|button\w*|bylines?|call[-_]to[-_]action|comments?"
    r"|cookies?|copyright|dateline|dates|donat\w+|feedback|follow|login|meta|metadata|more[-_]?(?:from|on|stories)|most[-_]?(?:read|viewed)"
    r"|motto|nav|navigation|newsletters?|outbrain|pagination|popup|print|promo\w*|read[-_]?(?:also|more|next)|recirc\w*|recommend\w*"
    r"|registration|related\w*|share\w*|sharing|sign[-_]?up|site[-_](?:footer|header)|social\w*|sponsor\w*|sr[-_]only|subscri\w+|taboola"
    r"|taglist|tags?|teasers?|timestamp|toc|toolbar|tooltip|trending|visually[-_]hidden"
    r")(?![a-z0-9])"
)
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PITCH: Final = re.compile(
    r"(?:^|[.!?:]\s)\W*(?:please )?(?:subscribe (?:to|now|here|today)|sign up (?:for|now)"
    r"|become a (?:member|subscriber)|(?:join|follow) us (?:on|at)|support our (?:work|journalism)"
    r"|jetzt abonnieren|newsletter abonnieren|abonnez-vous|suscr[ií]b[ae](?:te|se)|assine (?:já|agora)"
    r"|inscreva-se|подп(?:исывайтесь|ишитесь) на)\b"
    r"|会員(?:限定|登録|向け)|続きを読む|有料記事|订阅我们|关注我们|扫码关注|訂閱我們|追蹤我們|اشترك في|عضو شوید"
)

Kind = tuple[str, str]  # tag and names: what a publisher's template gives to things that mean the same


def refuse(reading: Reading, said: Collection[str]) -> None:
    """Let go of kept blocks that are no part of an article.

    Args:
        reading: the page.
        said: the article's tags and authors, which may stand by themselves after its end.
    """
    kept = [block for block in reading.blocks if block.kept and block.kind == "text"]
    own = _own(kept)
    for block in kept:
        is_slot = len(block.text) <= _LINE and phrase(block.text) == SLOT
        is_teaser = block.frame.tag == "p" and block.links > 0 and block.linked >= _LED_AWAY * block.letters
        if is_slot or is_teaser or _is_furniture(block, own):
            block.kept = False
    _end(kept)
    _behead(reading.blocks)
    names = {name.casefold() for name in said}
    for block in [block for block in kept if block.kept][-_TAIL:]:
        if block.text.casefold() in names or (len(block.text) <= _PITCH_LENGTH and _is_pitch(block.text)):
            block.kept = False


def _is_pitch(text: str) -> bool:
    """Whether a text asks to subscribe, to register or to follow; in scripts without spaces its first signs tell."""
    return bool(_PITCH.search(text.lower())) or (" " not in text and phrase(text) == PITCH)


def _own(kept: Sequence[Block]) -> set[Kind]:
    """Return the kinds of elements that much of the text is in."""
    letters: Counter[Kind] = Counter()
    for block in kept:
        for kind in {(frame.tag, frame.names) for frame in _up(block)}:
            letters[kind] += block.letters
    least = _MUCH * sum(block.letters for block in kept)
    return {kind for kind, count in letters.items() if count >= least}


def _up(block: Block) -> list[Frame]:
    """Return the elements round a block, the innermost first."""
    found: list[Frame] = []
    frame: Frame | None = block.frame
    while frame is not None:
        found.append(frame)
        frame = frame.parent
    return found


def _is_furniture(block: Block, own: set[Kind]) -> bool:
    frames = [frame for frame in _up(block) if (frame.tag, frame.names) not in own]
    if any(frame.tag in _ELEMENTS or frame.role in _ROLES for frame in frames):
        return True
    return block.score < _SURE and any(frame.tag not in HEADINGS and _is_named(frame.names) for frame in frames)


@lru_cache(maxsize=4096)
def _is_named(names: str) -> bool:
    return bool(_NAMES.search(_HUMP.sub("-", names).lower()))


def _end(kept: Sequence[Block]) -> None:
    """Let go of all from the heading on after which nothing of the article follows."""
    most = _REST * sum(block.letters for block in kept)
    after = 0
    for place in range(len(kept) - 1, 0, -1):
        block = kept[place]
        after += block.letters
        if after > most:
            return
        if block.frame.tag in HEADINGS and len(block.text) <= _LINE and phrase(block.text) == AFTER:
            for one in kept[place:]:
                one.kept = False
            return


def _behead(blocks: Sequence[Block]) -> None:
    """Let go of headings that return and head nothing: what stood under them was let go."""
    headings = Counter(block.text for block in blocks if block.frame.tag in HEADINGS)
    for block, following in pairwise(blocks):
        if block.frame.tag in HEADINGS and headings[block.text] >= _OFTEN and not following.kept:
            block.kept = False
