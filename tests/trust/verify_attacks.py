"""Kinds of tampering with a copy, each with what has to be found."""

from __future__ import annotations

import json
import unicodedata
from datetime import timedelta
from functools import cache

from msgspec import Struct
from tuf.api.metadata import Metadata, SuccinctRoles
from verify_house import BRIDGE, FERRY, FIRST, NEW, NOW, PHOTO, SECOND, Keys, Newsroom, rebound

from pappus.layout import HOME_QR, MARKDOWN
from pappus.mirrors import qr_image

THIRD = SECOND | {"README.md": b"home, last", BRIDGE: b"the bridge is open"}
TIMESTAMP = "metadata/timestamp.json"


class Link(Struct, frozen=True, kw_only=True):
    """A symbolic link in a tree."""

    to: str


class Attack(Struct, frozen=True, kw_only=True):
    """What is done to the tree of the third release, and what has to be found there.

    ``listed``: it shows only where the files are listed. ``later``: how much later the reader looks.
    """

    tree: dict
    wanted: set
    listed: bool = False
    later: timedelta = timedelta(0)
    memory: bool = False  # whether the reader has seen the third release before
    anchor: bytes = b""


@cache
def newsroom():
    """Three releases by one newsroom: itself, and its tree after each of them."""
    room = Newsroom()
    return room, [room.publish(files) for files in (FIRST, SECOND, THIRD)]


def bin_path(room, path, back=0):
    name = SuccinctRoles([], 1, room.bits, "bin").get_role_for_target(path)
    return f"metadata/{room.bins[name][0] - back}.{name}.json"


def without(tree, *paths):
    return {path: data for path, data in tree.items() if path not in paths}


def edited(data, change):
    """Return JSON, changed."""
    fields = json.loads(data)
    change(fields)
    return json.dumps(fields).encode()


