"""What a publisher announces -> Leads. Readers parse only: no network, no clock.

A reader is one file with a function ``leads``; a new kind is that file and one line in ``READERS`` of :mod:`pappus.sources.readers`, which
is imported by those who read: feedparser and lxml take longer to import than a build takes. Everybody else needs the names only.
"""

from __future__ import annotations

from typing import Final

from pappus.sources.options import MAX_LEADS, ReadOptions

__all__ = ["KINDS", "MAX_LEADS", "ReadOptions"]

KINDS: Final = ("feed", "index", "list", "warc")
"""The keys of ``READERS``."""
