r"""What an article is found by: terms. The same is written in ``search.js`` for what a reader types, and a test holds both together.

Languages that part words by spaces give words, folded: compatible forms, case, accents, harakat, tatweel and the letters that Persian and
Arabic write with different signs make no difference. Chinese, Japanese and Korean give each two signs that stand side by side, and the
last one of a run, in simplified Chinese; Thai, Lao, Khmer and Burmese the same of clusters, which are a letter with the marks on it. A
sign alone is found as the beginning of terms.
"""

from __future__ import annotations

import html
import re
import sys
from array import array
from collections import Counter
from functools import cache, lru_cache
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Final
from unicodedata import normalize

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable

GAP: Final = "."  # behind a run of signs; no term has one in it
FIRST: Final = ord(GAP) + 1 << 16  # number of a term of signs
LONGEST: Final = 40  # characters of a word; the rest of a longer one is cut off
MANY: Final = 3  # times that an article says what it is about

# What parts words, as ranges: punctuation, symbols, control characters, surrogates, what is private. All else is a letter or a mark.
_GAPS: Final = (
    r"\0-/:-@\[-`{-\u00a9\u00ab\u00ac\u00ae-\u00b1\u00b4\u00b6-\u00b8\u00bb-\u00bf\u00d7\u00f7\u02c2-\u02df\u037e\u0387"
    r"\u055a-\u055f\u0589\u058a\u05be\u05c0\u05c3\u05c6\u05f3\u05f4\u0600-\u060f\u061b-\u061f\u066a-\u066d\u06d4\u06dd\u06de\u06e9"
    r"\u0700-\u070d\u0964\u0965\u0970\u0e3f\u0e4f\u0e5a\u0e5b\u0f04-\u0f14\u104a-\u104f\u1360-\u1368\u1680\u17d4-\u17db"
    r"\u1800-\u180a\u2000-\u200b\u200e-\u206f\u20a0-\u20cf\u2150-\u215f\u2190-\u245f\u2500-\u2bff\u2e00-\u2e7f\u2ff0-\u3004"
    r"\u3008-\u3020\u302a-\u3030\u3036-\u303f\u3097-\u30a0\u30fb\u3190-\u319f\u31c0-\u31ef\u3200-\u33ff\u4dc0-\u4dff"
    r"\ud800-\uf8ff\ufd3e-\ufd4f\ufe10-\ufe1f\ufe30-\ufe6f\ufeff-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\uffe0-\uffff"
    r"\U0001f000-\U0001fbff\U000e0000-\U0010ffff"
)
_SIGNS: Final = (  # Chinese, Japanese, Korean
    r"\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3041-\u3096\u30a1-\u30fa\u30fc-\u318f\u31a0-\u31bf\u31f0-\u31ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\U00016fe0-\U00018cff\U0001b000-\U0001b2ff"
    r"\U00020000-\U0003ffff"
)
_LETTERS: Final = (  # Thai, Lao, Burmese, Khmer: those that clusters begin with
    r"\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e50-\u0e59\u0e80-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec7\u0ed0-\u0eff\u1000-\u102a\u103f-\u1049"
    r"\u1050-\u1055\u105a-\u105d\u1061\u1065\u1066\u106e-\u1070\u1075-\u1081\u108e\u1090-\u1099\u109e\u109f\u1780-\u17b3\u17d7\u17dc"
    r"\u17e0-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7a\uaa7e\uaa7f"
)
_MARKS: Final = (  # and what stands on those
    r"\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecf\u102b-\u103e\u1056-\u1059\u105e-\u1060\u1062-\u1064"
    r"\u1067-\u106d\u1071-\u1074\u1082-\u108d\u108f\u109a-\u109d\u17b4-\u17d3\u17dd\uaa7b-\uaa7d"
)
_WORD: Final = re.compile(f"[^{_GAPS}{_SIGNS}{_LETTERS}{_MARKS}]+")
_RUN: Final = re.compile(f"[{_SIGNS}]+")
_CLUSTERED: Final = re.compile(f"[{_LETTERS}{_MARKS}]+")
_CLUSTER: Final = re.compile(  # a virama or coeng ties the next letter to the one before
    rf"[{_LETTERS}](?:[{_MARKS}]{{0,4}}[\u1039\u17d2][{_LETTERS}]){{0,3}}[{_MARKS}]{{0,8}}|[{_MARKS}]{{1,8}}"
)
_PLAIN: Final = re.compile("[0-9a-z]+")
# Forms among the signs that have an ordinary one: half-width kana, parts of Korean syllables, kana with a mark of their own, and the like.
_UNUSUAL: Final = re.compile(
    r"[\u1100-\u11ff\u3099\u309a\ua960-\ua97f\ud7b0-\ud7ff\uf900-\ufaff\uff66-\uff9f\U0002f800-\U0002fa1f]"
)
SIMPLIFIED: Final = "".join(  # traditional signs, each with its simplified one
    Path(__file__).with_name("simplified.txt").read_text(encoding="utf-8").split("\n")[1:]
)
_TRADITIONAL: Final = re.compile(f"[{SIMPLIFIED[::2]}]")
_ABOVE: Final = re.compile("[\U00010000-\U0010ffff]")
_DROPPED: Final = re.compile(  # accents, vowel points, tatweel, joiners, soft hyphens, selectors of a form
    r"[\u00ad\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
    r"\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u08d3-\u08ff\u180b-\u180d\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d\u20d0-\u20ff"
    r"\ufe00-\ufe0f\ufe20-\ufe2f]+"
)
_FOLDED: Final = str.maketrans(
    {
        "đ": "d", "ð": "d", "ħ": "h", "ł": "l", "ø": "o", "ŧ": "t", "þ": "th", "æ": "ae", "œ": "oe", "ς": "σ",
        "ى": "ي", "ی": "ي", "ې": "ي", "ک": "ك", "ڪ": "ك", "ة": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه",
    }
    | {chr(zero + digit): str(digit) for zero in (0x660, 0x6F0, 0x966, 0x9E6) for digit in range(10)}
)  # fmt: skip
_UNITS: Final = "utf-16-be"
_JOINER: Final = "\u200c"  # of Persian, where others write a space or nothing

