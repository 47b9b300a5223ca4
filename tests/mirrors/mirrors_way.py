"""What readers may find of a place that cannot be changed in one step, while it is changed."""

from __future__ import annotations

from pappus.layout import MARKDOWN, MIRROR_JSON, TIMESTAMP
from pappus.mirrors import rank


def assert_on_the_way(seen, before, wanted):
    """Assert what readers may find while a place that cannot be changed in one step goes from one tree to another.

    Each file is of the one or of the other, and whole; what a file leads to came before it, and nothing went before all had come.
    ``mirror.json`` says the one still, or on the way to the first that nothing is whole yet. Names with a dot first are the adapter's own.
    """
    seen = {path: body for path, body in seen.items() if not path.startswith(".")}
    if MIRROR_JSON in before:
        assert seen[MIRROR_JSON] == before[MIRROR_JSON]
    done, ahead = [-1], [rank(MIRROR_JSON, MARKDOWN)]
    for path in sorted(seen.keys() | before.keys() | wanted.keys() - {MIRROR_JSON}):
        step = rank(path, MARKDOWN) if path in wanted else rank(TIMESTAMP, MARKDOWN) + 0.5
        had, has, shall_have = before.get(path), seen.get(path), wanted.get(path)
        assert has in (had, shall_have), path
        if path != MIRROR_JSON and had != shall_have:
            (done if has == shall_have else ahead).append(step)
    assert max(done) <= min(ahead)
