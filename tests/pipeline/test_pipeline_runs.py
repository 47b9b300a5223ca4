"""Whole runs: what is done the first time, what is not done again, and what a change touches."""

from __future__ import annotations

import json
import os
import re
import subprocess
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from pipeline_house import (
    FORGE,
    START,
    Moment,
    Paper,
    Story,
    bound,
    changed,
    copy,
    forget_editions,
    git,
    git_tree,
    head,
    load,
    many,
    marks,
    newsroom,
    pappus,
    python,
    run,
    told,
    toml,
    tree,
)

from pappus import config
from pappus.demo.newspaper import CHANNELS
from pappus.demo.stories import stories
from pappus.errors import ConfigError
from pappus.pipeline.withdraw import Request, withdraw
from pappus.store import open_store

if TYPE_CHECKING:
    from conftest import Courier
    from pappus.demo.newspaper import Newspaper

TIMETABLE = "pages/paper/2026/11/12/winter-timetable.md"
STEPS = "pages/paper/2026/11/08/swimming-steps.md"
PUP = "pages/paper/2026/11/19/seal-pup.md"


def _pages(files: dict[str, bytes]) -> dict[str, str]:
    return {path: body.decode() for path, body in files.items() if path.startswith("pages/")}


# The first run


def test_the_first_run_makes_a_page_of_every_article_but_the_broken_one(courier: Courier) -> None:
    pages = "\n".join(_pages(tree(courier.shown)).values())
    announced = [story for story in stories(frozenset()) if story.stage != "broken"]
    assert len(_pages(tree(courier.shown))) == len(announced) >= 24
    missing = [story.path for story in announced if f"{story.path}`" not in pages]
    assert missing == []
    assert told(courier.first, "failed") == [("failed", "harbour", "pier-lamps.html")]


def test_both_mirrors_hold_the_same_tree_but_for_their_binding(courier: Courier) -> None:
    folder, forge = tree(courier.shown), git_tree(courier.forge)
    assert folder.keys() == forge.keys()
    assert {path for path in folder if folder[path] != forge[path] and not bound(path)} == set()
    assert json.loads(forge["mirror.json"])["address"] == FORGE


def test_commits_name_nobody_and_no_place(courier: Courier) -> None:
    said = git(courier.forge, "log", "--format=%an %ae %cn %ce %ad %s").decode()
    assert re.fullmatch(
        r"Pappus pappus@mirror\.invalid Pappus pappus@mirror\.invalid Mon Nov 23 12:00:00 2026 \+0000"
        r" Publish version 1: \d+ pages, \d+ other files, 0 deletions\n",
        said,
    )


def test_an_article_in_three_channels_is_stored_once_and_listed_in_each(courier: Courier) -> None:
    files = tree(courier.shown)
    assert [path for path in files if path.endswith("/winter-timetable.md")] == [TIMETABLE]
    listed = {path for path, body in files.items() if path.startswith("indexes/") and b"winter-timetable.md" in body}
    assert listed == {
        *("indexes/harbour.md", "indexes/latest.md", "indexes/archive.md", "indexes/hot.md"),
        *("indexes/harbour/2026-11.md", "indexes/latest/2026-11.md", "indexes/archive/2026-11.md"),
    }


def test_the_report_of_a_run_is_in_the_store_and_status_shows_it(courier: Courier) -> None:
    with open_store(courier.newsroom.state, write=False) as store:
        kept = store.runs.newest(1)[0]
    assert (kept.verb, kept.ended, list(kept.events)) == ("run", START, courier.first.events)
    assert dict(kept.summary) == dict(courier.first.counts)
    done = pappus("status", "-c", courier.folder / config.FILE, "--events", COLUMNS="300")
    assert (done.returncode, done.stderr) == (0, "")
    for event in courier.first.events:
        assert event.subject in done.stdout
    assert "forge: markdown, version 1 of 1, published 2026-11-23T12:00:00Z" in done.stdout
    shown = json.loads(pappus("status", "-c", courier.folder / config.FILE, "--json").stdout)
    assert [e["subject"] for e in shown["runs"][0]["events"]] == [e.subject for e in courier.first.events]
    assert {m["name"]: m["version"] for m in shown["mirrors"]} == {"folder": 1, "forge": 1}


# The second


def test_a_run_with_nothing_new_writes_nothing_and_asks_once_a_channel(courier: Courier, newspaper: Newspaper) -> None:
    courier.clock.pass_by(minutes=10)
    before = (tree(courier.shown), marks(courier.shown), head(courier.forge), marks(courier.forge))
    report = run(courier.newsroom)
    assert (tree(courier.shown), marks(courier.shown), head(courier.forge), marks(courier.forge)) == before
    assert newspaper.requests == [("GET", channel.path, 304) for channel in CHANNELS]
    assert (report.events, report.counts["requests"], report.plans) == ([], len(CHANNELS), {})


