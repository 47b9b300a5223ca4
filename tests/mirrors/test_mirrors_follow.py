"""A fork follows its upstream: what is signed, nothing else, whatever happened to the upstream's history."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta

import pytest
import zxingcpp
from click.testing import CliRunner
from mirrors_forge import forge
from mirrors_house import in_branch, in_folder, run
from mirrors_upstream import EDITION, LATER, OWN, SEAL, WHO, Upstream, clone_of, fork_of, head
from PIL import Image
from trust_house import NOW, make_house

from pappus import config
from pappus.cli import cli
from pappus.cli.follow import verifier
from pappus.errors import MirrorError
from pappus.layout import is_binding
from pappus.mirrors import load
from pappus.mirrors.follow import FollowOptions, follow
from pappus.model import digest
from pappus.pipeline.places import PlaceOptions, open_place
from pappus.pipeline.releases import Anchors
from pappus.pipeline.verdict import VerifyOptions
from pappus.pipeline.verify import verify

FORK = "https://other.example/me/fork/blob/main/"


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """An upstream that has published once, and a clone of a fork that has not followed yet."""
    made = Upstream.begun(tmp_path_factory.mktemp("template"), NOW)
    made.publish(EDITION)
    fork_of(made, made.folder)
    return made


@pytest.fixture
def upstream(template, tmp_path):
    return template.copied(tmp_path)


@pytest.fixture
def bare(upstream, tmp_path):
    """The fork's repository at its forge."""
    return tmp_path / "fork.git"


@pytest.fixture
def fork(bare, tmp_path):
    """A clone of it."""
    run("git", "remote", "set-url", "origin", bare.as_uri(), cwd=tmp_path / "clone")
    return tmp_path / "clone"


def run_follow(clone, upstream, now=NOW, *, root=None, dry_run=False, **fields):
    options = FollowOptions(**({"upstream": upstream.url, "address": FORK} | fields))
    return follow(clone, options, verifier(root, now), now, dry_run=dry_run)


def decoded(path):
    (found,) = zxingcpp.read_barcodes(Image.open(path))
    return found.text


def taken(clone):
    """Return what a fork has of its upstream's."""
    return {
        path: body
        for path, body in in_branch(clone / ".git", "HEAD").items()
        if not (is_binding(path) or path.startswith("."))
    }


def test_a_fork_takes_over_what_is_signed_and_makes_its_own_codes(upstream, fork):
    before = head(fork)
    upstream.publish(LATER)
    done = run_follow(fork, upstream, home="https://other.example/")
    assert (done.release, done.bound, done.stale, done.heartbeat) == (2, 4, "", False)
    assert taken(fork) == upstream.edition()
    assert decoded(fork / "qr/home.png") == "https://other.example/"
    assert decoded(fork / "qr" / SEAL.replace(".md", ".png")) == FORK + SEAL
    binding = load((fork / "mirror.json").read_bytes())
    assert (binding.address, binding.version.release, binding.former) == (FORK, 2, ())
    assert (fork / OWN).read_text() == "on: schedule\n"
    told = run("git", "log", "-1", "--format=%P|%an|%ae|%cn|%ce|%ci|%s", cwd=fork).decode().strip()
    who = "Pappus|pappus@mirror.invalid|Pappus|pappus@mirror.invalid"
    assert told == f"{before}|{who}|2026-11-23 12:00:00 +0000|Follow release 2"
    assert run("git", "status", "--porcelain", cwd=fork) == b""
    assert [path.name for path in (fork / ".git").glob("pappus-*")] == []


def test_a_fork_is_a_mirror_that_verifies(upstream, fork):
    run_follow(fork, upstream)
    upstream.publish(LATER)
    run_follow(fork, upstream)
    options = VerifyOptions(anchors=Anchors(roots=(upstream.root.read_bytes(),)))
    for branch in ("", "main"):
        verdict = verify(open_place(str(fork), PlaceOptions(branch=branch), lambda: NOW), options, NOW)
        assert verdict.whole, verdict.findings


