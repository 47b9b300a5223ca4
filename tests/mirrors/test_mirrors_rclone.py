"""The rclone mirror: nothing half under its name, wherever it is; and no rclone is left behind."""

from __future__ import annotations

import fcntl
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from mirrors_house import (
    FIRST,
    SECOND,
    THIRD,
    binding,
    clock,
    in_folder,
    options,
    plan,
    publish,
    reader,
    tree,
    until,
    version,
)
from mirrors_way import assert_on_the_way
from places_rclone import PASSWORD, PLACES, sftp_remote, sshd, webdav_server

from pappus.errors import ForeignError, MirrorError, StoreError
from pappus.mirrors import MIRRORS, MirrorState, RcloneOptions, rcd, rclone

pytestmark = pytest.mark.rclone


@pytest.fixture
def shown(tmp_path):
    return tmp_path / "tree"


def made(tmp_path, remote, **fields):
    return MIRRORS["rclone"](options(tmp_path, RcloneOptions, remote=str(remote), **fields), clock)


@pytest.fixture
def mirror(tmp_path, shown):
    return made(tmp_path, shown)


def many(number, text="x"):
    """Return an edition of so many texts, each of which names the others' number."""
    return {"README.md": f"home {text}"} | {
        f"indexes/{page}.md": f"{page} {text} " + "x" * 3000 for page in range(number)
    }


# What readers find meanwhile


@pytest.mark.parametrize("name", ["rclone", "rclone-sftp", "rclone-webdav"])
def test_who_reads_while_it_is_changed_never_meets_half_a_file(tmp_path, name):
    trees = {number: tree(many(12, str(number)), number) for number in range(1, 6)}
    bodies = {path: {found[path] for found in trees.values()} for path in trees[1]}
    stop, wrong, missing, looks = threading.Event(), [], [], [0]

    def look(root):
        while not stop.is_set():
            for path, sound in bodies.items():
                looks[0] += 1
                try:
                    if (root / path).read_bytes() not in sound:
                        wrong.append(path)
                except FileNotFoundError:
                    missing.append(path)

    with PLACES[name](tmp_path) as place:
        place.mirror().apply(plan(1, trees[1]), reader(trees[1]))
        thread = threading.Thread(target=look, args=(place.tree,))
        thread.start()
        try:
            for number in range(2, 6):
                step = plan(number, trees[number], version(number - 1), trees[number - 1])
                place.mirror().apply(step, reader(trees[number]))
        finally:
            stop.set()
            thread.join()
        assert place.look() == trees[5]
    assert wrong == []
    assert looks[0] > 100
    if name == "rclone":  # rclone's SFTP cannot move onto a file that is there, and takes it away just before
        assert missing == []


def test_mirror_json_comes_after_everything_and_says_the_former_version_until_then(mirror, shown):
    before, wanted = publish(mirror, 1, FIRST), tree(SECOND, 2)
    step = plan(2, wanted, version(1), before)
    seen = []

    def look(entry):
        seen.append(in_folder(shown))
        return wanted[entry.path]

    mirror.apply(step, look)
    for found in seen:
        assert_on_the_way(found, before, wanted)
    assert in_folder(shown) == wanted
    assert not (shown / ".pappus-new").exists()
    assert not (shown / "media").exists()  # nothing is left in it


# What is cut off


def test_what_was_put_is_not_put_again(tmp_path, mirror, shown):
    wanted = tree(many(40), 1)
    step = plan(1, wanted)
    last = step.puts[-5].path

    def failing(entry):
        if entry.path == last:
            raise StoreError(entry.path, "was altered")
        return wanted[entry.path]

    with pytest.raises(StoreError):
        mirror.apply(step, failing)
    assert mirror.state() == MirrorState()
    asked = []
    made(tmp_path, shown).apply(step, lambda entry: asked.append(entry.path) or wanted[entry.path])
    assert in_folder(shown) == wanted
    assert last in asked
    assert len(asked) < 24  # a few were under way
    assert not list((tmp_path / "state").glob("staging/*"))


class Cut(BaseException):
    pass


def cut(*_):
    raise Cut


