"""Fetched -> Draft: metadata, body, site rules, and the gate that keeps broken articles out. Pure.

The work is done by :mod:`pappus.extract.article` and :mod:`pappus.extract.quality`, which are imported by the workers that do it.
"""

from __future__ import annotations

from pappus.extract.rules import NO_RULES, Pick, Rules, Trial, css

__all__ = ["NO_RULES", "Pick", "Rules", "Trial", "css"]