def test_files_of_a_volunteer_that_go_are_named(upstream, fork, command):
    (fork / "docs").mkdir()
    for name in ("CNAME", "docs/about.md", "pages/gazette/2026/11/05/old.md"):
        (fork / name).write_text("mine")
    run("git", "add", "--all", cwd=fork)
    run("git", *WHO, "commit", "--quiet", "--message=mine", cwd=fork)
    upstream.publish(LATER)
    _, _, err = command("--dry-run")
    assert "CNAME, docs/about.md would be taken away" in err
    assert (fork / "CNAME").exists()
    done = run_follow(fork, upstream)
    assert done.taken_away == ("CNAME", "docs/about.md")
    assert not (fork / "CNAME").exists()
    assert run_follow(fork, upstream).taken_away == ()


def test_an_edition_whose_list_of_files_is_long_is_taken_over_whole(upstream, fork, monkeypatch):
    monkeypatch.setattr("pappus.mirrors.program._KEPT", 4_000)  # bytes; of a mebibyte, it would be some 8,000 files
    upstream.publish(LATER | {f"media/2026/11/07/{number}.png": b"%d" % number for number in range(60)})
    before = in_branch(fork / ".git", "HEAD")
    done = run_follow(fork, upstream)
    assert taken(fork) == upstream.edition()
    after = in_branch(fork / ".git", "HEAD")
    assert done.changed == len([path for path in before.keys() | after.keys() if before.get(path) != after.get(path)])


def test_the_second_time_there_is_nothing_to_do(upstream, fork):
    run_follow(fork, upstream)
    before = head(fork)
    done = run_follow(fork, upstream, NOW + timedelta(hours=5))
    assert (done.changed, done.bound, done.commit, head(fork)) == (0, 0, "", before)


def test_only_new_pages_get_codes_and_those_of_pages_that_went_go(upstream, fork):
    run_follow(fork, upstream)
    files = dict(LATER)
    del files["pages/gazette/2026/11/05/ferry.md"]
    upstream.publish(files)
    assert run_follow(fork, upstream).bound == 1
    assert sorted(path.stem for path in (fork / "qr").rglob("*.png")) == ["bridge", "home", "seal"]
    assert run("git", "fsck", "--strict", "--no-dangling", cwd=fork) == b""


def test_a_fork_that_moves_makes_all_codes_anew(upstream, fork):
    run_follow(fork, upstream)
    done = run_follow(fork, upstream, address="https://third.example/")
    assert done.bound == 3
    assert decoded(fork / "qr/pages/gazette/2026/11/05/ferry.png").startswith("https://third.example/pages/")


@pytest.mark.parametrize("depth", [None, 1], ids=["whole", "shallow"])
def test_an_upstream_with_a_new_history_is_followed(upstream, bare, tmp_path, depth):
    clone = clone_of(bare, tmp_path / "first clone", depth=depth)
    for round_ in range(3):
        upstream.publish(LATER | {"indexes/news.md": f"{round_}".encode()}, reroot=True)
        assert run_follow(clone, upstream).commit
        run("git", "push", "--quiet", "origin", "HEAD", cwd=clone)
        clone = clone_of(bare, tmp_path / f"clone{round_}", depth=depth)
    assert taken(clone) == upstream.edition()
    assert run("git", "--git-dir", str(bare), "rev-list", "--count", "main").strip() == b"5"
    assert run("git", "--git-dir", str(bare), "fsck", "--strict") == b""
    assert run("git", "rev-parse", "--is-shallow-repository", cwd=clone).strip() == (b"true" if depth else b"false")


def test_an_empty_repository_with_a_workflow_becomes_a_fork(upstream, tmp_path):
    clone = tmp_path / "new"
    run("git", "init", "--quiet", "--initial-branch=trunk", str(clone))
    (clone / ".gitlab-ci.yml").write_text("follow:\n")
    (clone / "notes.txt").write_text("mine\n")
    run("git", "add", "--all", cwd=clone)
    run("git", *WHO, "commit", "--quiet", "--message=mine", cwd=clone)
    done = run_follow(clone, upstream)
    assert (done.pinned, len(done.fingerprint)) == (False, 64)
    assert taken(clone) == upstream.edition()
    assert (clone / ".gitlab-ci.yml").exists()
    assert not (clone / "notes.txt").exists()
    assert run_follow(clone, upstream).pinned


