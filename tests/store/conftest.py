"""A store, and drafts to put into it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # store_samples, whichever way pytest is started

from pappus.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pappus.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "state") as opened:
        yield opened
