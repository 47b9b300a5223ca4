"""A site in two scripts of Chinese: what is corrected, withdrawn or switched off is gone from twins and from all made of them."""

from __future__ import annotations

import gzip
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import brotli
import pytest
from msgspec import Struct
from msgspec.structs import replace
from pipeline_host import SITE_MIRROR
from pipeline_house import START, Moment, Paper, Story, copy, forget_editions, load, newsroom, run, toml, tree
from pipeline_photographs import photograph

from pappus import config
from pappus.model import NAME_BYTES, digest
from pappus.pipeline.withdraw import Request, withdraw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pappus.pipeline import Newsroom

SCRIPTS = 'scripts = ["zh-Hant"]\n'
EDITIONS = f'[[editions]]\nname = "markdown"\n[[editions]]\nname = "site"\n{SCRIPTS}'
TWIN = ".zh-hant.html"
TABLE = "search/simplified.js"  # has all signs that there are in either script, whatever articles say
PAGE = "pages/paper/2026/11/21/tower"
SIGNS = ("鲱", "鯡")  # of herrings, in either script: what one article says and no other
FORMER = ("鳕", "鱈")  # of cod: what it said before it was corrected
TOWER = Story(slug="tower", title="灯塔换了鲱鱼", more="灯塔换了十一条鲱鱼和一根缆绳。", images=("tower", "shared"))
LONG = "quay".ljust(NAME_BYTES, "y")  # as long as an id may be
QUAY = Story(slug=LONG, title="码头打扫干净了", images=("shared",), links=("/tower.html",))


def page(story: Story) -> str:
    """Return a page in Chinese, by an author and on a topic that both articles have."""
    sentence = f"港务长在长长的码头上看见渔船回来，称过了冰，把听到的消息一一写进自己的簿子里。{story.more}"
    text = "".join(f"<p>{number}、{sentence * 3}</p>" for number in "一二三四")
    links = "".join(f'<p>更多消息见<a href="{link}">本报另一篇文章</a>，那里写得更清楚。</p>' for link in story.links)
    figures = "".join(
        f'<figure><img src="/{name}.png" alt="{story.title}"><figcaption>{story.title}</figcaption></figure>'
        for name in story.images
    )
    updated = story.updated or story.day
    return (
        f'<!DOCTYPE html><html lang="zh-Hans"><head><title>{story.title}</title>'
        '<meta name="author" content="陈海"><meta name="keywords" content="渔业">'
        f'<meta property="article:published_time" content="{story.day.isoformat()}">'
        f'<meta property="article:modified_time" content="{updated.isoformat()}"></head>'
        f'<body><article><h1>{story.title}</h1><p class="byline">陈海</p>{text}{links}{figures}</article></body></html>'
    )


class House(Struct, frozen=True):
    """A newsroom with a site in two scripts, packed too, on a paper with two articles in Chinese."""

    folder: Path
    paper: Paper
    clock: Moment

    @property
    def newsroom(self) -> Newsroom:
        return load(self.folder, self.clock)

    @property
    def shown(self) -> Path:
        return self.folder / "mirrors" / "site"

    def tell(self, *stories: Story) -> None:
        for story in stories:
            self.paper.put(story.path, page(story))
            for name in story.images:
                self.paper.put(f"/{name}.png", photograph(name), "image/jpeg")
        self.paper.feed("/news.xml", stories)

    def switch(self, *, on: bool) -> None:
        file = self.folder / config.FILE
        text = file.read_text(encoding="utf-8").replace(SCRIPTS, "")
        file.write_text(text.replace('name = "site"\n', f'name = "site"\n{SCRIPTS if on else ""}', 1), encoding="utf-8")

    def told(self, signs: tuple[str, ...]) -> set[str]:
        """Return the files of the site, packed ones too, in which one of these signs stands."""
        files = ((path, unpacked(path, body)) for path, body in tree(self.shown).items() if not path.startswith(TABLE))
        return {path for path, body in files if any(sign.encode() in body for sign in signs)}


