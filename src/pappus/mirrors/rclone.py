"""Any place that rclone reaches: SFTP, WebDAV, a disk, a drive in a cloud.

Such a place cannot be changed in one step. Where rclone writes into files in place, everything is put beside the tree first, and then
moved onto its name, rank by rank; elsewhere a file is put under its name, rank by rank, for there it is whole at once. A list of what was
put already is kept in the workspace, so that a large publish that is cut off goes on where it was. Before the first file changes under
its name a journal is put that says which will, and it goes when all is done: whoever finds one knows which files may be of neither the
former version nor his own, and asks for a whole edition where his plan does not name them all (rule 16).

Rules kept: what is half done is never seen under its name; leaves first, deletions after all puts, ``mirror.json`` last (rule 13); a killed
publisher leaves no rclone behind, and the next one waits until it is gone (rule 14).
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import tempfile
import threading
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from msgspec import Struct

from pappus.errors import ForeignError, MirrorError
from pappus.layout import ASIDE, LAYOUTS, MIRROR_JSON
from pappus.mirrors.binding import LARGEST, Binding, load
from pappus.mirrors.lock import Lock
from pappus.mirrors.paths import checked, refused
from pappus.mirrors.plan import Held, MirrorState, rank
from pappus.mirrors.rcd import Daemon, RefusalError, daemon, environment, told
from pappus.model import Entry, digest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from pappus.mirrors.options import RcloneOptions
    from pappus.model import Plan

_JOURNAL = "journal-"  # what the names of journals begin with
_JOURNAL_LARGEST = 64 * 1024 * 1024  # bytes
_LONGEST = 1 << 30  # bytes of a file that can be one of ours
_AT_ONCE = 8  # requests
_IN_PLACE = ("Local file system", "ftp://", "hdfs://", "sftp://", "smb://", "webdav ")
"""How rclone tells of the backends that write, or whose servers may write, into a file under its own name."""
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_HASHES = ("sha256", "md5", "sha1")  # that are compared, best first


class _Found(Struct, frozen=True):
    """What is known of a place before it is changed."""

    files: dict[str, dict[str, Any]]  # by path, where a whole edition is put; else empty
    aside: dict[str, int]  # sizes of what lies aside, by name
    hash_name: str  # that the place knows of its files, or ""


class Rclone:
    """A mirror at a place that rclone reaches."""

    def __init__(self, options: RcloneOptions, _clock: Callable[[], datetime]) -> None:
        self._options = options
        self._remote = options.remote
        self._workspace = options.workspace.resolve()
        self._staging = self._workspace / "staging"
        self._variables = environment(self._workspace, options.config.resolve() if options.config else None)

    def state(self, *, mend: bool = True) -> MirrorState:  # noqa: ARG002  # there is nothing to mend but by publishing
        """Read the place's own ``mirror.json``, and what a publish that was cut off left."""
        with self._telling(), daemon(self._options.name, self._variables, self._options.timeout) as rclone:
            held = _held(rclone, self._remote)
            names = [item["Path"] for item in _listed(rclone, self._remote)] if held.shown is None else []
            if names and ASIDE not in names:
                raise ForeignError(self._options.name, "the place holds what is not ours", "empty it, or name another")
        return MirrorState(shown=held.shown, base=held.base)

    def apply(self, plan: Plan, read: Callable[[Entry], bytes]) -> str:
        """Put, move, delete, and say last of all that it is done."""
        for path in (*(entry.path for entry in plan.puts), *plan.deletions):
            checked(path)
        with (
            self._telling(),
            self._alone() as handle,
            daemon(self._options.name, self._variables, self._options.timeout, held=(handle,)) as rclone,
            _Done(self._workspace / "done", self._remote) as done,
        ):
            _Publish(self._options.name, self._remote, self._staging, rclone, done).run(plan, read)
            done.forget()
        return ""

    def held(self, paths: Collection[str]) -> Held:
        """Fetch the files at these paths, and what a publish that was cut off left aside."""
        with self._telling(), daemon(self._options.name, self._variables, self._options.timeout) as rclone:
            at = {path: _digests(rclone, self._remote, (checked(path),)) for path in paths}
            names = [item["Name"] for item in _listed(rclone, self._remote, under=ASIDE)]
            aside = _digests(rclone, self._remote, [f"{ASIDE}/{name}" for name in names])
        return Held(how="its files and in what lies aside", at=at, loose=aside)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Tell in one line what rclone could not do, and what our own disk refuses."""
        try:
            yield
        except RefusalError as refusal:
            raise told(self._options.name, refusal, self._remote) from refusal
        except OSError as error:
            raise refused(self._options.name, error, self._workspace) from error

    @contextmanager
    def _alone(self) -> Iterator[int]:
        """Have the place to ourselves: an rclone of a killed Pappus, which inherited the lock, ends at once; wait for that.

        Raises:
            MirrorError: another one is at work after the time limit.
        """
        deadline = time.monotonic() + self._options.timeout
        with Lock(self._workspace / "lock") as lock:
            while not lock.alone():
                if time.monotonic() > deadline:
                    raise MirrorError(self._options.name, "another rclone is at work on this mirror", "stop it")
                time.sleep(0.02)
            shutil.rmtree(self._staging, ignore_errors=True)
            self._staging.mkdir()
            try:
                yield lock.handle
            finally:
                shutil.rmtree(self._staging, ignore_errors=True)


class _Journal(Struct, frozen=True, kw_only=True):
    """What a publish is about to change; at the place itself, from before the first change until all is done.

    Args:
        target: digest of the ``mirror.json`` that it ends with.
        paths: of the files that it puts or deletes; None for any.
        former: the ``mirror.json`` that it started from, "" where there was none.
    """

    target: str
    paths: tuple[str, ...] | None
    former: str

    def dump(self) -> bytes:
        """Return its bytes."""
        return json.dumps({"target": self.target, "paths": self.paths, "former": self.former}).encode()


def _parsed(data: bytes | None) -> _Journal | None:
    """Read a journal; one that was still being written had changed nothing yet."""
    try:
        fields = json.loads(data or b"")
        paths = None if fields["paths"] is None else tuple(map(str, fields["paths"]))
        return _Journal(target=str(fields["target"]), paths=paths, former=str(fields["former"]))
    except (ValueError, TypeError, LookupError, RecursionError):
        return None


class _Held(Struct, frozen=True, kw_only=True):
    """What a place holds.

    Args:
        shown: what its ``mirror.json`` says.
        cut_off: journals of publishes that were not finished.
        journals: the names of all journals, in the order in which they may go.
    """

    shown: Binding | None
    cut_off: tuple[_Journal, ...]
    journals: tuple[str, ...]

    @property
    def base(self) -> Binding | None:
        """What a publish can start from; None where nothing less than a whole edition will do.

        Where ``mirror.json`` is away a publish was cut off in its last step, at a place that cannot move a file onto another.
        """
        if any(journal.paths is None for journal in self.cut_off):
            return None
        former = next((journal.former.encode() for journal in self.cut_off if journal.former), None)
        return self.shown or _binding(former)


def _held(rclone: Daemon, remote: str) -> _Held:
    """Look at what a place holds. Where one journal's publish was finished, there is nothing to any of them."""
    data = _fetched(rclone, remote, MIRROR_JSON, LARGEST)
    names = [item["Name"] for item in _listed(rclone, remote, under=ASIDE) if item["Name"].startswith(_JOURNAL)]
    journals = {name: _parsed(_fetched(rclone, remote, f"{ASIDE}/{name}", _JOURNAL_LARGEST)) for name in names}
    known = {name: journal for name, journal in journals.items() if journal is not None}
    finished = [name for name, journal in known.items() if data is not None and journal.target == digest(data)]
    return _Held(
        shown=_binding(data),
        cut_off=() if finished else tuple(known.values()),
        journals=(*(name for name in names if name not in finished), *finished),
    )


