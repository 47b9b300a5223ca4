"""A newsroom with an archive of so many files, signed, and published to a git repository, a folder and a bucket."""

from __future__ import annotations

import json
import os
import random
import shutil
import site
import subprocess
import sysconfig
import time
import urllib.request
import venv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from msgspec import structs

import pappus
from bench.costs import Cost, measured, run
from bench.paper import paragraphs, title
from bench.steps import Quiet
from pappus import config, urls
from pappus.layout import MIRROR_JSON
from pappus.model import Draft, Media, Picture, digest
from pappus.pipeline import Report
from pappus.pipeline.build import build
from pappus.pipeline.publish import publish
from pappus.store import Placing, open_store
from pappus.trust import ceremony

if TYPE_CHECKING:
    from collections.abc import Callable

    from pappus.store import Store

FORGE = "https://forge.example/bench/blob/main/"
CHANNELS = 8
_BUCKET = "bench"
_PICTURE = 600  # bytes: what is measured goes by the number of files
_EVERY = timedelta(minutes=12)  # from one article to the next
_MIDDLE = datetime(
    2026, 10, 15, tzinfo=UTC
)  # when the new articles come: with every size the month's lists are as long
_KEYS = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}

_CHANNEL = """
[[sources.channels]]
name = "section-{number}"
title = "Section {number}"
url = "https://news.example/section-{number}.xml"
"""
_TOML = """
[site]
title = "Bench"
[signing]
[[sources]]
name = "bench"
title = "Bench"
licence = "made for benchmarks"
{channels}
[[mirrors]]
name = "git"
kind = "git"
remote = "{remote}"
address = "{forge}"
timeout = 86400.0
[[mirrors]]
name = "directory"
kind = "directory"
path = "mirrors/folder"
address = "https://news.example/"
timeout = 86400.0
[[mirrors]]
name = "s3"
kind = "s3"
endpoint = "{endpoint}"
bucket = "{bucket}"
address = "https://cdn.example/"
timeout = 86400.0
"""

# The verbs that a run has when nothing was announced, in one process.
_WHOLE = (
    "import atexit, gc, sys; gc.set_threshold(20_000, 20, 20); atexit.register(gc.freeze);"  # as the command does
    "from pathlib import Path; from pappus import config, pipeline;"
    "sys.exit(not pipeline.run(config.load(Path(sys.argv[1])), verbs=('build', 'publish')).clean)"
)


