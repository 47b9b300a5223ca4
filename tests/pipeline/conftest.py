"""The newspaper of the demo, and a newsroom that has mirrored it once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec import Struct

sys.path.insert(0, str(Path(__file__).parent))  # pipeline_house, whichever way pytest is started

from pipeline_host import CHROMIUM
from pipeline_house import Moment, Paper, channels, copy, load, run, toml
from playwright.sync_api import expect, sync_playwright

from pappus.demo.newspaper import Newspaper

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from pappus.pipeline import Newsroom, Report


expect.set_options(
    timeout=30_000
)  # milliseconds, as for all else that a browser is waited for: a busy machine takes its time


@pytest.fixture(scope="session")
def printing_house() -> Iterator[Newspaper]:
    with Newspaper(0) as newspaper:
        yield newspaper


@pytest.fixture
def newspaper(printing_house: Newspaper) -> Newspaper:
    """The newspaper as it is on its first day."""
    printing_house._reached = frozenset()
    printing_house._reach()
    return printing_house


class Courier(Struct, frozen=True):
    """A newsroom that mirrors the newspaper."""

    folder: Path
    clock: Moment
    newsroom: Newsroom
    first: Report

    @property
    def shown(self) -> Path:
        return self.folder / "mirrors" / "folder"

    @property
    def forge(self) -> Path:
        return self.folder / "mirrors" / "forge.git"


@pytest.fixture(scope="session")
def first_day(printing_house: Newspaper, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    folder = tmp_path_factory.mktemp("courier") / "newsroom"
    folder.mkdir()
    extra = "".join(
        f'[[notices]]\ntext = "Film {n}"\nurl = "https://films.example/{n}"\nrotating = {"true" if n else "false"}\n'
        for n in range(6)
    )
    text = toml(printing_house.url, channels(), extra=extra)
    text = f'recommended = ["{printing_house.url}/en/lighthouse-open-day.html"]\n{text}'
    (folder / "pappus.toml").write_text(text, encoding="utf-8")
    printing_house._reached = frozenset()
    printing_house._reach()
    return folder, run(load(folder))


@pytest.fixture
def courier(first_day: tuple[Path, Report], newspaper: Newspaper, tmp_path: Path) -> Courier:
    """A newsroom of the test's own, after its first run."""
    folder, clock = copy(first_day[0], tmp_path / "courier"), Moment()
    newspaper._log.clear()
    return Courier(folder=folder, clock=clock, newsroom=load(folder, clock), first=first_day[1])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Lend Chromium to a module of which no test runs a newsroom: its loop has the thread until the module is through."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def paper() -> Iterator[Paper]:
    with Paper() as one:
        yield one
