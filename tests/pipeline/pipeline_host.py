"""What shows a site: a host of web pages on loopback, a folder under any path, that can be taken away; and a browser."""

from __future__ import annotations

import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SITE_MIRROR = """
[[mirrors]]
name = "site"
edition = "site"
kind = "directory"
path = "mirrors/site"
address = "https://www.news.example/"
"""


class _Handler(SimpleHTTPRequestHandler):
    prefix = "/"
    bare = False

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if self.bare and path.endswith(".html"):
            self.send_response(308)
            self.send_header("Location", path.removesuffix(".html"))
            self.end_headers()
            return
        if self.bare and Path(self.translate_path(path) + ".html").is_file():
            self.path = path + ".html"
        super().do_GET()

    def translate_path(self, path: str) -> str:
        """Return the file, or one that is not there for what lies outside."""
        inside = path.removeprefix(self.prefix) if path.startswith(self.prefix) else "no/such/file"
        return super().translate_path("/" + inside)

    def end_headers(self) -> None:
        """Have everything asked for anew, so that nothing that was shown comes from a browser's cache."""
        self.send_header("Cache-Control", "no-store" if self.bare else "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name in the base class
        """Keep quiet."""


class Host:
    """Serves a folder at ``address``; ended with the context, or before with :meth:`stop`. A ``bare`` one leaves ".html" out."""

    def __init__(self, folder: Path, prefix: str = "/", *, bare: bool = False) -> None:
        handler = type("Handler", (_Handler,), {"prefix": prefix, "bare": bare})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder)))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.address = self.origin + prefix

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Be gone."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
