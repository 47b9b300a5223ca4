"""verify: whether a copy is whole, fresh and unaltered, and if not, what is wrong with it and where.

Every file is read, by several threads, and believed only if the signed metadata say so; then the copy's own binding is looked at, and
what else there is. What does not fit the release that the copy shows is held against the next ones, for a publish may be at work, and
against former ones, which are kept for a while; what fits one of them is told as a note.
"""

from __future__ import annotations

import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final, Literal, Protocol

from tuf.api.metadata import Root

from pappus.errors import MirrorError
from pappus.layout import (
    HOME_QR,
    MIRROR_JSON,
    MIRRORS_JSON,
    TIMESTAMP,
    Layout,
    is_aside,
    is_binding,
    is_metadata,
    layout_of,
)
from pappus.mirrors import load
from pappus.mirrors.binding import LARGEST
from pappus.mirrors.follow import is_own
from pappus.mirrors.scan import QR_BYTES, scan
from pappus.model import Digest, digest
from pappus.pipeline.addresses import Addresses, addresses, leads, whereabouts
from pappus.pipeline.attic import Attic, fold
from pappus.pipeline.places import READERS, Place
from pappus.pipeline.releases import Anchors, Chain, Release, Shelf, read_release
from pappus.trust import check
from pappus.trust.check import CheckError, Finding, path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from tuf.api.metadata import TargetFile

    from pappus.mirrors import Binding
    from pappus.trust.check import Remembered

SAMPLE: Final = 200  # files that a quick look reads
_SILENCE = 25  # reads in a row without an answer, after which a place is not asked any more
_BATCH = 64  # files that a thread takes at once

_TEXTS: Final = (".md", ".html", ".json")
_LITTER = re.compile(r"(?:.*/)?(?:\.DS_Store|\._[^/]*|Thumbs\.db|desktop\.ini)")  # of systems that show folders

NoteKind = Literal[
    "ahead",
    "kept",
    "own",
    "litter",
    "rewrapped",
    "unpinned",
    "unlisted",
    "sampled",
    "unchecked",
    "fork",
    "moved",
    "elsewhere",
]
"""What is worth knowing and not wrong.

ahead: as a newer release has it; a publish is at work. kept: of a former release, and kept for a while. own: of a fork, for its forge.
litter: of the system that the copy lay on. rewrapped: as signed, with other line ends.
unpinned: nothing was given to compare the root with. unlisted: the place does not tell which files it has. sampled: not all were read.
unchecked: files whose metadata are damaged. fork: a mirror that the newsroom does not list as its own. moved: the newsroom says that this
mirror has moved. elsewhere: the copy says that it is at another address.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One thing that is worth knowing."""

    kind: NoteKind
    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was found."""

    place: str
    findings: tuple[Finding, ...]
    notes: tuple[Note, ...]
    pinned: bool  # whether the root is one that the reader carries
    fingerprint: Digest | None = None  # of the root that is believed; None where nothing is signed
    root: int = 0  # its newest version
    release: int = 0
    until: datetime | None = None  # when the release ends to be fresh
    files: int = 0  # that are signed
    accepted: frozenset[str] = field(default=frozenset(), repr=False)  # paths that hold the bytes that were signed

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


class Memory(Protocol):
    """Keeps the newest that was seen of each place."""

    def recall(self, place: str) -> Remembered | None:
        """Return what was seen of a place."""
        ...

    def keep(self, place: str, seen: Remembered) -> None:
        """Keep what was seen of a place."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyOptions:
    """How a copy is looked at."""

    anchors: Anchors = field(default_factory=Anchors)
    memory: Memory | None = None
    expected: int = 0  # the release that should be there, or a later one
    quick: bool = False  # read all metadata, but of the files only a sample


