"""How the operator wants the site to look: a theme, and templates in place of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pappus.config.values import unknown
from pappus.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def theme(folder: Path, name: str) -> str:
    """Return the CSS of a theme, "" for our own.

    Raises:
        ConfigError: it cannot be read, or would end the style sheet that it becomes a part of.
    """
    if not name:
        return ""
    return _sheet(folder / name)


def templates(folder: Path, name: str) -> tuple[tuple[str, str], ...]:
    """Return name and text of the templates in a folder, by name.

    Raises:
        ConfigError: there is no such folder, it holds something that is no template of the site's, or a style sheet that would end itself.
    """
    if not name:
        return ()
    from pappus.render.site.templates import sources  # noqa: PLC0415  # 10 ms, for those who have templates

    place = folder / name
    if not place.is_dir():
        raise ConfigError(str(place), "is no folder", "'templates' names a folder of templates")
    known = [name for name in sources() if not name.endswith(".js")]  # scripts belong together
    files = sorted(one for one in place.iterdir() if not one.name.startswith("."))
    for file in files:
        if file.name not in known:
            raise ConfigError(str(file), unknown(file.name, known))
    return tuple((file.name, _sheet(file) if file.suffix == ".css" else _text(file)) for file in files)


def _sheet(file: Path) -> str:
    """Return a style sheet, which is to stand in every page."""
    text = _text(file)
    if "<" in text:
        raise ConfigError(str(file), "holds a '<', which no style sheet needs", "take it out")
    return text


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(file), f"cannot be read: {error}") from error
