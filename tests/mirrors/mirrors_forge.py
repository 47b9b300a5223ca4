"""A forge on loopback: git's own smart HTTP, which lets nobody in without the token; Debian's sshd; and a wire between that can be cut."""

from __future__ import annotations

import base64
import getpass
import os
import shutil
import socket
import subprocess
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from mirrors_house import run

from ports import free_port

TOKEN = "canary-7f3a-token"
_WANTED = "Basic " + base64.b64encode(f"pappus:{TOKEN}".encode()).decode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self._answer()

    def do_POST(self):
        self._answer()

    def _answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = self._chunks()
        self.server.seen.append((self.command, self.path, self.headers.get("Authorization", "")))
        self.server.sent += len(body)
        if self.server.ill and self.server.ill[0] in self.path:
            self._say(*self.server.ill[1:])
        elif self.server.redirect:
            self._say(302, b"", ("Location", self.server.redirect + self.path))
        elif not self.server.open and self.headers.get("Authorization") != _WANTED:
            self._say(401, b"who are you?", ("WWW-Authenticate", 'Basic realm="forge"'))
        else:
            self._run(body)

    def _chunks(self):
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _run(self, body):
        path, _, query = self.path.partition("?")
        variables = {
            "PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": str(self.server.root), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
            "QUERY_STRING": query, "REQUEST_METHOD": self.command, "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)), "REMOTE_USER": "pappus", "REMOTE_ADDR": "127.0.0.1",
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""), "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }  # fmt: skip
        done = subprocess.run(["git", "http-backend"], input=body, capture_output=True, env=variables, check=False)
        head, _, rest = done.stdout.partition(b"\r\n\r\n")
        headers = [tuple(line.split(": ", 1)) for line in head.decode().splitlines()]
        status = next((int(value.split()[0]) for name, value in headers if name == "Status"), 200)
        self._say(status, rest, *((name, value) for name, value in headers if name != "Status"))

    def _say(self, status, body, *headers):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def forge(root, redirect="", *, open_to_all=False):
    """Serve the bare repositories in a folder; yields the server.

    It has a ``url``, what it has ``seen``, and how many bytes were ``sent`` to it. Where it is made ``ill``, with a part of an address, a
    status and a body, it gives that answer to whoever asks for such an address.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.root, server.seen, server.redirect, server.open = root, [], redirect, open_to_all
    server.sent, server.ill = 0, None
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def sshd(folder):
    """Run an sshd for one key; yields the address of the root folder, the key, and a file of known hosts."""
    folder.mkdir()
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # which it wants as root
    for name in ("host", "user"):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name))
    port = free_port()
    settings = {
        "Port": port, "ListenAddress": "127.0.0.1", "HostKey": folder / "host", "AuthorizedKeysFile": folder / "user.pub",
        "PidFile": "none", "StrictModes": "no", "PermitRootLogin": "yes", "PasswordAuthentication": "no",
        "KbdInteractiveAuthentication": "no", "UsePAM": "no", "UseDNS": "no", "LogLevel": "INFO", "MaxStartups": "100",
        "SetEnv": "SHLVL=2",  # or bash would read the .bashrc of whoever runs the tests
    }  # fmt: skip
    (folder / "conf").write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
    key = (folder / "host.pub").read_text().split()
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {key[0]} {key[1]}\n")
    program = shutil.which("sshd", path="/usr/sbin:/usr/bin")
    command = [program, "-D", "-e", "-f", str(folder / "conf")]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            while line := process.stderr.readline():
                if b"Server listening" in line:
                    break
            threading.Thread(target=process.stderr.read, daemon=True).start()
            yield f"ssh://{getpass.getuser()}@127.0.0.1:{port}", folder / "user", folder / "known_hosts"
        finally:
            process.terminate()


@contextmanager
def wire(url, up):
    """Lead to a forge, and cut the wire after ``up`` bytes went there; yields the address of this side."""
    port = int(url.rpartition(":")[2])
    left = [up]
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_lead, args=(server, port, left))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def _lead(server, port, left):
    threads = []
    with suppress(OSError):
        while True:
            near, _ = server.accept()
            far = socket.create_connection(("127.0.0.1", port))
            for one, other, counted in ((near, far, left), (far, near, [1 << 40])):
                threads.append(threading.Thread(target=_carry, args=(one, other, counted)))
                threads[-1].start()
    for thread in threads:
        thread.join()


def _carry(one, other, left):
    with suppress(OSError):
        while block := one.recv(4096):
            other.sendall(block[: left[0]])
            left[0] -= len(block)
            if left[0] < 0:
                break
    for end in (one, other):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
