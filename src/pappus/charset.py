"""Bytes of a page -> text, as a browser would read them, but never past what the bytes themselves say.

Labels and their meaning follow the WHATWG Encoding Standard (https://encoding.spec.whatwg.org/#names-and-labels);
only encodings named there are used, so a label can never reach one of Python's transforming or unsafe codecs.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

import charset_normalizer

if TYPE_CHECKING:
    from collections.abc import Iterator

# Python's codec for each label family; a family's superset is used where browsers do so.
_FAMILIES = {
    "utf-8": "utf-8 utf8 unicode-1-1-utf-8 x-unicode20utf8",
    "gb18030": "chinese csgb2312 csiso58gb231280 gb18030 gb2312 gb_2312 gb_2312-80 gbk x-gbk",
    "big5hkscs": "big5 big5-hkscs cn-big5 csbig5 x-x-big5",
    "cp932": "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis",
    "euc_jp": "cseucpkdfmtjapanese euc-jp x-euc-jp",
    "iso2022_jp": "csiso2022jp iso-2022-jp",
    "cp949": "cseuckr csksc56011987 euc-kr korean ks_c_5601-1987 ksc5601 ksc_5601 windows-949",
    "cp1250": "cp1250 windows-1250 x-cp1250",
    "cp1251": "cp1251 windows-1251 x-cp1251",
    "cp1252": "ascii us-ascii cp1252 windows-1252 x-cp1252 iso-8859-1 iso8859-1 iso88591 iso_8859-1 latin1 l1",
    "cp1253": "cp1253 windows-1253 x-cp1253",
    "cp1254": "cp1254 windows-1254 x-cp1254 iso-8859-9 iso8859-9 iso_8859-9 latin5 l5",
    "cp1255": "cp1255 windows-1255 x-cp1255",
    "cp1256": "cp1256 windows-1256 x-cp1256",
    "cp1257": "cp1257 windows-1257 x-cp1257",
    "cp1258": "cp1258 windows-1258 x-cp1258",
    "cp874": "dos-874 iso-8859-11 iso8859-11 tis-620 windows-874",
    "cp866": "866 cp866 csibm866 ibm866",
    "iso8859_2": "iso-8859-2 iso8859-2 iso_8859-2 latin2 l2",
    "iso8859_3": "iso-8859-3 iso8859-3 latin3 l3",
    "iso8859_4": "iso-8859-4 iso8859-4 latin4 l4",
    "iso8859_5": "cyrillic iso-8859-5 iso8859-5",
    "iso8859_6": "arabic iso-8859-6 iso8859-6 asmo-708",
    "iso8859_7": "greek greek8 iso-8859-7 iso8859-7",
    "iso8859_8": "hebrew iso-8859-8 iso-8859-8-i iso8859-8 visual",
    "iso8859_10": "iso-8859-10 iso8859-10 latin6",
    "iso8859_13": "iso-8859-13 iso8859-13",
    "iso8859_14": "iso-8859-14 iso8859-14",
    "iso8859_15": "iso-8859-15 iso8859-15 latin9 l9",
    "iso8859_16": "iso-8859-16",
    "koi8_r": "cskoi8r koi koi8 koi8-r koi8_r",
    "koi8_u": "koi8-ru koi8-u",
    "mac_roman": "csmacintosh mac macintosh x-mac-roman",
    "mac_cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "utf-16-le": "utf-16 utf-16le unicode ucs-2",
    "utf-16-be": "utf-16be",
}
_LABELS = {label: codec for codec, labels in _FAMILIES.items() for label in labels.split()}
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

_HEAD = 4096  # bytes in which a page may name its encoding; browsers look at 1,024, real pages are later
_META = re.compile(rb"<meta[^>]{0,500}?charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:.-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([a-zA-Z0-9_:.-]{2,40})", re.IGNORECASE)
_GUESSED = 65_536  # bytes that are looked at when nothing is declared
_DAMAGE = 0.02  # share of unreadable characters up to which damaged UTF-8 is still UTF-8


def decode(body: bytes, declared: str = "") -> str:
    """Return the text of an HTML, XML or plain-text body; never fails, unreadable bytes become U+FFFD.

    A byte-order mark wins; then UTF-8 if the bytes are valid UTF-8 and not plain ASCII, whatever is declared,
    for no longer text in another encoding is; then what server and page declare; then a guess from the bytes.

    Args:
        body: the bytes, content-encoding undone.
        declared: the charset of the Content-Type header, or "".
    """
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(codec, "replace")
    if (text := _strictly(body, "utf-8")) is not None and not body.isascii():
        return text
    candidates = list(dict.fromkeys(_declared(body, declared)))
    for codec in candidates:
        if (text := _strictly(body, codec)) is not None:
            return text
    if (text := _damaged_utf8(body)) is not None:
        return text
    return body.decode(candidates[0] if candidates else _guess(body), "replace")


def _strictly(body: bytes, codec: str) -> str | None:
    try:
        return body.decode(codec)
    except UnicodeDecodeError:
        return None


def _declared(body: bytes, declared: str) -> Iterator[str]:
    """Yield the codecs that are named for these bytes, the weightiest first."""
    if (codec := _LABELS.get(declared.strip().lower())) is not None:
        yield codec
    for pattern in (_XML, _META):
        if found := pattern.search(body[:_HEAD]):
            codec = _LABELS.get(found[1].decode("ascii").lower())
            if codec is not None and not codec.startswith("utf-16"):  # we just read ASCII: it cannot be
                yield codec


def _damaged_utf8(body: bytes) -> str | None:
    """Return the text if the bytes are UTF-8 but for a few, as where a page was cut inside a character."""
    text = body.decode("utf-8", "replace")
    foreign = len(text) - len(text.encode("ascii", "ignore"))
    return text if text.count("�") <= _DAMAGE * foreign + 1 < foreign else None


def _guess(body: bytes) -> str:
    best = charset_normalizer.from_bytes(body[:_GUESSED]).best()
    return _LABELS.get((best.encoding if best else "").replace("_", "-"), "cp1252") if best else "cp1252"