def test_a_run_with_nothing_new_renders_only_the_pages_of_the_whole_newsroom(courier: Courier) -> None:
    assert run(courier.newsroom, ["build"]).counts["rendered"] == 5  # home, guide, hot, recommended, mirrors


# What a change touches


def _touched(courier: Courier) -> dict[str, str]:
    """Run, check that both mirrors say the same, and return what became of the folder's paths."""
    before, forge_before = tree(courier.shown), git_tree(courier.forge)
    inodes = marks(courier.shown)
    courier.clock.pass_by(minutes=10)
    run(courier.newsroom)
    touched = changed(before, tree(courier.shown))
    assert changed(forge_before, git_tree(courier.forge)) == touched
    shown = marks(courier.shown)
    rewritten = {path for path in before.keys() & shown.keys() - touched.keys() if inodes[path] != shown[path]}
    assert rewritten == set()
    return touched


def _images(page: str) -> set[str]:
    return set(re.findall(r"media/[^)\" ]+", page))


def _listings(*channels: str) -> set[str]:
    return {path for name in channels for path in (f"indexes/{name}.md", f"indexes/{name}/2026-11.md")}


def test_a_correction_changes_the_page_and_what_shows_its_title(courier: Courier, newspaper: Newspaper) -> None:
    newspaper.correct()
    touched = _touched(courier)
    assert touched == dict.fromkeys(
        {TIMETABLE, *_listings("harbour", "latest", "archive"), "README.md", "indexes/hot.md", "mirror.json"},
        "changed",
    )
    page = (courier.shown / TIMETABLE).read_text()
    assert page.startswith("### Updated: Island ferry")
    with open_store(courier.newsroom.state, write=False) as store:
        article = store.articles.find("paper", (f"{newspaper.url}/en/winter-timetable.html",))
        assert article is not None
        assert store.articles.get(article).revision == 2


def test_a_withdrawn_article_leaves_a_notice_at_its_address(courier: Courier, newspaper: Newspaper) -> None:
    images = _images((courier.shown / STEPS).read_text())
    newspaper.withdraw()
    touched = _touched(courier)
    lists = {*_listings("harbour", "latest", "archive"), "README.md", "indexes/hot.md", "mirror.json"}
    assert touched == dict.fromkeys({STEPS, *lists}, "changed")
    page = (courier.shown / STEPS).read_text()
    assert page.startswith("### This article has been withdrawn")
    assert not re.search("swimming|quay|Weigh House", page.replace("swimming-steps", ""), re.IGNORECASE)
    courier.clock.pass_by(minutes=50)  # readers may have the former page before them, and its pictures still to load
    run(courier.newsroom, ["build", "publish"])
    assert all((courier.shown / image).exists() for image in images)
    assert _touched(courier) == dict.fromkeys(images, "gone") | {"mirror.json": "changed"}


def test_a_new_article_adds_its_page_and_touches_its_lists(courier: Courier, newspaper: Newspaper) -> None:
    newspaper.add()
    touched = _touched(courier)
    page = (courier.shown / PUP).read_text()
    added = {PUP, f"qr/{PUP.removesuffix('.md')}.png", *_images(page)}
    assert {path for path, what in touched.items() if what == "put"} == added
    lists = {*_listings("harbour", "latest", "archive"), "README.md", "indexes/hot.md", "mirror.json"}
    assert {path for path, what in touched.items() if what == "changed"} == lists
    assert {path for path, what in touched.items() if what == "gone"} == set()


def test_the_three_changes_together_make_one_version_and_one_commit(courier: Courier, newspaper: Newspaper) -> None:
    for happen in (newspaper.correct, newspaper.withdraw, newspaper.add):
        happen()
    before = head(courier.forge)
    report = run(courier.newsroom)
    assert sorted(told(report, "new", "revised", "withdrawn", "failed")) == [
        ("new", "harbour", "seal-pup.html"),
        ("revised", "harbour", "winter-timetable.html"),
        ("withdrawn", "harbour", "swimming-steps.html"),
    ]
    assert git(courier.forge, "rev-parse", "main^").decode().strip() == before
    assert json.loads((courier.shown / "mirror.json").read_text())["version"]["number"] == 2


# The same bytes


