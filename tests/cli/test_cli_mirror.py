"""Mirrors come, move and retire: the edited file is valid, keeps its comments, and leads readers on."""

from __future__ import annotations

import tomllib

import pytest

from pappus import cli, config
from pappus.cli import moving
from pappus.cli.mirror import _is_text
from pappus.config import values
from pappus.config.mirrors import MIRROR_TABLES
from pappus.errors import ConfigError

NEW = "https://other.example/you/news/blob/main/"
OLD = "https://forge.example/you/news/blob/main/"
FOLDER = "https://news.example/"


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setitem(cli.MODULES, "mirror", "mirror")
    path = tmp_path / config.FILE
    path.write_text(config.example(), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return path


def parsed(path):
    found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    return {table["name"]: table for table in found["mirrors"]}, found.get("moved", [])


def test_a_mirror_is_added_with_the_keys_of_its_kind(file, pappus):
    code, out, err = pappus(
        "mirror", "add", "second", "--kind", "git", "--address", NEW, "--home", "https://other.example/",
        "remote=https://other.example/you/news.git", "branch=2026", "timeout=60", "token_env=T",
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert out.endswith("next: pappus run (and before it, pappus run --dry-run, which shows the files that change)\n")
    assert parsed(file)[0]["second"] == {
        "name": "second", "kind": "git", "address": NEW, "home": "https://other.example/",
        "remote": "https://other.example/you/news.git", "branch": "2026", "timeout": 60, "token_env": "T",
    }  # fmt: skip
    assert [part.name for part in config.load(file).mirrors] == ["forge", "folder", "second"]


def test_all_that_was_written_stays_and_what_is_added_stands_beside_its_like(file, pappus):
    before = file.read_text(encoding="utf-8").splitlines()
    pappus("mirror", "add", "second", "--kind", "directory", "--address", NEW, "path=second")
    after = file.read_text(encoding="utf-8").splitlines()
    added = ["[[mirrors]]", 'name = "second"', 'kind = "directory"', f'address = "{NEW}"', 'path = "second"', ""]
    start = next(i for i, line in enumerate(after) if line == 'name = "second"') - 1
    assert after[start : start + len(added)] == added
    assert after[:start] + after[start + len(added) :] == before
    assert after[start - 3] == f'address = "{FOLDER}"'
    assert after[start - 2].startswith("# precompress = ")
    assert after[start - 1] == ""


def test_another_address_of_the_same_place_is_two_lines_and_a_record(file, pappus):
    code, out, _ = pappus("mirror", "move", "forge", "--address", NEW, "--home", "https://other.example/you/news")
    assert code == 0
    mirrors, moved = parsed(file)
    assert mirrors["forge"]["address"] == NEW
    assert mirrors["forge"]["home"] == "https://other.example/you/news"
    assert mirrors.keys() == {"forge", "folder"}
    assert moved == [{"from": OLD, "to": NEW}]
    assert [line for line in out.splitlines() if line.startswith("-") and not line.startswith("---")] == [
        f'-address = "{OLD}"',
        '-home = "https://forge.example/you/news"',
    ]
    assert "# any address that git pushes to" in file.read_text(encoding="utf-8")
    assert config.load(file).mirrors[0].address == NEW


def test_another_place_leaves_a_retired_mirror_behind(file, pappus):
    code, _, err = pappus(
        "mirror", "move", "forge", "--address", NEW, "--home", "https://other.example/", "remote=mirrors/other.git"
    )
    assert (code, err) == (0, "")
    mirrors, moved = parsed(file)
    assert mirrors["forge-old"] == {
        "name": "forge-old", "kind": "git", "remote": "mirrors/forge.git", "address": OLD,
        "home": "https://forge.example/you/news", "retired": True,
    }  # fmt: skip
    assert mirrors["forge"] == {
        "name": "forge", "kind": "git", "address": NEW, "home": "https://other.example/", "remote": "mirrors/other.git",
    }  # fmt: skip
    assert moved == [{"from": OLD, "to": NEW}]
    assert len(config.load(file).mirrors) == 3


def test_a_place_of_another_kind_takes_over_what_kinds_share(file, pappus):
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("# branch =", "branch =").replace("# timeout = 600.0 ", "timeout = 60.0 "))
    code, _, _ = pappus(
        "mirror", "move", "forge", "--kind", "directory", "--address", NEW, "--home", NEW, "path=mirrors/other"
    )
    assert code == 0
    assert parsed(file)[0]["forge"] == {
        "name": "forge", "kind": "directory", "address": NEW, "home": NEW, "timeout": 60.0, "path": "mirrors/other",
    }  # fmt: skip


def test_credentials_are_not_handed_on_to_another_host(file, pappus):
    text = file.read_text(encoding="utf-8")
    text = text.replace("mirrors/forge.git", "https://forge.example/you/news.git").replace(
        "# token_env =", "token_env ="
    )
    file.write_text(text, encoding="utf-8")
    code, _, err = pappus(
        "mirror", "move", "forge", "--address", NEW, "--home", NEW, "remote=https://other.example/you/news.git"
    )
    assert (code, err) == (0, "")
    mirrors, _ = parsed(file)
    assert ("token_env" in mirrors["forge-old"], "token_env" in mirrors["forge"]) == (True, False)


ANNEX = "https://forge.example/you/news-2025/blob/main/"


@pytest.fixture
def divided(file, pappus):
    code, _, err = pappus(
        "mirror", "add", "old-news", "--kind", "git", "--address", ANNEX, "remote=mirrors/2025.git",
        "annex_of=forge", "first=2025-01", "last=2025-12",
    )  # fmt: skip
    assert (code, err) == (0, "")
    return file


def test_an_annex_is_added_and_moves_without_a_retired_place(divided, pappus):
    pappus("mirror", "move", "old-news", "--address", NEW, "remote=mirrors/new.git")
    mirrors, moved = parsed(divided)
    assert sorted(mirrors) == ["folder", "forge", "old-news"]
    assert mirrors["old-news"] == {
        "name": "old-news", "kind": "git", "address": NEW, "remote": "mirrors/new.git",
        "annex_of": "forge", "first": "2025-01", "last": "2025-12",
    }  # fmt: skip
    assert moved == [{"from": ANNEX, "to": NEW}]


def test_a_place_that_a_divided_mirror_has_left_goes_on_leading_to_its_annexes(divided, pappus):
    pappus("mirror", "move", "forge", "--address", NEW, "--home", NEW, "remote=mirrors/new.git")
    parts = {part.name: part.division for part in config.load(divided).mirrors}
    assert parts["folder"] is None
    assert (
        [one.address for one in parts["forge"].annexes]
        == [one.address for one in parts["forge-old"].annexes]
        == [ANNEX]
    )
    assert (parts["forge"].main, parts["forge-old"].main, parts["old-news"].main) == (NEW, OLD, NEW)
    options = config.load(divided).editions[0].renderer.options
    assert {division.main for division in options.divisions} == {NEW, OLD}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["retire", "old-news"], "is an annex", id="retired"),
        pytest.param(["move", "old-news", "--kind", "directory", "--address", NEW, "path=x"], "by hand", id="kind"),
    ],
)
def test_what_would_leave_an_annexs_pages_nowhere_is_refused(divided, pappus, arguments, said):
    before = divided.read_bytes()
    code, _, err = pappus("mirror", *arguments)
    assert code == 2
    assert said in err
    assert divided.read_bytes() == before


