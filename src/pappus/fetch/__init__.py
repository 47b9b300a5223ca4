"""URL -> Fetched: limits, politeness, robots, validators, proxies, retries.

The client stands in :mod:`pappus.fetch.client`, which is imported by those who fetch: aiohttp takes longer to import than a build takes.
"""

from __future__ import annotations

from pappus.fetch.options import FetchOptions, FetchPolicy, RobotsMemory

__all__ = ["FetchOptions", "FetchPolicy", "RobotsMemory"]
