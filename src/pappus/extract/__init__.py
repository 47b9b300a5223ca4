"""Fetched -> Draft: metadata, body, site rules, and the gate that keeps broken articles out. Pure."""

from __future__ import annotations

from pappus.extract.article import article, from_content
from pappus.extract.quality import check
from pappus.extract.rules import NO_RULES, Rules

__all__ = ["NO_RULES", "Rules", "article", "check", "from_content"]