def attacks():
    """Return every attack, by name."""
    room, (first, second, tree) = newsroom()
    snapshot = f"metadata/{room.listed}.snapshot.json"
    found = {}

    def add(name, changes, *wanted, base=tree, drop=(), **fields):
        found[name] = Attack(tree=without(base | changes, *drop), wanted=set(wanted), anchor=room.anchor, **fields)

    # Files
    add("altered page", {FERRY: b"the fErry, corrected"}, ("altered", FERRY))
    add("altered media", {PHOTO: b"pixelz"}, ("altered", PHOTO))
    add("altered home", {"README.md": b"home, lost"}, ("altered", "README.md"))
    add("emptied page", {FERRY: b""}, ("altered", FERRY))
    add("swapped pages", {FERRY: tree[BRIDGE], BRIDGE: tree[FERRY]}, ("altered", FERRY), ("altered", BRIDGE))
    moved = FERRY.replace("ferry", "ferries")
    add("moved page", {moved: tree[FERRY]}, ("missing", FERRY), ("added", moved), drop=[FERRY], listed=True)
    add("old page kept", {FERRY: first[FERRY]}, ("altered", FERRY))
    add("missing page", {}, ("missing", FERRY), drop=[FERRY])
    add("longer than signed", {FERRY: tree[FERRY] + b"!" * 5_000_000}, ("altered", FERRY))
    add(
        "extra file",
        {"pages/gazette/2026/11/05/lie.md": b"lie"},
        ("added", "pages/gazette/2026/11/05/lie.md"),
        listed=True,
    )
    add("symbolic link", {FERRY: Link(to="bridge.md")}, ("altered", FERRY), listed=True)
    add("extra symbolic link", {"pages/all": Link(to="gazette")}, ("added", "pages/all"), listed=True)
    capital = FERRY.replace("ferry", "FERRY")
    add("case clash", {capital: b"lie"}, ("added", capital), listed=True)
    decomposed = unicodedata.normalize("NFD", NEW)
    add("unicode clash", {decomposed: b"lie"}, ("added", decomposed), listed=True)
    device, hidden = "pages/gazette/con.md", "pages/.htaccess"
    add(
        "names that no mirror may have", {device: b"x", hidden: b"x"}, ("added", device), ("added", hidden), listed=True
    )

    # Binding
    add(
        "altered QR image",
        {MARKDOWN.qr_path(FERRY): b"\x89PNG" + tree[MARKDOWN.qr_path(FERRY)][4:90]},
        ("altered", MARKDOWN.qr_path(FERRY)),
    )
    evil = qr_image("https://evil.example/" + FERRY)
    add("QR image leads elsewhere", {MARKDOWN.qr_path(FERRY): evil}, ("altered", MARKDOWN.qr_path(FERRY)))
    add(
        "QR image of another page",
        {MARKDOWN.qr_path(FERRY): tree[MARKDOWN.qr_path(BRIDGE)]},
        ("altered", MARKDOWN.qr_path(FERRY)),
    )
    add("QR image of home leads elsewhere", {HOME_QR: qr_image("https://evil.example/")}, ("altered", HOME_QR))
    add("missing QR image", {}, ("missing", MARKDOWN.qr_path(FERRY)), drop=[MARKDOWN.qr_path(FERRY)])
    add("extra QR image", {"qr/pages/lie.png": evil}, ("added", "qr/pages/lie.png"), listed=True)
    evil_room = {"address": "https://evil.example/", "home": "https://evil.example/"}
    add("mirror.json elsewhere", rebound(tree, **evil_room), ("altered", "mirror.json"))
    add("mirror.json of another edition", rebound(tree, edition="site"), ("altered", "mirror.json"))
    codes = {page: MARKDOWN.qr_path(page) for page in tree if MARKDOWN.is_page(page)}
    others = {path: qr_image("https://evil.example/" + page) for page, path in codes.items()}
    add("all QR images lead elsewhere", others, *(("altered", path) for path in codes.values()))
    add("mirror.json garbled", {"mirror.json": b"{}"}, ("altered", "mirror.json"))
    add("mirror.json missing", {}, ("missing", "mirror.json"), drop=["mirror.json"])

    # Metadata
    page_bin = bin_path(room, FERRY)
    add("missing bin", {}, ("missing", page_bin), drop=[page_bin])
    add("missing snapshot", {}, ("missing", snapshot), drop=[snapshot])
    add("missing targets", {}, ("missing", "metadata/1.targets.json"), drop=["metadata/1.targets.json"])
    add("missing timestamp", {}, ("missing", TIMESTAMP), drop=[TIMESTAMP])
    add("no metadata", {}, ("unsigned", TIMESTAMP), drop=[path for path in tree if path.startswith("metadata/")])
    add("extra metadata", {"metadata/9.bin-0.json": b"{}", "metadata/lie.json": b"{}"},
        ("added", "metadata/9.bin-0.json"), ("added", "metadata/lie.json"), listed=True)  # fmt: skip
    for name, path, size in (
        ("timestamp", TIMESTAMP, 17), ("snapshot", snapshot, 4097), ("targets", "metadata/1.targets.json", 8193),
        ("bin", page_bin, 8193),
    ):  # fmt: skip
        add(f"huge {name}", {path: tree[path] + b" " * (size << 10)}, ("altered", path))
    add("huge root", {"metadata/2.root.json": b" " * (513 << 10)}, ("altered", "metadata/2.root.json"))
    for name, garbage in (
        ("nested", b"[" * 16_000), ("nested object", b'{"a":' * 3_000), ("not JSON", b"<html>"), ("not UTF-8", b"\xff" * 99),
        ("truncated", tree[TIMESTAMP][:-20]), ("a list", b"[]"), ("empty", b""), ("a long number", b"9" * 9_000),
    ):  # fmt: skip
        add(f"timestamp that is {name}", {TIMESTAMP: garbage}, ("altered", TIMESTAMP))
    add("bin that is truncated", {page_bin: tree[page_bin][:-1]}, ("altered", page_bin))
    for name, path in (("snapshot", snapshot), ("bin", page_bin)):
        add(f"{name} written in another way", {path: edited(tree[path], lambda _: None)}, ("altered", path))
    double = tree[TIMESTAMP].replace(b'"version":3', b'"version":2,"version":3', 1)
    add("a key that stands twice", {TIMESTAMP: double}, ("altered", TIMESTAMP))
    for name, path in (("timestamp", TIMESTAMP), ("snapshot", snapshot), ("bin", page_bin)):
        bare = edited(tree[path], lambda fields: fields["signatures"].clear())
        add(f"signature stripped from {name}", {path: bare}, ("altered", path))
    older = bin_path(room, FERRY, back=1)
    add("bin of an older release", {page_bin: tree[older]}, ("mixed", page_bin))
    add("snapshot of an older release", {snapshot: first["metadata/1.snapshot.json"]}, ("mixed", snapshot))
    add("timestamp as a snapshot", {snapshot: tree[TIMESTAMP]}, ("altered", snapshot))
    rest = {path: data for path, data in first.items() if not path.startswith("metadata/")}
    stale = {("altered", path) for path, data in tree.items() if path in FIRST and first[path] != data}
    seal = "pages/gazette/2026/11/06/seal.md"
    add(
        "old pages under new metadata",
        rest,
        *stale,
        ("missing", seal),
        ("missing", MARKDOWN.qr_path(seal)),
        drop=[seal, MARKDOWN.qr_path(seal)],
    )

    # Time
    add("frozen", {}, ("frozen", TIMESTAMP), later=timedelta(days=2))
    fresh = _renewed(days=8)
    add("expired snapshot", fresh, ("expired", snapshot), later=timedelta(days=8))
    ends = {("expired", path) for path in _current(room, snapshot)} | {("expired", "metadata/1.root.json")}
    add("expired root", _renewed(days=366), *ends, later=timedelta(days=366))
    add("rolled back", {}, ("rolled back", TIMESTAMP), base=second, memory=True)
    add(
        "timestamp rolled back",
        {TIMESTAMP: second[TIMESTAMP]},
        ("rolled back", TIMESTAMP),
        ("mixed", "mirror.json"),
        memory=True,
    )

    # Keys
    other = Newsroom()
    other.publish(THIRD)
    add("replaced keys", {}, ("foreign", TIMESTAMP), base=other.tree)
    add("a key that no root names", {TIMESTAMP: _forged(room, Keys())}, ("foreign", TIMESTAMP))
    found |= _root_attacks()
    return found


