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


def test_nothing_is_kept_where_nothing_was_chosen():
    assert kept("<img src=/a.jpg>", ()) == []
