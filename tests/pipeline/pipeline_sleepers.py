"""Runs the newsroom of a folder with encoders that only sleep, and says when they have begun: ``pipeline_sleepers.py FOLDER``."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

sys.path.insert(0, str(Path(__file__).parent))

from pipeline_house import load, run

from pappus.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future


class Sleepers(Workers):
    """Encoders that are under way for long."""

    def submit(self, _: Callable[..., Any], /, *_args: Any, **_kwargs: Any) -> Future[Any]:
        print("all text is out, and encoders are at work", flush=True)
        return super().submit(time.sleep, 20)


def main(folder: Path) -> None:
    newsroom = replace(load(folder), encoders=lambda: Sleepers(2, preload=("pappus.media.variants",)))
    run(newsroom, ["gather", "build", "publish"])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
