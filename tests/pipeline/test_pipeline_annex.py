"""A mirror that is too large for one repository leaves the articles of some months to an annex; readers find everything all the same."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from pipeline_forge import dead, pages
from pipeline_house import FORGE, Moment, Paper, Story, git, git_tree, head, load, many, newsroom, run, toml, tree

from pappus.cli.follow import verifier
from pappus.config import FILE
from pappus.layout import LAYOUTS, is_binding, is_metadata, layout_of
from pappus.mirrors.follow import FollowOptions, follow
from pappus.mirrors.rebind import rebind
from pappus.mirrors.signpost import signpost
from pappus.model import SHARED, month_of
from pappus.pipeline import publish
from pappus.pipeline.places import FolderPlace, GitPlace
from pappus.pipeline.verdict import Verdict, VerifyOptions
from pappus.pipeline.verify import verify
from pappus.pipeline.withdraw import Request, withdraw
from pappus.store import open_store
from pappus.trust import ceremony

if TYPE_CHECKING:
    from pathlib import Path

if TYPE_CHECKING:
    from pathlib import Path

MAIN, OCTOBER = FORGE, "https://forge.example/paper/news-2026-10/blob/main/"
_ANNEX = f"""
[[mirrors]]
name = "october"
kind = "git"
remote = "mirrors/october.git"
address = "{OCTOBER}"
annex_of = "forge"
first = "2026-10"
last = "2026-10"
"""


class House:
    """A signed newsroom with a forge, a folder that holds everything, and, from :meth:`divide` on, an annex of the forge."""

    def __init__(self, folder: Path, paper: Paper, edition: str = "markdown") -> None:
        self.folder, self.paper, self.clock = folder, paper, Moment()
        mirror = f'[[mirrors]]\nedition = "{edition}"'
        self.table = _ANNEX.replace("[[mirrors]]", mirror)
        extra = f'[signing]\nkeys = "keys"\n[[editions]]\nname = "{edition}"\n'
        text = toml(paper.url, {"all": "/all.xml"}, extra=extra)
        newsroom(folder, text.replace("[[mirrors]]", mirror))
        ceremony.init(folder / "keys", "", ceremony.NewRoots(folder=folder / "offline"), self.clock())
        self.announce(many(20))

    def announce(self, stories: list[Story]) -> None:
        self.paper.stories(stories)
        self.paper.feed("/all.xml", stories)

    def divide(self) -> None:
        with (self.folder / FILE).open("a") as file:
            file.write(self.table)

    def run(self) -> None:
        report = run(load(self.folder, self.clock))
        assert report.clean, report.events

    def repository(self, name: str) -> Path:
        return self.folder / "mirrors" / f"{name}.git"

    @property
    def main(self) -> dict[str, bytes]:
        return git_tree(self.repository("forge"))

    @property
    def annex(self) -> dict[str, bytes]:
        return git_tree(self.repository("october"))

    @property
    def whole(self) -> dict[str, bytes]:
        return tree(self.folder / "mirrors" / "folder")

    def verify(self, *, annex: bool = True) -> Verdict:
        places = [GitPlace(name, self.repository(name), "main") for name in ("forge", "october")]
        return verify(places[0], VerifyOptions(annexes=tuple(places[1:]) if annex else ()), self.clock())


@pytest.fixture
def house(tmp_path: Path, paper: Paper) -> House:
    return House(tmp_path / "newsroom", paper)


def _signed(files: dict[str, bytes]) -> dict[str, bytes]:
    return {path: data for path, data in files.items() if not is_binding(path) and not is_metadata(path)}


def _only_pages(files: dict[str, bytes]) -> dict[str, bytes]:
    return {path: data for path, data in files.items() if path.startswith("pages/")}


def _check(house: House) -> None:
    """Every file of the edition is held once, and whoever is led to another place finds it there; what pages load is everywhere."""
    main, annex, whole = house.main, house.annex, _signed(house.whole)
    layout = layout_of(sorted(whole))
    shared = {path: annex.pop(path) for path in SHARED & annex.keys()}
    assert shared == {path: data for path, data in main.items() if path in SHARED}
    october = {path for path in whole if month_of(path) == "2026-10"}
    assert len(october) > 10
    signs = {path for path in october if path.startswith("pages/")}
    assert _signed(main) == {
        **{path: data for path, data in whole.items() if path not in october},
        **{path: signpost(path, OCTOBER).body for path in signs},
    }
    assert {path: data for path, data in _signed(annex).items() if path in october} == {
        path: whole[path] for path in october
    }
    back = _signed(annex).keys() - october
    assert {layout.home, f"indexes/all{layout.suffix}"} < back
    assert {path: annex[path] for path in back} == {path: signpost(path, MAIN).body for path in back}
    assert back <= main.keys()
    assert not [path for path in annex if is_metadata(path)]
    assert {path for path in main if month_of(path) == "2026-10" and is_binding(path)} == set()
    assert {path for path in annex if path.startswith("qr/")} == {layout.qr_path(page) for page in signs}
    annex |= shared
    assert dead(main, pages(main)) == dead(annex, pages(annex)) == {}


@pytest.mark.parametrize("edition", LAYOUTS)
def test_a_mirror_that_is_divided_holds_with_its_annex_what_one_that_is_not_holds_alone(
    edition: str, tmp_path: Path, paper: Paper
) -> None:
    house = House(tmp_path / "newsroom", paper, edition)
    house.divide()
    house.run()
    _check(house)
    verdict = house.verify()
    assert verdict.whole, verdict
    (annex,) = verdict.annexes
    assert annex.accepted & verdict.accepted == (SHARED if edition == "site" else set())
    assert len(annex.accepted) == annex.files
    assert len(annex.accepted | verdict.accepted) == verdict.files


def test_what_is_divided_later_ends_the_same(house: House, tmp_path: Path) -> None:
    other = House(tmp_path / "other", house.paper)
    other.divide()
    other.run()
    house.run()
    house.divide()
    house.run()
    _check(house)
    assert house.verify().whole
    for ours, theirs in ((house.main, other.main), (house.annex, other.annex)):
        assert _signed(ours).keys() == _signed(theirs).keys()
        assert _only_pages(ours) == _only_pages(theirs)
    text = (house.folder / FILE).read_text()
    (house.folder / FILE).write_text(text.replace(house.table, ""))  # and back again
    house.run()
    assert _signed(house.main) == _signed(house.whole)
    assert house.verify(annex=False).whole


def test_without_its_annex_a_mirror_is_whole_and_says_where_the_rest_is(house: House) -> None:
    house.divide()
    house.run()
    verdict = house.verify(annex=False)
    assert verdict.whole, verdict.findings
    (note,) = (note for note in verdict.notes if note.kind == "annex")
    assert note.path == OCTOBER
    assert note.reason.startswith("holds ")


def test_an_annex_changes_only_when_something_of_its_own_does(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.divide()
    house.run()
    before = head(house.repository("october"))
    monkeypatch.setattr(publish, "_NEAR", 3)
    behind = []
    for number in range(4):
        house.announce([Story(slug=f"pier-{number}", title=f"Pier {number} is built"), *many(20)])
        house.run()
        behind.append(head(house.repository("october")) == before)
    assert behind == [True, True, False, False]  # the third time, it was told how far the edition has come
    assert git(house.repository("october"), "diff", "--name-only", before, "main").decode().split() == ["mirror.json"]
    assert house.verify().whole


def test_an_article_that_is_revised_is_so_where_it_is_held(house: House) -> None:
    house.divide()
    house.run()
    stories = many(20)
    main, annex = house.main, house.annex
    old = next(path for path in annex if path.endswith("boat-12.md") and month_of(path) == "2026-10")
    stories[12] = replace(stories[12], more="It had a new mast.", updated=house.clock())
    house.announce(stories)
    house.clock.pass_by(hours=1)
    house.run()
    assert {path for path in annex if annex[path] != house.annex[path]} == {old, "mirror.json"}
    assert b"new mast" in house.annex[old]
    assert house.main[old] == main[old]
    assert house.verify().whole


def _moved(house: House, former: str, now: str) -> None:
    path = house.folder / FILE
    text = path.read_text().replace(f'address = "{former}"', f'address = "{now}"')
    path.write_text(text + f'\n[[moved]]\nfrom = "{former}"\nto = "{now}"\n')


def _different(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    return {
        path for path in before.keys() | after.keys() if before.get(path) != after.get(path) and not is_metadata(path)
    }


def test_when_the_mirror_itself_moves_a_handful_of_its_files_changes(house: House) -> None:
    house.divide()
    house.run()
    main, annex = house.main, house.annex
    _moved(house, MAIN, "https://forge.example/renamed/news/blob/main/")
    house.run()
    assert _different(main, house.main) == {"README.md", "mirrors.md", "mirrors.json", "mirror.json", "qr/home.png"}
    led = {path for path in _signed(annex) if month_of(path) != "2026-10"}
    assert _different(annex, house.annex) == {*led, "mirror.json"}  # its signposts lead to the new address
    assert house.verify().whole


def test_when_an_annex_moves_the_signposts_to_it_change_and_none_of_its_own_pages_and_codes(house: House) -> None:
    house.divide()
    house.run()
    main, annex = house.main, house.annex
    _moved(house, OCTOBER, "https://forge.example/renamed/news-2026-10/blob/main/")
    house.run()
    assert _different(annex, house.annex) == {"mirror.json"}
    signs = {path for path in _only_pages(main) if month_of(path) == "2026-10"}
    assert _different(main, house.main) == {*signs, "README.md", "mirrors.md", "mirrors.json", "mirror.json"}
    assert house.verify().whole


def test_no_page_leads_to_an_annex_that_could_not_be_published(house: House) -> None:
    house.run()
    before = house.main
    house.divide()
    blocked = house.repository("october")
    blocked.write_text("no repository")
    report = run(load(house.folder, house.clock))
    failed = {event.place: event.reason for event in report.events if event.kind == "failed"}
    assert failed.keys() == {"forge", "october"}
    assert OCTOBER in failed["forge"]
    assert house.main == before
    blocked.unlink()
    house.run()
    _check(house)
    shutil.move(blocked, house.folder / "away")  # from here on nothing new leads there
    blocked.write_text("no repository")
    house.announce([Story(slug="pier", title="The pier is built"), *many(20)])
    report = run(load(house.folder, house.clock))
    assert {event.place for event in report.events if event.kind == "failed"} == {"october"}
    assert [path for path in house.main if path.endswith("/pier.md")]


def test_months_of_an_annex_become_more_and_not_fewer(house: House) -> None:
    house.divide()
    house.run()
    before = house.main, house.annex
    text = (house.folder / FILE).read_text()
    (house.folder / FILE).write_text(
        text.replace('first = "2026-10"\nlast = "2026-10"', 'first = "2026-09"\nlast = "2026-09"')
    )
    report = run(load(house.folder, house.clock))
    failed = {event.place: event.reason for event in report.events if event.kind == "failed"}
    assert failed.keys() == {"forge", "october"}  # no signposts to pages that the annex does not get
    assert "may become more, and not fewer" in failed["october"]
    assert (_signed(house.main), _signed(house.annex)) == tuple(map(_signed, before))
    (house.folder / FILE).write_text(text.replace('first = "2026-10"', 'first = "2026-09"'))
    house.run()
    assert house.verify().whole
    assert {month_of(path) for path in house.annex if path.startswith("media/")} == {"2026-09", "2026-10"}


def test_parts_of_different_versions_are_told_from_altered_ones(house: House, tmp_path: Path) -> None:
    house.divide()
    house.run()
    main = house.folder.parent / "main"
    shutil.copytree(house.repository("forge"), main)
    annex = house.folder.parent / "annex"
    shutil.copytree(house.repository("october"), annex)
    stories = many(20)
    stories[12] = replace(stories[12], more="It had a new mast.", updated=house.clock())
    house.announce(stories)
    house.clock.pass_by(minutes=30)
    house.run()
    for first, second in ((main, house.repository("october")), (house.repository("forge"), annex)):
        options = VerifyOptions(annexes=(GitPlace("annex", second, "main"),))
        verdict = verify(GitPlace("main", first, "main"), options, house.clock())
        assert verdict.findings == ()
        assert {one.kind for one in verdict.annexes[0].findings} == {"mixed"}
    assert house.verify().whole


def test_what_is_withdrawn_later_is_warned_of_where_nobody_goes_any_more(house: House) -> None:
    house.divide()
    house.run()
    page = next(path for path in house.annex if path.endswith("boat-12.md") and month_of(path) == "2026-10")
    path = house.folder / FILE
    path.write_text(path.read_text().replace(house.table, ""))
    house.run()
    report, _ = withdraw(load(house.folder, house.clock), page, Request(reason="by order of the court"))
    warned = [event.place for event in report.events if event.kind == "warned" and "by hand" in event.reason]
    assert warned == ["october"]


def test_what_is_withdrawn_is_gone_from_both(house: House) -> None:
    house.run()
    house.divide()
    house.run()
    page = next(path for path in house.annex if path.endswith("boat-12.md") and month_of(path) == "2026-10")
    report, _ = withdraw(load(house.folder, house.clock), page, Request(reason="by order of the court"))
    assert report.clean, report.events
    _check(house)
    assert house.verify().whole
    for name in ("forge", "october"):
        everything = git(house.repository(name), "cat-file", "--batch-all-objects", "--batch")
        assert b"boat-12 was seen" not in everything, name


@pytest.mark.parametrize("name", ["main", "annex"])
def test_a_copy_of_a_part_is_bound_to_its_own_address(house: House, tmp_path: Path, name: str) -> None:
    house.divide()
    house.run()
    fork = tmp_path / "fork"
    for path, data in getattr(house, name).items():
        (fork / path).parent.mkdir(parents=True, exist_ok=True)
        (fork / path).write_bytes(data)
    before = tree(fork)
    rebind(fork, "https://fork.example/", "", house.clock())
    assert tree(fork).keys() == before.keys()
    assert _signed(tree(fork)) == _signed(before)
    other = GitPlace("other", house.repository("october" if name == "main" else "forge"), "main")
    places = (FolderPlace(fork), other) if name == "main" else (other, FolderPlace(fork))
    verdict = verify(places[0], VerifyOptions(annexes=places[1:]), house.clock())
    assert verdict.whole, verdict
    notes = verdict.notes if name == "main" else verdict.annexes[0].notes
    assert "fork" in {note.kind for note in notes}


def test_both_parts_laid_into_one_folder_are_the_whole(house: House, tmp_path: Path) -> None:
    house.divide()
    house.run()
    october = {path: data for path, data in house.annex.items() if month_of(path) == "2026-10"}
    for path, data in {**house.main, **october}.items():
        (tmp_path / "all" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "all" / path).write_bytes(data)
    verdict = verify(FolderPlace(tmp_path / "all"), VerifyOptions(), house.clock())
    assert verdict.whole, verdict.findings
    assert len(verdict.accepted) == verdict.files
    assert "annex" not in {note.kind for note in verdict.notes}


def _lay(files: dict[str, bytes], folder: Path) -> Path:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def test_an_annex_laid_over_its_mirror_is_told_from_a_whole_one(house: House, tmp_path: Path) -> None:
    house.divide()
    house.run()
    laid = _lay(house.main | house.annex, tmp_path / "laid")  # its signposts and its mirror.json, too
    verdict = verify(FolderPlace(laid), VerifyOptions(), house.clock())
    assert {"README.md", "mirror.json"} <= {one.path for one in verdict.findings if one.kind == "altered"}
    (laid / "README.md").write_bytes(house.main["README.md"])
    verdict = verify(FolderPlace(laid), VerifyOptions(), house.clock())
    assert "README.md" not in {one.path for one in verdict.findings}


def test_a_fork_that_follows_is_whole_when_its_upstream_is_divided(house: House, tmp_path: Path) -> None:
    house.run()
    fork = tmp_path / "fork"
    git(house.folder, "clone", "--quiet", str(house.repository("forge")), str(fork))
    options = FollowOptions(upstream=str(house.repository("forge")), address="https://fork.example/")
    follow(fork, options, verifier(None, house.clock()), house.clock())
    house.divide()
    house.run()
    follow(fork, options, verifier(None, house.clock()), house.clock())
    annex = GitPlace("october", house.repository("october"), "main")
    verdict = verify(FolderPlace(fork), VerifyOptions(annexes=(annex,)), house.clock())
    assert verdict.whole, verdict.findings
    assert not [path for path in tree(fork) if path.startswith("qr/") and month_of(path) == "2026-10"]


def test_an_annex_that_has_not_heard_of_another_one_is_known_all_the_same(house: House, tmp_path: Path) -> None:
    house.divide()
    house.run()
    before = _lay(house.annex, tmp_path / "before")
    house.table = house.table.replace("october", "september").replace("2026-10", "2026-09")
    house.divide()
    house.run()
    forge = GitPlace("forge", house.repository("forge"), "main")
    verdict = verify(forge, VerifyOptions(annexes=(FolderPlace(before),)), house.clock())
    assert verdict.whole, verdict
    path = next(path for path in tree(before) if month_of(path) == "2026-09" and path.startswith("pages/"))
    assert tree(before)[path] == signpost(path, MAIN).body  # which leads on to the newer annex
    _lay({path: signpost(path, EVIL).body or b""}, before)
    verdict = verify(forge, VerifyOptions(annexes=(FolderPlace(before),)), house.clock())
    assert [(one.kind, one.path) for one in verdict.annexes[0].findings] == [("added", path)]


@pytest.mark.parametrize("binding", [b"", b"{}"], ids=["lost", "spoilt"])
def test_where_mirror_json_is_lost_its_signposts_are_still_right(house: House, tmp_path: Path, binding: bytes) -> None:
    house.divide()
    house.run()
    main = house.main
    del main["mirror.json"]
    main |= {"mirror.json": binding} if binding else {}
    verdict = verify(FolderPlace(_lay(main, tmp_path / "main")), VerifyOptions(), house.clock())
    assert [one.path for one in verdict.findings] == ["mirror.json"]
    path = next(path for path in main if path.startswith("pages/") and month_of(path) == "2026-10")
    _lay({path: signpost(path, EVIL).body or b""}, tmp_path / "main")
    verdict = verify(FolderPlace(tmp_path / "main"), VerifyOptions(), house.clock())
    assert {one.path for one in verdict.findings} == {"mirror.json", path}


# Attacks

EVIL = "https://evil.example/"


def _evil_signposts(main: dict[str, bytes], annex: dict[str, bytes]) -> str:
    """Lead readers of every page that the annex holds elsewhere, and have mirror.json say that this is right."""
    for path in list(main):
        if path.startswith("pages/") and month_of(path) == "2026-10":
            main[path] = signpost(path, EVIL).body or b""
    main["mirror.json"] = main["mirror.json"].replace(OCTOBER.encode(), EVIL.encode())
    return "altered"


def _more_signposts(main: dict[str, bytes], annex: dict[str, bytes]) -> str:
    """Take pages away that the mirror has to hold itself."""
    path = next(path for path in main if path.startswith("pages/") and month_of(path) == "2026-11")
    main[path] = signpost(path, OCTOBER).body or b""
    main["mirror.json"] = main["mirror.json"].replace(b'"last": "2026-10"', b'"last": "2026-11"')
    return "altered"


def _altered_page(main: dict[str, bytes], annex: dict[str, bytes]) -> str:
    path = next(path for path in annex if path.startswith("pages/") and month_of(path) == "2026-10")
    annex[path] += b"!"
    return "altered"


def _signpost_in_its_place(main: dict[str, bytes], annex: dict[str, bytes]) -> str:
    """Have the parts lead to one another, for ever."""
    path = next(path for path in annex if path.startswith("pages/") and month_of(path) == "2026-10")
    annex[path] = signpost(path, MAIN).body or b""
    return "altered"


def _missing_medium(main: dict[str, bytes], annex: dict[str, bytes]) -> str:
    del annex[next(path for path in annex if path.startswith("media/"))]
    return "missing"


def _missing_signpost(main: dict[str, bytes], annex: dict[str, bytes]) -> str:
    del main[next(path for path in main if path.startswith("pages/") and month_of(path) == "2026-10")]
    return "missing"


def _added_page(main: dict[str, bytes], annex: dict[str, bytes]) -> str:
    annex["pages/paper/2026/10/30/never.md"] = b"### Never written\n"
    return "added"


def _evil_list(main: dict[str, bytes], annex: dict[str, bytes]) -> str:
    annex["indexes/all.md"] = signpost("indexes/all.md", EVIL).body or b""
    return "added"


def _metadata_in_the_annex(main: dict[str, bytes], annex: dict[str, bytes]) -> str:
    annex["metadata/timestamp.json"] = b"{}"
    return "added"


def _code_that_leads_elsewhere(main: dict[str, bytes], annex: dict[str, bytes]) -> str:
    codes = [path for path in annex if path.startswith("qr/")]
    annex[codes[0]] = annex[codes[1]]
    return "altered"


def _annex_of_another(main: dict[str, bytes], annex: dict[str, bytes]) -> str:
    annex["mirror.json"] = annex["mirror.json"].replace(OCTOBER.encode(), EVIL.encode())
    return "foreign"


def _annex_without_a_binding(main: dict[str, bytes], annex: dict[str, bytes]) -> str:
    del annex["mirror.json"]
    return "missing"


def _main_in_the_annex_s_place(main: dict[str, bytes], annex: dict[str, bytes]) -> str:
    annex.clear()
    annex.update(main)
    return "foreign"


@pytest.mark.parametrize(
    "attack",
    [
        _evil_signposts, _more_signposts, _altered_page, _signpost_in_its_place, _missing_medium, _missing_signpost,
        _added_page, _evil_list, _metadata_in_the_annex, _code_that_leads_elsewhere, _annex_of_another, _annex_without_a_binding,
        _main_in_the_annex_s_place,
    ],
    ids=lambda attack: attack.__name__.strip("_"),
)  # fmt: skip
def test_what_is_done_to_either_part_is_found(house: House, tmp_path: Path, attack) -> None:
    house.divide()
    house.run()
    parts = {"main": house.main, "annex": house.annex}
    kind = attack(**parts)
    for name, files in parts.items():
        for path, data in files.items():
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_bytes(data)
    verdict = verify(
        FolderPlace(tmp_path / "main"), VerifyOptions(annexes=(FolderPlace(tmp_path / "annex"),)), house.clock()
    )
    assert not verdict.whole
    found = {one.kind for one in (*verdict.findings, *verdict.annexes[0].findings)}
    assert found == {kind}


def test_limits_of_a_host_are_held_against_what_each_part_holds(house: House) -> None:
    house.divide()
    house.run()
    with open_store(house.folder / "state", write=False) as store:
        parts = {part.name: part for part in load(house.folder, house.clock).mirrors}
        for name, files in (("forge", house.main), ("october", house.annex)):
            part = replace(parts[name], limits=publish.quota.Limits(files=1_000_000))
            state = part.adapter.state()
            step = publish.prepare(load(house.folder, house.clock), part, store, replace(state, base=None, shown=None))
            assert step is not None
            totals = publish._totals(part, store, step.plan)
            led = [path for path in _signed(files) if name == "october" and month_of(path) != "2026-10"]
            expected = len(files) - len(led)  # an annex's signposts are not counted
            assert abs(totals.files - expected) <= 3, name
            size = sum(map(len, files.values()))
            assert 0.7 * size < totals.size < 1.3 * size, name
