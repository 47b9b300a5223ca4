"""Variants of images come after the text, in the site alone; an encoder that hangs or dies, and a kill, cost what they touch only."""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec import Struct
from msgspec.structs import replace
from PIL import Image
from pipeline_host import CHROMIUM, SITE_MIRROR, Host
from pipeline_house import Moment, Paper, Story, copy, head, load, python, run, told, toml, tree
from selectolax.lexbor import LexborHTMLParser

from pappus import config
from pappus.model import digest, month_of
from pappus.pipeline.withdraw import Request, withdraw
from pappus.store import open_store
from pappus.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from playwright.sync_api import Browser

    from pappus.pipeline import Newsroom, Report

PIER = Story(slug="pier", title="The pier is painted", images=("pier", "shared"))
QUAY = Story(slug="quay", title="The quay is swept", images=("shared",))
PAGE = "pages/paper/2026/11/21/pier"
EDITIONS = """
[[editions]]
name = "markdown"
[[editions]]
name = "site"
"""


def photograph(name: str) -> bytes:
    """Return a photograph of clouds that no other name has."""
    clouds = random.Random(name).randbytes(60 * 24 * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", (60, 24), clouds).resize((1000, 360), Image.Resampling.BICUBIC).save(out, "JPEG", quality=95)
    return out.getvalue()


class House(Struct, frozen=True):
    """A newsroom with both editions, on a paper with two photographs."""

    folder: Path
    paper: Paper
    clock: Moment

    def newsroom(self, **parts: Any) -> Newsroom:
        return replace(load(self.folder, self.clock), **parts)

    @property
    def shown(self) -> Path:
        return self.folder / "mirrors" / "site"

    @property
    def media(self) -> set[str]:
        return {path.name for path in (self.folder / "state" / "media").rglob("*") if path.is_file()}

    def page(self) -> LexborHTMLParser:
        return LexborHTMLParser((self.shown / f"{PAGE}.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def press() -> Iterator[Paper]:
    with Paper() as paper:
        paper.stories([PIER, QUAY])
        for name in ("pier", "shared"):
            paper.put(f"/{name}.png", photograph(name), "image/jpeg")
        paper.feed("/news.xml", [PIER, QUAY])
        yield paper


def begun(folder: Path, press: Paper) -> House:
    folder.mkdir()
    (folder / config.FILE).write_text(
        toml(press.url, {"news": "/news.xml"}, extra=EDITIONS + SITE_MIRROR), encoding="utf-8"
    )
    return House(folder=folder, paper=press, clock=Moment())


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
        Path(os.path.normpath(house.shown / PAGE / ".." / candidate.split()[0]))
        for node in house.page().css("article [srcset]")
        for candidate in (node.attributes["srcset"] or "").split(", ")
    }
    assert len(offered) == 2 * 9
    for path in offered:
        assert digest(path.read_bytes()) == path.stem
        assert month_of(path.relative_to(house.shown).as_posix()) == "2026-11"
    lying = {path for path in (house.shown / "media").rglob("*") if path.is_file()}
    assert lying == offered


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


class Faulty(Workers):
    """Encoders that have trouble with one image."""

    def __init__(self, bad: bytes, trouble: Callable[..., object], *arguments: object) -> None:
        super().__init__(2, seconds=6.0, preload=("pappus.media.variants",))
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
    [((time.sleep, 60), "took longer than 6 s"), ((os.abort,), "the worker crashed"), ((bytearray, 1 << 45), "memory")],
    ids=["hangs", "dies", "takes all memory"],
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
    gone = {
        path.rpartition("/")[2].partition(".")[0]
        for path in site.keys() - tree(house.shown).keys()
        if path.startswith("media/")
    }
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


@pytest.fixture
def served(first: tuple[House, Report]) -> Iterator[str]:
    with Host(first[0].shown) as host:
        yield host.address


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
@pytest.mark.parametrize(("width", "density", "taken"), [(360, 1, 400), (360, 2, 800), (1280, 1, 800), (1280, 2, 1000)])
def test_a_browser_takes_the_newest_format_in_the_width_that_it_has_room_for(
    first: tuple[House, Report], served: str, browser: Browser, width: int, density: int, taken: int
) -> None:
    house = first[0]
    said: list[str] = []
    view = browser.new_page(viewport={"width": width, "height": 740}, device_scale_factor=density)
    view.on("console", lambda message: said.append(message.text))
    view.goto(f"{served}{PAGE}.html")
    images = view.locator("picture img").all()
    assert len(images) == 2
    for image in images:
        image.scroll_into_view_if_needed()
        view.wait_for_function("image => image.complete && image.naturalWidth", arg=image.element_handle())
        with Image.open(house.shown / image.evaluate("image => image.currentSrc").removeprefix(served)) as picture:
            assert (picture.format, picture.width) == ("AVIF", taken)
        levels = [int(part[1]) * 64 + 32 for part in (image.get_attribute("class") or "").split()]
        assert (
            image.evaluate("image => getComputedStyle(image).backgroundColor") == f"rgb({', '.join(map(str, levels))})"
        )
    assert said == []


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_a_browser_that_knows_neither_format_takes_the_jpeg(
    first: tuple[House, Report], served: str, browser: Browser
) -> None:
    view = browser.new_page(viewport={"width": 360, "height": 740}, device_scale_factor=2)
    page = (first[0].shown / f"{PAGE}.html").read_text(encoding="utf-8")
    unknown = page.replace('type="image/avif"', 'type="image/x-new"').replace('type="image/webp"', 'type="image/x-old"')
    view.route("**/*.html", lambda route: route.fulfill(body=unknown, content_type="text/html"))
    view.goto(f"{served}{PAGE}.html")
    image = view.locator("picture img").first
    image.scroll_into_view_if_needed()
    view.wait_for_function("image => image.complete && image.naturalWidth", arg=image.element_handle())
    with Image.open(first[0].shown / image.evaluate("image => image.currentSrc").removeprefix(served)) as picture:
        assert (picture.format, picture.width) == ("JPEG", 800)


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_who_reads_text_only_loads_no_image(served: str, browser: Browser) -> None:
    asked: list[str] = []
    view = browser.new_page()
    view.add_init_script("localStorage.setItem('pappus', 'text')")
    view.on("request", lambda request: asked.append(request.url))
    view.goto(f"{served}{PAGE}.html")
    view.evaluate("scrollTo(0, document.body.scrollHeight)")
    view.wait_for_load_state("networkidle")
    assert view.locator("img").count() > 2
    assert [url for url in asked if "/media/" in url] == []
