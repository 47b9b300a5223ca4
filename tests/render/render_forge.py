"""A forge, as the demo has one, and beside it one that lets everything through."""

from __future__ import annotations

from pappus.demo.forge import ELEMENTS, EVERYWHERE, cleaned, html, kept

__all__ = ["html", "kept", "whole"]


def whole(rendered: str) -> str:
    """Return the same with every element and attribute that we or anybody could write let through."""
    everything = ELEMENTS | set("bdi u center font iframe object style script form input video audio svg".split())
    attributes = {*EVERYWHERE, "href", "src", "class", "style", "onclick", "reversed"}
    return cleaned(rendered, everything, dict.fromkeys(everything, attributes))
