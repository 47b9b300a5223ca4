"""A mirror that does not answer delays no other: not within a run, and not the next ones by its time limit."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from pipeline_house import Moment, Paper, load, many, newsroom, run, toml

from pappus.config import FILE
from pappus.pipeline import publish

if TYPE_CHECKING:
    from collections.abc import Iterator
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
