"""A git mirror in trouble: servers that refuse, lie, hang or break off, a full disk, a killed publish, and mirrors side by side."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest
from mirrors_forge import TOKEN, forge, sshd, wire
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
    until,
    version,
)
from msgspec.structs import replace

from pappus.errors import MirrorError
from pappus.mirrors import MIRRORS, MirrorState
from pappus.mirrors.program import Program

PHOTOGRAPH = random.Random(1).randbytes(100_000).hex()


def git(repository, *arguments):
    return run("git", "--git-dir", str(repository), *arguments).decode().strip()


def make(tmp_path, **fields):
    return MIRRORS["git"](options(tmp_path, **({"remote": str(tmp_path / "forge.git")} | fields)), clock)


def empty(repository):
    run("git", "init", "--quiet", "--bare", "--initial-branch=main", str(repository))
    git(repository, "config", "http.receivepack", "true")
    return repository


def hooked(repository, script):
    """Have a repository run a script before it takes what is pushed."""
    hook = repository / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{script}\n")
    hook.chmod(0o755)
    return hook


def look_and_publish(mirror, files, before):
    mirror.state()
    return publish(mirror, 2, files, before, 1)


# Servers


@pytest.mark.parametrize(
    ("status", "body", "retry"),
    [
        pytest.param(401, b"who?", False, id="does not know us"),
        pytest.param(403, b"no", False, id="forbids it"),
        pytest.param(404, b"none", False, id="has none"),
        pytest.param(413, b"large", False, id="finds it too large"),
        pytest.param(429, b"later", True, id="is asked too often"),
        pytest.param(500, b"oh", True, id="fails"),
        pytest.param(503, b"later", True, id="is away"),
        pytest.param(200, b"<html>sign in</html>" * 999, None, id="says something else"),
        pytest.param(200, b"", None, id="says nothing"),
    ],
)
@pytest.mark.parametrize("where", ["info/refs?service=git-upload-pack", "git-receive-pack"])
def test_a_server_that_does_not_do_it_is_told_of_in_one_line(tmp_path, where, status, body, retry):
    repository = empty(tmp_path / "forge.git")
    with forge(tmp_path) as server:
        mirror = make(tmp_path, remote=f"{server.url}/forge.git", token=TOKEN)
        publish(mirror, 1, FIRST)
        server.ill = (where, status, body)
        with pytest.raises(MirrorError) as error:
            look_and_publish(mirror, SECOND, FIRST)
        assert "\n" not in str(error.value)
        assert len(str(error.value)) < 500
        assert TOKEN not in str(error.value)
        assert retry is None or error.value.retry == retry
        assert in_branch(repository) == tree(FIRST, 1)
        server.ill = None
        assert mirror.state() == MirrorState(shown=binding(1), base=binding(1))
        assert publish(mirror, 2, SECOND, FIRST, 1) == in_branch(repository)


@pytest.mark.parametrize(
    "remote",
    [
        pytest.param("http://127.0.0.1:1/news.git", id="nobody listens"),
        pytest.param("https://nowhere.invalid/news.git", id="no such name"),
        pytest.param("ssh://git@127.0.0.1:1/news.git", id="nobody listens to ssh"),
    ],
)
def test_a_server_that_is_not_there_may_be_there_later(tmp_path, remote):
    with pytest.raises(MirrorError) as error:
        make(tmp_path, remote=remote).state()
    assert error.value.retry
    assert "\n" not in str(error.value)


def test_a_server_that_breaks_off_anywhere_leaves_the_old_or_the_new_and_the_next_try_goes_on(tmp_path):
    repository = empty(tmp_path / "forge.git")
    files = FIRST | {"indexes/a.md": PHOTOGRAPH}
    with forge(tmp_path) as server:
        publish(make(tmp_path, remote=f"{server.url}/forge.git", token=TOKEN), 1, FIRST)
        before, cut = in_branch(repository), []
        for bytes_up in (100, 700, 1_200, 2_000, 60_000, 100_000, 10_000_000):
            with wire(server.url, bytes_up) as address:
                mirror = make(tmp_path, remote=f"{address}/forge.git", token=TOKEN, timeout=20)
                try:
                    wanted = look_and_publish(mirror, files, FIRST)
                except MirrorError as error:
                    cut.append(error.retry)
                    assert in_branch(repository) == before
        assert cut[:5] == [True] * 5
        assert all(cut)
    assert in_branch(repository) == wanted
    assert git(repository, "rev-list", "--count", "main") == "2"
    assert git(repository, "fsck", "--strict", "--no-dangling") == ""


def test_a_server_that_is_slow_is_given_up_and_tried_again(tmp_path):
    repository = empty(tmp_path / "forge.git")
    hook = hooked(repository, "sleep 60")
    with pytest.raises(MirrorError, match="git push was not done after") as error:
        publish(make(tmp_path, timeout=3), 1, FIRST)  # so that all that comes before the push is done by then
    assert error.value.retry
    hook.unlink()
    assert publish(make(tmp_path), 1, FIRST) == in_branch(repository)


def test_a_server_that_talks_without_end_fills_no_memory(tmp_path):
    hooked(empty(tmp_path / "forge.git"), "head -c 50000000 /dev/zero | tr '\\0' x >&2; exit 1")
    script = (
        f"import sys, resource; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from pathlib import Path\nfrom mirrors_house import FIRST, clock, options, publish\nfrom pappus.mirrors import MIRRORS\n"
        f"mirror = MIRRORS['git'](options(Path({str(tmp_path)!r}), remote={str(tmp_path / 'forge.git')!r}), clock)\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n    publish(mirror, 1, FIRST)\nexcept Exception as error:\n    assert len(str(error)) < 500\n"
        "else:\n    raise SystemExit(1)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    grown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert int(grown) < 20_000  # KiB


@pytest.mark.parametrize(
    ("said", "retry"),
    [
        ("fatal: unable to access 'https://denied.example/rejected/news.git/': Could not resolve host: denied.example", True),
        ("ssh: connect to host rejected.example port 22: Connection refused", True),
        ("fatal: unable to access 'http://127.0.0.1:40171/access-denied.git/': Recv failure: Connection reset by peer", True),
        ("git@forge.example: Permission denied (publickey). Connection closed by 192.0.2.7 port 22", False),
        ("remote: Permission to you/news.git denied to them. fatal: the remote end hung up unexpectedly", False),
        ("remote: HTTP Basic: Access denied. fatal: the remote end hung up unexpectedly", False),
        ("! [remote rejected] main -> main (pre-receive hook declined) fatal: the remote end hung up unexpectedly", False),
    ],
)  # fmt: skip
def test_a_refusal_is_told_by_its_own_words_and_not_by_those_of_a_host_or_a_path(said, retry):
    done = subprocess.CompletedProcess(["git", "push"], 128, b"", said.encode())
    assert Program("forge", {}, 1.0)._failed(done).retry is retry


def test_a_refusal_is_not_tried_again(tmp_path):
    hooked(empty(tmp_path / "forge.git"), "echo the branch is protected >&2; exit 1")
    with pytest.raises(MirrorError, match="the branch is protected") as error:
        publish(make(tmp_path), 1, FIRST)
    assert not error.value.retry


# ssh


def test_a_server_that_is_met_first_is_remembered_and_another_in_its_place_is_refused(tmp_path):
    empty(tmp_path / "news.git")
    with sshd(tmp_path / "sshd") as (address, key, known):
        mirror = make(tmp_path, remote=f"{address}{tmp_path}/news.git", ssh_key=key)
        publish(mirror, 1, FIRST)
        remembered = tmp_path / "state" / "known_hosts"
        assert known.read_text().split()[2] in remembered.read_text()
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "other"))
        wrong = " ".join((tmp_path / "other.pub").read_text().split()[:2])
        remembered.write_text(f"{known.read_text().split()[0]} {wrong}\n")
        with pytest.raises(MirrorError, match="Host key verification failed") as error:
            mirror.state()
        assert not error.value.retry
        pinned = make(tmp_path, remote=f"{address}{tmp_path}/news.git", ssh_key=key, ssh_known_hosts=tmp_path / "none")
        with pytest.raises(MirrorError, match="Host key verification failed"):
            pinned.state()
        assert in_branch(tmp_path / "news.git") == tree(FIRST, 1)


def test_a_key_that_the_server_does_not_know_is_a_refusal(tmp_path):
    empty(tmp_path / "news.git")
    with sshd(tmp_path / "sshd") as (address, _, known):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "other"))
        mirror = make(
            tmp_path, remote=f"{address}{tmp_path}/news.git", ssh_key=tmp_path / "other", ssh_known_hosts=known
        )
        with pytest.raises(MirrorError, match="Permission denied") as error:
            mirror.state()
    assert not error.value.retry


# Our disk, our life

_CHILD = """
import os, resource, sys
sys.path.insert(0, {tests!r})
from msgspec.structs import replace
from functools import partial
from pathlib import Path
from mirrors_house import FIRST, SECOND, clock, options, publish
from pappus.errors import MirrorError
from pappus.mirrors import MIRRORS

