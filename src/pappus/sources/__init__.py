"""What a publisher announces -> Leads. Readers parse only: no network, no clock.

A reader is one file with a function ``leads``; a new kind is that file and one line in :data:`READERS`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, BinaryIO, Protocol

from pappus.sources import feed, index, listing, warc
from pappus.sources.options import MAX_LEADS, ReadOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pappus.model import Lead

__all__ = ["MAX_LEADS", "READERS", "ReadOptions", "Reader"]


class Reader(Protocol):
    """Reads one kind of channel."""

    def __call__(self, stream: BinaryIO, options: ReadOptions) -> Iterator[Lead]:
        """Yield the leads in the order in which the channel has them.

        Raises:
            SourceError: when the whole cannot be read. A single bad entry is passed over.
        """
        ...


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "feed": feed.leads,
        "index": index.leads,
        "list": listing.leads,
        "warc": warc.leads,
    }
)
