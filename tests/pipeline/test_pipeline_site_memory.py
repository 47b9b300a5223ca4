"""Site memory over whole runs: what repeats is left out of new articles, and what is learnt later changes none that is stored."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from pipeline_house import START, Heard, Moment, Paper, Story, load, newsroom, run, told, toml

from pappus.pipeline import run as run_verbs
from pappus.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from pappus.pipeline import Report
    from pappus.store import Event

LOFT = (
    "The Paper is written by eleven people in a former net loft, and it is read on both sides of the sound each week."
)
CALL = (
    "From the first of the month on the Paper comes out in the evening as well, and its kiosk on the quay stays open."
)
QUOTE = "He declined to comment on the state of the breakwater, as he had done on every day before."
TURN = 32


def stories(numbers: range) -> list[Story]:
    """Return stories, each of a text of its own."""
    return [
        Story(
            slug=f"boat-{number}",
            title=f"Boat number {number} comes home",
            day=START - timedelta(hours=number % 20 + 1),
        )
        for number in numbers
    ]


class House:
    """A newsroom of one channel, and the paper that it reads."""

    def __init__(self, paper: Paper, folder: Path) -> None:
        self.paper = paper
        self.folder = folder
        self.clock = Moment()
        newsroom(folder, toml(paper.url, {"news": "/news.xml"}), self.clock)

    def put(self, some: list[Story], inner: str = "", comment: str = "") -> None:
        """Put pages up, with more after their second paragraph."""
        for story in some:
            head, second, rest = re.split(r"(?<=</p>)", story.page(), maxsplit=2)
            self.paper.put(story.path, f"{head}{second}{inner}{rest}<!-- {comment} -->")

    def gather(self, some: list[Story]) -> Report:
        """Announce these stories, and take them over."""
        self.paper.feed("/news.xml", some)
        return run(load(self.folder, self.clock), ["gather"])

    def saying(self, text: str) -> set[str]:
        """Return which articles say something."""
        with open_store(self.folder / "state") as store:
            return {each.url.rsplit("/", 1)[-1] for _, each in store.articles.changed_since(0) if text in each.body}

    def bodies(self) -> dict[str, str]:
        with open_store(self.folder / "state") as store:
            return {each.url.rsplit("/", 1)[-1]: each.body for _, each in store.articles.changed_since(0)}


@pytest.fixture
def house(paper: Paper, tmp_path: Path) -> House:
    return House(paper, tmp_path / "newsroom")


def paths(some: list[Story]) -> set[str]:
    return {story.path.strip("/") for story in some}


def box(text: str) -> str:
    return f'<div class="loft"><p>{text}</p></div>'


def test_what_repeats_is_left_out_from_the_second_turn_on_and_of_all_later_runs(house: House) -> None:
    some, more = stories(range(TURN + 4)), stories(range(50, 53))
    house.put([*some, *more], box(LOFT) + f"<p>{QUOTE}</p>")
    assert house.gather(some).clean
    assert house.saying(LOFT) == paths(some[:TURN])
    assert house.gather([*more, *some]).clean
    assert house.saying(LOFT) == paths(some[:TURN])
    assert house.saying(QUOTE) == paths([*some, *more])


def test_what_was_learnt_since_makes_no_revision(house: House) -> None:
    some = stories(range(TURN + 4))
    house.put(some, box(LOFT))
    house.gather(some)
    before = house.bodies()
    house.put(some, box(LOFT), "another second")
    house.clock.pass_by(hours=3)
    report = house.gather(some)
    assert report.counts["same"] == len(some)
    assert told(report, "revised") == []
    assert house.bodies() == before


def test_what_is_forgotten_since_makes_no_revision(house: House) -> None:
    some = stories(range(TURN + 4))
    house.put(some, box(LOFT))
    house.gather(some)
    more = stories(range(100, 220))
    house.put(more)
    house.gather(more)
    house.put(some, box(LOFT), "another second")
    house.clock.pass_by(hours=5)
    assert told(house.gather(more), "revised") == []
    assert house.saying(LOFT) == paths(some[:TURN])


def test_a_box_that_comes_to_all_pages_revises_none_once_it_is_known(house: House) -> None:
    some, more = stories(range(8)), stories(range(50, 60))
    house.put(some)
    house.put(more, box(CALL))
    house.gather(some)
    house.put(some, box(CALL))
    house.clock.pass_by(hours=3)
    assert told(house.gather(more), "revised") == []
    assert house.saying(CALL) == paths(more)


def test_a_box_that_came_before_it_was_known_is_announced_once(house: House) -> None:
    some, more = stories(range(8)), stories(range(50, 60))
    house.put(some)
    house.put(more, box(CALL))
    house.gather(some)
    house.put(some[:1], box(CALL))
    house.clock.pass_by(hours=3)
    assert told(house.gather(some), "revised") == [("revised", "news", some[0].path.strip("/"))]
    house.gather(more)
    house.put(some[:1], box(CALL), "another second")
    house.clock.pass_by(hours=5)
    assert told(house.gather(more), "revised") == []
    assert house.saying(CALL) == paths([*some[:1], *more])


def test_a_change_of_the_text_is_a_revision_as_ever(house: House) -> None:
    some = stories(range(TURN + 4))
    house.put(some, box(LOFT))
    house.gather(some)
    house.put(
        some[-1:], box(LOFT) + "<p>It was corrected by the keeper of the harbour on the next day, before noon.</p>"
    )
    house.clock.pass_by(hours=3)
    assert told(house.gather(some), "revised") == [("revised", "news", some[-1].path.strip("/"))]
    assert house.saying("corrected by the keeper") == paths(some[-1:])
    assert house.saying(LOFT) == paths(some[:TURN])


def test_an_article_that_is_announced_at_another_address_is_read_as_it_was(house: House) -> None:
    some = stories(range(TURN))
    house.put(some, box(LOFT))
    house.gather(some)
    link = f'<link rel="canonical" href="{house.paper.url}{some[3].path}">'
    page = house.paper.answers[some[3].path].body.decode().replace("</head>", f"{link}</head>")
    moved = replace(some[3], slug="moved")
    house.paper.put(moved.path, page)
    report = house.gather([moved])
    assert report.counts["same"] == 1
    assert told(report, "new", "revised", "failed") == []
    assert house.saying(LOFT) == paths(some)


def test_an_article_that_is_published_many_times_loses_nothing(house: House) -> None:
    copies = [replace(one, slug="ferry") for one in stories(range(TURN + 8))]
    body = copies[0].page().replace("<article>", '<article class="story">')
    at = [replace(one, slug=f"ferry-{number}", title=f"The ferry, {number}") for number, one in enumerate(copies)]
    for one in at:
        house.paper.put(one.path, body.replace("Boat number 0 comes home", one.title))
    house.gather(at)
    assert len(set(house.bodies().values())) == 1
    assert len(house.bodies()) == len(at)


def test_who_publishes_another_s_paragraph_often_does_not_make_it_vanish(house: House) -> None:
    flood, victim = stories(range(TURN + 8)), stories(range(90, 91))
    house.put(flood, box(QUOTE))
    house.put(victim, f"<p>{QUOTE}</p>")
    house.gather(flood)
    house.gather(victim)
    assert house.saying(QUOTE) == paths([*flood[:TURN], *victim])


class _StoppedError(Exception):
    pass


class _Stopping(Heard):
    """Ends the run from outside when so much has happened."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    def event(self, event: Event) -> None:
        super().event(event)
        if len(self.events) == self.after:
            raise _StoppedError


@pytest.mark.slow
@pytest.mark.parametrize("after", [20, TURN + 3])
def test_a_run_that_was_stopped_ends_in_the_same_articles(house: House, tmp_path: Path, after: int) -> None:
    some = stories(range(2 * TURN + 6))
    house.put(some, box(LOFT))
    house.gather(some)
    other = House(house.paper, tmp_path / "stopped")
    with pytest.raises(_StoppedError):
        run_verbs(load(other.folder, other.clock), _Stopping(after), ["gather"])
    assert 0 < len(other.bodies()) < len(some)
    other.paper.put("/news.xml", "closed for the night", status=500)
    assert told(run(load(other.folder, other.clock), ["gather"]), "failed") == [("failed", "news", "news.xml")]
    other.gather(some)
    assert other.bodies() == house.bodies()
    assert other.saying(LOFT) == paths(some[:TURN])
