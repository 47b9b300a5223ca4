"""What the tests of the whole way share: a small paper on loopback, newsrooms that read it, and looks at what was published."""

from __future__ import annotations

import hashlib
import io
import os
import random
import shutil
import subprocess
import sys
import tarfile
import threading
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self
from xml.sax.saxutils import escape

from msgspec import Struct
from msgspec.structs import replace
from PIL import Image

from pappus import config
from pappus.demo.newspaper import CHANNELS
from pappus.pipeline import VERBS
from pappus.pipeline import run as run_verbs
from pappus.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from pappus.pipeline import Newsroom, Report, Verb
    from pappus.store import Event

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FORGE = "https://forge.example/harbour/news/blob/main/"
FOLDER = "https://news.example/harbour/"


class Moment:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


class Heard:
    """A listener that keeps what it hears."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def event(self, event: Event) -> None:
        self.events.append(event)

    def progress(self, place: str, done: int, total: int | None) -> None:
        pass


def threads() -> Executor:
    """Workers that start at once: for input of our own."""
    return ThreadPoolExecutor(2)


def load(folder: Path, clock: Moment | None = None) -> Newsroom:
    """Return the newsroom of a folder, its CPU work done in this process."""
    return replace(config.load(folder / config.FILE, clock=clock or Moment()), executor=threads, encoders=threads)


def run(newsroom: Newsroom, verbs: Sequence[Verb] = VERBS, **flags: bool) -> Report:
    return run_verbs(newsroom, Heard(), verbs, **flags)


def channels() -> dict[str, str]:
    """Return the channels of the demo's newspaper, as :func:`toml` takes them."""
    keys = {"within": "within", "link": "link", "title": "link_title"}
    return {
        channel.name: "\n".join(
            [
                channel.path,
                f'kind = "{channel.kind}"',
                *(f'{keys[k]} = "{v}"' for k, v in channel.selectors.items()),
            ]
        )
        for channel in CHANNELS
    }


def told(report: Report, *kinds: str) -> list[tuple[str, str, str]]:
    """Return what a report says of these kinds: (kind, place, last part of the subject)."""
    return [(e.kind, e.place, e.subject.rsplit("/", 1)[-1]) for e in report.events if e.kind in kinds]


def pappus(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the real program."""
    return subprocess.run(
        python("-m", "pappus", *map(str, arguments)),
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


# What stands in mirrors


def tree(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file under a folder, by path."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def marks(folder: Path) -> dict[str, tuple[int, int]]:
    """Return inode and time of change of everything under a folder: what would show that a file was written anew."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns) for path in folder.rglob("*")
    }


