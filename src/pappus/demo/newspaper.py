"""The Ternhaven Courier, an invented newspaper, served on loopback: ``python -m pappus.demo.newspaper``.

It has what a newspaper's site has, in seven languages: feeds of five kinds, index pages, a list of addresses, articles with
pictures and all that surrounds them. Same port, same bytes. Three things can happen to it: an article is corrected, one is
withdrawn, a new one appears; one is broken from the start.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Literal, Self
from urllib.parse import quote, unquote

from aiohttp import web
from msgspec import Struct

from pappus.demo import feeds, pages, pictures
from pappus.demo.pages import Document
from pappus.demo.stories import Stage, stories, words

if TYPE_CHECKING:
    from collections.abc import Mapping

HOST = "127.0.0.1"
PORTS_TRIED = 20  # from the wished one upwards
REQUESTS_KEPT = 10_000
_DRAWN = datetime(2026, 9, 1, 6, 0, tzinfo=UTC)  # when pictures, styles and robots.txt were put up
_ROBOTS = "User-agent: *\nAllow: /\n"


class Channel(Struct, frozen=True, kw_only=True):
    """Something that can be subscribed to.

    ``selectors`` are the CSS selectors that an index page is read with: ``within`` (one teaser), ``link`` and ``title``.
    """

    name: str
    title: str
    language: str  # BCP 47; "" for a mixed one
    kind: Literal["feed", "index", "list"]
    path: str  # percent-encoded, from the root
    selectors: Mapping[str, str] = {}


CHANNELS: tuple[Channel, ...] = (
    Channel(name="harbour", title="Harbour news", language="en", kind="feed", path=pages.FEED_PATHS["en"]),
    Channel(name="港口", title="港口新闻", language="zh-Hans", kind="feed", path=pages.FEED_PATHS["zh-hans"]),
    Channel(name="港灣", title="港灣新聞", language="zh-Hant", kind="feed", path=quote(pages.FEED_PATHS["zh-hant"])),
    Channel(name="بندر", title="خبرهای بندر", language="fa", kind="feed", path=pages.FEED_PATHS["fa"]),
    Channel(name="гавань", title="Новости гавани", language="ru", kind="feed", path=quote(pages.FEED_PATHS["ru"])),
    Channel(
        name="नगर", title="नगर समाचार", language="hi", kind="index", path="/hi/",
        selectors=MappingProxyType({"within": "main .teaser", "link": "h3 a", "title": "h3"}),
    ),
    Channel(
        name="ဆိပ်ကမ်း", title="ဆိပ်ကမ်းသတင်း", language="my", kind="index", path="/my/",
        selectors=MappingProxyType({"within": "main .teaser", "link": "h3 a", "title": "h3"}),
    ),
    Channel(name="latest", title="Latest, all languages", language="", kind="feed", path=feeds.LATEST_PATH),
    Channel(name="archive", title="Archive", language="", kind="list", path=feeds.ARCHIVE_PATH),
)  # fmt: skip


def site(base: str, reached: frozenset[Stage]) -> dict[str, Document]:
    """Return the whole newspaper but its pictures, by unquoted path.

    Args:
        base: its address without a slash at the end, ``http://127.0.0.1:8765``.
        reached: what has happened to it since the start.
    """
    announced = stories(reached)
    standing = tuple(story for story in announced if story.stage != "withdrawn")
    documents = {unquote(story.path): pages.article(story, standing, base) for story in announced}
    documents |= {f"/{name}/": pages.section(name, standing, base) for name in words()}
    documents |= feeds.all_feeds(announced, base)
    documents["/"] = pages.front(standing, base)
    documents["/about.html"] = pages.about(standing, base)
    documents["/404.html"] = pages.missing(standing)
    documents["/assets/paper.css"] = _asset(pages.asset("paper.css"), "text/css")
    documents["/assets/paper.js"] = _asset(pages.asset("paper.js"), "text/javascript")
    documents["/robots.txt"] = _asset(_ROBOTS, "text/plain")
    return documents


def _asset(text: str, media_type: str) -> Document:
    return Document(body=text.encode(), content_type=f"{media_type}; charset=utf-8", modified=_DRAWN)


class Newspaper:
    """The newspaper's server: a context manager that serves from a thread of its own.

    Args:
        port: where to listen; if it is taken, the next free one of the following. 0 for any free port.

    Attributes:
        url: the newspaper's address, without a slash at its end, once it serves.
        requests: the last 10,000 requests as (method, path as asked, status), oldest first.
    """

    def __init__(self, port: int = 8765) -> None:
        self.url = ""
        self._port = port
        self._log: deque[tuple[str, str, int]] = deque(maxlen=REQUESTS_KEPT)
        self._reached: frozenset[Stage] = frozenset()
        self._documents: dict[str, Document] = {}
        self._pictures: dict[str, bytes] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="newspaper", daemon=True)
        self._runner: web.ServerRunner | None = None

    @property
    def requests(self) -> list[tuple[str, str, int]]:
        """The last requests; a copy."""
        return list(self._log)

    def correct(self) -> None:
        """Correct the article on the winter timetable: text, title, date and its place in the feeds."""
        self._reach("corrected")

    def withdraw(self) -> None:
        """Withdraw the article on the swimming steps: 410 at its address, a notice in the feeds."""
        self._reach("withdrawn")

    def add(self) -> None:
        """Publish an article that was not announced before."""
        self._reach("added")

    def paths(self) -> list[str]:
        """Return every path that answers something, pictures included, sorted, unquoted."""
        drawn = [
            *pictures.PHOTOGRAPHS,
            *map(pictures.small_name, pictures.PHOTOGRAPHS),
            *pictures.CHARTS,
            pictures.LOGO,
        ]
        return sorted([*self._documents, *(f"/images/{name}" for name in drawn)])

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
            self._reach()
        except BaseException:  # whatever it was: leave no thread behind
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def _stop(self) -> None:
        if self._runner is not None:
            asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _listen(self) -> None:
        """Listen on the wished port or one of the next.

        Raises:
            OSError: all of them are taken.
        """
        self._runner = web.ServerRunner(web.Server(self._answer, access_log=None), shutdown_timeout=1)
        await self._runner.setup()
        last = self._port + (PORTS_TRIED if self._port else 1)
        for port in range(self._port, last):
            try:
                await web.TCPSite(self._runner, HOST, port).start()
            except OSError:
                if port == last - 1:
                    raise
            else:
                break
        host, bound = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{bound}"

    def _reach(self, *stages: Stage) -> None:
        """Make the whole anew with these stages reached; one assignment, so a reader sees the old or the new."""
        self._reached |= frozenset(stages)
        self._documents = site(self.url, self._reached)

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        response = await self._response(request)
        self._log.append((request.method, request.raw_path, response.status))
        return response

    async def _response(self, request: web.BaseRequest) -> web.Response:
        if request.method not in {"GET", "HEAD"}:
            return web.Response(status=405, headers={"Allow": "GET, HEAD"})
        document = await self._document(request.path) or self._documents["/404.html"]
        headers = {
            "ETag": f'"{hashlib.sha256(document.body).hexdigest()[:20]}"',
            "Last-Modified": format_datetime(document.modified.astimezone(UTC), usegmt=True),
            "Cache-Control": "no-cache",
        }
        if document.status == 200 and _has(request, document, headers["ETag"]):
            return web.Response(status=304, headers=headers)
        return web.Response(
            status=document.status, body=document.body, headers={**headers, "Content-Type": document.content_type}
        )

    async def _document(self, path: str) -> Document | None:
        if path in self._documents:
            return self._documents[path]
        folder, _, name = path.rpartition("/")
        if folder != "/images":
            return None
        if name not in self._pictures:
            try:  # in a worker thread: Pillow lets other threads run while it draws
                drawn = await asyncio.get_running_loop().run_in_executor(
                    None, pictures.render, pictures.large_name(name)
                )
            except KeyError:
                return None
            self._pictures |= drawn
        picture = self._pictures.get(name)
        if picture is None:
            return None
        return Document(
            body=picture, content_type="image/png" if name.endswith(".png") else "image/jpeg", modified=_DRAWN
        )


def _has(request: web.BaseRequest, document: Document, etag: str) -> bool:
    """Whether the client has this version already (RFC 9110, section 13.2.2)."""
    known = request.headers.get("If-None-Match")
    if known is not None:
        return known.strip() == "*" or etag in {tag.strip().removeprefix("W/") for tag in known.split(",")}
    try:
        since = parsedate_to_datetime(request.headers.get("If-Modified-Since", ""))
    except ValueError:
        return False
    return document.modified <= (since if since.tzinfo else since.replace(tzinfo=UTC))


def main() -> None:
    """Serve until interrupted."""
    with Newspaper() as newspaper:
        print(f"{words()['en']['paper']}: {newspaper.url}  (Ctrl-C to stop)")  # noqa: T201 - the program's output
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
