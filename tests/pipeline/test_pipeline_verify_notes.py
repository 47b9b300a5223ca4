"""What is told of copies that are not wrong, of readers' roots, and of places that do not answer."""

from __future__ import annotations

import gzip
import json
import os
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import unquote

import brotli
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "trust"))  # verify_house and its like

from verify_attacks import newsroom
from verify_house import (
    ADDRESS,
    BRIDGE,
    FERRY,
    FIRST,
    NOW,
    PHOTO,
    SECOND,
    Held,
    Keys,
    Memory,
    Newsroom,
    found,
    look,
    noted,
    rebound,
)  # fmt: skip
from verify_places import at, commit, lay, opened, served

from pappus.errors import MirrorError, TrustError
from pappus.layout import MARKDOWN, TIMESTAMP
from pappus.mirrors import qr_image
from pappus.model import digest
from pappus.pipeline import inspection
from pappus.pipeline.memory import FolderMemory
from pappus.pipeline.places import READERS
from pappus.pipeline.releases import Anchors


@pytest.fixture
def room():
    return newsroom()[0]


@pytest.fixture
def tree():
    return dict(newsroom()[1][2])


# Roots


def test_without_a_root_the_first_that_is_met_is_believed_and_that_is_said(room, tree):
    verdict = look(tree)
    assert verdict.whole
    assert not verdict.pinned
    assert noted(verdict, "unpinned") == {"metadata/1.root.json"}
    assert verdict.fingerprint == digest(room.anchor)


def test_a_fingerprint_is_enough_to_tell_a_newsroom_from_another(room, tree):
    ours, theirs = (Anchors(fingerprints=frozenset({digest(one)})) for one in (room.anchor, Newsroom().anchor))
    assert look(tree, anchors=ours).whole
    assert found(look(tree, anchors=theirs)) == {("foreign", "metadata/1.root.json")}


def test_of_several_roots_one_has_to_be_the_right_one(room, tree):
    other = Newsroom().anchor
    verdict = look(tree, anchors=Anchors(roots=(other, room.anchor), fingerprints=frozenset({digest(other)})))
    assert verdict.fingerprint == digest(room.anchor)
    assert found(look(tree, anchors=Anchors(roots=(other,), fingerprints=frozenset({digest(other)})))) == {
        ("foreign", TIMESTAMP)
    }


def test_a_later_root_may_be_carried_in_place_of_the_first():
    room = Newsroom()
    before, room.keys = room.keys.signers, Keys()
    room.new_root(old_signers=before["root"])
    tree = room.publish(FIRST)
    verdict = look(tree, tree["metadata/2.root.json"])
    assert (verdict.findings, verdict.root) == ((), 2)
    assert found(look(tree | {"metadata/1.root.json": Newsroom().anchor}, tree["metadata/2.root.json"])) == {
        ("added", "metadata/1.root.json")
    }


# Memory


def test_what_was_seen_is_kept_in_a_folder_and_an_older_copy_is_told_the_next_time(room, tmp_path):
    _, trees = newsroom()
    memory = FolderMemory(tmp_path / "memory")
    assert not (tmp_path / "memory").exists()
    assert look(trees[2], room.anchor, memory=memory).whole
    assert found(look(trees[1], room.anchor, memory=FolderMemory(tmp_path / "memory"))) == {("rolled back", TIMESTAMP)}
    assert look(trees[2], room.anchor, memory=memory).whole
    (kept,) = (tmp_path / "memory").iterdir()
    assert b"news.example" not in kept.read_bytes()


def test_who_was_met_first_is_remembered_so_another_newsroom_is_foreign(tree):
    memory = Memory()
    assert look(tree, memory=memory).whole
    other = Newsroom().publish(FIRST)
    assert found(look(other, memory=memory)) == {("foreign", "metadata/1.root.json")}
    assert noted(look(tree, memory=memory), "unpinned") == set()


