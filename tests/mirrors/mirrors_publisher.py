"""A server and a publisher in processes of their own, which can be killed."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

from mirrors_house import clock, plan, tree, version

from pappus.mirrors import MIRRORS, S3Options

_SERVER = """
import logging, sys, time
from moto.server import ThreadedMotoServer
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


@contextmanager
def server_process():
    """Yield a server of S3 in a process of its own, and its address."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process, f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.communicate(timeout=10)


def publish_as(read, fields, folder, number, files, had, had_number):
    """Publish; run in a process of its own, which counts what it has read to put it."""
    mirror = MIRRORS["s3"](S3Options(name="forge", workspace=Path(folder) / "state", **fields), clock)
    mirror.state()
    wanted = tree(files, number)

    def counted(entry):
        read.release()
        return wanted[entry.path]

    mirror.apply(plan(number, wanted, version(had_number), tree(had, had_number)), counted)


@contextmanager
def publishers():
    """Yield what starts publishers, and returns when they have read so many files: processes forked from one that has no thread."""
    former = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)  # where the one that is forked from finds this module
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])

    def start(files, *arguments):
        read = context.Semaphore(0)
        process = context.Process(target=publish_as, args=(read, *arguments), daemon=True)
        process.start()
        for _ in range(files):
            assert read.acquire(timeout=60)
        return process

    try:
        yield start
    finally:
        with suppress(KeyError):
            del os.environ["PYTHONPATH"]
        if former is not None:
            os.environ["PYTHONPATH"] = former
