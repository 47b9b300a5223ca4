"""Makes the helpers of these tests importable, and keys once, which is slow enough."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # trust_house, whichever way pytest is started

from trust_house import make_house


@pytest.fixture
def house(tmp_path):
    """Keys of the test's own."""
    return make_house(tmp_path / "house")
