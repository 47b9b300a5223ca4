"""A block: the terms of 64 articles, each with the articles that it stands in.

Articles are numbered by the store, so a block is a function of what the store holds now, whatever happened before. Blocks are what the
store keeps of the index; what readers load is put together from them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import quote

from msgspec import Struct

from pappus.render.site.search.cards import Card, card
from pappus.render.site.search.terms import GAP, MANY, Terms, signs_of, terms, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pappus.model import Article

SIZE: Final = 64  # articles
SLICES: Final = 8  # pieces in which a block is kept, so that a large segment need not be in memory as a whole
PARTS: Final = 8  # of a slice
SPREAD: Final = 8  # shards on which words with the same beginning lie
CHANNEL: Final = "#"  # what terms begin with that no reader types: the channel of an article,
MONTH: Final = "@"  # and the month of its publication
TITLE: Final = "!"  # what stands behind an article that has the term in its title,
OFTEN: Final = "*"  # and behind one that has it more than once or twice
DENSE: Final = "~"  # what stands before articles that are bits, six a digit, for many are shorter so
_DENSE: Final = 16  # articles of a block that are many
DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"  # articles of a block
_HEAD: Final = 3  # letters that the terms of one place have in common,
_SIGNS: Final = "\u2e80"  # but of terms from here on one sign
_MASK: Final = (1 << 24) - 1
_WHOLE: Final = SLICES * PARTS * SPREAD
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
    text = text_of(article.body)
    caption = article.lead.caption if article.lead else ""
    said = "\n".join((article.subtitle, *article.authors, *article.tags, article.summary, caption, text))
    names = (CHANNEL + quote(channel, safe=_AS_IT_IS) for channel in channels)
    month = f"{MONTH}{article.published:%Y-%m}"
    return Entry(terms(article.title), terms(said), (*names, month), card(article, text))


def head(term: str) -> str:
    """Return the beginning by which a term is placed: all that a reader may be typing have theirs in common."""
    return term[:1] if term >= _SIGNS else term[:_HEAD]


def place(start: str, rest: str) -> int:
    """Return the place of a term, by its head and the rest: the last bits of it are the number of its shard.

    Words that begin alike are on SPREAD shards side by side, for somebody may be typing them. Signs that begin many terms are on many.
    Single signs, which are common and seldom asked for, are on shards of their own.
    The bits above the last three, as many as there are parts in all slices, follow from the head alone.
    """
    follows = ord(rest[0]) if rest else 0
    side = follows % (SPREAD - 1) + 1 if rest else 0
    if start < _SIGNS:
        return _hashed(start) * SPREAD + side
    first = ord(start)
    mixed = (first * 7919 + follows * 104_729) // 128 % 0x8000
    return mixed * _WHOLE + first % (SLICES * PARTS) * SPREAD + side


def _hashed(text: str) -> int:
    """Return a number that is the same everywhere."""
    found = 0
    for sign in text:
        found = (found * 31 + ord(sign)) & _MASK
    return found


class _Places(dict[str, "Callable[[str], None]"]):
    """What adds to lists of terms and their articles, by the terms' heads; those whose heads are in the same part have one list."""

    def __init__(self) -> None:
        self.lists: list[list[str]] = [[] for _ in range(SLICES * PARTS)]

    def __missing__(self, name: str) -> Callable[[str], None]:
        add = self[name] = self.lists[place(name, "") // SPREAD % (SLICES * PARTS)].append
        return add


def write(entries: Mapping[int, Entry]) -> list[str]:
    """Return the slices of a block, and last that of the facets: each its parts, a line each, terms and articles in turn.

    Args:
        entries: by the number of the article in its block. One that is withdrawn is not there.
    """
    signs: defaultdict[int, str] = defaultdict(str)
    words: defaultdict[str, str] = defaultdict(str)
    facets: defaultdict[str, str] = defaultdict(str)
    for number, one in sorted(entries.items()):
        digit = DIGITS[number]
        _add(signs, digit, one.title.signs, one.text.signs)
        _add(words, digit, one.title.words, one.text.words)
        for facet in one.facets:
            facets[facet] += digit
    places = _Places()
    for term, found in zip(signs_of(signs), signs.values(), strict=True):
        if GAP not in term:
            add = places[term[0]]
            add(term)
            add(_packed(found) if len(found) >= _DENSE else found)
    for term, found in words.items():
        add = places[term[:1] if term >= _SIGNS else term[:_HEAD]]
        add(term)
        add(_packed(found) if len(found) >= _DENSE else found)
    lines = ["|".join(one) for one in places.lists]
    slices = ["\n".join(lines[number::SLICES]) for number in range(SLICES)]
    packed = ((facet, _packed(found)) for facet, found in sorted(facets.items()))
    return [*slices, "|".join(chain.from_iterable(packed))]


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
    old, new = (
        dict(chain.from_iterable(read(part) for text in one for part in text.split("\n"))) for one in (before, after)
    )
    changed = {term: found for term, found in new.items() if old.get(term) != found}
    return changed | dict.fromkeys(old.keys() - new.keys(), "")


def read(part: str) -> Iterator[tuple[str, str]]:
    """Yield the terms of a part, and the articles of each."""
    texts = iter(part.split("|"))
    return zip(texts, texts, strict=False) if part else iter(())
