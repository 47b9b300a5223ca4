"""Signposts: short pages of a divided mirror, at the addresses of pages that another of its parts holds. Pure.

A signpost follows from the address that it leads to alone, so whoever knows the division can tell a right one from a wrong one. It says
nothing in words, for it has to be understood beside pages in any language.
"""

from __future__ import annotations

import html

from pappus.model import Artifact, artifact
from pappus.urls import path_quote

_HTML = (
    '<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
    '<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="0; url={address}">'
    '<title>→</title><h1>→ <a href="{address}">{address}</a></h1>\n'
)


def signpost(path: str, holder: str) -> Artifact:
    """Return what stands at a page's path where the page itself is held elsewhere.

    Args:
        path: of a page or list of the edition, ``.md`` or ``.html``.
        holder: address of the place that holds it.
    """
    address = holder + path_quote(path)
    if path.endswith(".html"):
        return artifact(path, _HTML.format(address=html.escape(address)).encode(), "text/html")
    return artifact(path, f"### → <{address}>\n".encode(), "text/markdown")
