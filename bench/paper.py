"""A newspaper for benchmarks: as many articles as are asked for, made of a seed, served on loopback by a thread of its own."""

from __future__ import annotations

import io
import random
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self
from xml.sax.saxutils import escape

from PIL import Image

if TYPE_CHECKING:
    from types import TracebackType

_START = datetime(2024, 1, 1, tzinfo=UTC)
_SYLLABLES = [consonant + vowel for consonant in "bdghklmnprst" for vowel in "aeio"]


def when(number: int) -> datetime:
    """Return when an article is published: one every ten minutes."""
    return _START + timedelta(minutes=10 * number)


def title(number: int) -> str:
    """Return an article's title."""
    return _sentence(random.Random(f"title {number}"), 8)


def paragraphs(number: int) -> list[str]:
    """Return an article's text, about 3 KB."""
    source = random.Random(f"text {number}")
    return [" ".join(_sentence(source, source.randint(8, 20)) + "." for _ in range(4)) for _ in range(8)]


def _sentence(source: random.Random, words: int) -> str:
    return " ".join("".join(source.choices(_SYLLABLES, k=source.randint(1, 4))) for _ in range(words)).capitalize()


def picture(number: int) -> bytes:
    """Return a JPEG of 1600 x 1000 that is hard enough to compress to be like a photograph."""
    source = random.Random(f"picture {number}")
    small = Image.frombytes("RGB", (160, 100), source.randbytes(160 * 100 * 3))
    out = io.BytesIO()
    small.resize((1600, 1000), Image.Resampling.BICUBIC).save(out, "JPEG", quality=88)
    return out.getvalue()


class Paper:
    """The server. What it serves is made when it is announced, so that answering costs next to nothing."""

    def __init__(self) -> None:
        self._feed: tuple[int, ...] = ()
        self._made: dict[str, tuple[bytes, str]] = {}
        self.requests = 0
        paper = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                paper.requests += 1
                paper.answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name in the base class
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def announce(self, numbers: range) -> None:
        """Let the feed name these articles, and make them."""
        self._feed = tuple(numbers)
        self._made = {
            "/robots.txt": (b"User-agent: *\nAllow: /\n", "text/plain"),
            "/feed.xml": (self._rss(), "application/rss+xml"),
        }
        for number in numbers:
            self._made[f"/story/{number}"] = (self._page(number), "text/html; charset=utf-8")
            self._made[f"/picture/{number}.jpg"] = (picture(number), "image/jpeg")

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        body, media_type = self._made.get(request.path, (b"", "text/plain"))
        tag = f'"{hash((request.path, body)) & 0xFFFFFFFF:x}"'
        if request.headers.get("If-None-Match") == tag:
            request.send_response(304)
            request.send_header("ETag", tag)
            request.end_headers()
            return
        request.send_response(200 if body else 404)
        request.send_header("Content-Type", media_type)
        request.send_header("ETag", tag)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def _rss(self) -> bytes:
        items = "".join(
            f"<item><title>{escape(title(n))}</title><link>{self.url}/story/{n}</link><pubDate>{format_datetime(when(n))}</pubDate></item>"
            for n in reversed(self._feed)
        )
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Bench</title>{items}</channel></rss>'.encode()

    def _page(self, number: int) -> bytes:
        text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs(number))
        menu = "".join(f'<li><a href="/section/{n}">Section {n}</a></li>' for n in range(40))
        return (
            f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{title(number)} - Bench</title>"
            f'<meta property="og:title" content="{title(number)}">'
            f'<meta property="article:published_time" content="{when(number).isoformat()}"></head>'
            f"<body><nav><ul>{menu}</ul></nav><main><article><h1>{title(number)}</h1>"
            f'<figure><img src="/picture/{number}.jpg" alt="A picture"><figcaption>{title(-number)}</figcaption></figure>'
            f"{text}</article></main><aside><ul>{menu}</ul></aside><footer>{menu}</footer></body></html>"
        ).encode()
