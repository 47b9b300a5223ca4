"""The store: articles, media, editions and reports in one SQLite file and a folder of media.

It is the source of truth: whole after a kill at any moment, written by one writer.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from msgspec import Struct

from pappus.store.articles import Articles, Due, Look, Placing
from pappus.store.database import Database, Packer, moment, speaking, stamp
from pappus.store.editions import Changes, Editions
from pappus.store.files import Files
from pappus.store.leads import ChannelState, Leads, Settled
from pappus.store.memory import Memory
from pappus.store.releases import LINGER, Release, Releases
from pappus.store.runs import Event, Run, Runs
from pappus.store.search import Search
from pappus.store.silences import Silences
from pappus.store.variants import Variants
from pappus.store.withdrawals import Holding, Withdrawal, Withdrawals

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = [
    "LINGER",
    "Changes",
    "ChannelState",
    "Due",
    "Editions",
    "Event",
    "Holding",
    "Look",
    "Placing",
    "Release",
    "Run",
    "Settled",
    "Store",
    "Withdrawal",
    "copy_store",
    "moment",
    "open_store",
    "stamp",
]


_FILE = "pappus.db"


class Store(Struct, frozen=True):
    """The parts of an open store."""

    database: Database
    articles: Articles
    leads: Leads
    memory: Memory
    files: Files
    editions: Editions
    releases: Releases
    runs: Runs
    search: Search
    silences: Silences
    variants: Variants
    withdrawals: Withdrawals


@contextmanager
def open_store(folder: Path, *, write: bool = True) -> Iterator[Store]:
    """Open the store in a folder; a writer makes it where it is missing.

    Raises:
        StoreError: see :class:`pappus.store.database.Database`; while it is open, where the disk or the file fails.
    """
    with Database(folder / _FILE, write=write) as database, speaking(database.path):
        packer = Packer(database)
        files = Files(database, folder / "media")
        yield Store(
            database=database,
            articles=Articles(database, packer),
            leads=Leads(database),
            memory=Memory(database),
            files=files,
            editions=Editions(database, packer),
            releases=Releases(database),
            runs=Runs(database),
            search=Search(database),
            silences=Silences(database),
            variants=Variants(database, files),
            withdrawals=Withdrawals(database, packer, files),
        )


def copy_store(folder: Path, target: Path) -> None:
    """Copy a store's database, as it is at one moment, into another folder; media are left out. Without a store, nothing is copied.

    Raises:
        StoreError: it cannot be read.
    """
    source = folder / _FILE
    if not source.exists():
        return
    address = f"{source.resolve().as_uri()}?mode=rw"  # read-only connections leave their working files behind
    with (
        speaking(source),
        closing(sqlite3.connect(address, uri=True)) as original,
        closing(sqlite3.connect(target / _FILE)) as copy,
    ):
        original.backup(copy)
