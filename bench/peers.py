"""The same change by other means: git in a work tree, dulwich, libgit2, and the predecessor's way.

``python -m bench.peers NAME REPOSITORY CHANGE`` applies one change in a process of its own and prints what it cost, as JSON, from the
opening of the repository to the commit. Importing the library is not counted, nor are the files of a work tree, which are there before.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import astuple

from bench.costs import Cost, measured, run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_WHO = "Bench <bench@example.invalid>"
_FILE = 0o100644
_TREE = 0o040000
_SETTINGS = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Bench",
    "GIT_AUTHOR_EMAIL": "bench@example.invalid",
    "GIT_COMMITTER_NAME": "Bench",
    "GIT_COMMITTER_EMAIL": "bench@example.invalid",
}


class Change(Struct, frozen=True):
    """What one commit changed: bytes by path, None for what is gone, and the tree that it came to."""

    files: Mapping[str, bytes | None]
    tree: str

    def dump(self, path: Path) -> None:
        """Write it into a file."""
        files = {name: None if data is None else base64.b64encode(data).decode() for name, data in self.files.items()}
        path.write_text(json.dumps({"files": files, "tree": self.tree}))

    @staticmethod
    def load(path: Path) -> Change:
        """Read it from a file."""
        fields = json.loads(path.read_text())
        files = {name: None if text is None else base64.b64decode(text) for name, text in fields["files"].items()}
        return Change(files, fields["tree"])


def change_of(repository: Path, before: str, after: str) -> Change:
    """Return what a repository's commit changed."""
    listed = git(repository, "diff-tree", "-r", "--no-renames", "-z", before, after).split(b"\0")
    files: dict[str, bytes | None] = {}
    for head, path in zip(listed[0::2], listed[1::2], strict=False):
        blob, gone = head.split()[3].decode(), head.endswith(b"D")
        files[path.decode()] = None if gone else git(repository, "cat-file", "blob", blob)
    return Change(files, git(repository, "rev-parse", f"{after}^{{tree}}").decode().strip())


def git(repository: Path, *arguments: str) -> bytes:
    """Run git in a repository and return what it says."""
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.run(command, env=os.environ | _SETTINGS, capture_output=True, check=True).stdout


def clone(remote: Path, target: Path, *, bare: bool) -> None:
    """Clone a repository; its git never tidies up by itself."""
    options = ["--bare"] if bare else []
    subprocess.run(["git", "clone", "--quiet", *options, str(remote), str(target)], check=True)
    for name in ("gc.auto", "maintenance.auto"):
        git(target, "config", name, "0")


# The peers


def work_tree(folder: Path, _change: Change) -> Cost:
    """``git add -A && git commit``."""
    environment = os.environ | _SETTINGS
    return run(["git", "add", "-A"], folder, environment) + run(
        ["git", "commit", "--quiet", "--message=x"], folder, environment
    )


def sed(folder: Path, _change: Change) -> Cost:
    """Change the mirror's address in every page, as the predecessor did."""
    script = "find pages -name '*.md' -print0 | xargs -0 sed -i 's|https://forge.example/|https://other.example/|g'"
    return run(["sh", "-c", script], folder)


def dulwich_work_tree(folder: Path, change: Change) -> Cost:
    """Dulwich's porcelain, told which paths changed."""
    from dulwich import porcelain  # noqa: PLC0415  # each of them in a process of its own

    costs: dict[str, Cost] = {}
    with measured(costs, "all"), porcelain.open_repo_closing(str(folder)) as repository:
        there = [str(folder / path) for path, data in change.files.items() if data is not None]
        porcelain.add(repository, paths=there)
        gone = [path.encode() for path, data in change.files.items() if data is None]
        repository.get_worktree().stage(gone)
        porcelain.commit(repository, message=b"x", author=_WHO.encode(), committer=_WHO.encode())
    return costs["all"]


