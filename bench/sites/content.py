"""Articles made from a seed, the same for all who make a site of them, in English-like words and in Chinese characters."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

from msgspec import Struct

from bench.newsroom import channel
from bench.paper import paragraphs, title

if TYPE_CHECKING:
    from collections.abc import Iterator

_DAILY = 200  # articles
_NEWEST = datetime(2026, 10, 15, 12, tzinfo=UTC)  # the same with every size, so that the month's lists are as long
_CHARACTERS = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所"
    "民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日"
    "那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想"
    "已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指"
    "几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权"
    "收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集"
    "温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支"
    "般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属"
    "圆包火住调满县局照参红细引听该铁价严"
)


class Story(Struct, frozen=True, kw_only=True):
    """One article."""

    number: int
    title: str
    paragraphs: tuple[str, ...]
    when: datetime
    channel: str
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    language: str

    @property
    def url(self) -> str:
        """Where it was published first."""
        return f"https://news.example/story/{self.number}"

    @property
    def body(self) -> str:
        """Its text as markup."""
        return "".join(f"<p>{text}</p>\n" for text in self.paragraphs)


def stories(first: int, last: int, whole: int) -> Iterator[Story]:
    """Yield the articles from ``first`` to before ``last`` of an archive that begins with ``whole`` of them, oldest first."""
    weights = list(accumulate(1 / rank for rank in range(1, 1_001)))
    for number in range(first, last):
        source = random.Random(f"story {number}")
        chinese = number % 3 == 0
        yield Story(
            number=number,
            title=_chinese(source, 16) if chinese else title(number),
            paragraphs=tuple(_chinese(source, 120) + "。" for _ in range(8)) if chinese else tuple(paragraphs(number)),
            when=_NEWEST + timedelta(days=1) / _DAILY * (number - whole),
            channel=channel(number),
            authors=(f"Author {source.randrange(200)}",),
            tags=tuple(
                dict.fromkeys(f"Topic {rank}" for rank in source.choices(range(1_000), cum_weights=weights, k=3))
            ),
            language="zh-Hans" if chinese else "en",
        )


def _chinese(source: random.Random, characters: int) -> str:
    # Common ones more often than rare ones, as in a text; commas between.
    picked = (_CHARACTERS[int(len(_CHARACTERS) * source.random() ** 2)] for _ in range(characters))
    return "".join(character + ("，" if source.random() < 0.08 else "") for character in picked)
