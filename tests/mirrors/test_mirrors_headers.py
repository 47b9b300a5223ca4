"""What nginx and Caddy say with a site's files: the real servers, on loopback, with what we wrote for them."""

from __future__ import annotations

import gzip
import http.client
import os
import re
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import brotli
import pytest

from pappus.mirrors import beside
from pappus.mirrors.headers import ALWAYS
from ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = b"<!doctype html><title>News</title>" + b"news " * 400
MEDIUM = f"media/2026/11/05/{'a' * 64}.webp"
SMALLER = f"media/2026/11/05/bb/{'b' * 64}-400.avif"
FILES = {
    "index.html": PAGE,
    "404.html": b"<title>No page</title>",
    "feeds/all.atom": PAGE,
    MEDIUM: b"RIFF",
    SMALLER: b"ftyp",
    "mirror.json": b"{}",
    "metadata/timestamp.json": b"{}",
}
NGINX, CADDY = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin"), shutil.which("caddy")
BROTLI = "/usr/lib/nginx/modules/ngx_http_brotli_static_module.so"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "www/deep/news"
    for path, data in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    for path in ("index.html", "feeds/all.atom"):
        (folder / f"{path}.gz").write_bytes(gzip.compress(PAGE, mtime=0))
        (folder / f"{path}.br").write_bytes(brotli.compress(PAGE))
    return folder


@contextmanager
def _running(port: int, work: Path, *command: str) -> Iterator[int]:
    own = {"HOME": str(work), "XDG_CONFIG_HOME": str(work), "XDG_DATA_HOME": str(work)}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=os.environ | own)
    try:
        for _ in range(400):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
                break
            except ConnectionRefusedError:
                if process.poll() is not None:
                    raise AssertionError(process.stderr.read().decode()) from None  # type: ignore[union-attr]
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.communicate(timeout=30)


def _nginx(site: Path, work: Path, where: str) -> Iterator[int]:
    (site / "nginx.conf").write_bytes(beside("nginx", "site")["nginx.conf"])
    port, snippet = free_port(), site / "nginx.conf"
    text = snippet.read_text(encoding="utf-8")
    modules = f"load_module {BROTLI};" if Path(BROTLI).exists() else ""
    if modules:
        snippet = work / "with-brotli.conf"
        snippet.write_text(text.replace("# brotli_static on;", "brotli_static on;"), encoding="utf-8")
    inner = f"root {site}; error_page 404 /404.html; include {snippet};"
    if where == "a location":
        inner = f"root {site.parent.parent}; location /deep/news/ {{ include {snippet}; }}"
    (work / "main.conf").write_text(
        f"{modules} daemon off; master_process off; pid {work}/pid; error_log stderr; events {{}}\n"
        f"http {{ include /etc/nginx/mime.types; access_log off; client_body_temp_path {work}; proxy_temp_path {work};"
        f" fastcgi_temp_path {work}; uwsgi_temp_path {work}; scgi_temp_path {work};"
        f" server {{ listen 127.0.0.1:{port}; {inner} }} }}\n",
        encoding="utf-8",
    )
    with _running(port, work, str(NGINX), "-c", str(work / "main.conf"), "-p", str(work)) as running:
        yield running


def _caddy(site: Path, work: Path, where: str) -> Iterator[int]:
    (site / "Caddyfile").write_bytes(beside("caddy", "site")["Caddyfile"])
    port = free_port()
    inner = f"root * {site}\nimport {site}/Caddyfile"
    lost = "handle_errors {\nrewrite * /404.html\nfile_server\n}\n"
    if where == "a location":
        lost = ""
        inner = f"handle_path /deep/news/* {{\n{inner}\n}}"
    (work / "main").write_text(
        f"{{\nadmin off\nauto_https off\nstorage file_system {work}\n}}\nhttp://127.0.0.1:{port} {{\n{inner}\n{lost}}}\n",
        encoding="utf-8",
    )
    with _running(port, work, str(CADDY), "run", "--adapter", "caddyfile", "--config", str(work / "main")) as running:
        yield running


SERVERS = [
    pytest.param(
        server,
        where,
        id=f"{name} in {where}",
        marks=[
            getattr(pytest.mark, name),
            pytest.mark.skipif(path is None, reason=f"{name} is not installed"),
        ],
    )
    for name, server, path in (("nginx", _nginx, NGINX), ("caddy", _caddy, CADDY))
    for where in ("a server", "a location")
]


def ask(port: int, path: str, accept: str = "identity") -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Accept-Encoding": accept})
    answer = connection.getresponse()
    headers: dict[str, str] = {}
    for name, value in answer.getheaders():
        assert name.lower() not in headers, f"{name} twice"
        headers[name.lower()] = value
    return answer.status, headers, answer.read()


@pytest.mark.parametrize(("server", "where"), SERVERS)
def test_a_server_says_what_pages_cannot_and_serves_what_is_packed(server, where, site, tmp_path):
    root = "/deep/news/" if where == "a location" else "/"
    serving = contextmanager(server)
    work = tmp_path / "work"
    work.mkdir()
    with serving(site, work, where) as port:
        answers = {path: ask(port, root + path) for path in ("", *FILES)}
        for path, (status, headers, body) in answers.items():
            assert status == 200
            assert body == FILES[path or "index.html"]
            assert {name: headers.get(name.lower()) for name in ALWAYS} == dict(ALWAYS)
            assert headers["cross-origin-resource-policy"] == (
                "cross-origin" if path in {MEDIUM, SMALLER} else "same-origin"
            )
        kept = {path: headers["cache-control"] for path, (_, headers, _) in answers.items()}
        assert "immutable" in kept.pop(MEDIUM)
        assert "immutable" in kept.pop(SMALLER)
        assert kept.pop("mirror.json") == kept.pop("metadata/timestamp.json") == "no-cache"
        assert {int(re.fullmatch(r"public, max-age=(\d+)", value)[1]) <= 300 for value in kept.values()} == {True}
        assert "text/html" in answers[""][1]["content-type"]
        for path in ("index.html", "feeds/all.atom"):
            _, headers, body = ask(port, root + path, "gzip")
            assert headers["content-encoding"] == "gzip"
            assert gzip.decompress(body) == PAGE
            assert headers["x-content-type-options"] == "nosniff"
            _, headers, body = ask(port, root + path, "gzip, br")
            if headers["content-encoding"] == "br":
                assert brotli.decompress(body) == PAGE
            else:
                assert server is _nginx
                assert not Path(BROTLI).exists()
        for path in ("nginx.conf", "Caddyfile", "nowhere.html"):
            status, headers, body = ask(port, root + path)
            assert status == 404
            assert where != "a server" or body == FILES["404.html"]
            if server is _nginx:
                assert headers["referrer-policy"] == "no-referrer"


def test_the_file_of_headers_is_within_its_hosts_limits_and_no_header_comes_twice():
    text = beside("netlify", "site")["_headers"].decode()
    assert text == beside("cloudflare-pages", "site")["_headers"].decode()
    rules: dict[str, dict[str, str]] = {}
    for line in text.splitlines()[1:]:
        if line.startswith("  "):
            name, _, value = line.strip().partition(": ")
            assert len(line) < 2000
            rules[next(reversed(rules))][name] = value
        else:
            assert line.count("*") == 1
            rules[line] = {}
    assert dict(ALWAYS) == rules.pop("/*")
    for path, said in rules.items():
        assert not set(said) & set(ALWAYS), path
    assert "immutable" in rules["/media/*"]["Cache-Control"]
    assert len(rules) < 100