def verify(
    place: Place,
    options: VerifyOptions,
    now: datetime,
    progress: Callable[[str, int, int], None] = lambda _what, _done, _total: None,
) -> Verdict:
    """Look at a copy.

    Args:
        place: where it is; opened here.
        options: how.
        now: what validity is measured against.
        progress: hears what is read, how many are done and how many there are.
    """
    record = _Record(place.name, options)
    with place, ThreadPoolExecutor(READERS) as pool:
        try:
            shelf = Shelf(place)
            chain, release = _believed(shelf, record, now)
            _Inspection(shelf, chain, release, record, _Crew(pool, progress)).run(now)
        except CheckError as error:
            record.findings.append(error.finding)
        except MirrorError as error:
            reason = f"{error.reason} ({error.advice})" if error.advice else error.reason
            record.findings.append(Finding(kind="unreadable", path=error.subject, reason=reason))
    return record.verdict()


class _Record:
    """What was found so far."""

    def __init__(self, place: str, options: VerifyOptions) -> None:
        self.place, self.options = place, options
        self.findings: list[Finding] = []
        self.notes: list[Note] = []
        self.accepted: set[str] = set()
        self.files = 0
        self.chain: Chain | None = None
        self.release: Release | None = None

    def note(self, kind: NoteKind, path: str, reason: str) -> None:
        """Take what is worth knowing."""
        self.notes.append(Note(kind=kind, path=path, reason=reason))

    def verdict(self) -> Verdict:
        """Return it."""
        timestamp = self.release.timestamp if self.release else None
        return Verdict(
            place=self.place,
            findings=tuple(sorted(set(self.findings), key=lambda one: (one.path, one.kind, one.reason))),
            notes=tuple(sorted(set(self.notes), key=lambda one: (one.path, one.kind, one.reason))),
            pinned=self.options.anchors.pinned,
            fingerprint=digest(self.chain.anchor) if self.chain else None,
            root=self.chain.root.version if self.chain else 0,
            release=timestamp.version if timestamp else 0,
            until=timestamp.expires if timestamp else None,
            files=self.files,
            accepted=frozenset(self.accepted),
        )


