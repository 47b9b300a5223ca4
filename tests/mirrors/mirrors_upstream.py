"""A signed mirror in a bare repository that publishes, and clones of its forks."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from mirrors_house import binding, in_branch, run, version
from msgspec.structs import replace

from pappus.layout import MARKDOWN, is_binding
from pappus.mirrors import bind

sys.path.insert(0, str(Path(__file__).parent.parent / "trust"))

from trust_house import make_house, signed_tree

WHO = ("-c", "user.name=x", "-c", "user.email=x@x.example")
EDITION = {
    "README.md": b"home",
    "indexes/news.md": b"one",
    "pages/gazette/2026/11/05/ferry.md": b"ferry",
    "pages/gazette/2026/11/05/bridge.md": b"bridge",
    "media/2026/11/05/a.png": b"pixels",
}
SEAL = "pages/gazette/2026/11/06/seal.md"
LATER = EDITION | {"README.md": b"home, later", SEAL: b"seal"}
OWN = ".github/workflows/own.yml"


class Upstream:
    """A mirror that others follow. Every publish is a commit."""

    def __init__(self, folder, now, house, held=None):
        self.folder, self.now, self.house, self.held = folder, now, house, held
        self.tree, self.bare = folder / "tree", folder / "upstream.git"

    @classmethod
    def begun(cls, folder, now):
        """Make keys and an empty repository."""
        self = cls(folder, now, make_house(folder / "house", now=now))
        run("git", "init", "--quiet", "--bare", "--initial-branch=main", str(self.bare))
        run("git", "--git-dir", str(self.bare), "config", "uploadpack.allowFilter", "true")
        run("git", "init", "--quiet", "--initial-branch=main", str(self.tree))
        return self

    def copied(self, folder):
        """Return the same in another folder."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True, symlinks=True)
        return Upstream(folder, self.now, self.house, self.held)

    @property
    def url(self):
        return self.bare.as_uri()

    @property
    def release(self):
        return self.held["timestamp"].version

    @property
    def root(self):
        return self.tree / "metadata/1.root.json"

    def publish(self, files, now=None, *, reroot=False):
        """Sign an edition, bind it and push it."""
        now = now or self.now
        self.held = self.sign(files, now)
        told = binding(self.release, version=replace(version(self.release), release=self.release))
        for old in (self.tree / "qr").rglob("*.png"):
            old.unlink()
        for made in bind(told, [path for path in files if MARKDOWN.is_page(path)]):
            (self.tree / made.entry.path).parent.mkdir(parents=True, exist_ok=True)
            (self.tree / made.entry.path).write_bytes(made.body)
        self.push(reroot=reroot)

    def sign(self, files, now):
        with_git = self.tree / ".git"
        aside = self.folder / "aside"
        shutil.move(with_git, aside)  # the signer takes the folder for the edition
        try:
            return signed_tree(self.tree, files, self.house.online(now), now, self.held)
        finally:
            shutil.move(aside, with_git)

    def push(self, *, reroot=False):
        """Commit what is in the tree, and push it."""
        run("git", "add", "--all", cwd=self.tree)
        if reroot:
            run("git", "update-ref", "-d", "HEAD", cwd=self.tree)
        run("git", *WHO, "commit", "--quiet", "--allow-empty", "--message=x", cwd=self.tree)
        run("git", "push", "--quiet", "--force", str(self.bare), "main", cwd=self.tree)

    def edition(self):
        """Return what is published, without the binding."""
        return {path: body for path, body in in_branch(self.bare).items() if not is_binding(path)}


def fork_of(upstream, folder, *, depth=None):
    """Fork on the forge, add a workflow, and clone; returns the fork's repository and the clone."""
    bare = folder / "fork.git"
    run("git", "clone", "--quiet", "--bare", upstream.url, str(bare))
    first = folder / "first"
    run("git", "clone", "--quiet", bare.as_uri(), str(first))
    (first / OWN).parent.mkdir(parents=True)
    (first / OWN).write_text("on: schedule\n")
    run("git", "add", "--all", cwd=first)
    run("git", *WHO, "commit", "--quiet", "--message=mine", cwd=first)
    run("git", "push", "--quiet", "origin", "main", cwd=first)
    return bare, clone_of(bare, folder / "clone", depth=depth)


def clone_of(bare, folder, *, depth=None):
    shallow = (f"--depth={depth}",) if depth else ()
    run("git", "clone", "--quiet", *shallow, bare.as_uri(), str(folder))
    return folder


def head(clone):
    return run("git", "rev-parse", "HEAD", cwd=clone).decode().strip()
