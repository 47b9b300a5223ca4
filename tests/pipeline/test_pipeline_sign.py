"""What is published is signed: The Update Framework's own client reads every mirror, and only what changed is signed again."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pipeline_house import (
    FORGE,
    Moment,
    Paper,
    Story,
    copy,
    git_tree,
    head,
    load,
    many,
    newsroom,
    python,
    run,
    toml,
    tree,
)
from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

from pappus.config import FILE
from pappus.pipeline.places import FolderPlace
from pappus.pipeline.verdict import VerifyOptions
from pappus.pipeline.verify import verify
from pappus.store import open_store
from pappus.trust import ceremony

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from pappus.pipeline import Newsroom

_DRIVER = Path(__file__).with_name("pipeline_driver.py")
_SIGNING = '[signing]\nkeys = "keys"\n'
_METADATA = re.compile(r"metadata/(?:\d+\.)?([\w-]+)\.json")


class _Files(FetcherInterface):
    """Answers from a tree in memory."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = url.removeprefix("tree://")
        if path not in self._files:
            raise DownloadHTTPError("not found", 404)
        yield self._files[path]


def _client(files: Mapping[str, bytes], memory: Path, now: datetime) -> Updater:
    """Return the framework's own client, refreshed from a mirror's files at a moment; it remembers what it saw."""
    memory.mkdir(exist_ok=True)
    updater = Updater(
        str(memory),
        "tree://metadata/",
        target_base_url="tree://",
        fetcher=_Files(files),
        config=UpdaterConfig(prefix_targets_with_hash=False),
        bootstrap=files["metadata/1.root.json"],
    )
    updater._trusted_set.reference_time = now
    updater.refresh()
    return updater


def _read(files: Mapping[str, bytes], memory: Path, now: datetime) -> int:
    """Read every file of a mirror by the framework's own client. Returns how many are signed."""
    updater = _client(files, memory, now)
    own = [path for path in files if not path.startswith(("metadata/", "qr/")) and path != "mirror.json"]
    for path in own:
        target = updater.get_targetinfo(path)
        assert target is not None, path
        assert updater.download_target(target, str(memory / "target"))
    return len(own)


def _roles(changed: set[str]) -> set[str]:
    return {found[1] for path in changed if (found := _METADATA.fullmatch(path))}


class House:
    """A signed newsroom, its clock, and what its folder mirror holds."""

    def __init__(self, folder: Path, paper: Paper) -> None:
        self.folder, self.paper, self.clock = folder, paper, Moment()
        newsroom(folder, toml(paper.url, {"all": "/all.xml"}, extra=_SIGNING))
        ceremony.init(folder / "keys", "", ceremony.NewRoots(folder=folder / "offline"), self.clock())

    @property
    def newsroom(self) -> Newsroom:
        return load(self.folder, self.clock)

    def files(self) -> dict[str, bytes]:
        return tree(self.folder / "mirrors" / "folder")

    def announce(self, stories: list[Story]) -> None:
        self.paper.stories(stories)
        self.paper.feed("/all.xml", stories)


@pytest.fixture
def house(paper: Paper, tmp_path: Path) -> House:
    """A newsroom that has published twelve articles, signed."""
    made = House(tmp_path / "house", paper)
    made.announce(many(12))
    assert run(made.newsroom).clean
    return made


def test_the_frameworks_own_client_reads_every_file_of_every_mirror(house: House, tmp_path: Path) -> None:
    assert _read(house.files(), tmp_path / "folder", house.clock()) > 12
    assert _read(git_tree(house.folder / "mirrors" / "forge.git"), tmp_path / "forge", house.clock()) > 12


def test_metadata_is_the_same_on_every_mirror(house: House) -> None:
    folder, forge = house.files(), git_tree(house.folder / "mirrors" / "forge.git")
    assert {p: b for p, b in folder.items() if p.startswith("metadata/")} == {
        p: b for p, b in forge.items() if p.startswith("metadata/")
    }


