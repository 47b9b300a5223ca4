"""The git mirror: neutral, small, mended after kills, and quiet about its token."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest
from mirrors_forge import TOKEN, forge
from mirrors_house import (
    FIRST,
    SECOND,
    THIRD,
    binding,
    clock,
    in_branch,
    options,
    plan,
    publish,
    reader,
    run,
    tree,
    version,
)

from pappus.errors import MirrorError
from pappus.mirrors import MIRRORS, MirrorState


@pytest.fixture
def remote(tmp_path):
    return tmp_path / "forge.git"


@pytest.fixture
def mirror(tmp_path, remote):
    return MIRRORS["git"](options(tmp_path, remote=str(remote)), clock)


def git(repository, *arguments, **variables):
    return run("git", "--git-dir", str(repository), *arguments, **variables).decode().strip()


def ours(tmp_path):
    return tmp_path / "state" / "objects.git"


def unlearn(tmp_path, commit):
    """Have ours know no later commit than this one."""
    for name in ("base", "next"):
        git(ours(tmp_path), "update-ref", f"refs/pappus/forge/{name}", commit)


def test_commits_are_neutral_and_tell_no_more_than_the_hour(mirror, remote):
    publish(mirror, 1, FIRST)
    shown = git(remote, "log", "--format=%an|%ae|%ai|%cn|%ce|%ci|%G?", "main")
    who = "Pappus|pappus@mirror.invalid|2026-11-05 12:00:00 +0000"
    assert shown == f"{who}|{who}|N"
    assert git(remote, "log", "--format=%B", "main") == "Publish version 1: 2 pages, 8 other files, 0 deletions"


def test_a_new_remote_has_the_branch_as_its_default(tmp_path, remote):
    publish(MIRRORS["git"](options(tmp_path, remote=str(remote), branch="pages"), clock), 1, FIRST)
    assert git(remote, "symbolic-ref", "HEAD") == "refs/heads/pages"
    run("git", "clone", "--quiet", str(remote), str(tmp_path / "clone"))
    assert (tmp_path / "clone" / "README.md").read_text() == "home"


def test_objects_pass_the_strictest_check(mirror, remote, tmp_path):
    publish(mirror, 1, FIRST)
    publish(mirror, 2, SECOND, FIRST, 1)
    for repository in (remote, ours(tmp_path)):
        assert git(repository, "fsck", "--strict", "--full", "--unreachable") == ""


def test_a_commit_comes_only_with_a_change(mirror, remote):
    wanted = publish(mirror, 1, FIRST)
    first = git(remote, "rev-parse", "main")
    assert mirror.apply(plan(1, wanted), reader(wanted)) == first
    assert mirror.apply(plan(1, wanted, version(1), wanted), reader(wanted)) == first
    assert git(remote, "rev-list", "--count", "main") == "1"


def test_the_token_that_names_what_was_published_is_the_commit(mirror, remote):
    wanted = tree(FIRST, 1)
    assert mirror.apply(plan(1, wanted), reader(wanted)) == git(remote, "rev-parse", "main")


def test_nothing_of_the_users_configuration_is_used(tmp_path, remote, monkeypatch):
    home = tmp_path / "home"
    hooks = home / "hooks"
    hooks.mkdir(parents=True)
    for name in ("pre-push", "reference-transaction", "post-commit", "pre-receive", "update", "post-receive"):
        (hooks / name).write_text(f"#!/bin/sh\necho {name} >> {home}/ran\nexit 1\n")
        (hooks / name).chmod(0o755)
    (home / ".gitconfig").write_text(
        f"[core]\n\thooksPath = {hooks}\n[user]\n\tname = Jane Doe\n\temail = jane@example.org\n\tsigningKey = x\n"
        f"[commit]\n\tgpgSign = true\n[push]\n\tgpgSign = true\n[gpg]\n\tprogram = false\n[init]\n\ttemplateDir = {home}\n"
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Jane Doe")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2001-01-01T00:00:00+0700")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    publish(MIRRORS["git"](options(tmp_path, remote=str(remote)), clock), 1, FIRST)
    assert not (home / "ran").exists()
    assert "Jane" not in git(remote, "cat-file", "commit", "main", HOME=str(tmp_path))


def test_the_repository_around_the_newsroom_is_not_touched(tmp_path):
    run("git", "init", "--quiet", str(tmp_path))
    before = sorted(path for path in (tmp_path / ".git").rglob("*"))
    (tmp_path / "state" / "objects.git").mkdir(parents=True)  # no repository, so git would look in the folders above
    mirror = MIRRORS["git"](options(tmp_path, remote=str(tmp_path / "forge.git")), clock)
    with pytest.raises(MirrorError):
        publish(mirror, 1, FIRST)
    assert sorted(path for path in (tmp_path / ".git").rglob("*")) == before


def test_one_that_was_pushed_before_a_kill_is_adopted(mirror, remote, tmp_path):
    publish(mirror, 1, FIRST)
    first = git(remote, "rev-parse", "main")
    publish(mirror, 2, SECOND, FIRST, 1)
    unlearn(tmp_path, first)
    assert mirror.state() == MirrorState(shown=binding(2), base=binding(2))
    assert publish(mirror, 3, THIRD, SECOND, 2) == in_branch(remote)
    assert git(remote, "rev-list", "--count", "main") == "3"


def test_one_that_was_adopted_late_is_adopted_all_the_same(mirror, remote, tmp_path):
    publish(mirror, 1, FIRST)
    first = git(remote, "rev-parse", "main")
    publish(mirror, 2, SECOND, FIRST, 1)
    unlearn(tmp_path, first)
    (tmp_path / "state" / "history.json").write_text("half a no")
    assert mirror.state().shown == binding(2)


def test_a_rewound_remote_is_brought_forward(mirror, remote):
    publish(mirror, 1, FIRST)
    first = git(remote, "rev-parse", "main")
    wanted = publish(mirror, 2, SECOND, FIRST, 1)
    git(remote, "update-ref", "refs/heads/main", first)
    assert mirror.state() == MirrorState(shown=binding(1), base=binding(1))
    mirror.apply(plan(2, wanted, version(1), tree(FIRST, 1)), reader(wanted))
    assert in_branch(remote) == wanted
    assert git(remote, "rev-list", "--count", "main") == "2"


def test_commits_of_somebody_else_on_our_branch_are_not_overwritten(mirror, remote, tmp_path):
    publish(mirror, 1, FIRST)
    clone = tmp_path / "clone"
    run("git", "clone", "--quiet", str(remote), str(clone))
    (clone / "README.md").write_text("edited by hand")
    run("git", "-c", "user.name=x", "-c", "user.email=x@x.example", "commit", "--quiet", "-am", "edit", cwd=clone)
    run("git", "push", "--quiet", cwd=clone)
    for _ in range(2):
        with pytest.raises(MirrorError, match="not ours"):
            mirror.state()
    assert in_branch(remote)["README.md"] == b"edited by hand"


def test_a_push_that_is_refused_says_why_and_is_made_good(mirror, remote):
    publish(mirror, 1, FIRST)
    hook = remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho the disk of the forge is full >&2\nexit 1\n")
    hook.chmod(0o755)
    git(remote, "config", "core.hooksPath", "hooks")
    wanted = tree(SECOND, 2)
    step = plan(2, wanted, version(1), tree(FIRST, 1))
    with pytest.raises(MirrorError, match="the disk of the forge is full") as error:
        mirror.apply(step, reader(wanted))
    assert "\n" not in str(error.value)
    hook.unlink()
    assert mirror.state() == MirrorState(shown=binding(1), base=binding(1))
    assert publish(mirror, 3, THIRD) == in_branch(remote)


@pytest.mark.parametrize(
    "lock",
    ["refs/pappus/forge/base.lock", "refs/pappus/forge/next.lock", "packed-refs.lock", "config.lock", "HEAD.lock"],
)
def test_locks_that_a_killed_git_left_stop_nothing(mirror, remote, tmp_path, lock):
    publish(mirror, 1, FIRST)
    (ours(tmp_path) / lock).write_text("")
    pack = ours(tmp_path) / "objects" / "pack" / "tmp_pack_x"
    pack.write_bytes(b"x" * 10_000)
    assert publish(mirror, 2, SECOND, FIRST, 1) == in_branch(remote)
    assert not pack.exists()


def test_a_repository_that_a_killed_git_began_is_begun_anew(mirror, remote, tmp_path):
    for folder in (ours(tmp_path).parent / ".objects.git.new", tmp_path / ".forge.git.new"):
        (folder / "refs").mkdir(parents=True)
        (folder / "config.lock").write_text("")
    assert publish(mirror, 1, FIRST) == in_branch(remote)


def test_a_git_that_is_still_at_work_is_waited_for(mirror, remote, tmp_path):
    publish(mirror, 1, FIRST)
    held = (
        "import fcntl, sys; f = open(sys.argv[1]); fcntl.flock(f, fcntl.LOCK_EX); print(flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", held, str(tmp_path / "state" / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        hasty = MIRRORS["git"](options(tmp_path, remote=str(remote), timeout=0.2), clock)
        with pytest.raises(MirrorError, match="another git is at work"):
            hasty.state()
        threading.Timer(0.2, other.stdin.close).start()
        assert mirror.state().shown == binding(1)


def test_a_git_that_outlives_a_killed_publish_is_waited_for_and_its_push_adopted(mirror, remote, tmp_path):
    run("git", "init", "--quiet", "--bare", "--initial-branch=main", str(remote))
    begun, gate = tmp_path / "begun", tmp_path / "gate"
    os.mkfifo(gate)
    hook = remote / "hooks" / "pre-receive"
    hook.write_text(f"#!/bin/sh\ncat > /dev/null\ntouch {begun}\nread line < {gate}\n")
    hook.chmod(0o755)
    script = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from pathlib import Path\nfrom mirrors_house import FIRST, clock, options, publish\nfrom pappus.mirrors import MIRRORS\n"
        f"publish(MIRRORS['git'](options(Path({str(tmp_path)!r}), remote={str(remote)!r}), clock), 1, FIRST)"
    )
    with subprocess.Popen([sys.executable, "-c", script]) as publisher:
        while not begun.exists() and publisher.poll() is None:
            time.sleep(0.01)
        publisher.kill()
    hasty = MIRRORS["git"](options(tmp_path, remote=str(remote), timeout=0.2), clock)
    with pytest.raises(MirrorError, match="another git is at work"):
        hasty.state()
    gate.write_text("go on\n")
    assert mirror.state() == MirrorState(shown=binding(1), base=binding(1))


def test_a_repository_stays_small(mirror, remote, tmp_path):
    wanted = FIRST
    publish(mirror, 1, wanted)
    first = _objects(remote)
    for number in range(2, 8):
        changed = wanted | {"indexes/news.md": f"{number}"}
        publish(mirror, number, changed, wanted, number - 1)
        wanted = changed
    # One blob for the index, one for mirror.json, two trees and the commit a time.
    for repository in (remote, ours(tmp_path)):
        assert _objects(repository) <= first + 6 * 5
        assert "garbage: 0" in git(repository, "count-objects", "-v")


def _objects(repository):
    """Count the objects of a repository, each once."""
    return len(git(repository, "cat-file", "--batch-all-objects", "--batch-check").splitlines())


def _packs(tmp_path):
    return len(list((ours(tmp_path) / "objects" / "pack").glob("*.pack")))


def _publish_many(mirror, numbers):
    """Publish versions of one page on top of one another, whether it is taken or not."""
    for number in numbers:
        base = mirror.state().base
        had = {"README.md": f"{base.version.number}"} if base else None
        with contextlib.suppress(MirrorError):
            publish(mirror, number, {"README.md": f"{number}"}, had, base.version.number if base else None)


def test_packs_are_joined_as_they_come(mirror, remote, tmp_path):
    _publish_many(mirror, range(1, 31))
    assert _packs(tmp_path) <= 11
    assert git(remote, "rev-list", "--count", "main") == "30"
    assert git(ours(tmp_path), "fsck", "--strict", "--full", "--unreachable") == ""


def test_packs_are_joined_while_the_forge_takes_nothing_too(mirror, remote, tmp_path):
    publish(mirror, 1, {"README.md": "1"})
    remote.rename(tmp_path / "aside")
    remote.write_text("out of order")
    wanted = tree({"README.md": "2"}, 2)
    for number in range(2, 15):
        with pytest.raises(MirrorError):
            mirror.apply(plan(2, tree({"README.md": f"{number}"}, 2)), reader(tree({"README.md": f"{number}"}, 2)))
    assert _packs(tmp_path) <= 11
    remote.unlink()
    (tmp_path / "aside").rename(remote)
    mirror.apply(plan(2, wanted), reader(wanted))
    assert in_branch(remote) == wanted


@pytest.mark.parametrize("ill", [pytest.param("exit 1", id="fails"), pytest.param("sleep 60", id="is-slow")])
def test_tidying_that_cannot_be_done_is_done_another_time(remote, tmp_path, monkeypatch, ill):
    real = shutil.which("git")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").write_text(f'#!/bin/sh\nif [ "$1" = repack ]; then {ill}; fi\nexec {real} "$@"\n')
    (tmp_path / "bin" / "git").chmod(0o755)
    monkeypatch.setattr("pappus.mirrors.git.objects._PACKS", 1)
    with monkeypatch.context() as patch:
        patch.setattr("pappus.mirrors.git.objects.TIDYING", 0.1)
        patch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
        _publish_many(MIRRORS["git"](options(tmp_path, remote=str(remote)), clock), range(1, 5))
    assert git(remote, "rev-list", "--count", "main") == "4"
    assert _packs(tmp_path) == 4
    _publish_many(MIRRORS["git"](options(tmp_path, remote=str(remote)), clock), [5])
    assert _packs(tmp_path) < 4


def _a_file_for_a_workspace(folder):
    (folder / "state").write_text("mine")


def _a_file_for_a_repository(folder):
    (folder / "state").mkdir()
    (folder / "state" / "objects.git").write_text("mine")


def _a_folder_for_a_lock(folder):
    (folder / "state" / "lock").mkdir(parents=True)


@pytest.mark.parametrize("spoil", [_a_file_for_a_workspace, _a_file_for_a_repository, _a_folder_for_a_lock])
def test_what_the_disk_refuses_is_told_in_one_line(tmp_path, remote, spoil):
    publish(MIRRORS["git"](options(tmp_path / "other", remote=str(remote)), clock), 1, FIRST)
    spoil(tmp_path)
    wanted = tree(SECOND, 2)
    for attempt in (
        lambda mirror: mirror.state(),
        lambda mirror: mirror.apply(plan(2, wanted), reader(wanted)),
    ):
        with pytest.raises(MirrorError) as error:
            attempt(MIRRORS["git"](options(tmp_path, remote=str(remote)), clock))
        assert "\n" not in str(error.value)


def _snapshot(folder):
    return {path: path.read_bytes() if path.is_file() else b"" for path in folder.rglob("*")}


def test_a_look_without_mending_writes_nothing_and_sees_where_the_remote_is(mirror, remote, tmp_path):
    publish(mirror, 1, FIRST)
    first = git(remote, "rev-parse", "main")
    publish(mirror, 2, SECOND, FIRST, 1)
    (ours(tmp_path) / "refs" / "pappus" / "forge" / "next.lock").write_text("")
    git(remote, "update-ref", "refs/heads/main", first)
    before = _snapshot(tmp_path)
    assert mirror.state(mend=False) == MirrorState(shown=binding(1), base=binding(1))
    assert _snapshot(tmp_path) == before


def test_a_look_without_mending_does_not_fetch_what_was_lost(mirror, remote, tmp_path):
    publish(mirror, 1, FIRST)
    shutil.rmtree(tmp_path / "state")
    before = _snapshot(tmp_path)
    assert mirror.state(mend=False) == MirrorState()
    assert _snapshot(tmp_path) == before


def test_a_token_reaches_the_forge_and_nothing_else(tmp_path, monkeypatch):
    repository = tmp_path / "forges" / "news.git"
    run("git", "init", "--quiet", "--bare", "--initial-branch=main", str(repository))
    git(repository, "config", "http.receivepack", "true")
    started = []
    popen = subprocess.Popen

    def watched(command, *args, **kwargs):
        started.append(command)
        return popen(command, *args, **kwargs)

    with forge(tmp_path / "forges") as server:
        settings = options(tmp_path, remote=f"{server.url}/news.git", token=TOKEN)
        with monkeypatch.context() as patch:
            patch.setattr(subprocess, "Popen", watched)
            publish(MIRRORS["git"](settings, clock), 1, FIRST)
        assert any(command == "POST" for command, _, _ in server.seen)
    assert any("push" in command for command in started)
    assert not any(TOKEN in word for command in started for word in command)
    assert TOKEN not in repr(settings)
    kept = b"".join(path.read_bytes() for path in (tmp_path / "state").rglob("*") if path.is_file())
    assert TOKEN.encode() not in kept
    assert b"Authorization" not in kept


def test_a_token_is_not_given_to_where_the_forge_redirects(tmp_path):
    run("git", "init", "--quiet", "--bare", str(tmp_path / "news.git"))
    with forge(tmp_path, open_to_all=True) as thief:
        elsewhere = thief.url.replace("127.0.0.1", "localhost")
        with forge(tmp_path, redirect=elsewhere) as server:
            mirror = MIRRORS["git"](options(tmp_path, remote=f"{server.url}/news.git", token=TOKEN), clock)
            with pytest.raises(MirrorError) as error:
                mirror.state()
    assert server.seen[0][2] != ""
    assert thief.seen == []
    assert TOKEN not in str(error.value)


def test_a_wrong_token_is_told_in_one_line_without_it(tmp_path):
    with forge(tmp_path) as server:
        mirror = MIRRORS["git"](options(tmp_path, remote=f"{server.url}/news.git", token="wrong-secret"), clock)
        with pytest.raises(MirrorError) as error:
            mirror.state()
    assert "\n" not in str(error.value)
    assert "wrong-secret" not in str(error.value)


def test_a_token_that_is_wanted_but_missing_is_told_before_anything_is_asked(tmp_path):
    with forge(tmp_path) as server:
        mirror = MIRRORS["git"](options(tmp_path, remote=f"{server.url}/news.git", token=None), clock)
        with pytest.raises(MirrorError, match="token_env"):
            mirror.state()
        assert server.seen == []


def test_a_forge_that_never_answers_is_given_up_with_all_its_helpers(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        remote = f"http://127.0.0.1:{silent.getsockname()[1]}/news.git"
        mirror = MIRRORS["git"](options(tmp_path, remote=remote, timeout=3.0), clock)  # so that it asks before that
        with pytest.raises(MirrorError, match="git ls-remote was not done after"):
            mirror.state()
        connection, _ = silent.accept()
        with connection:
            while connection.recv(4096):  # ends only when the helper that asked is gone
                pass


@pytest.mark.parametrize(
    "remote",
    [
        pytest.param("file:///nowhere/at/all.git", id="missing"),
        pytest.param("--upload-pack=touch x://y", id="like-an-option"),
        pytest.param("ext::sh -c 'touch x'", id="a-command"),
    ],
)
def test_a_remote_that_is_none_is_told_in_one_line(tmp_path, remote):
    with pytest.raises(MirrorError, match="git ls-remote failed") as error:
        MIRRORS["git"](options(tmp_path, remote=remote), clock).state()
    assert "\n" not in str(error.value)


def test_a_machine_without_git_is_told_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MirrorError, match="git is not installed"):
        MIRRORS["git"](options(tmp_path, remote="file:///x"), clock).state()


def test_the_clock_is_in_any_zone_and_the_commit_is_not(tmp_path, remote):
    late = datetime.fromisoformat("2026-11-06T01:20:00+05:30")
    publish(MIRRORS["git"](options(tmp_path, remote=str(remote)), lambda: late), 1, FIRST)
    assert git(remote, "log", "--format=%ai", "main") == "2026-11-05 19:00:00 +0000"
