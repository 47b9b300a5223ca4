"""The directory mirror: exchanged whole, whatever happens."""

from __future__ import annotations

import errno
import json
import os
import shutil
import threading

import pytest
from mirrors_house import FIRST, SECOND, THIRD, binding, clock, in_folder, options, plan, publish, reader, tree, version
from msgspec.structs import replace

from mortal import DISK, Killed, mortal
from pappus.errors import MirrorError
from pappus.mirrors import MIRRORS, DirectoryOptions, MirrorState, directory


@pytest.fixture
def shown(tmp_path):
    return tmp_path / "news"


@pytest.fixture
def mirror(tmp_path, shown):
    return MIRRORS["directory"](options(tmp_path, DirectoryOptions, path=shown), clock)


@pytest.fixture
def without_exchange(monkeypatch):
    monkeypatch.setattr(directory, "_renameat2", lambda *_: False)


def text_in(root, name):
    try:
        handle = os.open(name, os.O_RDONLY, dir_fd=root)
    except FileNotFoundError:
        return b""
    with os.fdopen(handle, "rb") as file:
        return file.read()


def test_who_reads_while_it_is_exchanged_never_sees_a_mix(mirror, shown):
    publish(mirror, 1, {"README.md": "1", "pages/a.md": "1"})
    stop, mixes, seen, begun = threading.Event(), [], set(), [1]

    def look():
        while not stop.is_set():
            before = begun[0]
            root = os.open(shown, os.O_RDONLY | os.O_DIRECTORY)
            try:
                texts = [text_in(root, name) for name in ("mirror.json", "README.md", "pages/a.md")]
            finally:
                os.close(root)
            if begun[0] == before:  # else it may have become the spare one, which the next publish brings up to date
                number = json.loads(texts[0])["version"]["number"] if texts[0] else 0
                seen.add(number)
                if texts[1:] != [str(number).encode()] * 2:
                    mixes.append(texts)

    readers = [threading.Thread(target=look) for _ in range(2)]
    for thread in readers:
        thread.start()
    for number in range(2, 40):
        begun[0] = number
        base = mirror.state().base.version.number
        publish(
            mirror,
            number,
            {"README.md": f"{number}", "pages/a.md": f"{number}"},
            {"README.md": f"{base}", "pages/a.md": f"{base}"},
            base,
        )
    stop.set()
    for thread in readers:
        thread.join()
    assert mixes == []
    assert len(seen) > 1


def test_unchanged_files_are_shared_by_both_trees(mirror, shown):
    publish(mirror, 1, FIRST)
    publish(mirror, 2, SECOND, FIRST, 1)
    spare = shown.with_name(".news.spare")
    same = "pages/gazette/2026/11/05/ferry.md"
    assert (shown / same).stat().st_ino == (spare / same).stat().st_ino
    assert (shown / "README.md").stat().st_ino != (spare / "README.md").stat().st_ino
    assert (spare / "README.md").read_text() == "home"


def test_only_what_changed_since_the_spare_was_shown_is_written(mirror, shown):
    publish(mirror, 1, FIRST)
    publish(mirror, 2, SECOND, FIRST, 1)
    assert mirror.state() == MirrorState(shown=binding(2), base=binding(1))
    kept = (shown.with_name(".news.spare") / "pages/gazette/2026/11/05/ferry.md").stat().st_ino
    assert publish(mirror, 3, THIRD, FIRST, 1) == in_folder(shown)
    assert (shown / "pages/gazette/2026/11/05/ferry.md").stat().st_ino == kept


def test_folders_that_are_empty_go(mirror, shown):
    publish(mirror, 1, FIRST)
    publish(mirror, 2, SECOND, FIRST, 1)
    assert not (shown / "media").exists()


