"""``{% kept %}``: a part of a template that is the same on many pages, such as what stands around articles, and is written once for them.

What is kept belongs to where a page stands, in which folder and in what words, and to what the tag names beside::

    {% kept page.channel %}<a href="{{ to(page.channel) }}">{{ say("more") }}</a>{% endkept %}

A part that reads anything else of a page has to name it. The blocks of templates stand around such parts, never in them, so what an
operator puts in the place of a block may say what it likes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jinja2 import nodes
from jinja2.ext import Extension

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from jinja2 import Environment
    from jinja2.parser import Parser

_MOST: Final = 1024  # parts that are kept


class Kept(Extension):
    """The tag, and what was written in its place. ``place`` is a name that templates are given: what all parts depend on."""

    tags = {"kept"}  # noqa: RUF012  # as Jinja declares it

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._kept: dict[Hashable, str] = {}

    def parse(self, parser: Parser) -> nodes.Node:
        """Return what the tag stands for: a call that is handed the part."""
        line = next(parser.stream).lineno
        own = nodes.Const(f"{parser.name}:{line}")
        beside = []
        while parser.stream.current.type != "block_end":
            beside.append(parser.parse_expression())
            parser.stream.skip_if("comma")
        part = parser.parse_statements(("name:endkept",), drop_needle=True)
        names = nodes.Tuple([own, nodes.Name("place", "load"), *beside], "load")
        return nodes.CallBlock(self.call_method("part", [names]), [], [], part).set_lineno(line)

    def part(self, names: Hashable, caller: Callable[[], str]) -> str:
        """Return the part of these names, which ``caller`` writes."""
        found = self._kept.get(names)
        if found is None:
            if len(self._kept) >= _MOST:
                self._kept.clear()
            found = self._kept[names] = caller()
        return found
