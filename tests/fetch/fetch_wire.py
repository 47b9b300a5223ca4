"""A server whose every byte we choose, names that resolve as we say, and a clock of our own.

127.0.0.2 stands for the public internet: nothing in these tests leaves the machine.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from aiohttp.abc import AbstractResolver
from msgspec import Struct

from pappus.fetch import FetchPolicy
from pappus.fetch.guard import special

PUBLIC = "127.0.0.2"
LOOPBACK = "127.0.0.1"
LOCAL = FetchPolicy(local=True, robots=False, delay=0.0)
WORLD = FetchPolicy(robots=False, delay=0.0)


def refuse_all_but_public(address: str) -> str:
    return "" if address == PUBLIC else special(address)


def reply(body: bytes = b"", status: int = 200, *fields: str, length: bool = True) -> bytes:
    head = [f"HTTP/1.1 {status} Something", "Connection: close", *fields]
    if length:
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body


def redirect(target: str, status: int = 302) -> bytes:
    return reply(b"", status, f"Location: {target}")


class Request(Struct, frozen=True):
    method: str
    target: str
    headers: dict[str, str]  # names in lower case
    names: tuple[str, ...]


Answer = bytes | Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


class Server(Struct):
    """Answers by path; notes what it was asked."""

    host: str
    routes: dict[str, Answer]
    port: int = 0
    requests: list[Request] = []
    connections: int = 0

    def url(self, path: str = "/", host: str = "") -> str:
        return f"http://{host or self.host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        return [request.target for request in self.requests]

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, target, _ = head[0].split(" ")
            pairs = [line.partition(": ")[::2] for line in head[1:] if line]
            request = Request(
                method, target, {name.lower(): value for name, value in pairs}, tuple(name for name, _ in pairs)
            )
            self.requests.append(request)
            answer = self.routes.get(target, reply(b"not here", 404))
            if isinstance(answer, bytes):
                writer.write(answer)
            else:
                await answer(request, writer)
            await writer.drain()
        writer.close()


class Memory:
    """Keeps robots.txt files in a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[str, datetime]] = {}

    def robots(self, origin: str) -> tuple[str, datetime] | None:
        return self.kept.get(origin)

    def remember_robots(self, origin: str, text: str, at: datetime) -> None:
        self.kept[origin] = (text, at)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2024, 5, 17, 6, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


class Names(AbstractResolver):
    """Resolves every name: first to the first list of addresses, then to the second, the last one for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[dict]:
        self.asked.append(host)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            {"hostname": host, "host": one, "port": port, "family": family, "proto": 0, "flags": 0} for one in answer
        ]

    async def close(self) -> None:
        pass
