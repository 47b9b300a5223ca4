"""One look at a copy whose metadata are believed: every file, the binding, and what else lies there."""

from __future__ import annotations

import re
import secrets
from collections import Counter
from contextlib import suppress
from functools import cached_property, partial
from threading import Lock
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace
from tuf.api.metadata import Root

from pappus.errors import MirrorError
from pappus.layout import (
    HOME_QR,
    MIRROR_JSON,
    MIRRORS_JSON,
    ROBOTS,
    SITE,
    SITEMAP,
    SITEMAPS,
    TIMESTAMP,
    Layout,
    is_aside,
    is_binding,
    is_metadata,
    layout_of,
    metadata_path,
)
from pappus.mirrors import bind_feeds, load
from pappus.mirrors.binding import LARGEST
from pappus.mirrors.follow import is_own
from pappus.mirrors.packing import ENDINGS, unpack
from pappus.mirrors.scan import QR_BYTES, scan
from pappus.mirrors.signpost import signpost
from pappus.model import digest
from pappus.pipeline.addresses import Addresses, addresses, agreed, leads, whereabouts
from pappus.pipeline.other_releases import OtherReleases, fold
from pappus.pipeline.places import READERS, Found
from pappus.pipeline.verdict import Note, NoteKind, Verdict, VerifyOptions
from pappus.trust import check
from pappus.trust.check import CheckError, Finding
from pappus.urls import path_quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from concurrent.futures import ThreadPoolExecutor
    from datetime import datetime

    from tuf.api.metadata import TargetFile

    from pappus.mirrors import Binding
    from pappus.model import Artifact, Division
    from pappus.pipeline.releases import Chain, Copy, Release

SAMPLE: Final = 200  # files that a quick look reads
_SILENCE = 25  # reads in a row without an answer, after which a place is not asked any more
_BATCH = 64  # files that a thread takes at once

_GIT_TEXT: Final = 8000  # bytes: git takes what has no NUL among so many first ones for text, and so do we
_REWRAPPED: Final = "is as signed but for its line ends, which git or an editor has changed"
_FEED_BYTES: Final = 32 * 1024 * 1024
_ROBOTS = re.compile(rb"User-agent: \*\nAllow: /\n\nSitemap: https?://\S+\n")  # at whatever address it was made
_LITTER = re.compile(r"(?:.*/)?(?:\.DS_Store|\._[^/]*|Thumbs\.db|desktop\.ini)")  # of systems that show folders


class Record:
    """What was found so far."""

    def __init__(self, place: str, options: VerifyOptions) -> None:
        self.place, self.options = place, options
        self.findings: list[Finding] = []
        self.notes: list[Note] = []
        self.accepted: set[str] = set()
        self.annexes: list[Verdict] = []
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
            annexes=tuple(self.annexes),
        )


class Crew:
    """The threads that read, and what they find on the way."""

    def __init__(self, pool: ThreadPoolExecutor, progress: Callable[[str, int, int], None]) -> None:
        self._pool, self._progress = pool, progress
        self._silent = 0  # reads in a row without an answer
        self._counting = Lock()
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
            with self._counting:
                given_up = self._silent >= _SILENCE
                self.unasked += given_up
            if given_up:
                continue
            silent = False
            try:
                look(name)
            except CheckError as error:
                silent = error.kind == "unreadable"
                found.append(error.finding)
            with self._counting:
                self._silent = self._silent + 1 if silent else 0
        return found


