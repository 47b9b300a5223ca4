"""Jinja, spared what templates of the site have no use for: a page has a hundred calls and values, and each cost more than what it did.

What a template can say is the same, but that a function of Python's cannot ask for the context; none that templates are given does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment
from jinja2.compiler import CodeGenerator
from jinja2.runtime import Context, Macro
from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping

    from jinja2 import nodes
    from jinja2.compiler import Frame

_SIGN: Final = re.compile("[&<>'\"]")


def escaped(value: object) -> str:
    """Return what stands in a page for a value: markup as it is, all else escaped."""
    if type(value) is Markup or (type(value) is str and not _SIGN.search(value)):
        return value
    return escape(value)


class _Context(Context):
    def call(
        self, called: Callable[..., Any], *args: Any, _block_vars: Any = None, _loop_vars: Any = None, **kwargs: Any
    ) -> Any:  # as Jinja calls it
        """Call what a template calls."""
        return called(self.eval_ctx, *args, **kwargs) if type(called) is Macro else called(*args, **kwargs)


class _Generator(CodeGenerator):
    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:  # noqa: ARG002  # as Jinja calls it
        self.write("environment.escaped(")


class Engine(Environment):
    """An environment that escapes everything that is no markup."""

    context_class = _Context
    code_generator_class = _Generator
    escaped = staticmethod(escaped)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return what a template can name whatever it is given, as a plain dictionary."""
        return {**self.globals, **(d or {})}

    def write(self, name: str, shown: Mapping[str, object]) -> str:
        """Return what a template makes of what it is given.

        Raises:
            Exception: whatever comes up in it, with the template's lines in its traceback.
        """
        template = self.get_template(name)
        context = template.new_context({**self.globals, **shown}, shared=True)
        try:
            return "".join(template.root_render_func(context))
        except Exception:  # noqa: BLE001  # as Jinja does, which raises it again
            self.handle_exception()