def test_a_new_article_signs_the_bins_of_what_it_touches_and_no_others(house: House, tmp_path: Path) -> None:
    before = house.files()
    _read(before, tmp_path / "memory", house.clock())
    house.clock.pass_by(minutes=10)
    house.announce([Story(slug="pier", title="A pier is built"), *many(12)])
    assert run(house.newsroom).clean
    after = house.files()
    content = {p for p in after if before.get(p) != after[p] and not p.startswith(("metadata/", "qr/"))} - {
        "mirror.json"
    }
    roles = _roles({p for p in after if p not in before or before[p] != after[p]})
    bins = {role for role in roles if role.startswith("bin-")}
    assert roles - bins == {"snapshot", "timestamp"}
    assert 1 <= len(bins) <= len(content)
    assert _read(after, tmp_path / "memory", house.clock()) > 13  # a client that remembers the release before goes on


def test_superseded_metadata_stays_for_an_hour_and_goes_with_a_later_release(house: House) -> None:
    first = set(house.files())
    for number in range(3):
        house.clock.pass_by(minutes=40)
        house.announce([Story(slug=f"pier-{number}", title=f"Pier {number} is built"), *many(12)])
        assert run(house.newsroom).clean
        held = set(house.files())
        gone = {path for path in first - held if path.startswith("metadata/")}
        assert ("metadata/1.snapshot.json" in gone) == (number == 2)
    assert len([path for path in held if path.endswith(".snapshot.json")]) == 3


def test_a_run_with_nothing_new_signs_nothing_until_the_timestamp_is_half_through(house: House) -> None:
    before = house.files()
    house.clock.pass_by(hours=11)
    assert run(house.newsroom, ["build", "publish"]).plans == {}
    assert house.files() == before
    house.clock.pass_by(hours=2)
    assert run(house.newsroom, ["build", "publish"]).clean
    after = house.files()
    assert {path for path in after if before.get(path) != after[path]} == {"metadata/timestamp.json", "mirror.json"}


def test_without_its_keys_a_signed_newsroom_publishes_nothing(house: House) -> None:
    before = house.files()
    shutil.rmtree(house.folder / "keys")
    house.announce([Story(slug="pier", title="A pier is built"), *many(12)])
    report = run(house.newsroom)
    assert [(event.place, event.reason) for event in report.events if event.kind == "failed"] == [
        ("keys", "there are no keys (pappus keys init)")
    ]
    assert house.files() == before


def test_a_signed_mirror_gets_nothing_unsigned(house: House) -> None:
    before = house.files()
    path = house.folder / FILE
    path.write_text(path.read_text().replace(_SIGNING, ""))
    report = run(house.newsroom)
    assert {event.place for event in report.events if event.kind == "failed"} == {"folder", "forge"}
    assert all("names no keys" in event.reason for event in report.events if event.kind == "failed")
    assert house.files() == before


def test_other_keys_are_refused_until_what_is_published_is_given_up(house: House, tmp_path: Path) -> None:
    before = house.files()
    for name in ("keys", "offline"):
        (house.folder / name).rename(house.folder / f"{name} of before")
    ceremony.init(house.folder / "keys", "", ceremony.NewRoots(folder=house.folder / "offline"), house.clock())
    house.announce([Story(slug="pier", title="A pier is built"), *many(12)])
    report = run(house.newsroom)
    assert ["signed with other keys" in event.reason for event in report.events if event.kind == "failed"] == [True]
    assert house.files() == before
    assert run(house.newsroom, ["publish"], replace=True).clean
    assert house.files()["metadata/1.root.json"] != before["metadata/1.root.json"]
    _read(house.files(), tmp_path / "folder", house.clock())
    _read(git_tree(house.folder / "mirrors" / "forge.git"), tmp_path / "forge", house.clock())


def test_a_store_of_before_leaves_a_folder_that_knows_more_alone(house: House) -> None:
    copy(house.folder / "state", house.folder / "backup")
    for number in range(2):
        house.announce([Story(slug=f"pier-{number}", title=f"Pier {number} is built"), *many(12)])
        assert run(house.newsroom).clean
    before = house.files()
    shutil.rmtree(house.folder / "state")
    (house.folder / "backup").rename(house.folder / "state")
    house.announce([Story(slug="quay", title="A quay is built"), *many(12)])
    report = run(house.newsroom)
    assert {event.place for event in report.events if event.kind == "failed"} == {"folder", "forge"}
    assert house.files() == before


