"""What may stand for a value in a pappus.toml: names, addresses, patterns, and what is told of those that may not."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn, get_args

from msgspec import Meta, Struct, structs

from pappus import urls
from pappus.layout import folded
from pappus.model import NAME_BYTES, is_name
from pappus.render.paths import RESERVED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

Place = tuple[int | str, ...]  # of a table or key: ("sources", 0, "channels", 2, "name")
Check = Callable[[str], str]  # returns a text as it is kept


class MisplacedError(ValueError):
    """Something wrong within a table, perhaps only beside something else; ``place``, from that table on, is what is told."""

    def __init__(self, reason: str, place: Place) -> None:
        super().__init__(reason)
        self.place = place


_LONGEST = 2000  # characters of a text


def _refuse(text: str, reason: str) -> NoReturn:
    raise ValueError(f"{text!r} {reason}")


def _name(text: str) -> str:
    if not is_name(text):
        _refuse(text, f"is no name: use a-z, 0-9 and - only, at most {NAME_BYTES} characters")
    return text


def _channel_name(text: str) -> str:
    if folded(text) in RESERVED:
        _refuse(text, "is taken: the mirror has a page of that name; give the channel another one")
    if not is_channel_name(text):
        _refuse(
            text, f"is no channel name: use letters of any script, digits, - and _, at most {NAME_BYTES - 10} bytes"
        )
    return text


def is_channel_name(text: str) -> bool:
    """Whether ``text`` may name a file of a channel: letters of any script (with their marks), digits, ``-`` and ``_``."""
    return (
        0 < len(text.encode()) <= NAME_BYTES - 10  # room for ".html"
        and re.fullmatch(r"[^\W_](?:[\w\u0300-\u036f\u0900-\u109f\u200c\u200d-]*)", text) is not None
        and (not text.isascii() or is_name(text.lower().replace("_", "-")))
    )


def _address(text: str) -> str:
    return urls.parse_http(text) or _refuse(text, "is not an http or https address")


def _link(text: str) -> str:
    return urls.parse(text) or _refuse(text, "is not an http, https or mailto address")


def _counter(text: str) -> str:
    filled = text.replace("{source}", "s").replace("{id}", "i")
    if strange := re.search(r"[{}]\w*[{}]?", filled):
        _refuse(strange[0], "is nothing that a counter is told: {source} and {id} are")
    return text if urls.parse_http(filled) else _refuse(text, "is not an http or https address")


def _sibling(text: str) -> str:
    """Another mirror's home: an address, or a relative link that works on the same forge."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|/", text) or not text:
        return _address(text)
    return text


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        _refuse(text, f"is not a regular expression: {error}")
    return text


def _selector(text: str) -> str:
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError  # noqa: PLC0415  # 10 ms, for those who name one

    try:
        if text:
            LexborHTMLParser("<p></p>").css(text)
    except SelectolaxError:
        _refuse(text, "is not a CSS selector that we know")
    return text


def _file(text: str) -> str:
    return _refuse(text, "holds a NUL, which no name of a file or of anything else may") if "\0" in text else text


def _text(text: str) -> str:
    fits = 1 <= len(text.strip()) <= _LONGEST
    return _file(text.strip()) if fits else _refuse(text, f"should have at least 1 character and at most {_LONGEST:,}")


def _folder(text: str) -> str:
    return (
        _text(text)
        if os.path.normpath(text).strip("/")
        else _refuse(text, "is no folder that can be filled and replaced")
    )


def nearest(word: str, known: Collection[str]) -> str:
    """Return the question whether the nearest known word was meant, "" where none is near."""
    near = difflib.get_close_matches(word, known, 1)
    return f"did you mean {near[0]!r}?" if near else ""


def unknown(word: str, known: Collection[str]) -> str:
    """Return the reason why a word may not stand where one of several may."""
    hint = nearest(word, known)
    return f"is not known{hint and '; '}{hint} (one of: {', '.join(sorted(known))})"


def checked(check: Check, **schema: Any) -> Meta:
    """Return what makes ``str`` a type of its own: a check that msgspec has no word for, and what editors are told of it."""
    return Meta(extra={"check": check}, extra_json_schema=schema)


def one_of(known: Collection[str]) -> Meta:
    """Return the check that a text is one of these words."""
    return checked(lambda text: text if text in known else _refuse(text, unknown(text, known)), enum=sorted(known))


def of_form(pattern: str) -> Meta:
    """Return the check that the whole of a text is of a form; msgspec's own lets a line end follow."""
    return checked(
        lambda text: text if re.fullmatch(pattern, text) else _refuse(text, f"does not match the pattern {pattern}"),
        pattern=f"^(?:{pattern})$",
    )


Text = Annotated[str, checked(_text, minLength=1, maxLength=_LONGEST)]
FileName = Annotated[str, checked(_file)]
Folder = Annotated[str, checked(_folder, minLength=1, maxLength=_LONGEST)]
Language = Annotated[str, of_form(r"(?:[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)?")]
Counter = Annotated[str, checked(_counter)]
Name = Annotated[str, checked(_name)]
ChannelName = Annotated[str, checked(_channel_name)]
Address = Annotated[str, checked(_address)]
Sibling = Annotated[str, checked(_sibling)]
Link = Annotated[str, checked(_link)]
Selector = Annotated[str, checked(_selector)]
Regex = Annotated[str, checked(_pattern)]


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    """What all tables have in common: no unknown keys, no conversions, and texts that are checked."""

    def __post_init__(self) -> None:
        for key, (field, check) in _checks(type(self)).items():
            value = getattr(self, field.name)
            if value != field.default:  # which is right, and selectors are dear to check
                structs.force_setattr(self, field.name, _passed((key,), check, value))


def _passed(place: Place, check: Check, value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_passed((*place, number), check, one) for number, one in enumerate(value))
    try:
        return check(value)
    except ValueError as error:
        raise MisplacedError(str(error), place) from error


@cache
def _checks(table: type[Table]) -> dict[str, tuple[structs.FieldInfo, Check]]:
    known = ((key, field, part) for key, field in fields(table).items() for part in parts(field.type))
    return {key: (field, part.extra["check"]) for key, field, part in known if isinstance(part, Meta) and part.extra}


def parts(annotation: Any) -> Iterator[Any]:
    """Yield a type and all that it is made of: of a list of names, also ``str`` and the check of a name."""
    yield annotation
    for part in get_args(annotation):
        yield from parts(part)


def fields(table: type[Table]) -> dict[str, structs.FieldInfo]:
    """Return a table's keys as they are written, with the one that tells its kind."""
    tag = table.__struct_config__.tag_field
    kind = [structs.FieldInfo(tag, tag, Literal[table.__struct_config__.tag])] if tag else []
    return {field.encode_name: field for field in (*kind, *structs.fields(table))}
