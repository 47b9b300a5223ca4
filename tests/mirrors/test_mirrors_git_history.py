"""A git mirror's history: bounded, forgotten where it must be, and survived by clones, forks and other operators."""

from __future__ import annotations

import random
import shutil
import subprocess
from contextlib import contextmanager
from datetime import timedelta

import pytest
from mirrors_forge import TOKEN, forge
from mirrors_house import (
    CLOCK,
    FIRST,
    SECOND,
    binding,
    clock,
    in_branch,
    options,
    plan,
    publish,
    reader,
    run,
    tree,
    version,
)
from msgspec.structs import replace

from pappus.errors import ForeignError, MirrorError
from pappus.mirrors import MIRRORS, MirrorState
from pappus.mirrors.git.objects import Objects

WHO = ("-c", "user.name=x", "-c", "user.email=x@x.example")
SECRET = "the ferry's passenger list\n" * 50


class Now:
    """A clock that is set by hand."""

    def __init__(self):
        self.time = CLOCK

    def __call__(self):
        return self.time


def git(repository, *arguments):
    return run("git", "--git-dir", str(repository), *arguments).decode().strip()


def make(tmp_path, now=clock, **fields):
    return MIRRORS["git"](options(tmp_path, **({"remote": str(tmp_path / "forge.git")} | fields)), now)


def edition(number, **files):
    return FIRST | {"README.md": f"home {number}"} | files


def go_on(mirror, number, files=None, base=None):
    """Publish a version on top of the one before, whatever that is."""
    had = mirror.state().base
    last = had.version.number if had else None
    before = (base or edition(last)) if had else None
    return publish(mirror, number, files or edition(number), before, last)


def commits(tmp_path):
    return int(git(tmp_path / "forge.git", "rev-list", "--count", "main"))


def forget(mirror, number, files, before, last):
    wanted = tree(files, number)
    step = replace(plan(number, wanted, version(last), tree(before, last)), forget=True)
    mirror.apply(step, reader(wanted))
    return wanted


def holds(repository, text):
    """Whether the text is in any object of a repository, reachable or not."""
    listed = git(repository, "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)")
    blobs = [line.split()[0] for line in listed.splitlines() if line.endswith("blob")]
    return any(run("git", "--git-dir", str(repository), "cat-file", "blob", one) == text.encode() for one in blobs)


# Bounds


def test_a_branch_has_no_more_commits_than_it_may(tmp_path):
    mirror = make(tmp_path, keep_commits=3)
    counts = []
    for number in range(1, 9):
        wanted = go_on(mirror, number)
        counts.append(commits(tmp_path))
        assert in_branch(tmp_path / "forge.git") == wanted
    assert counts == [1, 2, 3, 1, 2, 3, 1, 2]
    assert git(tmp_path / "forge.git", "fsck", "--strict", "--no-dangling") == ""


def test_a_branch_is_no_older_than_it_may(tmp_path):
    now, counts = Now(), []
    for number in range(1, 9):
        go_on(make(tmp_path, now, keep_days=3), number)
        counts.append(commits(tmp_path))
        now.time += timedelta(days=1)
    assert counts == [1, 2, 3, 1, 2, 3, 1, 2]


@pytest.mark.parametrize("known", [pytest.param(True, id="noted"), pytest.param(False, id="notes lost")])
def test_history_takes_no_more_bytes_than_it_may(tmp_path, known):
    chance = random.Random(1)
    sizes = []
    for number in range(1, 16):
        text = chance.randbytes(20_000).hex()
        go_on(make(tmp_path, keep_size=100_000), number, edition(number, **{"indexes/news.md": text}))
        everything, tip = (
            int(git(tmp_path / "forge.git", "rev-list", "--disk-usage", "--objects", which))
            for which in ("main", "main^{tree}")
        )
        sizes.append(everything - tip)
        if not known:
            (tmp_path / "state" / "history.json").unlink()
    assert 60_000 < max(sizes) < 200_000
    assert sizes[-1] < sizes[-2] or max(sizes[-5:]) < 200_000


def test_a_small_history_is_left_alone(tmp_path):
    for number in range(1, 21):
        go_on(make(tmp_path), number)
    assert commits(tmp_path) == 20


def test_a_branch_that_begins_anew_is_not_sent_anew(tmp_path):
    run("git", "init", "--quiet", "--bare", "--initial-branch=main", str(tmp_path / "forge.git"))
    git(tmp_path / "forge.git", "config", "http.receivepack", "true")
    photograph = random.Random(1).randbytes(300_000).hex()
    with forge(tmp_path) as server:
        mirror = make(tmp_path, remote=f"{server.url}/forge.git", token=TOKEN, keep_commits=2)
        sent = []
        for number in range(1, 6):
            go_on(
                mirror,
                number,
                edition(number, **{"indexes/a.md": photograph}),
                edition(number - 1, **{"indexes/a.md": photograph}),
            )
            sent.append(server.sent)
            server.sent = 0
    assert commits(tmp_path) == 1
    assert sent[0] > 300_000
    assert max(sent[1:]) < 10_000


