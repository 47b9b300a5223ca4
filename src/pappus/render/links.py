"""What a rendered artifact links to, read from its text alone, whoever wrote it.

The check that nothing is dead and nothing is lost must not trust the renderer's own bookkeeping. Nor may a hostile text make it
slow: what closes code is looked up in an index, never searched for from every opening.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from collections import defaultdict
from functools import lru_cache
from posixpath import dirname, join, normpath
from sys import intern
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pappus.model import Artifact

Match = re.Match[str]

# In the order in which a renderer meets them: what a backslash hides, code that is only shown, then what may link.
_TOKEN = re.compile(
    r"""
      ^[ >]*+(?:(?:[-+]|\d{1,9}[.)])\ ++)*+(?P<fence>`{3,}+(?=[^`\n]*\n)|~{3,}+)[^\n]*\n
    | \\.
    | (?P<ticks>`++)
    | <(?:a|img)(?:\s++(?!href=|src=)[a-z-]++(?:="[^"]*+")?+)*+\s++(?:href|src)="(?P<attribute>[^"]*)"
    | \]\(\s*+(?:<(?P<angled>[^<>\n]*)>|(?P<bare>[^()\s]*))
    """,
    re.VERBOSE | re.MULTILINE,
)
# What links or loads in HTML, by its attributes. What text says of them is no element: there "<" is "&lt;".
_ELEMENT = re.compile(r'<(?:a|img|link|script|source)((?:\s++[a-z-]++(?:="[^"]*+")?+)++)')
_ATTRIBUTE = re.compile(r'\s++([a-z-]++)(?:="([^"]*+)")?+')  # one after another: a value may say what looks like one
_WAYS = frozenset({"href", "src"})
_CLOSING_FENCE = re.compile(r"^[ >]*+(`{3,}+|~{3,}+) *+$", re.MULTILINE)
_TICKS = re.compile("`++")
_PLAIN = re.compile(r"((?:\.\./)*+)([\w-]++(?:[./][\w-]++)*+)", re.ASCII)  # what most links are
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+:|//|/")


def links(artifact: Artifact) -> set[str] | None:
    """Return the paths inside the edition that an artifact's links and images point to; None if it is of a kind that has none.

    Addresses with a scheme or a host are left out, and those that lead out of the edition (a sibling's home page).
    """
    read = READERS.get(artifact.entry.media_type)
    return read(artifact.body.decode(), artifact.entry.path) if read and artifact.body is not None else None


def of_html(text: str, path: str, former: str = "") -> set[str]:
    """Return what a page of HTML at this path links to, and what it loads. Pages of ours are read, whose attributes all stand in quotes.

    What the same elements linked to in the text that stood there is left out.
    """
    folder = dirname(path)
    elements = {*_ELEMENT.findall(text)}.difference(_ELEMENT.findall(former))
    return {inside for attributes in elements for inside in _ways(attributes, folder)}


@lru_cache(4096)  # what stands around articles is the same in a folder
def _ways(attributes: str, folder: str) -> tuple[str, ...]:
    """Return the paths that an element with these attributes names, in a page in this folder."""
    targets: list[str] = []
    for name, value in _ATTRIBUTE.findall(attributes):
        if name == "srcset":
            targets += _candidates(value)
        elif name in _WAYS:
            targets.append(_unescaped(value) if "&" in value else value)
    return tuple(filter(None, (_inside(target, folder) for target in targets)))


def _candidates(srcset: str) -> list[str]:
    """Return the addresses of a list of pictures; ours have no commas."""
    return [candidate.split()[0] for candidate in srcset.split(",") if candidate.strip()]


def of_markdown(text: str, path: str, former: str = "") -> set[str]:
    """Return what a text in Markdown at this path links to, and the text that stood there did not."""
    found = set()
    code = _Code(text)
    position = 0
    while token := _TOKEN.search(text, position):
        position = code.end(token)
        target = token["angled"] or token["bare"] or _unescaped(token["attribute"] or "")
        inside = _inside(target, dirname(path))
        if inside:
            found.add(inside)
    return found - of_markdown(former, path) if former else found


READERS: Final = MappingProxyType({"text/html": of_html, "text/markdown": of_markdown})
"""What reads links from a text, by its media type: of the text, its path, and the one that stood there."""


class _Code:
    """Where the code of a text ends: an index of all that may close some."""

    def __init__(self, text: str) -> None:
        self._fences = list(_CLOSING_FENCE.finditer(text))
        self._starts = [fence.start() for fence in self._fences]
        self._unclosed: dict[str, int] = {}  # "`" or "~" -> the shortest fence that nothing closes from here to the end
        self._runs: Mapping[int, list[int]] = defaultdict(list)  # length of a run of backticks -> where such runs start
        for run in _TICKS.finditer(text):
            self._runs[len(run[0])].append(run.start())

    def end(self, token: Match) -> int:
        """Return where reading goes on: after the code that ``token`` opens, or after the token. Tokens come in order."""
        if token["fence"]:
            return self._fence_end(token["fence"], token.end()) or self._span_end(token["fence"], token.end("fence"))
        return self._span_end(token["ticks"], token.end()) if token["ticks"] else token.end()

    def _fence_end(self, fence: str, start: int) -> int:
        """Return where the block ends whose text starts at ``start``, 0 if nothing closes it."""
        mark, length = fence[0], len(fence)
        if length >= self._unclosed.get(mark, length + 1):
            return 0
        for index in range(bisect_left(self._starts, start), len(self._fences)):
            closing = self._fences[index]
            if closing[1][0] == mark and len(closing[1]) >= length:
                return closing.end()
        self._unclosed[mark] = length
        return 0

    def _span_end(self, ticks: str, start: int) -> int:
        """Return where the span ends whose text starts at ``start``; that place itself if nothing closes it."""
        runs = self._runs.get(len(ticks), []) if ticks[0] == "`" else []
        index = bisect_left(runs, start)
        return runs[index] + len(ticks) if index < len(runs) else start


def _unescaped(value: str) -> str:
    """Return an attribute's value, "" where it has a number so long that Python refuses to read it."""
    try:
        return html.unescape(value)
    except ValueError:
        return ""


def _inside(target: str, folder: str) -> str:
    """Return the path that ``target`` names from an artifact in a folder, or "" if it is none of the edition."""
    if plain := _PLAIN.fullmatch(target):
        start = _climbed(folder, len(plain[1]))
        return "" if start is None else intern(start + plain[2])  # builds keep the links of many lists
    target = re.split("[?#]", target, maxsplit=1)[0]
    if not target or _SCHEME.match(target):
        return ""
    resolved = normpath(join(folder, unquote(target)))
    return "" if resolved == ".." or resolved.startswith("../") else intern(resolved)


@lru_cache(4096)
def _climbed(folder: str, climb: int) -> str | None:
    """Return the folder, with its slash, to which so many characters of ``../`` lead from another; None where it is out of the edition."""
    names = folder.split("/") if folder else []
    left = len(names) - climb // len("../")
    return None if left < 0 else "".join(f"{name}/" for name in names[:left])