def test_a_store_of_before_that_replaces_is_newer_than_what_readers_saw(house: House, tmp_path: Path) -> None:
    copy(house.folder / "state", house.folder / "backup")
    for number in range(3):
        house.announce([Story(slug=f"pier-{number}", title=f"Pier {number} is built"), *many(12)])
        assert run(house.newsroom).clean
    _read(house.files(), tmp_path / "memory", house.clock())
    shutil.rmtree(house.folder / "state")
    (house.folder / "backup").rename(house.folder / "state")
    house.clock.pass_by(hours=1)
    report = run(house.newsroom, ["build", "publish"])  # renews nothing yet, and would number it as what was lost
    assert {event.place for event in report.events if event.kind == "failed"} == {"folder", "forge"}
    assert run(house.newsroom, replace=True).clean
    _read(house.files(), tmp_path / "memory", house.clock())
    house.clock.pass_by(minutes=10)
    house.announce([Story(slug="quay", title="A quay is built"), *many(12)])
    assert run(house.newsroom).clean
    _read(house.files(), tmp_path / "memory", house.clock())


def test_what_is_kept_of_releases_begun_anew_is_known_as_theirs(house: House) -> None:
    house.clock.pass_by(minutes=5)
    assert run(house.newsroom, ["publish"], replace=True).clean
    house.clock.pass_by(minutes=5)
    house.announce([Story(slug="quay", title="A quay is built"), *many(12)])
    assert run(house.newsroom).clean
    verdict = verify(FolderPlace(house.folder / "mirrors" / "folder"), VerifyOptions(), house.clock())
    assert verdict.findings == ()


def test_two_stores_begun_anew_in_one_hour_give_no_number_twice(house: House) -> None:
    seen = []
    for number in range(2):
        shutil.rmtree(house.folder / "state")
        house.clock.pass_by(minutes=5)
        house.announce([Story(slug=f"pier-{number}", title=f"Pier {number} is built"), *many(12)])
        assert run(house.newsroom, replace=True).clean
        seen.append({path: body for path, body in house.files().items() if path.startswith("metadata/")})
    assert {path for path in seen[0].keys() & seen[1].keys() if not path.endswith(".root.json")} == {
        "metadata/timestamp.json"
    }


def test_a_clock_that_goes_back_keeps_no_mirror_from_being_filled(house: House, tmp_path: Path) -> None:
    for number, hours in enumerate((2, 2, -3, 1)):
        house.clock.pass_by(hours=hours)
        house.announce([Story(slug=f"pier-{number}", title=f"Pier {number} is built"), *many(12)])
        assert run(house.newsroom).clean
    path = house.folder / FILE
    path.write_text(
        path.read_text()
        + '\n[[mirrors]]\nname = "late"\nkind = "directory"\npath = "mirrors/late"\naddress = "https://late.example/"\n'
    )
    assert run(house.newsroom, ["publish"]).clean
    _read(tree(house.folder / "mirrors" / "late"), tmp_path / "memory", house.clock())


def test_two_moves_between_publishes_end_in_nothing_to_do(house: House) -> None:
    path = house.folder / FILE
    for address in ("https://one.example/", "https://two.example/"):
        house.clock.pass_by(minutes=10)
        path.write_text(re.sub(r"https://(?:news|one|two)\.example/(?:harbour/)?", address, path.read_text()))
        assert run(house.newsroom, ["build", "publish"]).clean
    assert run(house.newsroom, ["build", "publish"]).plans == {}
    assert json.loads(house.files()["mirror.json"])["former"] == [
        "https://one.example/",
        "https://news.example/harbour/",
    ]


