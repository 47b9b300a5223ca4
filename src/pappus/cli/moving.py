"""Edits of a pappus.toml for mirrors that come, move and retire: text in, text out, with every comment where it was. Pure.

Who follows a former address must be led on, however long ago it was given up: records of moves are kept, those that led to an address
which moves again are led on with it, and none ever leads from an address that is in use. Records are public: a mirror that is not listed
gets none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Comment, Table, Whitespace

from pappus.errors import ConfigError
from pappus.mirrors import usable_address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tomlkit import TOMLDocument

Fields = dict[str, Any]

# What a mirror hands on to its successor at another place. Credentials are not among it: they would be shown to another host.
_HANDED = frozenset({"edition", "timeout", "listed"})


def kind_of(text: str, name: str) -> str:
    """Return the kind of a mirror.

    Raises:
        ConfigError: there is none of that name.
    """
    return str(_mirror(_parsed(text), name)["kind"])


def add(text: str, name: str, kind: str, fields: Mapping[str, Any]) -> str:
    """Return the file with one more mirror.

    Args:
        text: of the file.
        name: of the mirror.
        kind: of the mirror.
        fields: its other keys.

    Raises:
        ConfigError: there is one of that name.
    """
    document = _parsed(text)
    if any(table.get("name") == name for table in _tables(document, "mirrors")):
        raise ConfigError(f"mirror {name!r}", "is there already", "'pappus mirror move' gives it another address")
    _append(_tables(document, "mirrors"), {"name": name, "kind": kind, **fields})
    return _dumped(document)


def move(text: str, name: str, address: str, *, home: str, kind: str, place: Mapping[str, Any]) -> str:
    """Return the file with a mirror at another address, and a record that leads there from the former one.

    Where the place is another one as well, the mirror of this name is there from now on, and the former place stays as a retired mirror
    of its own: what is published to it says where the news went. Not so that of an annex, to which no list leads.

    Args:
        text: of the file.
        name: of the mirror.
        address: the new one.
        home: the new short address, "" for none.
        kind: of the new place.
        place: keys that say where it is; none where only the address is another one.

    Raises:
        ConfigError: there is no such mirror, it is retired, or nothing would move.
    """
    document = _parsed(text)
    mirror = _standing(document, name)
    former, now = usable_address(str(mirror["address"])), usable_address(address)
    if mirror.get("home") and not home:
        raise ConfigError(
            f"mirror {name!r}",
            f"has a short address, {str(mirror['home'])!r}",
            "give --home too: the new one, or the same",
        )
    if former == now and not place and (home or now) == mirror.get("home", now):
        raise ConfigError(f"mirror {name!r}", f"is at {now} already")
    own = {"address": address} | ({"home": home} if home else {})
    if mirror.get("annex_of"):
        _move_annex(mirror, kind, {**own, **place})
    elif place or kind != mirror["kind"]:
        handed = {key: value for key, value in mirror.unwrap().items() if key in _HANDED}
        mirror["name"] = _free_name(document, name)
        _set(mirror, "retired", True)
        _append(_tables(document, "mirrors"), {"name": name, "kind": kind, **own, **handed, **place})
    else:
        mirror.update(own)
    if mirror.get("listed", True):
        _record(document, former, now)
    return _dumped(document)


def _move_annex(annex: Table, kind: str, fields: Fields) -> None:
    """Give an annex its new place. The former one is left as it is: signposts lead to the new one, and no list ever named it."""
    if kind != annex["kind"]:
        raise ConfigError(
            f"mirror {annex['name']!r}", "is an annex, and would be of another kind", "change its table by hand"
        )
    annex.update(fields)


def retire(text: str, name: str, to: str) -> str:
    """Return the file with a mirror that is given up, and a record that leads from it to another one.

    Args:
        text: of the file.
        name: of the mirror.
        to: name of the mirror that readers are sent to, "" for none.

    Raises:
        ConfigError: there are no such mirrors, or they are retired.
    """
    document = _parsed(text)
    mirror = _standing(document, name)
    if mirror.get("annex_of"):
        advice = f"take its table out of pappus.toml, and what it holds goes back to {str(mirror['annex_of'])!r}"
        raise ConfigError(f"mirror {name!r}", "is an annex, without which pages would be lost", advice)
    if to == name:
        raise ConfigError(f"mirror {name!r}", "cannot stand in for itself", "name another mirror with --to")
    if to and not _standing(document, to).get("listed", True):
        raise ConfigError(
            f"mirror {to!r}", "is not listed, and a record would tell its address", "name another with --to"
        )
    if to and mirror.get("listed", True):
        _record(
            document, usable_address(str(mirror["address"])), usable_address(str(_standing(document, to)["address"]))
        )
    _set(mirror, "retired", True)
    return _dumped(document)


def _record(document: TOMLDocument, former: str, now: str) -> None:
    """Note that an address moved, lead on what led there, and take out what led away from the one that is in use now."""
    moves = _tables(document, "moved")
    if former != now:
        for table in moves:
            if table.get("to") == former:
                table["to"] = now
    for index in reversed([index for index, table in enumerate(moves) if table.get("from") in {former, now}]):
        del moves[index]
    if former != now:
        _append(moves, {"from": former, "to": now})
    if not moves:
        document.remove("moved")


def _standing(document: TOMLDocument, name: str) -> Table:
    mirror = _mirror(document, name)
    if mirror.get("retired"):
        raise ConfigError(f"mirror {name!r}", "is retired already")
    return mirror


def _mirror(document: TOMLDocument, name: str) -> Table:
    tables = _tables(document, "mirrors")
    for table in tables:
        if isinstance(table, Table) and table.get("name") == name:
            return table
    known = ", ".join(str(table.get("name")) for table in tables)
    raise ConfigError(
        f"mirror {name!r}", "is not there", f"one of: {known}" if known else "'pappus mirror add' adds one"
    )


def _free_name(document: TOMLDocument, name: str) -> str:
    taken = {str(table.get("name")) for table in _tables(document, "mirrors")}
    former, number = f"{name}-old", 1
    while former in taken:
        number += 1
        former = f"{name}-old-{number}"
    return former


def _parsed(text: str) -> TOMLDocument:
    try:
        return tomlkit.parse(text if text.endswith("\n") else f"{text}\n")
    except TOMLKitError as error:
        raise ConfigError("pappus.toml", f"is not TOML: {error}") from error


def _dumped(document: TOMLDocument) -> str:
    return tomlkit.dumps(document)


def _tables(document: TOMLDocument, key: str) -> AoT:
    """Return the tables of a name, which may be none yet.

    Raises:
        ConfigError: they are written in another way, which cannot be edited without spoiling it.
    """
    if key not in document:
        document.append(key, tomlkit.aot())
    found = document[key]
    if not isinstance(found, AoT):
        raise ConfigError("pappus.toml", f"{key} is not written as [[{key}]]", "change it by hand")
    return found


def _append(tables: AoT, fields: Fields) -> None:
    """Put a table after the others, with a blank line before it."""
    table = tomlkit.table()
    table.trivia.indent = "\n"
    table.update(fields)
    for item in _behind(tables[-1]) if len(tables) else ():
        table.add(item)
    tables.append(table)


def _set(table: Table, key: str, value: Any) -> None:
    """Give a table one more key, after its others."""
    behind = _behind(table)
    table[key] = value
    for item in behind:
        table.add(item)


def _behind(table: Table) -> list[Comment | Whitespace]:
    """Take from a table what stands behind a blank line after its last key: comments there speak of what comes next."""
    body = table.value.body
    behind: list[Comment | Whitespace] = []
    while body and isinstance(item := body[-1][1], Comment | Whitespace):
        behind.insert(0, item)
        body.pop()
    while behind and isinstance(behind[0], Comment):
        body.append((None, behind.pop(0)))
    return behind