def test_a_publish_that_was_cut_off_is_made_good_by_one_that_knows_nothing_of_it(tmp_path, mirror, shown, monkeypatch):
    """Version 3 is as version 1 was, but for its home: its plan does not name what version 2 changed and added."""
    trees = {1: FIRST, 3: FIRST | {"README.md": "home, much later"}}
    publish(mirror, 1, FIRST)
    with monkeypatch.context() as patch:
        patch.setattr(rclone._Publish, "_delete", cut)
        with pytest.raises(Cut):
            publish(mirror, 2, SECOND, FIRST, 1)
    assert mirror.state() == MirrorState(shown=binding(1), base=binding(1))
    with pytest.raises(MirrorError, match="was cut off") as error:
        publish(mirror, 3, trees[3], FIRST, 1)
    assert error.value.retry
    assert mirror.state() == MirrorState(shown=binding(1), base=None)
    assert publish(mirror, 3, trees[3]) == in_folder(shown)
    assert mirror.state() == MirrorState(shown=binding(3), base=binding(3))


def test_a_publish_that_was_cut_off_is_made_good_by_one_that_names_all_of_it(mirror, shown, monkeypatch):
    publish(mirror, 1, FIRST)
    with monkeypatch.context() as patch:
        patch.setattr(rclone._Publish, "_delete", cut)
        with pytest.raises(Cut):
            publish(mirror, 2, SECOND, FIRST, 1)
    assert publish(mirror, 3, THIRD, FIRST, 1) == in_folder(shown)


def test_a_publish_that_was_cut_off_after_its_end_is_done(mirror, shown, monkeypatch):
    publish(mirror, 1, FIRST)
    with monkeypatch.context() as patch:
        patch.setattr(rclone._Publish, "_clear", cut)
        with pytest.raises(Cut):
            publish(mirror, 2, SECOND, FIRST, 1)
    assert (shown / ".pappus-new").exists()
    assert mirror.state() == MirrorState(shown=binding(2), base=binding(2))
    assert publish(mirror, 3, FIRST, SECOND, 2) == in_folder(shown)


def test_where_mirror_json_is_away_the_journal_has_it(tmp_path, mirror, shown, monkeypatch):
    """At a place that cannot move a file onto another, a publish may be cut off when the former one is gone already."""
    publish(mirror, 1, FIRST)

    def move(self, entry):
        if entry.path == "mirror.json":
            (shown / "mirror.json").unlink()
            raise Cut
        put(self, entry)

    put = rclone._Publish._move
    with monkeypatch.context() as patch:
        patch.setattr(rclone._Publish, "_move", move)
        with pytest.raises(Cut):
            publish(mirror, 2, SECOND, FIRST, 1)
    assert mirror.state() == MirrorState(shown=None, base=binding(1))
    assert publish(mirror, 3, THIRD, FIRST, 1) == in_folder(shown)


def test_a_plan_that_starts_from_something_else_is_refused(mirror, shown):
    publish(mirror, 1, FIRST)
    wanted = publish(mirror, 2, SECOND, FIRST, 1)
    with pytest.raises(MirrorError, match="was changed while it was looked at") as error:
        publish(mirror, 3, THIRD, FIRST, 1)
    assert error.value.retry
    assert in_folder(shown) == wanted


def test_a_journal_that_was_still_being_written_says_nothing(mirror, shown):
    publish(mirror, 1, FIRST)
    (shown / ".pappus-new").mkdir()
    for number, data in enumerate((b"", b"[]", b'{"target": "x", "paths": ["a', b"[" * 60_000, b"\xff\xfe")):
        (shown / ".pappus-new" / f"journal-{number}.json").write_bytes(data)
    assert mirror.state() == MirrorState(shown=binding(1), base=binding(1))
    assert publish(mirror, 2, SECOND, FIRST, 1) == in_folder(shown)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b'{"pappus": 1}', b"x" * 100_000], ids=["empty", "nothing", "half", "large"]
)
def test_a_mirror_json_of_somebody_else_is_left_alone(mirror, shown, data):
    shown.mkdir()
    (shown / "mirror.json").write_bytes(data)
    with pytest.raises(ForeignError, match="not ours"):
        mirror.state()
    assert in_folder(shown) == {"mirror.json": data}


def test_over_damage_everything_is_put_right(mirror, shown):
    """Of a whole edition only what is not right is put, where the place knows hashes; sizes alone are not believed."""
    wanted = publish(mirror, 1, FIRST)
    (shown / "indexes/news.md").write_text("two")
    (shown / "stray.md").write_text("stray")
    asked = []
    mirror.apply(plan(1, wanted), lambda entry: asked.append(entry.path) or wanted[entry.path])
    assert in_folder(shown) == wanted
    assert asked == ["indexes/news.md", "mirror.json"]


