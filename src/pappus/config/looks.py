"""How the operator wants the site to look: a theme, and templates in place of ours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pappus.config.values import unknown
from pappus.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST: Final = 64 * 1024  # bytes of a style sheet, which stands in every page; ours has eight
_REFUSED: Final = (
    (re.compile("<"), "holds a '<', which no style sheet needs"),
    (
        re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]"),
        "holds a character that browsers read as another, and then refuse all of it",
    ),
)
_ASKS: Final = "asks for another file, which no page of the site may load"
_NEXT: Final = "next"  # the selector of a rule that stands behind
_ASKING: Final = frozenset({"cross-fade", "image", "image-set", "src", "url"})  # functions whose strings are addresses


def theme(folder: Path, name: str) -> str:
    """Return the CSS of a theme, "" for our own.

    Raises:
        ConfigError: it cannot be read, or would end the style sheet that it becomes a part of, or have browsers refuse it.
    """
    if not name:
        return ""
    return _sheet(folder / name, "'theme' in [[editions]] names it")


def templates(folder: Path, name: str, *, themed: bool) -> tuple[tuple[str, str], ...]:
    """Return name and text of the templates in a folder, by name; ``themed``: there is a theme beside them.

    Raises:
        ConfigError: the folder cannot be read, it holds something that is no template of the site's, a style sheet as in :func:`theme`, or
            a second theme.
    """
    if not name:
        return ()
    from pappus.render.site.templates import THEME, sources  # noqa: PLC0415  # 10 ms, for those who have templates

    place = folder / name
    try:
        files = sorted(one for one in place.iterdir() if not one.name.startswith("."))
    except OSError as error:
        advice = "'templates' in [[editions]] names a folder of templates"
        raise ConfigError(str(place), f"cannot be read: {error.strerror}", advice) from error
    advice = "it lies in the folder that 'templates' in [[editions]] names"
    known = [name for name in sources() if not name.endswith(".js")]  # scripts belong together
    for file in files:
        if file.name not in known:
            raise ConfigError(str(file), unknown(file.name, known), advice)
        if themed and file.name == THEME:
            raise ConfigError(
                str(file), "is a second theme beside that of 'theme' in [[editions]]", "leave out one of them"
            )
    return tuple((file.name, _sheet(file, advice) if file.suffix == ".css" else _text(file, advice)) for file in files)


def _sheet(file: Path, advice: str) -> str:
    """Return a style sheet, which is to stand in every page."""
    text = _text(file, advice)
    if len(text.encode()) > _LONGEST:
        raise ConfigError(str(file), f"has more than {_LONGEST:,} bytes, and would stand in every page", advice)
    for pattern, reason in _REFUSED:
        if found := pattern.search(text):
            raise ConfigError(f"{file}, line {text.count(chr(10), 0, found.start()) + 1}", reason, advice)
    if mistake := _mistake(text):
        raise ConfigError(f"{file}, line {mistake[0]}", mistake[1], advice)
    return text


def _mistake(text: str) -> tuple[int, str] | None:
    """Return the line of what cannot stand in every page, and what is wrong with it; None if nothing is."""
    import tinycss2  # noqa: PLC0415  # 10 ms, for those who have a theme
    from tinycss2 import ast  # noqa: PLC0415

    *nodes, end = tinycss2.parse_component_value_list(f"{text}\n}}")  # closes nothing, unless something is left open
    if end.type != "error":
        return end.source_line, "opens what nothing closes, so that all that follows would be lost"
    while nodes:
        match nodes.pop():
            case ast.ParseError() as node:
                return node.source_line, f"cannot be read: {node.message}"
            case ast.URLToken() | ast.AtKeywordToken(lower_value="import") as node:
                return node.source_line, _ASKS
            case ast.FunctionBlock() as node if node.lower_name.removeprefix("-webkit-") in _ASKING:
                return node.source_line, _ASKS
            case ast.FunctionBlock(arguments=within):
                nodes += within
            case ast.CurlyBracketsBlock() | ast.ParenthesesBlock() | ast.SquareBracketsBlock() as node:
                nodes += node.content
    last = tinycss2.parse_stylesheet(f"{text}\n{_NEXT}{{}}", skip_comments=True, skip_whitespace=True)[-1]
    match last:
        case ast.QualifiedRule(prelude=[ast.IdentToken(value=name)]) if name == _NEXT:
            return None
    return last.source_line, "begins a rule that does not end, so that the next one would be a part of it"


def _text(file: Path, advice: str) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(str(file), f"cannot be read: {error.strerror}", advice) from error
    except UnicodeDecodeError as error:
        raise ConfigError(str(file), "cannot be read: it is no text in UTF-8", advice) from error
