"""Where a copy can be read: a folder, a branch of a git repository, an address on the web, a bucket.

A copy is somebody else's, so every read has a limit, nothing in it is run, followed or written, and nothing of it is believed:
that is for :mod:`pappus.trust.check`. A new kind of place is one class with the methods of :class:`Place`.
"""

from __future__ import annotations

import asyncio
import os
import stat
import subprocess
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, Literal, Protocol, Self

from msgspec import Struct

from pappus import __version__, urls
from pappus.errors import FetchError, MirrorError, StatusError
from pappus.fetch import FetchOptions, FetchPolicy
from pappus.fetch.client import Client
from pappus.fetch.guard import is_loopback
from pappus.fetch.robots import ForOneRun
from pappus.layout import MIRROR_JSON, is_metadata
from pappus.mirrors import usable_address
from pappus.mirrors.program import Program, environment
from pappus.model import Private

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from types import TracebackType

    from pappus.model import Fetched

MOST_FILES: Final = 2_000_000  # that a copy may list
BUCKET: Final = "s3://"
READERS: Final = 8  # at once, of one place
_GIT_SECONDS = 60.0
_WEB_SECONDS = 60.0  # for one file with its redirects: Tor is slow
_GONE = frozenset({403, 404, 410})  # S3 says 403 of what is not there
_LEAVE = 5.0  # seconds for a helper to end


class MissingError(MirrorError):
    """No file of this name is there."""


class LongError(MirrorError):
    """A file that is longer than it may be."""


class FormsError(MirrorError):
    """A file that a place sends packed and plain, and not the same; or of which browsers show another in its place."""


class Found(Struct, frozen=True):
    """One name in a listing."""

    path: str  # bytes that are no UTF-8 as half surrogates
    size: int  # bytes
    kind: Literal["file", "link", "other"] = "file"


class Place(Protocol):
    """A copy, as it can be read; a context manager. May be read by several threads at once."""

    name: str  # what the operator or reader calls it

    def read(self, path: str, limit: int) -> bytes:
        """Return the bytes of a file.

        Raises:
            MissingError: there is none.
            LongError: it has more bytes than ``limit``; no more than that were read.
            FormsError: the place sends it in several forms, which are not of the same bytes, or leads browsers elsewhere from it.
            MirrorError: the place does not answer, or cannot be read.
        """
        ...

    def names(self) -> Iterator[Found] | None:
        """Yield every file, and what else has a name; None if the place does not tell.

        Raises:
            MirrorError: the place cannot be read.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class PlaceOptions(Private, frozen=True, kw_only=True):
    """How a place is read."""

    branch: str = ""  # of a git repository; "" for its HEAD, or for the files of a work tree as they lie there
    proxy: str = ""  # http:// or socks5://; "" for none


def open_place(name: str, options: PlaceOptions, clock: Callable[[], datetime]) -> Place:
    """Return the place that somebody names.

    Raises:
        MirrorError: it names none that can be read.
    """
    if name.startswith(BUCKET):
        from pappus.pipeline.bucket import BucketPlace  # noqa: PLC0415  # obstore, for those who name a bucket

        return BucketPlace(name, os.environ)
    if "://" in name:
        return WebPlace(usable_address(name), options.proxy, clock)
    folder = Path(name)
    if not folder.is_dir():
        raise MirrorError(repr(name), "is neither an http or https address nor a folder", "give one of the two")
    clone, bare = folder / ".git", (folder / "HEAD").is_file() and (folder / "objects").is_dir()
    if bare:
        return GitPlace(name, folder.resolve(), options.branch)
    if options.branch:
        if not clone.exists():
            raise MirrorError(repr(name), "is no git repository, and has no branches", "leave out --branch")
        return GitPlace(name, clone.resolve(), options.branch)
    return FolderPlace(folder)


class Still:
    """A place that needs no opening and closing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


