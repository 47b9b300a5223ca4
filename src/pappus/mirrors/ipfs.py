"""A folder with all that a node of IPFS needs to offer the edition, made without a node: CAR files, and a DNSLink record.

``dnslink.txt`` is the record to put into the zone, and names the files and their sizes; it is swapped last, so a publish is done in one
step. Each publish adds a CAR file with the new blocks only; files are joined as they pile up, each at least twice as large as all newer
ones together, so that the cost follows the change. When that reaches the oldest file, and whenever something has to be forgotten,
only what the present edition leads to is carried over. What the mirror holds is read from the files themselves.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from msgspec import Struct

from pappus import durable
from pappus.errors import ForeignError, MirrorError
from pappus.layout import MIRROR_JSON
from pappus.mirrors.binding import Binding, load
from pappus.mirrors.blocks import Blocks
from pappus.mirrors.car import CarWriter
from pappus.mirrors.dag import (
    CHUNK,
    LARGEST,
    Block,
    Cid,
    DagError,
    Link,
    cid_text,
    file_blocks,
    folder_block,
    folder_links,
    is_folder,
    is_leaf,
    led_to,
    parse_cid,
    raw_cid,
)
from pappus.mirrors.lock import Lock
from pappus.mirrors.paths import checked, refused
from pappus.mirrors.plan import Held, MirrorState

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from pappus.mirrors.options import IpfsOptions
    from pappus.model import Entry, Plan

_RECORD = "dnslink.txt"
_CAR = re.compile(r"pappus-(\d{6,})\.car\Z")
_OURS = re.compile(r"pappus-\d{6,}\.car\Z|\.(?:pappus-\d{6,}\.car|dnslink\.txt)\.tmp\Z")
_CARS = 8  # that may lie side by side before they are joined
_NAMED = re.compile(r"^;   (pappus-\d{6,}\.car) (\d{1,18})$", re.MULTILINE)
_LINKED = re.compile(r'^_dnslink\..* "dnslink=/ipfs/([a-z2-7]+)"$', re.MULTILINE)
_IPNS = re.compile(r"/ipns/([^/]+)/")
_RECORD_LARGEST = 64 * 1024  # bytes

_Changes = dict[str, "Link | _Changes | None"]
"""What comes of the names in a folder: a file, changes of a folder below it, or nothing."""


class _Head(Struct, frozen=True):
    """What ``dnslink.txt`` says: where the edition begins, and the CAR files, oldest first, with their sizes in bytes."""

    root: Cid
    cars: dict[str, int] = {}


class Ipfs:
    """A mirror for IPFS, in a folder."""

    def __init__(self, options: IpfsOptions, _clock: Callable[[], datetime]) -> None:
        self._name = options.name
        self._folder = options.path.resolve()
        self._workspace = options.workspace.resolve()
        self._index = self._workspace / "blocks.sqlite"

    def state(self, *, mend: bool = True) -> MirrorState:
        """Read the folder, and do away with what a killed publish left beside it."""
        with self._telling():
            head = self._head()
            left = self._left(head)
            if head is None and any(not _OURS.match(name) for name in left):
                raise ForeignError(
                    self._name, f"the folder {self._folder.name!r} holds what is not ours", "empty it, or name another"
                )
            if mend and left:
                with self._alone():
                    self._sweep(self._head())
            binding = None if head is None else self._binding(head)
        return MirrorState(shown=binding, base=binding)

    def apply(self, plan: Plan, read: Callable[[Entry], bytes]) -> str:
        """Write the new blocks, then the record. Returns where the edition begins."""
        for path in (*(entry.path for entry in plan.puts), *plan.deletions):
            checked(path)
        with self._telling(), self._alone(), Blocks(self._folder, self._index, write=True) as blocks:
            former = self._head()
            if plan.base is not None and former is None:
                raise MirrorError(self._name, "was emptied while it was looked at", "publish again", retry=True)
            base = former if plan.base is not None else None
            cars = dict(base.cars) if base else {}
            blocks.fit(cars)
            address = _address(plan, read)
            publish = _Publish(self._name, self._folder, blocks, cars, self._next(former))
            root = publish.add(plan, base.root if base else None, read)
            publish.join(root, everything=plan.forget and base is not None)
            durable.write(self._folder / _RECORD, _record(address, root, publish.cars))
            durable.sync(self._folder)
            blocks.keep()
            self._sweep(self._head())
        return cid_text(root)

    def held(self, paths: Collection[str]) -> Held:
        """Read the tree of the edition, and every file that any block in any CAR file here is of."""
        with self._telling():
            head = self._head()
            cars = {path.name: path.stat().st_size for path in self._cars()}
            at: dict[str, set[str]] = {path: set() for path in paths}
            with Blocks(self._folder, self._index, write=False) as blocks:
                blocks.fit(cars)
                reached = set() if head is None else _reached(blocks, head.root)
                for path, digests in at.items():
                    cid = None if head is None else _found(blocks, head.root, path)
                    digests.update(() if cid is None else (_digest(blocks, cid),))
                loose = {_digest(blocks, cid) for cid in blocks if cid not in reached}
        return Held(how="the blocks of its CAR files", at=at, loose=loose - {""})

    def _cars(self) -> list[Path]:
        return [path for path in self._folder.glob("*.car") if _CAR.match(path.name)]

    def _head(self) -> _Head | None:
        try:
            with (self._folder / _RECORD).open("rb") as file:
                text = file.read(_RECORD_LARGEST).decode("utf-8", "replace")
        except FileNotFoundError:
            return None
        found = _LINKED.search(text)
        try:
            root = parse_cid(found[1]) if found else None
        except DagError:
            root = None
        return None if root is None else _Head(root, {name: int(size) for name, size in _NAMED.findall(text)})

    def _left(self, head: _Head | None) -> list[str]:
        """Return what lies in the folder beside what the record names; where there is no record, with the record that is none."""
        if not self._folder.exists():
            return []
        named = {_RECORD, *head.cars} if head else set()
        names = sorted(path.name for path in self._folder.iterdir())
        return [name for name in names if name not in named and (head is None or _OURS.match(name))]

    def _sweep(self, head: _Head | None) -> None:
        """Delete files of ours that the record does not name: left by a kill, or forgotten."""
        left = [name for name in self._left(head) if _OURS.match(name)]
        for name in left:
            (self._folder / name).unlink()
        if left:
            durable.sync(self._folder)

    def _binding(self, head: _Head) -> Binding | None:
        """Return what the edition's own ``mirror.json`` says; nothing where files are damaged or missing."""
        try:
            if any((self._folder / name).stat().st_size != size for name, size in head.cars.items()):
                return None
            with Blocks(self._folder, self._index, write=False) as blocks:
                blocks.fit(head.cars)
                links = folder_links(blocks.read(head.root).data)
                return load(blocks.read(links[MIRROR_JSON].cid).data)
        except (DagError, FileNotFoundError, KeyError, MirrorError):
            return None

    def _next(self, former: _Head | None) -> int:
        """Return a number that no CAR file had that anybody may have seen."""
        names = [path.name for path in self._folder.iterdir()] + list(former.cars if former else ())
        return 1 + max((int(found[1]) for name in names if (found := _CAR.match(name))), default=0)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Tell in one line what the disk refuses, and what it has lost."""
        try:
            yield
        except OSError as error:
            raise refused(self._name, error, self._folder) from error
        except sqlite3.Error as error:
            raise MirrorError(self._name, f"its index of blocks: {error}: {str(self._index)!r}") from error
        except DagError as error:
            advice = "put everything anew with 'pappus publish --replace'"
            raise MirrorError(self._name, f"the folder {self._folder.name!r} is damaged: {error}", advice) from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Have the folder to ourselves.

        Raises:
            MirrorError: somebody else is at work in it.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with Lock(self._workspace / "lock") as lock:
            if not lock.alone():
                raise MirrorError(self._name, "another Pappus is at work on this mirror", retry=True)
            yield


class _Publish:
    """One publish into a folder.

    Args:
        name: of the mirror.
        folder: where CAR files stand.
        blocks: of those that are there.
        cars: those files, oldest first; afterwards the ones that hold the edition.
        number: of the next CAR file.
    """

    def __init__(self, name: str, folder: Path, blocks: Blocks, cars: dict[str, int], number: int) -> None:
        self._name = name
        self._folder = folder
        self._blocks = blocks
        self.cars = cars
        self._number = number

    def add(self, plan: Plan, base: Cid | None, read: Callable[[Entry], bytes]) -> Cid:
        """Write what is new into a CAR file. Returns where the edition begins."""
        with _NewCar(self._folder, self._number, self._blocks) as new:
            changes: _Changes = {}
            for path in plan.deletions:
                _set(changes, path, None)
            for entry in plan.puts:
                _set(changes, entry.path, self._file(new, entry, read))
            root = self._folder_of(new, base, changes)
            if root is None:
                raise MirrorError(self._name, "nothing would be left of the edition")
            self._take(new, root.cid)
        return root.cid

    def _file(self, new: _NewCar, entry: Entry, read: Callable[[Entry], bytes]) -> Link:
        """Have a file's blocks; a small one that is there already is not read."""
        if entry.size <= CHUNK and raw_cid(entry.digest) in new:
            return Link(raw_cid(entry.digest), entry.size)
        link, blocks = file_blocks(read(entry))
        for block in blocks:
            new.put(block)
        return link

    def _folder_of(self, new: _NewCar, former: Cid | None, changes: _Changes) -> Link | None:
        """Have a folder's block, with those of the folders below it. Returns None for an empty one."""
        links = folder_links(self._blocks.read(former).data) if former is not None and not is_leaf(former) else {}
        for name, change in changes.items():
            below = links.pop(name, None)
            if isinstance(change, dict):
                change = self._folder_of(new, below.cid if below else None, change)  # noqa: PLW2901  # it is what comes of it
            if change is not None:
                links[name] = change
        if not links:
            return None
        link, block = folder_block(links)
        if len(block.data) > LARGEST:
            raise MirrorError(
                self._name,
                f"a folder has {len(links):,} entries, more than one block of IPFS holds",
                "spread the edition over more folders",
            )
        new.put(block)
        return link

    def join(self, root: Cid, *, everything: bool) -> None:
        """Join the newest files, or with ``everything`` all, in which case only what the root leads to is carried over."""
        names = list(self.cars)
        first = 0 if everything else _first_to_join(list(self.cars.values()))
        joined = names[first:]
        if len(joined) < 2 and not everything:
            return
        kept = _reached(self._blocks, root) if first == 0 else None
        with _NewCar(self._folder, self._number, None) as new:
            for name in joined:
                for block in self._blocks.of(name):
                    if kept is None or block.cid in kept:
                        new.put(block)
            if first == 0:
                self._blocks.forget_all()
            else:
                self._blocks.forget(joined)
            for name in joined:
                del self.cars[name]
            self._take(new, root)

    def _take(self, new: _NewCar, root: Cid) -> None:
        """Have a new CAR file stand under its name, if there is anything in it."""
        if new.finish(root):
            self.cars[new.name] = new.size
            self._blocks.add(new.name, new.size, new.written())
            self._number += 1