def _current(room, snapshot):
    return [
        snapshot,
        "metadata/1.targets.json",
        *(f"metadata/{version}.{name}.json" for name, (version, _) in room.bins.items()),
    ]


def _renewed(days):
    """Return a timestamp of the third release that was signed so much later."""
    room, _ = newsroom()
    kept = dict(room.tree)
    room.timestamp(NOW + timedelta(days=days))
    made, room.tree = room.tree[TIMESTAMP], kept
    return {TIMESTAMP: made}


def _forged(room, keys):
    body = Metadata.from_bytes(room.tree[TIMESTAMP])
    body.sign(keys.signers["timestamp"][0])
    return body.to_bytes()


def _root_attacks():
    """Attacks on the chain of roots, in a newsroom whose root was renewed twice."""
    room = Newsroom()
    for _ in range(2):
        before = room.keys.signers
        room.keys = Keys()
        room.new_root(old_signers=before["root"])
    tree = room.publish(THIRD)
    second, third, fourth = (f"metadata/{number}.root.json" for number in (2, 3, 4))
    stranger = Newsroom(Keys())
    stranger.new_root()
    once = Newsroom(room.keys)
    once.roots = list(room.roots)
    once.new_root(signatures=1)
    lone = json.loads(once.tree[fourth])
    twice = json.dumps(lone | {"signatures": lone["signatures"] * 2}).encode()
    two_names = json.dumps(
        lone | {"signatures": [*lone["signatures"], lone["signatures"][0] | {"keyid": "0" * 64}]}
    ).encode()
    jump = Newsroom(room.keys)
    jump.roots = [*room.roots, *room.roots][:5]
    jump.new_root()

    def attack(changes, *wanted, drop=()):
        return Attack(tree=without(tree | changes, *drop), wanted=set(wanted), anchor=room.anchor)

    return {
        "gap in the chain of roots": attack({}, ("missing", second), ("foreign", TIMESTAMP), drop=[second]),
        "root of another newsroom": attack(
            {second: stranger.tree[second]}, ("foreign", second), ("foreign", TIMESTAMP)
        ),
        "root signed by too few": attack({fourth: once.tree[fourth]}, ("altered", fourth)),
        "root signed twice by one": attack({fourth: twice}, ("altered", fourth)),
        "root signed by one under two names": attack({fourth: two_names}, ("altered", fourth)),
        "root whose version jumps": attack({fourth: jump.tree["metadata/6.root.json"]}, ("mixed", fourth)),
        "altered first root": attack(
            {"metadata/1.root.json": tree["metadata/1.root.json"] + b" "}, ("altered", "metadata/1.root.json")
        ),
        "first root of another": attack({"metadata/1.root.json": stranger.anchor}, ("altered", "metadata/1.root.json")),
        "newest root taken away": attack({}, ("foreign", TIMESTAMP), drop=[third]),
    }
