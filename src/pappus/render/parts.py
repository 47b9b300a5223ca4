"""Long lists of a month, in parts that keep their bytes: full part 1 holds the oldest titles, part 2 the next oldest, part 0 the newest.

Only what a change can have touched is read from the store: the parts from that on which the oldest article stands that changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pappus.model import Headline
    from pappus.render.inputs import Archive


def first_days(days: Iterable[str]) -> dict[str, str]:
    """Return the months of days (YYYY-MM-DD), in order, and the first of the days in each."""
    return {day[:7]: day for day in sorted(days, reverse=True)}


def parts(
    archive: Archive, channel: str | None, month: str, since: str, *, size: int, path: Callable[[int], str]
) -> Iterator[tuple[int, int, Sequence[Headline]]]:
    """Yield the parts of a month that may have changed.

    Args:
        archive: where articles are.
        channel: whose month it is, None for that of all.
        month: YYYY-MM.
        since: the first day on which anything changed (YYYY-MM-DD); the month itself where all of it may have.
        size: titles of a full part.
        path: gives where a part stands.

    Yields:
        The number of the part, that of the newest full one, and its titles, newest first.
    """
    count = archive.month_size(channel, month)
    full = max(0, count - 1) // size
    kept = min(full, archive.month_size(channel, month, since) // size)
    while kept and not archive.former(path(kept)):  # it has become full by what came since
        kept -= 1
    titles = archive.month(channel, month, count - kept * size)
    newest = count - full * size
    yield 0, full, titles[:newest]
    for part in range(full, kept, -1):
        start = newest + (full - part) * size
        yield part, full, titles[start : start + size]
