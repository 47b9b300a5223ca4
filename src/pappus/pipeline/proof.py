"""Looks at a mirror after a withdrawal: what should be gone is gone, out of what it remembers as well.

The adapter says first whether the place holds what was published last, and then reads back what stands at the paths of the article, and
what stood there and can still be had: it reads files, not notes of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from pappus.pipeline.newsroom import MirrorPart

_BY_WORD: Final = "its mirror.json"


def look(part: MirrorPart, wanted: Mapping[str, str | None], gone: AbstractSet[str], forgot: int) -> tuple[str, str]:
    """Return where was looked, and what the mirror still has that it should not have: "" for nothing.

    Args:
        part: the mirror.
        wanted: paths, and the digest of what stands there now; None for nothing.
        gone: digests of what may be nowhere.
        forgot: how many withdrawals its edition has carried out.

    Raises:
        MirrorError: it cannot be reached or read.
    """
    state = part.adapter.state()  # mending, for a killed publish may have something left to forget
    if state.shown is None:
        return _BY_WORD, "it does not hold what was published last"
    done = min(one.forgot for one in (state.shown, state.base) if one)  # a tree in reserve counts too
    if done < forgot:
        return _BY_WORD, f"it has carried out {done} of {forgot} withdrawals"
    held = part.adapter.held(wanted)
    wrong = (_wrong(path, right, held.at[path]) for path, right in wanted.items())
    left = next(filter(None, wrong), "")
    if not left and held.loose & gone:
        left = "it keeps what was withdrawn under another name"
    return held.how, left


def _wrong(path: str, right: str | None, there: AbstractSet[str]) -> str:
    """Return what is wrong with what a path holds and has held."""
    if right is None:
        return f"{path} is still there, or can still be had" if there else ""
    if not there:
        return f"{path} is not there"
    if right not in there:
        return f"{path} is not as it was built"
    return f"{path} can still be had as it was before" if len(there) > 1 else ""
