"""URL -> Fetched: limits, politeness, robots, validators, proxies, retries."""

from __future__ import annotations

from pappus.fetch.client import MAX_REDIRECTS, MAX_RETRY_AFTER, Client
from pappus.fetch.options import FetchOptions, FetchPolicy, RobotsMemory

__all__ = ["MAX_REDIRECTS", "MAX_RETRY_AFTER", "Client", "FetchOptions", "FetchPolicy", "RobotsMemory"]
