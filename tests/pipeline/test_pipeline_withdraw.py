"""Withdrawn for good: no byte of an article is left in the state folder or at a mirror, nothing brings it back, and the record says so."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import zstandard
from msgspec import Struct
from msgspec.structs import replace
from pipeline_house import START, Moment, Paper, Story, git, git_tree, load, many, newsroom, run, toml, tree

from pappus.model import BY_PUBLISHER, digest
from pappus.pipeline.withdraw import Request, find, withdraw
from pappus.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pappus.pipeline import Newsroom, Report

CANARY = "the harbour master has sold the lighthouse for eleven herrings and a rope"
TITLE = "Lighthouse sold for herrings"
FORMER = "Lighthouse may be sold"
SECRETS = (CANARY.encode(), TITLE.encode(), FORMER.encode())
PAGE = "pages/paper/2026/11/21/lighthouse.md"
REASON = "By order of the harbour court"
STORY = Story(slug="lighthouse", title=TITLE, more=CANARY, images=("tower", "shared"))


class House(Struct, frozen=True):
    """A newsroom on a paper of its own; its mirrors hold an article in two revisions, with pictures."""

    folder: Path
    paper: Paper
    clock: Moment

    @property
    def newsroom(self) -> Newsroom:
        return load(self.folder, self.clock)

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def shown(self) -> Path:
        return self.folder / "mirrors" / "folder"

    @property
    def forge(self) -> Path:
        return self.folder / "mirrors" / "forge.git"

    @property
    def records(self) -> list[Path]:
        return sorted((self.folder / "withdrawals").glob("*.json"))

    def stories(self, *stories: Story) -> None:
        others = [replace(one, images=("shared",)) if one.slug == "boat-0" else one for one in many(3)]
        linking = replace(others[1], links=(STORY.path,))
        told_of = [*stories, others[0], linking, others[2]]
        self.paper.stories(told_of)
        self.paper.feed("/news.xml", told_of)
        self.paper.feed("/city.xml", stories)

    def withdraw(self, reason: str = REASON, **fields: object) -> tuple[Report, dict[str, object]]:
        report, file = withdraw(self.newsroom, PAGE, Request(reason=reason, **fields))  # type: ignore[arg-type]
        return report, json.loads(file.read_bytes())


@pytest.fixture
def house(tmp_path: Path, paper: Paper) -> Iterator[House]:
    text = toml(paper.url, {"news": "/news.xml", "city": "/city.xml"})
    folder = tmp_path / "newsroom"
    newsroom(folder, text)
    one = House(folder, paper, Moment())
    one.stories(replace(STORY, title=FORMER, images=("draft", "shared")))
    assert run(one.newsroom).clean
    one.clock.pass_by(hours=3)
    one.stories(replace(STORY, updated=START))
    assert run(one.newsroom).clean
    assert CANARY.encode() in (one.shown / PAGE).read_bytes()
    paper.asked()
    return one


def held(folder: Path) -> dict[str, list[bytes]]:
    """Return which secrets stand in the files of a folder, in the bodies of its databases and in all objects of its repositories."""
    found: dict[str, list[bytes]] = {}

    def see(place: str, data: bytes) -> None:
        if there := [secret for secret in SECRETS if secret in data]:
            found[place] = there

    for path in folder.rglob("*"):
        if path.is_file():
            see(str(path.relative_to(folder)), path.read_bytes())
    for path in folder.rglob("*.db"):
        for number, body in enumerate(_bodies(path)):
            see(f"{path.name}:{number}", body)
    for path in folder.rglob("HEAD"):
        if (path.parent / "objects").is_dir():
            for number, body in enumerate(_objects(path.parent)):
                see(f"{path.parent.name}:{number}", body)
    return found


def _bodies(path: Path) -> Iterator[bytes]:
    with closing(sqlite3.connect(path)) as database:
        plain = {0: zstandard.ZstdDecompressor()}
        for ident, data in database.execute("SELECT id, data FROM dictionary"):
            plain[ident] = zstandard.ZstdDecompressor(dict_data=zstandard.ZstdCompressionDict(data))
        for table in ("article", "revision", "artifact"):
            column = "body" if table == "artifact" else "content"
            for (packed,) in database.execute(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"):
                yield plain[zstandard.get_frame_parameters(packed).dict_id].decompress(packed)


def _objects(repository: Path) -> Iterator[bytes]:
    """Yield every object, the unreachable ones too."""
    names = git(repository, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)", "--unordered")
    done = subprocess.run(
        ["git", "-C", str(repository), "cat-file", "--batch"], input=names, capture_output=True, check=True, timeout=60
    )
    yield done.stdout


def media_paths(house: House) -> set[str]:
    return {path for path in tree(house.shown) if path.startswith("media/")}


def test_nothing_is_withdrawn_for_no_reason() -> None:
    with pytest.raises(ValueError, match="has a reason"):
        Request(reason=" \n")


def test_pictures_go_at_once_whatever_is_given_as_the_reason(house: House) -> None:
    """What a publisher has taken back itself is known in the store by this very word, and its pictures stay for an hour."""
    before = media_paths(house)
    report, _ = house.withdraw(BY_PUBLISHER)
    assert report.clean, report.events
    assert media_paths(house) < before
    assert held(house.folder) == {}


def test_nothing_is_left_anywhere_and_the_mirrors_show_a_notice(house: House) -> None:
    before = media_paths(house)
    assert len(held(house.folder)) > 5  # the search finds what is there
    report, record = house.withdraw(by="A fisherman")
    assert report.clean, report.events
    assert held(house.folder) == {}
    for files in (tree(house.shown), git_tree(house.forge)):
        notice = files[PAGE].decode()
        assert notice.startswith("### This article has been withdrawn")
        assert f"Reason: {REASON}" in notice
        assert before - files.keys() == {path for path in before if path.startswith("media/2026/11/21/")}
        assert [
            path for path in files if path.startswith("media/2026/11/22/")
        ]  # of another article that shows one of them too
        assert f"../../{PAGE}" not in files["indexes/news.md"].decode()
    assert not [path for path in house.state.rglob("*") for name in record["media"] if name in path.name]  # type: ignore[attr-defined]
    assert [(e.kind, e.place) for e in report.events if e.kind == "proven"] == [
        ("proven", "forge"),
        ("proven", "folder"),
    ]


def test_the_record_says_who_when_why_and_what_and_nobody_else_can_read_it(house: House, tmp_path: Path) -> None:
    letter = tmp_path / "Letter of the court.PDF"
    letter.write_bytes(b"%PDF a letter")
    report, record = house.withdraw(by="The harbour court", file=letter)
    assert report.clean, report.events
    (file,) = house.records
    assert file.name == "2026-11-23-paper-lighthouse.json"
    copy = f"requests/{digest(letter.read_bytes())}.pdf"
    assert record["asked"] == [
        {"at": "2026-11-23T15:00:00Z", "by": "The harbour court", "reason": REASON, "request": copy}
    ]
    assert (file.parent / copy).read_bytes() == letter.read_bytes()
    assert {oct(path.stat().st_mode & 0o777) for path in (file, file.parent / copy)} == {"0o600"}
    assert {oct(path.stat().st_mode & 0o777) for path in (file.parent, file.parent / "requests")} == {"0o700"}
    assert record["page"] == PAGE
    assert record["addresses"] == [house.paper.url + STORY.path]
    assert len(record["contents"]) == 2  # type: ignore[arg-type]
    assert len(record["media"]) == 2  # type: ignore[arg-type]
    assert len(record["kept"]) == 1  # type: ignore[arg-type]
    assert {piece["path"] for piece in record["pieces"]} >= {PAGE}  # type: ignore[attr-defined]
    assert (record["purged"], record["scrubbed"], record["closed"]) == ("2026-11-23T15:00:00Z",) * 3
    seen = {one["mirror"]: one for one in record["mirrors"]}  # type: ignore[attr-defined]
    assert {name: (one["left"], one["how"]) for name, one in seen.items()} == {
        "folder": ("", "its files"),
        "forge": ("", "all commits that its branch leads to, and in all else that its repository holds"),
    }
    assert seen["forge"]["token"] == git(house.forge, "rev-parse", "main").decode().strip()
    assert CANARY not in file.read_text(encoding="utf-8")
    assert TITLE not in file.read_text(encoding="utf-8")


def test_it_is_never_fetched_nor_stored_again(house: House) -> None:
    house.withdraw()
    house.paper.asked()
    house.clock.pass_by(hours=5)
    house.stories(replace(STORY, title="Lighthouse: the whole story", updated=START + timedelta(hours=4)))
    report = run(house.newsroom)
    assert report.clean, report.events
    asked = [path for path, _ in house.paper.asked()]
    assert "/news.xml" in asked
    assert STORY.path not in asked
    assert "/tower.png" not in asked
    assert held(house.folder) == {}
    assert (house.shown / PAGE).read_text(encoding="utf-8").startswith("### This article has been withdrawn")


def test_another_address_that_leads_to_it_brings_neither_text_nor_pictures_back(house: House) -> None:
    house.withdraw()
    moved = replace(STORY, slug="moved")
    page = STORY.page().replace("</head>", f'<link rel="canonical" href="{house.paper.url}{STORY.path}"></head>')
    house.stories(moved)
    house.paper.put(moved.path, page)
    report = run(house.newsroom)
    assert report.clean, report.events
    assert moved.path in [path for path, _ in house.paper.asked()]
    assert held(house.folder) == {}
    assert len([path for path in (house.state / "media").rglob("*") if path.is_file()]) == len(
        {path.rsplit("/", 1)[-1] for path in media_paths(house)}
    )
    run(house.newsroom)
    assert moved.path not in [path for path, _ in house.paper.asked()]  # its address is known now


def test_a_full_build_gives_the_same_bytes(house: House) -> None:
    house.withdraw()
    with open_store(house.state, write=False) as store:
        before = [(entry.path, entry.digest) for entry in store.editions.manifest("markdown")]
    assert run(house.newsroom, ["build"], full=True).clean
    with open_store(house.state, write=False) as store:
        assert [(entry.path, entry.digest) for entry in store.editions.manifest("markdown")] == before
    notices = [
        path for path, body in tree(house.shown).items() if path.endswith(".md") and b"has been withdrawn" in body
    ]
    assert set(notices) == {
        PAGE,
        "indexes/news/2026-11.md",
        "indexes/city/2026-11.md",
    }  # months say that something was there


def test_the_same_again_does_nothing_and_another_reason_is_shown(house: House) -> None:
    house.withdraw()
    commits, files = git(house.forge, "rev-list", "--all"), tree(house.shown)
    report, record = house.withdraw()
    assert report.clean
    assert (git(house.forge, "rev-list", "--all"), tree(house.shown)) == (commits, files)
    assert len(record["asked"]) == 1  # type: ignore[arg-type]
    report, record = house.withdraw("By order of a higher court")
    assert report.clean, report.events
    assert len(record["asked"]) == 2  # type: ignore[arg-type]
    assert len(house.records) == 1
    assert "By order of a higher court" in (house.shown / PAGE).read_text(encoding="utf-8")


def test_a_mirror_that_is_away_is_named_and_the_next_run_does_it(house: House) -> None:
    away = house.forge.rename(house.forge.with_name("away"))
    house.forge.write_text("no repository")
    report, record = house.withdraw()
    assert not report.clean
    failed = [(e.place, e.subject) for e in report.events if e.kind == "failed"]
    assert ("forge", PAGE) in failed
    assert "folder" not in {place for place, _ in failed}
    assert record["closed"] == ""
    assert held(house.shown.parent / "folder") == {}
    house.forge.unlink()
    away.rename(house.forge)
    report = run(house.newsroom)
    assert report.clean, report.events
    assert ("proven", "forge") in [(e.kind, e.place) for e in report.events]
    assert held(house.folder) == {}
    (file,) = house.records
    assert json.loads(file.read_bytes())["closed"]
    assert [e.kind for e in run(house.newsroom).events] == []  # it is settled


@pytest.mark.parametrize("state", ["retired", "removed"])
def test_what_our_repository_holds_for_a_mirror_that_is_out_of_reach_for_good_goes(house: House, state: str) -> None:
    file = house.folder / "pappus.toml"
    text = file.read_text(encoding="utf-8")
    head, forge, rest = text.partition('[[mirrors]]\nname = "forge"\n')
    rest = forge + "retired = true\n" + rest if state == "retired" else "[[mirrors]]" + rest.partition("[[mirrors]]")[2]
    file.write_text(head + rest, encoding="utf-8")
    away = house.forge.rename(house.folder.parent / "away.git")
    house.forge.write_text("no repository")
    assert held(house.state / "mirrors") != {}
    report, record = house.withdraw()
    assert report.clean, report.events
    assert record["closed"]
    assert held(house.folder) == {}
    house.forge.unlink()
    away.rename(house.forge)
    file.write_text(text, encoding="utf-8")
    house.clock.pass_by(hours=1)
    report = run(house.newsroom)  # it is back, and forgets as well
    assert report.clean, report.events
    assert held(house.folder) == {}


@pytest.mark.parametrize("left", ["page", "media", "history", "loose"])
def test_a_mirror_that_still_has_it_is_found_out(house: House, left: str) -> None:
    kept, media = (house.shown / PAGE).read_bytes(), media_paths(house)
    house.withdraw()
    with open_store(house.state) as store:
        store.database.execute("UPDATE withdrawal SET proven = 0")
    (file,) = house.records
    record = json.loads(file.read_bytes()) | {"mirrors": []}
    file.write_text(json.dumps(record))
    match left:
        case "page":
            (house.shown / PAGE).write_bytes(kept)
        case "media":
            gone = min(media - media_paths(house))
            (house.shown / gone).parent.mkdir(parents=True, exist_ok=True)
            (house.shown / gone).write_bytes(b"a picture")
        case "loose":
            hashing = ["git", "-C", str(house.forge), "hash-object", "-w", "--stdin"]
            subprocess.run(hashing, input=kept, capture_output=True, check=True)
        case "history":
            objects = house.state / "mirrors" / "objects.git"
            blob = (
                subprocess.run(
                    ["git", "-C", str(objects), "hash-object", "-w", "--stdin"],
                    input=kept,
                    capture_output=True,
                    check=True,
                )
                .stdout.decode()
                .strip()
            )
            script = f"commit refs/pappus/forge/other\ncommitter a <a@b.invalid> 0 +0000\ndata 0\n\nM 100644 {blob} {PAGE}\n\ndone\n"
            subprocess.run(
                ["git", "-C", str(objects), "fast-import", "--quiet", "--done"], input=script.encode(), check=True
            )
    report = run(house.newsroom)
    failed = {e.place: e.reason for e in report.events if e.kind == "failed"}
    assert list(failed) == ["forge" if left in {"history", "loose"} else "folder"]
    said = {
        "page": "is not as it was built",
        "media": "is still there",
        "history": "can still be had as it was before",
        "loose": "keeps what was withdrawn",
    }
    assert said[left] in "".join(failed.values())


def test_a_publish_before_the_next_build_does_not_keep_it_in_histories(house: House) -> None:
    with open_store(house.state) as store:
        (article,) = store.articles.at(house.paper.url + STORY.path)
        store.withdrawals.purge(article, REASON, house.clock())
    run(house.newsroom, ["publish"])
    assert CANARY.encode() in (house.shown / PAGE).read_bytes()  # it is built still
    report = run(house.newsroom)
    assert report.clean, report.events
    assert held(house.folder) == {}


def test_a_backup_does_not_bring_it_back(house: House, tmp_path: Path) -> None:
    with open_store(house.state) as store:
        store.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(house.state, tmp_path / "backup")
    house.withdraw()
    shutil.rmtree(house.state)
    shutil.copytree(tmp_path / "backup", house.state)
    run(house.newsroom, ["build"])
    assert held(house.state / "pappus.db") == held(house.state / "media") == {}
    assert {place for place in held(house.state) if "mirrors" not in place and "git" not in place} == set()


# What is meant


@pytest.mark.parametrize(
    "given",
    [
        pytest.param("{url}/lighthouse.html", id="address"),
        pytest.param("{url}/lighthouse.html?utm_source=mail#top", id="address-with-tracking"),
        pytest.param(PAGE, id="page"),
        pytest.param(f"https://news.example/{PAGE.replace('.md', '.html')}", id="page-of-a-site"),
        pytest.param(PAGE.replace(".md", ".zh-hant.html"), id="page-in-another-script"),
        pytest.param(f"https://forge.example/harbour/news/blob/main/{PAGE}", id="mirror"),
        pytest.param(f"https://anywhere.example/{PAGE}?lighthouse#top", id="mirror-with-suffix"),
    ],
)
def test_an_article_is_found_by_address_page_and_mirror(house: House, given: str) -> None:
    (case,) = find(house.newsroom, given.format(url=house.paper.url))
    assert (case.page, case.title, case.gone) == (PAGE, TITLE, False)
    assert len(case.holding.gone) == 2
    assert len(case.holding.kept) == 1


@pytest.mark.parametrize(
    "given", ["", "lighthouse", "https://paper.example/other", "pages/paper/2026/11/20/lighthouse.md"]
)
def test_what_is_no_article_is_not_found(house: House, given: str) -> None:
    assert find(house.newsroom, given) == []


# Killed anywhere

_PLACES = [
    ("pappus.pipeline.records:Records.write", 1),
    ("pappus.pipeline.records:Records.write", -1),
    ("pappus.store.withdrawals:Withdrawals.purge", 1),
    ("pappus.store.withdrawals:Withdrawals._silence", -1),
    ("pappus.store.withdrawals:Withdrawals.purge", -1),
    ("pappus.pipeline.withdraw:build", 1),
    ("pappus.pipeline.withdraw:build", -1),
    ("pappus.store.files:Files.discard", 1),
    ("pappus.store.files:Files.discard", -1),
    ("pappus.store.withdrawals:Withdrawals._rewrite", 1),
    ("pappus.store.withdrawals:Withdrawals._rewrite", -1),
    ("pappus.mirrors.git.adapter:Git.apply", 1),
    ("pappus.mirrors.git.adapter:Git.apply", -1),
    ("pappus.mirrors.git.adapter:Git._push", -1),
    ("pappus.mirrors.git.adapter:Git._push", -2),
    ("pappus.mirrors.git.objects:Objects.settle", -1),
    ("pappus.mirrors.git.adapter:Git._prune_remote", 1),
    ("pappus.mirrors.git.objects:Objects.tidy", 1),
    ("pappus.mirrors.directory:Directory._exchange", -1),
    ("pappus.mirrors.directory:Directory.apply", -1),
    ("pappus.pipeline.withdraw:settle", 1),
    ("pappus.store.withdrawals:Withdrawals.prove", 1),
    ("pappus.store.withdrawals:Withdrawals.prove", -1),
    *(("pappus.store.database:Database.execute", count) for count in (8, 35, 50, 65, 80)),
]
_DRIVER = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from pipeline_driver import die_at
from pipeline_house import Moment, load
from pappus.pipeline.withdraw import Request, withdraw
clock = Moment()
clock.pass_by(hours=3)
die_at(sys.argv[3], int(sys.argv[4]))
withdraw(load(Path(sys.argv[2]), clock), sys.argv[5], Request(reason=sys.argv[6]))
"""


