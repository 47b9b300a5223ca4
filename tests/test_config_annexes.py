"""A mirror that is divided over several places: what is said of its annexes, and what is refused."""

from __future__ import annotations

from functools import partial

import pytest

import config_room
from config_room import FOLDER, MIRROR, SITE, SOURCE
from pappus.errors import ConfigError

ROOM = SITE + SOURCE + MIRROR
ANNEX = """
[[mirrors]]
name = "old"
kind = "git"
remote = "https://forge.example/you/news-2025.git"
address = "https://forge.example/you/news-2025/blob/main"
annex_of = "forge"
first = "2025-01"
last = "2025-12"
"""


@pytest.fixture
def load(tmp_path):
    return partial(config_room.load, tmp_path)


def test_a_mirror_and_its_annex_know_which_months_are_where(load):
    forge, old, folder = load(ROOM + ANNEX + FOLDER).mirrors
    for part in (forge, old):
        assert part.division.main == forge.address
        assert part.division.here == part.address
        assert part.division.holder("pages/gazette/2025/12/31/a.md") == old.address
        assert part.division.holder("media/2026/01/01/a.png") == part.division.holder("README.md") == forge.address
    assert folder.division is None


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param('annex_of = "forge"', 'annex_of = "forgee"', "there is no mirror 'forgee'", id="no-such-mirror"),
        pytest.param('annex_of = "forge"', 'annex_of = "old"', "is an annex itself", id="of-itself"),
        pytest.param('first = "2025-01"\n', "", "all three", id="no-first-month"),
        pytest.param('annex_of = "forge"\n', "", "all three", id="months-alone"),
        pytest.param("2025-01", "2026-01", "after its last", id="months-reversed"),
        pytest.param("2025-12", "2025-13", "last", id="no-month"),
        pytest.param('first = "2025-01"', 'first = "2025-01"\nretired = true', "not retired", id="retired"),
    ],
)
def test_an_annex_that_could_not_be_understood_is_refused(load, old, new, words):
    with pytest.raises(ConfigError, match=words):
        load(ROOM + ANNEX.replace(old, new))


def test_annexes_of_one_mirror_do_not_overlap(load):
    second = ANNEX.replace('"old"', '"older"').replace("news-2025", "news-2024")
    with pytest.raises(ConfigError, match="'old' already"):
        load(ROOM + ANNEX + second.replace("2025-01", "2024-01").replace("2025-12", "2025-01"))
    load(ROOM + ANNEX + second.replace("2025-", "2024-"))


def test_no_two_parts_of_a_divided_mirror_have_one_address(load):
    forge = ANNEX.replace("https://forge.example/you/news-2025/blob/main", load(ROOM).mirrors[0].address)
    with pytest.raises(ConfigError, match="'forge' has the same"):
        load(ROOM + forge)
    second = ANNEX.replace('"old"', '"older"').replace("news-2025.git", "news-2024.git").replace("2025-", "2024-")
    with pytest.raises(ConfigError, match="'old' has the same"):
        load(ROOM + ANNEX + second)


def test_where_an_unlisted_mirrors_pages_are_is_not_told_so_it_has_no_annex(load):
    with pytest.raises(ConfigError, match="not listed"):
        load(ROOM + "listed = false\n" + ANNEX)
