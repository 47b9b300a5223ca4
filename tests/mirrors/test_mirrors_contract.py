"""What every kind of mirror promises, whatever it is."""

from __future__ import annotations

import shutil

import pytest
from mirrors_house import (
    FIRST,
    SECOND,
    THIRD,
    binding,
    plan,
    publish,
    reader,
    tree,
    version,
)
from mirrors_places import places
from mirrors_way import assert_on_the_way
from msgspec.structs import replace

from pappus.errors import ForeignError, MirrorError, StoreError
from pappus.mirrors import MIRRORS, MirrorState
from pappus.model import Entry, digest

PLACES = places()


@pytest.fixture(params=PLACES)
def place(request, tmp_path):
    with PLACES[request.param](tmp_path) as found:
        yield found


def test_every_kind_is_in_this_suite():
    assert {name.partition("-")[0] for name in PLACES} == set(MIRRORS)


def test_an_empty_place_holds_nothing_and_looking_leaves_it_so(place):
    before = sorted(place.folder.rglob("*"))
    assert place.mirror().state() == MirrorState()
    assert sorted(place.folder.rglob("*")) == before


def test_a_whole_edition_is_put_and_shown(place):
    mirror = place.mirror()
    mirror.state()
    wanted = publish(mirror, 1, FIRST)
    assert place.look() == wanted
    assert place.mirror().state().shown == binding(1)


def test_a_change_is_put_on_what_the_mirror_holds(place):
    mirror = place.mirror()
    publish(mirror, 1, FIRST)
    assert mirror.state().base == binding(1)
    wanted = publish(mirror, 2, SECOND, FIRST, 1)
    assert place.look() == wanted
    assert place.mirror().state().shown == binding(2)


def test_many_changes_one_after_the_other_end_in_the_same_as_the_whole(place):
    trees = {1: FIRST, 2: SECOND, 3: THIRD, 4: FIRST, 5: SECOND}
    for number, files in trees.items():
        mirror = place.mirror()
        base = mirror.state().base
        had = base.version.number if base else None
        wanted = publish(mirror, number, files, trees[had] if had else None, had)
        assert place.look() == wanted
    assert place.mirror().state().shown == binding(5)


def test_a_whole_edition_replaces_what_was_there(place):
    publish(place.mirror(), 1, FIRST)
    mirror = place.mirror()
    mirror.state()
    wanted = publish(mirror, 7, {"README.md": "only this"})
    assert place.look() == wanted


def failing_at(wanted, path):
    """Return a reader that has all of a tree but one file."""

    def read(entry):
        if entry.path == path:
            raise StoreError(entry.path, "was altered")
        return wanted[entry.path]

    return read


@pytest.mark.parametrize("at", [1, -1])
def test_what_fails_in_the_middle_leaves_the_mirror_as_it_was_or_on_the_way(place, at):
    before = publish(place.mirror(), 1, FIRST)
    wanted = tree(SECOND, 2)
    step = plan(2, wanted, version(1), before)
    mirror = place.mirror()
    with pytest.raises(StoreError):
        mirror.apply(step, failing_at(wanted, step.puts[at].path))
    if place.atomic:
        assert place.look() == before
    else:
        assert_on_the_way(place.look(), before, wanted)
    mirror = place.mirror()
    assert mirror.state() == MirrorState(shown=binding(1), base=binding(1))
    mirror.apply(step, reader(wanted))
    assert place.look() == wanted


@pytest.mark.parametrize("at", [1, -1])
def test_what_fails_the_first_time_leaves_nothing_that_readers_would_take_for_whole(place, at):
    wanted = tree(FIRST, 1)
    step = plan(1, wanted)
    mirror = place.mirror()
    with pytest.raises(StoreError):
        mirror.apply(step, failing_at(wanted, step.puts[at].path))
    if not place.atomic:
        assert_on_the_way(place.look(), {}, wanted)
    assert place.mirror().state() == MirrorState()
    assert publish(place.mirror(), 1, FIRST) == place.look()


def test_what_is_begun_and_never_finished_leaves_nothing_behind(place):
    """The next publish is of a later version, which knows nothing of the one between."""
    trees = {1: FIRST, 2: SECOND, 3: FIRST | {"README.md": "home, much later"}}
    before = publish(place.mirror(), 1, FIRST)
    wanted = tree(SECOND, 2)
    step = plan(2, wanted, version(1), before)
    with pytest.raises(StoreError):
        place.mirror().apply(step, failing_at(wanted, step.puts[-1].path))
    for _ in range(2):  # a place may find only now that it needs the whole
        mirror = place.mirror()
        base = mirror.state().base
        had = base.version.number if base else None
        try:
            publish(mirror, 3, trees[3], trees[had] if had else None, had)
            break
        except MirrorError as error:
            assert error.retry  # noqa: PT017  # that it is raised at all is not asked for
    assert place.look() == tree(trees[3], 3)


HOSTILE = [
    "../escape.md", "pages/../../escape.md", "/etc/escape.md", "pages//x.md", "pages/./x.md", "", ".git/hooks/post-update", "pages/.hidden",
    "-rf", "pages/-rf.md", "pages/a\\b.md", "pages/con.md", "pages/AUX", "lpt1/x.md", "pages/a\nD README.md", "pages/a\x00b", "pages/a\x7f",
    "C:/x.md", "pages/what?.md", "pages/" + "x" * 97, "pages/dot.", "pages/space ", "pages/\udcff.md", 'pages/"quoted".md',
]  # fmt: skip


