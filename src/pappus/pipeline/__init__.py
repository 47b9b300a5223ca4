"""The verbs, one file each. Only here is the order known."""

from __future__ import annotations

from pappus.pipeline.build import build
from pappus.pipeline.gather import gather
from pappus.pipeline.newsroom import Channel, EditionPart, Filters, MirrorPart, Newsroom, Source
from pappus.pipeline.publish import publish
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
    "build",
    "failures",
    "gather",
    "publish",
    "run",
]
