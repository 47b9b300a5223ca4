"""Variants of images come after the text, in the site alone; an encoder that hangs or dies, and a kill, cost what they touch only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from PIL import Image
from pipeline_house import Moment, Paper, copy, head, load, python, run, told, tree
from pipeline_photographs import EDITIONS, PAGE, House, begun, pressed

from pappus import config
from pappus.model import digest, month_of
from pappus.pipeline.withdraw import Request, withdraw
from pappus.store import open_store
from pappus.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from pappus.pipeline import Report


@pytest.fixture(scope="module")
def press() -> Iterator[Paper]:
    with pressed() as paper:
        yield paper


@pytest.fixture
def house(press: Paper, tmp_path: Path) -> House:
    """A newsroom that has done nothing yet."""
    return begun(tmp_path / "house", press)


@pytest.fixture(scope="module")
def first(press: Paper, tmp_path_factory: pytest.TempPathFactory) -> tuple[House, Report]:
    """A newsroom after its first run, to be left as it is."""
    house = begun(tmp_path_factory.mktemp("first") / "house", press)
    return house, run(house.newsroom())


@pytest.fixture
def varied(first: tuple[House, Report], tmp_path: Path) -> House:
    """One of the test's own after its first run."""
    return replace(first[0], folder=copy(first[0].folder, tmp_path / "varied"), clock=Moment())


def test_text_is_out_before_a_variant_is_made_and_the_site_alone_changes_for_them(
    first: tuple[House, Report], varied: House
) -> None:
    house, report = varied, first[1]
    assert told(report, "new", "built", "published") == [
        ("new", "news", "pier.html"),
        ("new", "news", "quay.html"),
        ("built", "markdown", "version 1"),
        ("built", "site", "version 1"),
        *sorted((("published", name, "") for name in ("folder", "forge", "site")), key=report_order(report)),
        ("built", "site", "version 2"),
        ("published", "site", ""),
    ]
    commit, site = head(house.folder / "mirrors" / "forge.git"), tree(house.shown)
    assert (report.counts["varied"], report.counts["published"]) == (2, 3)
    assert not [path for path in tree(house.folder / "mirrors" / "folder") if path.endswith((".avif", ".webp"))]
    sources = house.page().css("picture source")
    assert {source.attributes["type"] for source in sources} == {"image/avif", "image/webp"}
    again = run(house.newsroom())
    assert (again.plans, again.counts["varied"]) == ({}, 0)
    assert (head(house.folder / "mirrors" / "forge.git"), tree(house.shown)) == (commit, site)


def files(mirror: Path) -> dict[str, bytes]:
    return {path: data for path, data in tree(mirror).items() if path != "mirror.json"}


def report_order(report: Report) -> Callable[[tuple[str, str, str]], int]:
    """Mirrors are done in whatever order they answer."""
    places = [event.place for event in report.events if event.kind == "published"]
    return lambda one: places.index(one[1])


def test_every_variant_that_a_page_offers_is_there_as_its_name_says_and_nothing_else(
    first: tuple[House, Report],
) -> None:
    house = first[0]
    offered = {
        Path(os.path.normpath(house.shown / PAGE / ".." / candidate.split()[0])): candidate.split()[1]
        for node in house.page().css("article [srcset]")
        for candidate in (node.attributes["srcset"] or "").split(", ")
    }
    assert len(offered) == 2 * 9
    for path, width in offered.items():
        with Image.open(path) as image:
            assert f"{image.width}w" == width
            assert image.format == {".jpg": "JPEG", ".webp": "WEBP", ".avif": "AVIF"}[path.suffix]
        name, _, said = path.stem.partition("-")
        assert said in {"", width.rstrip("w")}
        assert digest(next(one for one in offered if one.stem == name).read_bytes()) == name
        assert month_of(path.relative_to(house.shown).as_posix()) == "2026-11"
    lying = {path for path in (house.shown / "media").rglob("*") if path.is_file()}
    assert lying == offered.keys()


def test_all_is_made_anew_to_the_same_bytes(house: House, varied: House) -> None:
    run(house.newsroom())
    assert tree(house.shown) == tree(varied.shown)
    report = run(varied.newsroom(), ["build"], full=True)
    assert report.counts["changed"] == 0


def test_what_is_not_ready_in_time_is_left_for_the_next_run(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["pappus.pipeline.run"], "_ENCODING", 0.0)
    report = run(house.newsroom())
    assert report.counts["varied"] == 0
    assert house.page().css("picture") == []
    monkeypatch.undo()
    assert run(house.newsroom()).counts["varied"] == 2
    assert len(house.page().css("picture")) == 2


def _spin() -> None:
    while True:
        pass


