"""A newspaper's life, replayed against a git mirror: how a repository grows beside its tree.

``python -m bench.growth`` publishes for 90 days, every half hour, 300 articles a day, each with a photograph and a QR image; signed
metadata changes with each, and the mirror moves house every third day. It prints what a reader's clone weighs beside the files in it.
"""

from __future__ import annotations

import json
import random
import subprocess
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct, field
from rich.console import Console
from rich.table import Table

from bench.costs import Cost, measured
from bench.paper import paragraphs, title
from pappus.layout import HOME_QR, MARKDOWN, MIRRORS_JSON, TIMESTAMP
from pappus.mirrors import MIRRORS, Binding, GitOptions, bind, make_plan
from pappus.model import Artifact, Version, artifact, digest

if TYPE_CHECKING:
    from collections.abc import Iterator

_START = datetime(2026, 1, 1, tzinfo=UTC)
_CHANNELS = 10
_LISTED = 60  # titles of a channel's newest page
_SHOWN = 10  # titles of a channel on the home page
_BINS = 256
_PHOTOGRAPH = 25_000  # bytes
_EDITION = MARKDOWN.edition
_SIGNED_BY = f'"keyid":"{digest(b"key")}"'


class Issue(Struct, frozen=True, kw_only=True):
    """One publish."""

    version: Version
    puts: dict[str, Artifact]
    deletions: list[str]


class Newspaper(Struct):
    """What is published, time after time; the same for the same numbers."""

    articles: int = 0
    release: int = 0
    tree: dict[str, int] = {}  # bytes, by path
    _home: str = ""
    _lists: list[list[str]] = field(default_factory=lambda: [[] for _ in range(_CHANNELS)])
    _months: dict[str, list[str]] = {}
    _bins: list[dict[str, str]] = field(default_factory=lambda: [{} for _ in range(_BINS)])
    _signed: dict[str, tuple[int, str]] = {}  # what the snapshot says, by role
    _former: list[str] = []  # metadata that only the last release needs

    def publish(self, now: datetime, count: int, home: str) -> Issue:
        """Return what changes when so many articles are new, at this address."""
        self.release += 1
        made = list(self._articles(now, count))
        moved, self._home = home != self._home, home
        if moved:
            text = json.dumps({"mirrors": [{"address": home}]}, indent=1)
            made += [_text("mirrors.md", f"# Mirrors\n\n- {home}\n"), _text(MIRRORS_JSON, text)]
        gone = self._former
        made += list(self._sign(made, now))
        version = Version(number=self.release, chain=digest(b"%d" % self.release), release=self.release)
        binding = Binding(
            title="Bench",
            address="https://forge.example/bench/blob/main/",
            home=home,
            edition=_EDITION,
            version=version,
        )
        bound = bind(binding, [one.entry.path for one in made])
        made += [one for one in bound if moved or one.entry.path != HOME_QR]
        for path in gone:
            del self.tree[path]
        self.tree |= {one.entry.path: one.entry.size for one in made}
        return Issue(version=version, puts={one.entry.path: one for one in made}, deletions=gone)

    def _articles(self, now: datetime, count: int) -> Iterator[Artifact]:
        """Yield new pages, their photographs, and the lists that name them."""
        channels, months = set(), set()
        for number in range(self.articles, self.articles + count):
            chance = random.Random(f"article {number}")
            photograph, channel = chance.randbytes(_PHOTOGRAPH), chance.randrange(_CHANNELS)
            media = f"media/{now:%Y/%m/%d}/{digest(photograph)}.jpg"
            page = f"pages/bench/{now:%Y/%m/%d}/{digest(b'%d' % number)[:16]}.md"
            up = "../" * 5
            text = "\n\n".join([*paragraphs(number), *paragraphs(-number)[:3]])
            head = f"# {title(number)}\n\n![]({up}{media})\n\n*{now:%d %B %Y, %H:%M}*"
            yield artifact(media, photograph, "image/jpeg")
            yield _text(page, f"{head}\n\n{text}\n\n---\n\n[Home]({up}README.md) · [Mirrors]({up}mirrors.md)\n")
            line = f"- [{title(number)}](../{page}) {now:%d %B, %H:%M}"
            month = f"indexes/channel-{channel}/{now:%Y-%m}.md"
            self._lists[channel].insert(0, line)
            self._months.setdefault(month, []).insert(0, line)
            channels.add(channel)
            months.add(month)
        self.articles += count
        for channel in sorted(channels):
            yield _text(f"indexes/channel-{channel}.md", "\n".join(self._lists[channel][:_LISTED]))
        for month in sorted(months):
            yield _text(month, "\n".join(self._months[month]))
        yield _text(MARKDOWN.home, "\n\n".join("\n".join(lines[:_SHOWN]) for lines in self._lists))

    def _sign(self, made: list[Artifact], now: datetime) -> Iterator[Artifact]:
        """Yield what signed metadata of these files looks like: bins of digests, a snapshot of all bins, a timestamp."""
        touched = set()
        for one in made:
            number = int(digest(one.entry.path.encode())[:2], 16)
            self._bins[number][one.entry.path] = (
                f'{{"hashes":{{"sha256":"{one.entry.digest}"}},"length":{one.entry.size}}}'
            )
            touched.add(number)
        self._former = [f"metadata/{self.release - 1}.snapshot.json"] if self.release > 1 else []
        for number in sorted(touched):
            role, entries = f"bin-{number:02x}", self._bins[number]
            last, _ = self._signed.get(role, (0, ""))
            lines = ",".join(f'"{path}":{entries[path]}' for path in sorted(entries))
            signed = _signature(f'"targets":{{{lines}}}', last + 1, now)
            yield artifact(f"metadata/{last + 1}.{role}.json", signed, "application/json")
            self._signed[role] = (last + 1, f'"hashes":{{"sha256":"{digest(signed)}"}},"length":{len(signed)}')
            self._former += [f"metadata/{last}.{role}.json"] if last else []
        lines = ",".join(
            f'"{role}.json":{{{said},"version":{count}}}' for role, (count, said) in sorted(self._signed.items())
        )
        snapshot = _signature(f'"meta":{{{lines}}}', self.release, now)
        yield artifact(f"metadata/{self.release}.snapshot.json", snapshot, "application/json")
        yield artifact(TIMESTAMP, _signature(f'"meta":"{digest(snapshot)}"', self.release, now), "application/json")


