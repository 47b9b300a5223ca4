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
    text = _TAG.sub(" ", body)
    characters = letters = 0
    if not text.isascii():
        characters = sum(map(len, _CHARACTERS.findall(text)))
        letters = sum(map(len, _UNSPACED.findall(text)))
        text = _UNSPACED.sub(" ", _CHARACTERS.sub(" ", text))
    counts = (characters, letters, len(text.split()))
    return max(1, round(sum(count / speed for count, speed in zip(counts, _PER_MINUTE, strict=True))))
