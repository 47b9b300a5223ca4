"""A published edition, read as a forge renders it: nothing dead, nothing lost, nothing active, and codes that lead home."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from msgspec.structs import replace
from pipeline_broken import broken, with_
from pipeline_forge import codes, dead, pages, unreachable
from pipeline_house import (
    FOLDER,
    FORGE,
    Paper,
    Story,
    git,
    git_tree,
    head,
    many,
    newsroom,
    pappus,
    run,
    toml,
    tree,
)

from pappus.config import FILE
from pappus.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Courier
    from pappus.demo.newspaper import Newspaper
    from pappus.model import Artifact

FORK = "https://forge.example/a-reader/news/blob/main/"
needs_zbar = pytest.mark.skipif(shutil.which("zbarimg") is None, reason="zbarimg is not installed")


@pytest.fixture(params=["first day", "third day"])
def edition(request: pytest.FixtureRequest, courier: Courier, newspaper: Newspaper) -> dict[str, bytes]:
    """The published folder, before and after a correction, a withdrawal and a new article."""
    if request.param == "third day":
        newspaper.correct()
        newspaper.withdraw()
        newspaper.add()
        run(courier.newsroom)
        courier.clock.pass_by(hours=2)  # what nothing leads to any more stays for a while
        run(courier.newsroom, ["build", "publish"])
    return tree(courier.shown)


def test_every_link_and_image_leads_to_a_file_of_the_edition_or_to_another_host(
    edition: dict[str, bytes],
) -> None:
    rendered = pages(edition)
    assert dead(edition, rendered) == {}
    assert sum(len(page.inside) for page in rendered.values()) > 500
    assert {page.path: page.inside for page in rendered.values() if any(p.startswith("..") for p in page.inside)} == {}


def test_everything_is_reachable_from_home(edition: dict[str, bytes]) -> None:
    withdrawn = {
        f"qr/{path[:-3]}.png"
        for path, body in edition.items()
        if body.startswith(b"### This article has been withdrawn")
    }
    assert unreachable(edition, pages(edition)) == withdrawn  # their codes have been given to readers


def test_no_page_holds_anything_active_or_remote(edition: dict[str, bytes]) -> None:
    assert {path: page.wrong for path, page in pages(edition).items() if page.wrong} == {}


def test_links_to_other_hosts_stand_in_notices_and_in_the_list_of_mirrors_only(edition: dict[str, bytes]) -> None:
    found = pages(edition)
    assert set(found["mirrors.md"].outside) == {FOLDER, FORGE}
    outside = set().union(*(page.outside for path, page in found.items() if path != "mirrors.md"))
    assert {address for address in outside if not address.startswith("https://films.example/")} == set()


@pytest.mark.zbar
@needs_zbar
def test_every_code_of_both_mirrors_says_where_its_page_is(courier: Courier, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", str(courier.forge), "clone")
    assert codes(courier.shown / "qr") == _expected(courier.shown, FOLDER, FOLDER)
    assert codes(tmp_path / "clone" / "qr") == _expected(courier.shown, FORGE, FORGE)


def _expected(folder: Path, address: str, home: str) -> dict[str, list[str]]:
    found = [path.relative_to(folder).as_posix() for path in folder.glob("pages/**/*.md")]
    assert len(found) > 24
    return {f"{path.removesuffix('.md')}.png": [address + quote(path)] for path in found} | {"home.png": [home]}


@pytest.mark.zbar
@needs_zbar
def test_the_codes_of_a_rebound_fork_say_where_the_fork_is_and_pages_stay_as_they_are(
    courier: Courier, tmp_path: Path
) -> None:
    fork = tmp_path / "fork"
    git(tmp_path, "clone", "--quiet", str(courier.forge), "fork")
    before = git_tree(fork, "HEAD")
    done = pappus("rebind", fork, "--address", FORK, "--home", "https://forge.example/a-reader/news")
    assert (done.returncode, done.stderr) == (0, "")
    assert codes(fork / "qr") == _expected(courier.shown, FORK, "https://forge.example/a-reader/news")
    after = git_tree(fork, "HEAD")
    assert {path for path in after if before[path] != after[path]} == {
        path for path in before if path.startswith("qr/")
    } | {"mirror.json"}
    assert json.loads(after["mirror.json"])["address"] == FORK
    assert git(fork, "status", "--porcelain") == b""
    assert dead(after, pages(after)) == {}


def test_a_second_rebind_writes_nothing(courier: Courier, tmp_path: Path) -> None:
    fork = tmp_path / "fork"
    git(tmp_path, "clone", "--quiet", str(courier.forge), "fork")
    pappus("rebind", fork, "--address", FORK)
    before = git(fork, "rev-parse", "HEAD")
    done = pappus("rebind", fork, "--address", FORK, "--json")
    assert json.loads(done.stdout)["written"] == 0
    assert git(fork, "rev-parse", "HEAD") == before


# Renderers that are wrong


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (
            with_("/night-ferry.md", lambda body: body + b"\n[more](nowhere.md)\n"),
            "which is not in the edition",
        ),
        (
            with_("/night-ferry.md", lambda body: body + b'\n<img src="../x.png" alt="">\n'),
            "which is not in the edition",
        ),
        (with_(".jpg", lambda _: None), "which is not in the edition"),
        (with_("indexes/harbour/2026-10.md", lambda _: None), "which is not in the edition"),
        (with_(".md", lambda body: body.replace(b"guide.md)", b"README.md)")), "reachable from nowhere"),
        (
            with_("README.md", lambda body: body.replace(b"indexes/harbour.md", b"guide.md")),
            "reachable from nowhere",
        ),
    ],
    ids=[
        "dead link",
        "dead image",
        "image not delivered",
        "index not delivered",
        "lost guide",
        "lost channel",
    ],
)
def test_an_edition_with_a_dead_link_or_a_lost_page_is_not_published(
    courier: Courier, newspaper: Newspaper, spoil: Callable[[Artifact], Artifact | None], reason: str
) -> None:
    newspaper.add()
    before, commit = tree(courier.shown), head(courier.forge)
    report = run(broken(courier.newsroom, spoil))
    failed = [event for event in report.events if event.kind == "failed"]
    assert [event.place for event in failed] == ["markdown"]
    assert reason in failed[0].reason
    assert not report.clean
    assert (tree(courier.shown), head(courier.forge)) == (before, commit)
    with open_store(courier.newsroom.state, write=False) as store:
        assert store.editions.built("markdown").version.number == 1
        assert store.runs.newest(1)[0].events[-1] == failed[0]
    assert run(courier.newsroom).clean  # with a right renderer it goes on
    assert tree(courier.shown) != before


def test_a_page_that_no_index_lists_is_not_published(paper: Paper, tmp_path: Path) -> None:
    told_of = [Story(slug=f"story-{number}", title=f"Story {number}") for number in range(40)]
    paper.stories(told_of)
    paper.feed("/feed.xml", told_of)
    one = newsroom(tmp_path, toml(paper.url, {"news": "/feed.xml"}))
    lost = with_(".md", lambda body: body if body.startswith(b"###") else body.replace(b"story-39.md", b"story-38.md"))
    report = run(broken(one, lost))
    assert [(e.subject.rsplit("/", 1)[-1], e.reason) for e in report.events if e.kind == "failed"] == [
        ("story-39.md", "is reachable from nowhere in the edition")
    ]
    assert not (tmp_path / "mirrors").exists()


def test_a_channel_that_is_taken_out_takes_no_address_away(paper: Paper, tmp_path: Path) -> None:
    told_of = [replace(story, images=(), links=()) for story in many(45)]
    paper.stories(told_of)
    paper.feed("/news.xml", told_of[:40])
    paper.feed("/old.xml", told_of[40:])
    run(newsroom(tmp_path, toml(paper.url, {"news": "/news.xml", "old": "/old.xml"})))
    before = tree(tmp_path / "mirrors" / "folder")
    assert run(newsroom(tmp_path, toml(paper.url, {"news": "/news.xml"}))).clean
    after = tree(tmp_path / "mirrors" / "folder")
    rendered = pages(after)
    assert before.keys() - after.keys() == set()
    assert dead(after, rendered) == {}
    assert unreachable(after, rendered) == set()


def test_the_program_ends_with_1_where_an_edition_fails_its_check(courier: Courier) -> None:
    with open_store(courier.newsroom.state) as store:
        path = next(
            entry.path
            for entry in store.editions.manifest("markdown")
            if entry.path.endswith("/lighthouse-open-day.md")
        )
        store.editions.leave("markdown", path, courier.clock())  # the editors' choice leads to it
    before = tree(courier.shown)
    done = pappus("run", "-c", courier.folder / FILE)
    assert (done.returncode, done.stderr) == (1, "")
    assert [line.split(" – ")[1] for line in done.stdout.splitlines() if line.startswith("failed    markdown")] == [
        f"links to {path!r}, which is not in the edition"
    ]
    assert tree(courier.shown) == before
