"""One run over a newsroom of hostile sources and a good one: each bad thing has its one line, and the good one all its pages."""

from __future__ import annotations

import gzip
import json
import subprocess
import time
import zlib
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from msgspec import Struct
from msgspec.structs import replace
from pipeline_forge import pages, unreachable
from pipeline_house import FOLDER, Paper, Story, many, pappus, python, tree

from pappus.config import FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

_LONG_AGO = datetime(2024, 11, 23, 12, 0, tzinfo=UTC)
_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefghi", "bcdefghij", strict=True))
    + ']><rss version="2.0"><channel><title>&j;</title></channel></rss>'
)


# What a hostile server does


def _head(one: BaseHTTPRequestHandler, *lines: str, status: str = "200 OK") -> None:
    one.wfile.write("\r\n".join([f"HTTP/1.1 {status}", *lines, "Connection: close", "", ""]).encode())


def _endless(one: BaseHTTPRequestHandler) -> None:
    _head(one, "Content-Type: application/rss+xml")
    with suppress(OSError):
        while True:
            one.wfile.write(b"<item>and another thing</item>" * 2000)


def _drip(one: BaseHTTPRequestHandler) -> None:
    _head(one, "Content-Type: application/rss+xml", "Content-Length: 100000")
    with suppress(OSError):
        for _ in range(600):
            one.wfile.write(b"<")
            one.wfile.flush()
            time.sleep(0.1)


def _huge(one: BaseHTTPRequestHandler) -> None:
    _head(one, "Content-Type: text/html")
    with suppress(OSError):
        for _ in range(50):
            one.wfile.write(b"<p>word</p>" * 95_325)  # 1 MiB


def _bomb(one: BaseHTTPRequestHandler) -> None:
    body = gzip.compress(b"<p>word</p>" * 5_000_000, 9)
    _head(one, "Content-Type: text/html", "Content-Encoding: gzip", f"Content-Length: {len(body)}")
    one.wfile.write(body)


def _to(place: str) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda one: _head(one, f"Location: {place}", "Content-Length: 0", status="302 Found")


def _broad_image() -> bytes:
    """Return a PNG of 30,000 x 30,000 pixels: small as a file."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    side = 30_000
    head = side.to_bytes(4, "big") * 2 + b"\x01\x00\x00\x00\x00"
    rows = zlib.compressobj(9)
    line = b"\0" * (side // 8 + 1)
    data = b"".join(rows.compress(line) for _ in range(side)) + rows.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def _warc(told_of: list[Story]) -> bytes:
    """Return an archive of these stories that ends in the middle of the last one's record."""
    records = []
    for story in told_of:
        page = story.page().encode()
        block = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\n\r\n".encode() + page
        head = (
            f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: https://archive.example{story.path}\r\n"
            f"WARC-Date: 2024-11-23T12:00:00Z\r\nWARC-Record-ID: <urn:uuid:12345678-1234-4123-8123-1234567890{story.slug[-2:]}>\r\n"
            f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
        )
        records.append(gzip.compress(head.encode() + block + b"\r\n\r\n", mtime=0))
    return b"".join(records)[:-100]


# The newsroom


class Bad(Struct, frozen=True):
    """A hostile source, and what is to be said of it."""

    reason: str  # stands in the one line; "" if nothing fails
    put: Callable[[Paper, str], None]  # puts it up under a path
    subject: str = "feed.xml"  # ends the subject of that line
    kind: str = "failed"
    local: bool = True
    arrives: int = 0  # articles that it has in the end


def _feed(body: str | bytes, status: int = 200) -> Callable[[Paper, str], None]:
    return lambda paper, path: paper.put(f"{path}/feed.xml", body, "application/rss+xml", status)


def _feed_trick(trick: Callable[[BaseHTTPRequestHandler], None]) -> Callable[[Paper, str], None]:
    return lambda paper, path: paper.tricks.update({f"{path}/feed.xml": trick})


