"""A mirror's binding: the few files that depend on its own address.

``mirror.json`` says where the mirror is and which version it holds; QR images carry the absolute address of every page.
A fork remakes both with :func:`bind`, from the tree alone.
"""

from __future__ import annotations

import json
import struct
import zlib
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from msgspec import Struct, to_builtins

from pappus.errors import MirrorError
from pappus.layout import HOME_QR, LAYOUTS, MIRROR_JSON, ROBOTS, SITEMAP, Layout
from pappus.mirrors.pages import beside
from pappus.model import Annex, Artifact, Digest, Division, Version, artifact
from pappus.urls import parse_http, path_quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_FORMAT = 1  # of mirror.json
_MODULE = 4  # pixels a side of a QR module: large enough to be read off a phone's screen, and a hexadecimal digit of 1-bit pixels
_LEVEL = "M"  # of QR error correction: 15 % may be lost
_LONGEST = 1_000  # characters of a mirror's address: a QR code holds 2,331 bytes, and a path has to follow

LARGEST = 64 * 1024  # bytes of mirror.json


class Binding(Struct, frozen=True, kw_only=True):
    """What ``mirror.json`` says.

    Args:
        address: what a path of the edition is appended to, ending in "/".
        home: the short address that is given to readers.
        forgot: how many withdrawals are carried out for good, history included.
        former: earlier addresses, newest first: QR images of pages that were bound there say so still.
        division: where the parts of the edition are, None for a mirror that holds all of it.
        host: the host that has files of its own beside the edition, "" for any other.
    """

    title: str
    address: str
    home: str
    edition: str
    version: Version
    forgot: int = 0
    former: tuple[str, ...] = ()
    division: Division | None = None
    host: str = ""

    @property
    def layout(self) -> Layout:
        """Where the files of its edition stand."""
        return LAYOUTS[self.edition]

    @property
    def beside(self) -> Mapping[str, bytes]:
        """The files that its host wants beside the edition, by path."""
        return beside(self.host, self.edition)

    def dump(self) -> bytes:
        """Return the bytes of ``mirror.json``."""
        fields = {"pappus": _FORMAT, **to_builtins(self)}
        if self.division is None:
            del fields["division"]
        if not self.host:
            del fields["host"]
        return (json.dumps(fields, ensure_ascii=False, indent=2) + "\n").encode()

    def holds(self, path: str) -> bool:
        """Whether a path of the edition is held here, and not by another part of a divided mirror."""
        return self.division is None or self.division.holds(path)

    @property
    def has_robots(self) -> bool:
        """Whether it has ``robots.txt``: a site at the root of its host; nobody would look for one elsewhere."""
        return self.layout.has_feeds and self.holds(self.layout.home) and urlsplit(self.address).path == "/"

    def place(self, path: str) -> str:
        """Return the absolute address of an artifact, at the part of a divided mirror that holds it."""
        if self.division is None or self.division.holds(path):
            return self.page(path)
        return self.division.holder(path) + path_quote(path)

    def page(self, path: str) -> str:
        """Return the absolute address of an artifact at this mirror."""
        return self.address + path_quote(path)


def load(data: bytes) -> Binding:
    """Read ``mirror.json``, trusting nothing in it.

    Raises:
        MirrorError: it is not one of ours, or of a newer Pappus.
    """
    if len(data) > LARGEST:
        raise MirrorError(MIRROR_JSON, f"is larger than {LARGEST >> 10} KiB")
    try:
        fields: Any = json.loads(data)
        if fields["pappus"] != _FORMAT:
            raise MirrorError(MIRROR_JSON, f"is of format {str(fields['pappus'])[:40]!r}", "upgrade Pappus")
        texts = {name: fields[name] for name in ("title", "address", "home", "edition")}
        former, host = tuple(fields.get("former", ())), fields.get("host", "")
        "".join([*texts.values(), *former, host]).encode()  # text, and no half characters in it
        if texts["edition"] not in LAYOUTS:
            raise MirrorError(MIRROR_JSON, f"is of an edition {texts['edition'][:40]!r}", "upgrade Pappus")
        return Binding(
            **texts,
            version=_version(fields["version"]),
            forgot=_count(fields.get("forgot", 0)),
            former=former,
            division=_division(fields["division"]) if "division" in fields else None,
            host=host,
        )
    except (ValueError, TypeError, LookupError, RecursionError):
        raise MirrorError(MIRROR_JSON, "cannot be read, or is none of ours") from None


def _version(fields: Any) -> Version:
    chain, seal = fields["chain"], fields.get("seal", "")
    if not all(isinstance(text, str) and text.isascii() for text in (chain, seal)):
        raise TypeError(fields)
    return Version(
        number=_count(fields["number"]), chain=Digest(chain), release=_count(fields.get("release", 0)), seal=seal
    )


