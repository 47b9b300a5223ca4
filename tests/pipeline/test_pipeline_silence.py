"""A mirror that does not answer delays no other: not within a run, and not the next ones by its time limit. Nor does a slow source."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from pipeline_house import Moment, Paper, Story, load, many, newsroom, run, told, toml, tree

from pappus.config import FILE
from pappus.pipeline import publish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

    from pappus.pipeline import Report


class Deaf:
    """A server that takes connections and never answers; ``heard`` counts them."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.port = self._socket.getsockname()[1]
        self._held: list[socket.socket] = []

    def heard(self) -> int:
        """Return how many connections came since the last call."""
        count = 0
        while True:
            try:
                self._held.append(self._socket.accept()[0])
            except BlockingIOError:
                return count
            count += 1

    def close(self) -> None:
        for one in (*self._held, self._socket):
            one.close()


@pytest.fixture
def deaf() -> Iterator[Deaf]:
    one = Deaf()
    yield one
    one.close()


def was_asked(report: Report, deaf: Deaf) -> bool:
    """Whether it was the deaf one alone that failed, and not for being left alone: on a busy machine no connection may come in time."""
    (event,) = (event for event in report.events if event.kind == "failed")
    assert event.place == "deaf"
    heard, left_alone = deaf.heard(), "is left alone" in event.reason
    assert left_alone != ("was not done after" in event.reason)
    assert not (left_alone and heard)
    return not left_alone


def test_a_mirror_that_does_not_answer_is_left_alone_for_longer_and_longer(
    tmp_path: Path, paper: Paper, deaf: Deaf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "_PAUSES", ())
    monkeypatch.setattr(publish.random, "uniform", lambda _low, _high: 1.0)
    stories = many(8)
    paper.stories(stories)
    clock = Moment()
    text = toml(paper.url, {"all": "/all.xml"})
    text += (
        '[[mirrors]]\nname = "deaf"\nkind = "git"\ntimeout = 1.0\n'
        f'remote = "http://127.0.0.1:{deaf.port}/news.git"\naddress = "https://deaf.example/"\n'
    )
    newsroom(tmp_path, text)
    asked = []
    for number in range(5):
        paper.feed("/all.xml", stories[5 - number :])
        report = run(load(tmp_path, clock))
        assert {event.place for event in report.events if event.kind == "published"} == {"forge", "folder"}
        asked.append(was_asked(report, deaf))
        clock.pass_by(minutes=3)
    assert asked == [True, True, False, True, False]  # after the second time for five minutes, then for ten
    report = run(load(tmp_path, clock))
    assert not was_asked(report, deaf)
    (event,) = (event for event in report.events if event.kind == "failed")
    assert "is left alone until 12:19 UTC" in event.reason
    assert "pappus publish" in event.reason
    assert was_asked(run(load(tmp_path, clock), ["publish"]), deaf)  # who publishes by hand asks everybody
    (tmp_path / FILE).write_text(text.replace(f"http://127.0.0.1:{deaf.port}/news.git", "mirrors/deaf.git"))
    assert run(load(tmp_path, clock), ["publish"]).clean
    (tmp_path / FILE).write_text(text)
    assert was_asked(run(load(tmp_path, clock)), deaf)  # it had answered, so it is asked


SLOW = """
[[sources]]
name = "slow"
title = "Slow"
licence = "CC0"
local = true
[[sources.channels]]
name = "late"
title = "Late"
url = "{}/late.xml"
"""


@pytest.mark.slow
def test_a_source_that_drags_on_does_not_keep_what_others_tell_from_readers(tmp_path: Path, paper: Paper) -> None:
    """Thousands of pages, each of which comes just in time, would keep a run busy for days."""
    prompt, late = many(3), [Story(slug=f"late-{number}", title=f"Late boat {number}") for number in range(3)]
    paper.stories([*prompt, *late])
    paper.feed("/news.xml", prompt)
    paper.feed("/late.xml", late)
    released = threading.Event()

    def wait(_: BaseHTTPRequestHandler) -> None:
        released.wait(60)

    paper.tricks |= {story.path: wait for story in late[1:]}
    other = paper.url.replace("127.0.0.1", "localhost")  # hosts have limits of their own
    one = newsroom(tmp_path, toml(paper.url, {"news": "/news.xml"}, extra=SLOW.format(other)))
    report = run(replace(one, patience=8.0))
    released.set()
    paper.tricks.clear()
    assert told(report, "failed") == [("failed", "slow", "slow")]
    assert {event.reason for event in report.events if event.kind == "failed"} == {
        "was not done in 8 s (the next run goes on)"
    }
    pages = tree(tmp_path / "mirrors" / "folder" / "pages")
    assert len([path for path in pages if path.startswith("paper/")]) == len(prompt)
    assert run(one).clean
    assert len(tree(tmp_path / "mirrors" / "folder" / "pages")) == len(prompt) + len(late)
