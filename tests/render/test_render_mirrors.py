"""The list of mirrors: a page for readers and a file for programs, and an address change that touches nothing else."""

from __future__ import annotations

import json

import pytest
import render_forge
from msgspec import structs
from render_samples import ENGLISH, HELD, OPTIONS
from selectolax.lexbor import LexborHTMLParser
from test_render_indexes import SHELF, built

from pappus.render import LANGUAGES, MirrorInfo, Moved, Touched
from pappus.render.links import of_markdown
from pappus.render.markdown import Markdown

FORGE = MirrorInfo(address="https://forge.example/you/news/blob/main/", home="https://forge.example/you/news")
DISK = MirrorInfo(address="https://news.example/a(b)/", home="https://news.example/a(b)/")
GONE = Moved(address="https://old.example/you_2/*news*/", to=FORGE.address)
AWAY = Moved(address="https://ancient.example/", to="https://elsewhere.example/")
LISTED = {"mirrors": (FORGE, DISK), "moved": (GONE, AWAY)}


def texts(**changes):
    return built(SHELF, **(LISTED | changes))


def edition(**changes):
    return Markdown(structs.replace(OPTIONS, **(LISTED | changes)))


def shown(text):
    return LexborHTMLParser(render_forge.html(text))


def test_programs_find_mirrors_and_moves_sorted():
    text = texts()["mirrors.json"]
    assert text.endswith("}\n")
    assert json.loads(text) == {
        "mirrors": [
            {"address": FORGE.address, "home": FORGE.home},
            {"address": DISK.address, "home": DISK.home},
        ],
        "moved": [
            {"from": AWAY.address, "to": AWAY.to},
            {"from": GONE.address, "to": GONE.to},
        ],
    }
    assert texts(mirrors=(DISK, FORGE), moved=(AWAY, GONE)) == texts()


def test_the_list_for_programs_is_no_markdown():
    kinds = {
        one.entry.path: one.entry.media_type
        for one in edition().indexes(Touched(), SHELF)
        if one.entry.path.startswith("mirrors")
    }
    assert kinds == {"mirrors.md": "text/markdown", "mirrors.json": "application/json"}


def test_readers_can_open_the_homes_of_mirrors_and_read_former_addresses():
    page = shown(texts()["mirrors.md"])
    outside = [(link.attributes["href"], link.text()) for link in page.css("a") if "://" in link.attributes["href"]]
    assert outside == [
        (FORGE.home, FORGE.home),
        ("https://news.example/a%28b%29/", DISK.home),
        (AWAY.to, AWAY.to),
        (FORGE.home, FORGE.home),
    ]
    items = [item.text() for item in page.css("li")]
    assert f"{GONE.address} has moved to {FORGE.home}" in items
    assert "pappus verify" not in page.text()  # nothing is signed
    assert "pappus verify" in shown(texts(signed=True)["mirrors.md"]).text()


def test_home_and_guide_lead_to_the_list_and_the_list_to_the_file():
    listed = texts()
    assert "mirrors.md" in of_markdown(listed["README.md"], "README.md")
    assert "mirrors.md" in of_markdown(listed["guide.md"], "guide.md")
    assert of_markdown(listed["mirrors.md"], "mirrors.md") == {"README.md", "mirrors.json"}


def test_without_mirrors_there_is_no_list_and_no_way_to_it():
    listed = built(SHELF)
    assert {path for path in listed if path.startswith("mirrors")} == set()
    assert "mirrors.md" not in "".join(listed.values())


@pytest.mark.parametrize("only", ["mirrors", "moved"])
def test_one_of_the_two_lists_is_enough(only):
    text = built(SHELF, **{only: LISTED[only]})["mirrors.md"]
    assert ("Addresses that have moved" in text) == (only == "moved")
    assert ("each of these addresses" in text) == (only == "mirrors")


def test_a_changed_address_changes_the_list_alone_and_no_page():
    before, after = edition(), edition(mirrors=(structs.replace(FORGE, address="https://x.example/"), DISK))
    assert (before.chrome, before.frame) == (after.chrome, after.frame)
    assert before.pages(ENGLISH, HELD) == after.pages(ENGLISH, HELD)
    one, other = (
        {made.entry.path: made.body for made in some.indexes(Touched(everything=True), SHELF)}
        for some in (before, after)
    )
    assert {path for path in one if one[path] != other[path]} == {"mirrors.json", "mirrors.md"}


def test_a_list_that_comes_or_goes_has_all_indexes_looked_at_but_no_page():
    with_list, without = edition(), edition(mirrors=(), moved=())
    assert with_list.frame != without.frame
    assert with_list.chrome == without.chrome


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_forge_takes_nothing_away_from_the_list(language):
    text = texts(language=language)["mirrors.md"]
    rendered = render_forge.html(text)
    assert render_forge.kept(rendered) == render_forge.whole(rendered)
    assert shown(text).text().count(GONE.address) == 1