def test_a_detached_head_is_moved_on(upstream, fork):
    run("git", "checkout", "--quiet", "--detach", cwd=fork)
    assert run_follow(fork, upstream).commit == head(fork)


def test_a_fork_of_a_fork_does_not_inherit_its_workflows(upstream, bare, fork, tmp_path):
    run_follow(fork, upstream)
    run("git", "push", "--quiet", "origin", "HEAD", cwd=fork)
    other = clone_of(bare, tmp_path / "other")
    run("git", "rm", "--quiet", "-r", ".github", ".pappus", cwd=other)
    run("git", *WHO, "commit", "--quiet", "--message=mine", cwd=other)
    options = FollowOptions(upstream=bare.as_uri(), address="https://third.example/")
    assert follow(other, options, verifier(None, NOW), NOW).commit
    assert not (other / OWN).exists()
    assert taken(other) == upstream.edition()


# What is refused


def altered(upstream, _):
    (upstream.tree / "indexes/news.md").write_bytes(b"0ne")
    upstream.push()


def missing(upstream, _):
    (upstream.tree / "pages/gazette/2026/11/05/ferry.md").unlink()
    upstream.push()


def added(upstream, _):
    (upstream.tree / "indexes/extra.md").write_bytes(b"buy")
    upstream.push()


def linked(upstream, _):
    (upstream.tree / "README.md").unlink()
    (upstream.tree / "README.md").symlink_to("indexes/news.md")
    upstream.push()


def hooked(upstream, _):
    (upstream.tree / ".gitattributes").write_text("* filter=x\n")
    upstream.push()


def foreign(upstream, tmp_path):
    upstream.house = make_house(tmp_path / "other", now=NOW)
    upstream.held = None
    for path in (upstream.tree / "metadata").iterdir():
        path.unlink()
    for _ in range(3):
        upstream.publish(LATER | {"README.md": b"bought"})


def unsigned(upstream, _):
    shutil.rmtree(upstream.tree / "metadata")
    upstream.push()


def rolled_back(upstream, _):
    run("git", "push", "--quiet", "--force", str(upstream.bare), "main~1:main", cwd=upstream.tree)


ATTACKS = {
    altered: "indexes/news.md (altered",
    missing: "pages/gazette/2026/11/05/ferry.md (missing",
    added: "indexes/extra.md (added",
    linked: "README.md (altered",
    hooked: ".gitattributes (added",
    foreign: "metadata/1.root.json (foreign",
    unsigned: "metadata/timestamp.json (unsigned",
    rolled_back: "rolled back",
}


@pytest.mark.parametrize(("attack", "said"), ATTACKS.items(), ids=lambda one: getattr(one, "__name__", ""))
def test_an_upstream_that_is_not_as_it_was_signed_changes_nothing(upstream, fork, tmp_path, attack, said):
    upstream.publish(LATER)
    run_follow(fork, upstream)
    before, files = head(fork), in_folder(fork)
    attack(upstream, tmp_path)
    with pytest.raises(MirrorError) as error:
        run_follow(fork, upstream)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 600
    assert (head(fork), in_folder(fork)) == (before, files)
    assert run("git", "status", "--porcelain", cwd=fork) == b""


def test_a_copy_that_is_older_than_the_fork_is_refused_though_nothing_is_remembered(upstream, tmp_path):
    run("git", "clone", "--quiet", "--bare", upstream.url, str(tmp_path / "old.git"))
    upstream.publish(LATER)
    clone = clone_of(upstream.bare, tmp_path / "later")
    options = FollowOptions(upstream=(tmp_path / "old.git").as_uri(), address=FORK)
    with pytest.raises(MirrorError, match="rolled back: it is of release 1, and the fork has 2"):
        follow(clone, options, verifier(None, NOW), NOW)


def test_a_root_that_is_said_counts_more_than_the_one_that_is_held(upstream, fork, tmp_path):
    fingerprint = run_follow(fork, upstream, dry_run=True).fingerprint
    assert run_follow(fork, upstream, root=fingerprint, dry_run=True).pinned
    assert run_follow(fork, upstream, root=upstream.root.read_bytes(), dry_run=True).pinned
    with pytest.raises(MirrorError, match="foreign"):
        run_follow(fork, upstream, root="0" * 64)