def unpacked(path: str, body: bytes) -> bytes:
    unpack: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.decompress, ".br": brotli.decompress}
    return unpack.get(Path(path).suffix, bytes)(body)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A newsroom after its first run, to be left as it is."""
    with Paper() as paper:
        folder = tmp_path_factory.mktemp("twins") / "house"
        newsroom(folder, toml(paper.url, {"news": "/news.xml"}, extra=EDITIONS + SITE_MIRROR + "precompress = true\n"))
        house = House(folder, paper, Moment())
        house.tell(TOWER, QUAY)
        assert run(house.newsroom).clean
        yield house


@pytest.fixture
def house(first: House, tmp_path: Path) -> House:
    first.tell(TOWER, QUAY)
    return replace(first, folder=copy(first.folder, tmp_path / "house"), clock=Moment())


def kinds(paths: set[str]) -> set[str]:
    """Return what kinds of files these are: their first folders, and in which script and packing."""
    return {f"{path.partition('/')[0]} {'.'.join(path.rpartition('/')[2].split('.')[1:])}" for path in paths}


def test_an_article_stands_in_all_that_is_made_of_it_in_both_scripts_and_packed(first: House) -> None:
    told = kinds(first.told(SIGNS))
    pages = {f"{place} {form}{packed}" for place in ("pages", "days", "authors", "tags", "indexes")
             for form in ("html", TWIN.removeprefix(".")) for packed in ("", ".br", ".gz")}  # fmt: skip
    assert pages <= told
    assert {"feeds atom", "feeds rss", "feeds json", "search js", "search js.br"} <= told
    assert first.told(SIGNS[1:]) == {path for path in first.told(SIGNS) if TWIN in path}


def test_the_longest_id_has_a_page_in_both_scripts_and_packed(first: House) -> None:
    names = {path.name for path in first.shown.glob(f"pages/*/*/*/*/{LONG}*")}
    assert names == {f"{LONG}{form}{packed}" for form in (".html", TWIN) for packed in ("", ".br", ".gz")}


FOLDERS = re.compile(  # what has a bound is counted in tests/render/test_render_folders.py, what has none told in decision 34
    r"|days/\d{4}|feeds|feeds/channels|indexes|indexes/news(/\d{4})?|(authors|tags)/[0-9a-f]{2}|sitemaps|sitemaps/\d{4}-\d\d"
    r"|(qr/)?pages/paper/\d{4}/\d\d/\d\d|media/\d{4}/\d\d/\d\d(/[0-9a-f]{2})?|qr"
    r"|search|search/cards/\d+/\d+|search/\d+-\d+/\d+/[0-9a-f]{2}"
)


def test_no_file_lies_in_a_folder_of_which_nobody_has_asked_how_large_it_grows(first: House) -> None:
    folders = {path.rpartition("/")[0] for path in tree(first.shown)}
    assert {folder for folder in folders if not FOLDERS.fullmatch(folder)} == set()
    assert len(folders) > 15


def test_what_is_corrected_is_corrected_in_both_scripts(house: House) -> None:
    before = replace(
        TOWER, title=TOWER.title.replace(*("鲱", "鳕")), more=TOWER.more.replace("鲱", "鳕"), updated=START
    )
    house.clock.pass_by(hours=3)
    house.tell(before, QUAY)
    assert run(house.newsroom).clean
    assert house.told(FORMER)
    assert house.told(SIGNS) == set()
    house.clock.pass_by(hours=3)
    house.tell(replace(TOWER, updated=house.clock()), QUAY)
    assert run(house.newsroom).clean
    assert house.told(FORMER) == set()
    assert {f"{PAGE}.html", f"{PAGE}{TWIN}", f"{PAGE}{TWIN}.br"} <= house.told(SIGNS)


def media(house: House) -> set[str]:
    return {digest(body) for path, body in tree(house.shown).items() if path.startswith("media/")}


@pytest.mark.parametrize("on", [True, False], ids=["with twins", "twins switched off before"])
@pytest.mark.parametrize("whose", ["publisher", "operator"])
def test_of_what_is_withdrawn_nothing_stands_in_any_script(house: House, whose: str, on: bool) -> None:
    before = media(house)
    if not on:
        house.switch(on=False)
        assert run(house.newsroom).clean
    if whose == "publisher":
        house.clock.pass_by(minutes=30)  # not yet over is the time for which mirrors keep what is no longer current
        house.paper.put(TOWER.path, "gone", status=410)
        house.paper.feed("/news.xml", [replace(TOWER, updated=START), QUAY])
        assert run(house.newsroom).clean
        assert {path for path in house.told(SIGNS) if not path.startswith("media/")} == set()
        house.clock.pass_by(hours=2)
        assert run(house.newsroom).clean
    else:
        report, _ = withdraw(house.newsroom, f"{PAGE}.html", Request(reason="By order"))
        assert report.clean
    assert house.told(SIGNS) == set()
    left = tree(house.shown)
    assert f"{PAGE}.html" in left
    assert (f"{PAGE}{TWIN}" in left) is on
    assert not [path for path in left if path.startswith(("authors/", "tags/"))], "one article has no list"
    assert len(before) == 2 * 9
    assert len(media(house)) == 9, "the other article's photograph"


def test_switched_off_and_on_again_the_site_is_as_it_was_and_as_it_would_be_anew(house: House) -> None:
    def files() -> dict[str, bytes]:
        return {path: body for path, body in tree(house.shown).items() if path != "mirror.json"}

    before = files()
    house.switch(on=False)
    assert run(house.newsroom).clean
    house.clock.pass_by(hours=2)
    assert run(house.newsroom).clean
    without = files()
    assert not [path for path in without if TWIN in path]
    assert not [path for path, body in without.items() if TWIN.encode() in unpacked(path, body)]
    forget_editions(house.folder)
    shutil.rmtree(house.folder / "mirrors")
    assert run(house.newsroom).clean
    assert files() == without
    house.switch(on=True)
    assert run(house.newsroom).clean
    assert files() == before
