"""Where the mirrors of an edition are, as the newsroom signs it in ``mirrors.json``, and as one of them says of itself. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from pappus.model import Annex, Division
from pappus.urls import path_quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pappus.mirrors import Binding

Whereabouts = Literal["fork", "moved", "elsewhere"]


class Addresses(Struct, frozen=True, kw_only=True):
    """What ``mirrors.json`` says."""

    homes: dict[str, str]  # of each mirror, by address
    moved: dict[str, str]  # where a mirror is now, by where it was
    divisions: tuple[Division, ...] = ()  # of mirrors that have annexes, as their main parts see them

    @property
    def annexes(self) -> frozenset[str]:
        """Return the addresses of all annexes."""
        return frozenset(annex.address for division in self.divisions for annex in division.annexes)

    def seen_by(self, annex: Division) -> Division | None:
        """Return how an edition is divided, by the word of the newsroom, as an annex sees it; None if it knows no such annex.

        The annex itself, or a fork of it, may not have heard yet of others that came or went.
        """
        own = {one for one in annex.annexes if one.address == annex.here}
        known = (one for one in self.divisions if one.main == annex.main and own and own.issubset(one.annexes))
        return next((replace(division, here=annex.here) for division in known), None)


def addresses(data: bytes) -> Addresses | None:
    """Read ``mirrors.json``; None if it is not of the form that we know."""
    try:
        fields: Any = json.loads(data)
        homes = {str(one["address"]): str(one["home"]) for one in fields["mirrors"]}
        moved = {str(one["from"]): str(one["to"]) for one in fields.get("moved", ())}
        divisions = tuple(_division(one) for one in fields.get("divided", ()))
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None
    return Addresses(homes=homes, moved=moved, divisions=divisions)


def _division(fields: Any) -> Division:
    annexes = tuple(
        Annex(address=str(one["address"]), first=str(one["first"]), last=str(one["last"])) for one in fields["annexes"]
    )
    return Division(main=str(fields["main"]), annexes=annexes, here=str(fields["main"]))


def leads(bound: Binding, page: str, signed: Addresses | None) -> list[str]:
    """Return what the QR image of a page may say.

    Of a mirror that the newsroom lists, no other addresses than those from which it moved there, as the newsroom says. An annex has no
    home.
    """
    former = list(bound.former)
    if signed is not None and bound.address in {*signed.homes, *signed.annexes}:
        if page == bound.layout.home:
            return [signed.homes[bound.address]] if bound.address in signed.homes else []
        former = [address for address in former if signed.moved.get(address) == bound.address]
    if page == bound.layout.home:
        return [bound.home, *former]
    return [address + path_quote(page) for address in (bound.address, *former)]


def agreed(said: Mapping[str, str], home: str) -> str:
    """Return the one address at which QR images of several pages all lead to their own page, "" where there is none."""
    found = set()
    for page, text in said.items():
        if page != home:
            end = path_quote(page)
            found.add(text.removesuffix(end) if text.endswith(f"/{end}") else "")
    pages = len(said.keys() - {home})
    return found.pop() if pages > 1 and len(found) == 1 else ""


def whereabouts(bound: Binding, read_from: str, signed: Addresses | None) -> Iterator[tuple[Whereabouts, str]]:
    """Tell what a reader should know of where a copy says that it is.

    Args:
        bound: what it says.
        read_from: where it was read; only an address on the web can be compared.
        signed: what the newsroom says, if it does.
    """
    if "://" in read_from and read_from not in {bound.address, bound.home, *bound.former}:
        yield "elsewhere", f"says that it is at {bound.address[:200]!r}"
    if signed is None:
        return
    if bound.address in signed.moved:
        yield "moved", f"has moved to {signed.moved[bound.address]!r}, the newsroom says"
    elif bound.address in signed.annexes:
        pass  # it has no home of its own
    elif bound.address not in signed.homes:
        yield "fork", f"{bound.address[:200]!r} is not among the mirrors that the newsroom lists"
    elif bound.home != signed.homes[bound.address]:
        yield "fork", f"leads to {bound.home[:200]!r}, and the newsroom to {signed.homes[bound.address]!r}"
    known = {
        *signed.moved,
        *signed.moved.values(),
        *signed.homes,
        *signed.homes.values(),
        *signed.annexes,
        bound.address,
    }
    for former in sorted({*bound.former} - known):
        yield "fork", f"was at {former[:200]!r}, it says; the newsroom does not"
