"""The mirror itself: what the remote holds, and how it comes to hold more."""

from __future__ import annotations

import os
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from pappus import durable
from pappus.errors import ForeignError, MirrorError
from pappus.layout import MIRROR_JSON
from pappus.mirrors.binding import Binding, load
from pappus.mirrors.git.commits import Commit, Written, heard, write
from pappus.mirrors.git.history import History, begun, note, recall
from pappus.mirrors.git.objects import TIDYING, Objects, wait
from pappus.mirrors.lock import Lock
from pappus.mirrors.paths import refused
from pappus.mirrors.plan import Held, MirrorState
from pappus.mirrors.program import AUTHOR_EMAIL, Program, environment

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import datetime

    from pappus.mirrors.git.options import GitOptions
    from pappus.model import Entry, Plan

_OURS = (
    "next",
    "base",
    "bridge",
)  # references: what is being pushed, what it goes on from, what may stand between the two


class _Sight(Struct, frozen=True, kw_only=True):
    """What was seen of the remote.

    Args:
        head: its branch's commit, "" where there is none.
        base: the commit that the next one goes on from, "" where there is none, or none that we know.
        foreign: whether the head was not made by us.
    """

    head: str
    base: str = ""
    foreign: bool = False


class Git:
    """A mirror in a git branch."""

    def __init__(self, options: GitOptions, clock: Callable[[], datetime]) -> None:
        self._options = options
        self._workspace = options.workspace.resolve()
        self._branch = f"refs/heads/{options.branch}"
        self._clock = clock
        path = options.objects.resolve() if options.objects else self._workspace / "objects.git"
        variables = environment(
            self._workspace, token=options.token, ssh_key=options.ssh_key, known_hosts=options.ssh_known_hosts
        )
        self._git = Program(options.name, variables | {"GIT_DIR": str(path)}, options.timeout)
        self._objects = Objects(path, options.name, self._git)
        self._notes = self._workspace / "history.json"
        self._unpruned = Path(
            options.remote, "pappus-unpruned"
        )  # there while a remote that we made has something to forget
        self._sight: _Sight | None = None  # the last, if nothing was done since

    def state(self, *, mend: bool = True) -> MirrorState:
        """Compare the remote's branch with what we know, and adopt what is ours but came there without our knowing.

        Without mending, what a remote holds is not known where our repository does not have it.
        """
        self._git.restart()
        self._sight = None
        if self._options.token is None:
            raise MirrorError(
                self._options.name, "its access token is missing", "set the environment variable that token_env names"
            )
        with self._telling():
            if not self._objects.path.exists() and not (mend and self._remote_head()):
                return MirrorState()
            with self._alone() if mend else nullcontext():
                sight = self._sight = self._look(mend=mend)
                if mend:
                    self._finish(sight)
            if sight.foreign:
                raise self._foreign(sight)
            base = self._binding(sight.base)
        return MirrorState(shown=base if sight.head else None, base=base)

    def apply(self, plan: Plan, read: Callable[[Entry], bytes]) -> str:
        """Commit the plan on top of what the remote has, and push it.

        Where the plan says to forget, or where the history is past its bounds, the commit has no parent. A branch that is not ours is
        replaced only by a plan that puts everything and forgets the rest.
        """
        with self._telling(), self._alone():
            sight, self._sight = self._sight or self._look(mend=True), None
            if sight.foreign and not (plan.forget and plan.base is None):
                raise self._foreign(sight)
            if plan.base is not None and not sight.base:
                raise MirrorError(self._options.name, "is no longer as it was when it was looked at", retry=True)
            try:
                commit = self._publish(plan, sight, read)
            finally:
                self._objects.tidy()
        self._sight = _Sight(head=commit, base=commit)
        return commit

    def held(self, paths: Collection[str]) -> Held:
        """Go through all commits that our references lead to, and through what nothing leads to, here and in a remote that we made.

        A commit's name vouches for all that it leads to, so of any other remote our own objects are enough, once it is known to have that
        commit. What it keeps beside those is its owner's to tidy.
        """
        self._git.restart()
        made = self._is_remote_made()
        how = "all commits that its branch leads to" + (", and in all else that its repository holds" if made else "")
        with self._telling():
            if not self._objects.path.exists():
                return Held(how=how, at={path: set() for path in paths})
            with self._alone():
                loose = self._objects.loose() | (self._objects.loose(self._options.remote) if made else set())
                return Held(how=how, at=self._objects.ever(paths), loose=loose)

    def _finish(self, sight: _Sight) -> None:
        """Forget what a publish that was killed, or failed on the way, had still to forget."""
        if sight.head == self._objects.commit("next") and self._objects.commit("bridge"):
            self._objects.give_up(now=True)
            self._objects.settle(sight.head)
        if self._objects.must_be_pruned:
            self._objects.tidy()
        with suppress(MirrorError):  # the next publish says so, and whoever looks for what was withdrawn
            self._prune_remote()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Tell in one line what the disk refuses."""
        try:
            yield
        except OSError as error:
            raise refused(self._options.name, error, self._workspace) from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Have this mirror to ourselves, and a share in its objects.

        A killed Pappus may have left a git at work, which inherited the locks: wait for it. What is locked after that is so for ever.

        Raises:
            MirrorError: it is still at work after the time limit.
        """
        with Lock(self._workspace / "lock") as lock:
            while not lock.alone():
                wait(self._options.name, self._git.left)
            with self._objects.shared(lock.handle):
                yield

    # The remote

    def _look(self, *, mend: bool) -> _Sight:
        head = self._remote_head()
        known = [self._objects.commit(name) for name in _OURS]
        if not head:
            return _Sight(head="", base=known[0] or known[1])
        if head in known:
            return _Sight(head=head, base=head)
        if not mend:
            return _Sight(head="")
        self._objects.give_up(now=False)  # if it is not ours after all
        self._git.run("fetch", "--quiet", "--no-tags", "--", self._options.remote, self._branch)
        if not self._is_ours(head, [commit for commit in known if commit]):
            return _Sight(head=head, foreign=True)
        self._git.run("update-ref", self._objects.reference("base"), head)
        return _Sight(head=head, base=head)

    def _is_ours(self, head: str, known: list[str]) -> bool:
        """Whether a commit, and all before it that we do not know, were made by a Pappus, perhaps at another operator's."""
        if self._binding(head) is None:
            return False
        makers = self._git.all("log", "--format=%ae%n%ce", head, "--not", *known).split(b"\n")
        return set(makers) <= {AUTHOR_EMAIL.encode(), b""}

    def _remote_head(self) -> str:
        if self._remote_is_missing():
            return ""
        for line in self._git.run("ls-remote", "--", self._options.remote, self._branch).splitlines():
            commit, _, name = line.partition("\t")
            if name == self._branch:  # others may end like it
                return commit
        return ""

    def _remote_is_missing(self) -> bool:
        """Whether the remote is a folder of this machine that is not there yet."""
        return Path(self._options.remote).is_absolute() and not os.path.lexists(self._options.remote)

    def _foreign(self, sight: _Sight) -> ForeignError:
        return ForeignError(
            self._options.name,
            f"the branch {self._options.branch!r} has commits that are not ours ({sight.head[:12]})",
            "remove them, or give the mirror a branch of its own",
        )

    def _push(self, commit: str, seen: str) -> None:
        """Push a commit, if the remote's branch is where it was seen."""
        if self._remote_is_missing():
            self._objects.make(Path(self._options.remote), self._options.branch)
        lease = f"--force-with-lease={self._branch}:{seen}"
        self._git.run("push", "--quiet", "--atomic", lease, "--", self._options.remote, f"{commit}:{self._branch}")

    def _give_up_remote(self) -> None:
        """Note in a remote that we made that it is to be pruned, before the push that makes it so: it may be the last thing that we do."""
        if self._is_remote_made():
            durable.write(self._unpruned, b"")
            durable.sync(self._unpruned.parent)

    def _prune_remote(self) -> None:
        """Take what nothing leads to out of a remote that we made, where that was noted; any other is its owner's to tidy."""
        if not (self._unpruned.is_absolute() and self._unpruned.exists()):
            return
        remote = ("--git-dir", self._options.remote)
        self._git.run(*remote, "reflog", "expire", "--expire=now", "--all")
        self._git.run(*remote, "gc", "--quiet", "--force", "--prune=now", within=TIDYING)
        self._unpruned.unlink()

    def _is_remote_made(self) -> bool:
        """Whether the remote is a folder of this machine that a Pappus made."""
        remote = Path(self._options.remote)
        return (
            remote.is_absolute() and self._git.call("--git-dir", str(remote), "config", "pappus.made").returncode == 0
        )

    # The commit

    def _publish(self, plan: Plan, sight: _Sight, read: Callable[[Entry], bytes]) -> str:
        now = self._clock()
        history = recall(self._notes, sight.base, self._git, self._options) if sight.base else None
        made = Written(commit=sight.base)
        if plan.puts or plan.deletions or plan.forget:
            anew = plan.forget or (history is not None and history.is_due(self._options, now))
            written = self._import(plan, sight, read, now, anew=anew)
            made = written if written.changed or plan.forget else made
        if made.commit == sight.head:
            return made.commit
        if plan.forget:
            self._objects.give_up(now=True)
            self._give_up_remote()
        if history is None or made.bridge:
            history = begun(made.commit, now, history, plan.size)
        elif made.commit != sight.base:
            history = history.grown(made.commit, plan.size)
        if made.bridge and sight.head == sight.base:
            history = self._begin_anew(made, history, sight.head, forget=plan.forget)
        else:
            self._push(made.commit, sight.head)
            self._objects.settle(made.commit if made.bridge else "")
        note(self._notes, history)
        self._prune_remote()
        return history.head

    def _begin_anew(self, made: Written, history: History, seen: str, *, forget: bool) -> History:
        """Push a commit without a parent, by its bridge.

        Some servers let nobody take history away. The bridge holds the same files, and is a commit like any other; where we need not
        forget, it is as good for now, and the next try comes when the bounds are passed anew.
        """
        self._push(made.bridge, seen)
        self._objects.give_up(now=forget)
        try:
            self._push(made.commit, made.bridge)
        except MirrorError as error:
            if not forget:
                return replace(history, head=made.bridge, commits=0)
            reason = f"the new version is there, but the history before it could not be taken away: {error.reason}"
            advice = "let the branch be pushed to by force"
            raise MirrorError(self._options.name, reason, advice, retry=error.retry) from error
        self._objects.settle(made.commit)
        return history

    def _import(
        self, plan: Plan, sight: _Sight, read: Callable[[Entry], bytes], now: datetime, *, anew: bool
    ) -> Written:
        commit = Commit(plan=plan, when=now, parent=sight.base)
        if anew and sight.base:
            tree, binding = self._git.run("rev-parse", f"{sight.base}^{{tree}}", f"{sight.base}:{MIRROR_JSON}").split()
            commit = replace(commit, tree=tree, binding=binding if plan.forget else "")

        def stream(out: IO[bytes]) -> None:
            write(out, commit, self._objects.reference, read)

        with self._objects.writing():
            return heard(self._git.pour("fast-import", "--quiet", "--done", "--force", "--depth=0", write=stream))

    def _binding(self, commit: str) -> Binding | None:
        if not commit:
            return None
        done = self._git.call("cat-file", "blob", f"{commit}:{MIRROR_JSON}")
        try:
            return load(done.stdout) if done.returncode == 0 else None
        except MirrorError:
            return None
