"""Lists: CSV one article a line, ``url,title``; a line of names may stand first; comma, semicolon or tab."""

from __future__ import annotations

import csv
import io
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

from pappus import charset, markup, urls
from pappus.errors import SourceError
from pappus.model import Lead
from pappus.sources.options import MAX_LEADS, ReadOptions, read

if TYPE_CHECKING:
    from collections.abc import Iterator

_DELIMITERS = ",;\t"
_LOOKED_AT = 20  # lines that decide upon the delimiter


def leads(stream: BinaryIO, options: ReadOptions) -> Iterator[Lead]:
    """Yield the articles of a list, in its order; lines without a usable address are passed over.

    Raises:
        SourceError: no line has a usable address.
    """
    text = charset.decode(read(stream, options), options.charset).replace("\0", "")
    delimiter = max(_DELIMITERS, key=lambda one: _fits(text, one))
    found = False
    for lead in islice(_leads(text, delimiter), MAX_LEADS):
        found = True
        yield lead
    if not found:
        raise SourceError(
            options.url,
            f"no line begins with an address: {text[:40]!r}",
            'write "url,title", one article a line',
        )


def _leads(text: str, delimiter: str) -> Iterator[Lead]:
    column, titles = 0, 1
    for number, row in enumerate(_rows(text, delimiter)):
        names = [field.strip().lower() for field in row]
        if number == 0 and "url" in names:
            column = names.index("url")
            titles = names.index("title") if "title" in names else -1
            continue
        url = urls.parse_http(row[column]) if column < len(row) else None
        if url is not None:
            title = row[titles] if 0 <= titles < len(row) else ""
            yield Lead(url=url, title=markup.plain(title))


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
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
    found = list(_leads(head, delimiter))
    return sum(1 for lead in found if lead.title), len(found)