def test_what_was_given_up_does_not_stay_in_our_repository(tmp_path):
    chance = random.Random(1)
    mirror = make(tmp_path, keep_commits=2)
    for number in range(1, 15):
        go_on(mirror, number, edition(number, **{"indexes/news.md": chance.randbytes(50_000).hex()}))
    packs = sum(path.stat().st_size for path in (tmp_path / "state" / "objects.git").rglob("*.pack"))
    assert packs < 500_000  # 14 of 50,000 were put


@contextmanager
def refusing(tmp_path):
    """Have the forge let nobody take history away."""
    git(tmp_path / "forge.git", "config", "receive.denyNonFastForwards", "true")
    yield
    git(tmp_path / "forge.git", "config", "--unset", "receive.denyNonFastForwards")


def test_a_forge_that_lets_nobody_take_history_away_is_published_to_all_the_same(tmp_path):
    counts = []
    go_on(make(tmp_path, keep_commits=2), 1)
    with refusing(tmp_path):
        for number in range(2, 9):
            wanted = go_on(make(tmp_path, keep_commits=2), number)
            counts.append(commits(tmp_path))
            assert in_branch(tmp_path / "forge.git") == wanted
    assert counts == [2, 4, 5, 6, 8, 9, 10]  # a merge of the two ways, and not at every publish
    for number in range(9, 12):
        go_on(make(tmp_path, keep_commits=2), number)
    assert commits(tmp_path) <= 2


# Clones


@pytest.fixture(params=["file", "http"])
def published(request, tmp_path):
    """A mirror whose branch begins anew at every second publish, and the address that clones take."""
    go_on(make(tmp_path, keep_commits=2), 1)
    with forge(tmp_path, open_to_all=True) as server:
        address = f"{server.url}/forge.git" if request.param == "http" else (tmp_path / "forge.git").as_uri()
        yield tmp_path, address


def cloned(folder, address, *arguments):
    run("git", "clone", "--quiet", *arguments, address, str(folder))
    return folder


def whole(folder, number):
    assert (folder / "README.md").read_text() == f"home {number}"
    assert run("git", "status", "--porcelain", cwd=folder) == b""
    run("git", "fsck", "--strict", "--no-dangling", cwd=folder)


def test_a_shallow_clone_follows_by_fetch_and_reset(published):
    folder, address = published
    clone = cloned(folder / "clone", address, "--depth=1")
    for number in range(2, 7):
        go_on(make(folder, keep_commits=2), number)
        run("git", "fetch", "--quiet", "--depth=1", cwd=clone)
        run("git", "reset", "--quiet", "--hard", "FETCH_HEAD", cwd=clone)
        whole(clone, number)


def test_a_full_clone_follows_by_pull_with_rebase(published):
    folder, address = published
    clone = cloned(folder / "clone", address)
    for number in range(2, 7):
        go_on(make(folder, keep_commits=2), number)
        run("git", "pull", "--quiet", "--rebase", cwd=clone)
        whole(clone, number)
        assert run("git", "rev-parse", "HEAD", cwd=clone).decode().strip() == git(
            folder / "forge.git", "rev-parse", "main"
        )


def test_a_fork_keeps_its_own_commit_on_top(published):
    folder, address = published
    fork = cloned(folder / "fork", address)
    (fork / "OURS.md").write_text("our fork")
    run("git", "add", ".", cwd=fork)
    run("git", *WHO, "commit", "--quiet", "--message=ours", cwd=fork)
    for number in range(2, 7):
        go_on(make(folder, keep_commits=2), number)
        run("git", *WHO, "pull", "--quiet", "--rebase", cwd=fork)
        whole(fork, number)
        assert (fork / "OURS.md").read_text() == "our fork"
        assert run("git", "rev-list", "--count", "origin/main..HEAD", cwd=fork) == b"1\n"