def once(folder, remote, photograph):
    mirror = MIRRORS["git"](options(Path(folder), remote=remote, keep_commits=2, token={token!r}), clock)
    had = mirror.state().base
    if had is None:
        publish(mirror, 1, FIRST)
        had = mirror.state().base
    last = had.version.number
    trees = FIRST, SECOND | {{"indexes/a.md": photograph}}
    publish(mirror, last + 1, trees[last % 2], trees[1 - last % 2], last)
"""


def child(body):
    """Start Python with ``once`` defined, which publishes the next of two editions, in turn."""
    script = _CHILD.format(tests=str(Path(__file__).parent), token=TOKEN) + body
    return subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_a_full_disk_is_told_of_and_the_next_try_goes_on(tmp_path):
    body = (
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, resource.RLIM_INFINITY))\n"
        f"try:\n    once({str(tmp_path)!r}, {str(tmp_path / 'forge.git')!r}, sys.stdin.read())\n"
        "except MirrorError as error:\n    print(error)\n"
    )
    with child(body) as process:
        said, failed = process.communicate(PHOTOGRAPH, timeout=60)
    assert "git fast-import failed" in said, failed
    assert said.count("\n") == 1
    assert make(tmp_path).state() == MirrorState(shown=binding(1), base=binding(1))
    wanted = publish(make(tmp_path), 2, SECOND | {"indexes/a.md": PHOTOGRAPH}, FIRST, 1)
    assert in_branch(tmp_path / "forge.git") == wanted
    assert not list((tmp_path / "state" / "objects.git").rglob("tmp_*"))


class Driver:
    """A process that forks publishes, so that each is at work at once and can be killed at any moment."""

    _LOOP = """
