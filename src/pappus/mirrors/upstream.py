"""Somebody's branch, as it is now: fetched into a repository of its own, so that nothing of it touches the clone before it is believed.

One commit is fetched, whatever history stands behind it, so it does not matter if that was made anew; and of its files those alone that
the clone has not: objects that it has are lent. Nothing of the clone's configuration counts, so no access token of its own forge goes out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pappus.mirrors.program import Program, environment, with_settings

if TYPE_CHECKING:
    from pathlib import Path

BRANCH = "upstream"  # where the commit is found in the repository
_PROMISOR = "promisor"  # git's word for a remote of which some objects are still to be had


def fetch(repository: Path, url: str, branch: str, lender: Path, timeout: float) -> Program:
    """Make a bare repository that holds the newest commit of a branch, whole; returns git at work in it.

    Args:
        repository: a folder that is not there yet.
        url: any address that git fetches from.
        branch: of the remote.
        lender: the folder of another repository's objects, which need not be fetched; absolute.
        timeout: seconds for all of it.

    Raises:
        MirrorError: it cannot be had, or not in that time.
    """
    settings = [
        (f"remote.{_PROMISOR}.url", url),
        (f"remote.{_PROMISOR}.promisor", "true"),
        (f"remote.{_PROMISOR}.partialCloneFilter", "blob:none"),
        ("fetch.fsckObjects", "true"),
    ]
    variables = with_settings(environment(repository.parent), settings) | {"GIT_DIR": str(repository)}
    git = Program(url, variables, timeout, repository.parent)
    git.run("init", "--quiet", "--bare", "--template=", str(repository))
    (repository / "objects/info/alternates").write_text(f"{lender}\n", encoding="utf-8")
    git.run("fetch", "--quiet", "--no-tags", "--depth=1", _PROMISOR, f"+refs/heads/{branch}:refs/heads/{BRANCH}")
    _complete(git)
    return git


def _complete(git: Program) -> None:
    """Fetch the files that are neither here nor lent, all at once. A server that knows of no filter has sent them already."""
    listed = git.all("rev-list", "--objects", "--no-object-names", "--missing=print", f"refs/heads/{BRANCH}")
    missing = b"".join(line[1:] + b"\n" for line in listed.splitlines() if line.startswith(b"?"))
    if missing:
        git.run(
            "-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", "--no-tags", "--filter=blob:none", "--stdin", _PROMISOR,
            feed=missing,
        )  # fmt: skip