def _signature(said: str, version: int, now: datetime) -> bytes:
    signed = f'{{"_type":"x","expires":"{now + timedelta(days=7):%Y-%m-%dT%H:%M:%SZ}",{said},"version":{version}}}'
    seal = digest(signed.encode()) * 2
    return f'{{"signatures":[{{{_SIGNED_BY},"sig":"{seal}"}}],"signed":{signed}}}'.encode()


def _text(path: str, text: str) -> Artifact:
    return artifact(path, text.encode(), "text/markdown")


class Mirror:
    """The newspaper's mirror, in a repository of its own, and what it costs."""

    def __init__(self, folder: Path, newspaper: Newspaper) -> None:
        self._remote = folder / "forge.git"
        self._folder = folder
        self._newspaper = newspaper
        self._options = GitOptions(name="forge", workspace=folder / "state", remote=str(self._remote))
        self.cpu: list[float] = []  # seconds of each publish

    def publish(self, now: datetime, count: int, home: str) -> None:
        """Bring out an issue, and put it there by the real adapter."""
        issue = self._newspaper.publish(now, count, home)
        costs: dict[str, Cost] = {}
        with measured(costs, "publish"):
            git = MIRRORS["git"](self._options, lambda: now)
            base = git.state().base
            plan = make_plan(
                _EDITION,
                issue.version,
                base.version if base else None,
                puts=[one.entry for one in issue.puts.values()],
                deletions=issue.deletions,
            )
            git.apply(plan, lambda entry: issue.puts[entry.path].body or b"")
        self.cpu.append(costs["publish"].cpu)

    def clone(self, *options: str) -> int:
        """Return how many bytes a fresh clone's own folder takes."""
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            subprocess.run(
                ["git", "clone", "--quiet", "--bare", *options, self._remote.as_uri(), f"{folder}/clone"],
                check=True,
                env={"PATH": "/usr/bin:/bin", "HOME": folder},
            )
            return sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())

    def commits(self) -> int:
        """Return how many commits the branch has."""
        command = ["git", "--git-dir", str(self._remote), "rev-list", "--count", "main"]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@click.command()
@click.option("--days", default=90, show_default=True)
@click.option("--articles", default=300, show_default=True, help="A day.")
@click.option("--every", default=30, show_default=True, help="Minutes between two publishes.")
@click.option("--moves", default=3, show_default=True, help="Days between two changes of the address.")
@click.option("--look", default=5, show_default=True, help="Days between two looks at clones.")
@click.option("--scale", default=1.0, show_default=True, help="Of articles and publishes; less for a quick look.")
def main(*, days: int, articles: int, every: int, moves: int, look: int, scale: float) -> None:
    """Replay, and print."""
    times = max(1, round(24 * 60 / every * scale))  # a day
    daily = max(1, round(articles * scale))
    table = Table(title=f"{days} days of {daily} articles and {times} publishes, a new address every {moves} days")
    for column in (
        "day",
        "files",
        "tree (MB)",
        "clone, depth 1 (MB)",
        "clone (MB)",
        "clone / tree",
        "commits",
        "CPU a publish (ms)",
    ):
        table.add_column(column, justify="right")
    begun = begun_anew = 0
    worst = 0.0
    with tempfile.TemporaryDirectory(prefix="pappus-growth-") as folder:
        newspaper = Newspaper()
        mirror = Mirror(Path(folder), newspaper)
        for number in range(days * times):
            day = number // times
            count = daily * (number % times + 1) // times - daily * (number % times) // times
            now = _START + timedelta(days=day, minutes=24 * 60 / times * (number % times))
            mirror.publish(now, count, f"https://{day // moves}.example/")
            commits = mirror.commits()
            begun_anew += commits == 1 and begun > 1
            begun = commits
            if (number + 1) % (times * look) == 0 or number + 1 == days * times:
                tree, clone = sum(newspaper.tree.values()), mirror.clone()
                worst = max(worst, clone / tree)
                row = [
                    len(newspaper.tree),
                    tree / 1e6,
                    mirror.clone("--depth=1") / 1e6,
                    clone / 1e6,
                    clone / tree,
                    commits,
                ]
                cpu = 1000 * sum(mirror.cpu) / len(mirror.cpu)
                mirror.cpu.clear()
                shown = [f"{one:,}" if isinstance(one, int) else f"{one:,.2f}" for one in row]
                table.add_row(str(day + 1), *shown, f"{cpu:.0f}")
                click.echo(" ".join([str(day + 1), *shown, f"{cpu:.0f}"]), err=True)
    Console(width=160).print(table)
    click.echo(f"clone / tree at most {worst:.2f}; the history was begun anew {begun_anew} times")


if __name__ == "__main__":
    main()
