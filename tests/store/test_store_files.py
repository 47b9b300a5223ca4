"""Media: durable before their row, and checked when they are read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pappus.errors import StoreError
from pappus.model import Media, Validators, digest

DATA = b"pixels" * 1000
VALIDATORS = Validators(etag='"1"', last_modified="Thu, 05 Nov 2026 07:30:00 GMT")
URL = "https://gazette.example/ferry.jpg"


def keep(store, data=DATA, url=URL):
    media = Media(digest=digest(data), media_type="image/jpeg", size=len(data), width=640, height=480)
    store.files.keep(url, data, media, VALIDATORS)
    return media


def file_of(tmp_path, data=DATA):
    name = digest(data)
    return tmp_path / "state" / "media" / name[:2] / name


def test_a_file_is_stored_once_and_known_by_every_address(store, tmp_path):
    kept = keep(store)
    keep(store, url=URL + "?again")
    assert (kept.digest, kept.size, kept.width, kept.extension) == (digest(DATA), 6000, 640, "jpg")
    assert store.files.known(URL) == store.files.known(URL + "?again") == (kept, VALIDATORS)
    assert store.files.known("https://gazette.example/other.jpg") is None
    assert store.files.read(kept.digest) == DATA
    assert [path for path in (tmp_path / "state" / "media").rglob("*") if path.is_file()] == [file_of(tmp_path)]


def test_an_address_with_new_content_names_the_new_content(store):
    keep(store)
    new = keep(store, b"new pixels")
    assert store.files.known(URL) == (new, VALIDATORS)
    assert store.files.read(digest(DATA)) == DATA


class Recorder:
    """Writes down what reaches the disk, in order."""

    def __init__(self, monkeypatch, store):
        self.steps = []
        fsync = os.fsync

        def watched(handle):
            self.steps.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
            fsync(handle)

        monkeypatch.setattr(os, "fsync", watched)
        store.database._connection.set_trace_callback(self.steps.append)


def test_bytes_and_folders_are_on_the_disk_before_the_row(store, tmp_path, monkeypatch):
    recorder = Recorder(monkeypatch, store)
    keep(store)
    path = file_of(tmp_path)
    row = next(n for n, step in enumerate(recorder.steps) if step.startswith("INSERT INTO media "))
    before = [step for step in recorder.steps[:row] if step.startswith("/")]
    assert before[0].startswith(str(path.parent / "."))  # the temporary file, before it has its name
    assert before[1:] == [str(path.parent), str(path.parent.parent), str(path.parent.parent.parent)]
    assert "COMMIT" in recorder.steps[row:]


def test_a_file_without_its_row_is_written_again_for_it_may_not_be_durable(store, tmp_path, monkeypatch):
    path = file_of(tmp_path)
    path.parent.mkdir(parents=True)
    path.write_bytes(DATA)
    recorder = Recorder(monkeypatch, store)
    keep(store)
    assert any(step.startswith(str(path.parent / ".")) for step in recorder.steps)


def test_a_disk_that_fails_leaves_no_row_and_no_half_file(store, tmp_path, monkeypatch):
    def broken(_):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", broken)
        with pytest.raises(StoreError, match="Input/output error"):
            keep(store)
    assert store.files.known(URL) is None
    assert [path for path in (tmp_path / "state" / "media").rglob("*") if path.is_file()] == []
    assert store.files.read(keep(store).digest) == DATA


def test_what_a_killed_process_left_is_written_over(store, tmp_path):
    path = file_of(tmp_path)
    path.parent.mkdir(parents=True)
    path.with_name(f".{path.name}.tmp").write_bytes(b"half")
    keep(store)
    assert [left.name for left in path.parent.iterdir()] == [path.name]
    assert path.read_bytes() == DATA


def test_an_altered_file_is_found_out(store, tmp_path):
    kept = keep(store)
    file_of(tmp_path).write_bytes(DATA[:-1] + b"!")
    with pytest.raises(StoreError, match="altered"):
        store.files.read(kept.digest)


def test_a_missing_file_is_told_and_comes_back_with_its_bytes(store, tmp_path):
    kept = keep(store)
    file_of(tmp_path).unlink()
    with pytest.raises(StoreError, match="cannot be read"):
        store.files.read(kept.digest)
    keep(store)
    assert store.files.read(kept.digest) == DATA
