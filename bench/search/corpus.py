"""Articles to search, and queries whose answers are known: real pages where they are at hand, and texts made from a seed.

What is made has the statistics that matter to an index: words by Zipf's law from large lexicons, so that there are common ones and rare
ones, Chinese without spaces, Persian with joiners, and names that few articles have.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

Language = Literal["zh", "en", "fa"]
START: Final = datetime(2020, 1, 1, tzinfo=UTC)
CHANNELS: Final = ("politics", "economy", "culture", "world", "science")
RARE: Final = 30  # articles that may have what is asked for, so that every answer can be looked at
_LANGUAGES: Final[Sequence[Language]] = ("zh", "zh", "zh", "en", "zh", "zh", "fa", "zh", "en", "zh")
_WORDS: Final = 40_000  # of a lexicon
_MOST_FOR_WORDS: Final = 200_000  # articles
_PEOPLE: Final = 3000  # that an era speaks of
_AN_ERA: Final = 50_000  # articles
_REAL: Final = ("fundus", "magic", "wcxb")  # files of pages with their texts
_LONGEST: Final = 6_000  # characters of a real page that are taken
_WORD: Final = re.compile(r"[^\W_]+(?:\u200c[^\W_]+)*")


class Item(Struct, frozen=True):
    """An article."""

    number: int
    language: Language
    title: str
    paragraphs: tuple[str, ...]

    @property
    def channel(self) -> str:
        """The name of the channel in which it stands."""
        return CHANNELS[self.number % len(CHANNELS)]

    @property
    def published(self) -> datetime:
        """When it was published: one every hour."""
        return START + timedelta(hours=self.number)

    @property
    def text(self) -> str:
        """All that it says."""
        return "\n".join((self.title, *self.paragraphs))


class Query(Struct, frozen=True):
    """Words, and the numbers of the articles that have them."""

    kind: str
    words: str
    answers: frozenset[int]


def articles(count: int, data: Path | None) -> Iterator[Item]:
    """Yield so many articles: first those of real pages, if their folder is given."""
    number = 0
    for text in _real(data) if data else ():
        if number == count:
            return
        title, *paragraphs = text[:_LONGEST].split("\n")
        language: Language = "zh" if re.search("[\u4e00-\u9fff]{4}", text) else "fa" if "\u06cc" in text else "en"
        yield Item(number, language, title[:120], tuple(paragraphs) or (title,))
        number += 1
    for made in range(number, count):
        yield _made(made)


def _real(data: Path) -> Iterator[str]:
    for name in _REAL:
        with gzip.open(data / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                text = json.loads(line)["gold"].get("text") or ""
                if len(text) > 200:
                    yield text.strip()


def _made(number: int) -> Item:
    source = random.Random(f"article {number}")
    language = _LANGUAGES[number % len(_LANGUAGES)]
    words, weights = _lexicon(language)
    gap, stop, length = {"zh": ("", "。", 400), "en": (" ", ". ", 350), "fa": (" ", ". ", 350)}[language]
    spoken = source.choices(words, cum_weights=weights, k=length)
    spoken[source.randrange(length)] = name(language, _person(source, number))
    sentences = [gap.join(spoken[start : start + 14]) for start in range(0, length, 14)]
    paragraphs = tuple(stop.join(sentences[start : start + 5]) + stop for start in range(0, len(sentences), 5))
    return Item(number, language, gap.join(source.choices(words, cum_weights=weights, k=8)), paragraphs)


def _person(source: random.Random, number: int) -> int:
    """Return whom an article speaks of: news is about the people of its time."""
    return number // _AN_ERA * _PEOPLE + source.randrange(_PEOPLE)


@cache
def _lexicon(language: Language) -> tuple[Sequence[str], Sequence[float]]:
    """Return words, the most common first, and their running weights."""
    source = random.Random(f"lexicon {language}")
    make = _MAKERS[language]
    words = list(dict.fromkeys(make(source) for _ in range(_WORDS)))
    return words, list(accumulate(1 / (rank + 3) for rank in range(len(words))))


def name(language: Language, number: int) -> str:
    """Return the name of a person, of whom one article in some hundreds speaks."""
    source = random.Random(f"name {language} {number}")
    if language == "zh":
        return "".join(_sign(source, 4000) for _ in range(source.choice((2, 3, 3, 4))))
    return f"{_MAKERS[language](source)} {_MAKERS[language](source)}".title()


def _sign(source: random.Random, most: int = 2500) -> str:
    """Return a sign of Chinese; the first of an order of our own are the most common."""
    rank = int(most ** source.random() * 1.0)
    return chr(0x4E00 + rank * 4099 % 20_900)


def _chinese(source: random.Random) -> str:
    return "".join(_sign(source) for _ in range(source.choice((1, 2, 2, 2, 2, 3, 4))))


def _latin(source: random.Random) -> str:
    syllables = [
        one + two for one in "b c d f g h l m n p r s t v st tr pl".split() for two in "a e i o u ea ou".split()
    ]
    return "".join(source.choices(syllables, k=source.choice((1, 2, 2, 3, 3, 4)))) + source.choice(
        ("", "n", "r", "s", "t")
    )


def _persian(source: random.Random) -> str:
    word = "".join(source.choices("ابپتجچخدرزسشفقکگلمنوهی", k=source.randint(2, 7)))
    return f"می\u200c{word}" if source.random() < 0.1 else word


_MAKERS: Final[Mapping[Language, Callable[[random.Random], str]]] = {"zh": _chinese, "en": _latin, "fa": _persian}


def queries(items: Sequence[Item], count: int) -> list[Query]:
    """Return queries with their answers: half of them Chinese words of two to four signs, then names, English and Persian words.

    Of more than :data:`_MOST_FOR_WORDS` articles each word of the lexicons is in many, so that names take the place of words there.
    """
    source = random.Random("queries")
    texts = {item.number: item.text for item in items}
    words: dict[str, set[int]] = {}
    for item in items:
        if item.language != "zh" and len(items) <= _MOST_FOR_WORDS:
            for word in set(_WORD.findall(item.text.lower())):
                words.setdefault(word, set()).add(item.number)
    found: dict[str, Query] = {}
    wanted = {"Chinese": count // 2, "name": count // 5}
    if words:
        wanted["English"] = count // 5
        wanted["Persian"] = count - sum(wanted.values())
    else:
        wanted["name"] = count - wanted["Chinese"]
    for kind, most in wanted.items():
        goal = len(found) + most
        while len(found) < goal:
            query = _query(kind, source.choice(items), source, texts, words)
            if query and 0 < len(query.answers) <= RARE:
                found.setdefault(query.words, query)
    return list(found.values())


def _query(
    kind: str, item: Item, source: random.Random, texts: Mapping[int, str], words: Mapping[str, set[int]]
) -> Query | None:
    if kind == "name":
        asked = name(item.language, _person(source, item.number))
        edge = r"\b" if item.language != "zh" else ""  # in Persian a name may begin at the end of a word
        whole = re.compile(f"{edge}{re.escape(asked)}{edge}")
        return Query(
            kind, asked, frozenset(number for number, text in texts.items() if asked in text and whole.search(text))
        )
    if kind == "Chinese":
        runs = re.findall("[\u4e00-\u9fff]{4,}", item.text)
        if not runs:
            return None
        run, length = source.choice(runs), source.choice((2, 2, 3, 4))
        start = source.randrange(len(run) - length + 1)
        asked = run[start : start + length]
        return Query(kind, asked, frozenset(number for number, text in texts.items() if asked in text))
    if item.language != {"English": "en", "Persian": "fa"}[kind]:
        return None
    asked = source.choice(sorted(set(_WORD.findall(item.text.lower()))))
    usual = len(asked) > 3 and (asked.isascii() or kind == "Persian")
    return Query(kind, asked, frozenset(words[asked])) if usual else None
