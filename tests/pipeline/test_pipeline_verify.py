"""What is done to copies is found, and named; what is done to them honestly is not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "trust"))  # verify_house and its like

from verify_attacks import attacks, newsroom
from verify_house import NOW, Memory, found, look
from verify_places import at

ATTACKS = attacks()
ELSEWHERE = [  # of the attacks, those that are tried at other kinds of places too
    "altered home", "swapped pages", "missing page", "longer than signed", "QR image leads elsewhere", "no metadata",
    "huge timestamp", "huge bin", "bin of an older release", "frozen", "rolled back", "replaced keys",
    "gap in the chain of roots", "root whose version jumps",
]  # fmt: skip
LISTED = ["extra file", "symbolic link", "case clash", "unicode clash", "names that no mirror may have", "moved page"]


def tried(attack, kind, folder):
    with at(kind, attack.tree, folder) as place:
        memory = Memory()
        if attack.memory:
            before = look(newsroom()[1][2], attack.anchor, memory=memory)
            memory.seen[place.name] = memory.seen[before.place]
        return look(place, attack.anchor, NOW + attack.later, memory=memory)


@pytest.mark.parametrize("name", ATTACKS)
def test_tampering_with_a_folder_is_found_and_the_file_is_named(name, tmp_path):
    assert found(tried(ATTACKS[name], "folder", tmp_path)) == ATTACKS[name].wanted


@pytest.mark.parametrize("name", [*ELSEWHERE, *LISTED])
def test_tampering_with_a_repository_is_found_and_the_file_is_named(name, tmp_path):
    assert found(tried(ATTACKS[name], "git", tmp_path)) == ATTACKS[name].wanted


@pytest.mark.parametrize("name", ELSEWHERE)
def test_tampering_with_an_address_is_found_and_the_file_is_named(name, tmp_path):
    assert found(tried(ATTACKS[name], "web", tmp_path)) == ATTACKS[name].wanted


@pytest.mark.parametrize("kind", ["folder", "git", "web"])
def test_an_honest_copy_is_whole(kind, tmp_path):
    room, trees = newsroom()
    with at(kind, trees[-1], tmp_path) as place:
        verdict = look(place, room.anchor)
    assert verdict.findings == ()
    assert (verdict.release, verdict.files, len(verdict.accepted)) == (3, 8, 8)