class _NewCar:
    """A CAR file that is being written, under a name that no reader looks at.

    Args:
        folder: where it is to stand.
        number: that it is named by.
        known: blocks that it need not have; None where it is to have all that it is given.
    """

    def __init__(self, folder: Path, number: int, known: Blocks | None) -> None:
        self.name = f"pappus-{number:06}.car"
        self._folder = folder
        self._known = known
        self._written: dict[Cid, tuple[int, int]] = {}
        self._writer = CarWriter(folder / f".{self.name}.tmp")

    def __enter__(self) -> Self:
        self._writer.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._writer.__exit__(*error)
        self._writer.path.unlink(missing_ok=True)

    @property
    def size(self) -> int:
        """Bytes."""
        return self._writer.size

    def __contains__(self, cid: Cid) -> bool:
        return cid in self._written or (self._known is not None and cid in self._known)

    def put(self, block: Block) -> None:
        """Write a block, once."""
        if block.cid not in self:
            self._written[block.cid] = (self._writer.add(block), len(block.data))

    def written(self) -> Iterator[tuple[Cid, int, int]]:
        """Yield of each block its name, where its bytes begin, and how many there are."""
        return ((cid, at, size) for cid, (at, size) in self._written.items())

    def finish(self, root: Cid) -> bool:
        """Have the file stand under its name, on the disk. Returns False where nothing was written."""
        if not self._written:
            return False
        self._writer.finish(root)
        self._writer.path.replace(self._folder / self.name)
        durable.sync(self._folder)
        return True


