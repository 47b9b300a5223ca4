"""The house itself: floors kept, files small, words used, and a wheel with everything in it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from pappus.cli import MODULES, cli
from pappus.sources import KINDS
from pappus.sources.readers import READERS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "pappus"


def test_imports_go_down_only():
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_nothing_is_a_heap_of_utilities():
    heaps = {"utils", "util", "helpers", "helper", "common", "misc", "tools"}
    assert [path for path in PACKAGE.rglob("*") if path.stem in heaps] == []


def test_no_file_is_longer_than_can_be_read_at_a_sitting():
    files = [*PACKAGE.rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    lengths = {path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert {name: length for name, length in lengths.items() if length > 600} == {}


def test_every_module_says_what_it_does():
    silent = [
        path for path in PACKAGE.rglob("*.py") if not path.read_text(encoding="utf-8").startswith(('"""', 'r"""'))
    ]
    assert silent == []


HEAVY = (
    "aiohttp",
    "asyncio",
    "feedparser",
    "lxml",
    "obstore",
    "pappus.demo",
    "pebble",
    "PIL",
    "pydantic",
    "rich",
    "tuf",
    "turbohtml",
)


@pytest.mark.parametrize("command", ["build", "publish"])
def test_who_has_nothing_to_do_does_not_pay_for_what_others_need(command, tmp_path):
    script = (
        "import sys\nfrom pappus.cli import cli\n"
        f"cli.main({[command, '-c', 'pappus.toml']!r}, standalone_mode=False)\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    for arguments in (["-m", "pappus", "init", "."], ["-m", "pappus", "run"]):
        subprocess.run([sys.executable, *arguments], cwd=tmp_path, check=True, capture_output=True, timeout=60)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-2:] == [f"{command}: nothing to do", "[]"]


def test_the_version_is_told_without_the_configuration():
    script = "import sys, pappus.cli\nprint([name for name in ('msgspec', 'pappus.config') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"


def test_every_command_is_where_the_table_says():
    assert {name: command.name for name, command in cli.commands.items()} == {name: name for name in MODULES}


def test_every_kind_of_channel_has_a_reader():
    assert tuple(READERS) == KINDS


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built here and now without a network."""
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("wheel")), versions=["standard"])
    return zipfile.ZipFile(built)


def test_a_wheel_has_every_file_of_the_package(wheel):
    wanted = {
        path.relative_to(PACKAGE.parent).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }
    assert wanted <= set(wheel.namelist())
    endings = {Path(name).suffix for name in wheel.namelist()}
    assert {".sql", ".toml", ".xml", ".md", ".html", ".css", ".typed"} <= endings


def test_a_wheel_has_nothing_else(wheel):
    strangers = [name for name in wheel.namelist() if not name.startswith(("pappus/", "pappus-"))]
    assert strangers == []


def test_a_wheel_has_its_licence_and_its_command(wheel):
    (info,) = {name.split("/")[0] for name in wheel.namelist() if ".dist-info/" in name}
    assert b"Apache License" in wheel.read(f"{info}/licenses/LICENSE")
    assert b"pappus = pappus.cli:main" in wheel.read(f"{info}/entry_points.txt")


def test_a_wheel_starts_from_where_it_is_unpacked(wheel, tmp_path):
    wheel.extractall(tmp_path / "site")
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r}); sys.argv = ['pappus', 'init', {str(tmp_path / 'news')!r}]\n"
        "import pappus; assert 'site' in pappus.__file__, pappus.__file__\n"
        "from pappus.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "news" / "pappus.toml").exists()
