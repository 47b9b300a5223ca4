"""The rules by which signed metadata is believed, one by one."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from tuf.api.metadata import Metadata, MetaFile, TargetFile, Targets
from verify_house import FERRY, FIRST, NOW, SECOND, Keys, Newsroom

from pappus.layout import FIRST_ROOT, TIMESTAMP, metadata_path
from pappus.trust import check
from pappus.trust.check import CheckError, Finding


@pytest.fixture(scope="module")
def room():
    made = Newsroom()
    made.publish(FIRST)
    return made


@pytest.fixture(scope="module")
def root(room):
    return check.first_root(room.anchor, FIRST_ROOT)


def refused(call, *arguments):
    with pytest.raises(CheckError) as caught:
        call(*arguments)
    return caught.value.kind


def test_what_the_root_wants_is_believed(room, root):
    timestamp = check.timestamp(room.tree[TIMESTAMP], root)
    snapshot = check.snapshot(room.tree["metadata/1.snapshot.json"], root, timestamp.snapshot_meta)
    targets = check.targets(room.tree["metadata/1.targets.json"], root, snapshot.meta["targets.json"])
    files = {}
    for name, meta in check.bins(targets, snapshot).items():
        one = check.bin_targets(room.tree[metadata_path(name, meta.version)], targets, name, meta)
        files |= check.lists(targets, name, one)
    assert files.keys() == FIRST.keys()
    assert all(check.right(files[path], data) for path, data in FIRST.items())
    assert not any(check.right(files[path], data + b"!") for path, data in FIRST.items())


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[" * 100_000, id="nested"),
        pytest.param(b'{"signed":' * 2_000, id="nested-objects"),
        pytest.param(b'{"signatures":[],"signed":NaN}', id="no-json"),
        pytest.param(b'{"signatures":[],"signed":{}}', id="no-type"),
        pytest.param(b'{"signatures":[],"signatures":[],"signed":{"_type":"root"}}', id="twice"),
        pytest.param("{}".encode("utf-16"), id="utf-16"),
    ],
)
def test_what_cannot_be_read_in_one_way_is_refused(root, data):
    assert refused(check.first_root, data, FIRST_ROOT) == "altered"
    assert refused(check.timestamp, data, root) == "altered"


def test_a_signature_counts_once_however_often_it_stands_there():
    room = Newsroom()
    alone = Metadata.from_bytes(room.anchor)
    first = next(iter(alone.signatures))
    fields = json.loads(room.anchor)
    (signature,) = [one for one in fields["signatures"] if one["keyid"] == first]
    for signatures in ([signature], [signature, signature], [signature, signature | {"keyid": "f" * 64}]):
        assert (
            refused(check.first_root, json.dumps(fields | {"signatures": signatures}).encode(), FIRST_ROOT) == "altered"
        )
    assert check.first_root(room.anchor, FIRST_ROOT).version == 1


def test_a_root_follows_only_from_the_one_before(room, root):
    old = room.keys.signers["root"]
    heir = Newsroom(Keys())
    heir.new_root(old_signers=old)
    assert check.next_root(heir.tree["metadata/2.root.json"], root).version == 2
    usurper = Newsroom(Keys())
    usurper.new_root()
    assert refused(check.next_root, usurper.tree["metadata/2.root.json"], root) == "foreign"
    assert refused(check.next_root, room.anchor, root) == "mixed"
    usurper.new_root(old_signers=old)
    assert refused(check.next_root, usurper.tree["metadata/3.root.json"], root) == "mixed"


def test_a_root_that_its_own_keys_did_not_sign_is_refused(room, root):
    heir = Newsroom(Keys())
    heir.new_root(old_signers=room.keys.signers["root"][:2], signatures=2)
    assert refused(check.next_root, heir.tree["metadata/2.root.json"], root) == "foreign"


def test_a_role_passes_for_no_other(room, root):
    assert refused(check.timestamp, room.tree["metadata/1.snapshot.json"], root) == "altered"
    assert refused(check.snapshot, room.tree["metadata/1.targets.json"], root, MetaFile(1)) == "altered"


def test_a_file_in_a_bin_that_is_not_its_own_counts_for_nothing(room, root):
    targets = check.targets(room.tree["metadata/1.targets.json"], root, MetaFile(1))
    own = check.bin_of(targets, FERRY)
    other = next(name for name in targets.delegations.succinct_roles.get_roles() if name != own)
    body = Targets(version=7, expires=NOW, targets={FERRY: TargetFile.from_data(FERRY, b"lie")})
    data = room.put(other, body, path="spare").to_bytes()
    assert check.lists(targets, other, check.bin_targets(data, targets, other, MetaFile(7))) == {}
    assert refused(check.bin_targets, data, targets, "bin-99", MetaFile(7)) == "added"


def test_ends_are_told_to_the_second(room, root):
    timestamp = check.timestamp(room.tree[TIMESTAMP], root)
    assert list(check.ends(timestamp, TIMESTAMP, NOW + timedelta(days=1, seconds=-1))) == []
    assert [one.kind for one in check.ends(timestamp, TIMESTAMP, NOW + timedelta(days=1))] == ["frozen"]
    assert [one.kind for one in check.ends(root, "root", NOW + timedelta(days=365))] == ["expired"]


def test_each_way_of_going_back_is_told():
    room = Newsroom()
    room.publish(FIRST)
    root = check.first_root(room.anchor, FIRST_ROOT)
    first, old_list = check.timestamp(room.tree[TIMESTAMP], root), "metadata/1.snapshot.json"
    room.publish(SECOND)
    second = check.timestamp(room.tree[TIMESTAMP], root)
    before = check.snapshot(room.tree[old_list], root, MetaFile(1))
    after = check.snapshot(room.tree["metadata/2.snapshot.json"], root, MetaFile(2))
    seen = check.remember(None, root, second, after)
    assert list(check.older_timestamp(second, seen)) == []
    assert list(check.older_listing(after, seen)) == []
    assert [one.kind for one in check.older_timestamp(first, seen)] == ["rolled back"]
    told = list(check.older_listing(before, seen))
    assert told
    assert {one.kind for one in told} == {"rolled back"}
    del after.meta["targets.json"]
    assert [one.reason for one in check.older_listing(after, seen)] == [
        "no longer lists targets.json; 1 was seen before"
    ]


def test_a_finding_is_an_error_that_names_its_file():
    error = CheckError("mixed", "metadata/1.targets.json", "holds version 2")
    assert error.finding == Finding(kind="mixed", path="metadata/1.targets.json", reason="holds version 2")
    assert str(error) == "metadata/1.targets.json: holds version 2"
