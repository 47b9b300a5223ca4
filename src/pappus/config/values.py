"""What may stand for a value in a pappus.toml: names, addresses, patterns, and what is told of those that may not."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from pappus import urls
from pappus.model import NAME_BYTES, is_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic.fields import FieldInfo

Place = tuple[int | str, ...]  # of a table or key, as pydantic names it: ("sources", 0, "channels", 2, "name")


class MisplacedError(ValueError):
    """Something that is wrong only beside something else; ``place`` is the one of the two to be told."""

    def __init__(self, reason: str, place: Place) -> None:
        super().__init__(reason)
        self.place = place


_RESERVED = frozenset({"hot", "recommended"})  # names of index pages that are no channels


def _name(text: str) -> str:
    if not is_name(text):
        raise ValueError(f"{text!r} is no name: use a-z, 0-9 and - only, at most {NAME_BYTES} characters")
    return text


def _channel_name(text: str) -> str:
    if text.casefold() in _RESERVED:
        raise ValueError(f"{text!r} is taken: the mirror has a page of that name; give the channel another one")
    if not is_channel_name(text):
        raise ValueError(
            f"{text!r} is no channel name: use letters of any script, digits, - and _ only, at most {NAME_BYTES - 10} bytes"
        )
    return text


def is_channel_name(text: str) -> bool:
    """Whether ``text`` may name a channel, and so a file: letters of any script (with their marks), digits, ``-`` and ``_``."""
    return (
        0 < len(text.encode()) <= NAME_BYTES - 10  # room for ".html"
        and re.fullmatch(r"[^\W_](?:[\w\u0300-\u036f\u0900-\u109f\u200c\u200d-]*)", text) is not None
        and (not text.isascii() or is_name(text.lower().replace("_", "-")))
        and text.casefold() not in _RESERVED
    )


def _address(text: str) -> str:
    parsed = urls.parse_http(text)
    if parsed is None:
        raise ValueError(f"{text!r} is not an http or https address")
    return parsed


def _link(text: str) -> str:
    parsed = urls.parse(text)
    if parsed is None:
        raise ValueError(f"{text!r} is not an http, https or mailto address")
    return parsed


def _counter(text: str) -> str:
    if text and urls.parse_http(text.replace("{source}", "s").replace("{id}", "i")) is None:
        raise ValueError(f"{text!r} is not an http or https address")
    return text


def _sibling(text: str) -> str:
    """Another mirror's home: an address, or a relative link that works on the same forge."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|/", text) or not text:
        return _address(text)
    return text


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from error


def _selector(text: str) -> str:
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError  # noqa: PLC0415  # 10 ms, for those who name one

    try:
        LexborHTMLParser("<p></p>").css(text)
    except SelectolaxError as error:
        raise ValueError(f"{text!r} is not a CSS selector that we know") from error
    return text


def one_of(known: Sequence[str]) -> Callable[[str], str]:
    """Return a check that lets these words pass, and names the nearest one to any other."""

    def check(text: str) -> str:
        if text not in known:
            near = difflib.get_close_matches(text, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"{text!r} is not known{hint} (one of: {', '.join(sorted(known))})")
        return text

    return check


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Language = Annotated[str, StringConstraints(pattern=r"^(?:[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)?$")]
Counter = Annotated[str, AfterValidator(_counter)]
Name = Annotated[str, AfterValidator(_name)]
ChannelName = Annotated[str, AfterValidator(_channel_name)]
Address = Annotated[str, AfterValidator(_address)]
Sibling = Annotated[str, AfterValidator(_sibling)]
Link = Annotated[str, AfterValidator(_link)]
Selector = Annotated[str, AfterValidator(lambda text: _selector(text) if text else text)]
Regex = Annotated[str, AfterValidator(lambda text: _pattern(text).pattern)]


class Table(BaseModel):
    """What all tables have in common: no unknown keys, no conversions."""

    # Built when the file is read: a table that is only part of another is not built for itself.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


def fields(table: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return a table's keys as they are written."""
    return {field.alias or name: field for name, field in table.model_fields.items()}
