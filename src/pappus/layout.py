"""Where the files of an edition stand that more than one room has to know. Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HOME_QR: Final = "qr/home.png"  # binding: the mirror's own address
MIRROR_JSON: Final = "mirror.json"  # binding
MIRRORS_JSON: Final = (
    "mirrors.json"  # of the edition, so signed: where its mirrors are, and where those went that moved
)
SEARCH: Final = "search/"  # the index of words, which a script reads
SEARCH_INDEX: Final = "search/index.js"  # and where that begins
NOT_FOUND: Final = "404.html"
LED_TO_BY_NONE: Final = frozenset({NOT_FOUND})  # files that hosts, browsers and crawlers look for by their names
NO_JEKYLL: Final = ".nojekyll"  # beside a site, for hosts of web pages
GITLAB_CI: Final = ".gitlab-ci.yml"
FEEDS: Final = "feeds/"  # Atom with whole articles, of the edition; each mirror makes RSS and JSON Feed of it, with its address in them
FEED_LIST: Final = f"{FEEDS}list.atom"  # all feeds; each mirror makes OPML of it
SITEMAPS: Final = "sitemaps/"  # Atom lists of all pages, of the edition; each mirror makes sitemaps of them
SITEMAP: Final = "sitemap.xml"  # binding: the list of sitemaps
ROBOTS: Final = "robots.txt"  # binding
METADATA: Final = "metadata/"  # signed metadata (The Update Framework), beside the edition
TIMESTAMP: Final = "metadata/timestamp.json"

JOURNAL: Final = ".pappus"  # what a publish that is under way is about to change
ASIDE: Final = ".pappus-new"  # folder of files that are not yet where they belong
_ATOM: Final = ".atom"
_ASIDE: Final = re.compile(re.escape(ASIDE) + r"/(?:[0-9a-f]{40}|journal-[0-9a-f]{16}\.json)")


class Layout(Struct, frozen=True):
    """What is different between the paths of one edition and of another: its home page, and how its pages end."""

    edition: str
    home: str
    suffix: str
    has_feeds: bool = False

    def is_page(self, path: str) -> bool:
        """Whether a path is an article's page, which has a QR image in the binding."""
        return path.startswith("pages/") and path.endswith(self.suffix)

    def made_of(self, path: str) -> tuple[str, ...]:
        """Return where in the binding stands what a mirror makes of a feed or list of the edition; of other files nothing."""
        stem = path.removesuffix(_ATOM)
        if stem == path or not self.has_feeds:
            return ()
        if path == FEED_LIST:
            return (f"{stem}.opml",)
        if path.startswith(FEEDS):
            return (f"{stem}.rss", f"{stem}.json")
        return (f"{stem}.xml",) if path.startswith(SITEMAPS) else ()

    def source(self, path: str) -> str | None:
        """Return the file of the edition that a file of the binding is made of or for, None for what is no such file."""
        if path in {SITEMAP, ROBOTS} and self.has_feeds:
            return self.home
        stem, _, _ = path.rpartition(".")
        if path in self.made_of(stem + _ATOM):
            return stem + _ATOM
        return self.page_of_qr(path)

    def qr_path(self, page: str) -> str:
        """Return where in the binding the QR image of a page stands, or that of home."""
        return HOME_QR if page == self.home else f"qr/{page.rpartition('.')[0]}.png"

    def page_of_qr(self, path: str) -> str | None:
        """Return the page whose QR image stands at a path, None if none does: what :meth:`qr_path` was given."""
        if path == HOME_QR:
            return self.home
        page = path.removeprefix("qr/").removesuffix(".png") + self.suffix
        return page if self.is_page(page) and self.qr_path(page) == path else None


MARKDOWN: Final = Layout("markdown", home="README.md", suffix=".md")
SITE: Final = Layout("site", home="index.html", suffix=".html", has_feeds=True)
LAYOUTS: Mapping[str, Layout] = MappingProxyType({layout.edition: layout for layout in (MARKDOWN, SITE)})
"""By edition."""


def layout_of(paths: Iterable[str]) -> Layout:
    """Return the layout of a tree: of the first of its paths that is a home or a page; that of Markdown where none is."""
    for path in paths:
        for layout in LAYOUTS.values():
            if path == layout.home or layout.is_page(path):
                return layout
    return MARKDOWN


def folded(name: str) -> str:
    """Return what names have in common that differ in case alone, or in how Unicode writes them: to some disks they are one."""
    return unicodedata.normalize("NFKC", name).casefold()


def label_key(name: str) -> str:
    """Return what names the page of an author or a topic: 16 hexadecimal digits, for no path carries a text from outside."""
    return hashlib.sha256(folded(name).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def bin_of(path: str) -> int:
    """Return the bin in which signed metadata lists a path: the first 16 bits of its SHA-256, of which fewer bins use the first few."""
    return int.from_bytes(hashlib.sha256(path.encode()).digest()[:2])


def is_metadata(path: str) -> bool:
    """Whether a path is a file of signed metadata."""
    return path.startswith(METADATA)


def is_aside(path: str) -> bool:
    """Whether a path is of a publish that is under way, at a place that cannot be changed in one step; no edition has such names."""
    return path == JOURNAL or _ASIDE.fullmatch(path) is not None


def metadata_path(role: str, version: int) -> str:
    """Return where the metadata of a role are published."""
    return TIMESTAMP if role == "timestamp" else f"{METADATA}{version}.{role}.json"


FIRST_ROOT: Final = metadata_path("root", 1)


def is_binding(path: str) -> bool:
    """Whether a path is of the binding, which a mirror makes itself and which is not signed."""
    if path.startswith((FEEDS, SITEMAPS)):
        return not path.endswith(_ATOM)
    return path in {MIRROR_JSON, SITEMAP, ROBOTS} or path.startswith("qr/")
