"""The verbs, one file each. Only here is the order known.

What a verb needs stands in its own file, and is imported when it is done: nobody who builds or publishes pays for gathering.
"""

from __future__ import annotations

from pappus.pipeline.newsroom import Channel, EditionPart, Filters, MirrorPart, Newsroom, Source
from pappus.pipeline.report import SILENT, Listener, Report, failures
from pappus.pipeline.run import VERBS, Verb, run

__all__ = [
    "SILENT",
    "VERBS",
    "Channel",
    "EditionPart",
    "Filters",
    "Listener",
    "MirrorPart",
    "Newsroom",
    "Report",
    "Source",
    "Verb",
    "failures",
    "run",
]
