"""encode: stored images get their variants, beside the verbs of a run, by workers of their own that let all others go first.

Text waits for none of it. What is not ready when a run ends is left for the next one; an image on which workers failed too often stays
as it is (decision 28).
"""

from __future__ import annotations

import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from pappus.errors import ExtractError, PappusError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor, Future

    from pappus.media.variants import Varied
    from pappus.model import Digest
    from pappus.pipeline.newsroom import Newsroom
    from pappus.pipeline.report import Report
    from pappus.store import Store

_AHEAD: Final = 8  # images that are handed out at once
_LOOK: Final = 0.2  # seconds between two looks at what is ready, while channels are read


class Encoders:
    """Makes variants of the images that a newsroom's editions show. All but the work of the encoders is done by the store's one writer."""

    def __init__(self, newsroom: Newsroom, store: Store, report: Report) -> None:
        self._editions = [part.name for part in newsroom.editions if part.renderer.varies]
        self._make = newsroom.encoders
        self._store = store
        self._report = report
        self._pool: Executor | None = None
        self._queue: deque[Digest] = deque()
        self._running: dict[Future[Varied], Digest] = {}
        self._tried: set[Digest] = set()  # in this run, once each
        self._stored = 0

    async def beside(self) -> None:
        """Work until there is nothing left, or until cancelled, in the loop of those who read channels."""
        import asyncio  # noqa: PLC0415  # 40 ms, for those who gather

        self._queue_up()
        while self._step():  # noqa: ASYNC110  # what works elsewhere knows nothing of events
            await asyncio.sleep(_LOOK)

    def finish(self, seconds: float) -> bool:
        """Work for at most so long. Returns whether anything was stored meanwhile."""
        from concurrent.futures import FIRST_COMPLETED, wait  # noqa: PLC0415  # 6 ms, for those who have images

        until, before = time.monotonic() + seconds, self._stored
        self._queue_up()
        while self._step() and (left := until - time.monotonic()) > 0:
            wait(self._running, timeout=left, return_when=FIRST_COMPLETED)
        return self._stored > before

    def close(self) -> None:
        """Stop the encoders. What they were working on counts as not begun."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _queue_up(self) -> None:
        waiting = (name for edition in self._editions for name in self._store.variants.waiting(edition))
        self._queue = deque(name for name in dict.fromkeys(waiting) if name not in self._tried)

    def _step(self) -> bool:
        """Store what is ready and hand out what waits. Returns whether anything is under way."""
        for future in [future for future in self._running if future.done()]:
            self._take(self._running.pop(future), future)
        while self._queue and len(self._running) < _AHEAD:
            self._hand_out(self._queue.popleft())
        return bool(self._running)

    def _hand_out(self, name: Digest) -> None:
        from pappus.media.variants import vary  # noqa: PLC0415  # Pillow, for those who have images to vary

        self._tried.add(name)
        self._pool = self._pool or self._make()
        try:
            self._running[self._pool.submit(vary, self._store.files.read(name))] = name
        except PappusError as error:
            self._fail(name, error)

    def _take(self, name: Digest, future: Future[Varied]) -> None:
        try:
            varied = future.result()
        except ExtractError:  # only stopped
            return
        except PappusError as error:
            self._fail(name, error)
            return
        made = [(one.media, one.data) for one in varied.variants]
        if self._store.variants.keep(name, varied.tint, made):
            self._stored += 1
            self._report.count("varied")

    def _fail(self, name: Digest, error: PappusError) -> None:
        self._store.variants.failed(name)
        self._report.note("warned", "images", name, f"stays as it is, without variants: {error.reason}")


@contextmanager
def encoders(newsroom: Newsroom, store: Store, report: Report) -> Iterator[Encoders]:
    """Encoders that are stopped in the end."""
    made = Encoders(newsroom, store, report)
    try:
        yield made
    finally:
        made.close()
