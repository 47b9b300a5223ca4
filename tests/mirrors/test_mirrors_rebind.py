"""A fork makes itself its own mirror; its tree came from outside and is not trusted."""

from __future__ import annotations

import json
import os

import pytest
import zxingcpp
from mirrors_house import ADDRESS, CLOCK, FIRST, NEWS, in_folder, run, tree
from msgspec.structs import replace
from PIL import Image

from pappus.errors import MirrorError
from pappus.mirrors import load
from pappus.mirrors import rebind as rebinding
from pappus.mirrors.rebind import rebind
from pappus.model import Digest, Version

FORK = "https://other.example/me/fork/blob/main/"
PAGE = "pages/gazette/2026/11/05/ferry.md"


@pytest.fixture
def copy(tmp_path):
    """A plain copy of a mirror."""
    folder = tmp_path / "copy"
    for path, body in tree(FIRST, 3).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(body)
    return folder


@pytest.fixture
def clone(copy):
    """A clone of a mirror."""
    run("git", "init", "--quiet", "--initial-branch=main", str(copy))
    run("git", "add", "--all", cwd=copy)
    run("git", "-c", "user.name=Mirror", "-c", "user.email=m@m.example", "commit", "--quiet", "--message=all", cwd=copy)
    return copy


def decoded(path):
    (found,) = zxingcpp.read_barcodes(Image.open(path))
    return found.text


def test_every_code_of_a_copy_names_the_copy(copy):
    before = in_folder(copy)
    done = rebind(copy, FORK, "https://other.example/", CLOCK)
    assert (done.written, done.bound, done.commit) == (4, 4, "")
    assert decoded(copy / "qr/home.png") == "https://other.example/"
    assert decoded(copy / "qr/pages/gazette/2026/11/05/ferry.png") == FORK + PAGE
    binding = load((copy / "mirror.json").read_bytes())
    assert (binding.address, binding.home, binding.version.number) == (FORK, "https://other.example/", 3)
    changed = {path for path, body in in_folder(copy).items() if before.get(path) != body}
    assert changed == {
        "mirror.json",
        "qr/home.png",
        "qr/pages/gazette/2026/11/05/ferry.png",
        "qr/pages/gazette/2026/11/05/bridge.png",
    }


def test_what_a_mirror_says_of_its_version_is_kept_and_its_former_addresses_are_not(copy):
    before = replace(
        load((copy / "mirror.json").read_bytes()),
        version=Version(number=3, chain=Digest("c"), release=12),
        forgot=4,
        former=("https://former.example/",),
    )
    (copy / "mirror.json").write_bytes(before.dump())
    rebind(copy, FORK, "", CLOCK)
    assert load((copy / "mirror.json").read_bytes()) == replace(before, address=FORK, home=FORK, former=())


def test_what_is_signed_is_not_touched(clone):
    signed = {
        "metadata/timestamp.json": b"{}",
        "metadata/1.bin-0a.json": b"{ }",
        "mirrors.json": b"[]",
        "mirrors.md": b"#",
    }
    for path, body in signed.items():
        (clone / path).parent.mkdir(exist_ok=True)
        (clone / path).write_bytes(body)
    run("git", "add", "--all", cwd=clone)
    run("git", "-c", "user.name=x", "-c", "user.email=x@x.example", "commit", "--quiet", "--message=all", cwd=clone)
    rebind(clone, FORK, "", CLOCK)
    changed = run("git", "show", "--name-only", "--format=", "HEAD", cwd=clone).decode().split()
    assert {path.split("/")[0] for path in changed} == {"mirror.json", "qr"}
    assert {path: (clone / path).read_bytes() for path in signed} == signed


def test_the_second_time_nothing_is_written(copy):
    rebind(copy, FORK, "", CLOCK)
    before = {path: path.stat().st_mtime_ns for path in copy.rglob("*")}
    assert rebind(copy, FORK, "", CLOCK).written == 0
    assert {path: path.stat().st_mtime_ns for path in copy.rglob("*")} == before


@pytest.mark.parametrize("address", [FORK, FORK.rstrip("/")], ids=["with-slash", "without-slash"])
def test_an_address_is_taken_with_and_without_its_slash(copy, address):
    rebind(copy, address, "", CLOCK)
    assert load((copy / "mirror.json").read_bytes()).address == FORK
    assert load((copy / "mirror.json").read_bytes()).home == FORK
    assert decoded(copy / "qr/home.png") == FORK


def test_a_dry_run_counts_and_changes_nothing(clone):
    before = {path: path.read_bytes() for path in clone.rglob("*") if path.is_file()}
    assert rebind(clone, FORK, "", CLOCK, dry_run=True).written == 4
    assert {path: path.read_bytes() for path in clone.rglob("*") if path.is_file()} == before