def test_who_waits_in_vain_for_another_publish_leaves_its_files_alone(tmp_path, shown):
    staged = tmp_path / "state/staging/0"
    staged.parent.mkdir(parents=True)
    staged.write_bytes(b"of the other")
    with (tmp_path / "state/lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(MirrorError, match="another rclone is at work"):
            publish(made(tmp_path, shown, timeout=0.05), 1, FIRST)
        assert staged.read_bytes() == b"of the other"
    publish(made(tmp_path, shown), 1, FIRST)
    assert not staged.parent.exists()


# Servers that die, refuse, or never answer


@pytest.mark.slow
def test_a_server_that_dies_in_the_middle_is_told_in_one_line_and_the_next_publish_goes_on(tmp_path):
    tree_folder = tmp_path / "tree"
    first, wanted = tree(many(30, "1"), 1), tree(many(30, "2"), 2)
    with sshd(tmp_path / "sshd") as (_, port, key):
        mirror = made(tmp_path, sftp_remote(port, key, tree_folder))
        hasty = made(tmp_path, sftp_remote(port, key, tree_folder), timeout=8.0)  # rclone waits for a dead server
        mirror.apply(plan(1, first), reader(first))
    step = plan(2, wanted, version(1), first)
    with sshd(tmp_path / "sshd", port=port) as (server, _, _):
        asked = []

        def read(entry):
            asked.append(entry.path)
            if len(asked) == 10:
                _end_tree(server.pid)
            return wanted[entry.path]

        with pytest.raises(MirrorError) as error:
            hasty.apply(step, read)
    assert "\n" not in str(error.value)
    assert error.value.retry
    assert_on_the_way(in_folder(tree_folder), first, wanted)
    with pytest.raises(MirrorError) as error:
        mirror.state()
    assert "\n" not in str(error.value)
    assert error.value.retry
    with sshd(tmp_path / "sshd", port=port):
        assert mirror.state().base == binding(1)
        mirror.apply(step, reader(wanted))
    assert in_folder(tree_folder) == wanted


def _end_tree(pid):
    """Kill a server of ours, and the processes that it has for its connections, children first: so that none is lost from sight."""
    os.kill(pid, signal.SIGSTOP)
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        _end_tree(int(child))
    os.kill(pid, signal.SIGKILL)


def test_a_server_that_moves_nothing_is_told_before_a_file_is_touched(tmp_path):
    """A file that is to be replaced would go, and nothing would come in its place."""
    trees = {number: tree({"pages/a.md": f"a {number}", "README.md": f"home {number}"}, number) for number in (1, 2)}
    with sshd(tmp_path / "sshd") as (_, port, key):
        mirror = made(tmp_path, sftp_remote(port, key, tmp_path / "tree"))
        mirror.apply(plan(1, trees[1]), reader(trees[1]))
    step = plan(2, trees[2], version(1), trees[1])
    with sshd(tmp_path / "sshd", port=port, refused=("rename", "posix-rename")):
        with pytest.raises(MirrorError, match="moves no files"):
            mirror.apply(step, reader(trees[2]))
        found = in_folder(tmp_path / "tree")
        assert {path: found[path] for path in found if not path.startswith(".pappus-new/")} == trees[1]
        assert mirror.state() == MirrorState(shown=binding(1), base=binding(1))
    with sshd(tmp_path / "sshd", port=port):
        mirror.apply(step, reader(trees[2]))
    assert in_folder(tmp_path / "tree") == trees[2]


def test_a_wrong_password_is_told_in_one_line_without_it(tmp_path):
    with webdav_server(tmp_path, tmp_path / "tree") as (_, remote):
        wrong = (
            subprocess.run(["rclone", "obscure", "canary-wrong"], capture_output=True, check=True)
            .stdout.decode()
            .strip()
        )
        right = remote.rpartition("pass=")[2].rstrip(":")
        mirror = made(tmp_path, remote.replace(right, wrong))
        with pytest.raises(MirrorError) as error:
            mirror.state()
    assert "\n" not in str(error.value)
    assert not error.value.retry
    assert wrong not in str(error.value)
    assert wrong not in repr(mirror._options)


def test_a_key_that_is_not_let_in_is_told_in_one_line(tmp_path):
    with sshd(tmp_path / "sshd") as (_, port, _):
        other = tmp_path / "other"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(other)], check=True)
        with pytest.raises(MirrorError, match="unable to authenticate") as error:
            made(tmp_path, sftp_remote(port, other, tmp_path / "tree")).state()
    assert not error.value.retry
    assert "\n" not in str(error.value)