def dulwich_objects(folder: Path, change: Change) -> Cost:
    """Dulwich's object store, without a work tree."""
    from dulwich.object_store import commit_tree_changes  # noqa: PLC0415  # as above
    from dulwich.objects import Blob  # noqa: PLC0415  # as above
    from dulwich.repo import Repo  # noqa: PLC0415  # as above

    costs: dict[str, Cost] = {}
    with measured(costs, "all"), Repo(str(folder)) as repository:
        store = repository.object_store
        changes: list[tuple[bytes, int | None, Any]] = []
        blobs = []
        for path, data in change.files.items():
            if data is None:
                changes.append((path.encode(), None, None))
                continue
            blobs.append(Blob.from_string(data))
            changes.append((path.encode(), _FILE, blobs[-1].id))
        store.add_objects([(blob, None) for blob in blobs])
        head: Any = repository[repository.head()]
        tree = commit_tree_changes(store, head.tree, changes)
        repository.get_worktree().commit(message=b"x", author=_WHO.encode(), committer=_WHO.encode(), tree=tree)
    return costs["all"]


def libgit2_trees(folder: Path, change: Change) -> Cost:
    """libgit2, by pygit2: only the trees that change are written."""
    import pygit2  # noqa: PLC0415  # as above

    def write(tree: Any, files: Mapping[str, bytes | None]) -> Any:
        """Return the id of a tree with these changes, None if nothing is left in it."""
        builder = repository.TreeBuilder(tree) if tree is not None else repository.TreeBuilder()
        folders: defaultdict[str, dict[str, bytes | None]] = defaultdict(dict)
        for path, data in files.items():
            name, below, rest = path.partition("/")
            if below:
                folders[name][rest] = data
            elif data is not None:
                builder.insert(name, repository.create_blob(data), _FILE)
            else:
                builder.remove(name)
        for name, inside in folders.items():
            former = tree[name] if tree is not None and name in tree else None
            made = write(former, inside)
            if made is not None:
                builder.insert(name, made, _TREE)
            elif former is not None:
                builder.remove(name)
        return builder.write() if len(builder) else None

    costs: dict[str, Cost] = {}
    with measured(costs, "all"):
        repository: Any = pygit2.Repository(str(folder))
        tree = write(repository.head.peel().tree, change.files)
        _commit(repository, tree)
    return costs["all"]


def libgit2_index(folder: Path, change: Change) -> Cost:
    """libgit2, by pygit2, through an index of the whole tree."""
    import pygit2  # noqa: PLC0415  # as above

    costs: dict[str, Cost] = {}
    with measured(costs, "all"):
        repository: Any = pygit2.Repository(str(folder))
        index = pygit2.Index()
        index.read_tree(repository.head.peel().tree)
        for path, data in change.files.items():
            if data is None:
                index.remove(path)
            else:
                index.add(pygit2.IndexEntry(path, repository.create_blob(data), pygit2.enums.FileMode.BLOB))
        _commit(repository, index.write_tree(repository))
    return costs["all"]


def _commit(repository: Any, tree: Any) -> None:
    import pygit2  # noqa: PLC0415  # as above

    who = pygit2.Signature("Bench", "bench@example.invalid")
    repository.create_commit("HEAD", who, who, "x", tree, [repository.head.target])


PEERS: Mapping[str, Callable[[Path, Change], Cost]] = {
    "git add -A && git commit": work_tree,
    "dulwich, work tree": dulwich_work_tree,
    "dulwich, objects": dulwich_objects,
    "pygit2, trees": libgit2_trees,
    "pygit2, index": libgit2_index,
    "sed over every page": sed,
}
IN_WORK_TREE = frozenset({work_tree, dulwich_work_tree, sed})


class Peer:
    """One of them, with a repository of its own."""

    def __init__(self, name: str, remote: Path, folder: Path) -> None:
        self.name = name
        self._folder = folder
        self._in_work_tree = PEERS[name] in IN_WORK_TREE
        clone(remote, folder, bare=not self._in_work_tree)

    def apply(self, change: Path) -> Cost:
        """Apply a change, and see that it came to the same tree."""
        if self._in_work_tree:
            self._write(Change.load(change))
        command = [sys.executable, "-m", "bench.peers", self.name, str(self._folder), str(change)]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        made = git(self._folder, "rev-parse", "HEAD^{tree}").decode().strip()
        if PEERS[self.name] is not sed and made != Change.load(change).tree:
            raise SystemExit(f"{self.name} made another tree")
        return Cost(*json.loads(done.stdout))

    def _write(self, change: Change) -> None:
        for name, data in change.files.items():
            path = self._folder / name
            if data is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


if __name__ == "__main__":
    _, _name, _repository, _change = sys.argv
    print(json.dumps(astuple(PEERS[_name](Path(_repository), Change.load(Path(_change))))))