def _end_of_gits(folder: Path) -> None:
    """Wait until no git is at work there that a killed process had started: what that had begun it ends."""
    for _ in range(200):
        if not any(str(folder).encode() in line for line in _command_lines()):
            return
        time.sleep(0.05)
    raise AssertionError("a git does not end")


def _command_lines() -> Iterator[bytes]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            yield path.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(("place", "count"), _PLACES, ids=lambda value: str(value).rpartition(".")[2])
def test_killed_anywhere_the_next_run_or_the_same_again_ends_the_same(
    house: House, tmp_path: Path, place: str, count: int
) -> None:
    arguments = [Path(__file__).parent, house.folder, place, count, PAGE, REASON]
    done = subprocess.run(
        [sys.executable, "-c", _DRIVER, *map(str, arguments)], capture_output=True, check=False, timeout=60
    )
    assert done.returncode == -9, done.stderr
    _end_of_gits(house.folder)
    begun = bool(house.records)
    other = replace(house, folder=tmp_path / "other")
    shutil.copytree(house.folder, other.folder)
    report = run(house.newsroom)
    assert report.clean, report.events
    report, _ = other.withdraw()
    assert report.clean, report.events
    for one in (house, other) if begun else (other,):
        assert held(one.folder) == {}
        (file,) = one.records
        assert json.loads(file.read_bytes())["closed"]
    if begun:
        assert tree(house.shown) == tree(other.shown)
        assert git_tree(house.forge) == git_tree(other.forge)
    else:
        assert CANARY.encode() in (house.shown / PAGE).read_bytes()  # nothing was asked for yet