def test_a_damaged_memory_is_an_error_and_no_blank_sheet(tree, tmp_path):
    memory = FolderMemory(tmp_path)
    assert look(tree, memory=memory).whole
    (kept,) = tmp_path.iterdir()
    kept.write_text("{}")
    with pytest.raises(TrustError, match="remove it"):
        look(tree, memory=memory)


def test_roots_that_end_before_what_was_seen_are_rolled_back():
    room, memory = Newsroom(), Memory()
    before = room.publish(FIRST)
    room.new_root(old_signers=room.keys.signers["root"])
    after = room.publish(FIRST)
    assert look(after, room.anchor, memory=memory).whole
    assert ("rolled back", "metadata/1.root.json") in found(look(before, room.anchor, memory=memory))


def test_after_a_new_key_the_numbers_that_the_old_one_signed_count_no_more():
    room, memory = Newsroom(), Memory()
    room.release = 900  # as a thief of the key may have signed
    assert look(room.publish(FIRST), room.anchor, memory=memory).whole
    before, room.keys = room.keys.signers, Keys()
    room.new_root(old_signers=before["root"])
    room.new_targets()
    room.release = 5
    tree = room.publish(SECOND)
    assert look(tree, room.anchor, memory=memory).whole


# Other releases


def test_a_mirror_that_missed_releases_is_whole_while_it_is_brought_up():
    room = Newsroom()
    before = room.publish(FIRST)
    for number in range(9):
        after = room.publish(SECOND | {"README.md": b"%d" % number})
    tree = before | {path: data for path, data in after.items() if path not in {TIMESTAMP, "mirror.json"}}
    for listed in (True, False):
        verdict = look(Held(tree, listed=listed), room.anchor)
        assert verdict.findings == ()
        assert {"README.md", FERRY} <= noted(verdict, "ahead")


def test_while_a_publish_is_at_work_an_image_that_leads_elsewhere_is_altered_all_the_same():
    room = Newsroom()
    before = room.publish(FIRST)
    metadata = {
        path: data for path, data in room.publish(SECOND).items() if path.startswith("metadata/") and path != TIMESTAMP
    }
    seal = "pages/gazette/2026/11/06/seal.md"
    for page in (FERRY, seal):
        tree = before | metadata | {MARKDOWN.qr_path(page): qr_image("https://evil.example/" + page)}
        assert found(look(tree, room.anchor)) == {("altered", MARKDOWN.qr_path(page))}


def test_a_page_of_a_former_release_is_kept_as_long_as_what_signed_it():
    room = Newsroom()
    room.publish(FIRST)
    after = {path: data for path, data in FIRST.items() if path != BRIDGE}
    tree = room.publish(after)
    verdict = look(tree, room.anchor)
    assert verdict.findings == ()
    assert noted(verdict, "kept") == {BRIDGE, MARKDOWN.qr_path(BRIDGE)}
    assert found(look(tree | {BRIDGE: b"lie"}, room.anchor)) == {("added", BRIDGE)}
    current = {f"metadata/{version}.{name}.json" for name, (version, _) in room.bins.items()}
    swept = {path: data for path, data in tree.items() if ".bin-" not in path or path in current}
    assert found(look(swept, room.anchor)) == {("added", BRIDGE), ("added", MARKDOWN.qr_path(BRIDGE))}


def test_what_a_revoked_key_signs_keeps_no_file():
    room = Newsroom()
    room.publish(FIRST)
    thief = Newsroom(room.keys)
    thief.bins = {name: (version + 7, None) for name, (version, _) in room.bins.items()}
    before, room.keys = room.keys.signers, Keys()
    room.new_root(old_signers=before["root"])
    room.new_targets()
    tree = room.publish(SECOND)
    lie = thief.publish(FIRST | {"pages/lie.md": b"lie"})
    forged = {path: data for path, data in lie.items() if ".bin-" in path and path not in tree}
    assert ("added", "pages/lie.md") in found(look(tree | forged | {"pages/lie.md": b"lie"}, room.anchor))


