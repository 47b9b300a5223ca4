"""Pages of the site about itself: what this mirror is, what to do without a network, and what to do where there is no page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from pappus.layout import MIRROR_JSON, MIRRORS_JSON, NOT_FOUND
from pappus.render import mirror_list
from pappus.render.page import Way
from pappus.render.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pappus.render.inputs import EditionOptions, SourceInfo
    from pappus.render.paths import Paths
    from pappus.render.words import Section


class About(Struct, frozen=True, kw_only=True):
    """What is mirrored here and with whose permission, how to check it, where else it is, and how to get out of an app."""

    path: str
    title: str
    ways: tuple[Way, ...]
    sources: tuple[SourceInfo, ...]
    signed: bool
    fingerprint: tuple[str, ...]  # of the first root, in groups as they are read aloud; empty where it is not known
    mirrors: Way | None  # to the list of them
    outside: Section  # how to leave the browser of an app
    more: tuple[Way, ...]
    machines: tuple[str, ...]  # paths of what is for programs


class Offline(Struct, frozen=True, kw_only=True):
    """What a reader sees who has no network."""

    path: str
    title: str
    ways: tuple[Way, ...]


class NotFound(Struct, frozen=True, kw_only=True):
    """What hosts show where there is no page. It stands at any depth, so no relative link of it would lead anywhere."""

    path: str
    title: str
    ways: tuple[Way, ...] = ()


def about(options: EditionOptions, paths: Paths) -> Iterator[About | Offline]:
    """Yield what is said of this mirror, and to those without a network."""
    speech = words(options.language)
    guide = Way(speech("guide"), paths.guide)
    ways = (Way(speech("hot"), paths.hot), guide)
    listed = mirror_list.exists(options)
    yield About(
        path=paths.about,
        title=speech("about"),
        ways=ways,
        sources=options.sources,
        signed=options.signed,
        fingerprint=tuple(options.fingerprint[at : at + 4] for at in range(0, len(options.fingerprint), 4)),
        mirrors=Way(speech("mirrors"), paths.mirrors) if listed else None,
        outside=speech.guide[0],
        more=(guide, Way(speech("offline"), paths.offline)),
        machines=(MIRROR_JSON, *([MIRRORS_JSON] if listed else [])),
    )
    yield Offline(path=paths.offline, title=speech("offline"), ways=ways)


def not_found(options: EditionOptions) -> NotFound:
    """Return what is said where there is no page."""
    return NotFound(path=NOT_FOUND, title=words(options.language)("not_found"))
