"""The extractor as a library: one page, or as many as there are."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from pappus.errors import ExtractError, PappusError
from pappus.extraction.article import article
from pappus.extraction.rules import NO_RULES
from pappus.model import Draft, Fetched

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Executor, Future

    from pappus.extraction.rules import Rules

_AHEAD: Final = 64  # pages that wait for an executor at once


def extract(page: str | bytes, url: str = "", *, rules: Rules = NO_RULES) -> Draft:
    """Return the article of a page. No network, no clock: the same page gives the same draft anywhere.

    Args:
        page: its HTML, as text or as the bytes that a server sent.
        url: where it is from; its relative links are of this address, and without it they are left out.
        rules: what is known of its site.

    Raises:
        ExtractError: no article can be found in it, or it is past the limits.
    """
    body, charset = (page.encode("utf-8", "replace"), "utf-8") if isinstance(page, str) else (page, "")
    return article(Fetched(url=url, final_url=url, body=body, charset=charset), rules)


def extract_all(
    pages: Iterable[tuple[str | bytes, str]], executor: Executor, *, rules: Rules = NO_RULES
) -> Iterator[Draft | PappusError]:
    """Yield the articles of pages, in their order; where a page has none, the error that says why.

    Few pages are held at once, however many there are.

    Args:
        pages: pairs as :func:`extract` takes them.
        executor: does the work: threads, processes, or those of a cluster.
        rules: of the site, where all pages are of one.
    """
    waiting: deque[tuple[str, Future[Draft]]] = deque()
    for page, url in pages:
        waiting.append((url, executor.submit(extract, page, url, rules=rules)))
        if len(waiting) >= _AHEAD:
            yield _result(*waiting.popleft())
    while waiting:
        yield _result(*waiting.popleft())


def _result(url: str, work: Future[Draft]) -> Draft | PappusError:
    try:
        return work.result()
    except PappusError as error:
        return error if error.subject else ExtractError(url, error.reason)
