"""What verifying says of a copy: findings of what is wrong, notes of what is worth knowing, and all of it together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from msgspec import Struct, field

from pappus.pipeline.releases import Anchors

if TYPE_CHECKING:
    from datetime import datetime

    from pappus.model import Digest
    from pappus.pipeline.places import Place
    from pappus.trust.check import Finding, Remembered

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
    "annex",
]
"""What is worth knowing and not wrong.

ahead: as a newer release has it; a publish is at work. kept: of a former release, and kept for a while. own: of a fork, for its forge.
litter: of the system that the copy lay on. rewrapped: as signed, with other line ends.
unpinned: nothing was given to compare the root with. unlisted: the place does not tell which files it has. sampled: not all were read.
unchecked: files whose metadata are damaged, and QR images where mirror.json is. fork: a mirror that the newsroom does not list as its
own. moved: the newsroom says that this mirror has moved. elsewhere: the copy says that it is at another address. annex: files that another
part of a divided mirror holds.
"""


class Note(Struct, frozen=True, kw_only=True):
    """One thing that is worth knowing."""

    kind: NoteKind
    path: str
    reason: str


class Verdict(Struct, frozen=True, kw_only=True):
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
    accepted: frozenset[str] = frozenset()  # paths that hold the bytes that were signed
    annexes: tuple[Verdict, ...] = ()  # of those that were given

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong, here or in the annexes that were given."""
        return not self.findings and all(annex.whole for annex in self.annexes)


class Memory(Protocol):
    """Keeps the newest that was seen of each place."""

    def recall(self, place: str) -> Remembered | None:
        """Return what was seen of a place."""
        ...

    def keep(self, place: str, seen: Remembered) -> None:
        """Keep what was seen of a place."""
        ...


class VerifyOptions(Struct, frozen=True, kw_only=True):
    """How a copy is looked at."""

    anchors: Anchors = field(default_factory=Anchors)
    memory: Memory | None = None
    quick: bool = False  # read all metadata, but of the files only a sample
    annexes: tuple[Place, ...] = ()  # which hold other parts of a divided mirror; opened here
