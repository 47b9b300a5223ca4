"""Has the files of tests in memory, where there is room for them.

Nearly every file is asked to be on the disk for good, and each answer takes milliseconds: waiting for them was half of the suite. What
Pappus asks of the disk, and in which order, is tested by what it calls, so it makes no difference to tests. Who wants them elsewhere says
so, by TMPDIR or --basetemp.

Nor has any example a time in which it has to be done: that would test the machine.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from hypothesis import settings

settings.register_profile("house", deadline=None)
settings.load_profile("house")

_MEMORY = Path("/dev/shm")
_ROOM = 4 << 30  # bytes: what all tests at once leave is less than half of it


def _has_room(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free >= _ROOM


if not {"PYTEST_DEBUG_TEMPROOT", "TMPDIR"} & os.environ.keys() and _has_room(_MEMORY):
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(_MEMORY)  # for workers as well
