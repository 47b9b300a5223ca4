"""A reader in a real browser, and the bytes that come to him."""

from __future__ import annotations

import gzip
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

_TYPES = {"html": "text/html", "js": "text/javascript", "wasm": "application/wasm"}
_ASKED = """async query => {
  const search = window.pagefind || (window.pagefind = await import('/pagefind/pagefind.js'));
  const found = await search.search(query);
  const shown = await Promise.all(found.results.slice(0, 10).map(result => result.data()));
  window.left = found.results.slice(10, 200);
  return [found.results.length, shown.map(one => one.url)];
}"""


class Answer(Struct, frozen=True):
    """What was found, and what it took."""

    found: frozenset[int]  # numbers of articles
    plain: int  # bytes of the files that were loaded, as they are
    packed: int  # the same where the host packs them with gzip, if that makes them smaller
    requests: int


class Counter:
    """Serves files on loopback, and counts their bytes."""

    def __init__(self, body: Callable[[str], bytes]) -> None:
        self.loaded: dict[str, tuple[int, int]] = {}
        counter = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = unquote(urlsplit(self.path).path)[1:]
                data = body(path)
                counter.loaded[path] = (len(data), min(len(data), len(gzip.compress(data, 9))))
                self.send_response(200 if data else 404)
                self.send_header("Content-Type", _TYPES.get(path.rpartition(".")[2], "application/octet-stream"))
                self.send_header("Content-Length", str(len(data)))
                self.send_header("Cache-Control", "max-age=600")
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name in the base class
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve while it lasts."""
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        yield
        self._server.shutdown()
        self._server.server_close()

    def answer(self, found: set[int]) -> Answer:
        """Return what was found, and what came since the last answer; a page, icons and what belongs to pages are not counted."""
        counted = [
            size for path, size in self.loaded.items() if not path.endswith((".html", ".png", ".ico", "site.js"))
        ]
        self.loaded.clear()
        plain, packed = (sum(sizes) for sizes in zip(*counted, strict=True)) if counted else (0, 0)
        return Answer(frozenset(found), plain, packed, len(counted))


def ask_ours(view: Page, counter: Counter, words: str) -> tuple[Answer, frozenset[int]]:
    """Type words into our page. Returns the first answer, and all that is found in the end, at the reader's wish."""
    view.fill("#search-words", words)
    view.press("#search-words", "Enter")
    _wait(view)
    first = counter.answer(_numbers(view))
    while left := view.locator("#search-older:not([hidden]), #search-more:not([hidden])").all():
        left[0].click()
        _wait(view)
    counter.answer(set())
    return first, frozenset(_numbers(view))


def _wait(view: Page) -> None:
    while "Searching" in (said := view.inner_text("#search-said")) or not said:
        view.wait_for_timeout(5)


def _numbers(view: Page) -> set[int]:
    addresses = view.eval_on_selector_all("#search-found a", "links => links.map(link => link.href)")
    return {int(re.findall(r"story-(\d+)", address)[0]) for address in addresses}


def ask_pagefind(view: Page, counter: Counter, words: str) -> tuple[Answer, frozenset[int]]:
    """Ask Pagefind. Returns the first answer, and all that is found."""
    _, shown = view.evaluate(_ASKED, words)
    first = counter.answer(_of(shown))
    rest = view.evaluate("async () => (await Promise.all(window.left.map(one => one.data()))).map(one => one.url)")
    counter.answer(set())
    return first, frozenset(_of([*shown, *rest]))


def _of(addresses: list[str]) -> set[int]:
    return {int(re.findall(r"(\d+)\.html", address)[0]) for address in addresses}