class Press:
    """The newsroom, and all that it does.

    Args:
        folder: for everything; one that was filled before is taken up again.
        endpoint: of an S3 service.
        say: hears how it goes.
    """

    def __init__(self, folder: Path, endpoint: str, say: Callable[[str], None]) -> None:
        self.folder = folder
        self.remote = folder / "mirrors" / "forge.git"
        self.toml = folder / config.FILE
        self._say = say
        self._filled = folder / "filled"  # a file that is there when all else is
        self._articles = 0
        self._first = _MIDDLE
        os.environ |= _KEYS
        # Installed programs have their bytecode; PYTHONDONTWRITEBYTECODE would have them compiled again and again.
        self._environment = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        self._environment["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
        self._endpoint = endpoint
        if not self._filled.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            ceremony.init(folder / "keys", "", ceremony.NewRoots(folder=folder / "offline"), datetime.now(UTC))
        self._python = _installed(folder / "venv")
        self._write_toml("mirrors/forge.git")
        self._newsroom = config.load(self.toml)
        self._put("")

    def fill(self, files: int) -> int:
        """Have so many files, about, in each mirror's tree. Returns how many there are."""
        if self._filled.exists():
            with open_store(self._newsroom.state) as store:
                self._articles, first = store.database.execute(
                    "SELECT count(*), min(published) FROM article"
                ).fetchone()
            self._first = datetime.fromisoformat(first)
        else:
            with mock.patch.object(
                os, "fsync"
            ):  # of files that come by the hundred thousand; what is measured syncs as ever
                self._fill(files)
            self._filled.touch()
        git, *_ = self._newsroom.mirrors
        shown = git.adapter.state().shown
        if shown is None:
            raise SystemExit("nothing is published yet")
        # What a plan starts from is all that a publish asks a bucket for: the first upload would take longer than all else.
        bucket = next(part for part in self._newsroom.mirrors if part.name == "s3")
        self._put(MIRROR_JSON, structs.replace(shown, address=bucket.address, home=bucket.home).dump())
        command = ["git", "-C", str(self.remote), "ls-tree", "-r", "--name-only", "HEAD"]
        count = subprocess.run(command, capture_output=True, check=True).stdout.count(b"\n")
        self._say(f"{count:,} files, {self._articles:,} articles; the bucket holds {MIRROR_JSON} alone")
        return count

    def _fill(self, files: int) -> None:
        costs: dict[str, Cost] = {}
        with measured(costs, "store"):
            articles = (files - 500) // 3  # page, picture and QR image; the rest is indexes and signed metadata
            self._first = _MIDDLE - articles * _EVERY
            self.add(articles)
        with open_store(self._newsroom.state) as store:
            report = Report("bench", Quiet())
            with measured(costs, "build"):
                build(self._newsroom, store, report)
            for part in self._newsroom.mirrors:
                if part.name != "s3":
                    with measured(costs, part.name):
                        publish(structs.replace(self._newsroom, mirrors=(part,)), store, report)
        told = ", ".join(f"{name} {cost.cpu:.0f} s of CPU and {cost.wall:.0f} s" for name, cost in costs.items())
        self._say(f"filled: {told}")

    def move(self, forge: str) -> None:
        """Publish to the same repository by another way: by its forge's address, so that what the forge does is not counted."""
        self._write_toml(f"{forge}/{self.remote.name}")

    def _write_toml(self, remote: str) -> None:
        channels = "".join(_CHANNEL.format(number=number) for number in range(CHANNELS))
        self.toml.write_text(
            _TOML.format(channels=channels, forge=FORGE, remote=remote, endpoint=self._endpoint, bucket=_BUCKET)
        )

    def _put(self, path: str, data: bytes = b"") -> None:
        """Put an object into the bucket, or make the bucket itself."""
        place = f"{self._endpoint}/{_BUCKET}/{path}"
        put = urllib.request.Request(place, data, {"Content-Type": "application/json"}, method="PUT")  # noqa: S310  # our own server
        urllib.request.urlopen(put, timeout=60).close()  # noqa: S310  # as above

    def add(self, count: int) -> None:
        """Store so many new articles, each with a picture."""
        with open_store(self._newsroom.state) as store, store.database.transaction():
            for number in range(self._articles, self._articles + count):
                _store(store, self._newsroom.state / "media", number, self._first + number * _EVERY)
        self._articles += count

    def steps(self) -> dict[str, Cost]:
        """Build and publish in a process of its own that measures every step."""
        command = [self._python, "-m", "bench.steps", str(self.toml), repr(time.time())]
        done = subprocess.run(command, env=self._environment, stdout=subprocess.PIPE, check=True)
        return {name: Cost(*fields) for name, fields in json.loads(done.stdout).items()}

    def whole(self) -> Cost:
        """Build and publish in one process, from its start to its end."""
        return run([self._python, "-c", _WHOLE, str(self.toml)], environment=self._environment)

    def commands(self) -> Cost:
        """Build and publish by two commands."""
        command = [self._python, "-m", "pappus"]
        where = ["-c", str(self.toml)]
        return run([*command, "build", *where], environment=self._environment) + run(
            [*command, "publish", *where], environment=self._environment
        )


def _installed(folder: Path) -> str:
    """Return a Python for which only Pappus is installed, and not what develops it: some of that would be a part of every start."""
    venv.create(folder, clear=True)
    paths = (*site.getsitepackages(), str(Path(pappus.__file__).parents[1]))
    place = sysconfig.get_path("purelib", "venv", {"base": str(folder)})
    (Path(place) / "pappus.pth").write_text("\n".join(paths))
    return str(folder / "bin" / "python")


def _store(store: Store, media: Path, number: int, when: datetime) -> None:
    picture = random.Random(f"picture {number}").randbytes(_PICTURE)
    shown = Media(digest=digest(picture), media_type="image/png", size=len(picture), width=8, height=8)
    path = media / shown.digest[:2] / shown.digest
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture)
    store.database.execute(
        "INSERT INTO media (digest, media_type, size, width, height) VALUES (?, ?, ?, ?, ?)",
        (shown.digest, shown.media_type, shown.size, shown.width, shown.height),
    )
    url = f"https://news.example/story/{number}"
    draft = Draft(
        url=url,
        title=title(number),
        body=f"<p>{paragraphs(number)[0]}</p>",
        published=when,
        language="en",
        lead=Picture(src=f"media:{shown.digest}", alt="A picture"),
    )
    channel = f"section-{number % CHANNELS}"
    placing = Placing(source="bench", channel=channel, ident=urls.identifier(url), published=when, addresses=(url,))
    store.articles.put(draft, (shown,), placing, when)