def test_a_mirror_that_is_not_listed_is_not_told_of(file, pappus):
    text = file.read_text(encoding="utf-8").replace(
        f'\naddress = "{FOLDER}"', f'\naddress = "{FOLDER}"\nlisted = false'
    )
    file.write_text(text, encoding="utf-8")
    assert pappus("mirror", "move", "folder", "--address", NEW, "path=mirrors/other")[0] == 0
    mirrors, moved = parsed(file)
    assert (mirrors["folder"]["listed"], mirrors["folder-old"]["listed"], moved) == (False, False, [])
    code, _, err = pappus("mirror", "retire", "forge", "--to", "folder")
    assert (code, "is not listed" in err) == (2, True)
    assert pappus("mirror", "retire", "folder", "--to", "forge")[0] == 0
    assert parsed(file)[1] == []


def test_the_place_that_is_left_a_second_time_has_a_name_of_its_own(file, pappus):
    for name in ("a", "b"):
        pappus("mirror", "move", "folder", "--address", f"https://{name}.example/", f"path=mirrors/{name}")
    assert parsed(file)[0].keys() == {"forge", "folder-old", "folder-old-2", "folder"}


def test_who_follows_an_address_given_up_long_ago_is_led_on(file, pappus):
    pappus("mirror", "move", "folder", "--address", "https://a.example/")
    pappus("mirror", "move", "folder", "--address", "https://b.example/news")
    assert parsed(file)[1] == [
        {"from": FOLDER, "to": "https://b.example/news/"},
        {"from": "https://a.example/", "to": "https://b.example/news/"},
    ]


def test_nothing_leads_away_from_an_address_that_is_in_use_again(file, pappus):
    pappus("mirror", "move", "folder", "--address", "https://a.example/")
    pappus("mirror", "move", "folder", "--address", FOLDER)
    assert parsed(file)[1] == [{"from": "https://a.example/", "to": FOLDER}]


def test_a_retired_mirror_leads_to_another(file, pappus):
    assert pappus("mirror", "retire", "folder", "--to", "forge")[0] == 0
    mirrors, moved = parsed(file)
    assert mirrors["folder"]["retired"] is True
    assert moved == [{"from": FOLDER, "to": OLD}]
    assert config.load(file)


def test_a_mirror_may_retire_without_another(file, pappus):
    assert pappus("mirror", "retire", "folder")[0] == 0
    mirrors, moved = parsed(file)
    assert (mirrors["folder"]["retired"], moved) == (True, [])
    lines = file.read_text(encoding="utf-8").splitlines()
    start = lines.index(f'address = "{FOLDER}"')
    assert "retired = true" in lines[start : lines.index("", start)]


