"""A fork of a mirror follows it: what is signed is taken over, what is the fork's own stays, and the binding is made for its address.

The upstream is fetched apart and verified before anything is changed (:mod:`pappus.mirrors.upstream`). What is taken over becomes one
commit on top of the fork's own, never a merge, so it does not matter whether the upstream's history goes on or was made anew.
Rules kept: fixed author at an ``.invalid`` address, UTC, times rounded to the hour, no configuration of the user's (rule 12).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import replace

from pappus.errors import MirrorError
from pappus.layout import FIRST_ROOT, GITLAB_CI, HOME_QR, MIRROR_JSON, SITEMAPS, is_binding
from pappus.mirrors import upstream
from pappus.mirrors.binding import Binding, bind, bind_feeds, load, usable_address, usable_home
from pappus.mirrors.paths import checked
from pappus.mirrors.program import AUTHOR_EMAIL, AUTHOR_NAME, Program
from pappus.mirrors.rebind import git_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OWN: Final = (".forgejo/", ".github/", GITLAB_CI, ".pappus/")
"""What a fork has of its own: its workflows, and what is remembered between two looks."""

STATE: Final = ".pappus/follow.json"
SEEN: Final = ".pappus/seen/"
HEARTBEAT: Final = ".pappus/heartbeat"
_FORMAT = 1  # of the state
_REST = timedelta(days=30)  # without a commit; after 60 days without one, forges switch schedules off
_NEXT = "refs/heads/next"
_HOUR = "%Y-%m-%dT%H:00:00Z"
_TOLD = 3  # of what is wrong

File = tuple[str, str, str]  # mode, object, path


class Known(Struct, frozen=True, kw_only=True):
    """What a fork knows of its upstream before it looks.

    Args:
        root: the first root that the fork itself holds, b"" for none.
        seen: what the verifier wanted to be remembered the last time, as files by name.
    """

    root: bytes
    seen: Mapping[str, bytes]


class Checked(Struct, frozen=True, kw_only=True):
    """What was found of an upstream.

    Args:
        release: the number of its signed release.
        wrong: what is not as it was signed, one line each; what is only out of date is not among it.
        expired: which of its signatures is no longer valid, "" while all are.
        fingerprint: of the root that is believed.
        pinned: whether that root was known before.
        seen: what to remember for the next time, as files by name.
    """

    release: int
    wrong: tuple[str, ...] = ()
    expired: str = ""
    fingerprint: str = ""
    pinned: bool = False
    seen: Mapping[str, bytes] = {}


Check = Callable[[Path, str, Known], Checked]
"""Verifies a branch of a bare repository, given what is known of it."""


class FollowOptions(Struct, frozen=True, kw_only=True):
    """Whom to follow, and as whom."""

    upstream: str  # any address that git fetches from
    address: str  # the fork's: what a path is appended to
    home: str = ""  # the fork's short address for readers, "" for ``address``
    branch: str = "main"  # of the upstream
    patience: timedelta = timedelta(hours=48)  # without a new release, after which the upstream is called stale
    timeout: float = 3600.0  # seconds for all that git does


class Followed(Struct, frozen=True, kw_only=True):
    """What was done.

    Args:
        release: of the upstream.
        changed: files that came, changed or went.
        bound: QR images among them.
        taken_away: files among them that are the fork's and were never the upstream's, as far as their names tell.
        commit: what was committed, "" for nothing.
        heartbeat: whether the commit is only a sign of life.
        stale: why the upstream seems to be given up, "" while it does not.
        fingerprint: of the root that is believed.
        pinned: whether that root was known before.
    """

    release: int
    changed: int
    bound: int
    fingerprint: str
    pinned: bool
    taken_away: tuple[str, ...] = ()
    commit: str = ""
    heartbeat: bool = False
    stale: str = ""


def follow(folder: Path, options: FollowOptions, check: Check, now: datetime, *, dry_run: bool = False) -> Followed:
    """Bring a fork to the state of its upstream, in one commit that is not pushed.

    Args:
        folder: the root of a clone of the fork, with nothing in it that is not committed.
        options: whom to follow.
        check: verifies what was fetched.
        now: for dates.
        dry_run: look and count only.

    Raises:
        MirrorError: the folder is no such clone; the upstream cannot be had, is not as it was signed, or older than what the fork has.
    """
    fork = _Fork(folder, options, now)
    with tempfile.TemporaryDirectory(prefix="pappus-", dir=fork.git_folder) as scratch:
        repository = Path(scratch) / "upstream.git"
        theirs = upstream.fetch(repository, options.upstream, options.branch, fork.objects, options.timeout)
        verdict = check(repository, upstream.BRANCH, fork.known)
        _refuse(options.upstream, verdict, fork.release)
        state = fork.next_state(verdict)
        written = {STATE: _dump(state)} | {f"{SEEN}{name}": data for name, data in verdict.seen.items()}
        files = list(_listing(theirs, upstream.BRANCH))
        tree, bound = fork.make_tree(theirs, files, verdict.release, written)
        done = Followed(
            release=verdict.release,
            changed=fork.count(theirs, tree),
            bound=bound,
            fingerprint=verdict.fingerprint,
            pinned=verdict.pinned,
            taken_away=fork.strangers(files),
            stale=_stale(verdict, state["since"], options.patience, now),
        )
        if dry_run:
            return done
        if done.changed:
            return replace(done, commit=fork.commit(theirs, tree, f"Follow release {verdict.release}"))
        if not fork.rested:
            return done
        tree, _ = fork.make_tree(theirs, files, verdict.release, written | {HEARTBEAT: fork.today})
        return replace(done, commit=fork.commit(theirs, tree, "Still following"), heartbeat=True)


def is_own(path: str) -> bool:
    """Whether a path is of what a fork has of its own."""
    return path.startswith(tuple(name for name in OWN if name.endswith("/"))) or path in OWN


class _Fork:
    """A clone of a fork, and git at work in it."""

    def __init__(self, folder: Path, options: FollowOptions, now: datetime) -> None:
        self._folder = folder.resolve()
        self._now = now.astimezone(UTC)
        self._address = usable_address(options.address)
        self._home = usable_home(options.home or self._address)
        if not (self._folder / ".git").exists():
            raise MirrorError(str(folder), "is no clone of a git repository", "clone the fork, and give its folder")
        self._git = Program(
            str(folder), git_environment(self._folder, options.timeout, now), options.timeout, self._folder
        )
        if self._git.run("status", "--porcelain", "--untracked-files=no"):
            raise MirrorError(
                str(folder), "has changes that are not committed", "commit them, or give them up with git reset --hard"
            )
        self.git_folder = Path(self._git.run("rev-parse", "--absolute-git-dir"))
        self.objects = (self._folder / self._git.run("rev-parse", "--git-path", "objects")).resolve()
        self._head = self._git.run("rev-parse", "--verify", "HEAD^{commit}")
        self._files = {path: (mode, blob) for mode, blob, path in _listing(self._git, self._head)}
        self._former = self._bound()
        self.state = self._remembered()

    @property
    def release(self) -> int:
        """The release that the fork has, 0 for none."""
        known: int = self.state.get("release", 0)
        return max(known, self._former.version.release if self._former else 0)

    @property
    def known(self) -> Known:
        """What the fork knows of its upstream."""
        held = FIRST_ROOT in self._files
        root = _blob(self._git, f"{self._head}:{FIRST_ROOT}") if held else b""
        seen = {path: _blob(self._git, f"{self._head}:{path}") for path in self._files if path.startswith(SEEN)}
        return Known(root=root, seen={path.removeprefix(SEEN): data for path, data in seen.items()})

    @property
    def rested(self) -> bool:
        """Whether nothing was committed for so long that a forge may take the fork for given up."""
        last = int(self._git.run("show", "--no-patch", "--format=%ct", self._head))
        return self._now - datetime.fromtimestamp(last, UTC) >= _REST

    @property
    def today(self) -> bytes:
        """The day, as the sign of life tells it."""
        return f"{self._now:%Y-%m-%d}\n".encode()

    def next_state(self, verdict: Checked) -> dict[str, Any]:
        """Return what to remember: of a release as well since when it is known."""
        known = self.state.get("release") == verdict.release
        since = self.state["since"] if known else f"{self._now:{_HOUR}}"
        return {"pappus": _FORMAT, "release": verdict.release, "since": since}

    def strangers(self, files: Sequence[File]) -> tuple[str, ...]:
        """Return the files that go though no release took them away: nothing of the upstream's begins with such a name."""
        begin = {path.partition("/")[0] for _, _, path in files}
        others = (path for path in self._files if not (is_binding(path) or is_own(path)))
        return tuple(path for path in others if path.partition("/")[0] not in begin)

    def make_tree(
        self, theirs: Program, files: Sequence[File], release: int, written: Mapping[str, bytes]
    ) -> tuple[str, int]:
        """Make in the upstream's repository the tree that the fork is to have; returns it, and how many QR images had to be made."""
        signed = [
            (_plain(mode, path), blob, path) for mode, blob, path in files if not (is_binding(path) or is_own(path))
        ]
        own = [
            (mode, blob, path)
            for path, (mode, blob) in self._files.items()
            if is_own(path) and not path.startswith(SEEN) and path not in written
        ]
        binding = self._binding(theirs, release)
        held = [path for _, _, path in signed if binding.layout.is_page(path) and binding.holds(path)]
        codes, pages = self._codes(held, binding)
        kept, feeds = self._feeds(signed, binding)
        lists = [path for _, _, path in signed if path.startswith(SITEMAPS)]
        made = 0

        def write(out: IO[bytes]) -> None:
            nonlocal made
            out.write(
                f"commit {_NEXT}\ncommitter {AUTHOR_NAME} <{AUTHOR_EMAIL}> 0 +0000\ndata 0\n\ndeleteall\n".encode()
            )
            for mode, blob, path in (*signed, *own, *codes, *kept):
                out.write(f"M {mode} {blob} {path}\n".encode("utf-8", "surrogateescape"))
            had = {path for _, _, path in codes}
            bound = bind_feeds(binding, feeds, lambda path: _blob(theirs, f"{upstream.BRANCH}:{path}"), lists)
            for one in chain(bind(binding, pages), bound):
                if one.entry.path not in had:
                    made += binding.layout.page_of_qr(one.entry.path) is not None
                    _inline(out, one.entry.path, one.body or b"")
            for path, data in written.items():
                _inline(out, path, data)
            out.write(b"done\n")
            out.flush()

        theirs.pour("fast-import", "--quiet", "--done", "--force", write=write)
        return theirs.run("rev-parse", f"{_NEXT}^{{tree}}"), made

    def count(self, theirs: Program, tree: str) -> int:
        """Return in how many files a tree differs from the fork's."""
        return theirs.all("diff-tree", "-r", "-z", "--name-only", self._tree(), tree).count(b"\0")

    def commit(self, theirs: Program, tree: str, message: str) -> str:
        """Commit a tree on top of what the fork has, and have the work tree follow."""
        wanted = f"{tree}\n^{self._tree()}\n".encode()
        theirs.run("pack-objects", "--quiet", "--revs", "--local", str(self.objects / "pack/pack"), feed=wanted)
        commit = self._git.run("commit-tree", tree, "-p", self._head, feed=f"{message}\n".encode())
        self._git.run("read-tree", "-m", "-u", self._head, commit)
        self._git.run("update-ref", "-m", "pappus follow", "HEAD", commit, self._head)
        return commit

    def _tree(self) -> str:
        return self._git.run("rev-parse", f"{self._head}^{{tree}}")

    def _binding(self, theirs: Program, release: int) -> Binding:
        """Return the upstream's binding for the fork's address; its release is the one that is signed."""
        found = load(_blob(theirs, f"{upstream.BRANCH}:{MIRROR_JSON}"))
        version = replace(found.version, release=release)
        host = "" if any(map(is_own, found.beside)) else found.host  # the fork's own stays as it is
        return replace(found, address=self._address, home=self._home, version=version, former=(), host=host)

    def _codes(self, pages: list[str], binding: Binding) -> tuple[list[File], list[str]]:
        """Return the QR images that can stay, and the pages that want new ones."""
        former, codes, qr_path = self._former, [], binding.layout.qr_path
        if former and former.home == binding.home and HOME_QR in self._files:
            codes.append((*self._files[HOME_QR], HOME_QR))
        if former is None or former.address != binding.address:
            return codes, pages
        codes += [(*self._files[path], path) for path in map(qr_path, pages) if path in self._files]
        return codes, [page for page in pages if qr_path(page) not in self._files]

    def _feeds(self, signed: Sequence[File], binding: Binding) -> tuple[list[File], list[str]]:
        """Return what was made of feeds that are still the same, and the feeds of which it has to be made."""
        kept, feeds, former = [], [], self._former
        same = former and (former.address, former.division) == (binding.address, binding.division)
        for _, blob, path in signed:
            made = binding.layout.made_of(path)
            if same and self._files.get(path, ("", ""))[1] == blob and all(one in self._files for one in made):
                kept += [(*self._files[one], one) for one in made]
            elif made:
                feeds.append(path)
        return kept, feeds

    def _bound(self) -> Binding | None:
        if MIRROR_JSON not in self._files:
            return None
        return load(_blob(self._git, f"{self._head}:{MIRROR_JSON}"))

    def _remembered(self) -> dict[str, Any]:
        if STATE not in self._files:
            return {}
        try:
            state = json.loads(_blob(self._git, f"{self._head}:{STATE}"))
            known = state["pappus"] == _FORMAT and type(state["release"]) is int
            datetime.strptime(state["since"], _HOUR)  # noqa: DTZ007  # only whether it is one
        except (ValueError, TypeError, LookupError, RecursionError):
            known = False
        if not known:
            raise MirrorError(STATE, "cannot be read", "take it back from an earlier commit")
        return dict(state)


