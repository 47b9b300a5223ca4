"""What is wrong in a pappus.toml, in one line: file, line, key, reason, and for an unknown key the nearest known one."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from pappus.config.tables import File
from pappus.config.values import Table, fields, nearest, parts, unknown
from pappus.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from msgspec import ValidationError

    from pappus.config.values import Place

# What msgspec says: "Expected `int` >= 1 - at `$.gather.per_host`"; of the file as a whole, without a place.
_PLACE = re.compile(r" - at `\$([\w.\[\]]*)`\Z")
_PART = re.compile(r"\.(\w+)|\[(\d+)\]")
_OF_KEY = re.compile(r"Object (contains unknown|missing required) field `(.*)`", re.DOTALL)
_OF_VALUE = re.compile(r"Expected `(str|bool|int|float)\b.*?`(?:, got .*| ([<>]=?) (.*))")
_NOUNS = {"str": "a valid string", "bool": "a boolean", "int": "a whole number", "float": "a number"}
_SIGNS = {">": "greater than", ">=": "greater than or equal to", "<": "less than", "<=": "less than or equal to"}


def explain(path: Path, text: str, error: ValidationError) -> ConfigError:
    """Return the error to tell of the first mistake, which is where msgspec stops."""
    said, where, *_ = (*_PLACE.split(str(error)), "")
    place: Place = tuple(key or int(number) for key, number in _PART.findall(where))
    value: Any = tomllib.loads(text)
    for part in place:
        value = value[part]
    if error.__cause__:  # one of our own checks
        place += getattr(error.__cause__, "place", ())
        reason, advice = str(error.__cause__), ""
    elif found := _OF_KEY.fullmatch(said):
        reason, advice = _of_key(found[1], found[2], place, value.get("kind"))
        place = (*place, found[2])
    else:
        reason, advice = _of_value(said, place, value)
    lines = _lines(text)
    line = next((lines[place[:end]] for end in range(len(place), 0, -1) if place[:end] in lines), 1)
    key = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")
    return ConfigError(f"{path}, line {line}" + (f", {key}" if key else ""), reason, advice)


def _of_key(said: str, key: str, place: Place, kind: object) -> tuple[str, str]:
    if said == "missing required":
        return "is missing", "every source needs a licence or permission note" if key == "licence" else ""
    if others := [str(table.__struct_config__.tag) for table in _tables(place) if key in fields(table)]:
        return f"{key!r} is no key of the kind {kind!r}", f"it is one of {', '.join(others)}"
    known = fields(_tables(place, kind)[0])
    return f"{key!r} is not a known key", nearest(key, known) or f"known here: {', '.join(known)}"


def _of_value(said: str, place: Place, value: Any) -> tuple[str, str]:
    written = ".".join(part for part in place if isinstance(part, str))
    if found := _OF_VALUE.fullmatch(said):
        reason = f"should be {_SIGNS[found[2]]} {float(found[3]):g}" if found[2] else f"should be {_NOUNS[found[1]]}"
        return reason + (f", not {value!r}" if isinstance(value, str | int | float) else ""), ""
    if said.startswith("Invalid"):
        *within, key = (part for part in place if isinstance(part, str))  # of a list, the key that it stands at
        types = [known[key].type for known in map(fields, _tables(tuple(within))) if key in known]
        return (
            f"{value!r} {unknown(value, [word for one in types for word in parts(one) if isinstance(word, str)])}",
            "",
        )
    if said.startswith("Expected `object") and isinstance(place[-1], str):
        return "is not a table", f"write [{written}]"
    if said.startswith("Expected `") and _tables(place):
        return "is not a list of tables, one or more", f"write [[{written}]]"
    if said.startswith("Expected `array"):
        return "is not a list", f'write {place[-1]} = ["..."]'
    return f"{said}: {value!r}", ""


def _tables(place: Place, kind: object = None) -> list[type[Table]]:
    """Return the tables that may stand at a place, none where a value stands; of mirrors, that of a kind, or all."""
    found: list[type[Table]] = [File]
    for key in (part for part in place if isinstance(part, str)):
        within = parts(fields(found[0])[key].type)
        found = [one for one in within if isinstance(one, type) and issubclass(one, Table)]
    return [table for table in found if table.__struct_config__.tag == kind] or found


_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"""\s*((?:[\w.-]|"[^"]*"|'[^']*')+)\s*=""")
# Strings and comments, the long ones first; what stands in long ones looks like tables and keys, but is none.
_QUOTED = re.compile(r"""\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|\#[^\n]*""", re.DOTALL)


def _lines(text: str) -> dict[Place, int]:
    """Return the line on which each table and key of a TOML text stands, by its place."""
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
            lines.setdefault(table[:-1], number)  # a list of tables begins with its first
        elif key := _KEY.match(line):
            lines.setdefault((*table, *(part.strip("\"'") for part in key[1].split("."))), number)
    return lines
