"""Pure: a publish as git's fast-import reads it."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from msgspec import Struct

from pappus.layout import LAYOUTS, MIRROR_JSON
from pappus.mirrors.paths import checked
from pappus.mirrors.program import AUTHOR_EMAIL, AUTHOR_NAME, hour

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pappus.model import Entry, Plan


class Commit(Struct, frozen=True, kw_only=True):
    """What is to be written.

    Args:
        plan: of the publish.
        when: it is made.
        parent: the commit that the plan starts from, "" where there is none.
        tree: the parent's tree, where the commit is to begin the branch anew, else "".
        binding: the parent's ``mirror.json``, where the bridge is not to say more than that.
    """

    plan: Plan
    when: datetime
    parent: str = ""
    tree: str = ""
    binding: str = ""


class Written(Struct, frozen=True, kw_only=True):
    """What was written: the commit; the bridge between it and the one before, if it has no parent; whether any file differs."""

    commit: str
    bridge: str = ""
    changed: bool = False


def write(out: IO[bytes], commit: Commit, name: Callable[[str], str], read: Callable[[Entry], bytes]) -> None:
    """Write the commit to git's fast-import.

    One that begins the branch anew shares no history with what the remote has, and git would send its whole tree. So a bridge goes
    first: a merge of it with the parent, over which git sees what both have in common.

    Args:
        out: what git reads.
        commit: what to write.
        name: makes the reference for ``base``, ``next`` and ``bridge``.
        read: gives the bytes of an entry.
    """
    if commit.parent:
        out.write(f"reset {name('base')}\nfrom {commit.parent}\n\n".encode())
    out.write(_head(name("next"), 1, commit.when, _message(commit.plan)))
    _write_files(out, commit, read)
    if commit.tree:
        _write_bridge(out, commit, name("bridge"))
    out.write(b'get-mark :1\nls :1 ""\n')
    if commit.parent:
        out.write(f'ls {commit.parent} ""\n'.encode())
    if commit.tree:
        out.write(b"get-mark :2\n")
    out.write(b"done\n")
    out.flush()


def heard(said: str) -> Written:
    """Return what fast-import says that it has written."""
    lines = said.splitlines()
    trees = [line.rstrip() for line in lines if " " in line]
    commits = [line for line in lines if " " not in line]
    return Written(commit=commits[0], bridge="".join(commits[1:]), changed=len(set(trees)) == len(trees))


def _write_files(out: IO[bytes], commit: Commit, read: Callable[[Entry], bytes]) -> None:
    plan = commit.plan
    if commit.parent and not commit.tree:
        out.write(f"from {commit.parent}\n".encode())
    if plan.base is None:
        out.write(b"deleteall\n")
    elif commit.tree:
        out.write(f'M 040000 {commit.tree} ""\n'.encode())
    for entry in plan.puts:
        data = read(entry)
        out.write(f"M 100644 inline {checked(entry.path)}\ndata {len(data)}\n".encode() + data + b"\n")
    for path in plan.deletions:
        out.write(f"D {checked(path)}\n".encode())
    out.write(b"\n")


def _write_bridge(out: IO[bytes], commit: Commit, reference: str) -> None:
    out.write(_head(reference, 2, commit.when, "Begin the history anew\n"))
    out.write(f"from :1\nmerge {commit.parent}\n".encode())
    if commit.binding:
        out.write(f"M 100644 {commit.binding} {MIRROR_JSON}\n".encode())
    out.write(b"\n")


def _head(reference: str, mark: int, when: datetime, message: str) -> bytes:
    text = message.encode()
    who = f"{AUTHOR_NAME} <{AUTHOR_EMAIL}> {hour(when)}"
    return f"commit {reference}\nmark :{mark}\ncommitter {who}\ndata {len(text)}\n".encode() + text + b"\n"


def _message(plan: Plan) -> str:
    pages = sum(1 for entry in plan.puts if LAYOUTS[plan.edition].is_page(entry.path))
    return (
        f"Publish version {plan.target.number}: {pages} pages, {len(plan.puts) - pages} other files,"
        f" {len(plan.deletions)} deletions\n"
    )
