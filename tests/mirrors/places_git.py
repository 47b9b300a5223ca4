"""Repositories: in a folder, behind git's own smart HTTP, and behind Debian's sshd."""

from __future__ import annotations

from contextlib import contextmanager

from mirrors_forge import TOKEN, forge, sshd
from mirrors_house import in_branch, run
from mirrors_places import Place

from pappus.mirrors import GitOptions


class Repository(Place):
    """A bare repository, wherever the adapter thinks that it is."""

    def __init__(self, folder, bare, **fields):
        super().__init__("git", folder, GitOptions, **fields)
        self.bare = bare

    def look(self):
        return in_branch(self.bare)

    def occupy(self):
        other = self.folder / "other"
        run("git", "init", "--quiet", "--initial-branch=main", str(other))
        (other / "thesis.txt").write_text("mine")
        who = ("-c", "user.name=x", "-c", "user.email=x@x.example")
        run("git", "add", ".", cwd=other)
        run("git", *who, "commit", "--quiet", "--message=mine", cwd=other)
        if not self.bare.exists():
            run("git", "init", "--quiet", "--bare", "--initial-branch=main", str(self.bare))
        run("git", "push", "--quiet", str(self.bare), "main", cwd=other)

    def leave(self, path, data):
        made = self.fields["remote"] == str(self.bare)  # else what it keeps beside its branches is its owner's
        where = self.bare if made else self.folder / "state" / "objects.git"
        run("git", "--git-dir", str(where), "hash-object", "-w", "--stdin", stdin=data)

    def empty(self):
        run("git", "--git-dir", str(self.bare), "update-ref", "-d", "refs/heads/main")


@contextmanager
def local(folder):
    """Give a repository in a folder that is not there yet."""
    remote = folder / "forge.git"
    yield Repository(folder, remote, remote=str(remote))


@contextmanager
def http(folder):
    """Give an empty repository behind a forge that wants a token."""
    remote = folder / "forges" / "news.git"
    run("git", "init", "--quiet", "--bare", "--initial-branch=main", str(remote))
    run("git", "--git-dir", str(remote), "config", "http.receivepack", "true")
    with forge(folder / "forges") as server:
        yield Repository(folder, remote, remote=f"{server.url}/news.git", token=TOKEN)


@contextmanager
def ssh(folder):
    """Give an empty repository behind a server whose key is known."""
    remote = folder / "forges" / "news.git"
    run("git", "init", "--quiet", "--bare", "--initial-branch=main", str(remote))
    with sshd(folder / "sshd") as (address, key, known_hosts):
        yield Repository(folder, remote, remote=f"{address}{remote}", ssh_key=key, ssh_known_hosts=known_hosts)


PLACES = {"git": local, "git-http": http, "git-ssh": ssh}
