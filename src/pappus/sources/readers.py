"""The readers, by the kind of channel that they read."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, BinaryIO, Protocol

from pappus.sources import feed, index, listing, warc

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pappus.model import Lead
    from pappus.sources.options import ReadOptions


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