def test_a_pull_that_wants_no_other_history_fails_clearly_and_changes_nothing(published):
    folder, address = published
    clone = cloned(folder / "clone", address)
    for number in (2, 3):
        go_on(make(folder, keep_commits=2), number)
    done = subprocess.run(["git", "pull", "--ff-only"], cwd=clone, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "fast-forward" in done.stderr
    whole(clone, 1)


# Forgetting


@pytest.mark.parametrize("joined", [pytest.param(False, id="as pushed"), pytest.param(True, id="packed by the remote")])
def test_what_is_forgotten_is_nowhere_any_more(tmp_path, joined):
    mirror = make(tmp_path)
    secret = edition(1, **{"indexes/a.md": SECRET})
    publish(mirror, 1, secret)
    publish(mirror, 2, edition(2, **{"indexes/a.md": SECRET}), secret, 1)
    if joined:
        git(tmp_path / "forge.git", "gc", "--quiet")
    assert holds(tmp_path / "state" / "objects.git", SECRET)
    wanted = forget(mirror, 3, edition(3), edition(2, **{"indexes/a.md": SECRET}), 2)
    assert in_branch(tmp_path / "forge.git") == wanted
    for repository in (tmp_path / "forge.git", tmp_path / "state" / "objects.git"):
        assert not holds(repository, SECRET)
        assert git(repository, "fsck", "--strict", "--full", "--unreachable") == ""
    assert commits(tmp_path) == 1
    assert mirror.state() == MirrorState(shown=binding(3), base=binding(3))
    go_on(make(tmp_path), 4)
    assert commits(tmp_path) == 2


def test_what_is_forgotten_is_not_reachable_behind_a_forge_of_somebody_else(tmp_path):
    run("git", "init", "--quiet", "--bare", "--initial-branch=main", str(tmp_path / "forge.git"))
    git(tmp_path / "forge.git", "config", "http.receivepack", "true")
    with forge(tmp_path) as server:
        mirror = make(tmp_path, remote=f"{server.url}/forge.git", token=TOKEN)
        publish(mirror, 1, edition(1, **{"indexes/a.md": SECRET}))
        forget(mirror, 2, edition(2), edition(1, **{"indexes/a.md": SECRET}), 1)
    assert not holds(tmp_path / "state" / "objects.git", SECRET)
    assert holds(tmp_path / "forge.git", SECRET)  # to tidy is its owner's
    git(tmp_path / "forge.git", "reflog", "expire", "--expire=now", "--all")
    git(tmp_path / "forge.git", "gc", "--quiet", "--prune=now")
    assert not holds(tmp_path / "forge.git", SECRET)


def test_a_forge_that_forgets_nothing_shows_the_new_version_and_is_told_of(tmp_path):
    mirror = make(tmp_path)
    secret = edition(1, **{"indexes/a.md": SECRET})
    publish(mirror, 1, secret)
    with refusing(tmp_path):
        with pytest.raises(MirrorError, match="could not be taken away") as error:
            forget(mirror, 2, edition(2), secret, 1)
        assert not error.value.retry
        assert "by force" in error.value.advice
        shown = in_branch(tmp_path / "forge.git")
        assert "indexes/a.md" not in shown
        assert shown["README.md"] == b"home 2"
        assert mirror.state() == MirrorState(shown=binding(1), base=binding(1))  # so it is not done
    wanted = forget(mirror, 2, edition(2), secret, 1)
    assert in_branch(tmp_path / "forge.git") == wanted
    assert commits(tmp_path) == 1
    for repository in (tmp_path / "forge.git", tmp_path / "state" / "objects.git"):
        assert not holds(repository, SECRET)


def test_forgetting_that_was_killed_at_the_end_is_ended_by_the_next_look(tmp_path, monkeypatch):
    mirror = make(tmp_path)
    secret = edition(1, **{"indexes/a.md": SECRET})
    publish(mirror, 1, secret)

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Objects, "settle", killed)
        patch.setattr(Objects, "tidy", lambda _: None)
        with pytest.raises(KeyboardInterrupt):
            forget(mirror, 2, edition(2), secret, 1)
    repositories = (tmp_path / "forge.git", tmp_path / "state" / "objects.git")
    assert all(holds(repository, SECRET) for repository in repositories)
    assert make(tmp_path).state(mend=False).shown == binding(2)
    assert all(holds(repository, SECRET) for repository in repositories)
    assert make(tmp_path).state().shown == binding(2)  # there is nothing to publish, so nobody else would
    assert not any(holds(repository, SECRET) for repository in repositories)


def test_a_remote_that_could_not_be_pruned_is_pruned_by_the_next_look(tmp_path):
    mirror = make(tmp_path)
    secret = edition(1, **{"indexes/a.md": SECRET})
    publish(mirror, 1, secret)
    in_the_way = tmp_path / "forge.git" / "packed-refs.lock"
    in_the_way.touch()
    with pytest.raises(MirrorError, match=r"packed-refs\.lock"):
        forget(mirror, 2, edition(2), secret, 1)
    assert holds(tmp_path / "forge.git", SECRET)
    with pytest.raises(
        MirrorError, match=r"packed-refs\.lock"
    ):  # it says so for as long as it is so, and readers have the news
        publish(mirror, 3, edition(3), edition(2), 2)
    assert in_branch(tmp_path / "forge.git")["README.md"] == b"home 3"
    in_the_way.unlink()
    assert mirror.state().shown == binding(3)
    assert not holds(tmp_path / "forge.git", SECRET)