def _refuse(url: str, verdict: Checked, known: int) -> None:
    """Refuse what is not as it was signed, and what is older than what the fork has.

    Raises:
        MirrorError: it is one of the two.
    """
    if verdict.wrong:
        more = f"; and {len(verdict.wrong) - _TOLD:,} more" if len(verdict.wrong) > _TOLD else ""
        told = "; ".join(verdict.wrong[:_TOLD])
        raise MirrorError(url, f"is not as it was signed: {told}{more}", "nothing was changed")
    if verdict.release < known:
        reason = f"was rolled back: it is of release {verdict.release}, and the fork has {known}"
        raise MirrorError(url, reason, "nothing was changed")


def _stale(verdict: Checked, since: str, patience: timedelta, now: datetime) -> str:
    if verdict.expired:
        return f"its signatures are no longer valid: {verdict.expired}"
    age = now - datetime.strptime(since, _HOUR).replace(tzinfo=UTC)
    return f"no new release for {age // timedelta(hours=1)} hours" if age > patience else ""


def _plain(mode: str, path: str) -> str:
    """Return the mode of a file that is taken over: nothing that came from outside is a link or can be run."""
    if mode not in {"100644", "100755"}:
        raise MirrorError(checked(path), "is no plain file", "nothing was changed")
    checked(path)
    return "100644"


def _inline(out: IO[bytes], path: str, data: bytes) -> None:
    out.write(f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n")


def _dump(state: Mapping[str, Any]) -> bytes:
    return (json.dumps(state, indent=2, sort_keys=True) + "\n").encode()


def _listing(git: Program, revision: str) -> Iterator[File]:
    """Yield the files of a commit: mode, object, path."""
    for line in git.all("ls-tree", "-r", "-z", "--full-tree", revision).split(b"\0")[:-1]:
        told, _, name = line.partition(b"\t")
        if b"\n" in name:
            raise MirrorError(repr(name[:200]), "is no name that can be taken over")
        mode, _, blob = told.decode("ascii").split()
        yield mode, blob, name.decode("utf-8", "surrogateescape")


def _blob(git: Program, name: str) -> bytes:
    done = git.call("cat-file", "blob", name)
    if done.returncode != 0:
        raise MirrorError(name.partition(":")[2], "is not there", "is this a mirror?")
    return done.stdout
