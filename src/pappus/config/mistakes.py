"""What is wrong in a pappus.toml, in one line: file, line, key, reason, and for an unknown key the nearest known one."""

from __future__ import annotations

import difflib
import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from pappus.config import tables
from pappus.config.mirrors import MIRROR_TABLES, MirrorTable
from pappus.config.values import fields
from pappus.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import BaseModel, ValidationError

    from pappus.config.values import Place


def explain(path: Path, text: str, error: ValidationError) -> ConfigError:
    """Return the error to tell of several: a misspelt key first, for that another one is missing may only come of it."""
    first = min(error.errors(include_url=False), key=lambda one: one["type"] != "extra_forbidden")
    location = tuple(part for part in first["loc"] if not (isinstance(part, str) and part.startswith("function-")))
    location += getattr(first.get("ctx", {}).get("error"), "place", ())
    if first["type"].startswith("union_tag"):
        location = (*location, "kind")
    written = tuple(part for depth, part in enumerate(location) if not (depth == 2 and part in MIRROR_TABLES))
    lines = _lines(text)
    line = next((lines[written[:end]] for end in range(len(written), 0, -1) if written[:end] in lines), 1)
    key = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in written).lstrip(".")
    subject = f"{path}, line {line}" + (f", {key}" if key else "")
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(location[-1]), _keys(location[:-1]), 1)
        advice = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(_keys(location[:-1]))}"
        return ConfigError(subject, f"{location[-1]!r} is not a known key", advice)
    if first["type"] == "union_tag_invalid":
        known = sorted(MIRROR_TABLES)
        near = difflib.get_close_matches(first["ctx"]["tag"], known, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return ConfigError(subject, f"{first['ctx']['tag']!r} is not known{hint} (one of: {', '.join(known)})")
    if first["type"] in {"missing", "union_tag_not_found"}:
        return ConfigError(
            subject,
            "is missing",
            "every source needs a licence or permission note" if location[-1] == "licence" else "",
        )
    if first["type"] in {"tuple_type", "model_type", "dict_type"}:
        return ConfigError(subject, *_shape(location, first["type"]))
    reason = first["msg"].removeprefix("Value error, ")
    if isinstance(first["input"], str | int | float | bool) and repr(first["input"]) not in reason:
        reason += f", not {first['input']!r}"
    return ConfigError(subject, reason)


def _shape(location: Place, kind: str) -> tuple[str, str]:
    """Return reason and advice where a table stands for a list of tables, a text for a list, or the other way round."""
    key = str(location[-1])
    if kind == "tuple_type" and key in TABLES:
        return "is one table, where there may be several", f"write [[{key}]]"
    if kind == "tuple_type":
        return "is not a list", f'write {key} = ["..."]'
    return "is not a table", f"write [{key}]"


def _keys(location: Place) -> list[str]:
    """Return the keys that a table at this place may have."""
    table: type[BaseModel] = tables.File
    for part in location:
        if isinstance(part, str):
            table = TABLES[part]
    return list(fields(table))


TABLES: MappingProxyType[str, type[BaseModel]] = MappingProxyType(
    {
        "site": tables.SiteTable,
        "gather": tables.GatherTable,
        "sources": tables.SourceTable,
        "rules": tables.RulesTable,
        "channels": tables.ChannelTable,
        "editions": tables.EditionTable,
        "mirrors": MirrorTable,
        **MIRROR_TABLES,
        "moved": tables.MovedTable,
        "signing": tables.SigningTable,
        "notices": tables.NoticeTable,
        "siblings": tables.SiblingTable,
    }
)

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"""\s*((?:[\w.-]|"[^"]*"|'[^']*')+)\s*=""")
# Strings and comments, the long ones first; what stands in long ones looks like tables and keys, but is none.
_QUOTED = re.compile(r"""\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|\#[^\n]*""", re.DOTALL)


def _lines(text: str) -> dict[Place, int]:
    """Return the line on which each table and key of a TOML text stands, by its place as pydantic names it."""
    lines: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    bare = _QUOTED.sub(lambda found: "\n" * found[0].count("\n") if "\n" in found[0] else found[0], text)
    for number, line in enumerate(bare.split("\n"), 1):
        if header := _HEADER.match(line):
            table = ()
            parts = [part.strip().strip("\"'") for part in header[2].split(".")]
            for depth, part in enumerate(parts):
                table = (*table, part)
                if depth == len(parts) - 1 and header[1] == "[[":
                    counts[table] = counts.get(table, -1) + 1
                if table in counts:
                    table = (*table, counts[table])
            lines[table] = number
        elif key := _KEY.match(line):
            lines.setdefault((*table, *(part.strip("\"'") for part in key[1].split("."))), number)
    return lines