class _Crew:
    """The threads that read, and what they find on the way."""

    def __init__(self, pool: ThreadPoolExecutor, progress: Callable[[str, int, int], None]) -> None:
        self._pool, self._progress = pool, progress
        self._silent = 0  # reads in a row without an answer
        self.unasked = 0

    def each(self, what: str, names: Sequence[str], look: Callable[[str], None]) -> list[Finding]:
        """Look at each of these, and return what was found."""
        batch = max(1, min(_BATCH, len(names) // (4 * READERS)))
        batches = [names[start : start + batch] for start in range(0, len(names), batch)]
        found: list[Finding] = []
        done = 0
        self._progress(what, 0, len(names))
        for part, findings in zip(batches, self._pool.map(partial(self._some, look), batches), strict=True):
            found += findings
            done += len(part)
            self._progress(what, done, len(names))
        return found

    def _some(self, look: Callable[[str], None], names: Sequence[str]) -> list[Finding]:
        found = []
        for name in names:
            if self._silent >= _SILENCE:
                self.unasked += 1
                continue
            try:
                look(name)
                self._silent = 0
            except CheckError as error:
                self._silent = self._silent + 1 if error.kind == "unreadable" else 0
                found.append(error.finding)
        return found


def _believed(shelf: Shelf, record: _Record, now: datetime) -> tuple[Chain, Release]:
    """Read what is signed, and compare it with what was seen before.

    Raises:
        CheckError: nothing is, that the reader believes.
    """
    options = record.options
    seen = options.memory.recall(record.place) if options.memory else None
    chain, release = read_release(shelf, options.anchors, seen, now, record.findings.append)
    record.chain, record.release = chain, release
    timestamp = release.timestamp
    if timestamp is not None and timestamp.version < options.expected:
        reason = f"is of release {timestamp.version}; {options.expected} was published"
        record.findings.append(Finding(kind="rolled back", path=TIMESTAMP, reason=reason))
    if not options.anchors.pinned and (seen is None or seen.first is None):
        record.note("unpinned", check.FIRST_ROOT, "nothing was given to compare this root with")
    trouble = chain.findings or any(finding.kind == "rolled back" for finding in record.findings)
    if options.memory is not None and timestamp is not None and not trouble:
        known = seen.first if seen else None
        first = digest(chain.anchor) if chain.roots[0].version == 1 else known
        options.memory.keep(record.place, check.remember(first, chain.root, timestamp, release.snapshot))
    return chain, release


class _Inspection:
    """One look at one copy whose metadata are believed."""

    def __init__(self, shelf: Shelf, chain: Chain, release: Release, record: _Record, crew: _Crew) -> None:
        self._shelf, self._chain, self._release = shelf, chain, release
        self._record, self._crew = record, crew
        self._attic = Attic(shelf, chain, release)
        self._bound: Binding | None = None

    def run(self, now: datetime) -> None:
        """Look at everything."""
        record = self._record
        record.findings += self._crew.each("metadata", sorted(self._release.bins), self._bin)
        record.findings += self._release.ends(now)
        record.findings += self._crew.each("root", [path_of(Root.type, self._chain.roots[0].version)], self._anchor)
        signed = sorted(self._release.all())
        record.files = len(signed)
        chosen = self._chosen(signed)
        suspects = self._crew.each("files", chosen, self._file)
        suspects += self._crew.each("binding", [MIRROR_JSON], self._binding)
        suspects += self._crew.each("QR images", [self._layout.home, *filter(self._layout.is_page, chosen)], self._qr)
        self._settle(suspects)
        if self._shelf.listing is None:
            record.note("unlisted", record.place, "its files cannot be listed: added ones would not be seen")
        else:
            self._strangers(signed)
        if self._crew.unasked:
            reason = f"{self._crew.unasked:,} files were not asked for: {_SILENCE} in a row could not be read"
            record.findings.append(Finding(kind="unreadable", path=record.place, reason=reason))
        if self._bound is not None:
            self._whereabouts(self._bound)

    def _chosen(self, signed: list[str]) -> list[str]:
        """Return the files to read: all, or of many those that most depends on, and some that nobody can foretell."""
        if not self._record.options.quick or len(signed) <= SAMPLE:
            return signed
        always = {self._layout.home, MIRRORS_JSON}.intersection(signed)
        chosen = sorted({*always, *secrets.SystemRandom().sample(signed, SAMPLE)})
        self._record.note("sampled", self._record.place, f"{len(chosen):,} of {len(signed):,} files were read")
        return chosen

    # One file each; what is wrong with it is raised as CheckError.

    def _bin(self, name: str) -> None:
        self._release.files(name)

    def _anchor(self, path: str) -> None:
        """Look at the copy's root that the reader carries: who has its fingerprint only begins with it."""
        if self._shelf.read(path, check.ROOT_BYTES) != self._chain.anchor:
            raise CheckError("altered", path, "is not the root that was given")

    def _file(self, path: str) -> None:
        target = self._release.of(path)
        if target is None:
            raise CheckError("altered", path, "is not as signed")
        try:
            if check.right(target, self._shelf.read(path, target.length)):
                self._record.accepted.add(path)
                return
        except CheckError:
            if not self._is_rewrapped(path, target):
                raise
        else:
            if not self._is_rewrapped(path, target):
                raise CheckError("altered", path, "is not as signed")
        self._record.note("rewrapped", path, "is as signed but for its line ends, which git or an editor has changed")

    def _is_rewrapped(self, path: str, target: TargetFile) -> bool:
        """Whether a text differs from what was signed in nothing but line ends, as Windows writes them."""
        if not path.endswith(_TEXTS):
            return False
        with suppress(CheckError):
            return check.right(target, self._shelf.read(path, 2 * target.length).replace(b"\r\n", b"\n"))
        return False

    def _binding(self, path: str) -> None:
        data = self._shelf.read(path, LARGEST)
        try:
            bound = load(data)
        except MirrorError as error:
            raise CheckError("altered", path, error.reason) from error
        if bound.layout != self._layout:
            reason = f"speaks of the edition {bound.edition!r}; {self._layout.edition!r} is signed"
            raise CheckError("altered", path, reason)
        self._bound = bound

    def _qr(self, page: str) -> None:
        path = self._layout.qr_path(page)
        data = self._shelf.read(path, QR_BYTES)
        try:
            text = scan(data)
        except MirrorError as error:
            raise CheckError("altered", path, error.reason) from error
        if self._bound is not None and text not in leads(self._bound, page, self._signed):
            raise CheckError("altered", path, f"leads to {text[:200]!r}")

    # What is made of it

    def _settle(self, suspects: list[Finding]) -> None:
        """Tell what fits a newer release from what fits none. No release answers for what a QR image says."""
        for finding in suspects:
            path = finding.path
            page = self._layout.page_of_qr(path) if is_binding(path) else path
            if finding.kind == "missing" and page and self._attic.gone(page):
                self._record.note("ahead", path, "is no longer part of a newer release")
            elif finding.kind in {"altered", "missing"} and not is_binding(path) and self._attic.ahead(path):
                self._record.note("ahead", path, "is as a newer release has it")
            else:
                self._record.findings.append(finding)

    def _strangers(self, signed: list[str]) -> None:
        """Say whose the files are that this release does not sign."""
        known = {TIMESTAMP, MIRROR_JSON, HOME_QR, *signed, *self._release.paths()}
        known.update(map(self._layout.qr_path, filter(self._layout.is_page, signed)))
        known.update(path_of(Root.type, root.version) for root in self._chain.roots)
        known.update(finding.path for finding in self._record.findings)
        strangers = list(self._attic.strangers(known))
        twins = {fold(path): path for path in known} if strangers else {}
        for found in strangers:
            path = found.path
            if found.kind == "file" and is_aside(path):
                self._record.note("ahead", path, "is of a publish that is under way")
            elif found.kind == "file" and _LITTER.fullmatch(path):
                self._record.note(
                    "litter", path, "is of the system that showed or copied the folder, and nothing of the newsroom's"
                )
            elif found.kind == "file" and is_own(path):
                self._record.note("own", path, "is the copy's own, and no part of the edition")
            elif reason := self._attic.refused(found):
                self._add(path, reason)
            elif is_binding(path):
                self._strange_qr(path)
            elif not is_metadata(path):
                self._strange_file(path, twins.get(fold(path), ""))

    def _strange_qr(self, path: str) -> None:
        page = self._layout.page_of_qr(path) or ""
        if whose := self._attic.page(page):
            self._record.findings += self._crew.each("QR images", [page], self._qr)
            self._record.note(whose, path, "is of a page of another release")
        elif page and self._release.damaged(page):
            self._record.note("unchecked", path, "the metadata of its page are damaged")
        else:
            self._add(path, "is of no page")

    def _strange_file(self, path: str, twin: str) -> None:
        if self._attic.kept(path):
            self._record.note("kept", path, "is of a former release, and kept for a while")
        elif self._attic.ahead(path):
            self._record.note("ahead", path, "is of a newer release")
        elif self._release.damaged(path):
            self._record.note("unchecked", path, "its metadata are damaged")
        elif twin:
            self._add(path, f"differs from {twin!r} only in capitals, or in how its letters are written")
        else:
            self._add(path, "is not signed")

    def _add(self, path: str, reason: str) -> None:
        self._record.findings.append(Finding(kind="added", path=path, reason=reason))

    def _whereabouts(self, bound: Binding) -> None:
        """Compare what the copy says of itself with what is signed, and with where it was read."""
        release = self._release.timestamp.version if self._release.timestamp else 0
        if bound.version.release > release and not any(
            later.is_of(bound.version.release) for later in self._attic.later
        ):
            reason = f"speaks of release {bound.version.release}; {release} is signed"
            self._record.findings.append(Finding(kind="mixed", path=MIRROR_JSON, reason=reason))
        elif bound.version.release < release:
            reason = f"speaks of release {bound.version.release}, and {release} is signed: a publish has not ended"
            self._record.note("ahead", MIRROR_JSON, reason)
        for kind, reason in whereabouts(bound, self._record.place, self._signed):
            self._record.note(kind, MIRROR_JSON, reason)

    @cached_property
    def _layout(self) -> Layout:
        """What is signed tells of which edition it is; what the copy says of itself is not."""
        return layout_of(sorted(self._release.all()))

    @cached_property
    def _signed(self) -> Addresses | None:
        """Return what the newsroom says of its mirrors, None if it says nothing that can be believed."""
        try:
            target = self._release.of(MIRRORS_JSON)
            data = self._shelf.read(MIRRORS_JSON, target.length) if target else b""
        except CheckError:
            return None
        return addresses(data) if target and check.right(target, data) else None
