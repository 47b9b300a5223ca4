"""What one place gets of an edition that is divided between a mirror and its annexes. Pure, but for reading texts that are put.

Each path has one holder. Where readers may look for what another place holds, a signpost stands: in the mirror itself at the address of
every page that an annex holds, for addresses that were published lead there for ever; in an annex at whatever its pages link to. Media
have no signposts, for nobody is led to one but by its page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pappus.layout import is_binding
from pappus.mirrors.signpost import signpost
from pappus.model import Artifact
from pappus.render import links
from pappus.store import Changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pappus.layout import Layout
    from pappus.model import Division, Entry


def share(
    changes: Changes, division: Division, layout: Layout, read: Callable[[Entry], bytes]
) -> tuple[Changes, dict[str, Artifact]]:
    """Return what of these changes is one place's own, and the signposts that are put there.

    Args:
        changes: of the whole edition.
        division: as seen from the place.
        layout: of the edition.
        read: gives the bytes of an artifact of the edition.
    """
    given = frozenset[str]() if division.is_annex else frozenset(_given(changes, division, layout))
    own = Changes(
        puts=tuple(entry for entry in changes.puts if division.holds(entry.path)),
        added=tuple(path for path in changes.added if division.holds(path)),
        deletions=tuple(path for path in changes.deletions if division.holds(path) or path in given),
    )
    led = _led_to(own, division, layout, read) if division.is_annex else given.intersection(changes.added)
    return own, {path: signpost(path, division.holder(path)) for path in sorted(led)}


def _given(changes: Changes, division: Division, layout: Layout) -> Iterator[str]:
    """Yield the pages among these changes that annexes hold: at each of their addresses stands a signpost."""
    for path in (*changes.added, *changes.deletions):
        if layout.is_page(path) and not division.holds(path):
            yield path


def _led_to(own: Changes, division: Division, layout: Layout, read: Callable[[Entry], bytes]) -> set[str]:
    """Return what the pages of an annex link to and other places hold."""
    pages = (Artifact(entry=entry, body=read(entry)) for entry in own.puts if layout.is_page(entry.path))
    found = {path for page in pages for path in links(page) or ()}
    return {path for path in found if not division.holds(path) and not is_binding(path)}
