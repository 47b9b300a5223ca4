"""What extractors say of pages, kept by peer, version and page, so that the next run is quick."""

from __future__ import annotations

import json
import signal
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec.structs import asdict

from bench.extraction.peers import Output

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.extraction.peers import Peer
    from bench.extraction.sets import Page

FOLDER: Final = Path(__file__).resolve().parents[1] / "results" / "extraction"
LIMIT: Final = 30.0  # seconds for a page; code in C is not interrupted, but waited for


def read(peer: Peer, pages: Sequence[Page], folder: Path = FOLDER) -> list[Output]:
    """Return what a peer says of each page; a failure is an output, too."""
    if not peer.keeps:
        return [_limited(peer, page) for page in pages]
    folder.mkdir(parents=True, exist_ok=True)
    store = folder / f"{peer.name}-{peer.version}.jsonl"
    known = dict(_stored(store)) if store.exists() else {}
    with store.open("a", encoding="utf-8") as lines:
        for page in pages:
            if page.digest not in known:
                known[page.digest] = output = _limited(peer, page)
                lines.write(json.dumps([page.digest, asdict(output)]) + "\n")
    return [known[page.digest] for page in pages]


def _stored(store: Path) -> Iterator[tuple[str, Output]]:
    for line in store.read_text(encoding="utf-8").splitlines():
        digest, said = json.loads(line)
        yield digest, Output(**said)


def _limited(peer: Peer, page: Page) -> Output:
    try:
        with _alarm():
            return peer.read(page)
    except Exception as error:  # noqa: BLE001 - other people's code fails in any way; that is what is counted
        return Output(failure=f"{type(error).__name__}: {error}"[:200])


@contextmanager
def _alarm() -> Iterator[None]:
    def ring(*_: object) -> None:
        raise TimeoutError(f"more than {LIMIT} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, LIMIT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
