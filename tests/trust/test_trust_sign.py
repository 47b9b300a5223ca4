"""What is signed is read by python-tuf's own client, whatever became of the tree before."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.formats import encode_canonical
from trust_house import NOW, Reader, Tree, make_house, signed_tree, tree_of
from tuf.api.exceptions import ExpiredMetadataError
from tuf.api.metadata import SPECIFICATION_VERSION, Metadata, SuccinctRoles

from pappus.layout import bin_of, metadata_path
from pappus.model import Entry, digest
from pappus.trust import ceremony, sign
from pappus.trust.sign import due, release, retired

FILES = {
    "README.md": b"home",
    "indexes/front.md": b"front",
    "indexes/\u0627\u062e\u0628\u0627\u0631/2026-11.md": "\u0627\u062e\u0628\u0627\u0631".encode(),
    "indexes/\u200c\U0001f41d e\u0301/2026-11.md": b"joiner, bee, accent",
    'indexes/"quoted" \\ back.md': b"canonical JSON escapes these two",
    "pages/paper/2026/11/23/one.md": b"one",
    "media/2026/11/23/" + "ab" * 32 + ".webp": bytes(range(256)),
}


@pytest.fixture
def online(house):
    return house.online()


@pytest.fixture
def reader(tmp_path, online):
    return Reader(tmp_path / "reader", tmp_path / "tree", online.roots[0][1])


def held_after(held, files):
    return dict(held) | {file.role.name: file.role for file in files}


def names(files):
    return [file.role.name for file in files]


def many(number):
    return Tree(Entry(path=f"p/{n}.md", size=n, digest=digest(b"%d" % n), media_type="") for n in range(number))


@given(st.text(min_size=1).filter(lambda text: text.isprintable()), st.integers(1, 16))
def test_a_path_is_in_the_bin_where_python_tuf_looks_for_it(path, bits):
    roles = SuccinctRoles([], 1, bits, "bin")
    assert roles.get_role_for_target(path) == sign._name(bin_of(path) >> (16 - bits), bits)


@pytest.mark.parametrize("bits", range(8, 17))
def test_bins_are_named_as_python_tuf_names_them(bits):
    assert [sign._name(n, bits) for n in range(2**bits)] == list(SuccinctRoles([], 1, bits, "bin").get_roles())


def test_the_specification_is_the_one_that_python_tuf_follows():
    assert ".".join(SPECIFICATION_VERSION) == sign.SPECIFICATION


def test_a_first_release_is_read_file_by_file(tmp_path, online, reader):
    signed_tree(tmp_path / "tree", FILES, online, NOW)
    assert reader.read(NOW, *FILES) == FILES
    assert reader.read(NOW, "pages/paper/2026/11/23/two.md", "mirror.json") == {
        "pages/paper/2026/11/23/two.md": None,
        "mirror.json": None,
    }


def test_what_is_signed_is_canonical_to_the_byte_and_holds_sizes_and_digests(online):
    for file in release({}, tree_of(FILES), FILES, online, NOW):
        whole = json.loads(file.body)
        assert b'"signed":' + encode_canonical(whole["signed"]).encode() in file.body or file.role.name == "root"
        assert (file.role.size, file.role.digest) == (len(file.body), digest(file.body))
        assert Metadata.from_bytes(file.body).signed.version == file.role.version
        assert Metadata.from_bytes(file.body).signed.expires == file.role.expires
        assert file.path == metadata_path(file.role.name, file.role.version)
        for path, target in whole["signed"].get("targets", {}).items():
            assert target == {"length": len(FILES[path]), "hashes": {"sha256": digest(FILES[path])}}


def test_the_same_release_gives_the_same_bytes_in_whatever_order_the_tree_comes(online):
    backwards = dict(reversed(FILES.items()))
    first, second = (release({}, tree_of(files), files, online, NOW) for files in (FILES, backwards))
    assert first == second


def test_a_control_character_in_a_path_is_never_signed(online):
    with pytest.raises(ValueError, match="line"):
        release({}, tree_of({"a\nline": b""}), [], online, NOW)


def test_a_change_signs_the_bins_that_it_touched_and_nothing_else(tmp_path, online, reader):
    held = signed_tree(tmp_path / "tree", FILES, online, NOW)
    assert reader.read(NOW, "README.md") == {"README.md": b"home"}
    files = {**FILES, "README.md": b"changed", "new.md": b"new"}
    del files["indexes/front.md"]
    touched = ["README.md", "new.md", "indexes/front.md"]
    later = NOW + timedelta(minutes=30)
    bins = sorted({f"bin-{bin_of(path) >> 8:02x}" for path in touched})
    made = release(held, tree_of(files), touched, online, later)
    assert names(made) == [*bins, "snapshot", "timestamp"]
    assert [file.role.version for file in made] == [2] * 5
    signed_tree(tmp_path / "tree", files, online, later, held)
    assert reader.read(later, *files, "indexes/front.md") == {**files, "indexes/front.md": None}


def test_releases_one_by_one_end_where_one_release_of_everything_ends(tmp_path, online, reader):
    files, held = {}, None
    for number in range(40):
        files = {**files, f"pages/{number % 23}.md": b"%d" % number}
        if number % 7 == 6:
            files.pop(f"pages/{(number - 3) % 23}.md")
        held = signed_tree(tmp_path / "tree", files, online, NOW + timedelta(minutes=number), held)
    whole = release({}, tree_of(files), files, online, NOW)
    targets = {}
    for name in (file.role.name for file in whole if file.role.name.startswith("bin")):
        body = (tmp_path / "tree" / metadata_path(name, held[name].version)).read_bytes()
        targets |= json.loads(body)["signed"]["targets"]
    assert targets.keys() == files.keys()
    assert held["timestamp"].version == 40
    assert reader.read(NOW + timedelta(minutes=40), *files, "pages/3.md") == {
        **files,
        "pages/3.md": files.get("pages/3.md"),
    }
    assert held.keys() == {file.role.name for file in whole}


def test_nothing_is_signed_when_nothing_changed_and_nothing_is_due(online):
    held = held_after({}, release({}, many(10), [], online, NOW))
    soon = NOW + timedelta(hours=11)
    assert not due(held, online, soon)
    assert release(held, many(10), [], online, soon) == []


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        pytest.param(timedelta(hours=13), ["timestamp"], id="half a day: the timestamp"),
        pytest.param(timedelta(days=4), ["snapshot", "timestamp"], id="half a week: the snapshot too"),
        pytest.param(timedelta(days=-30), None, id="a clock that was a month ahead: everything"),
        pytest.param(timedelta(days=340), None, id="nearly a year: everything"),
    ],
)
def test_what_grows_old_is_signed_again_though_nothing_changed(online, later, expected):
    held = held_after({}, release({}, many(10), [], online, NOW))
    assert due(held, online, NOW + later)
    made = release(held, many(10), [], online, NOW + later)
    everything = [*(f"bin-{n:02x}" for n in range(256)), "targets", "snapshot", "timestamp"]
    assert names(made) == (expected or everything)
    assert not due(held_after(held, made), online, NOW + later)


def test_old_bins_are_signed_again_a_few_a_release_before_they_must_be(online):
    held = held_after({}, release({}, many(10), [], online, NOW))
    later = NOW + timedelta(days=260)
    made = release(held, many(10), ["p/1.md"], online, later)
    assert len([name for name in names(made) if name.startswith("bin")]) == 9
    for _ in range(32):
        held = held_after(held, release(held, many(10), ["p/1.md"], online, later))
    assert min(role.expires for name, role in held.items() if name.startswith("bin")) > NOW + timedelta(days=366)
    assert names(release(held, many(10), ["p/1.md"], online, later)) == [
        f"bin-{bin_of('p/1.md') >> 8:02x}",
        "snapshot",
        "timestamp",
    ]


def test_a_timestamp_that_was_not_renewed_is_refused_and_the_next_one_read(tmp_path, online, reader):
    held = signed_tree(tmp_path / "tree", FILES, online, NOW)
    later = NOW + timedelta(hours=25)
    with pytest.raises(ExpiredMetadataError):
        reader.visit(later)
    signed_tree(tmp_path / "tree", FILES, online, later, held)
    assert reader.read(later, *FILES) == FILES


def test_bins_become_more_when_the_tree_grows_and_readers_who_remember_go_on(tmp_path, online, reader, monkeypatch):
    monkeypatch.setattr(sign, "_FULL", 1)  # entries in a bin
    files = {f"p/{n}.md": b"%d" % n for n in range(250)}
    held = signed_tree(tmp_path / "tree", files, online, NOW)
    assert len(names(release(held, tree_of(files), ["p/1.md"], online, NOW))) == 3
    reader.read(NOW, "p/1.md")
    for number, digits, bits in ((500, 3, 9), (1000, 3, 10), (4100, 4, 13)):
        files = {f"p/{n}.md": b"%d" % n for n in range(number)}
        held = signed_tree(tmp_path / "tree", files, online, NOW, held)
        assert sum(name.startswith("bin-") and len(name) == 4 + digits for name in held) == 2**bits
        assert reader.read(NOW, "p/1.md", f"p/{number - 1}.md", f"p/{number}.md") == {
            "p/1.md": b"1",
            f"p/{number - 1}.md": b"%d" % (number - 1),
            f"p/{number}.md": None,
        }
    assert len(retired(held)) == 256 + 1024
    there = {path.name for path in (tmp_path / "tree" / "metadata").iterdir()}
    assert len(there) == 8192 + len(["1.root", "targets", "snapshot", "timestamp"])
    smaller = signed_tree(tmp_path / "tree", {"p/1.md": b"1"}, online, NOW, held)
    assert smaller.keys() == held.keys(), "it only ever grows"


def test_a_new_root_comes_along_once(house, online):
    held = held_after({}, release({}, many(3), [], online, NOW))
    ceremony.renew(house.keys, house.roots(), NOW)
    ceremony.renew(house.keys, house.roots(), NOW + timedelta(days=1))
    online = house.online()
    assert due(held, online, NOW)
    made = release(held, many(3), [], online, NOW)
    assert [file.path for file in made] == ["metadata/2.root.json", "metadata/3.root.json", "metadata/timestamp.json"]
    assert not due(held_after(held, made), online, NOW)


def test_a_release_looks_at_the_bins_of_what_it_touches_and_at_no_others(tmp_path):
    online = make_house(tmp_path).online()
    tree, asked = many(3000), []

    class Watched:
        def count(self):
            return tree.count()

        def within(self, low, high):
            asked.append((low, high))
            return tree.within(low, high)

    held = held_after({}, release({}, Watched(), [], online, NOW))
    asked.clear()
    touched = [entry.path for entry in tree.entries[:1500:50]]
    release(held, Watched(), touched, online, NOW)
    assert len(asked) == len(set(asked)) == len({bin_of(path) >> 8 for path in touched})
