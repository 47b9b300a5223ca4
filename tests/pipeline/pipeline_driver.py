"""Runs verbs in processes of their own, many of them, without the time that a start takes.

Each line of its input is a list in JSON, ``[PAPPUS_TOML, "VERB,VERB"]`` or ``[PAPPUS_TOML, "VERB,VERB", PLACE, COUNT]``. For each it
forks a process with a group of its own, and prints that process's id at once and its exit code when it has ended. With a place,
``module:name.attribute``, the process kills itself the moment that function is called for the COUNT-th time; with a negative COUNT
when that call has returned. With arguments, ``pipeline_driver.py PAPPUS_TOML VERB[,VERB]``, it runs once, in this process; with ``NOW`` in
the environment at that time.
"""

from __future__ import annotations

import functools
import importlib
import json
import os
import signal
import sys
import threading
import traceback
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from pipeline_house import Moment, load, run


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


def once(path: str, verbs: str, place: str = "", count: int = 0) -> int:
    if place:
        die_at(place, count)
    now = os.environ.get("NOW")
    clock = Moment(datetime.fromisoformat(now)) if now else None
    done = run(load(Path(path).parent, clock), verbs.split(","))  # type: ignore[arg-type]
    return 0 if done.clean else 1


def forked(arguments: list[Any]) -> int:
    """Start a process. Returns its id."""
    process = os.fork()
    if process:
        return process
    code = 3
    try:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDWR), 1)
        code = once(*arguments)
    except BaseException:  # noqa: BLE001  # whatever it is: this process must not go on as its parent's double
        traceback.print_exc()
    finally:
        os._exit(code)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(once(*sys.argv[1:3]))
    for line in sys.stdin:
        number = forked(json.loads(line))
        print(number, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]), flush=True)