class Inspection:
    """One look at one copy whose metadata are believed."""

    def __init__(self, copy: Copy, chain: Chain, release: Release, record: Record, crew: Crew) -> None:
        self._copy, self._chain, self._release = copy, chain, release
        self._record, self._crew = record, crew
        self._others = OtherReleases(copy, chain, release)
        self._bound: Binding | None = None
        self._elsewhere: list[str] = []  # files that other parts of a divided mirror hold
        self._said: dict[str, str] = {}  # what QR images say, by page

    def run(self, now: datetime) -> None:
        """Look at everything."""
        record = self._record
        record.findings += self._crew.each("metadata", sorted(self._release.bins), self._bin)
        record.findings += self._release.ends(now)
        record.findings += self._crew.each(
            "root", [metadata_path(Root.type, self._chain.roots[0].version)], self._anchor
        )
        self.look()

    def look(self) -> None:
        """Look at the files, the binding, and what else there is."""
        record = self._record
        suspects = self._crew.each("binding", [MIRROR_JSON], self._binding)
        signed = self._expected()
        record.files = len(signed)
        chosen = self._chosen(signed)
        suspects += self._crew.each("files", chosen, self._file)
        suspects += self._crew.each("address", [self._layout.home] if self._is_opened else [], self._front)
        suspects += self._codes(
            [page for page in (self._layout.home, *filter(self._layout.is_page, chosen)) if self._holds(page)]
        )
        wrong = {suspect.path for suspect in suspects}
        made = [one for path in chosen if path not in wrong for one in self._layout.made_of(path)]
        suspects += self._crew.each("feeds", made, self._made)
        suspects += self._crew.each(
            "feeds", list(self._sitemap), lambda path: self._follows(path, self._sitemap[path].body)
        )
        self._settle(suspects)
        if self._bound is not None and self._copy.listing is not None:  # hosts do not serve what is for them alone
            record.findings += self._crew.each("host's files", list(self._bound.beside), self._beside)
        if self._copy.listing is None:
            record.note("unlisted", record.place, "its files cannot be listed: added ones would not be seen")
        else:
            self._strangers(signed)
        if self._crew.unasked:
            reason = f"{self._crew.unasked:,} files were not asked for: {_SILENCE} in a row could not be read"
            record.findings.append(Finding(kind="unreadable", path=record.place, reason=reason))
        if self._bound is not None:
            self._whereabouts(self._bound)

    def tell_elsewhere(self, looked_at: AbstractSet[str]) -> None:
        """Tell of files that are held by annexes, but for those at addresses that were looked at."""
        if self._division is not None:
            for address, count in sorted(Counter(map(self._division.holder, self._elsewhere)).items()):
                if address not in looked_at:
                    self._record.note("annex", address, f"holds {count:,} of these files: look at it with --annex")

    def _expected(self) -> list[str]:
        """Return the signed files that are to be looked at."""
        return sorted(self._release.all())

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
        if self._copy.read(path, check.ROOT_BYTES) != self._chain.anchor:
            raise CheckError("altered", path, "is not the root that was given")

    def _file(self, path: str) -> None:
        target = self._release.of(path)
        fault = CheckError("altered", path, "is not as signed")
        if target is None:
            raise fault
        try:
            if check.right(target, self._copy.read(path, target.length)):
                self._record.accepted.add(path)
                return
        except CheckError as error:
            fault = error
        if self._is_elsewhere(path, fault):
            self._elsewhere.append(path)
            return
        if fault.kind != "altered" or not self._is_rewrapped(path, target):
            raise fault
        self._record.note("rewrapped", path, _REWRAPPED)

    def _is_elsewhere(self, path: str, fault: CheckError) -> bool:
        """Whether another part of a divided mirror holds a file, and what stands in its place here is right."""
        if self._holds(path):
            return False
        return self._is_signpost(path) if self._layout.is_page(path) else fault.kind == "missing"

    def _is_signpost(self, path: str) -> bool:
        """Whether a path holds a signpost to the place that holds what was signed."""
        return self._division is not None and self._leads_to(self._division.holder(path), path)

    def _leads_to(self, holder: str, path: str) -> bool:
        """Whether a path holds the signpost to it at another place."""
        right = signpost(path, holder).body or b""
        with suppress(CheckError):
            return self._copy.read(path, 2 * len(right)).replace(b"\r\n", b"\n") == right
        return False

    def _is_rewrapped(self, path: str, target: TargetFile) -> bool:
        """Whether a text differs from what was signed in nothing but line ends, as Windows writes them."""
        with suppress(CheckError):
            data = self._copy.read(path, 2 * target.length)
            return b"\0" not in data[:_GIT_TEXT] and check.right(target, data.replace(b"\r\n", b"\n"))
        return False

    def _binding(self, path: str) -> None:
        data = self._copy.read(path, LARGEST)
        try:
            bound = load(data)
        except MirrorError as error:
            raise CheckError("altered", path, error.reason) from error
        if bound.layout != self._layout:
            reason = f"speaks of the edition {bound.edition!r}; {self._layout.edition!r} is signed"
            raise CheckError("altered", path, reason)
        self._bound = bound

    def _front(self, home: str) -> None:
        """Look at what the address itself shows, for a host may have another page there than the first one."""
        target = self._release.of(home)
        shown = self._copy.front(target.length) if target else None
        if target and shown is not None and not check.right(target, shown):
            raise CheckError("altered", home, "is not what the address itself shows, which readers open")

    def _beside(self, path: str) -> None:
        if self._bound is not None:
            self._as(path, self._bound.beside[path], "is not what the host wants, and nothing else may stand there")

    def _made(self, path: str) -> None:
        """Look at what the copy has made of a feed or a list of pages."""
        source = self._layout.source(path)
        if self._bound is None or source is None:
            self._record.note("unchecked", path, f"{MIRROR_JSON} does not say for which address it should be made")
            return
        data = self._copy.read(source, _FEED_BYTES)
        for made in bind_feeds(replace(self._bound, division=self._division), [source], lambda _: data, ()):
            if made.entry.path == path:
                self._follows(path, made.body)

    def _follows(self, path: str, right: bytes | None) -> None:
        """Look at a file that follows from what is signed and the copy's address."""
        self._as(path, right or b"", "is not what follows from its source and the copy's address")

    def _as(self, path: str, right: bytes, otherwise: str) -> None:
        """Look at a text of which every byte is known."""
        data = self._copy.read(path, 2 * len(right))
        if data == right:
            return
        if data.replace(b"\r\n", b"\n") != right:
            raise CheckError("altered", path, otherwise)
        self._record.note("rewrapped", path, _REWRAPPED)

    @cached_property
    def _sitemap(self) -> dict[str, Artifact]:
        """What names the lists of pages, by path; of an edition that has none, nothing."""
        lists = [path for path in self._release.all() if path.startswith(SITEMAPS) and self._layout.made_of(path)]
        if self._bound is None:
            return {}
        made = bind_feeds(replace(self._bound, division=self._division), (), lambda _: b"", lists)
        return {one.entry.path: one for one in made}

    def _codes(self, pages: Sequence[str]) -> list[Finding]:
        """Look at the QR images of pages, and return what was found.

        Where all of them agree on another address than ``mirror.json`` says, it is that one file that is wrong; unless the newsroom lists
        the address that it says, and not the other.
        """
        self._said.clear()
        found = self._crew.each("QR images", pages, self._qr)
        bound, home = self._bound, self._layout.home
        if bound is None:
            for page in self._said:
                reason = f"{MIRROR_JSON} does not say where it should lead"
                self._record.note("unchecked", self._layout.qr_path(page), reason)
            return found
        wrong = {page: text for page, text in self._said.items() if text not in self._leads(bound, page)}
        other = agreed(self._said, home)
        homes = self.signed.homes if self.signed else {}
        if other and wrong.keys() >= self._said.keys() - {home} and not (bound.address in homes and other not in homes):
            reason = f"says that it is at {bound.address[:200]!r}, and all QR images lead to {other[:200]!r}"
            return [*found, Finding(kind="altered", path=MIRROR_JSON, reason=reason)]
        found += [
            Finding(kind="altered", path=self._layout.qr_path(page), reason=f"leads to {text[:200]!r}")
            for page, text in wrong.items()
        ]
        return found

    def _leads(self, bound: Binding, page: str) -> list[str]:
        """Return what the QR image of a page may say; in a folder with all parts of a divided mirror, some are of another part."""
        if self._division is None or self._division.holds(page):
            return leads(bound, page, self.signed)
        return [self._division.holder(page) + path_quote(page)]

    def _qr(self, page: str) -> None:
        path = self._layout.qr_path(page)
        data = self._copy.read(path, QR_BYTES)
        try:
            self._said[page] = scan(data)
        except MirrorError as error:
            raise CheckError("altered", path, error.reason) from error

    # What is made of it

    def _settle(self, suspects: list[Finding]) -> None:
        """Tell what fits a newer release from what fits none. No release answers for what a QR image says.

        What is made of a feed may be older than the feed while a newer release is put.
        """
        for finding in suspects:
            path = finding.path
            source = self._layout.source(path) if is_binding(path) else path
            follows = source if self._layout.page_of_qr(path) is None else None
            if finding.kind == "missing" and source and self._others.gone(source):
                self._record.note("ahead", path, "is no longer part of a newer release")
            elif finding.kind in {"altered", "missing"} and follows and self._others.ahead(follows):
                reason = "is as a newer release has it" if follows == path else f"{follows!r} is of a newer release"
                self._record.note("ahead", path, reason)
            else:
                self._record.findings.append(finding)

    def _strangers(self, signed: list[str]) -> None:
        """Say whose the files are that this release does not sign."""
        known = {MIRROR_JSON, HOME_QR, *signed, *self._metadata(), *(self._bound.beside if self._bound else ())}
        known.update(self._sitemap if self._bound else (SITEMAP, ROBOTS), *map(self._layout.made_of, signed))
        pages = filter(self._layout.is_page, signed)
        known.update(self._layout.qr_path(page) for page in pages if self._holds(page))
        known.update(finding.path for finding in self._record.findings)
        strangers = list(self._others.strangers(known))
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
            elif reason := self._refused(found):
                self._add(path, reason)
            elif path.endswith(ENDINGS) and path.rpartition(".")[0] in known:
                self._packed(path)
            elif is_binding(path):
                self._strange_binding(path)
            elif not is_metadata(path):
                self._strange_file(path, twins.get(fold(path), ""))

    def _packed(self, packed: str) -> None:
        """Look at what stands packed beside a file: it holds the same, or readers to whom the host sends it see something else."""
        path, _, _ = packed.rpartition(".")
        if self._record.options.quick and not (path in self._record.accepted or is_binding(path)):
            return
        try:
            data = self._copy.read(path, _FEED_BYTES)
            held = unpack(packed, self._copy.read(packed, len(data)), len(data))
        except CheckError as error:
            self._record.findings.append(error.finding)
        except MirrorError as error:
            self._record.findings.append(Finding(kind="altered", path=packed, reason=error.reason))
        else:
            if held.replace(b"\r\n", b"\n") != data.replace(b"\r\n", b"\n"):
                reason = f"does not hold what {path!r} does"
                self._record.findings.append(Finding(kind="altered", path=packed, reason=reason))

    def _metadata(self) -> Iterator[str]:
        """Yield where metadata of this release stand."""
        yield TIMESTAMP
        yield from self._release.paths()
        for root in self._chain.roots:
            yield metadata_path(Root.type, root.version)

    def _refused(self, found: Found) -> str:
        """Return why a name can be nobody's in a mirror, "" if it may be somebody's."""
        return self._others.refused(found)

    def _strange_binding(self, path: str) -> None:
        page = self._layout.page_of_qr(path) or ""
        source = self._layout.source(path)
        if not page and source and self._may_be_made(path) and (whose := self._others.page(source)):
            self._record.note(whose, path, f"is made of {source!r}, which is of another release")
            return
        if page and self._release.of(page) and not self._holds(page):
            self._record.findings += self._codes([page])
        elif whose := self._others.page(page):
            self._record.findings += self._codes([page])
            self._record.note(whose, path, "is of a page of another release")
        elif page and self._release.damaged(page):
            self._record.note("unchecked", path, "the metadata of its page are damaged")
        else:
            self._add(path, "is of no page")

    def _may_be_made(self, path: str) -> bool:
        """Whether a file may be what was made for another release: ``robots.txt`` says so, for every release has its source."""
        if path != ROBOTS:
            return True
        with suppress(CheckError):
            return _ROBOTS.fullmatch(self._copy.read(path, LARGEST)) is not None
        return False

    def _strange_file(self, path: str, twin: str) -> None:
        if self._others.kept(path):
            self._record.note("kept", path, "is of a former release, and kept for a while")
        elif self._others.ahead(path):
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
            later.is_of(bound.version.release) for later in self._others.later
        ):
            reason = f"speaks of release {bound.version.release}; {release} is signed"
            self._record.findings.append(Finding(kind="mixed", path=MIRROR_JSON, reason=reason))
        elif bound.version.release < release:
            reason = f"speaks of release {bound.version.release}, and {release} is signed: a publish has not ended"
            self._record.note("ahead", MIRROR_JSON, reason)
        for kind, reason in whereabouts(bound, self._record.place, self.signed):
            self._record.note(kind, MIRROR_JSON, reason)

    @property
    def _is_opened(self) -> bool:
        """Whether readers are given the address at which a site is read, by the word of the newsroom, or else of the copy."""
        place, bound = self._record.place, self._bound
        said = {bound.address: bound.home} if bound else {}
        homes = said | (self.signed.homes if self.signed else {})
        return self._layout == SITE and self._holds(SITE.home) and homes.get(place) == place

    @cached_property
    def _layout(self) -> Layout:
        """What is signed tells of which edition it is; what the copy says of itself is not."""
        return layout_of(sorted(self._release.all()))

    @cached_property
    def signed(self) -> Addresses | None:
        """Return what the newsroom says of its mirrors, None if it says nothing that can be believed."""
        return self._says(self._release)

    def _says(self, release: Release) -> Addresses | None:
        try:
            target = release.of(MIRRORS_JSON)
            data = self._copy.read(MIRRORS_JSON, target.length) if target else b""
        except CheckError:
            return None
        return addresses(data) if target and check.right(target, data) else None

    # A divided mirror

    @cached_property
    def _division(self) -> Division | None:
        """Return how this mirror is divided, by the word of the newsroom: in this release, or in a newer one that is being published."""
        return self._divided(self.signed) or next(
            filter(None, map(self._divided, map(self._says, self._others.later))), None
        )

    def _divided(self, signed: Addresses | None) -> Division | None:
        divisions = {division.main: division for division in signed.divisions} if signed else {}
        bound = self._bound
        if not divisions or signed is None:
            return None
        if bound is None:  # which mirror this is cannot be told
            return next(iter(divisions.values())) if len({one.annexes for one in divisions.values()}) == 1 else None
        if bound.address not in signed.homes and bound.division is not None:
            return divisions.get(bound.division.main)  # a fork leads to the annexes of what it was copied from
        return divisions.get(bound.address)

    def _holds(self, path: str) -> bool:
        return self._division is None or self._division.holds(path)