print("ready", flush=True)
for line in sys.stdin:
    folder, remote = line.split()
    pid = os.fork()
    if not pid:
        os.setsid()
        try:
            once(folder, remote, {photograph!r})
        finally:
            os._exit(0)
    print(pid, flush=True)
    os.waitpid(pid, 0)
    print("ended", flush=True)
"""

    def __init__(self):
        self.process = child(self._LOOP.format(photograph=PHOTOGRAPH[:20_000]))
        self.process.stdout.readline()

    def publish(self, folder, remote, seconds=None):
        """Publish; killed after so many seconds."""
        self.process.stdin.write(f"{folder} {remote}\n")
        self.process.stdin.flush()
        pid = int(self.process.stdout.readline())
        if seconds is not None:
            time.sleep(seconds)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.stdout.readline()

    def close(self):
        self.process.communicate()


@contextmanager
def remotes(tmp_path, kind):
    if kind == "file":
        yield str(tmp_path / "forge.git")
    else:
        with forge(tmp_path) as server:
            yield f"{server.url}/forge.git"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["file", "http"])
def test_killed_at_any_moment_the_branch_is_of_one_version_and_the_next_publish_goes_on(tmp_path, kind):
    """The history begins anew at every second publish, so there are two pushes as often as one."""
    repository = empty(tmp_path / "forge.git")
    chance, died = random.Random(f"kill {kind}"), set()
    driver = Driver()
    try:
        with remotes(tmp_path, kind) as remote:
            driver.publish(tmp_path, remote)
            begun = time.monotonic()
            driver.publish(tmp_path, remote)
            whole = time.monotonic() - begun
            editions = FIRST, SECOND | {"indexes/a.md": PHOTOGRAPH[:20_000]}
            for _ in range(25):
                before = git(repository, "rev-parse", "main")
                driver.publish(tmp_path, remote, chance.uniform(0, whole))
                last = make(tmp_path, remote=remote, token=TOKEN).state().shown.version.number
                assert in_branch(repository) == tree(editions[1 - last % 2], last)
                died.add(git(repository, "rev-parse", "main") == before)
            driver.publish(tmp_path, remote)
            state = make(tmp_path, remote=remote, token=TOKEN).state()
            assert state.shown.version.number == last + 1
    finally:
        driver.close()
    assert True in died  # else they were killed too late to show anything
    for one in (repository, tmp_path / "state" / "objects.git"):
        assert git(one, "fsck", "--strict", "--no-dangling") == ""
    assert int(git(repository, "rev-list", "--count", "main")) <= 5


@pytest.mark.parametrize("left", [b"", b"\0" * 41, b"half\n"], ids=["empty", "zeros", "half"])
def test_references_that_a_lost_power_left_half_written_are_found_again(tmp_path, left):
    mirror = make(tmp_path)
    publish(mirror, 1, FIRST)
    publish(mirror, 2, SECOND, FIRST, 1)
    for name in ("next", "base"):
        (tmp_path / "state" / "objects.git" / "refs" / "pappus" / "forge" / name).write_bytes(left)
    assert mirror.state() == MirrorState(shown=binding(2), base=binding(2))
    assert publish(mirror, 3, THIRD, SECOND, 2) == in_branch(tmp_path / "forge.git")


# Several mirrors, one repository


def several(tmp_path, count):
    shared = {"objects": tmp_path / "objects.git", "keep_commits": 3}
    return [
        make(tmp_path / f"of-{n}", name=f"mirror-{n}", remote=str(tmp_path / f"{n}.git"), **shared)
        for n in range(count)
    ]


def go_on(mirror, number, trees):
    base = mirror.state().base
    last = base.version.number if base else None
    return publish(mirror, number, trees[number], trees[last] if last else None, last)


def test_mirrors_that_share_their_objects_publish_side_by_side(tmp_path):
    chance = random.Random(1)
    trees = {n: FIRST | {"README.md": f"{n}", "indexes/a.md": chance.randbytes(50_000).hex()} for n in range(1, 13)}
    mirrors = several(tmp_path, 4)
    with ThreadPoolExecutor(4) as pool:
        for number in trees:
            wanted = list(pool.map(partial(go_on, number=number, trees=trees), mirrors))
            if number % 4 == 0:
                assert all(in_branch(tmp_path / f"{n}.git") == wanted[n] for n in range(4))
    assert git(tmp_path / "objects.git", "fsck", "--strict", "--full", "--no-dangling") == ""
    packs = list((tmp_path / "objects.git").rglob("*.pack"))
    assert sum(path.stat().st_size for path in packs) < 4 * 12 * 50_000 / 2
    assert len(packs) <= 14


def test_what_one_mirror_has_another_need_not_store_again(tmp_path):
    first, second = several(tmp_path, 2)
    files = FIRST | {"indexes/a.md": PHOTOGRAPH}
    publish(first, 1, files)
    before = sum(path.stat().st_size for path in (tmp_path / "objects.git").rglob("*.pack"))
    publish(second, 1, files)
    assert sum(path.stat().st_size for path in (tmp_path / "objects.git").rglob("*.pack")) < before + 2_000
    assert in_branch(tmp_path / "0.git") == in_branch(tmp_path / "1.git")


def test_a_mirror_whose_server_does_not_answer_delays_no_other(tmp_path):
    slow, quick = several(tmp_path, 2)
    gate, begun = tmp_path / "gate", tmp_path / "begun"
    os.mkfifo(gate)
    hooked(empty(tmp_path / "0.git"), f"cat > /dev/null; touch {begun}; read line < {gate}")
    publish(quick, 1, FIRST)
    thread = threading.Thread(target=publish, args=(slow, 1, FIRST))
    thread.start()
    try:
        until(begun.exists)
        trees = {n: FIRST | {"README.md": f"{n}"} for n in range(1, 16)}
        for number in range(2, 16):  # more than there may be packs
            wanted = go_on(quick, number, trees)
        assert in_branch(tmp_path / "1.git") == wanted
    finally:
        gate.write_text("go on\n")
        thread.join()
    assert in_branch(tmp_path / "0.git") == tree(FIRST, 1)
    assert len(list((tmp_path / "objects.git").rglob("*.pack"))) <= 11  # the last of them has tidied


def test_what_one_mirror_forgets_goes_when_the_last_of_them_forgets_it(tmp_path):
    secret = FIRST | {"indexes/a.md": "the passenger list"}
    mirrors = several(tmp_path, 2)
    for mirror in mirrors:
        publish(mirror, 1, secret)
    blob = git(tmp_path / "objects.git", "rev-parse", "refs/pappus/mirror-0/next:indexes/a.md")
    there = []
    for mirror in mirrors:
        wanted = tree(FIRST, 2)
        mirror.apply(replace(plan(2, wanted, version(1), tree(secret, 1)), forget=True), reader(wanted))
        done = subprocess.run(
            ["git", "--git-dir", str(tmp_path / "objects.git"), "cat-file", "-e", blob],
            capture_output=True,
            check=False,
        )
        there.append(done.returncode == 0)
    assert there == [True, False]


# Costs


def test_a_publish_starts_git_four_times(tmp_path, monkeypatch):
    mirror = make(tmp_path)
    publish(mirror, 1, FIRST)
    started, popen = [], subprocess.Popen

    def counted(command, *args, **kwargs):
        started.append(command[1])
        return popen(command, *args, **kwargs)

    monkeypatch.setattr(subprocess, "Popen", counted)
    mirror.state()
    publish(mirror, 2, SECOND, FIRST, 1)
    assert started == ["ls-remote", "cat-file", "fast-import", "push"]