def _binding(data: bytes | None) -> Binding | None:
    try:
        return None if data is None else load(data)
    except MirrorError:
        return None


class _Done:
    """What an unfinished publish has put already, as names of :func:`_name`; survives a kill."""

    def __init__(self, path: Path, remote: str) -> None:
        self._path = path
        self._head = f"{digest(remote.encode())}\n"  # of this very place
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        text = self._path.read_text(encoding="ascii") if self._path.exists() else ""
        if not text.startswith(self._head):
            self._path.write_text(text := self._head, encoding="ascii")
        self._names = set(text.splitlines()[1:])
        self._file = self._path.open("a", encoding="ascii")
        if not text.endswith("\n"):  # killed while it was written
            self._file.write("\n")
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def add(self, name: str) -> None:
        """Take down one more, from any thread."""
        with self._lock:
            self._file.write(f"{name}\n")
            self._file.flush()

    def forget(self) -> None:
        """Begin anew: all is done."""
        self._path.unlink()


class _Publish:
    """One publish at a place."""

    def __init__(self, name: str, remote: str, staging: Path, rclone: Daemon, done: _Done) -> None:
        self._name = name
        self._remote = remote
        self._staging = staging
        self._rclone = rclone
        self._done = done

    def run(self, plan: Plan, read: Callable[[Entry], bytes]) -> None:
        """Bring the place to the plan's target."""
        whole = plan.base is None
        held = _held(self._rclone, self._remote)
        journal = self._journal(plan, held)
        in_place, found = self._look(whole=whole)
        missing = [entry for entry in plan.puts if not self._is_put(entry, found, read)]
        if in_place:
            self._put([entry for entry in missing if not self._lies_aside(entry, found)], read, _aside)
        self._write_down(journal, held, in_place=in_place)
        layout = LAYOUTS[plan.edition]
        for step, entries in groupby(missing, key=lambda entry: rank(entry.path, layout)):
            if step < rank(MIRROR_JSON, layout):
                self._show(list(entries), read, in_place=in_place)
        self._delete(set(found.files) - {entry.path for entry in plan.puts} if whole else plan.deletions)
        if plan.forget and self._rclone.call("operations/fsinfo", fs=self._remote)["Features"].get("CleanUp", False):
            self._rclone.call("operations/cleanup", fs=self._remote)  # bins, and versions of before
        self._show([entry for entry in missing if entry.path == MIRROR_JSON], read, in_place=in_place)
        self._clear()

    def _journal(self, plan: Plan, held: _Held) -> _Journal:
        """Return the journal for a plan.

        Raises:
            MirrorError: the plan does not start from what is there; the next :meth:`Rclone.state` says what does.
        """
        base = held.base
        target = next((entry.digest for entry in plan.puts if entry.path == MIRROR_JSON), "")
        former = base.dump().decode() if base else ""
        if plan.base is None:
            return _Journal(target=target, paths=None, former=former)
        if base is None or base.version != plan.base:
            raise MirrorError(self._name, "was changed while it was looked at", "publish again", retry=True)
        paths = (*(entry.path for entry in plan.puts), *plan.deletions)
        if not {path for cut_off in held.cut_off for path in cut_off.paths or ()} <= set(paths):
            self._write_down(_Journal(target="", paths=None, former=former), held)
            raise MirrorError(
                self._name, "a publish was cut off whose files this one does not name", "publish again", retry=True
            )
        return _Journal(target=target, paths=paths, former=former)

    def _look(self, *, whole: bool) -> tuple[bool, _Found]:
        place = self._rclone.call("operations/fsinfo", fs=self._remote)
        known = next((name for name in _HASHES if name in place["Hashes"]), "") if whole else ""
        hashes: dict[str, Any] = {"showHash": True, "hashTypes": [known]} if known else {}
        listed = _listed(self._rclone, self._remote, recurse=True, filesOnly=True, **hashes) if whole else []
        aside = [item for item in _listed(self._rclone, self._remote, under=ASIDE) if not item["IsDir"]]
        in_place = place["String"].startswith(_IN_PLACE) and place["Features"].get("Move", False)
        return in_place, _Found(
            files={item["Path"]: item for item in listed if not item["Path"].startswith(f"{ASIDE}/")},
            aside={item["Name"]: item["Size"] for item in aside},
            hash_name=known,
        )

    def _is_put(self, entry: Entry, found: _Found, read: Callable[[Entry], bytes]) -> bool:
        """Whether a file stands there already, as its hash shows or as we took it down; ``mirror.json`` is always put."""
        there = found.files.get(entry.path)
        if there is None or there["Size"] != entry.size or entry.path == MIRROR_JSON:
            return False
        if not found.hash_name:
            return _name(entry) in self._done and _name(entry) not in found.aside
        there_hash = there.get("Hashes", {}).get(found.hash_name)
        if found.hash_name == "sha256":
            return bool(there_hash == entry.digest)
        return bool(there_hash == hashlib.new(found.hash_name, read(entry), usedforsecurity=False).hexdigest())

    def _lies_aside(self, entry: Entry, found: _Found) -> bool:
        return _name(entry) in self._done and found.aside.get(_name(entry)) == entry.size

    def _write_down(self, journal: _Journal, held: _Held, *, in_place: bool = False) -> None:
        """Put a journal, under a name that none had; it names all that those before it name, which go then.

        Where files are moved onto their names it is as well: at a server that moves none, no file has been touched yet.

        Raises:
            RefusalError: the place does not take it, or does not move it.
        """
        path = f"{ASIDE}/{_JOURNAL}{secrets.token_hex(8)}.json"
        first = f"{ASIDE}/{secrets.token_hex(20)}" if in_place else path
        (self._staging / "journal").write_bytes(journal.dump())
        _copy(self._rclone, (str(self._staging), "journal"), (self._remote, first))
        if in_place:
            try:
                self._rename(first, path, fresh=True)
            except RefusalError as refusal:
                raise RefusalError(f"the place moves no files: {refusal.reason}", missing=False) from refusal
        for former in held.journals:
            self._delete_file(f"{ASIDE}/{former}")

    def _put(self, entries: Sequence[Entry], read: Callable[[Entry], bytes], where: Callable[[Entry], str]) -> None:
        """Put files, several at once; they are read one after the other, for a store is read by one thread."""

        def put(entry: Entry) -> None:
            name, target = _name(entry), where(entry)
            _copy(self._rclone, (str(self._staging), name), (self._remote, target), fresh=target.startswith(ASIDE))
            (self._staging / name).unlink()
            self._done.add(name)

        def staged() -> Iterator[Entry]:
            for entry in entries:
                (self._staging / _name(entry)).write_bytes(read(entry))
                yield entry

        for _ in _in_parallel(put, staged(), len(entries)):
            pass

    def _show(self, entries: list[Entry], read: Callable[[Entry], bytes], *, in_place: bool) -> None:
        """Have files under their names: all of one rank."""
        if not in_place:
            self._put(entries, read, lambda entry: entry.path)
            return
        for _ in _in_parallel(self._move, entries, len(entries)):
            pass

    def _move(self, entry: Entry) -> None:
        """Move a file onto its name: in one step where the place can, else with the former one deleted just before."""
        try:
            self._rename(_aside(entry), entry.path, fresh=True)
        except RefusalError:
            self._rename(_aside(entry), entry.path)

    def _rename(self, source: str, target: str, *, fresh: bool = False) -> None:
        ends = {"srcFs": self._remote, "srcRemote": source, "dstFs": self._remote, "dstRemote": target}
        self._rclone.call("operations/movefile", **ends, _config=_over(fresh=fresh))

    def _delete(self, paths: Iterable[str]) -> None:
        """Delete files, and the folders that this leaves empty."""
        gone = set(paths)
        for _ in _in_parallel(self._delete_file, sorted(gone), len(gone)):
            pass
        folders = _parents(gone)
        while folders:
            ordered = sorted(folders)
            removed = _in_parallel(self._remove_if_empty, ordered, len(ordered))
            folders = _parents(folder for folder, went in zip(ordered, removed, strict=True) if went)

    def _delete_file(self, path: str) -> None:
        with _though_missing():
            self._rclone.call("operations/deletefile", fs=self._remote, remote=path)

    def _remove_if_empty(self, folder: str) -> bool:
        """Return whether a folder is gone now."""
        with _though_missing():
            if _entries(self._rclone, self._remote, folder):
                return False
            self._rclone.call("operations/rmdir", fs=self._remote, remote=folder)
        return True

    def _clear(self) -> None:
        """Take away what lies aside, the sign that we are at work too."""
        with _though_missing():
            self._rclone.call("operations/purge", fs=self._remote, remote=ASIDE)


