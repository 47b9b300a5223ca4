"""Feeds: RSS 0.9 to 2.0, RDF, Atom 0.3 and 1.0, by feedparser; JSON Feed 1.0 and 1.1.

feedparser's sanitising and its rewriting of addresses in content are off: content stays as it came, and is
sanitised last by whoever makes a draft of it. Rule 4 is kept before a parser sees anything: no entities,
256 deep, 5,000 entries.
"""

from __future__ import annotations

import calendar
import html
import io
import json
import re
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

import feedparser

from pappus import charset, markup, urls
from pappus.errors import MarkupError, SourceError
from pappus.model import Lead, utc
from pappus.sources.options import MAX_LEADS, ReadOptions, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_DEPTH = 256  # elements

_ROOTS = frozenset({"rss", "rdf", "feed", "channel"})
_PROLOG = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_DOCTYPE = re.compile(rb"<!DOCTYPE\s+([\w:.-]+)(?:\"[^\"]*\"|'[^']*'|[^\[>\"'])*", re.IGNORECASE)
_WIDE = {b"<\0?\0": "utf-16le", b"\0<\0?": "utf-16be"}  # UTF-16 without a byte-order mark
_SURROGATES = re.compile(r"(?:&(?:amp;)?#(?:[xX]0{0,4}[dD][89a-fA-F][0-9a-fA-F]{2}|0{0,4}5[5-7][0-9]{3});)+")
_NUMBER = re.compile(r"#(\w+);")

_UNIX = re.compile(r"[0-9]{9,11}")
_YEAR_FIRST = re.compile(
    r"(?P<year>(?:19|20)[0-9]{2})[-/.年년] *(?P<month>[0-9]{1,2})[-/.月월] *(?P<day>[0-9]{1,2})[日일]?"
    r"(?:[T ]*(?P<half>오전|오후|上午|下午|午前|午後)? *\b(?P<time>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?))?"
    r" *(?P<zone>Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?"
)
_AFTERNOON = frozenset({"오후", "下午", "午後"})
_EMAIL = re.compile(r"(?:mailto:)?[\w.+-]{1,64}@[\w.-]{1,255}")
_AUTHOR = re.compile(  # feedparser takes "ple" of anna@kurier.example for a name: it knows domains of four letters
    r"<(?:author|(?:dc:)?creator|itunes:author)(?:\s[^<>]{0,200})?>\s*(?:<!\[CDATA\[.{0,1000}?\]\]>|[^<]{0,1000})",
    re.DOTALL,
)
_NO_ADDRESS = re.compile(r"\(\s*\)|<\s*>|\[\s*\]")  # what is left around one
_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")


def leads(stream: BinaryIO, options: ReadOptions) -> Iterator[Lead]:
    """Yield what a feed announces, in its order.

    Raises:
        SourceError: not a feed, past a limit, or broken before its first entry.
    """
    data = read(stream, options)
    if _is_json(data):
        yield from islice(_of_json(data, options), MAX_LEADS)
    else:
        yield from islice(_of_xml(data, options), MAX_LEADS)


def _is_json(data: bytes) -> bool:
    return data[:200].removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"{", b"["))


# --- XML ---


def _of_xml(data: bytes, options: ReadOptions) -> Iterator[Lead]:
    data = _guarded(_as_utf8(data, options.charset), options.url)
    parsed = _parse(data, options)
    if not parsed.entries and (parsed.bozo or not parsed.version):
        raise SourceError(options.url, f"no feed can be read from it: {_why(parsed)}", "look at it in a browser")
    language = parsed.feed.get("language", "")
    for entry in parsed.entries:
        lead = _lead(entry, language, options)
        if lead is not None:
            yield lead


def _as_utf8(data: bytes, declared: str) -> bytes:
    """Return the feed in UTF-8, so that we check what feedparser will parse; unreadable bytes become U+FFFD."""
    text = charset.decode(data, _WIDE.get(data[:4], declared))
    text = _AUTHOR.sub(lambda author: _EMAIL.sub("", author[0]), _SURROGATES.sub(_characters, text))
    return text.encode("utf-8", "replace")


def _characters(references: re.Match[str]) -> str:
    """Return what references to UTF-16's halves of characters mean; half a character is U+FFFD."""
    numbers = (number.lower() for number in _NUMBER.findall(references[0]))
    units = (int(number[1:], 16) if number.startswith("x") else int(number) for number in numbers)
    return "".join(map(chr, units)).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _guarded(data: bytes, url: str) -> bytes:
    """Return a feed that is safe to parse: no document type, no entities, neither too deep nor too long."""
    position, doctype = _prolog(data, url)
    root = re.match(rb"<([^\s/>]{1,100})", data[position:])
    if doctype == b"html" or (root and root[1].lower() == b"html"):
        raise SourceError(url, "an HTML page, not a feed", "use the address of its feed, or an index channel")
    if root is None:
        raise SourceError(url, f"not XML: it begins with {data[position : position + 20]!r}", "is it a feed?")
    if _local(root[1]).decode("utf-8", "replace") not in _ROOTS:
        name = root[1][:40].decode("utf-8", "replace")
        raise SourceError(url, f"neither RSS nor Atom: its root element is <{name}>", "is it a feed?")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + _bounded(data[position:], url)


