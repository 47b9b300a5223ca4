"""A look at an annex, with what is signed at the mirror that it belongs to."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pappus.layout import MIRROR_JSON, MIRRORS_JSON, is_binding, is_metadata
from pappus.pipeline.addresses import whereabouts
from pappus.pipeline.inspection import Crew, Inspection, Record
from pappus.pipeline.releases import Copy
from pappus.trust.check import CheckError, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pappus.mirrors import Binding
    from pappus.model import Division
    from pappus.pipeline.places import Found, Place


class AnnexCopy(Copy):
    """The files of an annex, and of the mirror that it belongs to what is signed."""

    def __init__(self, place: Place, main: Copy) -> None:
        super().__init__(place)
        self._main = main

    def read(self, path: str, limit: int) -> bytes:
        """Return the bytes of a file."""
        if is_metadata(path) or path == MIRRORS_JSON:
            return self._main.read(path, limit)
        return super().read(path, limit)

    def metadata(self) -> Iterator[tuple[str, int]]:
        """Yield name and version of the metadata."""
        return self._main.metadata()


class AnnexInspection(Inspection):
    """A look at an annex: it holds the files of some months, signposts to what its pages link to, and nothing that is signed.

    Raises:
        CheckError: it is none that the newsroom knows.
    """

    def __init__(self, place: Place, main: Inspection, record: Record, crew: Crew) -> None:
        super().__init__(AnnexCopy(place, main._copy), main._chain, main._release, record, crew)  # noqa: SLF001  # of its own kind
        self._main = main

    @property
    def here(self) -> str:
        """The address of the annex that this is, or of which it is a copy."""
        return self._division.here if self._division else ""

    def look(self) -> None:
        """Look at the files, the binding, and what else there is; tell what is wrong from what is only of another version."""
        super().look()
        self._record.findings = [self._of_another_version(one) or one for one in self._record.findings]

    def _of_another_version(self, finding: Finding) -> Finding | None:
        """Return what to tell instead where the parts are not of one version: an annex is published first, and each by itself."""
        if is_binding(finding.path) or finding.kind not in {"altered", "missing", "added"}:
            return None
        bound, main = self._bound, self._main._bound  # noqa: SLF001  # of its own kind
        if bound is not None and main is not None and bound.version.number > main.version.number:
            reason = f"{finding.reason}; but the annex is of version {bound.version.number}, and what is signed of {main.version.number}"
            return replace(finding, kind="mixed", reason=reason)
        if finding.kind == "altered" and self._others.kept(finding.path):
            return replace(finding, kind="mixed", reason="is of a former release: the annex was not brought up to date")
        return None

    @cached_property
    def _division(self) -> Division | None:
        if self._bound is None:
            raise CheckError(
                "missing", MIRROR_JSON, "is not there, or cannot be read: whose annex this is cannot be told"
            )
        division = self._bound.division
        known = self.signed.seen_by(division) if division and division.is_annex and self.signed else None
        if known is None:
            raise CheckError("foreign", MIRROR_JSON, "is of no annex that the newsroom knows")
        return known

    def _expected(self) -> list[str]:
        return list(filter(self._holds, super()._expected()))

    def _metadata(self) -> Iterator[str]:
        return iter(())

    def _refused(self, found: Found) -> str:
        if is_metadata(found.path):
            return "is metadata; those of an annex are with the mirror that it belongs to"
        return super()._refused(found)

    def _strange_file(self, path: str, twin: str) -> None:
        led = self._division is not None and (self._is_signpost(path) or self._leads_to(self._division.main, path))
        if self._holds(path) or not led:  # the mirror itself may have given a page to a newer annex: it leads on
            super()._strange_file(path, twin)

    def _whereabouts(self, bound: Binding) -> None:
        for kind, reason in whereabouts(bound, self._record.place, self.signed):
            self._record.note(kind, MIRROR_JSON, reason)