def _division(fields: Any) -> Division:
    annexes = tuple(Annex(**{name: one[name] for name in ("address", "first", "last")}) for one in fields["annexes"])
    places = [fields["main"], *(annex.address for annex in annexes)]
    "".join([*places, *(month for annex in annexes for month in (annex.first, annex.last))]).encode()
    if fields["here"] not in places:
        raise ValueError(fields["here"])
    return Division(main=fields["main"], annexes=annexes, here=fields["here"])


def _count(number: Any) -> int:
    if type(number) is not int or not 0 <= number < 2**63:
        raise ValueError(number)
    return number


def usable_address(address: str) -> str:
    """Return a mirror's address in the form that paths are appended to.

    Raises:
        MirrorError: it is not an http or https address, or too long.
    """
    parsed = parse_http(address)
    if parsed is None or "?" in parsed or "#" in parsed or len(parsed) > _LONGEST:
        advice = f"an http or https URL without ? and #, of at most {_LONGEST:,} characters"
        raise MirrorError(repr(address[:200]), "is not an address of a mirror", advice)
    return parsed if parsed.endswith("/") else parsed + "/"


def usable_home(address: str) -> str:
    """Return the short address of a mirror in the form in which readers are given it.

    Raises:
        MirrorError: it is not an http or https address, or too long.
    """
    parsed = parse_http(address)
    if parsed is None or len(parsed) > _LONGEST:
        advice = f"an http or https URL of at most {_LONGEST:,} characters"
        raise MirrorError(repr(address[:200]), "is not an address for readers", advice)
    return parsed


def bind(binding: Binding, pages: Iterable[str]) -> Iterator[Artifact]:
    """Yield what depends on a mirror's address: a QR image for each of these pages and for home, then ``mirror.json``.

    Of an edition that is divided, pages that are elsewhere get no image here, and an annex has no home.

    Args:
        binding: the mirror's.
        pages: paths of pages; other paths are passed over.
    """
    for path in pages:
        if binding.layout.is_page(path) and binding.holds(path):
            yield artifact(binding.layout.qr_path(path), qr_image(binding.page(path)), "image/png")
    if binding.holds(binding.layout.home):
        yield artifact(HOME_QR, qr_image(binding.home), "image/png")
    yield artifact(MIRROR_JSON, binding.dump(), "application/json")


def bind_feeds(
    binding: Binding, feeds: Iterable[str], read: Callable[[str], bytes], lists: Iterable[str]
) -> Iterator[Artifact]:
    """Yield what of feeds and lists of pages depends on a mirror's address: all of it is at the mirror itself, nothing at an annex.

    Args:
        binding: the mirror's.
        feeds: paths of those that are new or changed; other paths are passed over.
        read: a path of the edition -> its bytes.
        lists: paths of all lists of pages, where they are other ones than before, or the address is; else none.

    Raises:
        MirrorError: one is no feed of ours.
    """
    layout = binding.layout
    if not (layout.has_feeds and binding.holds(layout.home)):
        return
    from pappus.mirrors import syndication  # noqa: PLC0415  # 30 ms, for those who have a site

    for path in feeds:
        if layout.made_of(path):
            yield from syndication.syndicate(path, read(path), layout, binding.place)
    if listed := sorted(lists):
        yield artifact(SITEMAP, syndication.sitemap_index(listed, layout, binding.place), "application/xml")
        if binding.has_robots:
            yield artifact(ROBOTS, syndication.robots(binding.page(SITEMAP)), "text/plain")


def qr_image(text: str) -> bytes:
    """Return a QR code of ``text`` as a 1-bit PNG with its quiet zone.

    Raises:
        MirrorError: it is more than a QR code holds.
    """
    import zxingcpp  # noqa: PLC0415  # 6 ms, for those who have new pages

    try:
        code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=_LEVEL)
    except ValueError as error:
        raise MirrorError(repr(text[:200]), "is too long for a QR code") from error
    modules: Any = code.to_image(scale=1, add_quiet_zones=True)  # a buffer, of which its types do not tell
    return _png(bytes(memoryview(modules)), modules.shape[0])


def _png(modules: bytes, side: int) -> bytes:
    """Return the modules of a code, 0 for black and 255 for white, row by row, as a 1-bit PNG in which each is 4 x 4 pixels.

    Four pixels are one hexadecimal digit, so a row is written as a number. An image library takes longer to import than all codes of
    a publish to make.
    """
    digits = modules.replace(b"\xff", b"f").replace(b"\x00", b"0").decode()
    rows = (bytes.fromhex(digits[start : start + side] + "0" * (side % 2)) for start in range(0, side * side, side))
    pixels = b"".join((b"\0" + row) * _MODULE for row in rows)  # 0: as it is, without a filter
    head = struct.pack(">IIBBBBB", side * _MODULE, side * _MODULE, 1, 0, 0, 0, 0)  # 1 bit a pixel, grey
    chunks = (b"IHDR" + head, b"IDAT" + zlib.compress(pixels), b"IEND")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks
    )