def _prolog(data: bytes, url: str) -> tuple[int, bytes]:
    """Return where the root element begins, and the name that a document type gave, in lower case."""
    position, doctype = 0, b""
    while True:
        if found := _PROLOG.match(data, position):
            position = found.end()
        elif found := _DOCTYPE.match(data, position):
            position = found.end() + 1
            doctype = found[1].lower()
            if data[position - 1 : position] != b">" and doctype != b"html":
                raise SourceError(url, "it declares entities of its own, which is not allowed in a feed")
        else:
            return position, doctype


def _local(name: bytes) -> bytes:
    return name.rpartition(b":")[2].lower()


def _bounded(data: bytes, url: str) -> bytes:
    """Return the feed up to its 5,000th entry, every element that is open there closed.

    One linear pass. Elements left open, where a feed is not well-formed, are closed with the one around them.
    """
    names: list[bytes] = []
    position = entries = 0
    while (start := data.find(b"<", position)) != -1:
        position = _skipped(data, start)
        if position < 0:
            break  # cut off inside a tag: what a parser makes of it is harmless
        if data[start + 1 : start + 2] in b"!?":
            continue
        tag = data[start + 1 : position - 1]
        if tag.startswith(b"/"):
            name = tag[1:].strip()
            if name in names:
                del names[len(names) - 1 - names[::-1].index(name) :]
            entries += _local(name) in {b"item", b"entry"}
            if entries >= MAX_LEADS:
                return data[:position] + b"".join(b"</" + name + b">" for name in reversed(names))
        elif not tag.endswith(b"/"):
            names.append(tag.split(maxsplit=1)[0] if tag.strip() else b"")
            if len(names) > MAX_DEPTH:
                raise SourceError(url, f"elements nested deeper than {MAX_DEPTH}")
    return data


def _skipped(data: bytes, start: int) -> int:
    """Return where the tag, comment or section that begins at ``start`` ends, -1 if it does not."""
    for opening, closing in ((b"<![CDATA[", b"]]>"), (b"<!--", b"-->"), (b"<?", b"?>"), (b"<", b">")):
        if data.startswith(opening, start):
            end = data.find(closing, start + len(opening))
            return end + len(closing) if end >= 0 else -1
    return -1


