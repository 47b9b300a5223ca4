"""verify: whether a copy is whole, fresh and unaltered, and if not, what is wrong with it and where.

Every file is read, by several threads, and believed only if the signed metadata say so; then the copy's own binding is looked at, and
what else there is. What does not fit the release that the copy shows is held against the next ones, for a publish may be at work, and
against former ones, which are kept for a while; what fits one of them is told as a note.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pappus.errors import MirrorError
from pappus.layout import FIRST_ROOT, MIRROR_JSON
from pappus.mirrors import load
from pappus.mirrors.binding import LARGEST
from pappus.model import digest
from pappus.pipeline.annex import AnnexInspection
from pappus.pipeline.inspection import Crew, Inspection, Record
from pappus.pipeline.places import READERS, Place
from pappus.pipeline.releases import Chain, Copy, Release, read_release
from pappus.trust import check
from pappus.trust.check import CheckError, Finding

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pappus.pipeline.verdict import Verdict, VerifyOptions


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
    record = Record(place.name, options)
    with place, ThreadPoolExecutor(READERS) as pool:
        try:
            copy = Copy(place)
            chain, release = _believed(copy, record, now)
            whole = Inspection(copy, chain, release, record, Crew(pool, progress))
            whole.run(now)
            seen = [_look_at_annex(annex, whole, record, Crew(pool, progress)) for annex in options.annexes]
            record.annexes += (verdict for verdict, _ in seen)
            whole.tell_elsewhere({address for _, address in seen})
        except CheckError as error:
            record.findings.append(_explained(error, copy) if error.kind == "unsigned" else error.finding)
        except MirrorError as error:
            record.findings.append(_unreadable(error))
    return record.verdict()


def _explained(error: CheckError, copy: Copy) -> Finding:
    """Return what to tell of a place where nothing is signed: an annex has that with the mirror that it belongs to."""
    with suppress(CheckError, MirrorError):
        division = load(copy.read(MIRROR_JSON, LARGEST)).division
        if division is not None and division.is_annex:
            reason = f"this is an annex of {division.main[:200]!r}: verify that mirror, and give this as --annex"
            return replace(error.finding, reason=reason)
    return error.finding


def _look_at_annex(place: Place, main: Inspection, known: Record, crew: Crew) -> tuple[Verdict, str]:
    """Look at the part of a divided mirror that an annex holds, with what the mirror itself has signed of it.

    Returns:
        What was found, and the address of the annex that this is or was copied from, "" if that cannot be told.
    """
    record, address = Record(place.name, known.options), ""
    record.release = known.release
    with place:
        try:
            annex = AnnexInspection(place, main, record, crew)
            annex.look()
            address = annex.here
        except CheckError as error:
            record.findings.append(error.finding)
        except MirrorError as error:
            record.findings.append(_unreadable(error))
    return replace(record.verdict(), until=None), address  # the end of what is signed is told of the mirror


def _unreadable(error: MirrorError) -> Finding:
    return Finding(kind="unreadable", path=error.subject, reason=error.why)


def _believed(copy: Copy, record: Record, now: datetime) -> tuple[Chain, Release]:
    """Read what is signed, and compare it with what was seen before.

    Raises:
        CheckError: nothing is, that the reader believes.
    """
    options = record.options
    seen = options.memory.recall(record.place) if options.memory else None
    chain, release = read_release(copy, options.anchors, seen, now, record.findings.append)
    record.chain, record.release = chain, release
    timestamp = release.timestamp
    if not options.anchors.pinned and (seen is None or seen.first is None):
        record.note("unpinned", FIRST_ROOT, "nothing was given to compare this root with")
    trouble = chain.findings or any(finding.kind == "rolled back" for finding in record.findings)
    if options.memory is not None and timestamp is not None and not trouble:
        known = seen.first if seen else None
        first = digest(chain.anchor) if chain.roots[0].version == 1 else known
        options.memory.keep(record.place, check.remember(first, chain.root, timestamp, release.snapshot))
    return chain, release
