"""JSON-LD as pages really write it: mended, bounded, its graph's references followed.

Rules: https://www.w3.org/TR/json-ld11/ as far as schema.org's users go (``@graph``, ``@id``, lists); ``@context`` is ignored.
"""

from __future__ import annotations

import html
import json
import re
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from pappus import markup

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Node = dict[str, Any]

_LENGTH: Final = 2_000_000  # characters, of all scripts of a page
_NODES: Final = 2_000  # that are looked at
_WITHIN: Final = (
    "@graph",
    "mainEntity",
    "mainEntityOfPage",
    "itemReviewed",
    "subjectOf",
)  # where an article's node may stand
_BEFORE = re.compile(r"(?:\s*(?:<!--|(?://|/\*)?\s*<!\[CDATA\[(?:\s*\*/)?))+")
_AFTER = re.compile(r"(?:\s*(?:-->|(?://|/\*)?\s*\]\]>(?:\s*\*/)?|;))+\s*\Z")
_END: Final = 100  # characters in which what comes after data stands
_GAP = re.compile(r"[\s,;]*")
_LAST_COMMA = re.compile(r",(?=\s*[}\]])")
_NO_ESCAPE = re.compile(r'\\(?!["\\/bfnrt]|u[0-9A-Fa-f]{4})')
_PAIR = re.compile(
    r'"(headline|datePublished|dateModified|dateCreated|articleSection|description|inLanguage|keywords|isAccessibleForFree)"'
    r'\s*:\s*"((?:[^"\\]|\\.){1,2000})"'
)
_AUTHOR = re.compile(r'"author"\s*:\s*(?:\[\s*)?\{[^{}]{0,300}?"name"\s*:\s*"((?:[^"\\]|\\.){1,200})"')
_TYPE = re.compile(r'"@type"\s*:\s*"(\w+)"')
_DECODER = json.JSONDecoder(strict=False)


class Graph:
    """The JSON-LD nodes of a page, outer ones first."""

    __slots__ = ("_by_id", "nodes")

    def __init__(self, scripts: Iterable[str]) -> None:
        self.nodes = list(_nodes(_values(scripts)))
        self._by_id: dict[str, Node] | None = None

    def resolved(self, value: Any) -> list[Any]:
        """Return a property's value as a list, nodes in it that only refer to others replaced by these."""
        each = value if isinstance(value, list) else [value]
        return [self._named(one) if _refers(one) else one for one in each[:_NODES] if one is not None]

    def texts(self, value: Any, *keys: str) -> list[str]:
        """Return the texts of a property's value: strings, and what its nodes have under the first of ``keys`` that they have."""
        found: list[str] = []
        for one in self.resolved(value):
            given = next((one[key] for key in keys if one.get(key)), None) if isinstance(one, dict) else one
            each = given[:_NODES] if isinstance(given, list) else [given]
            found += [written for text in each if isinstance(text, str) and (written := words(text))]
        return found

    def _named(self, reference: Node) -> Node:
        if self._by_id is None:
            self._by_id = {}
            for node in self.nodes:
                if isinstance(name := node.get("@id"), str) and not _refers(node):
                    self._by_id.setdefault(name, node)
        return self._by_id.get(str(reference["@id"]), reference)


def words(text: str) -> str:
    """Return text of an attribute or a data string as a reader would see it; entities that were escaped twice are resolved."""
    return plain(html.unescape(text) if "&" in text else text)


def plain(text: str) -> str:
    """Return text as :func:`pappus.markup.plain` does, at once where nothing is unseen, and no white space but single spaces."""
    text = text.strip()
    return text if text.isprintable() and "  " not in text else markup.plain(text)


def types(node: Node) -> set[str]:
    """Return the types of a node, without their vocabulary's address."""
    given = node.get("@type")
    return {str(one).rpartition("/")[2].rpartition(":")[2] for one in (given if isinstance(given, list) else [given])}


def _refers(value: Any) -> bool:
    return isinstance(value, dict) and "@id" in value and len(value) <= 2 and "name" not in value


def _values(scripts: Iterable[str]) -> Iterator[Any]:
    left = _LENGTH
    for text in scripts:
        left -= len(text)
        if left < 0:
            return
        yield from _decoded(text)


def _decoded(text: str) -> list[Any]:
    """Return the values in a script: as it is, else mended, else the few pairs of it that can be read."""
    try:
        return [_DECODER.decode(text)]
    except (ValueError, RecursionError):
        pass
    start = _BEFORE.match(text)
    mended = text[start.end() if start else 0 :].strip()
    mended = mended[:-_END] + _AFTER.sub("", mended[-_END:])
    if mended.startswith(("{&", "[{&", "&")):
        mended = html.unescape(mended)
    mended = _NO_ESCAPE.sub("", _LAST_COMMA.sub("", mended))
    try:
        return _each(mended)
    except (ValueError, RecursionError):
        return _pairs(mended)


def _each(text: str) -> list[Any]:
    """Return the values that stand one after another in a text.

    Raises:
        ValueError: something else stands there.
    """
    values: list[Any] = []
    at = 0
    while at < len(text) and len(values) < _NODES:
        value, end = _DECODER.raw_decode(text, at)
        values.append(value)
        gap = _GAP.match(text, end)
        at = gap.end() if gap else end
    return values


def _pairs(text: str) -> list[Any]:
    """Return one node of what can be read in broken data without its structure; nothing unless an article is spoken of."""
    kind = next((name for name in _TYPE.findall(text) if name.endswith(("Article", "Posting"))), None)
    if kind is None:
        return []
    node: Node = {"@type": kind}
    for found in _PAIR.finditer(text):
        node.setdefault(found[1], _unescaped(found[2]))
    if names := [{"@type": "Person", "name": _unescaped(found[1])} for found in _AUTHOR.finditer(text)][:1]:
        node["author"] = names
    return [node]


def _unescaped(text: str) -> str:
    try:
        value = _DECODER.decode(f'"{text}"')
    except ValueError:
        return text
    return str(value)


def _nodes(values: Iterable[Any]) -> Iterator[Node]:
    waiting: deque[Any] = deque(values)
    left = _NODES
    while waiting and left:
        value = waiting.popleft()
        if isinstance(value, list):
            waiting.extendleft(reversed(value[:left]))
        elif isinstance(value, dict):
            left -= 1
            yield value
            waiting.extend(value[key] for key in _WITHIN if key in value)
