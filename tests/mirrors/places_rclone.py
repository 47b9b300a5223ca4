"""What rclone reaches: a folder, a WebDAV server (rclone's own), an SFTP server (OpenSSH's)."""

from __future__ import annotations

import getpass
import os
import re
import shutil
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path

from mirrors_house import in_folder, until_let_go
from mirrors_places import Place

from pappus.mirrors import RcloneOptions
from ports import free_port

PASSWORD = "canary-51c2-password"


class Reached(Place):
    """A folder that the adapter reaches by some way."""

    atomic = False
    gap = False  # whether a file that is replaced is away for a moment

    def __init__(self, folder, tree, address="", **fields):
        super().__init__("rclone", folder, RcloneOptions, **fields)
        self.tree = tree
        self.address = address  # of the server

    def look(self):
        if self.address:
            until_let_go(self.address)
        return in_folder(self.tree)

    def occupy(self):
        self.tree.mkdir(exist_ok=True)
        (self.tree / "thesis.txt").write_text("mine")

    def leave(self, path, data):
        (self.tree / ".pappus-new").mkdir(exist_ok=True)
        (self.tree / ".pappus-new" / path.rpartition("/")[2]).write_bytes(data)

    def empty(self):
        for path in self.tree.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@contextmanager
def local(folder):
    """Give a folder that is not there yet."""
    yield Reached(folder, folder / "tree", remote=str(folder / "tree"))


def environment(folder, **variables):
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "RCLONE_CONFIG": os.devnull} | variables


@contextmanager
def running(*command, ready, env=None):
    """Run a server until it says that it is ready, and to the end of the block. Yields the process and what it said."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env
    )
    try:
        for line in process.stderr:
            if found := re.search(ready, line.decode("utf-8", "replace")):
                break
        else:
            raise RuntimeError(f"{command[0]} ended before it was ready")
        threading.Thread(target=process.stderr.read, daemon=True).start()  # or it would wait for us
        yield process, found
    finally:
        process.kill()
        process.wait()


@contextmanager
def webdav_server(folder, tree):
    """Serve a folder with a password; yields the process and the connection string of the place."""
    tree.mkdir(exist_ok=True)
    obscured = subprocess.run(["rclone", "obscure", PASSWORD], env=environment(folder), capture_output=True, check=True)
    variables = environment(folder, RCLONE_USER="pappus", RCLONE_PASS=PASSWORD)
    command = ("rclone", "serve", "webdav", "--dir-cache-time", "0s", "--addr", "127.0.0.1:0", str(tree))
    with running(*command, ready=r"started on (http://127\.0\.0\.1:\d+/)", env=variables) as (process, found):
        secret = obscured.stdout.decode().strip()
        yield process, f':webdav,url="{found[1]}",vendor=other,user=pappus,pass={secret}:'


@contextmanager
def webdav(folder):
    with webdav_server(folder, folder / "tree") as (_, remote):
        place = Reached(folder, folder / "tree", re.search("http://[^/]+", remote)[0], remote=remote)
        place.gap = True
        yield place


@contextmanager
def sshd(folder, *, port=None, refused=()):
    """Run Debian's sshd for one key, and nothing but SFTP without what it refuses; yields the process, its port and the key."""
    folder.mkdir(exist_ok=True)
    Path("/run/sshd").mkdir(exist_ok=True)
    for name in ("host", "user"):
        if not (folder / name).exists():
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    port = port or free_port()
    settings = {
        "Port": port, "ListenAddress": "127.0.0.1", "HostKey": folder / "host", "AuthorizedKeysFile": folder / "user.pub",
        "PidFile": "none", "StrictModes": "no", "PermitRootLogin": "yes", "PasswordAuthentication": "no",
        "KbdInteractiveAuthentication": "no", "UsePAM": "no", "UseDNS": "no", "Subsystem": "sftp internal-sftp",
        "ForceCommand": f"internal-sftp -P {','.join(refused)}" if refused else "internal-sftp", "LogLevel": "INFO",
    }  # fmt: skip
    (folder / "conf").write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
    with running("/usr/sbin/sshd", "-D", "-e", "-f", str(folder / "conf"), ready="Server listening") as (process, _):
        yield process, port, folder / "user"


def sftp_remote(port, key, tree):
    return f":sftp,host=127.0.0.1,port={port},user={getpass.getuser()},key_file={key}:{tree}"


@contextmanager
def sftp(folder):
    with sshd(folder / "sshd") as (_, port, key):
        place = Reached(folder, folder / "tree", f"127.0.0.1:{port}", remote=sftp_remote(port, key, folder / "tree"))
        place.gap = True
        yield place


PLACES = {"rclone": local, "rclone-webdav": webdav, "rclone-sftp": sftp}