# Where a copy is


def test_a_fork_is_whole_and_told_to_be_one(room, tree):
    fork = Newsroom(room.keys, address="https://fork.example/").publish(FIRST)
    verdict = look(
        rebound(tree, title="My news") | {path: fork[path] for path in fork if path.startswith("qr/")}, room.anchor
    )
    assert {kind for kind, _ in found(verdict)} == {"altered"}
    images = {path: fork.get(path, data) if path.startswith("qr/") else data for path, data in tree.items()}
    seal = MARKDOWN.qr_path("pages/gazette/2026/11/06/seal.md")
    images[seal] = qr_image("https://fork.example/pages/gazette/2026/11/06/seal.md")
    images[".github/workflows/pappus-follow.yml"] = b"on: push"
    verdict = look(rebound(images, address="https://fork.example/", home="https://fork.example/"), room.anchor)
    assert verdict.findings == ()
    assert noted(verdict, "fork") == {"mirror.json"}
    assert noted(verdict, "own") == {".github/workflows/pappus-follow.yml"}


def test_what_images_say_is_unchecked_where_nothing_says_what_they_should(room, tree):
    verdict = look(tree | {"mirror.json": b"{}"}, room.anchor)
    assert found(verdict) == {("altered", "mirror.json")}
    assert noted(verdict, "unchecked") == {path for path in tree if path.startswith("qr/")}


def test_of_a_copy_that_is_not_listed_an_address_that_no_image_leads_to_is_wrong(room, tree):
    fork = {page: qr_image(f"https://fork.example/{page}") for page in tree if page.startswith("pages/")}
    images = {MARKDOWN.qr_path(page): data for page, data in fork.items()} | {
        "qr/home.png": qr_image("https://fork.example/")
    }
    other = rebound(tree | images, address="https://other.example/", home="https://fork.example/")
    assert found(look(other, room.anchor)) == {("altered", "mirror.json")}
    images[MARKDOWN.qr_path(FERRY)] = qr_image("https://evil.example/")  # they do not agree any more
    other = rebound(tree | images, address="https://fork.example/", home="https://fork.example/")
    assert found(look(other, room.anchor)) == {("altered", MARKDOWN.qr_path(FERRY))}


def test_images_that_lead_to_a_former_address_are_right_and_a_move_is_told(room, tree):
    moved = rebound(tree, address="https://old.example/", home="https://old.example/", former=(ADDRESS,))
    verdict = look(moved, room.anchor)
    assert verdict.findings == ()
    (note,) = [note for note in verdict.notes if note.kind == "moved"]
    assert ADDRESS in note.reason


def test_a_mirror_json_of_a_release_that_is_not_signed_is_mixed(room, tree):
    _, trees = newsroom()
    assert found(look(tree | {"mirror.json": trees[1]["mirror.json"]}, room.anchor)) == set()
    assert ("mixed", "mirror.json") in found(look(trees[1] | {"mirror.json": tree["mirror.json"]}, room.anchor))


# Places


def test_an_address_that_speaks_of_another_is_told(room, tree, tmp_path):
    with at("web", tree, tmp_path) as place:
        verdict = look(place, room.anchor)
    assert noted(verdict, "elsewhere") == {"mirror.json"}
    assert noted(verdict, "unlisted") == {place.name}


def test_a_quick_look_reads_a_sample(room, tmp_path):
    other = Newsroom()
    tree = other.publish(FIRST | {f"indexes/{number}.md": b"%d" % number for number in range(600)})
    place = Held(tree)
    verdict = look(place, other.anchor, quick=True)
    assert verdict.whole
    assert noted(verdict, "sampled") == {"held"}
    assert 200 <= len(verdict.accepted) <= 202
    assert len(place.asked) < 240


def test_a_server_that_is_not_there_is_unreadable():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        verdict = look(opened(f"http://127.0.0.1:{taken.getsockname()[1]}/"))
    assert {kind for kind, _ in found(verdict)} == {"unreadable"}