def test_one_mirrors_bug_takes_no_receipt_of_another(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    house.announce([Story(slug="pier", title="A pier is built"), *many(12)])
    monkeypatch.setattr("pappus.mirrors.git.adapter.Git.apply", broken)
    with pytest.raises(BaseExceptionGroup, match="bugs"):
        run(house.newsroom)
    with open_store(house.newsroom.state, write=False) as store:
        assert {receipt.mirror: receipt.version for receipt, _ in store.editions.receipts()} == {
            "folder": 2,
            "forge": 1,
        }


def test_keys_that_come_later_sign_everything(paper: Paper, tmp_path: Path) -> None:
    house = House(tmp_path / "house", paper)
    house.announce(many(3))
    path = house.folder / FILE
    signed = path.read_text()
    path.write_text(signed.replace(_SIGNING, ""))
    assert run(house.newsroom).clean
    assert not any(path.startswith("metadata/") for path in house.files())
    path.write_text(signed)
    assert run(house.newsroom, ["publish"]).clean
    assert _read(house.files(), tmp_path / "memory", house.clock()) > 3


def test_a_mirror_that_comes_later_gets_the_release_that_there_is(house: House, tmp_path: Path) -> None:
    path = house.folder / FILE
    path.write_text(
        path.read_text()
        + '\n[[mirrors]]\nname = "late"\nkind = "directory"\npath = "mirrors/late"\naddress = "https://late.example/"\n'
    )
    assert run(house.newsroom, ["publish"]).clean
    late = tree(house.folder / "mirrors" / "late")
    assert _read(late, tmp_path / "memory", house.clock()) == _read(house.files(), tmp_path / "other", house.clock())
    assert late["metadata/timestamp.json"] == house.files()["metadata/timestamp.json"]


def test_a_dry_run_signs_and_changes_nothing(house: House) -> None:
    before = house.files()
    house.announce([Story(slug="pier", title="A pier is built"), *many(12)])
    report = run(house.newsroom, dry_run=True)
    puts = {entry.path for entry in report.plans["folder"].puts}
    assert "metadata/timestamp.json" in puts
    assert [path for path in puts if path.startswith("metadata/2.snapshot")]
    assert house.files() == before
    with open_store(house.newsroom.state) as store:
        assert store.releases.newest("markdown").number == 1  # type: ignore[union-attr]


def test_an_address_that_changes_touches_a_handful_of_files(house: House, tmp_path: Path) -> None:
    before = git_tree(house.folder / "mirrors" / "forge.git")
    path = house.folder / FILE
    path.write_text(path.read_text().replace(FORGE, "https://forge.example/elsewhere/news/blob/main/"))
    assert run(house.newsroom, ["build", "publish"]).clean
    after = git_tree(house.folder / "mirrors" / "forge.git")
    changed = {p for p in before | after if before.get(p) != after.get(p) and not p.startswith("metadata/")}
    assert changed <= {"mirror.json", "qr/home.png", "mirrors.json", "mirrors.md"}
    assert json.loads(after["mirror.json"])["former"] == [FORGE]
    _read(after, tmp_path / "memory", house.clock())


def test_two_newsrooms_with_the_same_keys_and_clock_sign_the_same_bytes(
    house: House, paper: Paper, tmp_path: Path
) -> None:
    other = House(tmp_path / "other", paper)
    for name in ("keys", "offline"):
        shutil.rmtree(other.folder / name)
    shutil.copytree(house.folder / "keys", other.folder / "keys")
    assert run(other.newsroom).clean
    assert other.files() == house.files()


def test_machines_of_other_zones_and_languages_sign_and_publish_the_same_bytes(house: House, tmp_path: Path) -> None:
    house.announce([Story(slug="pier", title="A pier is built"), *many(12)])
    assert run(house.newsroom, ["gather"]).clean
    shown = []
    for number, (zone, language) in enumerate([("Pacific/Kiritimati", "tr_TR.UTF-8"), ("America/St_Johns", "C")]):
        other = copy(house.folder, tmp_path / f"machine {number}")
        subprocess.run(
            python(str(_DRIVER), str(other / FILE), "build,publish"),
            env={
                "PATH": os.environ["PATH"],
                "TZ": zone,
                "LC_ALL": language,
                "LANG": language,
                "PYTHONHASHSEED": str(number + 1),
                "NOW": "2026-11-23T15:00:00+00:00",
            },
            cwd="/" if number else other,
            umask=0o077 if number else 0o002,
            check=True,
            timeout=120,
        )
        shown.append((tree(other / "mirrors" / "folder"), head(other / "mirrors" / "forge.git")))
    assert shown[0] == shown[1]
    assert shown[0][0] != house.files()