def _reached(blocks: Blocks, root: Cid) -> set[Cid]:
    """Return all blocks that a root leads to."""
    reached, ahead = {root}, [root]
    while ahead:
        for cid in led_to(blocks.read(ahead.pop()).data):
            if cid not in reached:
                reached.add(cid)
                if not is_leaf(cid):
                    ahead.append(cid)
    return reached


def _found(blocks: Blocks, root: Cid, path: str) -> Cid | None:
    """Return what a path leads to, None where there is nothing."""
    cid = root
    for name in path.split("/"):
        link = None if is_leaf(cid) else folder_links(blocks.read(cid).data).get(name)
        if link is None:
            return None
        cid = link.cid
    return cid


def _digest(blocks: Blocks, cid: Cid) -> str:
    """Return the digest of the file that begins with a block; "" for a folder, and where not all of it is here."""
    found = hashlib.sha256()
    ahead = [cid]
    while ahead:
        block = blocks.read(one) if (one := ahead.pop()) in blocks else None
        if block is None or (not is_leaf(one) and is_folder(block.data)):
            return ""
        if is_leaf(one):
            found.update(block.data)
        else:
            ahead += reversed([*led_to(block.data)])
    return found.hexdigest()


def _set(changes: _Changes, path: str, change: Link | None) -> None:
    """Say what comes of a path; what is said later counts."""
    *folders, name = path.split("/")
    for folder in folders:
        below = changes.get(folder)
        if not isinstance(below, dict):
            below = changes[folder] = {}
        changes = below
    changes[name] = change


