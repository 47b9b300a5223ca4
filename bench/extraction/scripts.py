"""Text by script and by language: one number over many pages of English hides what happens to the others."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from rich.table import Table

from bench.extraction.metrics import Match, total

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.extraction.sets import Page

# Letters of each script, as Unicode's blocks have them; sorted.
_LETTERS: Final = {
    name: re.compile(f"[{ranges}]")
    for name, ranges in {
        "Arabic": "\u0620-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc",
        "Armenian": "\u0531-\u0587",
        "Bengali": "\u0980-\u09ff",
        "Burmese": "\u1000-\u109f",
        "Cyrillic": "\u0400-\u052f",
        "Devanagari": "\u0900-\u097f",
        "Ethiopic": "\u1200-\u137f",
        "Georgian": "\u10a0-\u10ff",
        "Greek": "\u0370-\u03ff\u1f00-\u1fff",
        "Gujarati": "\u0a80-\u0aff",
        "Han": "\u3400-\u4dbf\u4e00-\u9fff",
        "Hangul": "\u1100-\u11ff\uac00-\ud7a3",
        "Hebrew": "\u05d0-\u05ea",
        "Kana": "\u3041-\u30fa",
        "Khmer": "\u1780-\u17ff",
        "Lao": "\u0e81-\u0edf",
        "Latin": "A-Za-z\u00c0-\u024f\u1e00-\u1eff",
        "Sinhala": "\u0d80-\u0dff",
        "Tamil": "\u0b80-\u0bff",
        "Telugu": "\u0c00-\u0c7f",
        "Thai": "\u0e01-\u0e5b",
        "Tibetan": "\u0f00-\u0fff",
    }.items()
}
_JAPANESE: Final = 0.1  # share of kana among ideographs and kana; Chinese texts have none
_LANGUAGE: Final = re.compile(r"<html\b[^>]*?\blang\s*=\s*[\"']?([a-z]{2,3})\b", re.IGNORECASE)


def script(text: str) -> str:
    """Return the script that most letters of a text are in; ideographs are Japanese where kana stand among them."""
    counts = Counter({name: len(letters.findall(text)) for name, letters in _LETTERS.items()})
    kana, han = counts.pop("Kana"), counts["Han"]
    counts["Han"] += kana
    name, count = counts.most_common(1)[0]
    if not count:
        return "none"
    return name if name != "Han" else "Japanese" if kana > _JAPANESE * (kana + han) else "Chinese"


def language(page: Page) -> str:
    """Return the language that a page declares; "?" where it declares none."""
    found = _LANGUAGE.search(page.html[:20_000])
    return found[1].lower() if found else "?"


def tables(pages: Sequence[Page], results: Mapping[str, Sequence[Match]]) -> tuple[Table, Table]:
    """Return a table by script and one by declared language, of the texts of all sets together."""
    scripts = [script(page.text) for page in pages]
    languages = [f"{language(page)}, {written}" for page, written in zip(pages, scripts, strict=True)]
    return _table("text by script: F1", scripts, results), _table("text by language: F1", languages, results)


def _table(title: str, labels: Sequence[str], results: Mapping[str, Sequence[Match]]) -> Table:
    made = Table(title=title)
    for column in ("", "pages"):
        made.add_column(column, justify="right" if column else "left")
    for peer in results:
        made.add_column(peer, justify="right", overflow="fold")
    each: dict[str, dict[str, list[Match]]] = defaultdict(lambda: defaultdict(list))
    for peer, matches in results.items():
        for label, match in zip(labels, matches, strict=True):
            each[label][peer].append(match)
    for label, count in Counter(labels).most_common():
        made.add_row(label, str(count), *(f"{total(each[label][peer]).f1:.3f}" for peer in results))
    return made