def test_pages_named_in_any_script_have_codes(copy):
    (copy / "pages/газета/新闻").mkdir(parents=True)
    (copy / "pages/газета/新闻/خبر ۱.md").write_text("x")
    assert rebind(copy, FORK, "", CLOCK).bound == 5
    told = decoded(copy / "qr/pages/газета/新闻/خبر ۱.png")
    assert told.startswith(FORK + "pages/%D0%B3")
    assert told.isascii()


def test_in_a_clone_the_change_is_committed_under_a_neutral_name(clone):
    done = rebind(clone, FORK, "", CLOCK)
    told = run("git", "log", "-1", "--format=%H|%an|%ae|%cn|%ce|%ci", cwd=clone).decode().strip()
    who = "Pappus|pappus@mirror.invalid|Pappus|pappus@mirror.invalid"
    assert told == f"{done.commit}|{who}|2026-11-05 12:00:00 +0000"
    assert run("git", "status", "--porcelain", cwd=clone) == b""
    assert rebind(clone, FORK, "", CLOCK).commit == ""
    assert run("git", "rev-list", "--count", "HEAD", cwd=clone).strip() == b"2"


def test_what_the_keeper_had_begun_is_not_committed(clone):
    (clone / "README.md").write_text("half done")
    (clone / "notes.txt").write_text("private")
    (clone / "indexes/news.md").write_text("staged")
    run("git", "add", "indexes/news.md", cwd=clone)
    rebind(clone, FORK, "", CLOCK)
    committed = run("git", "show", "--name-only", "--format=", "-z", "HEAD", cwd=clone).decode().split("\0")
    assert {path.split("/")[0] for path in committed if path} == {"mirror.json", "qr"}
    assert (clone / "README.md").read_text() == "half done"


def test_a_rebind_that_was_killed_before_its_commit_is_committed_by_the_next(clone):
    os.rename(clone / ".git", clone.parent / "aside")  # noqa: PTH104
    rebind(clone, FORK, "", CLOCK)
    os.rename(clone.parent / "aside", clone / ".git")  # noqa: PTH104
    done = rebind(clone, FORK, "", CLOCK)
    assert (done.written, len(done.commit)) == (0, 40)


def test_hooks_and_settings_of_a_clone_are_not_run(clone, tmp_path):
    for name in (
        "pre-commit",
        "commit-msg",
        "prepare-commit-msg",
        "post-commit",
        "post-index-change",
        "reference-transaction",
    ):
        hook = clone / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\necho {name} >> {tmp_path}/ran\n")
        hook.chmod(0o755)
    run("git", "config", "core.fsmonitor", f"touch {tmp_path}/ran", cwd=clone)
    run("git", "config", "commit.gpgSign", "true", cwd=clone)
    run("git", "config", "user.name", "Jane Doe", cwd=clone)
    (clone / ".gitignore").write_text("qr\nmirror.json\n")
    assert rebind(clone, FORK, "", CLOCK).commit
    assert not (tmp_path / "ran").exists()
    assert b"Jane" not in run("git", "cat-file", "commit", "HEAD", cwd=clone)


LINKS = {
    "the-folder-of-codes": "qr",
    "a-folder-of-codes": "qr/pages/gazette",
    "a-code": "qr/home.png",
    "the-folder-of-pages": "pages",
    "the-binding": "mirror.json",
}


@pytest.mark.parametrize("where", LINKS.values(), ids=LINKS)
def test_a_symbolic_link_leads_nowhere(copy, tmp_path, where):
    outside = tmp_path / "outside"
    moved = copy / where
    moved.rename(outside)
    moved.symlink_to(outside)
    before = {path: path.read_bytes() for path in [outside, *outside.rglob("*")] if path.is_file()}
    with pytest.raises(MirrorError) as error:
        rebind(copy, FORK, "", CLOCK)
    assert "\n" not in str(error.value)
    assert {path: path.read_bytes() for path in [outside, *outside.rglob("*")] if path.is_file()} == before


def test_a_link_that_hangs_in_the_air_is_not_written_through(copy, tmp_path):
    (copy / "qr/home.png").unlink()
    (copy / "qr/home.png").symlink_to(tmp_path / "made")
    with pytest.raises(MirrorError, match="symbolic link"):
        rebind(copy, FORK, "", CLOCK)
    assert not (tmp_path / "made").exists()


def test_a_file_that_another_copy_shares_is_not_written_into(copy, tmp_path):
    os.link(copy / "mirror.json", tmp_path / "shared")
    rebind(copy, FORK, "", CLOCK)
    assert load((tmp_path / "shared").read_bytes()).address == ADDRESS


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(b"-rf.md", id="dash"),
        pytest.param(b"con.md", id="device"),
        pytest.param(b"\xff\xfe.md", id="no-utf-8"),
        pytest.param(b"a\nb.md", id="line-end"),
        pytest.param(b"x" * 200 + b".md", id="long"),
    ],
)
def test_a_page_with_a_hostile_name_is_refused_in_one_line(copy, name):
    with open(os.path.join(os.fsencode(copy), b"pages", name), "wb"):  # noqa: PTH118, PTH123
        pass
    with pytest.raises(MirrorError) as error:
        rebind(copy, FORK, "", CLOCK)
    assert "\n" not in str(error.value)
    str(error.value).encode()


