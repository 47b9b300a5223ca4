"""A newsroom that has run once, and the command line in this process and in one of its own."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pappus.cli import cli, main

COMMAND = [sys.executable, "-m", "pappus"]


def start(*arguments, cwd=None, **variables):
    """Start the program in a process of its own."""
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        env=os.environ | variables,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.fixture
def process():
    return start


@pytest.fixture
def pappus(monkeypatch, capsys):
    """Run the program in this process; returns exit code, output and errors."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["pappus", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return left.value.code, said.out, said.err

    return run


@pytest.fixture
def commands():
    return cli.commands


@pytest.fixture(scope="session")
def first_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli") / "newsroom"
    with start("init", folder) as one:
        assert one.wait() == 0
    with start("run", cwd=folder) as two:
        out, err = two.communicate()
        assert (two.returncode, err) == (0, ""), out
    return folder, out


@pytest.fixture
def newsroom(first_run, tmp_path, monkeypatch):
    """A newsroom of the test's own, after its first run; the present folder."""
    folder = tmp_path / "newsroom"
    shutil.copytree(first_run[0], folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def photograph():
    """Return what a folder holds, to the byte."""

    def take(folder):
        return {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(Path(folder).rglob("*"))
            if path.is_file()
        } | {path.relative_to(folder).as_posix(): "folder" for path in Path(folder).rglob("*") if path.is_dir()}

    return take
