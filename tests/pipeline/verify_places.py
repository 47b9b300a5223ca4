"""Trees of the tests as places of every kind."""

from __future__ import annotations

import subprocess
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

from verify_attacks import Link
from verify_house import NOW

from pappus.pipeline.places import PlaceOptions, open_place


def lay(tree, folder):
    """Write a tree."""
    for path, data in tree.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(data, Link):
            file.symlink_to(data.to)
        else:
            file.write_bytes(data)
    return folder


def commit(folder):
    git = ["git", "-C", str(folder), "-c", "user.name=x", "-c", "user.email=x@x.example", "-c", "core.autocrlf=false"]
    subprocess.run([*git, "init", "--quiet", "--initial-branch=main"], check=True)
    subprocess.run([*git, "add", "--all", "--force"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message=x"], check=True)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def served(handler):
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def opened(name, **options):
    return open_place(str(name), PlaceOptions(**options), lambda: NOW)


@contextmanager
def at(kind, tree, folder):
    """Give a place of a kind that holds a tree."""
    lay(tree, folder)
    if kind == "folder":
        yield opened(folder)
    elif kind == "git":
        commit(folder)
        yield opened(folder, branch="main")
    else:
        with served(partial(_Quiet, directory=str(folder))) as address:
            yield opened(address)
