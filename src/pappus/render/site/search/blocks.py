"""A block: the terms of 64 articles, each with the articles that it stands in.

Articles are numbered by the store, so a block is a function of what the store holds now, whatever happened before. Blocks are what the
store keeps of the index; what readers load is put together from them.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections import defaultdict
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import quote

from msgspec import Struct

from pappus.render.site.search.cards import Card, card
from pappus.render.site.search.terms import FIRST, MANY, Terms, signs_of, terms, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pappus.model import Article

SIZE: Final = 64  # articles
CHANNEL: Final = "#"  # what terms begin with that no reader types: the channel of an article,
MONTH: Final = "@"  # and the month of its publication
TITLE: Final = "!"  # what stands behind an article that has the term in its title,
OFTEN: Final = "*"  # and behind one that has it more than once or twice
DENSE: Final = "~"  # what stands before articles that are bits, six a digit, for many are shorter so
DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"  # articles of a block
# Where one slice of the terms ends and the next begins, in their order: a large segment is put together slice by slice, so that it need
# not be in memory as a whole.
_CUTS: Final = (
    *"bcdefghiklmnoprstuvw",
    *"\u0400вдзкмнопрсту",
    "\u0600",
    "\u0627\u0644",  # the article, which is written with its word
    "\u0627\u0644\u0639",
    *"\u0628\u062a\u062d\u062f\u0633\u0639\u0641\u0643\u0644\u0645\u0646\u0647",
    *"\u0700\u0e2a\u1700",
    *"\u4e00\u5200\u5800\u5f00\u6700\u6e00\u7800\u8400\u8f00\ua000\uc000",
)
SLICES: Final = len(_CUTS) + 1
READ: Final = (
    1 << 17
)  # characters of an article's text that are looked at; 64 of the longest have to fit into a machine's memory
_DENSE: Final = 16  # articles of a block that are many
_BIT: Final = {digit: 1 << number for number, digit in enumerate(DIGITS)}
_SIXES: Final = range(0, SIZE, 6)
_TITLED: Final = re.compile(f".{TITLE}")
_AS_IT_IS: Final = "!'()*"  # in the name of a channel, as encodeURIComponent leaves it

_Term = TypeVar("_Term", str, int)


class Entry(Struct, frozen=True):
    """What an article is found by."""

    title: Terms
    text: Terms
    facets: tuple[str, ...]  # channels and month, as terms
    card: Card


def entry(article: Article, channels: Iterable[str]) -> Entry:
    """Return what an article is found by, and what is shown of it then.

    Args:
        article: one that stands.
        channels: names of those in which it does.
    """
    text = text_of(article.body)[:READ]
    caption = article.lead.caption if article.lead else ""
    said = "\n".join((article.subtitle, *article.authors, *article.tags, article.summary, caption, text))
    names = (CHANNEL + quote(channel, safe=_AS_IT_IS) for channel in channels)
    month = f"{MONTH}{article.published:%Y-%m}"
    return Entry(terms(article.title), terms(said), (*names, month), card(article, text))


def write(entries: Mapping[int, Entry]) -> list[str]:
    """Return the slices of a block: terms and the articles of each, in turn.

    Args:
        entries: by the number of the article in its block. One that is withdrawn is not there.
    """
    signs: defaultdict[int, str] = defaultdict(str)
    words: defaultdict[str, str] = defaultdict(str)
    for number, one in sorted(entries.items()):
        digit = DIGITS[number]
        _add(signs, digit, one.title.signs, one.text.signs)
        _add(words, digit, one.title.words, one.text.words)
        for facet in one.facets:
            words[facet] += digit
    numbers = array("I", sorted(signs))
    del numbers[: bisect_left(numbers, FIRST)]
    order = sorted(words)
    slices: list[list[str]] = [[] for _ in range(SLICES)]
    _share(slices, signs_of(numbers), map(signs.__getitem__, numbers))
    _share(slices, order, map(words.__getitem__, order))
    return list(map("|".join, slices))


def _share(slices: Sequence[list[str]], order: Sequence[str], found: Iterable[str]) -> None:
    """Put terms, which are in order, and the articles of each into the slices that they belong to."""
    packed = [_packed(some) if len(some) >= _DENSE else some for some in found]
    ends = [0, *(bisect_left(order, cut) for cut in _CUTS), len(order)]
    for one, (start, end) in zip(slices, pairwise(ends), strict=True):
        one.extend(chain.from_iterable(zip(order[start:end], packed[start:end], strict=True)))


def _add(index: defaultdict[_Term, str], digit: str, title: Mapping[_Term, int], text: Mapping[_Term, int]) -> None:
    often, marked = digit + OFTEN, digit + TITLE
    for term, times in text.items():
        index[term] += digit if times < MANY else often
    for term in title:
        index[term] += TITLE if term in text else marked


def _packed(found: str) -> str:
    """Return articles as bits, where they are many. A term so common says little, so it is no longer told where it stands often."""
    once = found.replace(OFTEN, "")
    numbers = once.replace(TITLE, "")
    if len(numbers) < _DENSE:
        return found
    bits = sum(map(_BIT.__getitem__, numbers))
    titled = "".join(_TITLED.findall(once)) if len(numbers) < len(once) else ""
    return DENSE + "".join([DIGITS[bits >> at & 63] for at in _SIXES]) + titled


def differences(before: Iterable[str], after: Iterable[str]) -> dict[str, str]:
    """Return the terms that have other articles in the slices of a block than before, and their articles now; "" for none."""
    old, new = (dict(chain.from_iterable(zip(*read(one), strict=True) for one in slices)) for slices in (before, after))
    changed = {term: found for term, found in new.items() if old.get(term) != found}
    return changed | dict.fromkeys(old.keys() - new.keys(), "")


def read(piece: str) -> tuple[list[str], list[str]]:
    """Return the terms of a slice, and the articles of each."""
    texts = piece.split("|") if piece else []
    return texts[::2], texts[1::2]