class _Flood(BaseHTTPRequestHandler):
    """A place that says of every file that it is small, and sends it for ever."""

    sent = 0

    def do_PROPFIND(self):
        file = (
            f"<response><href>{self.path}</href><propstat><prop><getcontentlength>100</getcontentlength><resourcetype/></prop>"
            "<status>HTTP/1.1 200 OK</status></propstat></response>"
        )
        body = f'<?xml version="1.0"?><multistatus xmlns="DAV:">{file}</multistatus>'.encode()
        self.send_response(207)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            while self.sent < 1 << 30:
                type(self).sent += self.wfile.write(bytes(1 << 20))

    def log_message(self, *_):
        pass


def test_no_more_is_taken_from_a_place_than_a_file_may_have_whatever_it_says(tmp_path):
    with ThreadingHTTPServer(("127.0.0.1", 0), _Flood) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(MirrorError, match="max transfer limit"):
            made(tmp_path, f":webdav,url='http://127.0.0.1:{server.server_address[1]}/',vendor=other:").state()
        server.shutdown()
    assert _Flood.sent < 1 << 28  # what buffers hold


def test_a_server_that_never_answers_is_given_up_in_time(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        remote = f":webdav,url='http://127.0.0.1:{silent.getsockname()[1]}/':"
        with pytest.raises(MirrorError, match="not done in time") as error:
            made(tmp_path, remote, timeout=1.0).state()
    assert error.value.retry


def test_an_rclone_that_does_not_come_up_in_time_is_told_as_one_that_is_not_done(tmp_path, shown, monkeypatch):
    (tmp_path / "rclone").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "rclone").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(MirrorError, match="not done in time") as error:
        made(tmp_path, shown, timeout=0.2).state()
    assert error.value.retry


@pytest.mark.parametrize(
    "remote", ["nowhere:x", ":nosuchkind:x", ':sftp,host="x'], ids=["no-name", "no-kind", "no-end"]
)
def test_a_remote_that_is_none_is_told_in_one_line(tmp_path, remote):
    with pytest.raises(MirrorError, match="rclone failed") as error:
        made(tmp_path, remote).state()
    assert "\n" not in str(error.value)
    assert not error.value.retry


@pytest.mark.parametrize(
    ("reason", "retry"),
    [
        ("couldn't connect SSH: dial tcp 127.0.0.1:40171: connect: connection refused", True),
        ("dial tcp 10.0.0.1:403: i/o timeout", True),
        ("failed to put pages/harbour/2024-05-01/4031-403f.md: broken pipe", True),
        ("read tcp 192.0.2.9:52401->198.51.100.401.example:22: connection reset by peer", True),
        ("internal error: 500 Internal Server Error", True),
        ("failed to put pages/harbour/2024-05-01/unknown-ship.md: broken pipe", True),
        ("dial tcp: lookup unknown.example: i/o timeout", True),
        ("couldn't connect SSH: ssh: handshake failed: knownhosts: key is unknown", False),
        ("read metadata failed: Unauthorized: 401 Unauthorized", False),
        ("googleapi: Error 403: The user does not have permission", False),
        ("operation error S3: HeadBucket, https response error StatusCode: 403, RequestID: 7", False),
    ],
)
def test_a_refusal_is_final_by_its_own_words_and_not_by_those_of_a_port_a_host_or_a_file(reason, retry):
    error = rcd.told("forge", rcd.RefusalError(reason, missing=False), ":webdav:")
    assert error.retry is retry


def test_a_machine_without_rclone_is_told_so(mirror, tmp_path, shown, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MirrorError, match="rclone is not installed"):
        made(tmp_path, shown).state()


# What rclone is given


