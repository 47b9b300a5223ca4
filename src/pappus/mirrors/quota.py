"""Pure: whether a host would take what is to be published there, said before anything is sent.

Hosts publish their limits; the profiles here are those limits, each with the page that says so, as read in November 2026. Where a
host publishes no figure there is none here. Where a page says MB or GB, powers of ten are meant: to be sure.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, get_args

from msgspec import Struct

from pappus.errors import QuotaError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pappus.model import Plan

Limit = Literal["file_size", "push_size", "tree_size", "files", "folder_entries"]

_MB, _GB = 10**6, 10**9
_KIB, _MIB, _GIB, _TIB = 2**10, 2**20, 2**30, 2**40
_WARNING = 0.8  # of a limit


class Limits(Struct, frozen=True, kw_only=True):
    """What a host takes; None where it does not say.

    Args:
        file_size: bytes of one file.
        push_size: bytes that one publish may send.
        tree_size: bytes of all files. Of a repository this leaves its history out, and that what is kept is packed.
        files: how many.
        folder_entries: files and folders in one folder.
        advised: which of these the host only advises; to go past one is told, and done.
        source: what says so.
    """

    file_size: int | None = None
    push_size: int | None = None
    tree_size: int | None = None
    files: int | None = None
    folder_entries: int | None = None
    advised: frozenset[Limit] = frozenset()
    source: str = ""


class Totals(Struct, frozen=True, kw_only=True):
    """What a mirror will hold.

    Args:
        files: how many, binding and signed metadata among them.
        size: bytes of all of them.
        folders: for each folder that the plan touches, how many entries it will have.
    """

    files: int
    size: int
    folders: Mapping[str, int]


PROFILES: Mapping[str, Limits] = MappingProxyType(
    {
        "caddy": Limits(),  # a server of the operator's own, as is nginx
        # "Limits" of Cloudflare Pages: 25 MiB a file, 20,000 files on the Free plan (100,000 on paid ones since January 2026).
        "cloudflare-pages": Limits(
            file_size=25 * _MIB, files=20_000, source="Cloudflare Pages docs, 'Limits', Free plan"
        ),
        # "Limits" of Cloudflare R2: 5 GiB less than 5 TiB an object, buckets and objects without limit.
        "cloudflare-r2": Limits(file_size=5 * _TIB - 5 * _GIB, source="Cloudflare R2 docs, 'Limits'"),
        # "New storage limits on Codeberg: what you need to know", May 2025: 750 MiB of repositories for a user or organisation, all of
        # them together, more on request; 100 MiB for what does not serve free software or culture. No figure for a file or a push.
        "codeberg": Limits(tree_size=750 * _MIB, source="Codeberg blog, 'New storage limits on Codeberg'"),
        # Codeberg Pages shows a branch of a repository: the limits are those of repositories.
        "codeberg-pages": Limits(tree_size=750 * _MIB, source="Codeberg blog, 'New storage limits on Codeberg'"),
        # "Repository limits": 100 MB an object and 2 GB a push are enforced, 10 GB on disk is advised; 3,000 entries a folder are, but
        # its web pages, where people read, list no more than 1,000 of them.
        "github": Limits(
            file_size=100 * _MB,
            push_size=2 * _GB,
            tree_size=10 * _GB,
            folder_entries=1_000,
            advised=frozenset({"tree_size", "folder_entries"}),
            source="GitHub Docs, 'Repository limits'",
        ),
        # "GitHub Pages limits": a published site is at most 1 GB. Objects and pushes as above; nobody lists its folders.
        "github-pages": Limits(
            file_size=100 * _MB, push_size=2 * _GB, tree_size=_GB, source="GitHub Docs, 'GitHub Pages limits'"
        ),
        # "Free push limit": 100 MiB a file; "Account and limit settings": 10 GB a repository on GitLab.com. No figure for a push.
        "gitlab": Limits(
            file_size=100 * _MIB,
            tree_size=10 * _GB,
            source="GitLab Docs, 'Free push limit', 'Account and limit settings'",
        ),
        # GitLab issue 405048: on GitLab.com 1 GB and 200,000 files a site. The files come from a repository: "Free push limit".
        "gitlab-pages": Limits(
            file_size=100 * _MIB,
            tree_size=_GB,
            files=200_000,
            source="GitLab issue 405048, GitLab Docs, 'Free push limit'",
        ),
        "netlify": Limits(),  # no figures were found
        "nginx": Limits(),
        "none": Limits(),
    }
)
"""By host."""


class _Measure(Struct, frozen=True):
    """One limit, and how near it is."""

    limit: Limit
    value: int
    most: int
    worst: str  # the path that does most
    words: str  # of what is measured
    advice: str

    def told(self, source: str) -> str:
        show = _bytes if self.limit.endswith("_size") else _count
        where = (
            f", most of it {self.worst!r}" if self.worst and self.limit not in {"file_size", "folder_entries"} else ""
        )
        return f"{self.words} {show(self.value)} of at most {show(self.most)}{where} ({source})"


def check(name: str, limits: Limits, plan: Plan, totals: Totals) -> list[str]:
    """Return what is near a limit, or past one that the host only advises.

    Args:
        name: the mirror's.
        limits: its host's.
        plan: what is to be published.
        totals: what will be there then.

    Raises:
        QuotaError: the host would refuse it.
    """
    warnings: list[str] = []
    for measure in _measures(limits, plan, totals):
        told = measure.told(limits.source)
        if measure.value > measure.most and measure.limit not in limits.advised:
            raise QuotaError(name, told, measure.advice)
        if measure.value > _WARNING * measure.most:
            warnings.append(f"{told}: {measure.advice}")
    return warnings


def _measures(limits: Limits, plan: Plan, totals: Totals) -> list[_Measure]:
    """Return what is measured, as far as the host has a limit for it."""
    largest = max(plan.puts, key=lambda entry: (entry.size, entry.path), default=None)
    size, path = (largest.size, largest.path) if largest else (0, "")
    fullest = max(totals.folders, key=lambda folder: (totals.folders[folder], folder), default="")
    found: dict[Limit, tuple[int, str, str, str]] = {
        "file_size": (
            size, path, f"the file {path!r} has",
            "make it smaller, split it, or take it out of this edition; or choose a host that takes larger files",
        ),
        "push_size": (
            plan.size, path, "this publish sends",
            "publish a smaller edition first and let it grow, or choose another host",
        ),
        "tree_size": (
            totals.size, path, "the mirror would hold",
            "give the mirror an annex for older months (docs/annexes.md), or choose another host",
        ),
        "files": (
            totals.files, fullest, "the mirror would hold, in files,",
            "give the mirror an annex for older months (docs/annexes.md), or choose another host",
        ),
        "folder_entries": (
            totals.folders.get(fullest, 0), fullest, f"the folder {fullest or '/'!r} has, in entries,",
            "split the edition over several mirrors, or choose another host",
        ),
    }  # fmt: skip
    return [
        _Measure(limit, value, most, worst, words, advice)
        for limit in get_args(Limit)
        if (most := getattr(limits, limit)) is not None
        for value, worst, words, advice in (found[limit],)
    ]


def _bytes(number: int) -> str:
    for unit, factor in (("TiB", _TIB), ("GiB", _GIB), ("MiB", _MIB), ("KiB", _KIB)):
        if number >= factor:
            return f"{number / factor:.1f} {unit}"
    return f"{number} bytes"


def _count(number: int) -> str:
    return f"{number:,}"
