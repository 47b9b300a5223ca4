"""``{% cache %}``: a part of a template that is the same on many pages, such as what stands around articles, and is written once for them.

What is kept belongs to how deep a page stands, in what words, and to what the tag names beside::

    {% cache page.channel %}<a href="{{ to(page.channel) }}">{{ say("more") }}</a>{% endcache %}

A part that reads anything else of a page has to name it. Links in it lead by way of home's folder, so that they are right in every folder
of the same depth. The blocks of templates stand around such parts, never in them, so what an operator puts in the place of a block may
say what it likes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jinja2 import nodes
from jinja2.ext import Extension

if TYPE_CHECKING:
    from collections.abc import Hashable

    from jinja2 import Environment
    from jinja2.parser import Parser
    from markupsafe import Markup

_MOST: Final = 1024  # parts that are kept


class FragmentCache(Extension):
    """The tag, and what was written in its place.

    Attributes:
        writing: parts that are written now, one inside another.
    """

    tags = {"cache"}  # noqa: RUF012  # as Jinja declares it

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.writing = 0
        self._place: Hashable = None
        self._written: dict[Hashable, Markup] = {}

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """Return what the tag stands for: the part, written where it is not found."""
        line = next(parser.stream).lineno
        beside: list[nodes.Expr] = [nodes.Const(f"{parser.name}:{line}")]
        while parser.stream.current.type != "block_end":
            beside.append(parser.parse_expression())
            parser.stream.skip_if("comma")
        body = parser.parse_statements(("name:endcache",), drop_needle=True)
        part = parser.free_identifier()
        names = nodes.Tuple(beside, "load")
        written = [nodes.AssignBlock(part, None, body), nodes.ExprStmt(self.call_method("keep", [names, part]))]
        return [
            nodes.Assign(part, self.call_method("find", [names])).set_lineno(line),
            nodes.If(nodes.Test(part, "none", [], [], None, None), written, [], []).set_lineno(line),
            nodes.Output([part]).set_lineno(line),
        ]

    def begin(self, place: Hashable) -> None:
        """Begin a page. ``place`` is what all parts depend on."""
        self._place = place
        self.writing = 0

    def find(self, names: Hashable) -> Markup | None:
        """Return the part of these names; None where it has to be written, which begins with that."""
        found = self._written.get((self._place, names))
        if found is None:
            self.writing += 1
        return found

    def keep(self, names: Hashable, part: Markup) -> None:
        """Keep a part that is written now."""
        self.writing -= 1
        if len(self._written) >= _MOST:
            self._written.clear()
        self._written[self._place, names] = part
