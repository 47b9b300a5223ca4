"""The IPFS mirror: addresses that everybody else computes too, costs that follow the change, and nothing half."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mirrors_house import FIRST, SECOND, THIRD, binding, clock, options, plan, publish, reader, tree, version
from msgspec.structs import replace
from places_ipfs import in_cars, root_of

from mortal import DISK, Killed, mortal
from pappus.errors import MirrorError
from pappus.mirrors import MIRRORS, IpfsOptions, MirrorState, dag, ipfs
from pappus.mirrors.blocks import Blocks
from pappus.model import digest


def stream(length):
    """Return bytes that look random and are always the same."""
    parts = (hashlib.sha256(str(number).encode()).digest() for number in range(length // 32 + 1))
    return b"".join(parts)[:length]


# What npm's ipfs-car 3 says of the same bytes ("ipfs-car pack --no-wrap"); that of "hello world" stands in many manuals.
FILES = {
    "words": (b"hello world", "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"),
    "empty": (b"", "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"),
    "one-chunk": (stream(1 << 20), "bafkreiczaxfyqkyu2jxzaofikq7xjexknkieebuukrysmcoehk4natzpxu"),
    "one-byte-more": (stream((1 << 20) + 1), "bafybeieohcvah6xlweirh64hoifw6ohamwjjn2oknzuzzsiotzx5mpvsxm"),
    "five-chunks": (stream(5_000_000), "bafybeiauv47gal5xcmi5zwf7l7rbdn36rfmhfitnsvjc3ks35ysfve5nvu"),
}
SUB = "bafybeifcg7vusqewcb72l3wrqhelbeysfjwhouknnxmeh5ahffdqtnvuwy"
ALL = "bafybeif5tpjq2a4hg5tyrdbunalq7zwm5c2djxcmifgkpurajcyvtxzlpi"


@pytest.mark.parametrize(("data", "wanted"), FILES.values(), ids=FILES)
def test_a_file_has_the_address_that_others_give_it(data, wanted):
    link, blocks = dag.file_blocks(data)
    assert dag.cid_text(link.cid) == wanted
    assert link.size == sum(len(block.data) for block in blocks)
    assert dag.parse_cid(wanted) == link.cid


def test_a_folder_has_the_address_that_others_give_it():
    files = {name: dag.file_blocks(data)[0] for name, (data, _) in FILES.items()}
    big = {"big.bin": files["five-chunks"], "exact.bin": files["one-chunk"], "over.bin": files["one-byte-more"]}
    sub, block = dag.folder_block(big)
    assert dag.cid_text(sub.cid) == SUB
    assert dag.folder_links(block.data) == big
    small = {"新闻 и.md": dag.file_blocks(b"x")[0], "hello.txt": files["words"], "empty": files["empty"], "sub": sub}
    assert dag.cid_text(dag.folder_block(small)[0].cid) == ALL


def test_a_file_of_more_chunks_than_a_block_links_is_a_tree_of_trees(monkeypatch):
    monkeypatch.setattr(dag, "CHUNK", 4)
    monkeypatch.setattr(dag, "_WIDTH", 3)
    data = stream(4 * 3 * 3 + 1)
    link, blocks = dag.file_blocks(data)
    by_cid = {block.cid: block.data for block in blocks}

    def whole(cid):
        return by_cid[cid] if dag.is_leaf(cid) else b"".join(whole(below) for below in dag.led_to(by_cid[cid]))

    assert whole(link.cid) == data
    assert len({block.cid for block in blocks if not dag.is_leaf(block.cid)}) == 7  # 4 over leaves, 2 over those, 1


@given(st.binary(max_size=80))
def test_any_bytes_are_a_block_of_links_or_refused(data):
    for look in (dag.folder_links, lambda block: list(dag.led_to(block))):
        with contextlib.suppress(dag.DagError):
            look(data)


@pytest.mark.parametrize("text", ["", "b", "Qm123", "bafy", "bafkrei!", "z" + ALL[1:], ALL + "a", "é" * 59])
def test_what_is_no_address_of_ours_is_refused(text):
    with pytest.raises(dag.DagError):
        dag.parse_cid(text)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cars"


@pytest.fixture
def mirror(tmp_path, folder):
    return MIRRORS["ipfs"](options(tmp_path, IpfsOptions, path=folder), clock)


def many(number, changed=()):
    """Return an edition of so many texts, some of them as of a later day."""
    return {
        f"indexes/g/{page // 50:02}/{page}.md": f"{page} {'later' * (page in changed)} {'x' * 500}"
        for page in range(number)
    }


def sizes(folder):
    return {path.name: path.stat().st_size for path in sorted(folder.glob("*.car"))}


def test_a_publish_adds_a_file_with_what_is_new(mirror, folder):
    publish(mirror, 1, many(200))
    whole = sizes(folder)
    wanted = publish(mirror, 2, many(200, {7}), many(200), 1)
    assert sizes(folder).items() > whole.items()
    (added,) = sizes(folder).keys() - whole
    assert sizes(folder)[added] < sum(whole.values()) / 10
    assert in_cars(folder) == wanted


def test_the_root_is_returned_and_the_same_whichever_way_the_edition_came_about(mirror, folder, tmp_path):
    publish(mirror, 1, FIRST)
    publish(mirror, 2, SECOND, FIRST, 1)
    other = MIRRORS["ipfs"](options(tmp_path / "other", IpfsOptions, path=tmp_path / "other" / "cars"), clock)
    wanted = tree(SECOND, 2)
    root = other.apply(plan(2, wanted), reader(wanted))
    assert root == root_of(folder) == root_of(tmp_path / "other" / "cars")
    assert dag.parse_cid(root)


def test_small_files_that_are_there_already_are_not_read(mirror):
    publish(mirror, 1, FIRST)
    wanted = tree(FIRST | {"pages/copy.md": "ferry"}, 2)
    asked = []
    step = plan(2, wanted, version(1), tree(FIRST, 1))
    mirror.apply(step, lambda entry: asked.append(entry.path) or wanted[entry.path])
    assert "pages/copy.md" in {entry.path for entry in step.puts}
    assert set(asked) == {"mirror.json", "qr/pages/copy.png"}


def test_files_are_joined_as_they_pile_up_and_the_cost_stays_with_the_change(mirror, folder):
    files = many(200)
    publish(mirror, 0, files)
    written = 0
    for number in range(1, 41):
        later = files | {f"indexes/g/new/{number}.md": "y" * 500}
        before = sizes(folder)
        wanted = publish(mirror, number, later, files, number - 1)
        written += sum(size for name, size in sizes(folder).items() if name not in before)
        files = later
        assert len(sizes(folder)) <= 9
    assert in_cars(folder) == wanted
    assert (
        written < 2_000_000
    )  # of 40 publishes whose new blocks alone are 1 MB, for the links of a folder are written anew
    live = sum(len(body) for body in wanted.values())
    assert sum(sizes(folder).values()) < 6 * live
    names = sorted(int(name[7:13]) for name in sizes(folder))
    assert names[-1] > 40  # no number is used twice


@pytest.mark.parametrize(
    ("had", "first"),
    [
        pytest.param([100] * 8, 8, id="few"),
        pytest.param([100, 90, 80, 70, 60, 50, 40, 30, 20], 0, id="all-alike"),
        pytest.param([9000, 10, 10, 10, 10, 10, 10, 10, 10], 1, id="one-large"),
        pytest.param([90000, 9000, 10, 10, 10, 10, 10, 10, 10], 2, id="two-large"),
        pytest.param([512, 256, 128, 64, 32, 16, 8, 4, 1], 8, id="in-order"),  # one alone is not joined
    ],
)
def test_what_stays_is_twice_what_is_newer(had, first):
    assert ipfs._first_to_join(had) == first


def test_what_is_forgotten_is_in_no_file(mirror, folder, tmp_path):
    secret = "withdrawn by the court " * 3
    publish(mirror, 1, FIRST | {"pages/gazette/2026/11/05/ferry.md": secret})
    wanted = tree(SECOND | {"pages/gazette/2026/11/05/ferry.md": "notice"}, 2)
    step = plan(2, wanted, version(1), tree(FIRST | {"pages/gazette/2026/11/05/ferry.md": secret}, 1))
    mirror.apply(replace(step, forget=True), reader(wanted))
    assert len(sizes(folder)) == 1
    gone = dag.raw_cid(digest(secret.encode()))
    for path in [*folder.iterdir(), *(tmp_path / "state").iterdir()]:
        assert secret.encode() not in path.read_bytes()
        assert gone not in path.read_bytes()
    assert in_cars(folder) == wanted
    assert mirror.state().shown.version == version(2)
    assert publish(mirror, 3, THIRD, SECOND | {"pages/gazette/2026/11/05/ferry.md": "notice"}, 2) == in_cars(folder)


def test_the_record_is_for_the_host_of_the_address(mirror, folder):
    publish(mirror, 1, FIRST)
    record = (folder / "dnslink.txt").read_text()
    assert f'_dnslink.forge.example. 300 IN TXT "dnslink=/ipfs/{root_of(folder)}"' in record
    assert f"ipfs pin add --recursive {root_of(folder)}" in record
    publish(mirror, 2, FIRST, FIRST, 1, address="https://gateway.example/ipns/news.example/")
    assert "_dnslink.news.example. 300 IN TXT" in (folder / "dnslink.txt").read_text()


def test_a_large_file_is_read_whole(mirror, folder):
    body = stream(2_500_000)
    wanted = tree(FIRST, 1) | {"media/2026/11/05/film.mp4": body}
    mirror.apply(plan(1, wanted), reader(wanted))
    assert in_cars(folder) == wanted


def test_a_folder_that_needs_more_than_a_block_is_refused_and_nothing_changes(mirror, folder, monkeypatch):
    before = publish(mirror, 1, FIRST)
    monkeypatch.setattr(ipfs, "LARGEST", 2000)
    with pytest.raises(MirrorError, match="entries, more than one block of IPFS holds") as error:
        publish(mirror, 2, many(60), FIRST, 1)
    assert "\n" not in str(error.value)
    assert in_cars(folder) == before
    assert mirror.state() == MirrorState(shown=binding(1), base=binding(1))


def test_a_file_may_become_a_folder_and_a_folder_a_file(mirror, folder):
    one, other = {"README.md": "x", "indexes/a": "file"}, {"README.md": "x", "indexes/a/b": "below"}
    publish(mirror, 1, one)
    assert publish(mirror, 2, other, one, 1) == in_cars(folder)
    assert publish(mirror, 3, one, other, 2) == in_cars(folder)


DAMAGE = {
    "cut-off": lambda path: path.write_bytes(path.read_bytes()[:-9]),
    "gone": Path.unlink,
    "no-car": lambda path: path.write_bytes(b"\0" * path.stat().st_size),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("lost", [pytest.param(True, id="index-lost"), pytest.param(False, id="index-kept")])
def test_a_damaged_folder_is_filled_anew(mirror, folder, tmp_path, damage, lost):
    publish(mirror, 1, FIRST)
    damage(folder / "pappus-000001.car")
    if lost:
        shutil.rmtree(tmp_path / "state")
    assert mirror.state() == MirrorState()
    assert publish(mirror, 2, SECOND) == in_cars(folder)
    assert mirror.state().shown == binding(2)


def test_an_altered_block_is_not_carried_over(mirror, folder):
    publish(mirror, 1, FIRST)
    path = folder / "pappus-000001.car"
    path.write_bytes(path.read_bytes().replace(b"ferry", b"faery", 1))
    step = plan(2, tree(SECOND, 2), version(1), tree(FIRST, 1))
    with pytest.raises(MirrorError, match="a block was altered") as error:
        mirror.apply(replace(step, forget=True), reader(tree(SECOND, 2)))
    assert "\n" not in str(error.value)


def test_an_index_that_is_none_is_made_anew(mirror, folder, tmp_path):
    publish(mirror, 1, FIRST)
    (tmp_path / "state" / "blocks.sqlite").write_bytes(b"no database" * 1000)
    assert mirror.state().shown == binding(1)
    assert publish(mirror, 2, SECOND, FIRST, 1) == in_cars(folder)


def test_what_a_kill_left_is_done_away_with_and_what_is_not_ours_stays(mirror, folder):
    publish(mirror, 1, FIRST)
    for name in ("pappus-000002.car", ".pappus-000003.car.tmp", ".dnslink.txt.tmp"):
        (folder / name).write_bytes(b"half")
    (folder / "notes.txt").write_text("the operator's")
    looked = mirror.state(mend=False)
    assert (folder / "pappus-000002.car").exists()
    assert mirror.state() == looked == MirrorState(shown=binding(1), base=binding(1))
    assert sorted(path.name for path in folder.iterdir()) == ["dnslink.txt", "notes.txt", "pappus-000001.car"]


def test_two_at_once_are_told_of_one_another(mirror, tmp_path, folder):
    publish(mirror, 1, FIRST)
    wanted = tree(SECOND, 2)

    def read(entry):
        with pytest.raises(MirrorError, match="another Pappus is at work"):
            publish(MIRRORS["ipfs"](options(tmp_path, IpfsOptions, path=folder), clock), 2, SECOND, FIRST, 1)
        return wanted[entry.path]

    mirror.apply(plan(2, wanted, version(1), tree(FIRST, 1)), read)
    assert in_cars(folder) == wanted


def test_blocks_are_found_again_without_their_index(mirror, folder, tmp_path):
    publish(mirror, 1, FIRST)
    publish(mirror, 2, SECOND, FIRST, 1)
    with Blocks(folder, tmp_path / "fresh.sqlite", write=True) as blocks:
        blocks.fit(sizes(folder))
        assert blocks.read(dag.parse_cid(root_of(folder)))


def test_a_full_disk_leaves_the_mirror_and_is_told_in_one_line(mirror, folder, monkeypatch):
    before = publish(mirror, 1, FIRST)

    def full(_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(MirrorError, match="No space left") as error:
            publish(mirror, 2, SECOND, FIRST, 1)
    assert "\n" not in str(error.value)
    assert in_cars(folder) == before
    assert publish(mirror, 2, SECOND, FIRST, 1) == in_cars(folder)


@pytest.mark.slow
@pytest.mark.parametrize("forget", [pytest.param(False, id="kept"), pytest.param(True, id="forgotten")])
def test_a_kill_at_any_step_leaves_the_old_or_the_new(tmp_path, forget):
    """Every call that changes the disk may be the last one; what was to be forgotten is so, once the new is shown and looked at."""
    before, wanted = tree(FIRST, 1), tree(SECOND, 2)
    died, step = True, 0
    while died:
        folder = tmp_path / str(step) / "cars"
        mirror = MIRRORS["ipfs"](options(tmp_path / str(step), IpfsOptions, path=folder), clock)
        publish(mirror, 1, FIRST)
        change = replace(plan(2, wanted, version(1), before), forget=forget)
        with mortal(step, *DISK):
            try:
                mirror.apply(change, reader(wanted))
            except Killed:
                pass
            else:
                died = False
        seen = in_cars(folder)
        assert seen in (before, wanted)
        state = mirror.state()
        assert state.shown == binding(2 if seen == wanted else 1)
        if seen == wanted and forget:
            assert not any(b"pixels" in path.read_bytes() for path in folder.iterdir())
        if seen == before:
            mirror.apply(change, reader(wanted))
        assert publish(mirror, 3, THIRD, SECOND, 2) == in_cars(folder)
        step += 1
    assert step > 4


_CHILD = """
import sys
sys.path[:0] = {folders!r}
from pathlib import Path
from mirrors_house import clock, options, publish, version
from pappus.mirrors import MIRRORS, IpfsOptions
from test_mirrors_ipfs import many
folder = Path(sys.argv[1])
mirror = MIRRORS["ipfs"](options(folder, IpfsOptions, path=folder / "cars"), clock)
while True:
    base = mirror.state().base
    number = base.version.number if base else 0
    publish(mirror, number + 1, many(60, {{number + 1}}), many(60, {{number}}) if base else None, number or None)
    print(number + 1, flush=True)