@pytest.fixture(scope="module", params=sorted(MIRRORS))
def settled(request, tmp_path_factory):
    """A place that holds the first version, and what is there; for tests in which that stays so."""
    folder = tmp_path_factory.mktemp("settled") / "place"
    folder.mkdir()
    with PLACES[request.param](folder) as place:
        yield place, publish(place.mirror(), 1, FIRST)


@pytest.mark.parametrize("path", HOSTILE, ids=[repr(path)[:24] for path in HOSTILE])
@pytest.mark.parametrize("gone", [pytest.param(False, id="put"), pytest.param(True, id="deletion")])
def test_a_hostile_path_is_refused_and_nothing_is_written(settled, path, gone):
    place, before = settled
    wanted = tree(SECOND, 2)
    step = plan(2, wanted, version(1), before)
    if gone:
        step = replace(step, deletions=(path,))
    else:
        step = replace(step, puts=(Entry(path=path, size=1, digest=digest(b"x"), media_type="text/plain"), *step.puts))
    with pytest.raises(MirrorError) as error:
        place.mirror().apply(step, lambda entry: wanted.get(entry.path, b"x"))
    assert len(str(error.value).splitlines()) == 1
    assert place.mirror().state().shown == binding(1)
    assert {found.name for found in place.folder.parent.iterdir()} == {"place"}
    assert not list(place.folder.rglob("escape.md"))


def test_a_place_of_somebody_else_is_refused_and_left_alone(place):
    place.occupy()
    for _ in range(2):  # a second look knows no more than the first
        with pytest.raises(ForeignError, match="not ours") as error:
            place.mirror().state()
        assert "\n" not in str(error.value)
    assert place.look() == {"thesis.txt": b"mine"}


def test_a_lost_workspace_is_no_loss(place):
    publish(place.mirror(), 1, FIRST)
    shutil.rmtree(place.folder / "state", ignore_errors=True)
    mirror = place.mirror()
    assert mirror.state() == MirrorState(shown=binding(1), base=binding(1))
    assert publish(mirror, 2, SECOND, FIRST, 1) == place.look()


def test_an_emptied_place_is_filled_again(place):
    publish(place.mirror(), 1, FIRST)
    place.empty()
    mirror = place.mirror()
    state = mirror.state()
    assert state.shown is None
    had = state.base.version.number if state.base else None
    assert publish(mirror, 2, SECOND, FIRST if had else None, had) == place.look()
    assert place.mirror().state().shown == binding(2)


def test_looking_is_not_writing(place):
    publish(place.mirror(), 1, FIRST)
    before = {path: path.read_bytes() for path in place.folder.rglob("*") if path.is_file()}
    place.mirror().state()
    assert {path: path.read_bytes() for path in place.folder.rglob("*") if path.is_file()} == before


# What is withdrawn

SECRET = "pages/gazette/2026/11/05/ferry.md"  # a path


LARGE = "".join(f"{number:09}\n" for number in range(250_000))  # of several blocks, and more than a git's first words


def test_what_stands_is_read_back(place):
    wanted = publish(place.mirror(), 1, FIRST | {"media/a.bin": LARGE})
    held = place.mirror().held(["README.md", "media/a.bin", "pages/none.md", "pages"])
    assert held.at["README.md"] == {digest(wanted["README.md"])}
    assert held.at["media/a.bin"] == {digest(LARGE.encode())}
    assert held.at["pages/none.md"] == set()
    assert digest(b"home") not in held.loose


def test_what_is_forgotten_is_nowhere_and_what_was_left_all_the_same_is_seen(place):
    former, secret = FIRST | {SECRET: "secret, at first"}, FIRST | {SECRET: "secret", "media/a.bin": LARGE}
    publish(place.mirror(), 1, former)
    publish(place.mirror(), 2, secret, former, 1)
    wanted = tree(THIRD, 3)
    mirror = place.mirror()
    mirror.state()
    mirror.apply(replace(plan(3, wanted, version(2), tree(secret, 2)), forget=True), reader(wanted))

    held = place.mirror().held([SECRET, "README.md", "media/a.bin"])
    assert held.at == {SECRET: {digest(b"ferry")}, "README.md": {digest(b"home, later")}, "media/a.bin": set()}
    texts = [text.encode() for text in ("secret, at first", "secret", LARGE)]
    assert not held.loose & {digest(text) for text in texts}
    for text in texts:
        place.leave(SECRET, text)
        held = place.mirror().held([SECRET])
        assert digest(text) in held.at[SECRET] | held.loose


def test_what_a_place_remembers_is_seen_until_it_forgets(place):
    secret = FIRST | {SECRET: "secret"}
    publish(place.mirror(), 1, secret)
    publish(place.mirror(), 2, SECOND, secret, 1)
    held = place.mirror().held([SECRET])
    assert digest(b"ferry") in held.at[SECRET]
    remembers = place.kind in {"directory", "git", "ipfs"}
    assert (digest(b"secret") in held.at[SECRET] | held.loose) == remembers
