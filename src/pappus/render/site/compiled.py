"""Templates as Jinja reads them: ours are compiled once, and kept by Python where it keeps its own modules, in ``__pycache__``.

So what is kept is as safe as the package itself, is written whole or not at all, and is done without where that folder cannot be written.
The operator's are compiled anew in every build.
"""

from __future__ import annotations

from importlib.machinery import SourceFileLoader
from typing import TYPE_CHECKING

from jinja2 import BaseLoader, TemplateNotFound, __version__

from pappus.model import digest
from pappus.render.site.templates import fingerprint, place, sources

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping
    from types import CodeType
    from typing import Any

    from jinja2 import Environment, Template


class Loader(BaseLoader):
    """Gives templates by name.

    Args:
        texts: all of them; those that are not ours are the operator's.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def load(
        self,
        environment: Environment,
        name: str,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002  # Jinja's name
    ) -> Template:
        """Return a template.

        Raises:
            TemplateNotFound: there is none of this name.
            TemplateSyntaxError: it is wrong.
        """
        if name not in self._texts:
            raise TemplateNotFound(name)
        ours = self._texts[name] == sources().get(name)
        code = (ours and _Ours(environment, name).get_code(name)) or environment.compile(self._texts[name], name, name)
        return environment.template_class.from_code(environment, code, globals or {})


class _Ours(SourceFileLoader):
    """Compiles a template of ours, or takes what was compiled from the same texts by the same code and library."""

    def __init__(self, environment: Environment, name: str) -> None:
        super().__init__(name, str(place() / name))
        self._environment = environment

    def path_stats(self, path: str) -> Mapping[str, Any]:  # noqa: ARG002  # as Python calls it
        """Return, as the moment when the source changed, what changes when anything does that compiling it depends on."""
        changing = digest(f"{fingerprint()} {__version__}".encode())
        return {"mtime": int(changing[:8], 16), "size": len(sources()[self.name].encode())}

    def source_to_code(self, data: bytes, path: str) -> CodeType:  # type: ignore[override]  # as it is called here
        """Return a template compiled."""
        return self._environment.compile(data.decode(), self.name, path)
