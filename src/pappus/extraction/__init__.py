"""Fetched -> Draft: metadata, body, site rules, and the gate that keeps broken articles out. Pure.

The work is done by :mod:`pappus.extraction.article` and :mod:`pappus.extraction.quality`, which are imported by the workers that do it.
"""

from __future__ import annotations

from pappus.extraction.rules import NO_RULES, Pick, Rules, Trial, css

__all__ = ["NO_RULES", "Pick", "Rules", "Trial", "css"]
