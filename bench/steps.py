"""One build and publish, step by step: ``python -m bench.steps PAPPUS_TOML MOMENT_OF_START`` prints what each cost, as JSON."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

from msgspec.structs import astuple, replace

# What the command itself needs comes first: it is what a start costs.
from pappus import config
from pappus.cli import verbs  # noqa: F401  # as the command does
from pappus.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from bench.costs import Cost
    from pappus.mirrors import Held, Mirror, MirrorState
    from pappus.model import Entry, Plan
    from pappus.store import Event


COMMIT = "git, its commit alone"


class Quiet:
    """Hears of a run, and ends the benchmark if it is not what it should be."""

    def event(self, event: Event) -> None:
        """Refuse failures."""
        if event.kind in {"failed", "warned"}:
            raise SystemExit(f"the benchmark is not what it should be: {event}")

    def progress(self, place: str, done: int, total: int | None) -> None:
        """Pass over."""


class Weighed:
    """A mirror that tells what it costs by itself."""

    def __init__(self, mirror: Mirror, costs: dict[str, Cost], name: str) -> None:
        self._mirror = mirror
        self._costs = costs
        self._name = name

    def state(self, *, mend: bool = True) -> MirrorState:
        """Look."""
        from bench.costs import measured  # noqa: PLC0415  # not before the start is measured

        with measured(self._costs, self._name):
            return self._mirror.state(mend=mend)

    def apply(self, plan: Plan, read: Callable[[Entry], bytes]) -> str:
        """Change."""
        from bench.costs import measured  # noqa: PLC0415  # as above

        with measured(self._costs, self._name):
            return self._mirror.apply(plan, read)

    def held(self, paths: Collection[str]) -> Held:
        """Read back."""
        return self._mirror.held(paths)


def weigh_commits(costs: dict[str, Cost], name: str) -> None:
    """Tell apart what git's fast-import costs, which writes the commit; what it is given is at hand, as it is for others."""
    from bench.costs import measured  # noqa: PLC0415  # as above
    from pappus.mirrors.program import Program  # noqa: PLC0415  # as above

    pour = Program.pour

    def weighed(program: Program, *arguments: str, write: Callable[[IO[bytes]], object]) -> str:
        given = io.BytesIO()
        write(given)
        with measured(costs, name):
            return pour(program, *arguments, write=lambda out: out.write(given.getbuffer()))

    setattr(Program, "pour", weighed)  # noqa: B010  # mypy would have it bound


def main(toml: Path, began: float) -> None:
    """Do it and print."""
    newsroom = config.load(toml)
    with open_store(newsroom.state) as store:
        from bench.costs import Cost, measured, since_start  # noqa: PLC0415  # as above

        costs = {"start": since_start(began)}
        # What a step imports is a part of what it costs.
        with measured(costs, "build"):
            from pappus.pipeline import Report  # noqa: PLC0415  # as above
            from pappus.pipeline.build import build  # noqa: PLC0415  # as above

            report = Report("bench", Quiet())
            build(newsroom, store, report)
        with measured(costs, "sign"):
            from pappus import trust  # noqa: PLC0415  # as above
            from pappus.pipeline.sign import sign  # noqa: PLC0415  # as above

            if newsroom.signing is None:
                raise SystemExit("there are no keys")
            sign(newsroom, store, trust.load_online(newsroom.signing, newsroom.clock()), newsroom.editions[0].name)
        weigh_commits(costs, COMMIT)
        for part in newsroom.mirrors:
            whole: dict[str, Cost] = {}
            with measured(whole, part.name):
                from pappus.pipeline.publish import publish  # noqa: PLC0415  # as above

                weighed = replace(part, adapter=Weighed(part.adapter, costs, part.name))
                publish(replace(newsroom, mirrors=(weighed,)), store, report)
            own, rest = costs[part.name], whole[part.name]
            costs["plan"] = costs.get("plan", Cost()) + Cost(rest.cpu - own.cpu, rest.wall - own.wall, rest.peak)
    print(json.dumps({name: astuple(cost) for name, cost in costs.items()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
