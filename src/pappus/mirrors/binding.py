"""A mirror's binding: the few files that depend on its own address.

``mirror.json`` says where the mirror is and which version it holds; QR images carry the absolute address of every page.
A fork remakes both with :func:`bind`, from the tree alone.
"""

from __future__ import annotations

import io
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import zxingcpp
from PIL import Image

from pappus.errors import MirrorError
from pappus.model import HOME_QR, Artifact, Digest, Version, artifact, is_page, qr_path
from pappus.urls import parse, path_quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MIRROR_JSON = "mirror.json"
_FORMAT = 1  # of mirror.json
_MODULE = 4  # pixels a side of a QR module: large enough to be read off a phone's screen
_LEVEL = "M"  # of QR error correction: 15 % may be lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What ``mirror.json`` says.

    Args:
        address: what a path of the edition is appended to, ending in "/".
        home: the short address that is given to readers.
    """

    title: str
    address: str
    home: str
    edition: str
    version: Version

    def dump(self) -> bytes:
        """Return the bytes of ``mirror.json``."""
        return (json.dumps({"pappus": _FORMAT, **asdict(self)}, ensure_ascii=False, indent=2) + "\n").encode()

    def page(self, path: str) -> str:
        """Return the absolute address of an artifact at this mirror."""
        return self.address + path_quote(path)


def load(data: bytes) -> Binding:
    """Read ``mirror.json``, trusting nothing in it.

    Raises:
        MirrorError: it is not one of ours, or of a newer Pappus.
    """
    try:
        fields: Any = json.loads(data)
        if fields["pappus"] != _FORMAT:
            raise MirrorError(MIRROR_JSON, f"is of format {fields['pappus']!r}", "upgrade Pappus")
        version = Version(number=int(fields["version"]["number"]), chain=Digest(str(fields["version"]["chain"])))
        texts = {name: str(fields[name]) for name in ("title", "address", "home", "edition")}
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise MirrorError(MIRROR_JSON, f"cannot be read: {type(error).__name__}: {error}") from error
    return Binding(**texts, version=version)


def usable_address(address: str) -> str:
    """Return a mirror's address in the form that paths are appended to.

    Raises:
        MirrorError: it is not an http or https address.
    """
    parsed = parse(address)
    if parsed is None or not parsed.startswith("http") or "?" in parsed or "#" in parsed:
        raise MirrorError(repr(address), "is not an address of a mirror", "an http or https URL without ? and #")
    return parsed if parsed.endswith("/") else parsed + "/"


def bind(binding: Binding, pages: Iterable[str]) -> Iterator[Artifact]:
    """Yield the binding's artifacts: a QR image for each of these pages and for home, then ``mirror.json``.

    Args:
        binding: the mirror's.
        pages: paths of pages; other paths are passed over.
    """
    for path in pages:
        if is_page(path):
            yield artifact(qr_path(path), qr_image(binding.page(path)), "image/png")
    yield artifact(HOME_QR, qr_image(binding.home), "image/png")
    yield artifact(MIRROR_JSON, binding.dump(), "application/json")


def qr_image(text: str) -> bytes:
    """Return a QR code of ``text`` as a 1-bit PNG with its quiet zone."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=_LEVEL)
    image = Image.fromarray(code.to_image(scale=_MODULE, add_quiet_zones=True))
    out = io.BytesIO()
    image.convert("1", dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()