class FolderPlace(Still):
    """A folder, or the work tree of a clone. Symbolic links are told of, and never followed."""

    def __init__(self, folder: Path) -> None:
        self.name = str(folder)
        self._root = folder.resolve()

    def read(self, path: str, limit: int) -> bytes:
        """Read a file."""
        try:
            handle = os.open(self._root / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(handle, "rb") as file:
                if not stat.S_ISREG(os.fstat(handle).st_mode):
                    raise MirrorError(path, "is no file")
                data = file.read(limit + 1)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise MissingError(path, "is not there") from error
        except OSError as error:
            raise MirrorError(path, f"cannot be read: {error.strerror}") from error
        if len(data) > limit:
            raise LongError(path, f"is longer than {limit:,} bytes")
        return data

    def names(self) -> Iterator[Found]:
        """Walk the folder, but for a clone's own ``.git``."""
        left, seen = [""], 0
        while left:
            within = left.pop()
            try:
                with os.scandir(self._root / within) as entries:
                    for entry in entries:
                        path = within + entry.name
                        if path == ".git":
                            continue
                        seen = _counted(seen, self.name)
                        if entry.is_dir(follow_symlinks=False):
                            left.append(f"{path}/")
                        else:
                            yield _entry(path, entry)
            except OSError as error:
                raise MirrorError(self.name, f"cannot be read: {error.strerror}: {error.filename!r}") from error


def _entry(path: str, entry: os.DirEntry[str]) -> Found:
    if entry.is_symlink():
        return Found(path, 0, "link")
    known = entry.stat(follow_symlinks=False)
    return Found(path, known.st_size, "file" if stat.S_ISREG(known.st_mode) else "other")


def _counted(seen: int, name: str) -> int:
    if seen >= MOST_FILES:
        raise MirrorError(name, f"has more than {MOST_FILES:,} files")
    return seen + 1


class GitPlace:
    """One commit of a git repository, from its objects alone.

    The repository's own configuration is a stranger's too: no object is fetched, whatever it says, no filter, hook or replacement counts.
    """

    def __init__(self, name: str, repository: Path, branch: str) -> None:
        self.name = f"{name} ({branch or 'HEAD'})"
        self._branch = f"refs/heads/{branch}" if branch else "HEAD"
        self._variables = environment(Path(os.devnull)) | {
            "GIT_DIR": str(repository),
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_ALLOW_PROTOCOL": "none",
            "GIT_NO_REPLACE_OBJECTS": "1",
        }
        self._blobs: dict[str, tuple[str, int]] = {}
        self._lock = threading.Lock()
        self._cat: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._cat = self._start("cat-file", "--batch")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._cat is not None:
            _end(self._cat)
            self._cat = None

    def read(self, path: str, limit: int) -> bytes:
        """Read a blob, one at a time; only what :meth:`names` has told."""
        if path not in self._blobs:
            raise MissingError(path, "is not there")
        blob, size = self._blobs[path]
        if size > limit:
            raise LongError(path, f"is longer than {limit:,} bytes")
        with self._lock:
            return self._contents(path, blob, size)

    def _contents(self, path: str, blob: str, size: int) -> bytes:
        _, out = _pipes(self._cat)
        try:
            self._ask(blob)
            head = out.readline()
            data = out.read(size + 1) if head == f"{blob} blob {size}\n".encode() else b""
        except OSError as error:
            raise MirrorError(path, f"cannot be read: {error.strerror}") from error
        if len(data) != size + 1:
            raise MirrorError(path, f"cannot be read: git says {head.decode('utf-8', 'replace').strip()[:80]!r}")
        return data[:size]

    def _ask(self, blob: str) -> None:
        feed, _ = _pipes(self._cat)
        feed.write(f"{blob}\n".encode())
        feed.flush()

    def names(self) -> Iterator[Found]:
        """List the commit's tree."""
        program = Program(self.name, self._variables, _GIT_SECONDS)
        done = program.call("rev-parse", "--verify", "--quiet", f"{self._branch}^{{commit}}")
        if done.returncode != 0:
            raise MirrorError(self.name, "has no such branch, or no commit")
        tree = self._start("ls-tree", "-r", "-z", "-l", "--full-tree", done.stdout.decode().strip())
        try:
            seen = 0
            for line in _records(_pipes(tree)[1]):
                seen = _counted(seen, self.name)
                yield self._listed(line)
            if tree.wait(_LEAVE) != 0:
                raise MirrorError(self.name, "its tree cannot be read")
        finally:
            _end(tree)

    def _listed(self, line: bytes) -> Found:
        told, _, name = line.partition(b"\t")
        mode, kind, blob, size = told.decode("ascii").split()
        path = name.decode("utf-8", "surrogateescape")
        if mode == "120000":
            return Found(path, 0, "link")
        if kind != "blob":
            return Found(path, 0, "other")
        known = (
            int(size) if size.isdecimal() else 0
        )  # of what is lost or broken git knows no size; reading it will show that
        self._blobs[path] = blob, known
        return Found(path, known)

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                ["git", *arguments],
                cwd="/",
                env=self._variables,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise MirrorError(self.name, "git is not installed", "install git") from error


def _records(out: IO[bytes]) -> Iterator[bytes]:
    """Yield what NUL ends, as it comes."""
    rest = b""
    while piece := out.read(1 << 16):
        *whole, rest = (rest + piece).split(b"\0")
        yield from whole


def _pipes(process: subprocess.Popen[bytes] | None) -> tuple[IO[bytes], IO[bytes]]:
    if process is None or process.stdin is None or process.stdout is None:
        raise RuntimeError("the place is used outside its context")
    return process.stdin, process.stdout


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


class WebPlace:
    """An address that paths are appended to. It cannot be listed."""

    def __init__(self, address: str, proxy: str, clock: Callable[[], datetime]) -> None:
        self.name = address
        try:
            options = FetchOptions(
                user_agent=f"pappus/{__version__}", proxy=proxy, concurrency=READERS, per_host=READERS, delay=0.0,
                timeout=_WEB_SECONDS, retries=1,
            )  # fmt: skip
        except ValueError as error:
            raise MirrorError("--proxy", str(error)) from error
        self._policy = FetchPolicy(local=is_loopback(urls.host(address)), robots=False)
        self._client = Client(options, ForOneRun(), clock=clock)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._client.__aenter__(), self._loop).result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._client.__aexit__(None, None, None), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def read(self, path: str, limit: int) -> bytes:
        """Ask for a file, where it comes packed in each form in which it comes: browsers, feed readers and copiers take different ones."""
        first = self._ask(path, limit, "br, gzip")
        once = (
            not first.encoding or path == MIRROR_JSON or is_metadata(path)
        )  # what programs read changes while one looks
        for encoding in () if once else ("gzip", "identity"):
            if encoding != first.encoding and self._ask(path, limit, encoding).body != first.body:
                raise FormsError(path, f"is not the same when it is sent as {first.encoding} and as {encoding}")
        if len(first.body) > limit:
            raise LongError(path, f"is longer than {limit:,} bytes")
        return first.body

    def front(self, limit: int) -> bytes | None:
        """Return the page that the address itself shows, of one of more bytes than ``limit`` not all; None where it shows none."""
        try:
            shown = self._ask("", limit, "br, gzip")
        except FormsError:
            return b""  # it leads elsewhere
        except MirrorError:
            return None
        return shown.body if shown.media_type == "text/html" else None

    def _ask(self, path: str, limit: int, encodings: str) -> Fetched:
        url = self.name + urls.path_quote(path)
        beginning = self._client.beginning(url, limit + 1, self._policy, encodings)
        try:
            fetched = asyncio.run_coroutine_threadsafe(beginning, self._loop).result()
        except StatusError as error:
            kind = MissingError if error.status in _GONE else MirrorError
            raise kind(path, error.reason) from error
        except FetchError as error:
            raise MirrorError(path, error.reason, error.advice) from error
        if fetched.media_type == "text/html" and path.endswith(".json"):
            reason = "the answer is a web page about it, or instead of it"
            raise MirrorError(path, reason, "is this the address of the files themselves?")
        if fetched.refresh:
            raise FormsError(path, f"is sent with a header that leads browsers elsewhere: {fetched.refresh[:200]!r}")
        return fetched

    def names(self) -> None:
        """Tell that it cannot be listed."""
