"""Archives: the pages saved in a WARC file (ISO 28500), plain or compressed, streamed one record at a time.

The one reader without a limit of entries; what a record or page may weigh is limited (rule 1 of intake).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, cast

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from pappus import urls
from pappus.errors import SourceError
from pappus.model import Fetched, Lead
from pappus.sources.payload import PayloadError, undo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pappus.sources.options import ReadOptions

MAX_RECORD = 25 * 2**20  # bytes; larger records are passed over
_MAX_HEADERS = 64 * 2**10  # bytes
_PAGES = frozenset({"text/html", "application/xhtml+xml"})


def leads(stream: BinaryIO, options: ReadOptions) -> Iterator[Lead]:
    """Yield every page of an archive, its bytes with it, in order.

    Only responses with status 200 that are HTML. A page that cannot be undone is passed over.

    Raises:
        SourceError: after what could be read, where the archive is damaged, cut off, or none.
    """
    records = 0
    try:
        for record in _records(stream):
            records += 1
            if record.headers.get("Content-Length") is None:  # every record has one (section 5.3)
                raise _cut_off(options, f"header of record {records:,}")
            if record.record_type == WarcRecordType.response:
                lead = _lead(record, options)
                if lead is not None:
                    yield lead
    except (OSError, ValueError, EOFError) as error:
        raise SourceError(
            options.url, f"damaged after {records:,} records: {error}", "fetch the archive again"
        ) from error
    if not records:
        raise SourceError(options.url, "it holds no WARC record")


def _cut_off(options: ReadOptions, where: str) -> SourceError:
    return SourceError(options.url, f"cut off inside the {where}", "fetch the archive again")


class _Forward:
    """A stream that also tells where it is: fastwarc asks for that, and a pipe or a download cannot say."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._position = 0

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._position += len(data)
        return data

    def tell(self) -> int:
        return self._position


def _records(stream: BinaryIO) -> ArchiveIterator:
    return ArchiveIterator(
        cast("BinaryIO", _Forward(stream)),
        parse_http=False,
        max_content_length=MAX_RECORD,
        max_header_len=_MAX_HEADERS,
        fsspec_args=False,
    )


def _lead(record: WarcRecord, options: ReadOptions) -> Lead | None:
    record.parse_http(auto_decode="none", max_header_len=_MAX_HEADERS)
    url = urls.parse_http((record.headers.get("WARC-Target-URI") or "").strip("<>"))
    is_page = url is not None and _is_page(record)
    payload = record.reader.read(MAX_RECORD + 1 if is_page else 1)  # a byte tells whether the headers are whole
    if len(payload) < (record.content_length if is_page else min(1, record.content_length)):
        raise _cut_off(options, f"record of {url}")
    if url is None or not is_page:
        return None
    headers = record.http_headers
    try:
        body = undo(
            payload,
            transfer=headers.get("Transfer-Encoding") or "",
            content=headers.get("Content-Encoding") or "",
        )
    except PayloadError:
        return None
    charset = (record.http_charset or "").lower()
    return Lead(url=url, page=Fetched(url=url, final_url=url, body=body, media_type=_type(record), charset=charset))


def _is_page(record: WarcRecord) -> bool:
    return record.is_http_parsed and record.http_headers.status_code == 200 and _type(record) in _PAGES


def _type(record: WarcRecord) -> str:
    return (record.http_content_type or "").lower()