@pytest.mark.parametrize(
    ("state", "said"),
    [(b"{", "cannot be read"), (b'{"pappus": 1, "release": "9", "since": "x"}', "cannot be read")],
    ids=["no-json", "other-kinds"],
)
def test_what_was_remembered_and_is_damaged_is_not_taken_for_nothing(upstream, fork, state, said):
    run_follow(fork, upstream)
    (fork / ".pappus/follow.json").write_bytes(state)
    run("git", *WHO, "commit", "--quiet", "--all", "--message=x", cwd=fork)
    with pytest.raises(MirrorError, match=said):
        run_follow(fork, upstream)


def test_changes_that_are_not_committed_are_not_lost(upstream, fork):
    (fork / "README.md").write_text("half done")
    with pytest.raises(MirrorError, match="not committed"):
        run_follow(fork, upstream)
    assert (fork / "README.md").read_text() == "half done"


def test_a_file_in_the_way_is_not_overwritten(upstream, fork):
    run_follow(fork, upstream)
    upstream.publish(LATER)
    (fork / SEAL).parent.mkdir(parents=True, exist_ok=True)
    (fork / SEAL).write_text("notes")
    before = head(fork)
    with pytest.raises(MirrorError, match="git read-tree failed"):
        run_follow(fork, upstream)
    assert ((fork / SEAL).read_text(), head(fork)) == ("notes", before)


@pytest.mark.parametrize("url", ["nowhere.git", "empty.git"])
def test_an_upstream_that_cannot_be_had_is_told_in_one_line(fork, tmp_path, url):
    run("git", "init", "--quiet", "--bare", str(tmp_path / "empty.git"))
    with pytest.raises(MirrorError, match="git fetch failed") as error:
        follow(fork, FollowOptions(upstream=str(tmp_path / url), address=FORK), verifier(None, NOW), NOW)
    assert "\n" not in str(error.value)


def test_a_folder_that_is_no_clone_is_refused(upstream, tmp_path):
    with pytest.raises(MirrorError, match="is no clone"):
        run_follow(tmp_path, upstream)


def test_a_dry_run_changes_nothing(upstream, fork):
    before = {path: path.read_bytes() for path in fork.rglob("*") if path.is_file() and path.name != "index"}
    done = run_follow(fork, upstream, dry_run=True)
    assert (done.commit, done.bound) == ("", 3)
    assert before == {path: path.read_bytes() for path in fork.rglob("*") if path.is_file() and path.name != "index"}


# Staleness and signs of life


def test_an_upstream_whose_signatures_have_run_out_is_followed_and_told(upstream, fork):
    upstream.publish(LATER)
    later = NOW + timedelta(days=2)
    done = run_follow(fork, upstream, later)
    assert done.commit
    assert "metadata/timestamp.json was valid until" in done.stale
    assert taken(fork) == upstream.edition()


def test_an_upstream_without_a_new_release_for_long_is_told(upstream, fork):
    run_follow(fork, upstream)
    patience = {"patience": timedelta(hours=6)}
    assert run_follow(fork, upstream, NOW + timedelta(hours=6), **patience).stale == ""
    assert run_follow(fork, upstream, NOW + timedelta(hours=7), **patience).stale == "no new release for 7 hours"
    upstream.publish(LATER, NOW + timedelta(hours=7))
    assert run_follow(fork, upstream, NOW + timedelta(hours=8), **patience).stale == ""


def test_a_fork_that_rests_for_a_month_gives_a_sign_of_life_and_no_more(upstream, fork):
    run_follow(fork, upstream)
    assert run_follow(fork, upstream, NOW + timedelta(days=29)).commit == ""
    done = run_follow(fork, upstream, NOW + timedelta(days=31))
    assert (bool(done.commit), done.heartbeat, bool(done.stale)) == (True, True, True)
    assert run("git", "show", "--name-only", "--format=%s", "HEAD", cwd=fork).split() == [
        b"Still", b"following", b".pappus/heartbeat",
    ]  # fmt: skip
    assert (fork / ".pappus/heartbeat").read_text() == "2026-12-24\n"
    assert run_follow(fork, upstream, NOW + timedelta(days=32)).commit == ""
    assert run_follow(fork, upstream, NOW + timedelta(days=62)).heartbeat


# Nothing leaks, nothing runs


