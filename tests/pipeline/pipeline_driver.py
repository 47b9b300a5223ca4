"""Runs verbs in a process of its own, with a clock that stands: ``pipeline_driver.py PAPPUS_TOML VERB[,VERB]``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from pipeline_house import load, run  # noqa: E402

if __name__ == "__main__":
    done = run(load(Path(sys.argv[1]).parent), sys.argv[2].split(","))  # type: ignore[arg-type]
    sys.exit(0 if done.clean else 1)
