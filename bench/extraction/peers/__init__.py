"""The extractors that are compared, one file a package: each has a dict ``PEERS`` of them by name."""

from __future__ import annotations

import importlib
import logging
import time
import warnings
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.extraction.sets import Page

# In which file each one is. They are imported when they are asked for: a run of ours alone needs no other package.
FILES: Final = {
    "pappus": "pappus",
    "pappus-no-captions": "pappus",
    "trafilatura-precision": "trafilatura",
    "trafilatura-recall": "trafilatura",
    "trafilatura-fast": "trafilatura",
    "trafilatura-full": "trafilatura",
    "readability-lxml": "readability",
    "newspaper4k": "newspaper",
    "resiliparse": "resiliparse",
    "magic-html": "magic",
    "turbohtml-article": "turbohtml",
    "goose3": "goose",
    "readability-js": "npm",
    "defuddle-js": "npm",
}


class Output(Struct, frozen=True, kw_only=True):
    """What one extractor says of one page; what it does not say is empty."""

    text: str = ""
    html: str = ""  # of the article
    title: str = ""
    authors: tuple[str, ...] = ()
    published: str = ""  # as it has it, or ISO 8601 where it has a datetime
    image: str = ""  # the lead image's address
    caption: str = ""  # its words
    tags: tuple[str, ...] = ()
    score: float | None = None  # confidence
    failure: str = ""  # why there is nothing


def line(said: Any) -> str:
    """Return as text what a library says, whatever it says it in: of several the first, "" for nothing."""
    return next(iter(lines(said)), "")


def lines(said: Any) -> tuple[str, ...]:
    """Return all that a library says as texts, none empty; several may stand in one another."""
    if isinstance(said, (list, tuple, set, frozenset)):
        return tuple(text for one in said for text in lines(one))
    return (str(said),) if said else ()


class Peer(Protocol):
    """An extractor."""

    @property
    def name(self) -> str:
        """As the tables have it."""
        ...

    @property
    def version(self) -> str:
        """Of its package."""
        ...

    @property
    def keeps(self) -> bool:
        """Whether its outputs are the same for the same version, so that they can be kept."""
        ...

    def read(self, page: Page) -> Output:
        """Return all that it says. It may raise anything."""
        ...

    def time(self, page: Page) -> float:
        """Return the CPU milliseconds of its usual call, from the decoded page to its answer. It may raise anything."""
        ...


class Library(Struct, frozen=True, kw_only=True):
    """An extractor in this process."""

    name: str
    package: str
    everything: Callable[[Page], Output]
    call: Callable[[Page], object]  # the usual one: text, or what comes with it anyway
    keeps: bool = True

    @property
    def version(self) -> str:
        """Of the installed package."""
        return metadata.version(self.package)

    def read(self, page: Page) -> Output:
        """Return all that it says."""
        return self.everything(page)

    def time(self, page: Page) -> float:
        """Return the CPU milliseconds of its usual call."""
        began = time.thread_time()
        self.call(page)
        return 1000 * (time.thread_time() - began)


def load(name: str) -> Peer:
    """Return a peer by its name.

    Raises:
        ImportError: its package is not installed; ``make bench-extract`` installs it.
    """
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    found: dict[str, Peer] = importlib.import_module(f"{__name__}.{FILES[name]}").PEERS
    return found[name]