def test_a_spare_that_a_kill_left_half_done_is_made_anew(mirror, shown):
    publish(mirror, 1, FIRST)
    publish(mirror, 2, SECOND, FIRST, 1)
    spare = shown.with_name(".news.spare")
    (spare / "mirror.json").unlink()
    (spare / "README.md").write_text("half")
    shutil.rmtree(spare / "pages")
    assert mirror.state(mend=False) == MirrorState(shown=binding(2), base=binding(2))
    assert spare.exists()
    assert mirror.state() == MirrorState(shown=binding(2), base=binding(2))
    assert publish(mirror, 3, THIRD, SECOND, 2) == in_folder(shown)


# Without the ferry of before: withdrawn.
LAST = {"README.md": "home, the last", "pages/gazette/2026/11/06/seal.md": "seal"}


@pytest.fixture(scope="module")
def trees():
    return {0: {}} | {number: tree(files, number) for number, files in enumerate((FIRST, SECOND, LAST, LAST, LAST), 1)}


def _next(mirror, trees, number):
    """Bring a mirror to a version from wherever it is."""
    base = mirror.state().base
    had = base.version.number if base else 0
    step = plan(number, trees[number], base.version if base else None, trees[had])
    mirror.apply(step, reader(trees[number]))


@pytest.mark.parametrize("exchange", [pytest.param(True, id="exchanged"), pytest.param(False, id="renamed")])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_kill_at_any_step_leaves_the_old_or_the_new_and_the_next_runs_end_as_if_undisturbed(
    tmp_path, monkeypatch, trees, number, exchange
):
    """Every call that changes the disk may be the last one; what is withdrawn meanwhile must not stay for ever."""
    if not exchange:
        monkeypatch.setattr(directory, "_renameat2", lambda *_: False)
    died, step = True, 0
    while died:
        folder = tmp_path / str(step)
        mirror = MIRRORS["directory"](options(folder, DirectoryOptions, path=folder / "news"), clock)
        for earlier in range(1, number):
            _next(mirror, trees, earlier)
        with mortal(step, *DISK, (directory, "_renameat2")):
            try:
                _next(mirror, trees, number)
            except Killed:
                pass
            else:
                died = False
        mirror.state()  # mends what was left between two renames
        assert in_folder(folder / "news") in (trees[number - 1], trees[number])
        for later in (4, 5):  # so that each of the two trees is shown
            _next(mirror, trees, later)
            assert in_folder(folder / "news") == trees[later]
        step += 1
    assert step > 10


@pytest.mark.parametrize("exchange", [pytest.param(True, id="exchanged"), pytest.param(False, id="renamed")])
def test_a_kill_at_any_step_leaves_nothing_of_what_is_forgotten_that_the_mirror_does_not_know_of(
    tmp_path, monkeypatch, trees, exchange
):
    """Where both trees say that they forgot, no publish forgets once more."""
    if not exchange:
        monkeypatch.setattr(directory, "_renameat2", lambda *_: False)
    wanted = tree(LAST, 3, forgot=1)
    forgetting = replace(plan(3, wanted, version(1), trees[1]), forget=True)
    died, step, done = True, 0, 0
    while died:
        folder = tmp_path / str(step)
        mirror = MIRRORS["directory"](options(folder, DirectoryOptions, path=folder / "news"), clock)
        for earlier in (1, 2):
            _next(mirror, trees, earlier)
        assert mirror.state().base == binding(1)
        with mortal(step, *DISK, (directory, "_renameat2")):
            try:
                mirror.apply(forgetting, reader(wanted))
            except Killed:
                pass
            else:
                died = False
        state = mirror.state()
        if min(state.shown.forgot, state.base.forgot) == 1:
            done += 1
        else:  # whatever was killed, what a mirror says that it has can be gone on from
            had = wanted if state.base.version == version(3) else trees[state.base.version.number]
            had = {path: body for path, body in had.items() if path != "mirror.json"}  # which is put with every publish
            mirror.apply(replace(plan(3, wanted, state.base.version, had), forget=True), reader(wanted))
        assert in_folder(folder / "news") == wanted
        assert not [path for path, body in in_folder(folder).items() if body == b"ferry"]
        step += 1
    assert done > 3  # it died while it forgot as well


