"""How long a text takes to read. Pure; in time that grows with its length."""

from __future__ import annotations

import re
from typing import Final

_TAG: Final = re.compile("<[^>]*>")
_CHARACTERS: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")  # kana and Han
_UNSPACED: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f]+"
)  # Thai, Lao, Burmese, Khmer
_PER_MINUTE: Final = (300, 1_000, 200)  # such characters, letters of such scripts, words of all others


def minutes(body: str) -> int:
    """Return how many minutes people take to read a body, at least one: by characters where words are not set apart, else by words."""
    words = _TAG.sub(" ", body).split()
    others = [
        word for word in words if not word.isascii()
    ]  # looking at each sign of the rest would take longer than all else
    characters, spaced = _taken_out(_CHARACTERS, " ".join(others))
    letters, spaced = _taken_out(_UNSPACED, spaced)
    counts = (characters, letters, len(words) - len(others) + len(spaced.split()))
    return max(1, round(sum(count / speed for count, speed in zip(counts, _PER_MINUTE, strict=True))))


def _taken_out(signs: re.Pattern[str], text: str) -> tuple[int, str]:
    """Return how many such signs stand in a text, and the text without them."""
    if text.isascii():
        return 0, text
    rest = signs.split(text)
    return len(text) - sum(map(len, rest)), " ".join(rest)
