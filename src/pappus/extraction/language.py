"""Language and direction of a text, as the page says and as its script allows."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pappus.model import Direction

_LOOKED_AT = 4_000  # characters

# Script: (its letters, the languages that are written in it, the one to assume when the page says none of them).
# Letters: blocks of the Unicode standard; languages: the likely subtags of CLDR that news is published in.
_SCRIPTS: Final = {
    "arabic": (
        "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff",
        "ar az bal bm ckb fa ha ks ku ms pa prs ps sd ug ur uz",
        "",
    ),
    "armenian": ("\u0530-\u058f", "hy", "hy"),
    "bengali": ("\u0980-\u09ff", "as bn mni", "bn"),
    "cyrillic": (
        "\u0400-\u052f",
        "ab av az ba be bg bs ce cv kk ky mk mn os ro ru sah sr tg tk tt udm uk uz",
        "",
    ),
    "devanagari": ("\u0900-\u097f", "awa bho brx doi hi kok mai mr ne new sa sd", ""),
    "ethiopic": ("\u1200-\u139f", "am gez om ti tig", ""),
    "georgian": ("\u10a0-\u10ff", "ka xmf", "ka"),
    "greek": ("\u0370-\u03ff\u1f00-\u1fff", "el", "el"),
    "gujarati": ("\u0a80-\u0aff", "gu", "gu"),
    "gurmukhi": ("\u0a00-\u0a7f", "pa", "pa"),
    "han": ("\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff", "hak ii ja ko lzh nan wuu yue za zh", "zh"),
    "hangul": ("\u1100-\u11ff\u3130-\u318f\uac00-\ud7af", "ko", "ko"),
    "hebrew": ("\u0590-\u05ff", "he iw ji lad yi", "he"),
    "kana": ("\u3040-\u30ff", "ja", "ja"),
    "kannada": ("\u0c80-\u0cff", "kn tcy", "kn"),
    "khmer": ("\u1780-\u17ff", "km", "km"),
    "lao": ("\u0e80-\u0eff", "lo", "lo"),
    "malayalam": ("\u0d00-\u0d7f", "ml", "ml"),
    "myanmar": ("\u1000-\u109f\uaa60-\uaa7f", "kar ksw mnw my shn", "my"),
    "odia": ("\u0b00-\u0b7f", "or", "or"),
    "sinhala": ("\u0d80-\u0dff", "si", "si"),
    "tamil": ("\u0b80-\u0bff", "ta", "ta"),
    "telugu": ("\u0c00-\u0c7f", "te", "te"),
    "thaana": ("\u0780-\u07bf", "dv", "dv"),
    "thai": ("\u0e00-\u0e7f", "th", "th"),
    "tibetan": ("\u0f00-\u0fff", "bo dz", "bo"),
}
_LETTERS = re.compile(
    "|".join(f"(?P<{name}>[{letters}])" for name, (letters, _, _) in _SCRIPTS.items())
    + "|(?P<latin>[A-Za-z\u00c0-\u024f\u1e00-\u1eff])"
)
_FOREIGN = re.compile("[^\x00-\x7f]+")
_NO_LETTERS: Final = bytes(code for code in range(128) if not chr(code).isalpha())
_TAG = re.compile(r"([A-Za-z]{2,3})((?:-[A-Za-z0-9]{2,8}){0,3})\Z")
_RTL_SCRIPTS = frozenset({"arabic", "hebrew", "thaana"})
_RTL_LANGUAGES = frozenset({"ar", "ckb", "dv", "fa", "he", "iw", "ji", "prs", "ps", "ug", "ur", "yi"})


@lru_cache(maxsize=8192)
def _script_of(sign: str) -> str:
    found = _LETTERS.match(sign)
    return (found.lastgroup or "") if found else ""


@lru_cache(maxsize=1)  # language and direction ask for the same text
def script(text: str) -> str:
    """Return the name of the script that most letters of a text belong to, "" if it has none that we know.

    A fifth of kana makes it Japanese, however many Han characters stand between them.
    """
    text = text[:_LOOKED_AT]
    counts: Counter[str] = Counter()
    if latin := len(text.encode("ascii", "ignore").translate(None, _NO_LETTERS)):
        counts["latin"] = latin
    signs = Counter("".join(_FOREIGN.findall(text)))  # a text of any length has few different letters
    for sign, count in signs.items():
        if name := _script_of(sign):
            counts[name] += count
    if (
        counts["kana"]
        and counts["kana"] * 5 >= counts["han"] + counts["kana"]
        and counts["kana"] + counts["han"] > counts["latin"]
    ):
        return "kana"
    return max(sorted(counts), key=lambda name: counts[name], default="")


def language(said: tuple[str, ...], text: str) -> str:
    """Return the language of a text as a BCP 47 tag: the first one said that its script allows, else the script's own.

    Args:
        said: tags as pages write them (``en_US``, ``zh``), the weightiest first.
        text: what is written in the language.
    """
    written = script(text)
    _, allowed, default = _SCRIPTS.get(written, ("", "", ""))
    for tag in said:
        found = _TAG.match(tag.strip().replace("_", "-"))
        if found and (not written or _may_be(found[1].lower(), written, allowed)):
            return _cased(found[1], found[2])
    return default


def _may_be(primary: str, written: str, allowed: str) -> bool:
    if written == "latin":  # many languages are also written in it; those in a script of their own hardly ever are
        return all(primary != default for _, _, default in _SCRIPTS.values())
    return primary in allowed.split()


def _cased(primary: str, rest: str) -> str:
    return "-".join((primary.lower(), *map(_subtag, rest.split("-")[1:])))


def _subtag(part: str) -> str:
    """Return a subtag as RFC 5646 writes it: GB, Hant, valencia."""
    if len(part) == 2:
        return part.upper()
    return part.title() if len(part) == 4 and part.isalpha() else part.lower()


def direction(tag: str, text: str) -> Direction:
    """Return in which direction a text runs: as its letters do, and as its language does where it has none."""
    written = script(text)
    if written:
        return "rtl" if written in _RTL_SCRIPTS else "ltr"
    return "rtl" if tag.partition("-")[0] in _RTL_LANGUAGES else "ltr"


_IDEOGRAPHS = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_IDEOGRAPH = 3  # letters of an alphabet that say about as much as one ideograph, kana or Hangul syllable
_LETTER = re.compile(r"[^\W\d_]|[\u0900-\u109f\u1780-\u17ff]")  # marks of Indic scripts and their kin are vowels


def letters(text: str) -> int:
    """Return how much a text says, in letters of an alphabet; digits, signs and spaces say nothing."""
    return len(_LETTER.findall(text)) + (_IDEOGRAPH - 1) * len(_IDEOGRAPHS.findall(text))
