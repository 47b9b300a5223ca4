"""Every kind of mirror, with the real thing behind it, while its publisher is killed: no reader finds half of it, nothing is lost.

A few kills a kind here; ``PAPPUS_KILLS=200 pytest tests/pipeline/test_pipeline_publish_kill.py`` for many.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

for _room in ("mirrors", "trust"):
    sys.path.insert(0, str(Path(__file__).parent.parent / _room))

from mirrors_places import places
from pipeline_forge import dead, pages
from pipeline_house import START, load, run
from test_pipeline_kill import Driver, _until
from verify_house import Held

from pappus.config import FILE
from pappus.layout import is_aside, is_binding, is_metadata
from pappus.model import Draft
from pappus.pipeline.verdict import VerifyOptions
from pappus.pipeline.verify import verify
from pappus.store import Placing, open_store
from pappus.trust import ceremony

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mirrors_places import Place

    from pappus.pipeline import Newsroom

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("PAPPUS_KILLS", "4"))
PLACES = places()
# What a configuration says of a place, by what its adapter wants to know; secrets come from the environment.
_KEYS = {
    "directory": ("path",),
    "git": ("remote", "ssh_key", "ssh_known_hosts"),
    "ipfs": ("path",),
    "rclone": ("remote", "config"),
    "s3": ("bucket", "prefix", "endpoint"),
}
_AT_ONCE = 8
_A_ROUND = 20  # kills
_SECRETS = {"token": "token_env", "key_id": "key_id_env", "secret": "secret_env"}


def _table(place: Place, edition: str) -> str:
    fields: dict[str, Any] = place.fields
    lines = [
        "[[mirrors]]",
        'name = "mirror"',
        f'kind = "{place.kind}"',
        'address = "https://news.example/"',
        "timeout = 60",
        f'edition = "{edition}"',
    ]
    lines += [f"{key} = {str(fields[key])!r}" for key in _KEYS[place.kind] if fields.get(key)]
    for name, key in _SECRETS.items():
        if fields.get(name):
            os.environ[f"PAPPUS_TEST_{name.upper()}"] = fields[name]
            lines.append(f'{key} = "PAPPUS_TEST_{name.upper()}"')
    return "\n".join(lines)


class House:
    """A signed newsroom with one mirror, which grows by an article at a time."""

    def __init__(self, folder: Path, place: Place, edition: str) -> None:
        self.folder, self.place = folder, place
        folder.mkdir()
        ceremony.init(folder / "keys", "", ceremony.NewRoots(folder=folder / "offline"), START)
        (folder / FILE).write_text(
            '[site]\ntitle = "News"\n[signing]\n'
            '[[sources]]\nname = "paper"\ntitle = "Paper"\nlicence = "CC0"\n'
            '[[sources.channels]]\nname = "all"\ntitle = "All"\nurl = "https://paper.example/feed"\n'
            f'[[editions]]\nname = "{edition}"\n' + _table(place, edition)
        )
        self.articles = 0

    @property
    def newsroom(self) -> Newsroom:
        return load(self.folder)

    def add(self) -> None:
        """Store an article, and build."""
        self.articles += 1
        url = f"https://paper.example/{self.articles}"
        with open_store(self.newsroom.state) as store, store.database.transaction():
            draft = Draft(
                url=url, title=f"Story {self.articles}", body="<p>" + "Wind and tide. " * 40 + "</p>", language="en"
            )
            placing = Placing(
                source="paper",
                channel="all",
                ident=f"story-{self.articles}",
                published=START + timedelta(minutes=self.articles),
                addresses=(url,),
            )
            store.articles.put(draft, (), placing, START)
        assert run(self.newsroom, ["build"]).clean

    def wrong(self, files: Mapping[str, bytes], release: int, *, gap: bool = False) -> list[str]:
        """Return what a reader, and one who verifies, finds wrong with a mirror.

        With a gap, files that were about to be replaced may be away (docs/decisions/0018): as many as are replaced at once.
        """
        verdict = verify(Held(files), VerifyOptions(), START)
        away = {finding.path for finding in verdict.findings if finding.kind == "missing"} if gap else set()
        assert len(away) <= _AT_ONCE
        lost = {page: missing - away for page, missing in dead(files, pages(files)).items()}
        found = [f"{one.kind} {one.path}: {one.reason}" for one in verdict.findings if one.path not in away]
        found += [f"is of release {verdict.release}; {release} was published"] if verdict.release < release else []
        return found + [f"{page} leads to {sorted(missing)}" for page, missing in lost.items() if missing]


@contextmanager
def _driven() -> Iterator[Driver]:
    one = Driver()
    try:
        yield one
    finally:
        one.close()


def _killed(driver: Driver, house: House, after: float) -> None:
    """Publish in a process of its own, which is killed after so many seconds."""
    driver.start(house.folder, verbs="publish")
    time.sleep(after)
    with suppress(ProcessLookupError):
        os.kill(driver.pid, signal.SIGKILL)
    driver.wait()
    _until(lambda: not _at_work(driver.pid))


def _at_work(group: int) -> bool:
    """Whether helpers that a killed publisher had started are still at work: gits and rclones end by themselves."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, own = stat.read_text().rpartition(")")[2].split()[:3]
            if int(own) == group and state not in "ZX":
                return True
    return False


@pytest.mark.parametrize(
    ("name", "edition"),
    [*((name, "markdown") for name in PLACES), *((name, "site") for name in ("directory", "git", "s3"))],
)
def test_a_killed_publisher_leaves_a_mirror_that_can_be_read_and_verified(
    name: str, edition: str, tmp_path: Path
) -> None:
    chance = random.Random(f"kills of {name}")
    for start in range(0, KILLS, _A_ROUND):
        folder = tmp_path / f"from-{start}"
        folder.mkdir()
        _round(name, edition, folder, min(_A_ROUND, KILLS - start), chance)


def _round(name: str, edition: str, folder: Path, kills: int, chance: random.Random) -> None:
    """Kill so many publishes of one newsroom. It grows with each, so that many rounds cost less than a long one."""
    with ExitStack() as stack:
        place = stack.enter_context(PLACES[name](folder))
        house = House(folder / "house", place, edition)
        driver = stack.enter_context(_driven())  # knows the place's secrets from the environment
        for _ in range(8):
            house.add()
        assert run(house.newsroom, ["publish"]).clean
        assert house.wrong(place.look(), 1) == []
        house.add()
        driver.start(house.folder, verbs="publish")
        began = time.monotonic()
        assert driver.wait() == 0
        takes = time.monotonic() - began
        release = 2
        for number in range(kills):
            house.add()
            after = chance.uniform(0, takes)
            _killed(driver, house, after)
            gap = getattr(place, "gap", False)
            assert house.wrong(place.look(), release, gap=gap) == [], (
                f"kill {number}, after {after:.3f} of {takes:.3f} s"
            )
            report = run(house.newsroom, ["publish"])
            assert report.clean, report.events
            with open_store(house.newsroom.state) as store:
                newest = store.releases.newest(edition)
                built = {entry.path: entry.digest for entry in store.editions.manifest(edition)}
            assert newest is not None
            release = newest.number
            files = place.look()
            assert house.wrong(files, release) == []
            own = {path for path in files if not (is_metadata(path) or is_binding(path) or is_aside(path))}
            assert own == built.keys()
            assert run(house.newsroom, ["publish"]).plans == {}
