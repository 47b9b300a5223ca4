"""Confidence: whether drafts with low scores are those that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.table import Table

from bench.extraction.metrics import auc

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.extraction.metrics import Match
    from bench.extraction.peers import Output

_FAILED: Final = 0.5  # F1 of a page below which it is a failure


def measure(matches: Sequence[Match], outputs: Sequence[Output]) -> dict[str, float | None]:
    """Return how a set's scores order its failures; a page without a draft has the score 0."""
    scores = [output.score or 0.0 for output in outputs]
    failed = [match.f1 < _FAILED for match in matches]
    count = sum(failed)
    lowest = [failure for _, failure in sorted(zip(scores, failed, strict=True))]
    return {
        "pages": len(failed),
        "failures": count,
        "among as many lowest": sum(lowest[:count]),
        "among twice as many": sum(lowest[: 2 * count]),
        "AUC": auc(scores, failed),
    }


def table(peer: str, results: Mapping[str, Mapping[str, float | None]]) -> Table:
    """Return a table of all sets."""
    made = Table(title=f"confidence of {peer}: failures (F1 below {_FAILED}) among the lowest scores")
    made.add_column("")
    for column in next(iter(results.values())):
        made.add_column(column, justify="right")
    for name, row in results.items():
        cells = (
            "–" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
            for value in row.values()
        )
        made.add_row(name, *cells)
    return made