def _article(change: Callable[[Story], Story] = lambda one: one, page: Any = None) -> Callable[[Paper, str], None]:
    def put(paper: Paper, path: str) -> None:
        story = change(Story(slug=f"{path.strip('/')}/article", title="An article", day=_LONG_AGO))
        paper.stories([story])
        paper.feed(f"{path}/feed.xml", [story])
        if callable(page):
            paper.tricks[story.path] = page
        elif page is not None:
            paper.put(story.path, page)

    return put


def _image(body: bytes, media_type: str) -> Callable[[Paper, str], None]:
    def put(paper: Paper, path: str) -> None:
        name = f"{path.strip('/')}/picture"
        _article(lambda one: replace(one, images=(name,)))(paper, path)
        paper.put(f"/{name}.png", body, media_type)

    return put


def _dated(paper: Paper, path: str) -> None:
    days = (_LONG_AGO.replace(year=2099), _LONG_AGO.replace(year=1), _LONG_AGO.replace(year=1599))
    told_of = [Story(slug=f"{path.strip('/')}/in-{day.year}", title=f"In {day.year}", day=day) for day in days]
    paper.stories(told_of)
    paper.feed(f"{path}/feed.xml", told_of)


def _named(paper: Paper, path: str) -> None:
    story = Story(slug="names/..%2f..%2fetc%2fpasswd", title="Names", day=_LONG_AGO)
    paper.stories([story])
    item = story.item(paper.url).replace(f"<guid>{story.slug}", "<guid>../../../../etc/passwd")
    paper.put(f"{path}/feed.xml", f'<rss version="2.0"><channel>{item}</channel></rss>', "application/rss+xml")


_ACTIVE_TITLE = "Look](javascript:alert(1)) <img src=x onerror=alert(2)> [here"
_LOUD_TITLE = "Quiet \x1b[31mred\x1b[0m \u202egnp.exe\u202c \x07news"
_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'

_BAD = {
    "text": Bad("not XML", _feed("Dear reader, this is no feed at all.")),
    "empty": Bad("empty", _feed("")),
    "endless": Bad("10,485,760", _feed_trick(_endless)),
    "drip": Bad("took longer than 6 s", _feed_trick(_drip)),
    "error": Bad("500", _feed("no", status=500)),
    "circle": Bad("redirected in a circle", _feed_trick(_to("/circle/feed.xml"))),
    "chain": Bad("more than 5 redirects", lambda paper, path: [
        paper.tricks.update({f"{path}/{name}": _to(f"{path}/{number}")}) for number, name in enumerate(["feed.xml", *range(9)])
    ] and None),
    "laughs": Bad("entit", _feed(_LAUGHS)),
    "deep-feed": Bad("deep", _feed("<rss><channel>" + "<x>" * 20_000)),
    "metadata": Bad("169.254.169.254", _feed_trick(_to("http://169.254.169.254/latest/meta-data/"))),
    "inward": Bad("loopback", _feed(""), local=False),
    "outward": Bad("file", _feed_trick(_to("file:///etc/passwd"))),
    "huge-page": Bad("10,485,760", _article(page=_huge), subject="article.html"),
    "gzip-bomb": Bad("", _article(page=_bomb), subject="article.html"),
    "deep-page": Bad("no article text", _article(page="<title>Deep</title>" + "<div>" * 20_000 + "deep"), subject="article.html"),
    "hollow": Bad("", _article(page="<title>Hollow</title><p>-</p>"), subject="article.html"),
    "image-bomb": Bad("pixels", _image(_broad_image(), "image/png"), subject="article.html", kind="warned", arrives=1),
    "image-svg": Bad("", _image(_SVG, "image/svg+xml"), subject="article.html", kind="warned", arrives=1),
    "script-title": Bad("", _article(lambda one: replace(one, title=_ACTIVE_TITLE)), kind="", arrives=1),
    "loud-title": Bad("", _article(lambda one: replace(one, title=_LOUD_TITLE)), kind="", arrives=1),
    "names": Bad("", _named, kind="", arrives=1),
    "dated": Bad("", _dated, kind="", arrives=3),
}  # fmt: skip
_GOOD = 8


