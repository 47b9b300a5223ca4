"""Has the files of tests in memory, where there is room for them.

Nearly every file is asked to be on the disk for good, and each answer takes milliseconds: waiting for them was half of the suite. What
Pappus asks of the disk, and in which order, is tested by what it calls, so it makes no difference to tests. Who wants them elsewhere says
so, by TMPDIR or --basetemp.

Nor has any example of a property a time in which it has to be done: that would test the machine. And examples are the same each time, so
that no change fails by chance on what it did not touch; others are looked for with --hypothesis-profile=hunt.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from hypothesis import HealthCheck, settings

settings.register_profile("hunt", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=2_000)
settings.register_profile("house", settings.get_profile("hunt"), derandomize=True, database=None, max_examples=100)
settings.load_profile("house")

_MEMORY = Path("/dev/shm")
_ROOM = 4 << 30  # bytes: what all tests at once leave is less than half of it


def _has_room(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free >= _ROOM


if not {"PYTEST_DEBUG_TEMPROOT", "TMPDIR"} & os.environ.keys() and _has_room(_MEMORY):
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(_MEMORY)  # for workers as well
