"""Files that survive a loss of power."""

from __future__ import annotations

import os

import pytest

from pappus import durable


def test_a_file_is_written_anew_and_not_into_one_that_is_shared(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    os.link(tmp_path / "a", tmp_path / "shared")
    durable.write(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"
    assert (tmp_path / "shared").read_bytes() == b"old"


def test_folders_are_made_on_the_way(tmp_path):
    durable.write(tmp_path / "a" / "b" / "c", b"new")
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["c"]


def test_bytes_are_on_the_disk_before_they_have_their_name(tmp_path, monkeypatch):
    named = []
    monkeypatch.setattr(os, "fsync", lambda _: named.append((tmp_path / "a").exists()))
    durable.write(tmp_path / "a", b"new")
    assert named == [False]
    assert (tmp_path / "a").exists()


def test_what_a_killed_one_left_is_done_away_with(tmp_path):
    (tmp_path / ".a.tmp").write_bytes(b"half")
    durable.write(tmp_path / "a", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_symbolic_link_at_the_temporary_name_is_not_followed(tmp_path):
    (tmp_path / "elsewhere").write_bytes(b"mine")
    (tmp_path / ".a.tmp").symlink_to(tmp_path / "elsewhere")
    durable.write(tmp_path / "a", b"new")
    assert (tmp_path / "elsewhere").read_bytes() == b"mine"
    assert not (tmp_path / "a").is_symlink()


def test_a_disk_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    def broken(_):
        raise OSError(5, "Input/output error")

    (tmp_path / "a").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="Input/output error"):
        durable.write(tmp_path / "a", b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"old")]


def test_a_folder_that_is_none_cannot_be_synced(tmp_path):
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(NotADirectoryError):
        durable.sync(tmp_path / "a")
