"""When a branch begins anew: its commits, its age and its size are bounded."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import asdict, replace

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from pappus.mirrors.git.options import GitOptions
    from pappus.mirrors.program import Program

_SHARE = 5  # of what the tree takes, history may take one such part
_LEAST = 1 << 20  # bytes that history may take beside however small a tree
_DAY = 86_400  # seconds


class History(Struct, frozen=True, kw_only=True):
    """What is known of a branch up to its newest commit. Sizes are as git keeps them: compressed.

    Args:
        head: the newest commit.
        commits: how many there are.
        since: when the first was made, in seconds.
        tree: bytes that the newest tree took when it was last measured.
        beyond: bytes that all else took then.
        put: bytes of files that were put since.
    """

    head: str
    commits: int = 0
    since: int = 0
    tree: int = 0
    beyond: int = 0
    put: int = 0

    def grown(self, head: str, put: int) -> History:
        """Return it with one commit more."""
        return replace(self, head=head, commits=self.commits + 1, put=self.put + put)

    def is_due(self, options: GitOptions, now: datetime) -> bool:
        """Whether the next commit is to begin anew."""
        old, long = options.keep_days, options.keep_commits
        return (
            (long is not None and self.commits >= long)
            or (old is not None and now.timestamp() - self.since >= old * _DAY)
            or self.beyond > _bound(self.tree, options)
        )


def recall(path: Path, head: str, git: Program, options: GitOptions) -> History:
    """Return what is known of the history of ``head``: what was noted, or else what git tells.

    Sizes are measured when enough was put since the last time for history to have passed its bound, packed to half its size as most of it
    is: measuring goes through the whole tree, so it may not come often.
    """
    history = None
    with suppress(FileNotFoundError, ValueError, TypeError):
        history = History(**json.loads(path.read_text()))
    if history is None or history.head != head:
        history = _counted(head, git)
    elif history.put <= 2 * _left(history, options):
        return history
    everything, tree = (
        int(git.run("rev-list", "--disk-usage", "--objects", which)) for which in (head, f"{head}^{{tree}}")
    )
    return replace(history, tree=tree, beyond=everything - tree, put=0)


def begun(head: str, now: datetime, before: History | None, put: int) -> History:
    """Return that of a branch which begins with ``head``, going on from a tree that is known or from nothing."""
    return History(head=head, commits=1, since=int(now.timestamp()), tree=before.tree if before else 0, put=put)


def note(path: Path, history: History) -> None:
    """Note what is known, for the next time. What is lost of it is counted again."""
    path.write_text(json.dumps(asdict(history)))


def _bound(tree: int, options: GitOptions) -> int:
    return max(_LEAST, tree // _SHARE) if options.keep_size is None else options.keep_size


def _left(history: History, options: GitOptions) -> int:
    """Return how many bytes more history may take, but not so few that it were measured all the time."""
    bound = _bound(history.tree, options)
    return max(bound - history.beyond, bound // 8)


def _counted(head: str, git: Program) -> History:
    commits = int(git.run("rev-list", "--count", head))
    roots = git.run("log", "--format=%ct", "--max-parents=0", head).split()
    return History(head=head, commits=commits, since=int(roots[-1]))
