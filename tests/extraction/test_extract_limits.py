import tracemalloc
from contextlib import suppress

import pytest
from extract_steps import steps

from pappus.errors import ExtractError, MarkupError
from pappus.extraction import blocks, choice, page
from pappus.extraction.article import article
from pappus.model import Fetched

URL = "https://example.org/"
MANY = 100_000
TEXT = "The council met on Tuesday to speak of the bridge. "

HOSTILE = {
    "nested blocks": "<div>" * MANY + "x",
    "nested inline": "<b>" * MANY + "x",
    "nested lists": "<ul><li>" * (MANY // 2) + "x",
    "nested tables": "<table><tr><td>" * (MANY // 3) + "x",
    "blocks in inline": "<span>x<div>" * (MANY // 2),
    "one inline with many blocks": "<span>" + "x<div>y</div>" * (MANY // 2),
    "spans that are not shown": "<span hidden>x" * (MANY // 2),
    "breaks in nested inline": "<x-i>" * 400 + "x<br><br>" * MANY,
    "attributes": "<div " + " ".join(f"a{number}=1" for number in range(MANY)) + ">x",
    "one attribute": "<div class='" + "ad " * MANY + "'><p>x",
    "bad nesting": "<b><i><a><div>" * (MANY // 40) + "</b></i></a>" * (MANY // 40),
    "cells out of tables": "<table>" + "x<tr>y" * (MANY // 2),
    "the same again": f"<p class=a>{TEXT}</p>" * (MANY // 5),
    "headings": "<h1>x</h1>" * MANY,
    "angles": "<" * MANY,
    "comments": "<!--" * MANY,
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.slow
def test_hostile_pages_are_read_or_refused_with_work_that_grows_with_their_length(source):
    def read():
        with suppress(MarkupError):
            reading = blocks.read(page.parse(source, URL).document)
            choice.choose(reading, "x", summary="x", authors=("x",))

    assert steps(read) < 50_000 + 100 * len(source)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<i>x" * 200_001, "200,001 tags"),
        ("".join(f"<BODY a{number}=1>" for number in range(2_000)), "tags of <html> and <body>"),
        ("<p>" + "".join(f"<b c={number}>" for number in range(400)) + "<p>x" * 50_000, "formatting elements"),
    ],
    ids=["tags", "bodies", "formatting"],
)
def test_what_would_cost_more_than_its_length_is_refused_before_a_tree_is_built(source, reason):
    tracemalloc.start()
    with pytest.raises(MarkupError, match=reason):
        page.parse(source, URL)
    assert tracemalloc.get_traced_memory()[1] < 20 * len(source)
    tracemalloc.stop()


@pytest.mark.parametrize("piece", ["<p>x", "<div>x", "<img src=a>"])
def test_a_page_of_too_many_blocks_is_refused_as_the_walk_passes_their_number(piece):
    """Three times as many take no more work."""
    works = []
    for many in (60_000, 180_000):
        document = page.parse("<body>" + piece * many, URL).document

        def walk(document=document):
            with pytest.raises(MarkupError, match="more than 50,000 pieces of text"):
                blocks.read(document)

        works.append(steps(walk))
    assert works[1] < 1.1 * works[0]


def test_a_page_of_too_many_blocks_is_no_article():
    with pytest.raises(ExtractError, match="more than 50,000 pieces of text"):
        article(Fetched(url=URL, final_url=URL, body=b"<p>x" * 60_000, media_type="text/html"))


def test_a_page_of_five_megabytes_takes_fewer_steps_than_it_has_letters():
    source = "<body><article>" + f"<p>{TEXT * 20}</p>" * (5 * 2**20 // (len(TEXT) * 20))
    assert steps(lambda: choice.choose(blocks.read(page.parse(source, URL).document))) < len(source)


@pytest.mark.parametrize(
    ("body", "media_type", "reason"),
    [
        (b"", "text/html", "empty"),
        (b" \n", "text/html", "empty"),
        (b"x", "image/png", "not an HTML page"),
        (b"x" * (page.MAX_BYTES + 1), "text/html", "10,485,760 is the limit"),
    ],
    ids=["nothing", "white space", "an image", "too large"],
)
def test_what_is_no_page_is_refused(body, media_type, reason):
    with pytest.raises(ExtractError, match=reason):
        page.decoded(Fetched(url=URL, final_url=URL, body=body, media_type=media_type))
