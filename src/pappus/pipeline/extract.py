"""extract: the article of one page or file, without a newsroom: asked for, read and followed to its further pages as gather does."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pappus import urls
from pappus.errors import ExtractError, SourceError
from pappus.extraction import article
from pappus.extraction.page import MAX_BYTES
from pappus.fetch import FetchOptions, FetchPolicy
from pappus.fetch.client import Client
from pappus.fetch.guard import is_loopback
from pappus.fetch.robots import ForOneRun
from pappus.model import Fetched
from pappus.pipeline import pages
from pappus.pipeline.gather import Workshop

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor
    from datetime import datetime

    from pappus.extraction.rules.book import Book
    from pappus.model import Draft


def extract(
    place: str,
    *,
    url: str = "",
    book: Book,
    one_page: bool = False,
    clock: Callable[[], datetime],
    executor: Callable[[], Executor],
) -> Draft:
    """Return the article at a place.

    Args:
        place: an address; a file; or "-" for what comes in. A file is read by itself: its links lead nowhere.
        url: where the file's page is from.
        book: site rules, of which those for the page's host are used.
        one_page: leave the article's further pages alone.
        clock: the time.
        executor: makes the workers.

    Raises:
        ExtractError: no article can be found.
        FetchError: an address could not be had.
        SourceError: a file could not be read.
    """
    asking = urls.parse_http(place) is not None
    workers = executor()
    try:
        if asking:
            return asyncio.run(_asked(place, book, Workshop(workers), clock, one_page=one_page))
        return _read(place, url, book, workers)
    finally:
        workers.shutdown(wait=True, cancel_futures=True)


def _read(place: str, url: str, book: Book, workers: Executor) -> Draft:
    try:
        return workers.submit(article.article, _file(place, url), book.rules(url)).result()
    except ExtractError as error:
        raise error if error.subject else ExtractError(place, error.reason, error.advice) from error


async def _asked(url: str, book: Book, workshop: Workshop, clock: Callable[[], datetime], *, one_page: bool) -> Draft:
    async with Client(FetchOptions(), ForOneRun(), clock=clock) as client:
        get = client.getter(FetchPolicy(local=is_loopback(urls.host(url))))
        fetched = await get(url)
        rules = book.rules(fetched.final_url)
        draft, _ = await pages.read(fetched, rules, workshop.run, None if one_page else get)
        return draft


def _file(place: str, url: str) -> Fetched:
    try:
        with sys.stdin.buffer if place == "-" else Path(place).open("rb") as file:
            body = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SourceError(place, f"cannot be read: {error.strerror}") from error
    return Fetched(url=url, final_url=url, body=body)