def test_a_page_too_deep_for_a_code_is_told_in_one_line(copy):
    deep = copy / "pages" / "/".join("x" * 80 for _ in range(30))
    deep.mkdir(parents=True)
    (deep / "a.md").write_text("")
    with pytest.raises(MirrorError, match="too long for a QR code"):
        rebind(copy, FORK, "", CLOCK)


def _json(**fields):
    sound = {
        "pappus": 1, "title": "t", "address": ADDRESS, "home": ADDRESS, "edition": "markdown",
        "version": {"number": 1, "chain": "c"},
    }  # fmt: skip
    return json.dumps(sound | fields).encode()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff\xfe", id="no-utf-8"),
        pytest.param(b"[]", id="a-list"),
        pytest.param(b"7", id="a-number"),
        pytest.param(b"[" * 60_000, id="deep"),
        pytest.param(b'{"pappus": 1}', id="nothing-in-it"),
        pytest.param(_json(pappus=2), id="newer"),
        pytest.param(_json(pappus="x" * 9000), id="strange-format"),
        pytest.param(_json(title=["t"]), id="title-a-list"),
        pytest.param(_json(title="\ud800"), id="half-a-character"),
        pytest.param(_json(version={"number": 10**30, "chain": "c"}), id="huge-version"),
        pytest.param(_json(version={"number": -1, "chain": "c"}), id="negative-version"),
        pytest.param(_json(version={"number": "1", "chain": "c"}), id="version-as-text"),
        pytest.param(_json(version={"number": True, "chain": "c"}), id="version-as-truth"),
        pytest.param(_json(version=None), id="no-version"),
        pytest.param(_json().replace(b'"number": 1', b'"number": 1e999'), id="infinite-version"),
        pytest.param(_json(title="x" * 70_000), id="large"),
    ],
)
def test_a_hostile_mirror_json_is_refused_in_one_short_line(copy, data):
    (copy / "mirror.json").write_bytes(data)
    before = in_folder(copy)
    with pytest.raises(MirrorError) as error:
        rebind(copy, FORK, "", CLOCK)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 300
    assert in_folder(copy) == before


def test_what_stands_in_mirror_json_never_becomes_an_address(copy):
    (copy / "mirror.json").write_bytes(_json(address="javascript:alert(1)", home="file:///etc/passwd"))
    rebind(copy, FORK, "", CLOCK)
    assert "javascript" not in (copy / "mirror.json").read_text()


def test_a_folder_that_is_no_copy_is_refused(tmp_path):
    with pytest.raises(MirrorError, match=r"has no mirror\.json"):
        rebind(tmp_path, FORK, "", CLOCK)


@pytest.mark.parametrize(
    "address",
    ["", "javascript:alert(1)", "ftp://x.example/", "https://x.example/?a", "https://" + "x" * 1000 + ".example/"],
)
def test_an_unusable_address_changes_nothing(copy, address):
    before = in_folder(copy)
    for arguments in ((address, FORK), (FORK, "mailto:x@x.example")):
        with pytest.raises(MirrorError) as error:
            rebind(copy, *arguments, CLOCK)
        assert "\n" not in str(error.value)
    assert in_folder(copy) == before


def test_an_index_of_any_script_is_left_alone(copy):
    rebind(copy, FORK, "", CLOCK)
    assert (copy / NEWS).read_text() == FIRST[NEWS]


def test_a_git_that_hangs_is_given_up(clone, tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "bin" / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setattr(rebinding, "_TIMEOUT", 0.1)
    with pytest.raises(MirrorError, match="was not done"):
        rebind(clone, FORK, FORK, CLOCK)


@pytest.mark.parametrize("key", ["clean", "process"])
def test_a_stranger_s_filters_are_not_run_however_many_there_are(clone, tmp_path, key, monkeypatch):
    monkeypatch.setattr("pappus.mirrors.program._KEPT", 200)  # bytes, of what a git says
    for number in range(20):
        run("git", "config", f"filter.a{number}.smudge", "cat", cwd=clone)
    run("git", "config", f"filter.x.{key}", f"touch {tmp_path / 'run'}; cat", cwd=clone)
    run("git", "config", "filter.x.required", "true", cwd=clone)
    (clone / ".gitattributes").write_text("*.png filter=x\nmirror.json filter=x\n")
    assert rebind(clone, FORK, "", CLOCK).commit
    assert not (tmp_path / "run").exists()
