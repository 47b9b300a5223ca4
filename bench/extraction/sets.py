"""The sets of saved pages with what an extractor should have found in them.

They are no part of the project: ``../shared/data`` holds them, where it is there, and its README says where they are from.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from bench.extraction.texts import shown
from pappus.model import Fetched

FOLDER: Final = Path(__file__).resolve().parents[3] / "shared" / "data" / "extraction"
_CHARSET: Final = re.compile(r"(<meta\b[^>]*\bcharset\s*=\s*[\"']?)[\w.:-]+", re.IGNORECASE)
SETS: Final = ("fundus", "magic", "readability", "wcxb")


class Page(Struct, frozen=True, eq=False, dict=True):
    """A saved page. ``gold`` is as the set has it; sets differ in what they say."""

    set: str
    id: str
    url: str  # "" where none is known
    html: str
    gold: dict[str, Any]

    @cached_property
    def text(self) -> str:
        """The article's text: as the set has it, or that of its HTML."""
        return str(self.gold["text"]) if "text" in self.gold else shown(self.gold["html"])

    @cached_property
    def digest(self) -> str:
        """Names the page in stored outputs."""
        return hashlib.sha256(f"{self.url}\0{self.html}".encode("utf-8", "surrogatepass")).hexdigest()[:24]


def fetched(url: str, html: str) -> Fetched:
    """Return a page as it would have come from its publisher."""
    body = html.encode("utf-8", "replace")
    return Fetched(url=url, final_url=url, body=body, media_type="text/html", charset="utf-8")


def load(name: str, most: int | None = None) -> list[Page]:
    """Return a set's pages.

    Args:
        name: one of ``SETS``.
        most: how many; they are chosen by the digests of their names, the same ones each time.

    Raises:
        FileNotFoundError: the set is not there.
    """
    with gzip.open(FOLDER / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    if most is not None:
        rows = sorted(rows, key=lambda row: hashlib.sha256(row["id"].encode()).digest())[:most]
    return [Page(name, row["id"], row["url"] or "", _utf8(row["html"]), row["gold"]) for row in rows]


def _utf8(html: str) -> str:
    """Return a page that declares the encoding in which we hold it: some extractors decode text again as the page says."""
    return _CHARSET.sub(r"\1utf-8", html)
