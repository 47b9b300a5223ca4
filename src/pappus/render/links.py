"""What a rendered Markdown artifact links to, read from its text alone, whoever wrote it.

The check that nothing is dead and nothing is lost must not trust the renderer's own bookkeeping.
"""

from __future__ import annotations

import html
import re
from posixpath import dirname, join, normpath
from urllib.parse import unquote

# In the order in which a renderer meets them: what a backslash hides, code that is only shown, then what may link.
_TOKEN = re.compile(
    r"""
      ^(?P<lead>[ >]*(?:(?:[-+]|\d{1,9}[.)])\ +)*)(?P<fence>`{3,}|~{3,})[^\n]*\n(?:.*\n)*?[ >]*(?P=fence)[`~]*[ ]*$
    | \\.
    | (?P<ticks>`+)(?:(?!`)[\s\S])(?:[\s\S]*?[^`])??(?P=ticks)(?!`)
    | `+
    | <(?:a|img)\b[^<>]*?\b(?:href|src)="(?P<attribute>[^"]*)"
    | \]\(\s*(?:<(?P<angled>[^<>\n]*)>|(?P<bare>[^()\s]*))
    """,
    re.VERBOSE | re.MULTILINE,
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|/")


def links(text: str, path: str) -> set[str]:
    """Return the paths inside the edition that an artifact's links and images point to.

    Addresses with a scheme or a host are left out, and those that lead out of the edition (a sibling's home page).

    Args:
        text: the artifact, as Markdown.
        path: where it stands in the edition.
    """
    found = set()
    for token in _TOKEN.finditer(text):
        target = token["angled"] or token["bare"] or html.unescape(token["attribute"] or "")
        inside = _inside(target, path)
        if inside:
            found.add(inside)
    return found


def _inside(target: str, path: str) -> str:
    """Return the path that ``target`` names from the artifact at ``path``, or "" if it is none of the edition."""
    target = re.split("[?#]", target, maxsplit=1)[0]
    if not target or _SCHEME.match(target):
        return ""
    resolved = normpath(join(dirname(path), unquote(target)))
    return "" if resolved == ".." or resolved.startswith("../") else resolved
