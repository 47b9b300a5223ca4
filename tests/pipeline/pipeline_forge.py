"""An edition as it is shown: Markdown through cmark-gfm as at a forge, HTML as it stands; every link and image looked at."""

from __future__ import annotations

import re
import subprocess
from collections import defaultdict
from dataclasses import dataclass, field
from html.parser import HTMLParser
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

from pappus.demo.forge import html
from pappus.layout import layout_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ACTIVE = {
    "script",
    "style",
    "iframe",
    "frame",
    "object",
    "embed",
    "form",
    "input",
    "svg",
    "math",
    "link",
    "meta",
    "base",
    "video",
    "audio",
}
_HTML = {"link", "meta"}  # what a page of HTML has besides
_HEAD = {"style", "script"}  # what its head has besides
_VOID = {"img", "br", "hr", "input", "wbr", "link", "meta", "base", "embed", "source"}


@dataclass
class Shown(HTMLParser):
    """One page as rendered."""

    path: str
    inside: set[str] = field(default_factory=set)  # paths of the edition that it links to or shows
    outside: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    fragments: set[str] = field(default_factory=set)
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        more = (_HTML | _HEAD if "head" in self._open else _HTML) if self.path.endswith(".html") else set()
        if tag in ACTIVE - more and ("type", "text/plain") not in attrs:
            self.wrong.append(f"<{tag}>")
        if tag not in _VOID:
            self._open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append("")
        for name, value in attrs:
            if name.startswith("on") or name in {
                "style",
                "background",
                "poster",
                "action",
                "formaction",
                "ping",
            }:
                self.wrong.append(f"<{tag} {name}>")
            if name == "id":
                self.anchors.add(value or "")
            if name in {"href", "src"}:
                self._address(tag, value or "")
            if name == "srcset":
                self._offered(tag, value or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        if not self._open or self._open.pop() != tag:
            self.wrong.append(f"</{tag}> where it was not open")

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if any(re.fullmatch("h[1-6]", tag) for tag in self._open):
            self.headings[-1] += data

    def _offered(self, tag: str, candidates: str) -> None:
        if not self.path.endswith(".html"):
            self.wrong.append(f"<{tag} srcset>")
        for candidate in candidates.split(","):
            self._address(tag, candidate.split()[0])

    def _address(self, tag: str, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            self.outside.add(address)
            if tag not in {"a", "link"} or parts.scheme not in {"http", "https", "mailto"}:
                self.wrong.append(f"<{tag}> to {address[:80]}")
        elif parts.path:
            self.inside.add(normpath(join(dirname(self.path), unquote(parts.path))))
        else:
            self.fragments.add(unquote(parts.fragment))


def shown(path: str, body: bytes) -> Shown:
    page = Shown(path)
    page.feed(body.decode() if path.endswith(".html") else html(body.decode()))
    page.close()
    page.wrong += [f"<{tag}> not closed" for tag in page._open]
    page.wrong += [f"no #{name}" for name in page.fragments - page.anchors]
    return page


def pages(files: Mapping[str, bytes]) -> dict[str, Shown]:
    return {path: shown(path, body) for path, body in files.items() if path.endswith((".md", ".html"))}


def unreachable(files: Mapping[str, bytes], rendered: Mapping[str, Shown]) -> set[str]:
    """Return what cannot be come to from home by links and images."""
    reached: set[str] = set()
    waiting = [layout_of(files).home]
    while waiting:
        path = waiting.pop()
        if path not in reached:
            reached.add(path)
            waiting += rendered[path].inside if path in rendered else ()
    return files.keys() - reached


def dead(files: Mapping[str, bytes], rendered: Mapping[str, Shown]) -> dict[str, set[str]]:
    """Return the links and images that lead nowhere, by page."""
    found = defaultdict(set)
    for path, page in rendered.items():
        if missing := page.inside - files.keys():
            found[path] = missing
    return dict(found)


def codes(folder: Path) -> dict[str, list[str]]:
    """Return what every QR image under a folder says, read by zbarimg in one call."""
    images = sorted(str(path) for path in folder.rglob("*.png"))
    done = subprocess.run(
        ["zbarimg", "--quiet", "--xml", "-Sdisable", "-Sqrcode.enable", *images],
        capture_output=True,
        check=False,
        timeout=120,
    )
    said: dict[str, list[str]] = {image: [] for image in images}
    for source in ET.fromstring(done.stdout).iter("{http://zbar.sourceforge.net/2008/barcode}source"):
        said[source.attrib["href"]] += [
            data.text or "" for data in source.iter("{http://zbar.sourceforge.net/2008/barcode}data")
        ]
    return {str(path).removeprefix(f"{folder}/"): texts for path, texts in said.items()}
