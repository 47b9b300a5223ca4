"""Fetch the worst, 48 at a time, and print how many failed as they should and by how many bytes memory grew at its peak."""

from __future__ import annotations

import asyncio
import resource
import sys
from datetime import UTC, datetime

from fetch_wire import LOCAL, Memory

from pappus.errors import LimitError
from pappus.fetch import FetchOptions
from pappus.fetch.client import Client


def peak() -> int:
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


async def main(base: str) -> None:
    options = FetchOptions(per_host=32, retries=0, timeout=60)
    async with Client(options, Memory(), clock=lambda: datetime.now(UTC)) as client:
        await client.get(f"{base}small", policy=LOCAL)
        before = peak()
        urls = [f"{base}endless", f"{base}bomb"] * 24
        results = await asyncio.gather(
            *(client.get(url, policy=LOCAL, kind="image") for url in urls), return_exceptions=True
        )
    failed = sum(isinstance(result, LimitError) and "larger than" in str(result) for result in results)
    print(failed, peak() - before)


asyncio.run(main(sys.argv[1]))