"""


@pytest.mark.slow
def test_a_publisher_that_is_killed_at_any_moment_leaves_a_whole_edition(tmp_path):
    """Its publishes are so many and so small that files are joined every few of them."""
    code = _CHILD.format(folders=list(map(str, Path(__file__).parents[:2])))
    mirror = MIRRORS["ipfs"](options(tmp_path, IpfsOptions, path=tmp_path / "cars"), clock)
    chance = random.Random(7)
    for _ in range(12):
        with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as child:
            for _ in range(chance.randint(1, 5)):
                done = int(child.stdout.readline())
            time.sleep(chance.uniform(0, 0.1))  # as long as a publish takes
            child.send_signal(signal.SIGKILL)
        number = mirror.state().shown.version.number
        assert number >= done
        assert in_cars(tmp_path / "cars") == tree(many(60, {number}), number)


@pytest.mark.skipif(
    not re.search("ipfs-car", os.environ.get("PAPPUS_IPFS_CAR", "")), reason="PAPPUS_IPFS_CAR names no ipfs-car"
)
def test_another_program_unpacks_the_same(mirror, folder, tmp_path):
    wanted = publish(mirror, 1, FIRST)
    target = tmp_path / "unpacked"
    command = [os.environ["PAPPUS_IPFS_CAR"], "unpack", str(folder / "pappus-000001.car"), "--output", str(target)]
    subprocess.run(command, check=True, timeout=60)
    assert {
        path.relative_to(target).as_posix(): path.read_bytes() for path in target.rglob("*") if path.is_file()
    } == wanted
