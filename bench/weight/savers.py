"""Programs that save an article's page as one file, each as it is used from the command line. Nothing is asked of the network.

They are handed the saved page. What a page's style sheets, fonts and images would add, which savers put into their file or leave where
they are, is in no figure.
"""

from __future__ import annotations

import html
import json
import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct

from bench.extraction.sets import Page as SavedPage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.extraction.peers.npm import Script
    from bench.weight.pages import Page

_MODULES: Final = Path(__file__).parent / "npm" / "node_modules"
_LIMIT: Final = 120  # seconds for a page
_WRAP: Final = (
    '<!doctype html><html><head><meta charset="utf-8"><title>{title}</title>'
    '<meta name="viewport" content="width=device-width"></head><body><h1>{title}</h1>{text}</body></html>'
)


class Saver(Protocol):
    """A program that saves pages."""

    @property
    def name(self) -> str:
        """With its version."""
        ...

    def save(self, page: Page, folder: Path) -> bytes | None:
        """Return the file that it makes of a page, None if it makes none. ``folder`` is empty."""
        ...


class _Reader(Struct, frozen=True):
    """Mozilla's Readability, in the least of a page: title and text, without a style."""

    script: Script

    @property
    def name(self) -> str:
        """With its version."""
        return f"Readability {self.script.version}, bare"

    def save(self, page: Page, folder: Path) -> bytes | None:  # noqa: ARG002  # no file is needed
        """Return what it takes for the article."""
        try:
            said = self.script.read(SavedPage("", "", page.url, page.html, {}))
        except RuntimeError:
            return None
        return _WRAP.format(title=html.escape(said.title), text=said.html).encode() if said.html else None


class _Program(Struct, frozen=True):
    """One of npm's."""

    title: str
    package: str
    arguments: tuple[str, ...]  # {url}, {page} and {made} are filled in

    @property
    def name(self) -> str:
        """With its version."""
        said = json.loads((_MODULES / self.package / "package.json").read_text(encoding="utf-8"))
        return f"{self.title} {said['version']}"

    def save(self, page: Page, folder: Path) -> bytes | None:
        """Run it."""
        source, made = folder / "page.html", folder / "made.html"
        source.write_text(page.html, encoding="utf-8", errors="replace")
        places = {"url": page.url, "page": str(source), "made": str(made)}
        _run([argument.format_map(places) for argument in self.arguments], folder)
        return made.read_bytes() if made.exists() else None


def _run(command: Sequence[str], folder: Path) -> None:
    """Run a program to its end, or to the end of its time, and end what it has started."""
    program = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    with suppress(subprocess.TimeoutExpired):
        program.wait(_LIMIT)
    with suppress(ProcessLookupError):
        os.killpg(program.pid, signal.SIGKILL)
    program.wait()


def savers() -> Iterator[Saver]:
    """Yield those that can be run here."""
    with suppress(ImportError):
        from bench.extraction.peers.npm import PEERS  # noqa: PLC0415  # only where Node.js is

        yield _Reader(PEERS["readability-js"])
    node = shutil.which("node")
    if node is None or not _MODULES.is_dir():
        return
    yield _Program(
        "percollate",
        "percollate",
        (node, str(_MODULES / "percollate" / "cli.js"), "html", "--no-amp", "--url={url}", "--output={made}", "{page}"),
    )
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is not None:
        sandbox = ("--browser-arg=--no-sandbox",) if os.geteuid() == 0 else ()
        yield _Program(
            "SingleFile",
            "single-file-cli",
            (
                node,
                str(_MODULES / "single-file-cli" / "single-file-node.js"),
                f"--browser-executable-path={browser}",
                "--browser-arg=--host-resolver-rules=MAP * ~NOTFOUND",
                *sandbox,
                "{page}",
                "{made}",
            ),
        )
