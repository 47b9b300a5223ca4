"""Text: precision, recall and F1 of every peer on every set."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct
from rich.table import Table

from bench.extraction.metrics import Match, Shingles, Total, found, match, shingles, total

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.extraction.peers import Output
    from bench.extraction.sets import Page


class Result(Struct, frozen=True, kw_only=True):
    """One peer on one set."""

    total: Total
    matches: tuple[Match, ...]  # page by page
    failures: int  # pages without any text
    kept: float | None  # share of the snippets that must be there, where the set has such
    kept_out: float | None  # share of those that must not


def measure(pages: Sequence[Page], outputs: Sequence[Output]) -> Result:
    """Compare a peer's texts with a set's."""
    matches = tuple(match(_gold(page), shingles(output.text)) for page, output in zip(pages, outputs, strict=True))
    absent = _share(pages, outputs, "without")
    return Result(
        total=total(matches),
        matches=matches,
        failures=sum(not output.text.strip() for output in outputs),
        kept=_share(pages, outputs, "with"),
        kept_out=None if absent is None else 1 - absent,
    )


@cache
def _gold(page: Page) -> Shingles:
    return shingles(page.text)


def _share(pages: Sequence[Page], outputs: Sequence[Output], key: str) -> float | None:
    """Return the share of all pages' snippets that the texts have."""
    hits, count = 0, 0
    for page, output in zip(pages, outputs, strict=True):
        snippets = page.gold.get(key) or ()
        hits += found(snippets, output.text)
        count += len(snippets)
    return hits / count if count else None


def table(name: str, results: Mapping[str, Result]) -> Table:
    """Return a set's table, the best F1 first."""
    pages = next(iter(results.values())).total.pages
    snippets = any(result.kept is not None for result in results.values())
    made = Table(title=f"text: {name}, {pages} pages")
    made.add_column("")
    columns = ("F1", "precision", "recall", "F1 below 0.5", "no text", *(("with", "without") if snippets else ()))
    for column in columns:
        made.add_column(column, justify="right")
    for peer, result in sorted(results.items(), key=lambda item: -item[1].total.f1):
        whole = result.total
        made.add_row(
            peer,
            f"{whole.f1:.3f}",
            f"{whole.precision:.3f}",
            f"{whole.recall:.3f}",
            f"{whole.low:.1%}",
            str(result.failures),
            *(f"{share:.3f}" for share in (result.kept, result.kept_out) if share is not None),
        )
    return made