class Done(Struct, frozen=True):
    """What one run of the real program did."""

    code: int
    report: dict[str, Any]
    stderr: str
    memory: int  # bytes, of the largest of its processes
    folder: Path


# A process's peak counts from before it becomes another program: one between keeps ours out of the measure.
_MEASURE = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[2:])
open(sys.argv[1], "w").write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)
"""


def _run(folder: Path) -> Done:
    output, errors, peak = folder / "output.json", folder / "errors.txt", folder / "peak.txt"
    command = python("-m", "pappus", "run", "--json", "-c", str(folder / FILE))
    with output.open("wb") as out, errors.open("wb") as err:
        done = subprocess.run(
            python("-c", _MEASURE, str(peak), *command), stdout=out, stderr=err, check=False, timeout=120
        )
    return Done(
        code=done.returncode,
        report=json.loads(output.read_text() or "{}"),
        stderr=errors.read_text(),
        memory=int(peak.read_text()) * 1024,
        folder=folder,
    )


def _source(name: str, channel: str, *, local: bool = True) -> str:
    return (
        f'[[sources]]\nname = "{name}"\ntitle = "{name}"\nlicence = "CC0"\nlocal = {str(local).lower()}\n'
        f'[[sources.channels]]\nname = "{name}"\ntitle = "{name}"\n{channel}\n'
    )


def _configuration(sources: list[str]) -> str:
    head = '[site]\ntitle = "All sorts"\n[gather]\ndelay = 0.0\nper_host = 16\ntimeout = 6.0\n'
    mirrors = f'[[mirrors]]\nname = "folder"\nkind = "directory"\npath = "mirrors/folder"\naddress = "{FOLDER}"\n'
    return head + "".join(sources) + mirrors


@pytest.fixture(scope="module")
def hostile() -> Iterator[Paper]:
    with Paper() as paper:
        told_of = many(_GOOD, newest=_LONG_AGO)
        paper.stories(told_of)
        paper.feed("/good.xml", told_of)
        for name, bad in _BAD.items():
            bad.put(paper, f"/{name}")
        yield paper


@pytest.fixture(scope="module")
def done(hostile: Paper, tmp_path_factory: pytest.TempPathFactory) -> Done:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "cut.warc.gz").write_bytes(_warc([replace(one, images=()) for one in many(12, newest=_LONG_AGO)[10:]]))
    sources = [_source(name, f'url = "{hostile.url}/{name}/feed.xml"', local=bad.local) for name, bad in _BAD.items()]
    sources.insert(7, _source("good", f'url = "{hostile.url}/good.xml"'))
    sources.append(_source("archive", 'kind = "warc"\npath = "cut.warc.gz"'))
    sources.append(_source("nowhere", 'kind = "warc"\npath = "not-there.warc.gz"'))
    sources.append(_source("folder", 'kind = "warc"\npath = "state"'))
    (folder / FILE).write_text(_configuration(sources), encoding="utf-8")
    return _run(folder)


def _said(done: Done, place: str) -> list[dict[str, str]]:
    return [
        event for event in done.report["events"] if event["place"] == place and event["kind"] in {"failed", "warned"}
    ]


def test_the_program_ends_with_1_and_says_nothing_else(done: Done) -> None:
    assert (done.code, done.stderr) == (1, "")


@pytest.mark.parametrize("name", _BAD)
def test_a_bad_thing_has_one_line_that_names_it(done: Done, name: str) -> None:
    bad, said = _BAD[name], _said(done, name)
    if not bad.kind:
        assert said == []
        return
    assert [event["kind"] for event in said] == [bad.kind]
    assert said[0]["subject"].endswith(f"/{name}/{bad.subject}")
    assert bad.reason in said[0]["reason"]
    assert 10 < len(said[0]["reason"]) <= 500
    assert "\n" not in said[0]["reason"]
    assert not any(word in said[0]["reason"] for word in ("Traceback", "Error(", "object at 0x"))


def test_nothing_is_said_of_the_good_source_and_all_its_articles_are_there(done: Done) -> None:
    assert _said(done, "good") == []
    shown = tree(done.folder / "mirrors" / "folder")
    assert sum(path.startswith("pages/good/") for path in shown) == _GOOD
    assert sum(path.startswith("media/") for path in shown) == _GOOD


@pytest.mark.parametrize("name", _BAD)
def test_of_a_hostile_source_only_what_is_sound_arrives(done: Done, name: str) -> None:
    arrived = [path for path in tree(done.folder / "mirrors" / "folder") if path.startswith(f"pages/{name}/")]
    assert len(arrived) == _BAD[name].arrives


def test_an_archive_that_ends_in_the_middle_gives_what_it_has(done: Done) -> None:
    said = _said(done, "archive")
    assert [event["kind"] for event in said] == ["failed"]
    assert said[0]["subject"].endswith("cut.warc.gz")
    arrived = [path for path in tree(done.folder / "mirrors" / "folder") if path.startswith("pages/archive/")]
    assert len(arrived) == 1


@pytest.mark.parametrize(("name", "path"), [("nowhere", "not-there.warc.gz"), ("folder", "state")])
def test_a_file_that_cannot_be_read_is_one_line(done: Done, name: str, path: str) -> None:
    said = _said(done, name)
    assert [event["kind"] for event in said] == ["failed"]
    assert said[0]["subject"].endswith(f"/{path}")
    assert said[0]["reason"].startswith("cannot be read: ")


def test_no_name_from_outside_leaves_its_place(done: Done) -> None:
    shown = tree(done.folder / "mirrors" / "folder")
    page = next(path for path in shown if path.startswith("pages/names/"))
    assert len(page.split("/")) == 6
    assert ".." not in page
    assert {path.name for path in done.folder.iterdir()} == {
        FILE,
        "cut.warc.gz",
        "mirrors",
        "state",
        "output.json",
        "errors.txt",
        "peak.txt",
    }


def test_the_edition_is_sound_whatever_came_in(done: Done) -> None:
    shown = tree(done.folder / "mirrors" / "folder")
    rendered = pages(shown)
    assert {path: page.wrong for path, page in rendered.items() if page.wrong} == {}
    assert unreachable(shown, rendered) == set()


def test_a_title_is_text_and_nothing_else(done: Done) -> None:
    shown = tree(done.folder / "mirrors" / "folder")
    page = next(page for path, page in pages(shown).items() if path.startswith("pages/script-title/"))
    assert page.headings[0] == _ACTIVE_TITLE
    assert not any("javascript" in address for address in page.outside | page.inside)


def test_what_would_play_with_a_terminal_is_in_no_page_and_no_line(done: Done) -> None:
    shown = tree(done.folder / "mirrors" / "folder")
    page = next(body.decode() for path, body in shown.items() if path.startswith("pages/loud-title/"))
    said = pappus("status", "-c", done.folder / FILE, "--events").stdout
    for text in (page, said):
        assert not any(sign in text for sign in "\x1b\x07\u202e\u202c")


def test_dates_that_cannot_be_are_replaced(done: Done) -> None:
    years = {path.split("/")[2] for path in tree(done.folder / "mirrors" / "folder") if path.startswith("pages/dated/")}
    assert not years & {"2099", "0001", "1599"}


def test_a_second_run_says_it_again_and_changes_nothing(done: Done) -> None:
    before = tree(done.folder / "mirrors" / "folder")
    again = _run(done.folder)
    assert (again.code, again.stderr) == (1, "")
    feeds = {name for name, bad in _BAD.items() if bad.kind == "failed" and bad.subject == "feed.xml"}
    assert {event["place"] for event in again.report["events"] if event["kind"] == "failed"} == {
        *feeds,
        "archive",
        "nowhere",
        "folder",
    }
    assert tree(done.folder / "mirrors" / "folder") == before


def test_memory_stays_bounded(done: Done, hostile: Paper, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(_configuration([_source("good", f'url = "{hostile.url}/good.xml"')]), encoding="utf-8")
    quiet = _run(tmp_path)
    assert (quiet.code, quiet.stderr) == (0, "")
    assert done.memory - quiet.memory < 150 * 2**20