@contextmanager
def _though_missing() -> Iterator[None]:
    """Be content where what is to go is not there."""
    try:
        yield
    except RefusalError as refusal:
        if not refusal.missing:
            raise


def _parents(paths: Iterable[str]) -> set[str]:
    return {path.rpartition("/")[0] for path in paths} - {""}


def _name(entry: Entry) -> str:
    """Return the name under which a file lies aside, and under which it is taken down: of this content, for this path."""
    return digest(f"{entry.digest} {entry.path}".encode())[:40]


def _aside(entry: Entry) -> str:
    return f"{ASIDE}/{_name(entry)}"


def _copy(rclone: Daemon, source: tuple[str, str], target: tuple[str, str], *, fresh: bool = False) -> None:
    """Copy a file to the place.

    Args:
        rclone: at work.
        source: the remote, and the path in it.
        target: likewise.
        fresh: nothing is there that matters.
    """
    ends = {"srcFs": source[0], "srcRemote": source[1], "dstFs": target[0], "dstRemote": target[1]}
    rclone.call("operations/copyfile", **ends, _config=_over(fresh=fresh))


@contextmanager
def _brought(rclone: Daemon, remote: str, path: str, most: int) -> Iterator[Path]:
    """Have a file of the place here for a while; more bytes are not taken, whatever the place says that it has."""
    with tempfile.TemporaryDirectory(prefix="pappus-") as folder:
        ends = {"srcFs": remote, "srcRemote": path, "dstFs": folder, "dstRemote": "brought"}
        rclone.call("operations/copyfile", **ends, _config=_over(fresh=True) | {"MaxTransfer": most})
        yield Path(folder, "brought")