def test_half_a_tree_that_was_being_forgotten_is_not_gone_on_from(mirror, shown, trees, monkeypatch):
    """In which order a folder's files are deleted is the system's choice: mirror.json may be the last."""
    for number in (1, 2):
        _next(mirror, trees, number)
    wanted = tree(LAST, 3, forgot=1)

    def killed(root):
        remove(root / "pages")
        raise Killed

    remove = shutil.rmtree
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", killed)
        with pytest.raises(Killed):
            mirror.apply(replace(plan(3, wanted, version(1), trees[1]), forget=True), reader(wanted))
    assert in_folder(shown) == wanted
    assert mirror.state(mend=False).base == binding(3, forgot=1)
    _next(mirror, trees | {3: wanted}, 4)
    assert in_folder(shown) == trees[4]


def test_without_exchange_it_is_renamed(mirror, shown, without_exchange):
    publish(mirror, 1, FIRST)
    assert publish(mirror, 2, SECOND, FIRST, 1) == in_folder(shown)
    assert mirror.state() == MirrorState(shown=binding(2), base=binding(1))


@pytest.mark.parametrize("renames", [1, 2])
def test_a_kill_between_the_renames_is_mended(tmp_path, mirror, shown, without_exchange, renames):
    publish(mirror, 1, FIRST)
    publish(mirror, 2, SECOND, FIRST, 1)
    former, spare = shown.with_name(".news.former"), shown.with_name(".news.spare")
    shown.rename(former)
    if renames == 2:
        spare.rename(shown)
    before = sorted(tmp_path.rglob("*"))
    looked = mirror.state(mend=False)
    assert sorted(tmp_path.rglob("*")) == before
    state = mirror.state()
    assert state == looked
    assert state.shown == (binding(2) if renames == 1 else binding(1))
    assert not former.exists()
    had = state.base.version.number
    assert publish(mirror, 3, THIRD, {1: FIRST, 2: SECOND}[had], had) == in_folder(shown)


def test_a_file_system_without_hard_links_is_copied(mirror, shown, monkeypatch):
    def refuse(*_args, **_keywords):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    publish(mirror, 1, FIRST)
    assert publish(mirror, 2, SECOND, FIRST, 1) == in_folder(shown)


def test_a_symbolic_link_to_the_folder_stays_one(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "news").symlink_to(tmp_path / "disk" / "tree")
    mirror = MIRRORS["directory"](options(tmp_path, DirectoryOptions, path=tmp_path / "news"), clock)
    publish(mirror, 1, FIRST)
    assert publish(mirror, 2, SECOND, FIRST, 1) == in_folder(tmp_path / "disk" / "tree")
    assert (tmp_path / "news").is_symlink()
    assert publish(mirror, 3, THIRD, FIRST, 1) == in_folder(tmp_path / "disk" / "tree")


def test_a_file_in_its_place_is_told_in_one_line(tmp_path, shown, mirror):
    shown.write_text("mine")
    with pytest.raises(MirrorError) as error:
        mirror.state()
    assert "\n" not in str(error.value)
    assert shown.read_text() == "mine"


def test_a_full_disk_is_told_in_one_line_and_leaves_the_mirror(mirror, shown, monkeypatch):
    before = publish(mirror, 1, FIRST)

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    wanted = tree(SECOND, 2)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(MirrorError, match="No space left") as error:
            mirror.apply(plan(2, wanted, version(1), before), reader(wanted))
    assert "\n" not in str(error.value)
    assert in_folder(shown) == before
    mirror.apply(plan(2, wanted, version(1), before), reader(wanted))
    assert in_folder(shown) == wanted


def test_a_first_tree_may_have_something_to_forget(mirror, shown):
    wanted = tree(FIRST, 1)
    mirror.apply(replace(plan(1, wanted), forget=True), reader(wanted))
    assert in_folder(shown) == wanted
    assert not shown.with_name(".news.spare").exists()
    wanted = tree(SECOND, 2)
    mirror.apply(replace(plan(2, wanted, version(1), tree(FIRST, 1)), forget=True), reader(wanted))
    assert in_folder(shown) == wanted
    assert not shown.with_name(".news.spare").exists()
