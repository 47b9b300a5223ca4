"""Feeds at mirrors: what follows from them is put in an order that can be verified at each step, moves along, and costs what changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest
from msgspec import Struct
from msgspec.structs import replace
from pipeline_house import Moment, Paper, copy, load, many, newsroom, run, told, toml, tree

from pappus.layout import SITE, is_binding
from pappus.mirrors import rank
from pappus.mirrors.packing import ENDINGS, unpack
from pappus.pipeline.places import PlaceOptions, open_place
from pappus.pipeline.verdict import VerifyOptions
from pappus.pipeline.verify import verify
from pappus.pipeline.withdraw import Request, withdraw
from pappus.trust import ceremony
from ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pappus.pipeline.verdict import Verdict

CADDY = shutil.which("caddy")
STORIES = many(40)
MIRROR = """
[signing]
keys = "keys"
[[editions]]
name = "site"
[[mirrors]]
name = "site"
edition = "site"
kind = "directory"
path = "mirrors/site"
address = "https://news.example/"
"""


class House(Struct):
    """A newsroom with a site in a folder."""

    folder: Path
    paper: Paper
    clock: Moment

    @property
    def shown(self) -> Path:
        return self.folder / "mirrors/site"

    def publish(self, *, without: int) -> None:
        """Publish all stories but so many of the newest."""
        self.paper.feed("/all.xml", STORIES[without:])
        self.paper.feed("/some.xml", STORIES[-3:])
        report = run(load(self.folder, self.clock))
        assert told(report, "failed", "warned") == []

    def look(self, place: Path) -> Verdict:
        return verify(open_place(str(place), PlaceOptions(), self.clock), VerifyOptions(), self.clock())


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("feeds") / "house"
    with Paper() as paper:
        paper.stories(STORIES)
        text = toml(paper.url, {"all": "/all.xml", "some": "/some.xml"}, extra="")
        newsroom(folder, text.partition("[[mirrors]]")[0] + MIRROR)
        ceremony.init(folder / "keys", "", ceremony.NewRoots(folder=folder / "offline"), Moment()())
        house = House(folder, paper, Moment())
        house.publish(without=10)
        yield house


@pytest.fixture
def house(template: House, tmp_path: Path) -> House:
    return House(copy(template.folder, tmp_path / "house"), template.paper, Moment())


def write(folder: Path, files: dict[str, bytes]) -> None:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


@pytest.mark.slow
def test_at_each_step_of_a_publish_what_is_there_can_be_verified(house, tmp_path):
    before = tree(house.shown)
    house.publish(without=7)
    after = tree(house.shown)
    puts = sorted(
        (path for path in after if after[path] != before.get(path)), key=lambda path: (rank(path, SITE), path)
    )
    made = [path for path in puts if is_binding(path) and not path.startswith(("qr/", "mirror.json"))]
    assert {path.rpartition(".")[2] for path in made} == {"json", "rss", "xml"}
    write(tmp_path / "place", before)
    wrong = {}
    for path in puts:
        write(tmp_path / "place", {path: after[path]})
        wrong |= {(path, one.path): one.reason for one in house.look(tmp_path / "place").findings}
    assert wrong == {}


def test_a_few_articles_change_the_feeds_of_their_channels_and_the_lists_of_their_month(house):
    before = tree(house.shown)
    house.publish(without=7)
    after = tree(house.shown)
    changed = {
        path
        for path in after
        if after[path] != before.get(path) and path.startswith(("feeds/", "sitemaps/", "sitemap.xml"))
    }
    months = {path for path in changed if path.startswith("sitemaps/2")}
    news = {f"feeds/{name}.{form}" for name in ("all", "channels/all") for form in ("atom", "rss", "json")}
    news |= {"sitemaps/news.atom", "sitemaps/news.xml"}
    assert changed - months - {"sitemap.xml"} == news
    assert {path.rpartition(".")[0] for path in months} <= {f"sitemaps/{story.day:%Y-%m}/0" for story in STORIES[7:10]}
    assert ("sitemap.xml" in changed) is bool(months - before.keys())
    assert len([path for path in after if path.startswith("sitemaps/2")]) > len(months)


def test_feeds_that_grew_are_those_that_are_written_at_once(house):
    stories = list(STORIES)
    stories[12] = replace(stories[12], more="It had a new mast.", updated=house.clock())
    house.paper.stories(stories)
    house.paper.feed("/all.xml", stories[7:])
    assert told(run(load(house.folder, house.clock)), "failed") == []
    grown = tree(house.shown)
    assert b"It had a new mast." in grown["feeds/channels/all.rss"]
    run(load(house.folder, house.clock), ["build", "publish"], full=True)
    assert tree(house.shown) == grown
    house.paper.stories(STORIES)


def test_what_is_withdrawn_for_good_is_in_no_feed_and_in_nothing_that_is_packed(house):
    text = (house.folder / "pappus.toml").read_text(encoding="utf-8")
    (house.folder / "pappus.toml").write_text(f"{text}precompress = true\n", encoding="utf-8")
    house.publish(without=7)
    story = STORIES[12]
    title = story.title.encode()
    holding = {path for path, data in tree(house.shown).items() if title in data}
    assert {"feeds/all.atom", "feeds/channels/all.rss", "feeds/all.json"} <= holding
    (page,) = (path for path in holding if path.endswith(f"/{story.slug}.html"))
    report, _ = withdraw(load(house.folder, house.clock), page, Request(reason="By order of the harbour court."))
    assert told(report, "failed") == []
    files = {path: data for folder in (house.folder / "mirrors").iterdir() for path, data in tree(folder).items()}
    packed = {path: unpack(path, data, 10**7) for path, data in files.items() if path.endswith(ENDINGS)}
    assert f"{page}.gz" in packed
    assert {path for path, data in (files | packed).items() if title in data} == set()
    assert house.look(house.shown).findings == ()


@pytest.mark.caddy
@pytest.mark.skipif(CADDY is None, reason="Caddy is not installed")
def test_a_site_that_caddy_serves_packed_is_whole_to_who_verifies_it_over_the_network(house, tmp_path):
    text = (house.folder / "pappus.toml").read_text(encoding="utf-8")
    (house.folder / "pappus.toml").write_text(f'{text}precompress = true\nhost = "caddy"\n', encoding="utf-8")
    house.publish(without=7)
    address = f"http://127.0.0.1:{free_port()}"
    site = f"{address} {{\nroot * {house.shown}\nimport {house.shown}/Caddyfile\n}}\n"
    (tmp_path / "main").write_text(f"{{\nadmin off\n}}\n{site}", encoding="utf-8")
    own = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    command = [str(CADDY), "run", "--adapter", "caddyfile", "--config", str(tmp_path / "main")]
    with subprocess.Popen(command, env=os.environ | own, stderr=subprocess.DEVNULL) as server:
        try:
            packed = _asked(f"{address}/feeds/all.rss")
            whole = _look(address, house)
            altered = []
            for form in ("", ".gz", ".br"):
                file = house.shown / f"index.html{form}"
                right = file.read_bytes()
                file.write_bytes((house.shown / f"guide.html{form}").read_bytes())
                altered += [(one.path, one.kind) for one in _look(address, house).findings]
                file.write_bytes(right)
        finally:
            server.terminate()
    assert packed == (house.shown / "feeds/all.rss.br").read_bytes()
    assert whole.findings == ()
    assert whole.files > 100
    assert altered == 3 * [("index.html", "altered")]


def _look(address: str, house: House) -> Verdict:
    return verify(open_place(f"{address}/", PlaceOptions(), house.clock), VerifyOptions(), house.clock())


def _asked(url: str) -> bytes:
    """Return what a server that is starting sends to a browser, as it comes."""
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip, br"})
    for _ in range(400):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.read()
        except urllib.error.URLError:
            time.sleep(0.05)
    raise AssertionError("the server does not answer")


def test_a_mirror_that_moves_makes_its_feeds_anew_and_nothing_else_of_the_news(house):
    before = tree(house.shown)
    text = (house.folder / "pappus.toml").read_text(encoding="utf-8")
    text = text.replace('address = "https://news.example/"', 'address = "https://elsewhere.example/news/"')
    text += '[[moved]]\nfrom = "https://news.example/"\nto = "https://elsewhere.example/news/"\n'
    (house.folder / "pappus.toml").write_text(text, encoding="utf-8")
    report = run(load(house.folder, house.clock), ["build", "publish"])
    assert told(report, "failed", "warned") == []
    after = tree(house.shown)
    assert b"https://elsewhere.example/news/pages/" in after["feeds/all.rss"]
    assert not any(b"//news.example/" in data for path, data in after.items() if path.startswith(("feeds/", "sitemap")))
    assert "robots.txt" in before
    assert "robots.txt" not in after
    assert {path for path in after if path.startswith("pages/") and after[path] != before.get(path)} == set()
    assert house.look(house.shown).findings == ()
    (house.shown / "robots.txt").write_bytes(
        before["robots.txt"]
    )  # as it is for a moment where files are put one by one
    assert house.look(house.shown).findings == ()
    (house.shown / "robots.txt").write_bytes(b"User-agent: *\nDisallow: /\n")
    assert [(one.kind, one.path) for one in house.look(house.shown).findings] == [("added", "robots.txt")]