def _over(*, fresh: bool = False) -> dict[str, bool | int]:
    """Return settings with which a file replaces what is there: else one of the same size is taken for the same where times say nothing.

    Args:
        fresh: rclone need not look what is there, and does nothing to it first.
    """
    return {"IgnoreTimes": True, "NoCheckDest": fresh}


def _fetched(rclone: Daemon, remote: str, path: str, largest: int) -> bytes | None:
    """Return a file of the place, None where there is none, or one that is too large."""
    item = rclone.call("operations/stat", fs=remote, remote=path)["item"]
    if item is None or item["IsDir"] or item["Size"] > largest:
        return None
    with _brought(rclone, remote, path, largest) as file:
        return file.read_bytes()


def _digests(rclone: Daemon, remote: str, paths: Iterable[str]) -> set[str]:
    """Return the digests of those files that are there."""
    return {found for path in paths if (found := _digest(rclone, remote, path)) is not None}


def _digest(rclone: Daemon, remote: str, path: str) -> str | None:
    """Return the digest of a file's bytes, whatever the place says of them; None where there is none, "" where it is none of ours."""
    item = rclone.call("operations/stat", fs=remote, remote=path)["item"]
    if item is None:
        return None
    if item["IsDir"] or item["Size"] > _LONGEST:
        return ""
    with _brought(rclone, remote, path, _LONGEST) as copy, copy.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _listed(rclone: Daemon, remote: str, *, under: str = "", **options: Any) -> list[dict[str, Any]]:
    """Return what is in a folder, nothing where it is not there."""
    try:
        return _entries(rclone, remote, under, **options)
    except RefusalError as refusal:
        if refusal.missing:
            return []
        raise


def _entries(rclone: Daemon, remote: str, under: str, **options: Any) -> list[dict[str, Any]]:
    opt = {"noModTime": True, "noMimeType": True, **options}
    return list(rclone.call("operations/list", fs=remote, remote=under, opt=opt)["list"] or [])


def _in_parallel(work: Callable[[_Item], _Result], items: Iterable[_Item], count: int) -> Iterator[_Result]:
    """Yield what comes of all items, in order; the items are drawn in this thread, a few ahead of the work.

    What is under way is waited for when something fails, for rclone may not be torn away in the middle of a file. A few items are not
    worth many connections: each costs as much as several files.
    """
    under_way: deque[Future[_Result]] = deque()
    pool = ThreadPoolExecutor(min(_AT_ONCE, 1 + count // 8), thread_name_prefix="rclone")
    try:
        for item in items:
            under_way.append(pool.submit(work, item))
            if len(under_way) > 2 * _AT_ONCE:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
