"""Lists: CSV one article a line, ``url,title``; a line of names may stand first; comma, semicolon or tab.

Streamed, without a limit of entries: a list is the operator's own, and may name a whole archive.
"""

from __future__ import annotations

import codecs
import csv
import io
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

from pappus import charset, markup, urls
from pappus.errors import SourceError
from pappus.model import Lead
from pappus.sources.options import MAX_BYTES, ReadOptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_DELIMITERS = ",;\t"
_LOOKED_AT = 20  # lines that decide upon the delimiter
_BLOCK = 2**20  # bytes that are decoded at a time, and to the end of the line


def leads(stream: BinaryIO, options: ReadOptions) -> Iterator[Lead]:
    """Yield the articles of a list, in its order; lines without a usable address are passed over.

    Raises:
        SourceError: no line has a usable address.
    """
    texts = _texts(stream, options)
    head = next(texts, "")
    delimiter = max(_DELIMITERS, key=lambda one: _fits(head, one))
    found = False
    for lead in _leads(chain([head], texts), delimiter):
        found = True
        yield lead
    if not found:
        raise SourceError(
            options.url,
            f"no line begins with an address: {head[:40]!r}",
            'write "url,title", one article a line',
        )


def _texts(stream: BinaryIO, options: ReadOptions) -> Iterator[str]:
    """Yield a list's text in pieces of whole lines, each decoded for itself: lists are put together of others.

    Raises:
        SourceError: UTF-16 of more than 10 MiB, whose lines cannot be told before it is decoded.
    """
    while block := stream.read(_BLOCK):
        if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            block += stream.read(MAX_BYTES)
            if len(block) > MAX_BYTES:
                raise SourceError(options.url, f"UTF-16 text larger than {MAX_BYTES >> 20} MiB", "save it as UTF-8")
        else:
            block += stream.readline(_BLOCK)
        yield charset.decode(block, options.charset).replace("\0", "")


def _leads(texts: Iterable[str], delimiter: str) -> Iterator[Lead]:
    column, titles = 0, 1
    for number, row in enumerate(_rows(texts, delimiter)):
        names = [field.strip().lower() for field in row]
        if number == 0 and "url" in names:
            column = names.index("url")
            titles = names.index("title") if "title" in names else -1
            continue
        url = urls.parse_http(row[column]) if column < len(row) else None
        if url is not None:
            title = row[titles] if 0 <= titles < len(row) else ""
            yield Lead(url=url, title=markup.plain(title, markup.MAX_TITLE))


def _rows(texts: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    lines = (line for text in texts for line in io.StringIO(text, newline=""))
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        try:
            row = next(reader, None)
        except csv.Error:  # a field past csv's own limit; the reader goes on after it
            continue
        if row is None:
            return
        if row:
            yield row


def _fits(text: str, delimiter: str) -> tuple[int, int]:
    """Return in how many of the first lines this delimiter gives an address, and a title beside it."""
    head = "\n".join(text.splitlines()[: _LOOKED_AT + 1])
    found = list(_leads([head], delimiter))
    return sum(1 for lead in found if lead.title), len(found)
