"""Runs verbs in a process of its own: ``pipeline_driver.py PAPPUS_TOML VERB[,VERB] [PLACE COUNT]``.

With a place, ``module:name.attribute``, the process kills itself the moment that function is called for the COUNT-th time;
with a negative COUNT when that call has returned.
"""

from __future__ import annotations

import functools
import importlib
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from pipeline_house import load, run  # noqa: E402


def die_at(place: str, count: int) -> None:
    module, _, names = place.partition(":")
    *owners, name = names.split(".")
    owner: Any = importlib.import_module(module)
    for one in owners:
        owner = getattr(owner, one)
    right = getattr(owner, name)
    calls = 0
    lock = threading.Lock()

    @functools.wraps(right)
    def wrong(*arguments: Any, **keywords: Any) -> Any:
        nonlocal calls
        with lock:
            calls += 1
            mine = calls
        if mine == count:
            os.kill(os.getpid(), signal.SIGKILL)
        result = right(*arguments, **keywords)
        if mine == -count:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, wrong)


if __name__ == "__main__":
    if len(sys.argv) > 3:
        die_at(sys.argv[3], int(sys.argv[4]))
    done = run(load(Path(sys.argv[1]).parent), sys.argv[2].split(","))  # type: ignore[arg-type]
    sys.exit(0 if done.clean else 1)