class _Bad(BaseHTTPRequestHandler):
    """Serves a tree, but for one path, where it never ends, and some that fail."""

    tree, endless, failing, html, sent = {}, "", (), False, 0

    def do_GET(self):
        path = unquote(self.path[1:])
        if path == self.endless:
            self.send_response(200)
            self.end_headers()
            block = b"x" * 65_536
            while True:
                self.wfile.write(block)
                type(self).sent += len(block)
        status = 500 if path.startswith(self.failing) else 200 if path in self.tree else 404
        body = b"<html>blocked" if self.html else self.tree.get(path, b"") if status == 200 else b""
        self.send_response(200 if self.html else status)
        self.send_header("Content-Type", "text/html" if self.html else "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

    def handle(self):
        with suppress(ConnectionError):
            super().handle()


@contextmanager
def badly(**what):
    with served(type("Bad", (_Bad,), what)) as address:
        yield opened(address)


def test_a_file_that_never_ends_is_read_no_further_than_it_was_signed(room, tree):
    handler = type("Endless", (_Bad,), {"tree": tree, "endless": FERRY})
    with served(handler) as address:
        verdict = look(opened(address), room.anchor)
    assert found(verdict) == {("altered", FERRY)}
    assert handler.sent < 20_000_000  # what the buffers of two sockets hold


def _named(data, name):
    """Return data packed by gzip, with the name of a file before them: what browsers show who do not unpack it."""
    packed = gzip.compress(data, mtime=0)
    return packed[:3] + b"\x08" + packed[4:10] + name + b"\0" + packed[10:]


class _Packing(_Bad):
    """Sends one page as its test wants."""

    send = staticmethod(lambda _data: ("", b""))

    def do_GET(self):
        data = self.tree.get(unquote(self.path[1:]))
        coding, body = self.send(data or b"") if unquote(self.path[1:]) == FERRY else ("identity", data)
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Encoding", coding)
        self.end_headers()
        self.wfile.write(body or b"")


@pytest.mark.parametrize(
    ("send", "kind"),
    [
        pytest.param(lambda data: ("br", brotli.compress(data)), "", id="what is sent as Brotli to everybody"),
        pytest.param(lambda _: ("br", brotli.compress(b"forged")), "altered", id="a forgery that is"),
        pytest.param(lambda _: ("br", brotli.compress(bytes(99_999_999), quality=1)), "altered", id="a bomb that is"),
        pytest.param(
            lambda data: ("gzip", gzip.compress(data[:5]) + gzip.compress(data[5:])),
            "unreadable",
            id="two members, of which browsers show the first alone",
        ),
        pytest.param(
            lambda data: ("gzip", gzip.compress(b"") + gzip.compress(data)), "unreadable", id="an empty one before it"
        ),
        pytest.param(
            lambda data: ("gzip, identity", _named(data, b"<p>forged</p><plaintext hidden>")),
            "altered",
            id="a list of which browsers know not all, and unpack nothing",
        ),
        pytest.param(lambda data: ("br, gzip", gzip.compress(brotli.compress(data))), "unreadable", id="packed twice"),
        pytest.param(
            lambda data: ("gzip", brotli.compress(data)), "unreadable", id="packed otherwise than it is called"
        ),
    ],
)
def test_a_page_that_browsers_do_not_show_as_signed_is_not_whole(send, kind, room, tree):
    with served(type("Packing", (_Packing,), {"tree": tree, "send": staticmethod(send)})) as address:
        verdict = look(opened(address), room.anchor)
    assert found(verdict) == ({(kind, FERRY)} if kind else set())


class _Front(_Bad):
    """Serves a site, and at its address itself what its test wants."""

    front, media_type, refresh = None, "text/html; charset=utf-8", ""

    def do_GET(self):
        body = self.tree.get(self.path[1:]) if self.path != "/" else self.front
        self.send_response(404 if body is None else 200)
        if self.path == "/" and self.refresh:
            self.send_header("Refresh", self.refresh)
        self.send_header("Content-Type", self.media_type if self.path == "/" else "application/octet-stream")
        self.end_headers()
        self.wfile.write(body or b"")


def test_a_page_from_which_a_host_leads_browsers_elsewhere_is_not_right(room, tree):
    class Leading(_Bad):
        def end_headers(self):
            if self.path == f"/{FERRY}":
                self.send_header("Refresh", "0; url=https://forged.example/")
            super().end_headers()

    Leading.tree = tree
    with served(Leading) as address:
        verdict = look(opened(address), room.anchor)
    assert found(verdict) == {("altered", FERRY)}


@pytest.mark.parametrize(
    ("front", "media_type", "opened_as", "right"),
    [
        pytest.param(b"<p>home", "text/html", "", True, id="the first page"),
        pytest.param(b"<p>forged", "text/html; charset=utf-8", "", False, id="another page"),
        pytest.param(b"<p>home, and more", "text/html", "", False, id="more than the first page"),
        pytest.param(b"<ListBucketResult/>", "application/xml", "", True, id="a list for programs"),
        pytest.param(None, "text/html", "", True, id="nothing"),
        pytest.param(b"<p>home", "", "", False, id="the first page, and the way to another"),
        pytest.param(b"<p>a list of files", "text/html", "index.html", True, id="what no reader is given"),
    ],
)
def test_a_site_has_its_first_page_at_its_address_where_readers_open_that(front, media_type, opened_as, right):
    handler = type(
        "Front", (_Front,), {"front": front, "media_type": media_type, "refresh": "" if media_type else "0; url=/x"}
    )
    with served(handler) as address:
        other = Newsroom(address=address)
        home = address + opened_as
        listed = {"mirrors": [{"name": "first", "address": address, "home": home}], "moved": []}
        tree = other.publish({"index.html": b"<p>home", "mirrors.json": json.dumps(listed).encode()})
        handler.tree = rebound(tree, edition="site", home=home)
        verdict = look(opened(address), other.anchor)
    assert "index.html" in verdict.accepted
    assert (("altered", "index.html") in found(verdict)) is not right


def test_a_page_about_the_block_is_no_sign_of_tampering():
    with badly(html=True) as place:
        assert {kind for kind, _ in found(look(place))} == {"unreadable"}


def test_files_that_the_server_fails_to_give_are_unreadable_and_not_altered(room, tree):
    with badly(tree=tree, failing=("indexes/",)) as place:
        verdict = look(place, room.anchor)
    assert {kind for kind, _ in found(verdict)} == {"unreadable"}
    assert {path for _, path in found(verdict)} == {path for path in FIRST if path.startswith("indexes/")}


class _Falling(Held):
    """Answers no more when it has told what it is."""

    def read(self, path, limit):
        if not path.startswith(("metadata/", "mirror")):
            self.asked.append((path, limit))
            raise MirrorError(path, "the connection failed")
        return super().read(path, limit)


def test_a_place_that_has_fallen_silent_is_not_asked_for_every_file():
    room = Newsroom()
    tree = room.publish(FIRST | {f"indexes/{number}.md": b"%d" % number for number in range(600)})
    place = _Falling(tree, listed=False)
    verdict = look(place, room.anchor)
    assert ("unreadable", "held") in found(verdict)
    asked = sum(not path.startswith(("metadata/", "mirror")) for path, _ in place.asked)
    assert inspection._SILENCE <= asked < inspection._SILENCE + READERS  # that many were on their way, each once


def test_what_is_no_file_is_not_opened(room, tree, tmp_path):
    lay({path: data for path, data in tree.items() if path != FERRY}, tmp_path)
    os.mkfifo(tmp_path / FERRY)
    os.mkfifo(tmp_path / "pages" / "pipe")
    assert found(look(opened(tmp_path), room.anchor)) == {("altered", FERRY), ("added", "pages/pipe")}


def test_a_link_in_place_of_a_folder_is_not_followed(room, tree, tmp_path):
    lay(tree, tmp_path / "real")
    copy = lay({path: data for path, data in tree.items() if not path.startswith("media/")}, tmp_path / "copy")
    (copy / "media").symlink_to(tmp_path / "real" / "media")
    assert found(look(opened(copy), room.anchor)) == {("added", "media"), ("missing", "media/2026/11/05/a.png")}


def test_a_clone_is_read_as_it_lies_there_and_its_branch_where_it_is_named(room, tree, tmp_path):
    lay(tree, tmp_path)
    commit(tmp_path)
    (tmp_path / FERRY).write_bytes(b"lie")
    assert found(look(opened(tmp_path), room.anchor)) == {("altered", FERRY)}
    assert look(opened(tmp_path, branch="main"), room.anchor).whole
    assert found(look(opened(tmp_path, branch="other"), room.anchor)) == {("unreadable", f"{tmp_path} (other)")}


def test_a_bare_repository_is_read_and_nothing_that_its_configuration_names_is_run(room, tree, tmp_path):
    lay(tree, tmp_path / "clone")
    commit(tmp_path / "clone")
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "clone", "--quiet", "--bare", str(tmp_path / "clone"), str(bare)], check=True)
    trap = tmp_path / "trapped"
    command = f"touch {trap}; false"
    settings = {
        "core.sshCommand": command, "core.fsmonitor": command, "core.pager": command, "core.alternateRefsCommand": command,
        "remote.origin.url": f"ext::sh -c '{command}'", "protocol.ext.allow": "always", "remote.origin.promisor": "true",
        "extensions.partialClone": "origin", "core.repositoryFormatVersion": "1", "filter.x.smudge": command,
    }  # fmt: skip
    for name, value in settings.items():
        subprocess.run(["git", "--git-dir", str(bare), "config", name, value], check=True)
    assert look(opened(bare), room.anchor).whole
    blob = subprocess.run(
        ["git", "-C", str(tmp_path / "clone"), "rev-parse", f"HEAD:{FERRY}"], capture_output=True, check=True
    )
    (lost := bare / "objects" / blob.stdout.decode()[:2] / blob.stdout.decode()[2:].strip()).chmod(0o644)
    lost.unlink()
    assert {path for _, path in found(look(opened(bare), room.anchor))} & {FERRY, f"{bare} (HEAD)"}
    assert not trap.exists()