def test_a_full_build_gives_the_same_bytes_and_no_new_version(courier: Courier) -> None:
    before = (tree(courier.shown), head(courier.forge))
    report = run(courier.newsroom, ["build", "publish"], full=True)
    assert report.counts["rendered"] > 40
    assert (report.counts["changed"], report.plans) == (0, {})
    assert (tree(courier.shown), head(courier.forge)) == before


_DRIVER = Path(__file__).with_name("pipeline_driver.py")


@pytest.mark.parametrize(
    ("variables", "umask", "elsewhere"),
    [
        (
            {
                "TZ": "Pacific/Kiritimati",
                "LC_ALL": "tr_TR.UTF-8",
                "LANG": "tr_TR.UTF-8",
                "PYTHONHASHSEED": "1",
            },
            0o077,
            True,
        ),
        ({"TZ": "America/St_Johns", "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "4242"}, 0o002, False),
    ],
    ids=["Kiribati in Turkish", "Newfoundland in C"],
)
def test_the_same_store_gives_the_same_bytes_anywhere(
    courier: Courier, tmp_path: Path, variables: dict[str, str], umask: int, *, elsewhere: bool
) -> None:
    other = tmp_path / "somewhere else" / "näherdran"
    other.mkdir(parents=True)
    (other / config.FILE).write_bytes((courier.folder / config.FILE).read_bytes())
    with open_store(courier.newsroom.state) as store:
        store.database.execute("VACUUM")
    copy(courier.folder / "state" / "media", other / "state" / "media")
    (other / "state" / "pappus.db").write_bytes((courier.folder / "state" / "pappus.db").read_bytes())
    forget_editions(other)
    subprocess.run(
        python(str(_DRIVER), str(other / config.FILE), "build,publish"),
        env={"PATH": os.environ["PATH"], **variables}, cwd="/" if elsewhere else other, umask=umask, check=True, timeout=120,
    )  # fmt: skip
    assert tree(other / "mirrors" / "folder") == tree(courier.shown)
    assert head(other / "mirrors" / "forge.git") == head(courier.forge)


def test_two_fresh_newsrooms_publish_the_same_whatever_the_network_does(tmp_path: Path) -> None:
    trees = []
    port = 0
    for number in range(2):
        with Paper(slowest=0.05 * number, seed=number) as paper:
            told_of = many(9)
            paper.stories(told_of)
            paper.feed("/all.xml", told_of)
            paper.feed("/some.xml", told_of[::2])
            one = newsroom(tmp_path / str(number), toml(paper.url, {"some": "/some.xml", "all": "/all.xml"}))
            assert run(one).clean
            port = int(paper.url.rsplit(":", 1)[1])
        files = tree(tmp_path / str(number) / "mirrors" / "folder")
        trees.append({path: body.replace(f":{port}/".encode(), b":PORT/") for path, body in files.items()})
    trees[0].pop("mirror.json")  # holds a digest of the history, and so of the addresses with their ports
    trees[1].pop("mirror.json")
    assert trees[0] == trees[1]


# What is taken, and when it is asked for again


def test_filters_keep_articles_out_and_say_why_once(paper: Paper, tmp_path: Path) -> None:
    told_of = [
        Story(slug="one", title="Boats"),
        Story(slug="two", title="Advertisement: boats"),
        Story(slug="three-x", title="Ships"),
    ]
    paper.stories(told_of)
    paper.feed("/feed.xml", told_of)
    one = newsroom(tmp_path, toml(paper.url, {"news": '/feed.xml\ndrop_titles = ["^Advert"]\ndrop_urls = ["-x\\\\."]'}))
    report = run(one)
    assert [(e.subject.rsplit("/", 1)[-1], e.reason) for e in report.events if e.kind == "filtered"] == [
        ("two.html", "its title matches drop pattern '^Advert'"),
        ("three-x.html", r"its address matches drop pattern '-x\\.'"),
    ]
    assert report.clean
    assert [path for path, _ in paper.asked()] == ["/feed.xml", "/one.html"]
    paper.feed("/feed.xml", [*told_of, Story(slug="four", title="Advertisement: ships")])
    assert told(run(one), "filtered", "new") == [("filtered", "news", "four.html")]


@pytest.mark.parametrize(("former", "name"), [("harbour", "Harbour"), ("me\u0301re", "m\u00e9re")])
def test_a_channel_is_not_renamed_to_what_some_disks_take_for_its_former_name(
    former: str, name: str, paper: Paper, tmp_path: Path
) -> None:
    """Its former lists stay, and two files would be one there."""
    paper.stories(many(1))
    paper.feed("/feed.xml", many(1))
    assert run(newsroom(tmp_path, toml(paper.url, {former: "/feed.xml"}))).clean
    with pytest.raises(ConfigError, match="no more than case"):
        run(newsroom(tmp_path, toml(paper.url, {name: "/feed.xml"})))
    with pytest.raises(ConfigError, match="no more than case"):  # it builds, too
        withdraw(
            newsroom(tmp_path, toml(paper.url, {name: "/feed.xml"})),
            f"{paper.url}/boat-0.html",
            Request(reason="Boats"),
        )
    assert run(newsroom(tmp_path, toml(paper.url, {"quay": "/feed.xml"}))).clean
    assert run(newsroom(tmp_path, toml(paper.url, {former: "/feed.xml"}))).clean


def test_a_changed_filter_looks_at_the_channel_anew(paper: Paper, tmp_path: Path) -> None:
    told_of = [Story(slug="one", title="Boats"), Story(slug="two", title="Ships")]
    paper.stories(told_of)
    paper.feed("/feed.xml", told_of)
    run(newsroom(tmp_path, toml(paper.url, {"news": '/feed.xml\nkeep_titles = ["Boats"]'})))
    report = run(newsroom(tmp_path, toml(paper.url, {"news": '/feed.xml\nkeep_titles = ["Boats", "Ships"]'})))
    assert told(report, "new", "filtered") == [("new", "news", "two.html")]


def test_a_link_becomes_relative_when_the_article_it_leads_to_arrives(paper: Paper, tmp_path: Path) -> None:
    first = Story(slug="first", title="First", links=("/second.html",))
    second = Story(slug="second", title="Second")
    paper.stories([first, second])
    paper.feed("/feed.xml", [first])
    one = newsroom(tmp_path, toml(paper.url, {"news": "/feed.xml"}))
    run(one)
    shown = tmp_path / "mirrors" / "folder"
    page = next(shown.glob("pages/**/first.md"))
    assert "/second.md)" not in page.read_text()
    before = tree(shown)
    paper.feed("/feed.xml", [first, second])
    run(one)
    assert "/second.md)" in page.read_text()
    assert changed(before, tree(shown))[page.relative_to(shown).as_posix()] == "changed"
    assert (
        tree(shown)[page.relative_to(shown).as_posix()]
        == git_tree(tmp_path / "mirrors" / "forge.git")[page.relative_to(shown).as_posix()]
    )


def test_articles_are_asked_for_again_less_and_less_often_for_some_days(paper: Paper, tmp_path: Path) -> None:
    story = Story(slug="one", title="One", day=START - timedelta(days=1))
    paper.stories([story])
    paper.feed("/feed.xml", [story])
    clock = Moment()
    one = newsroom(tmp_path, toml(paper.url, {"news": "/feed.xml"}, gather="revisit_days = 3"), clock)
    run(one)
    paper.asked()
    looks = []
    for hour in range(1, 5 * 24):
        clock.now = START + timedelta(hours=hour)
        run(one, ["gather"])
        asked = paper.asked()
        assert asked[0] == ("/feed.xml", 304)
        if asked[1:]:
            assert asked[1:] == [("/one.html", 304)]
            looks.append(hour)
    assert looks == [1, 3, 7, 15, 31]  # 63 would be past three days


def test_a_silent_correction_is_found_when_its_article_is_asked_for_again(paper: Paper, tmp_path: Path) -> None:
    story = Story(slug="one", title="One")
    paper.stories([story])
    paper.feed("/feed.xml", [story])
    clock = Moment()
    one = newsroom(tmp_path, toml(paper.url, {"news": "/feed.xml"}), clock)
    run(one)
    paper.stories([replace(story, more="It was a Tuesday.")])
    clock.pass_by(hours=1)
    report = run(one)
    assert told(report, "revised") == [("revised", "news", "one.html")]
    assert "It was a Tuesday" in next((tmp_path / "mirrors" / "folder").glob("pages/**/one.md")).read_text()


def test_what_failed_is_tried_again_later_and_later_and_then_no_more(paper: Paper, tmp_path: Path) -> None:
    story = Story(slug="one", title="One")
    paper.put(story.path, "gone", status=404)
    paper.feed("/feed.xml", [story])
    clock = Moment()
    one = newsroom(tmp_path, toml(paper.url, {"news": "/feed.xml"}), clock)
    tries = []
    while clock.now < START + timedelta(days=9):
        report = run(one, ["gather"])
        if ("/one.html", 404) in paper.asked():
            tries.append((clock.now - START) / timedelta(minutes=15))
            assert told(report, "failed") == [("failed", "news", "one.html")]
        else:
            assert report.clean
        clock.pass_by(minutes=15 if len(tries) < 7 else 720)
    gaps = [later - earlier for earlier, later in pairwise(tries)]
    assert gaps[:6] == [1, 2, 4, 8, 16, 32]
    assert len(tries) == 10
    assert all(gap >= 64 for gap in gaps[6:])


def test_what_failed_once_is_published_when_it_comes(paper: Paper, tmp_path: Path) -> None:
    story = Story(slug="one", title="One")
    paper.put(story.path, "<title>One</title><p>Sorry.</p>")
    paper.feed("/feed.xml", [story])
    clock = Moment()
    one = newsroom(tmp_path, toml(paper.url, {"news": "/feed.xml"}), clock)
    assert not run(one).clean
    paper.stories([story])
    clock.pass_by(minutes=16)
    assert told(run(one), "new", "failed") == [("new", "news", "one.html")]


def test_an_article_that_only_a_change_dates_is_of_that_day(paper: Paper, tmp_path: Path) -> None:
    changed = START - timedelta(days=40)
    story = Story(slug="one", title="One")
    published = f'<meta property="article:published_time" content="{story.day.isoformat()}">'
    page = replace(story, updated=changed).page()
    assert published in page
    paper.put(story.path, page.replace(published, ""))
    paper.put("/index.html", f'<ul><li><a href="{story.path}">One</a></li></ul>')
    one = newsroom(tmp_path, toml(paper.url, {"news": '/index.html\nkind = "index"\nlink = "li a"'}), Moment())
    assert run(one).clean
    pages = tmp_path / "mirrors" / "folder" / "pages"
    assert [path.relative_to(pages).as_posix() for path in pages.glob("**/one.md")] == [
        f"paper/{changed:%Y/%m/%d}/one.md"
    ]


# Configuration changes


def test_a_new_notice_stands_in_the_lists_at_once_and_in_no_old_page(courier: Courier) -> None:
    text = (courier.folder / config.FILE).read_text()
    notice = '[[notices]]\ntext = "A regatta"\nurl = "https://regatta.example/"\n[[mirrors]]'
    (courier.folder / config.FILE).write_text(text.replace("[[mirrors]]", notice, 1))
    before = tree(courier.shown)
    run(load(courier.folder), ["build", "publish"])
    touched = changed(before, tree(courier.shown))
    assert touched
    assert not any(path.startswith("pages/") for path in touched)
    run(load(courier.folder), ["build", "publish"], full=True)
    assert changed(before, tree(courier.shown)) == touched


def test_a_mirror_that_moves_touches_a_handful_of_files(courier: Courier) -> None:
    text = (courier.folder / config.FILE).read_text()
    (courier.folder / config.FILE).write_text(
        text.replace("https://news.example/harbour/", "https://elsewhere.example/")
    )
    before = tree(courier.shown)
    run(load(courier.folder), ["build", "publish"])
    after = tree(courier.shown)
    assert set(changed(before, after)) == {"mirror.json", "qr/home.png", "mirrors.md", "mirrors.json"}
    assert json.loads(after["mirror.json"])["former"] == ["https://news.example/harbour/"]


def test_one_bad_mirror_does_not_keep_the_other_from_its_edition(courier: Courier, newspaper: Newspaper) -> None:
    git(
        courier.forge,
        "update-ref",
        "refs/heads/main",
        git(courier.forge, "commit-tree", "-m", "mine", "main^{tree}").decode().strip(),
    )
    newspaper.add()
    report = run(courier.newsroom)
    assert [(e.place, "has commits that are not ours" in e.reason) for e in report.events if e.kind == "failed"] == [
        ("forge", True)
    ]
    assert (courier.shown / PUP).exists()


def test_what_fails_in_three_channels_is_asked_for_and_told_once(paper: Paper, tmp_path: Path) -> None:
    told_of = [Story(slug="one", title="One"), Story(slug="two", title="Two")]
    paper.stories(told_of[1:])
    paper.feed("/feed.xml", told_of)
    clock = Moment()
    one = newsroom(tmp_path, toml(paper.url, dict.fromkeys(("first", "second", "third"), "/feed.xml")), clock)
    assert told(run(one), "failed") == [("failed", "first", "one.html")]
    assert [path for path, status in paper.asked() if status == 404] == ["/one.html"]
    paper.stories(told_of[:1])
    clock.pass_by(minutes=15)
    run(one)
    assert paper.asked().count(("/one.html", 200)) == 1
    assert (
        sum(
            b"one.md" in body
            for path, body in tree(tmp_path / "mirrors" / "folder").items()
            if path.startswith("indexes/")
        )
        == 7
    )