def test_a_remote_may_be_named_in_a_file_and_the_user_s_own_is_not_read(tmp_path, shown, monkeypatch):
    (tmp_path / "rclone.conf").write_text(f"[news]\ntype = alias\nremote = {tmp_path}\n")
    wanted = publish(made(tmp_path, "news:tree", config=tmp_path / "rclone.conf"), 1, FIRST)
    assert in_folder(shown) == wanted
    monkeypatch.setenv("RCLONE_CONFIG", str(tmp_path / "rclone.conf"))
    with pytest.raises(MirrorError, match="didn't find section"):
        made(tmp_path, "news:tree").state()
    monkeypatch.setenv("RCLONE_CONFIG_NEWS_TYPE", "alias")
    monkeypatch.setenv("RCLONE_CONFIG_NEWS_REMOTE", str(tmp_path))
    monkeypatch.setenv("RCLONE_DRY_RUN", "true")  # what the user sets for himself is not for us
    assert made(tmp_path, "news:tree").state().shown == binding(1)


def test_no_argument_that_others_see_and_no_file_has_a_password_in_it(tmp_path):
    with webdav_server(tmp_path, tmp_path / "tree") as (_, remote):
        secret = remote.rpartition("pass=")[2].rstrip(":")
        wanted, seen = tree(FIRST, 1), []

        def read(entry):
            for process in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    seen.append(process.read_bytes())
                except OSError:
                    continue
            return wanted[entry.path]

        made(tmp_path, remote).apply(plan(1, wanted), read)
    assert any(b"rclone\0rcd" in line for line in seen)
    assert not any(secret.encode() in line or PASSWORD.encode() in line for line in seen)
    kept = b"".join(path.read_bytes() for path in (tmp_path / "state").rglob("*") if path.is_file())
    assert secret.encode() not in kept


# Kills

_CHILD = """
import sys
sys.path[:0] = {folders!r}
from pathlib import Path
from mirrors_house import clock, options, plan, tree, version
from pappus.mirrors import MIRRORS, RcloneOptions
from test_mirrors_rclone import many
folder, remote = Path(sys.argv[1]), sys.argv[2]
mirror = MIRRORS["rclone"](options(folder, RcloneOptions, remote=remote, timeout=30.0), clock)
def read(entry):
    print(entry.path, flush=True)
    return wanted[entry.path]
while True:
    base = mirror.state().base
    number = base.version.number if base else 0
    wanted = tree(many(20, str(number + 1)), number + 1)
    step = plan(number + 1, wanted, version(number) if base else None, tree(many(20, str(number)), number))
    mirror.apply(step, read)
"""


def _is_free(lock):
    with lock.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@pytest.mark.slow
@pytest.mark.parametrize(("name", "times"), [("rclone", 25), ("rclone-sftp", 15), ("rclone-webdav", 15)])
def test_a_publisher_that_is_killed_at_any_moment_leaves_files_of_two_versions_at_the_most(tmp_path, name, times):
    code = _CHILD.format(folders=[str(folder) for folder in Path(__file__).parents[:2]])
    chance, reached = random.Random(11), set()
    with PLACES[name](tmp_path) as place:
        remote = place.fields["remote"]
        for _ in range(times):
            with subprocess.Popen([sys.executable, "-c", code, str(tmp_path), remote], stdout=subprocess.PIPE) as child:
                for _ in range(
                    chance.choice((chance.randrange(1, 40), 22))
                ):  # after the 22nd of 22 or 23, files are moved
                    assert child.stdout.readline()
                time.sleep(chance.uniform(0.0, 0.1))
                child.send_signal(signal.SIGKILL)
            until(lambda: _is_free(tmp_path / "state" / "lock"))  # its rclone has it too
            seen = {path: body for path, body in place.look().items() if not path.startswith(".")}
            base = place.mirror().state().base
            number = base.version.number if base else 0
            reached.add(number)
            versions = [tree(many(20, str(one)), one) if one else {} for one in (number, number + 1)]
            away = versions[0].keys() - seen
            assert len(away) <= (8 if place.gap else 0)  # where a file is not moved onto another in one step
            assert_on_the_way(seen | {path: versions[0][path] for path in away}, *versions)
        wanted = tree(SECOND, number + 2)
        step = plan(number + 2, wanted, base.version if base else None, versions[0] | versions[1])
        place.mirror().apply(step, reader(wanted))
        assert place.look() == wanted
    assert len(reached) > 3
