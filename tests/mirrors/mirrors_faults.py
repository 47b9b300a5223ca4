"""A proxy on loopback before a server of S3, which sees every request and can spoil it."""

from __future__ import annotations

import http.client
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from msgspec import Struct


class Seen(Struct):
    """A request that came by, and when."""

    method: str
    path: str  # without the bucket, decoded
    query: str
    headers: dict
    began: float
    ended: float = 0.0
    status: int = 0
    body: bytes = b""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # head and body in one packet
    disable_nagle_algorithm = True

    def do_GET(self):
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        path = unquote(parts.path.lstrip("/").partition("/")[2])
        seen = Seen(self.command, path, parts.query, dict(self.headers), time.monotonic(), body=body)
        self.server.seen.append(seen)
        fault = self.server.fault(seen)
        status, headers, answer = (
            fault if isinstance(fault, tuple) else self._forward(body) if fault in {None, "lose"} else (0, [], b"")
        )
        seen.ended, seen.status = time.monotonic(), status
        if fault in ("cut", "lose"):  # before, or after it was done
            self.close_connection = True
        elif fault == "hang":
            self.server.over.wait(20)
            self.close_connection = True
        elif fault == "truncate":
            self._say(
                200, [("Content-Length", "1000"), ("ETag", '"x"'), ("Last-Modified", "Mon, 23 Nov 2026 00:00:00 GMT")]
            )
            self.wfile.write(b"half")
            self.close_connection = True
        else:
            self._say(status, headers)
            self.wfile.write(answer)

    do_PUT = do_POST = do_DELETE = do_HEAD = do_GET  # noqa: N815  # the names are the library's

    def _forward(self, body):
        connection = http.client.HTTPConnection(self.server.upstream, timeout=20)
        try:
            connection.request(self.command, self.path, body, dict(self.headers))
            answer = connection.getresponse()
            data = answer.read()
            kept = [
                (name, value)
                for name, value in answer.getheaders()
                if name.lower() not in {"connection", "content-length", "server", "date", "transfer-encoding"}
            ]
            return (
                answer.status,
                [*kept, ("Content-Length", answer.getheader("Content-Length") or str(len(data)))],
                data,
            )
        finally:
            connection.close()

    def _say(self, status, headers):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_):
        pass


def said(status, code, extra=""):
    """Return an answer that refuses, as S3 words it."""
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message>{extra}</Error>".encode()
    return status, [("Content-Length", str(len(body))), ("Content-Type", "application/xml")], body


@contextmanager
def faulty(address, fault=lambda _: None):
    """Yield a proxy before an address: it has a ``url``, what it has ``seen``, and a ``fault``, a function of what it sees.

    The fault is None for none, an answer to give instead, or "cut", "hang", "truncate", or "lose" for an answer that is lost.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.upstream, server.seen, server.fault, server.over = urlsplit(address).netloc, [], fault, threading.Event()
    server.url = f"http://127.0.0.1:{server.server_port}"
    server.handle_error = lambda *_: None  # whoever asked went away
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