class Faulty(Workers):
    """Encoders that have trouble with one image."""

    def __init__(self, bad: bytes, trouble: Callable[..., object], *arguments: object) -> None:
        super().__init__(2, seconds=5.0, preload=("pappus.media.variants",))
        self._bad = bad
        self._trouble = partial(trouble, *arguments)
        self.tried = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if args == (self._bad,):
            self.tried += 1
            return super().submit(self._trouble)
        return super().submit(fn, *args, **kwargs)


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [((_spin,), "took more than 5 s of CPU"), ((os.abort,), "the worker crashed"), ((bytearray, 1 << 45), "memory")],
    ids=["takes all time", "dies", "takes all memory"],
)
@pytest.mark.slow
def test_an_image_that_encoders_fail_on_stays_as_it_is_and_is_not_tried_for_ever(
    house: House, trouble: tuple[Any, ...], reason: str
) -> None:
    run(house.newsroom(), ["gather"])
    with open_store(house.folder / "state", write=False) as store:
        known = store.files.known(f"{house.paper.url}/pier.png")
        assert known is not None
        bad = store.files.read(known[0].digest)
    made: list[Faulty] = []

    def encoders() -> Faulty:
        made.append(Faulty(bad, *trouble))
        return made[-1]

    for number in range(5):
        report = run(house.newsroom(encoders=encoders))
        warned = [event.reason for event in report.events if event.kind == "warned"]
        assert [reason in one for one in warned] == ([True] if number < 3 else [])
        assert report.clean
    assert sum(one.tried for one in made) == 3
    assert len(house.page().css("picture")) == 1
    assert len(house.page().css("figure img")) == 2


@pytest.mark.slow
@pytest.mark.parametrize("place", ["pappus.store.files:Files.write", "pappus.store.variants:Variants.keep"])
def test_killed_in_the_midst_the_next_run_ends_in_the_same_bytes(
    house: House, varied: House, tmp_path: Path, place: str
) -> None:
    run(house.newsroom(), ["gather"])
    for count in (1, 2, -2, 5):
        if place.endswith("keep") and count > 2:
            continue
        folder = copy(house.folder, tmp_path / f"killed{count}")
        line = json.dumps([str(folder / config.FILE), "gather,build,publish", place, count])
        driver = Path(__file__).with_name("pipeline_driver.py")
        done = subprocess.run(
            python(str(driver)), input=line + "\n", env={**os.environ, "NOW": house.clock().isoformat()},
            capture_output=True, text=True, check=True, timeout=120,
        )  # fmt: skip
        assert done.stdout.split()[1] == "-9"
        run(load(folder, house.clock))
        # Versions are counted as variants come; what they lead to is the same.
        assert files(folder / "mirrors" / "site") == files(varied.shown)
        assert tree(folder / "state" / "media") == tree(varied.folder / "state" / "media")


@pytest.mark.slow
def test_a_second_run_is_told_whose_turn_it_is_and_a_killed_one_is_in_nobody_s_way(house: House, varied: House) -> None:
    script = Path(__file__).with_name("pipeline_sleepers.py")
    command = [Path(sys.executable).with_name("pappus"), "run", "-c", house.folder / config.FILE]
    with subprocess.Popen(python(str(script), str(house.folder)), stdout=subprocess.PIPE, text=True) as long:
        assert long.stdout is not None
        assert long.stdout.readline() == "all text is out, and encoders are at work\n"
        before = tree(house.folder / "mirrors")
        second = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert (second.returncode, second.stdout) == (1, "")
        (line,) = second.stderr.splitlines()
        assert line.endswith(
            f"another pappus (process {long.pid}) is writing to this store (wait until it is done, or stop it)"
        )
        assert tree(house.folder / "mirrors") == before
        long.kill()
    report = run(house.newsroom())
    assert (report.clean, report.counts["varied"]) == (True, 2)
    assert files(house.shown) == files(varied.shown)


def test_a_withdrawal_takes_the_variants_that_no_other_article_shows(varied: House) -> None:
    house = varied
    before, site = house.media, tree(house.shown)
    with open_store(house.folder / "state", write=False) as store:
        known = store.files.known(f"{house.paper.url}/pier.png")
        assert known is not None
        own = {
            row[0] for row in store.database.execute("SELECT digest FROM variant WHERE media = ?", (known[0].digest,))
        }
    report, _ = withdraw(house.newsroom(), f"{PAGE}.md", Request(reason="By order"))
    assert report.clean
    assert len(own) == 8
    assert before - house.media == {known[0].digest, *own}
    gone = {digest(site[path]) for path in site.keys() - tree(house.shown).keys() if path.startswith("media/")}
    assert gone == {known[0].digest, *own}


def test_without_variants_the_site_has_none_and_makes_none(varied: House) -> None:
    house = varied
    file = house.folder / config.FILE
    with_them = file.read_text(encoding="utf-8")
    file.write_text(with_them.replace(EDITIONS, f"{EDITIONS}variants = false\n"))
    run(house.newsroom())
    assert house.page().css("picture, [srcset]") == []
    house.clock.pass_by(hours=2)
    run(house.newsroom())
    assert {path.suffix for path in (house.shown / "media").rglob("*.*")} == {".jpg"}
    file.write_text(with_them)
    assert run(house.newsroom()).counts["varied"] == 0
    assert len(house.page().css("picture")) == 2
