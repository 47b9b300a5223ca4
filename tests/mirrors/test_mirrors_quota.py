"""Host quotas: told before anything is sent."""

from __future__ import annotations

import pytest
from mirrors_house import version
from msgspec.structs import fields

from pappus.errors import QuotaError
from pappus.mirrors import make_plan
from pappus.mirrors.quota import PROFILES, Limits, Totals, check
from pappus.model import Entry, digest

HOST = Limits(file_size=100, push_size=1_000, tree_size=10_000, files=50, folder_entries=10, source="The page")


def planned(**sizes):
    puts = [
        Entry(path=f"media/{name}.webp", size=size, digest=digest(name.encode()), media_type="image/webp")
        for name, size in sizes.items()
    ]
    return make_plan("markdown", version(1), None, puts=puts, deletions=())


def totals(**given):
    return Totals(**({"files": 3, "size": 30, "folders": {"media": 3}} | given))


NEAR = {
    "file_size": ({"a": 10, "big": 81}, {}),
    "push_size": ({f"f{number}": 78 for number in range(11)}, {}),
    "tree_size": ({"a": 10}, {"size": 8_001}),
    "files": ({"a": 10}, {"files": 41}),
    "folder_entries": ({"a": 10}, {"folders": {"media": 3, "pages/x": 9}}),
}
PAST = {
    "file_size": ({"a": 10, "big": 101}, {}),
    "push_size": ({f"f{number}": 78 for number in range(13)}, {}),
    "tree_size": ({"a": 10}, {"size": 10_001}),
    "files": ({"a": 10}, {"files": 51}),
    "folder_entries": ({"a": 10}, {"folders": {"media": 3, "pages/x": 11}}),
}
SAID = {
    "file_size": ("'media/big.webp'", "101 bytes", "100 bytes", "split it"),
    "push_size": ("1014 bytes", "1000 bytes", "'media/f9.webp'", "let it grow"),
    "tree_size": ("9.8 KiB", "'media/a.webp'", "an annex"),
    "files": ("51", "50", "'media'", "an annex"),
    "folder_entries": ("'pages/x'", "11", "10", "split the edition"),
}


def test_what_is_far_from_every_limit_is_not_spoken_of():
    assert check("forge", HOST, planned(a=10, b=80), totals()) == []


def test_a_limit_that_is_just_kept_is_kept():
    full = totals(files=50, size=10_000, folders={"media": 10})
    plan = planned(**{f"f{number}": 100 for number in range(10)})
    assert len(check("forge", HOST, plan, full)) == 5


@pytest.mark.parametrize("limit", NEAR)
def test_what_comes_near_a_limit_is_told(limit):
    sizes, given = NEAR[limit]
    (warning,) = check("forge", HOST, planned(**sizes), totals(**given))
    assert "The page" in warning
    assert "\n" not in warning


@pytest.mark.parametrize("limit", PAST)
def test_what_goes_past_a_limit_is_refused_with_the_figures_the_path_and_advice(limit):
    sizes, given = PAST[limit]
    with pytest.raises(QuotaError) as error:
        check("forge", HOST, planned(**sizes), totals(**given))
    text = str(error.value)
    assert text.startswith("forge: ")
    assert all(words in text for words in SAID[limit]), text
    assert "The page" in text
    assert "another host" in text or "choose a host" in text
    assert "\n" not in text


@pytest.mark.parametrize("limit", PAST)
def test_what_goes_past_advice_is_only_told(limit):
    sizes, given = PAST[limit]
    advised = Limits(**{limit: getattr(HOST, limit)}, advised=frozenset({limit}), source="The page")
    assert len(check("forge", advised, planned(**sizes), totals(**given))) == 1


@pytest.mark.parametrize("limit", PAST)
def test_a_host_without_a_limit_takes_everything(limit):
    sizes, given = PAST[limit]
    assert check("forge", PROFILES["none"], planned(**sizes), totals(**given)) == []


def test_a_plan_that_puts_nothing_is_measured_too():
    with pytest.raises(QuotaError, match="in files"):
        check("forge", HOST, planned(), Totals(files=51, size=0, folders={}))


NO_LIMITS = {"caddy", "netlify", "nginx", "none"}  # servers of the operator's own, and where no figures were found


def test_every_host_has_its_source_and_advises_only_what_it_limits():
    for host, limits in PROFILES.items():
        given = {field.name for field in fields(limits) if isinstance(getattr(limits, field.name), int)}
        assert bool(given) == bool(limits.source) == (host not in NO_LIMITS)
        assert limits.advised <= given
    assert list(PROFILES) == sorted(PROFILES)


def test_figures_are_those_that_hosts_publish():
    assert PROFILES["github"].file_size == 100_000_000
    assert PROFILES["codeberg"].tree_size == 786_432_000
    assert PROFILES["cloudflare-pages"].files == 20_000
    with pytest.raises(QuotaError, match=r"26\.0 MiB of at most 25\.0 MiB"):
        check("pages", PROFILES["cloudflare-pages"], planned(film=26 << 20), totals())
    film = "a folder that its web pages cut short"
    (warning,) = check("github", PROFILES["github"], planned(a=1), totals(folders={film: 1_001}))
    assert film in warning