def test_the_clone_s_access_token_is_not_shown_to_the_upstream(upstream, fork):
    run("git", "config", "http.extraHeader", "Authorization: Basic canary", cwd=fork)
    with forge(upstream.folder, open_to_all=True) as server:
        options = FollowOptions(upstream=f"{server.url}/upstream.git", address=FORK)
        assert follow(fork, options, verifier(None, NOW), NOW).commit
        assert {seen[2] for seen in server.seen} == {""}


def test_a_clone_s_hooks_filters_and_author_are_not_used(upstream, fork, tmp_path):
    run("git", "config", "filter.x.smudge", f"touch {tmp_path}/ran; cat", cwd=fork)
    run("git", "config", "user.name", "Jane Doe", cwd=fork)
    (fork / ".git/info/attributes").write_text("* filter=x\n")
    hook = fork / ".git/hooks/reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    assert run_follow(fork, upstream).commit
    assert not (tmp_path / "ran").exists()
    assert b"Jane" not in run("git", "cat-file", "commit", "HEAD", cwd=fork)


def test_only_what_the_fork_lacks_is_fetched(upstream, fork):
    large = bytes(range(256)) * 4096
    upstream.publish(EDITION | {"media/2026/11/05/b.png": large})
    run_follow(fork, upstream)
    upstream.publish(LATER | {"media/2026/11/05/b.png": large}, reroot=True)
    sizes = []
    real = verifier(None, NOW)

    def check(repository, branch, known):
        sizes.append(sum(path.stat().st_size for path in repository.rglob("*.pack")))
        return real(repository, branch, known)

    follow(fork, FollowOptions(upstream=upstream.url, address=FORK), check, NOW)
    assert sizes[0] < 30_000
    assert (fork / "media/2026/11/05/b.png").read_bytes() == large


def test_what_is_remembered_names_no_address_and_no_machine(upstream, fork, tmp_path):
    run_follow(fork, upstream)
    told = b"".join(path.read_bytes() for path in (fork / ".pappus").rglob("*") if path.is_file()).decode()
    assert str(tmp_path) not in told
    assert "://" not in told
    state = json.loads((fork / ".pappus/follow.json").read_text())
    assert state == {"pappus": 1, "release": 1, "since": "2026-11-23T12:00:00Z"}


# The command


@pytest.fixture
def command(upstream, fork, monkeypatch):
    """Run the command at a time of the test's choice; returns exit code, output and errors."""

    def run_command(*more, now=NOW):
        monkeypatch.setattr(config, "utc_now", lambda: now)
        done = CliRunner().invoke(
            cli,
            ["follow", str(fork), "--upstream", str(upstream.bare), "--address", FORK, *more],
            catch_exceptions=False,
        )
        return done.exit_code, done.stdout, done.stderr

    return run_command


def test_the_command_tells_what_it_did(command, fork):
    code, out, err = command("--dry-run")
    assert (code, out, err) == (0, "release 1: 6 files would change, 3 of them new QR images\n", "")
    code, out, _ = command()
    assert (code, f"committed as {head(fork)[:12]}; next: git push" in out) == (0, True)
    assert command() == (0, "release 1: nothing new\n", "")


def test_the_command_tells_programs(command, fork):
    code, out, _ = command("--json")
    told = json.loads(out)
    assert (code, told["release"], told["bound"], told["commit"], told["stale"]) == (0, 1, 3, head(fork), "")


def test_the_command_fails_where_the_upstream_is_stale(command, upstream, tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    command()
    code, out, err = command("--stale-after", "1h", now=NOW + timedelta(hours=3))
    assert (code, out) == (1, "release 1: nothing new\n")
    assert err == f"pappus: {upstream.bare} is stale: no new release for 3 hours\n"
    assert (tmp_path / "summary").read_text().splitlines()[1:] == [
        f"`{upstream.bare} is stale: no new release for 3 hours`"
    ]


def test_the_command_says_when_a_root_is_met_first(command, fork, upstream):
    run("git", "rm", "--quiet", "-r", "metadata", cwd=fork)
    run("git", *WHO, "commit", "--quiet", "--message=x", cwd=fork)
    _, _, err = command()
    assert f"the root {digest(upstream.root.read_bytes())} was met first here" in err
