"""Honest copies are never called anything else, and what was altered at random is never believed."""

from __future__ import annotations

import json
import random
import sys
from collections import deque
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "trust"))  # verify_house, trust_house

from trust_house import NOW, Tree, make_house
from verify_house import ADDRESS, FERRY, FIRST, PHOTO, SECOND, Held, Memory, Newsroom, look, noted, qr_images

from pappus.layout import MARKDOWN, TIMESTAMP, is_metadata
from pappus.mirrors import Binding, rank
from pappus.model import Version, artifact, digest
from pappus.trust import release, sign

PAGES = 12


def bound(number, held):
    version = Version(number=number, chain=digest(b"chain"), release=held["timestamp"].version)
    return Binding(title="News", address=ADDRESS, home=ADDRESS, edition="markdown", version=version).dump()


def steps(before, after):
    """Yield the copy as it is between two trees, after every file that a publish puts, in its order.

    Metadata come first: what is there before them cannot be told from what a stranger adds.
    """
    tree = dict(before)
    puts = [path for path in after if before.get(path) != after[path]]
    puts.sort(key=lambda path: (not is_metadata(path) or path == TIMESTAMP, rank(path, MARKDOWN), path))
    for path in puts:
        tree[path] = after[path]
        yield dict(tree)


@pytest.mark.slow
def test_a_thousand_honest_publishes_raise_no_false_alarm(tmp_path, monkeypatch):
    monkeypatch.setattr(sign, "_FEWEST", 2)  # bits: few bins are read more often in the same time
    dice = random.Random(20261123)
    house = make_house(tmp_path)
    online, now = house.online(), NOW
    names = [f"pages/gazette/2026/11/05/{number}.md" for number in range(PAGES)]
    held, files, copy, memory, past = {}, {"README.md": b"0"}, {}, Memory(), deque(maxlen=3)
    for number in range(1, 1001):
        now += timedelta(minutes=dice.choice([30, 30, 30, 600, 1500]))
        touched = {"README.md", *dice.sample(names, dice.randrange(4))}
        before = dict(files)
        for path in touched:
            files[path] = f"{path} {number}".encode()
        gone = [path for path in files if path != "README.md" and dice.random() < 0.02]
        for path in gone:
            del files[path]
        entries = Tree([artifact(path, body, "text/markdown").entry for path, body in files.items()])
        for signed in release(held, entries, touched | set(gone), online, now):
            held[signed.role.name] = signed.role
            copy[signed.path] = signed.body
        copy |= files | qr_images(ADDRESS, ADDRESS, tuple(sorted(filter(MARKDOWN.is_page, files))))
        copy["mirror.json"] = bound(number, held)
        verdict = look(Held(copy), copy["metadata/1.root.json"], now, memory=memory)
        assert (verdict.findings, verdict.release) == ((), held["timestamp"].version), number
        assert noted(verdict, "kept") >= {path for path in gone if path in before and path in copy}
        past.append(standing(files, held))
        copy = {path: data for path, data in copy.items() if any(path in one for one in past)}
    assert held["timestamp"].version == 1000


def standing(files, held):
    """Return the paths of a release; those of three releases are kept."""
    metadata = {TIMESTAMP, *(f"metadata/{role.version}.{name}.json" for name, role in held.items())}
    pages = {f"qr/{path.removesuffix('.md')}.png" for path in files}
    return metadata | pages | {*files, "metadata/1.root.json", "mirror.json", "qr/home.png"}


@pytest.mark.parametrize("listed", [True, False], ids=["listed", "unlisted"])
def test_a_reader_who_comes_at_any_moment_of_a_publish_finds_nothing_wrong(listed):
    room = Newsroom()
    before = room.publish(FIRST)
    after = room.publish(SECOND)
    for tree in steps(before, after):
        verdict = look(Held(tree, listed=listed), room.anchor)
        assert verdict.findings == ()
    assert not noted(verdict, "ahead")


# Mutants


def flip(dice, tree, path):
    data = bytearray(tree[path])
    for _ in range(dice.choice([1, 1, 1, 5])):
        if data:
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    tree[path] = bytes(data)


def cut(dice, tree, path):
    tree[path] = tree[path][: dice.randrange(len(tree[path]) + 1)]


def grow(dice, tree, path):
    where = dice.randrange(len(tree[path]) + 1)
    tree[path] = tree[path][:where] + dice.randbytes(dice.choice([1, 20, 20_000])) + tree[path][where:]


def splice(dice, tree, path):
    other = tree[dice.choice(sorted(tree))]
    tree[path] = tree[path][: dice.randrange(len(tree[path]) + 1)] + other[dice.randrange(len(other) + 1) :]


def swap(dice, tree, path):
    other = dice.choice(sorted(tree))
    tree[path], tree[other] = tree[other], tree[path]


def stand_in(dice, tree, path):
    tree[path] = tree[dice.choice(sorted(tree))]


def take(dice, tree, path):
    del tree[path]


def rename(dice, tree, path):
    tree[dice.choice([path.upper(), path + "x", "x/" + path, path.replace("1", "2"), "../" + path])] = tree.pop(path)


def edit(dice, tree, path):
    """Change JSON where it hurts: values, keys, types, order, signatures."""
    path = dice.choice([name for name in sorted(tree) if name.endswith(".json")] or [path])
    try:
        fields = json.loads(tree[path])
    except (ValueError, RecursionError):
        return
    spots = list(walk(fields))
    if not spots:
        return
    holder, key = dice.choice(spots)
    values = [
        0,
        1,
        2,
        -1,
        10**30,
        1.5,
        True,
        None,
        "",
        "a" * 64,
        [],
        {},
        [holder[key]],
        {"a": holder[key]},
        holder[key],
    ]
    other = dice.choice([*values, *(one[name] for one, name in spots)])
    other = json.loads(json.dumps(other))  # not the thing itself, which may hold this spot
    change = dice.randrange(5)
    if change == 0 or not isinstance(holder, dict):
        holder[key] = other
    elif change == 1:
        del holder[key]
    elif change == 2:
        holder[dice.choice(["x", "keyid", "version", "1", "pages/new.md", str(key).upper()])] = other
    elif change == 3 and isinstance(holder[key], int):
        holder[key] += dice.choice([-1, 1])
    else:
        holder[key] = other
    tree[path] = json.dumps(fields).encode()


def walk(value):
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from walk(value[key])


MUTATIONS = [flip, cut, grow, splice, swap, stand_in, take, rename, *[edit] * 6]


@pytest.mark.slow
def test_of_ten_thousand_mutants_no_wrong_byte_is_believed():
    dice = random.Random(7)
    room = Newsroom(bits=1)
    files = {"README.md": b"home", FERRY: b"the ferry", PHOTO: b"pixels"}
    releases = {}
    for number in (1, 2):
        files |= {"README.md": b"home %d" % number, FERRY: b"the ferry %d" % number}
        whole, releases[number] = room.publish(files), dict(files)
    whole_still = changed = 0
    for number in range(10_000):
        tree = dict(whole)
        for _ in range(dice.choice([1, 1, 2, 3])):
            if tree:
                dice.choice(MUTATIONS)(dice, tree, dice.choice(sorted(tree)))
        verdict = look(Held(tree, listed=dice.random() < 0.5), room.anchor)
        believed = {(path, digest(tree[path])) for path in verdict.accepted}
        assert believed <= room.signed, number
        if verdict.whole:
            whole_still += 1
            assert {path: tree[path] for path in verdict.accepted} == releases[verdict.release], number
        changed += tree != whole
    assert whole_still < 3_000 < changed  # it is not for nothing that so many tried