def test_a_remote_that_was_set_back_to_before_it_forgot_is_to_forget_again(tmp_path):
    mirror = make(tmp_path)
    secret = edition(1, **{"indexes/a.md": SECRET})
    publish(mirror, 1, secret)
    kept = tmp_path / "kept.git"
    run("git", "clone", "--quiet", "--mirror", str(tmp_path / "forge.git"), str(kept))
    forget(mirror, 2, edition(2), secret, 1)
    git(kept, "push", "--quiet", "--force", str(tmp_path / "forge.git"), "main")
    assert mirror.state() == MirrorState(shown=binding(1), base=binding(1))
    forget(mirror, 2, edition(2), secret, 1)
    assert commits(tmp_path) == 1
    assert not holds(tmp_path / "state" / "objects.git", SECRET)


# What others do to the branch


def intrude(tmp_path):
    """Have somebody else push a commit with his own file over the branch."""
    other = tmp_path / "other"
    run("git", "init", "--quiet", "--initial-branch=main", str(other))
    (other / "thesis.txt").write_text("mine")
    run("git", "add", ".", cwd=other)
    run("git", *WHO, "commit", "--quiet", "--message=mine", cwd=other)
    run("git", "push", "--quiet", "--force", str(tmp_path / "forge.git"), "main", cwd=other)


@pytest.mark.parametrize("before", [True, False])
def test_a_foreign_branch_is_replaced_only_by_a_plan_that_forgets_it(tmp_path, before):
    mirror = make(tmp_path)
    if before:
        publish(mirror, 1, FIRST)
    else:
        run("git", "init", "--quiet", "--bare", "--initial-branch=main", str(tmp_path / "forge.git"))
    intrude(tmp_path)
    with pytest.raises(ForeignError):
        mirror.state()
    wanted = tree(SECOND, 2)
    with pytest.raises(ForeignError):
        mirror.apply(plan(2, wanted), reader(wanted))
    with pytest.raises(ForeignError):
        mirror.state()
    mirror.apply(replace(plan(2, wanted), forget=True), reader(wanted))
    assert in_branch(tmp_path / "forge.git") == wanted
    assert commits(tmp_path) == 1
    assert not holds(tmp_path / "state" / "objects.git", "mine")


def test_a_branch_that_moved_since_it_was_looked_at_is_left_alone(tmp_path):
    mirror = make(tmp_path)
    publish(mirror, 1, FIRST)
    mirror.state()
    intrude(tmp_path)
    wanted = tree(SECOND, 2)
    for forgets in (False, True):
        with pytest.raises(MirrorError, match=r"stale info|not ours") as error:
            mirror.apply(replace(plan(2, wanted, version(1), tree(FIRST, 1)), forget=forgets), reader(wanted))
        assert not error.value.retry
    assert in_branch(tmp_path / "forge.git") == {"thesis.txt": b"mine"}


def test_two_operators_of_one_store_take_turns(tmp_path):
    for number in range(1, 9):
        folder = tmp_path / "ab"[number % 2]
        mirror = make(folder, remote=str(tmp_path / "forge.git"), keep_commits=3)
        state = mirror.state()
        if number > 1:
            assert state == MirrorState(shown=binding(number - 1), base=binding(number - 1))
        go_on(mirror, number)
    assert commits(tmp_path) <= 3


def test_an_edit_by_hand_is_not_taken_for_ours(tmp_path):
    mirror = make(tmp_path)
    publish(mirror, 1, FIRST)
    clone = cloned(tmp_path / "clone", str(tmp_path / "forge.git"))
    (clone / "README.md").write_text("edited by hand")
    run("git", *WHO, "commit", "--quiet", "-am", "edit", cwd=clone)
    run("git", "push", "--quiet", cwd=clone)
    for folder in (tmp_path, tmp_path / "elsewhere"):  # known before or not
        with pytest.raises(ForeignError):
            make(folder, remote=str(tmp_path / "forge.git")).state()


def test_a_repository_that_was_deleted_and_made_anew_is_filled_again(tmp_path):
    mirror = make(tmp_path)
    publish(mirror, 1, FIRST)
    shutil.rmtree(tmp_path / "forge.git")
    run("git", "init", "--quiet", "--bare", "--initial-branch=main", str(tmp_path / "forge.git"))
    assert mirror.state() == MirrorState(shown=None, base=binding(1))
    assert publish(mirror, 2, SECOND, FIRST, 1) == in_branch(tmp_path / "forge.git")


def test_a_plan_for_what_is_no_longer_there_is_tried_again(tmp_path):
    wanted = tree(SECOND, 2)
    with pytest.raises(MirrorError, match="no longer") as error:
        make(tmp_path).apply(plan(2, wanted, version(1), tree(FIRST, 1)), reader(wanted))
    assert error.value.retry
