"""The same pages in other scripts: what an extractor makes of Latin pages whose words are those of another script.

The sets have few pages that are neither in Latin script nor in Chinese. So pages of theirs are written anew: each word becomes one of
letters of another script, as long as it would be there, always the same one; sentences end, and words stand apart or together, as they do
in that script. Tags, classes and addresses stay. What differs then is all that an extractor takes from letters: its lists of words say
nothing, and a text may have no spaces. The same is done to the gold.

``python -m bench.extraction.alphabets [--pages 40] [--peers pappus-no-captions,trafilatura-full]`` prints the mean F1 by script.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections import Counter
from statistics import fmean
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from bench.extraction import outputs, sets
from bench.extraction.elements import fold
from bench.extraction.peers import load

if TYPE_CHECKING:
    from collections.abc import Callable

_SETS: Final = ("fundus", "wcxb")
_LEAST: Final = 300  # characters of a gold text
_PIECE: Final = 8  # letters that are compared at once: not all scripts part words
_WORD: Final = re.compile(r"[^\W\d_]+")
_END: Final = re.compile(r"[.,:;?!](?=\s|$)")
_MARKUP: Final = re.compile(
    r"(<!--.*?-->|<script\b.*?</script\s*>|<style\b.*?</style\s*>|<[^>]*>)", re.DOTALL | re.IGNORECASE
)
_SAID: Final = re.compile(
    r"(<meta\b(?=[^>]*(?:title|description|author)[\"'])[^>]*\bcontent\s*=\s*\")([^\"]*)(\")", re.IGNORECASE
)
_DATA: Final = re.compile(r"(\"(?:headline|description|articleBody|name)\"\s*:\s*\")((?:[^\"\\]|\\.)*)(\")")
_LATIN: Final = re.compile(r"[A-Za-z]")


class Alphabet(NamedTuple):
    """How a script writes."""

    letters: str
    length: float  # of a word, of that of an English one
    apart: bool = True  # whether words are
    signs: str = ".,:;?!"  # its full stop, comma, colon, semicolon, question and exclamation mark


def _letters(*ranges: tuple[int, int]) -> str:
    return "".join(chr(code) for first, last in ranges for code in range(first, last + 1))


ALPHABETS: Final = {
    "Amharic": Alphabet(_letters((0x1200, 0x1248)), 0.5, signs="።፣፦፤?!"),
    "Arabic": Alphabet(_letters((0x627, 0x63A), (0x641, 0x64A)), 0.85, signs=".،:؛؟!"),
    "Burmese": Alphabet(_letters((0x1000, 0x1020)), 0.9, apart=False, signs="။၊:;?!"),
    "Chinese": Alphabet(_letters((0x4E00, 0x53DC)), 0.35, apart=False, signs="。，：；？！"),
    "Cyrillic": Alphabet(_letters((0x430, 0x44F)), 1.0),
    "Devanagari": Alphabet(_letters((0x915, 0x939)), 0.8, signs="।,:;?!"),
    "Georgian": Alphabet(_letters((0x10D0, 0x10F0)), 1.0),
    "Greek": Alphabet(_letters((0x3B1, 0x3C9)), 1.05, signs=".,:·;!"),
    "Hebrew": Alphabet(_letters((0x5D0, 0x5EA)), 0.8),
    "Japanese": Alphabet(_letters((0x3042, 0x3093), (0x4E00, 0x4F2C)), 0.5, apart=False, signs="。、：；？！"),
    "Khmer": Alphabet(_letters((0x1780, 0x17A2)), 0.9, apart=False, signs="។,៖;?!"),
    "Korean": Alphabet(_letters((0xAC00, 0xAF20)), 0.45),
    "Thai": Alphabet(_letters((0xE01, 0xE2E)), 0.8, apart=False, signs="  :;?!"),
}


def written(text: str, alphabet: Alphabet) -> str:
    """Return a text in another script, its outer white space as it was."""
    inner = text.strip()
    if not inner:
        return text
    signs = dict(zip(".,:;?!", alphabet.signs, strict=True))
    new = _WORD.sub(lambda word: _word(word[0], alphabet), _END.sub(lambda end: signs[end[0]], inner))
    if not alphabet.apart:
        new = re.sub(r"(?<=[^\x00-\x7f])\s(?=[^\x00-\x7f])", "", new)
    return text.replace(inner, new, 1)


def _word(word: str, alphabet: Alphabet) -> str:
    number = int.from_bytes(hashlib.blake2b(word.lower().encode()).digest(), "big")
    letters = []
    for _ in range(max(1, round(len(word) * alphabet.length))):
        number, index = divmod(number, len(alphabet.letters))
        letters.append(alphabet.letters[index])
    return "".join(letters)


def rewritten(page: sets.Page, alphabet: Alphabet) -> sets.Page:
    """Return a page in another script: all that it shows, and what it says about its article."""

    def anew(text: str) -> str:
        return written(text, alphabet)

    def shown(source: str) -> str:
        return html.escape(anew(html.unescape(source)))

    pieces = _MARKUP.split(page.html)
    pieces[::2] = map(shown, pieces[::2])
    pieces[1::2] = (_told(piece, anew, shown) for piece in pieces[1::2])
    return sets.Page(page.set, page.id, page.url, "".join(pieces), {"text": anew(page.text)})


def _told(piece: str, anew: Callable[[str], str], shown: Callable[[str], str]) -> str:
    """Return a tag or a script; those that say something about the article say it in the other script."""
    if "ld+json" in piece[:200]:
        return _DATA.sub(lambda found: f"{found[1]}{anew(found[2])}{found[3]}", piece)
    return _SAID.sub(lambda found: f"{found[1]}{shown(found[2])}{found[3]}", piece)


def f1(gold: str, found: str) -> float:
    """Return the F1 of a text's pieces of eight letters."""
    wanted, had = _pieces(gold), _pieces(found)
    return 2 * (wanted & had).total() / max(1, wanted.total() + had.total())


def _pieces(text: str) -> Counter[str]:
    letters = fold(text)
    return Counter(letters[at : at + _PIECE] for at in range(len(letters) - _PIECE + 1))


@click.command()
@click.option("--pages", type=click.IntRange(min=1), default=40, show_default=True, help="Of each set.")
@click.option("--peers", default="pappus-no-captions,trafilatura-full", show_default=True, help="Separated by commas.")
def main(pages: int, peers: str) -> None:
    """Measure and print."""
    loaded = [load(name) for name in peers.split(",")]
    chosen = [page for name in _SETS for page in sets.load(name, pages) if _is_latin(page.text)]
    for name, alphabet in {"as it is": None, **ALPHABETS}.items():
        anew = [rewritten(page, alphabet) if alphabet else page for page in chosen]
        means = (
            fmean(f1(page.text, said.text) for page, said in zip(anew, outputs.read(peer, anew), strict=True))
            for peer in loaded
        )
        print(
            f"{name} ({len(anew)} pages):",
            ", ".join(f"{peer.name} {mean:.3f}" for peer, mean in zip(loaded, means, strict=True)),
        )


def _is_latin(text: str) -> bool:
    return len(text) > _LEAST and 2 * len(_LATIN.findall(text)) > len(text)


if __name__ == "__main__":
    main()