def _first_to_join(sizes: list[int]) -> int:
    """Return from which file on all are joined into one: so that each that stays is at least twice as large as all newer ones together."""
    if len(sizes) <= _CARS:
        return len(sizes)
    first, newer = len(sizes) - 1, sizes[-1]
    while first and sizes[first - 1] < 2 * newer:
        first -= 1
        newer += sizes[first]
    return first


def _address(plan: Plan, read: Callable[[Entry], bytes]) -> str:
    """Return the mirror's own address, as its ``mirror.json`` says."""
    (entry,) = (entry for entry in plan.puts if entry.path == MIRROR_JSON)
    return load(read(entry)).address


def _domain(address: str) -> str:
    """Return the name that is looked up: that of the host, or the one that a public gateway is asked for."""
    parts = urlsplit(address)
    found = _IPNS.match(parts.path)
    return found[1] if found else (parts.hostname or "")


def _record(address: str, root: Cid, cars: Mapping[str, int]) -> bytes:
    """Return the text of ``dnslink.txt``: a zone file's lines, which :meth:`Ipfs.state` reads as well."""
    domain, cid = _domain(address), cid_text(root)
    files = "".join(f";   {name} {size}\n" for name, size in cars.items())
    return f"""\
; The edition in IPFS. Put this record into the zone of {domain} each time it changes:
_dnslink.{domain}. 300 IN TXT "dnslink=/ipfs/{cid}"
;
; All that it leads to is in these files, with their sizes in bytes:
{files};
; Give them to as many nodes as you can, and have those keep the edition:
;   ipfs dag import --pin-roots=false pappus-*.car
;   ipfs pin add --recursive {cid}
""".encode()
