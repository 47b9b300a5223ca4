"""What a reader needs to know beside the bytes, and how it takes them in."""

from __future__ import annotations

from typing import BinaryIO

from msgspec import Struct

from pappus.errors import SourceError

# Entries of a feed or an index page (rule 4 of intake). What comes after them is left out, at the next look too; a
# reader that gives exactly as many leads may have stopped here. Lists and archives have no such limit.
MAX_LEADS = 5_000
MAX_BYTES = 10 * 2**20  # of a feed or a page; lists and archives are streamed


class ReadOptions(Struct, frozen=True, kw_only=True):
    """How to read a channel's bytes.

    The selectors are CSS and serve index pages only.
    """

    url: str  # where the bytes came from, after redirects; base of relative addresses
    charset: str = ""  # as the server said, lower case
    link: str = "a[href]"  # the ``<a>`` of each article, or an element around one
    title: str = ""  # inside the nearest common element of a link; "" for the link's own text
    within: str = ""  # the element of one teaser, in which link and title are looked for; "" for the whole page


def read(stream: BinaryIO, options: ReadOptions) -> bytes:
    """Return the whole of a feed or a page.

    Raises:
        SourceError: it is empty, or larger than 10 MiB.
    """
    data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise SourceError(options.url, f"larger than {MAX_BYTES >> 20} MiB")
    if not data.strip(b" \t\r\n\0"):
        raise SourceError(options.url, "it is empty")
    return data