def git(repository: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", str(repository), *arguments], capture_output=True, check=True).stdout


def git_tree(repository: Path, commit: str = "main") -> dict[str, bytes]:
    """Return the bytes of every file of a commit, by path."""
    files = {}
    with tarfile.open(fileobj=io.BytesIO(git(repository, "archive", "--format=tar", commit))) as archive:
        for member in archive:
            if member.isfile():
                content = archive.extractfile(member)
                assert content is not None
                files[member.name] = content.read()
    return files


def head(repository: Path) -> str:
    return git(repository, "rev-parse", "main").decode().strip()


def bound(path: str) -> bool:
    """Whether a path belongs to a mirror's binding."""
    return path.startswith("qr/") or path == "mirror.json"


def changed(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> dict[str, str]:
    """Return what became of paths between two trees: put, changed or gone."""
    return {
        path: "gone" if path not in after else "put" if path not in before else "changed"
        for path in before.keys() | after.keys()
        if before.get(path) != after.get(path)
    }


def copy(folder: Path, target: Path) -> Path:
    shutil.copytree(folder, target)
    return target


def forget_editions(folder: Path) -> None:
    """Make the store of a newsroom one that has built nothing yet."""
    with open_store(folder / "state") as store, store.database.transaction():
        for table in ("change", "version", "need", "artifact", "edition", "receipt"):
            store.database.execute(f"DELETE FROM {table}")


# A small paper


class Answer(Struct, frozen=True, kw_only=True):
    """What the paper answers for a path."""

    body: bytes
    media_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = {}


class Paper:
    """A server on loopback whose pages a test puts up and takes down; knows ETags. It waits up to ``slowest`` seconds, by ``seed``.

    Attributes:
        answers: by path.
        tricks: by path, what does worse than answer.
        requests: (path, status) in order.
    """

    def __init__(self, *, slowest: float = 0.0, seed: int = 0) -> None:
        self.answers: dict[str, Answer] = {}
        self.tricks: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.requests: list[tuple[str, int]] = []
        self._slowest = slowest
        self._random = random.Random(seed)
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.paper = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def put(
        self, path: str, body: bytes | str, media_type: str = "text/html; charset=utf-8", status: int = 200
    ) -> None:
        data = body.encode() if isinstance(body, str) else body
        self.answers[path] = Answer(body=data, media_type=media_type, status=status)

    def feed(self, path: str, stories: Iterable[Story]) -> None:
        items = "".join(story.item(self.url) for story in stories)
        self.put(
            path,
            f'<rss version="2.0"><channel><title>News</title>{items}</channel></rss>',
            "application/rss+xml",
        )

    def stories(self, stories: Iterable[Story]) -> None:
        for story in stories:
            self.put(story.path, story.page())
            for name in story.images:
                self.put(f"/{name}.png", picture(name), "image/png")

    def asked(self) -> list[tuple[str, int]]:
        """Return what was asked for since the last call, robots.txt left out."""
        asked = [(path, status) for path, status in self.requests if path != "/robots.txt"]
        self.requests.clear()
        return asked

    def answer(self, path: str, known: str) -> tuple[Answer, str]:
        if self._slowest:
            time.sleep(self._random.uniform(0, self._slowest))
        answer = self.answers.get(path, Answer(body=b"nothing here", status=404))
        etag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
        if answer.status == 200 and known == etag:
            answer = replace(answer, body=b"", status=304)
        self.requests.append((path, answer.status))
        return answer, etag


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    paper: Paper

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that we kill hang up."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        if self.path in self.server.paper.tricks:
            self.close_connection = True
            self.server.paper.tricks[self.path](self)
            return
        answer, etag = self.server.paper.answer(self.path, self.headers.get("If-None-Match", ""))
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status in {200, 304}:
            self.send_header("ETag", etag)
        self.send_header("Content-Type", answer.media_type)
        if answer.status != 304:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *_: object) -> None:
        pass


class Story(Struct, frozen=True, kw_only=True):
    """An article of the small paper."""

    slug: str
    title: str
    day: datetime = START - timedelta(days=2)
    images: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    more: str = ""
    updated: datetime | None = None

    @property
    def path(self) -> str:
        return f"/{self.slug}.html"

    def item(self, base: str) -> str:
        return (
            f"<item><title>{escape(self.title)}</title><link>{base}{self.path}</link><guid>{self.slug}</guid>"
            f"<pubDate>{format_datetime(self.day)}</pubDate><description>{escape(self.title)}{self.updated}</description></item>"
        )

    def page(self) -> str:
        paragraphs = [
            f"The {self.slug} was seen from the long quay at number {number} of the morning, when the boats had come in, the ice"
            f" had been weighed, and the keeper of the harbour wrote what he had heard of it into his book. {self.more}"
            for number in ("one", "two", "three", "four")
        ]
        paragraphs += [
            f'More about it stands in <a href="{link}">another article on {link.strip("/")}</a> of this paper.'
            for link in self.links
        ]
        figures = "".join(
            f'<figure><img src="/{name}.png" alt="Drawing {name}"><figcaption>Drawing of {name}</figcaption></figure>'
            for name in self.images
        )
        text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
        modified = (
            f'<meta property="article:modified_time" content="{self.updated.isoformat()}">' if self.updated else ""
        )
        return (
            f"<!DOCTYPE html><html lang='en'><head><title>{escape(self.title)}</title>"
            f'<meta property="article:published_time" content="{self.day.isoformat()}">{modified}</head>'
            f"<body><article><h1>{escape(self.title)}</h1>{text}{figures}</article></body></html>"
        )


def picture(name: str) -> bytes:
    """Return a drawing that no other name has."""
    seed = hashlib.sha256(name.encode()).digest()
    image = Image.frombytes("RGB", (8, 4), (seed * 3)[:96]).resize((160, 80))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def many(count: int, newest: datetime = START) -> list[Story]:
    """Return stories, newest first, on several days of two months, each with an image and a link to the one before."""
    return [
        Story(
            slug=f"boat-{number}",
            title=f"Boat number {number} comes home",
            day=newest - timedelta(days=3 * number + 1),
            images=(f"drawing-{number}",),
            links=(f"/boat-{number + 1}.html",) if number + 1 < count else (),
        )
        for number in range(count)
    ]


def toml(url: str, channels: Mapping[str, str], *, source: str = "", extra: str = "", gather: str = "") -> str:
    """Return a configuration: one local source with these channels (name: path, and perhaps more keys), two mirrors."""
    lines = ["[site]", 'title = "The harbour, mirrored"', "[gather]", "delay = 0.0", "per_host = 8", gather]
    lines += [
        "[[sources]]",
        'name = "paper"',
        'title = "The Paper"',
        'licence = "CC0"',
        "local = true",
        source,
    ]
    for name, path in channels.items():
        first, *keys = path.split("\n")
        lines += [
            "[[sources.channels]]",
            f'name = "{name}"',
            f'title = "{name.title()}"',
            f'url = "{url}{first}"',
            *keys,
        ]
    lines += [
        extra,
        "[[mirrors]]",
        'name = "forge"',
        'kind = "git"',
        'remote = "mirrors/forge.git"',
        f'address = "{FORGE}"',
    ]
    lines += [
        "[[mirrors]]",
        'name = "folder"',
        'kind = "directory"',
        'path = "mirrors/folder"',
        f'address = "{FOLDER}"',
    ]
    return "\n".join(lines) + "\n"


def newsroom(folder: Path, text: str, clock: Moment | None = None) -> Newsroom:
    """Write a configuration into a folder, and return its newsroom."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / config.FILE).write_text(text, encoding="utf-8")
    return load(folder, clock)
