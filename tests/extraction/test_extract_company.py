"""What belongs to text that was chosen comes with it, and what only stands near it does not."""

import pytest

from pappus.extraction import blocks, page
from pappus.extraction.company import accompany
from pappus.extraction.figures import Figures

TEXT = "<p>The new breakwater held.</p>"


def kept(source, chosen=("breakwater",)):
    """Return what is kept once blocks with certain words were chosen."""
    read = page.parse(f"<article>{TEXT}{source}{TEXT}</article>", "https://www.harbour.example/")
    reading = blocks.read(read.document)
    for block in reading.blocks:
        block.kept = any(word in block.text for word in chosen)
    accompany(reading, Figures(reading, read.base))
    return [block.text or block.element.tag for block in reading.blocks if block.kept][1:-1]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("<blockquote>other</blockquote>", [], id="nothing of a quotation"),
        pytest.param("<blockquote class=twitter-tweet>other</blockquote>", ["other"], id="post"),
        pytest.param("<h3>other</h3>", ["other"], id="heading"),
        pytest.param("<div><h3>other</h3></div>", [], id="heading elsewhere"),
        pytest.param("<h3><a href=/>other</a></h3>", [], id="heading that leads away"),
    ],
)
def test_headings_and_posts_between_kept_text_are_kept(source, expected):
    assert kept(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("<img src=/a.jpg>", ["img"], id="alone"),
        pytest.param("<figure><img src=/a.jpg><figcaption>A boat.</figcaption></figure>", ["img"], id="with its words"),
        pytest.param("<div><img src=/a.jpg><p>Advertisement</p></div>", ["img"], id="with a word"),
        pytest.param("<div><img src=/a.jpg><a href=/b>Another story that people read</a></div>", [], id="with a link"),
        pytest.param(f"<div><img src=/a.jpg><p>{'Another story. ' * 30}</div>", [], id="with another text"),
        pytest.param("<div hidden><img src=/a.jpg></div>", [], id="hidden"),
        pytest.param("<iframe src=https://films.example/embed/1></iframe>", ["iframe"], id="player"),
    ],
)
def test_a_picture_is_kept_with_next_to_nothing_round_it_but_its_words(source, expected):
    assert kept(source) == expected


def test_pictures_outside_of_the_text_are_not_kept():
    read = page.parse(
        f"<img src=/a.jpg><p>Menu</p>{TEXT}<a href=/b><img src=/b.jpg><p>Another story that people read</a>",
        "https://www.harbour.example/",
    )
    reading = blocks.read(read.document)
    for block in reading.blocks:
        block.kept = block.kind == "media" or "breakwater" in block.text
    accompany(reading, Figures(reading, read.base))
    assert [block.text or block.element.tag for block in reading.blocks if block.kept] == ["The new breakwater held."]


SLIDE = "<div{1}><img src=/{0}.jpg><p class=caption>Boat {0}</p></div>"


@pytest.mark.parametrize(
    ("above", "expected"),
    [
        pytest.param(SLIDE.format("a", "") + SLIDE.format("b", ""), 2, id="gallery"),
        pytest.param(SLIDE.format("a", ""), 0, id="one picture, which may be the lead"),
        pytest.param(
            SLIDE.format("a", "") + "<div hidden>" + SLIDE.format("a", "") + "</div>", 0, id="one picture twice"
        ),
        pytest.param(SLIDE.format("a", "") + "<p>By Ada Reed</p>" + SLIDE.format("b", ""), 0, id="text between"),
        pytest.param(SLIDE.format("a", "") + SLIDE.format("b", " class=author"), 0, id="portrait"),
        pytest.param("<img src=/a.jpg><img src=/b.jpg>", 0, id="pictures without words"),
    ],
)
def test_a_gallery_between_title_and_text_is_kept(above, expected):
    read = page.parse(
        f"<div>{SLIDE.format('x', '')}{SLIDE.format('y', '')}</div><h1>Tide</h1>{above}{TEXT}",
        "https://www.harbour.example/",
    )
    reading = blocks.read(read.document)
    for block in reading.blocks:
        block.kept = "breakwater" in block.text
    accompany(reading, Figures(reading, read.base))
    assert sum(block.kept for block in reading.blocks if block.kind == "media") == expected


def test_nothing_is_kept_where_nothing_was_chosen():
    assert kept("<img src=/a.jpg>", ()) == []