def _parse(data: bytes, options: ReadOptions) -> Any:
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": options.url}
    try:
        return feedparser.parse(
            io.BytesIO(data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # feedparser raises many things on hostile input; rule 4: any marks the feed
        raise SourceError(options.url, f"the feed parser gave up: {type(error).__name__}: {error}"[:300]) from error


def _why(parsed: Any) -> str:
    return str(parsed.get("bozo_exception") or "it names no version that we know")[:200]


def _lead(entry: Any, language: str, options: ReadOptions) -> Lead | None:
    """Return an entry as a lead, None if it cannot be one: no address, or markup past our limits."""
    url = _address(entry, options.url)
    if url is None:
        return None
    updated = _moment(entry, "updated")
    content = _body(entry.get("content", ()), options.url)
    try:
        return Lead(
            url=url,
            title=_title(entry),
            guid=markup.plain(str(entry.get("id", ""))),
            published=_moment(entry, "published") or updated,
            updated=updated,
            authors=_authors(entry),
            tags=_plains((tag.get("label") or tag.get("term") for tag in entry.get("tags", ())), markup.MAX_TAG),
            language=_language(entry, language),
            summary=_body([dict.get(entry, "summary_detail") or {}], options.url),
            content=content,
        )
    except MarkupError:
        return None


def _address(entry: Any, base: str) -> str | None:
    """Return an entry's address: the publisher's own where a carrier has put its counter in front."""
    for candidate in (entry.get("feedburner_origlink"), entry.get("link"), entry.get("id")):
        if isinstance(candidate, str) and (
            url := urls.parse_http(candidate, base if candidate != entry.get("id") else None)
        ):
            return url
    return None


def _moment(entry: Any, name: str) -> datetime | None:
    """Return a moment of an entry, of feedparser's reading but for forms that it takes for others."""
    said = str(dict.get(entry, name) or "").strip()  # plain dict: feedparser's own falls back with a warning
    parsed = dict.get(entry, f"{name}_parsed")
    try:
        if _UNIX.fullmatch(said):
            return datetime.fromtimestamp(int(said), UTC)
        if found := _YEAR_FIRST.fullmatch(said):
            return _numeric(found)
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _numeric(found: re.Match[str]) -> datetime:
    """Return the moment of a date that begins with its year; in UTC if it names no zone."""
    year, month, day = (int(found[name]) for name in ("year", "month", "day"))
    hour, minute, *seconds = (int(number) for number in (found["time"] or "0:0").split(":"))
    if found["half"]:
        hour = hour % 12 + 12 * (found["half"] in _AFTERNOON)
    zone = "+00:00" if found["zone"] in {None, "Z", "UTC", "GMT"} else found["zone"]
    here = datetime.strptime(zone, "%z").tzinfo
    return utc(datetime(year, month, day, hour, minute, sum(seconds), tzinfo=here))


def _title(entry: Any) -> str:
    detail = entry.get("title_detail") or {}
    title = str(entry.get("title", ""))
    if "html" in str(detail.get("type", "")):
        title = markup.clean(title[: 20 * markup.MAX_TITLE], images="remote")
        return markup.plain(markup.text(title), markup.MAX_TITLE)
    return markup.plain(html.unescape(title), markup.MAX_TITLE)  # escaped twice by many publishers


def _authors(entry: Any) -> tuple[str, ...]:
    named = (author.get("name") for author in entry.get("authors", ()))
    return _names(named) or _names([entry.get("author")])


def _names(texts: Iterable[object]) -> tuple[str, ...]:
    """Return authors' names, never their e-mail addresses."""
    return _plains((_without_email(text[:1_000]) for text in texts if isinstance(text, str)), markup.MAX_NAME)


def _without_email(text: str) -> str:
    name = _NO_ADDRESS.sub("", _EMAIL.sub("", html.unescape(text))).strip()
    return name[1:-1] if name.startswith("(") and name.endswith(")") else name


def _plains(texts: Iterable[object], most: int) -> tuple[str, ...]:
    """Return the names or tags among what a feed gives for such."""
    return markup.plains((html.unescape(text) for text in texts if isinstance(text, str)), most)


def _language(entry: Any, feed_language: str) -> str:
    for detail in (*entry.get("content", ()), entry.get("title_detail") or {}):
        if detail.get("language"):
            return markup.plain(str(detail["language"]))
    return markup.plain(str(feed_language))


def _body(parts: Iterable[Any], feed_url: str) -> str:
    """Return the longest of an entry's bodies as HTML.

    Where XML gave it another base than the feed's address, that is said by a ``<base>`` in front.
    """
    part: Any = max(parts, key=lambda one: len(one.get("value") or ""), default={})
    value = str(part.get("value") or "")
    if part.get("type") == "text/plain" or ("<" not in value and _BLANK_LINE.search(value.strip())):
        value = _paragraphs(value if "<" in value else html.unescape(value))  # escaped twice by many publishers
    base = urls.parse_http(str(part.get("base") or ""))
    if value and base and base != urls.parse_http(feed_url):
        return f'<base href="{html.escape(base)}">{value}'
    return value


def _paragraphs(text: str) -> str:
    """Return plain text as markup: a blank line parts paragraphs, a line end is one."""
    parts = _BLANK_LINE.split(html.escape(text.replace("\r\n", "\n").strip(), quote=False))
    return "".join(f"<p>{'<br>'.join(part.splitlines())}</p>" for part in parts if part)


# --- JSON ---


def _of_json(data: bytes, options: ReadOptions) -> Iterator[Lead]:
    """Yield the items of a JSON Feed (https://www.jsonfeed.org/version/1.1/)."""
    try:
        feed = json.loads(charset.decode(data, options.charset or "utf-8"))
    except (ValueError, RecursionError) as error:
        raise SourceError(options.url, f"not a JSON Feed: {error}"[:200], "is it a feed?") from error
    if not isinstance(feed, dict) or "jsonfeed.org/version/1" not in str(feed.get("version")):
        raise SourceError(options.url, "JSON, but not a JSON Feed of version 1", "is it a feed?")
    items = feed.get("items")
    for item in items if isinstance(items, list) else ():
        lead = _json_lead(item, feed, options) if isinstance(item, dict) else None
        if lead is not None:
            yield lead


def _json_lead(item: dict[str, Any], feed: dict[str, Any], options: ReadOptions) -> Lead | None:
    said = _said(item)
    ident = str(item.get("id") or "")
    url = (
        urls.parse_http(said("url"), options.url)
        or urls.parse_http(said("external_url"), options.url)
        or urls.parse_http(ident)
    )
    if url is None:
        return None
    published, updated = _json_moment(said("date_published")), _json_moment(said("date_modified"))
    tags = item.get("tags")
    return Lead(
        url=url,
        title=markup.plain(said("title"), markup.MAX_TITLE),
        guid=markup.plain(ident),
        published=published or updated,
        updated=updated,
        authors=_json_authors(item) or _json_authors(feed),
        tags=_plains(tags if isinstance(tags, list) else (), markup.MAX_TAG),
        language=markup.plain(said("language") or _said(feed)("language")),
        summary=html.escape(said("summary"), quote=False),
        content=said("content_html") or _paragraphs(said("content_text")),
    )


def _said(item: dict[str, Any]) -> Any:
    """Return a function that gives a member of ``item`` if it is a string, else ""."""
    return lambda name: text if isinstance(text := item.get(name), str) else ""


def _json_moment(text: str) -> datetime | None:
    try:
        return utc(datetime.fromisoformat(text.strip())) if text else None
    except (ValueError, OverflowError):
        return None


def _json_authors(holder: dict[str, Any]) -> tuple[str, ...]:
    authors = holder.get("authors")
    both = [*(authors if isinstance(authors, list) else ()), holder.get("author")]
    return _names(author.get("name") for author in both if isinstance(author, dict))