@pytest.mark.parametrize("name", ["ftp://news.example/", "https://news.example/?x", "nowhere-at-all"])
def test_what_names_no_place_is_refused(name):
    with pytest.raises(MirrorError):
        opened(name)


def test_a_mirror_is_fresh_until_its_timestamp_ends(room, tree):
    assert look(tree, room.anchor, NOW + timedelta(hours=23, minutes=59)).whole
    assert found(look(tree, room.anchor, NOW + timedelta(hours=24))) == {("frozen", TIMESTAMP)}


def test_line_ends_that_git_or_an_editor_changed_are_told_and_no_forgery(tree):
    text = next(path for path in tree if path.startswith("indexes/"))
    room = newsroom()[0]
    files = FIRST | {text: b"one\ntwo\n"}
    whole = dict(room.publish(files))
    verdict = look(whole | {text: b"one\r\ntwo\r\n"})
    assert verdict.findings == ()
    assert noted(verdict, "rewrapped") == {text}
    assert text not in verdict.accepted
    assert found(look(whole | {text: b"one\r\ntwo!\r\n"})) == {("altered", text)}
    assert found(look(whole | {PHOTO: whole[PHOTO] + b"\r\n"})) == {("altered", PHOTO)}


def test_what_systems_leave_in_folders_is_told_and_no_forgery(tree):
    litter = {".DS_Store", "pages/Thumbs.db", "media/._a.png"}
    verdict = look(tree | dict.fromkeys(litter, b"icons"))
    assert verdict.findings == ()
    assert noted(verdict, "litter") == litter
