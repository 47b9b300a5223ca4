"""pappus verify: what it prints, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parent.parent / "trust"))  # verify_house

from verify_house import FERRY, FIRST, Newsroom

from pappus import config
from pappus.cli import cli
from pappus.model import digest


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy in a folder, and beside it the root that a reader carries."""
    now = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
    monkeypatch.setattr(config, "utc_now", lambda: now)
    room = Newsroom()
    for path, data in room.publish(FIRST).items():
        file = tmp_path / "copy" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    (tmp_path / "root.json").write_bytes(room.anchor)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "copy"


def run(*arguments):
    done = CliRunner().invoke(cli, ["verify", *map(str, arguments)])
    return done.exit_code, done.output


def test_a_whole_copy_ends_with_0_and_says_how_long_it_is_fresh(copy):
    code, out = run("copy", "--root", "root.json")
    assert code == 0
    assert out.startswith("whole: copy: release 1, 7 files as signed, fresh until 2026-11-24 12:00 UTC\n")
    assert "the root that you gave" in out


def test_without_a_root_its_fingerprint_is_shown_and_can_be_given_as_it_is_shown(copy):
    code, out = run("copy")
    assert code == 0
    assert "NOT PINNED" in out
    shown = out.split("root 1: ")[1].split(" (")[0]
    assert shown.replace(" ", "") == digest(Path("root.json").read_bytes())
    for form in (shown, shown.upper(), shown.replace(" ", ":"), shown.replace(" ", "")):
        code, out = run("copy", "--root", form)
        assert code == 0
        assert "the root that you gave" in out
    assert run("copy", "--root", "0" * 64)[0] == 1


def test_what_is_wrong_is_grouped_with_advice_and_ends_with_1(copy):
    (copy / FERRY).write_bytes(b"lie")
    for number in range(30):
        (copy / f"lie-{number:02}.md").write_bytes(b"lie")
    code, out = run("copy", "--root", "root.json")
    assert code == 1
    assert out.startswith("NOT WHOLE: copy: 30 added, 1 altered, of 7 signed files\n")
    assert f"  {FERRY}: is not as signed\n  Do not believe these files." in out
    assert "  and 20 more; --json names them all\n" in out


def test_an_unaltered_copy_that_is_old_is_not_called_altered_and_ends_with_3(copy, monkeypatch):
    monkeypatch.setattr(config, "utc_now", lambda: datetime(2026, 11, 25, 12, 30, tzinfo=UTC))
    code, out = run("copy", "--root", "root.json")
    assert code == 3
    assert out.startswith("UNALTERED, BUT OLD: copy: release 1, ")
    (copy / FERRY).write_bytes(b"lie")
    assert run("copy", "--root", "root.json")[0] == 1


def test_a_place_that_does_not_answer_ends_with_4():
    code, out = run("http://127.0.0.1:9/", "--root", "0" * 64)
    assert code == 4
    assert out.startswith("COULD NOT BE LOOKED AT: http://127.0.0.1:9/: ")


def test_json_names_everything(copy):
    for number in range(30):
        (copy / f"lie-{number:02}.md").write_bytes(b"lie")
    code, out = run("copy", "--root", "root.json", "--json")
    told = json.loads(out)
    assert code == 1
    assert (told["whole"], told["pinned"], told["release"], told["files"]) == (False, True, 1, 7)
    assert [one["path"] for one in told["findings"]] == [f"lie-{number:02}.md" for number in range(30)]


def test_names_from_a_copy_cannot_steer_a_terminal(copy):
    (copy / "a\x1b[2Jb.md").write_bytes(b"lie")
    code, out = run("copy", "--root", "root.json")
    assert code == 1
    assert "\x1b" not in out


def test_nothing_is_written_but_what_memory_is_for(copy, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    run("copy", "--root", "root.json")
    assert sorted(tmp_path.rglob("*")) == before
    run("copy", "--root", "root.json", "--memory", "memory")
    assert len(list((tmp_path / "memory").iterdir())) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["nowhere"], id="no-place"),
        pytest.param(["ftp://news.example/"], id="no-address"),
        pytest.param(["copy", "--root", "nowhere"], id="no-root"),
        pytest.param(["copy", "--root", "copy/README.md"], id="a-root-that-is-none"),
        pytest.param(["copy", "--branch", "main"], id="no-repository"),
        pytest.param(["https://news.example/", "--proxy", "tor"], id="no-proxy"),
        pytest.param([], id="nothing"),
    ],
)
def test_wrong_usage_ends_with_2(copy, arguments):
    code, out = run(*arguments)
    assert code == 2
    assert "Error: " in out


def test_the_command_line_starts_without_python_tuf():
    script = "import sys; import pappus.cli, pappus.cli.verify; sys.exit('tuf' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