_BREAK: Final = re.compile(
    r"<(?=(?:/?(?:p|h[2-6]|ul|ol|li|dl|dt|dd|blockquote|pre|figure|figcaption|table|caption|thead|tbody|tfoot|tr|th|td)\b|[bh]r\b))"
)
_TAG: Final = re.compile(r'<[^<>"]*+(?:"[^"]*+"[^<>"]*+)*+>')


class Terms(Struct, frozen=True):
    """The terms of a text, and how often each stands in it.

    Those of signs are numbers (see :func:`signs_of`): to read a text as numbers is twice as quick as to cut it into pairs. Among them
    are some below FIRST, of a gap and the sign behind it, which are no terms.
    """

    signs: Counter[int]
    words: Counter[str]


def text_of(body: str) -> str:
    """Return the text of a body of our markup. Elements that begin a line part words; others do not."""
    text = _TAG.sub("", _BREAK.sub(" <", body))
    return html.unescape(text) if "&" in text else text


def signs_of(numbers: array[int]) -> list[str]:
    """Return the terms that these numbers stand for: two signs, or one at the end of a run. The order of both is the same."""
    both = _swapped(numbers).tobytes().decode(_UNITS)
    return [both[start : start + 2].rstrip(GAP) for start in range(0, len(both), 2)]


def _pairs(units: bytes) -> array[int]:
    """Return each two units side by side of those that begin at an even one, as a number."""
    return _swapped(array("I", units[: len(units) // 4 * 4]))


def _swapped(numbers: array[int]) -> array[int]:
    """Return numbers as the other kind of machine has them, where this one has their last byte first."""
    swapped = numbers[:]
    if sys.byteorder == "little":
        swapped.byteswap()
    return swapped


def terms(text: str) -> Terms:
    """Return what a text is found by."""
    if text.isascii():
        return Terms(Counter(), Counter(_cut(_PLAIN.findall(text.lower()))))
    words: Counter[str] = Counter()
    row = GAP.join([*_RUN.findall(_usual(text)), ""])
    if _TRADITIONAL.search(row):
        row = row.translate(_simple())
    units = row.encode(_UNITS)
    if len(units) > 2 * len(row):  # some signs are of the planes above, and two of those are no number of ours
        words.update(one.rstrip(GAP) for one in map(add, row, row[1:]) if _ABOVE.search(one) and one[0] != GAP)
        units = _ABOVE.sub(GAP, row).encode(_UNITS)
    signs = Counter(_pairs(units))
    signs.update(_pairs(units[2:]))
    for word, times in Counter(_WORD.findall(text)).items():
        for one in fold(word):
            words[one] += times
    for run in _CLUSTERED.findall(text):
        clusters = _CLUSTER.findall(run)
        words[clusters[-1]] += 1
        words.update(map(add, clusters, clusters[1:]))
    return Terms(signs, words)


@cache
def _simple() -> str:
    """Return for every sign up to the last traditional one the one that is looked for: a text, which is twice as quick as a dictionary."""
    signs = list(map(chr, range(0xA000)))
    for traditional, simplified in zip(SIMPLIFIED[::2], SIMPLIFIED[1::2], strict=True):
        signs[ord(traditional)] = simplified
    return "".join(signs)


def fold(word: str) -> tuple[str, ...]:
    """Return a word as it is looked for: mostly one term, and where it was joined by a joiner, its parts as well."""
    if len(word) > LONGEST:  # it may be as long as its article, and is not remembered
        return _parts(word)
    return _known(word)


def _parts(word: str) -> tuple[str, ...]:
    if word.isascii():
        return (word.lower()[:LONGEST],)
    parts = [word, *word.split(_JOINER)] if _JOINER in word else [word]
    return tuple(dict.fromkeys(one for part in parts for one in _cut(_WORD.findall(_fold(part)))))


_known: Final = lru_cache(maxsize=1 << 15)(_parts)


def _fold(word: str) -> str:
    return _DROPPED.sub("", normalize("NFKD", word).upper().lower()).translate(_FOLDED)


def _cut(words: Iterable[str]) -> list[str]:
    return [word[:LONGEST] for word in words]


def _usual(text: str) -> str:
    """Return a text whose signs have their ordinary forms."""
    return normalize("NFKC", text) if _UNUSUAL.search(text) else text