WRONG = {
    "unknown-mirror": (("move", "forg", "--address", NEW), "one of: forge, folder"),
    "name-taken": (("add", "forge", "--kind", "directory", "--address", NEW, "path=x"), "is there already"),
    "unusable-name": (("add", "For ge", "--kind", "directory", "--address", NEW, "path=x"), "is no name"),
    "unknown-key": (("add", "x", "--kind", "directory", "--address", NEW, "pth=x"), "did you mean 'path'?"),
    "missing-key": (("add", "x", "--kind", "git", "--address", NEW), "remote: would not be valid"),
    "unknown-kind": (("add", "x", "--kind", "gti", "--address", NEW), "gti"),
    "no-pair": (("add", "x", "--kind", "git", "--address", NEW, "remote"), "is not KEY=VALUE"),
    "key-twice": (("add", "x", "--kind", "git", "--address", NEW, "remote=a", "remote=b"), "given twice"),
    "name-as-key": (("add", "x", "--kind", "git", "--address", NEW, "name=y"), "'name' is not given as KEY=VALUE"),
    "no-number": (("add", "x", "--kind", "git", "--address", NEW, "timeout=soon"), "no TOML"),
    "no-address": (("move", "folder", "--address", "ftp://x.example/"), "is not an address of a mirror"),
    "no-home": (("move", "folder", "--address", NEW, "--home", "x"), "is not an address for readers"),
    "forgotten-home": (("move", "forge", "--address", NEW), "give --home too"),
    "same-address": (("move", "folder", "--address", FOLDER), "is at https://news.example/ already"),
    "same-place": (("move", "folder", "--address", NEW, "path=mirrors/folder"), "two mirrors are put at"),
    "to-itself": (("retire", "folder", "--to", "folder"), "cannot stand in for itself"),
    "to-nobody": (("retire", "folder", "--to", "x"), "mirror 'x': is not there"),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "said"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_done_is_told_and_changes_nothing(file, pappus, arguments, said):
    before = file.read_bytes()
    code, out, err = pappus("mirror", *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert ".new" not in err
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [config.FILE]


@pytest.mark.parametrize("verb", [("move", "--address", NEW), ("retire",)], ids=["move", "retire"])
def test_a_retired_mirror_is_left_alone(file, pappus, verb):
    pappus("mirror", "retire", "folder")
    code, _, err = pappus("mirror", verb[0], "folder", *verb[1:])
    assert (code, "is retired already" in err) == (2, True)


def test_a_dry_run_shows_the_difference_and_changes_nothing(file, pappus):
    before = file.read_bytes()
    code, out, _ = pappus("mirror", "retire", "folder", "--dry-run")
    assert code == 0
    assert "+retired = true" in out
    assert out.endswith("dry run: nothing was changed\n")
    assert file.read_bytes() == before


def test_a_dry_run_finds_what_would_not_be_valid(file, pappus):
    assert pappus("mirror", "add", "x", "--kind", "git", "--address", NEW, "--dry-run")[0] == 2


def test_line_ends_byte_order_mark_rights_and_links_stay(file, pappus, tmp_path):
    real = tmp_path / "real.toml"
    real.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    real.chmod(0o600)
    file.unlink()
    file.symlink_to(real)
    assert pappus("mirror", "retire", "folder")[0] == 0
    data = real.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf#")
    assert data.count(b"\r\n") >= data.count(b"\n") - 1
    assert real.stat().st_mode & 0o777 == 0o600
    assert file.is_symlink()


def test_a_file_that_is_wrong_already_is_not_edited(file, pappus):
    file.write_text(file.read_text(encoding="utf-8").replace("[gather]", "[gahter]"), encoding="utf-8")
    code, _, err = pappus("mirror", "retire", "folder")
    assert (code, "did you mean 'gather'" in err) == (2, True)


def test_mirrors_in_another_notation_are_not_spoilt():
    with pytest.raises(ConfigError, match=r"not written as \[\[mirrors\]\]"):
        moving.retire('mirrors = [{name = "a", address = "https://a.example/"}]\n', "a", "")


def test_a_file_without_mirrors_and_without_a_last_line_end_gets_its_first():
    text = moving.add('[site]\ntitle = "T"', "a", "directory", {"path": "x"})
    assert text == '[site]\ntitle = "T"\n\n[[mirrors]]\nname = "a"\nkind = "directory"\npath = "x"\n'


@pytest.mark.parametrize("kind", sorted(MIRROR_TABLES))
def test_text_and_other_values_are_told_apart_for_every_kind(kind):
    known = values.fields(MIRROR_TABLES[kind])
    texts = {key for key, field in known.items() if _is_text(field.type)}
    assert {"name", "kind", "edition", "address", "home"} <= texts
    assert not {"timeout", "retired"} & texts
