"""Whatever comes in, a draft comes out or one error of ours, and the work grows no faster than the page."""

from __future__ import annotations

import re
from functools import partial

import pytest
from extract_steps import steps
from hypothesis import example, given
from hypothesis import strategies as st

import pappus
from pappus import markup
from pappus.errors import ExtractError, MarkupError
from pappus.model import Draft

URL = "https://harbour.example/news/boats"
_SENTENCE = "The ferry left the harbour at noon, and nobody on the quay could say when it would be back. "
_PIECES = st.sampled_from(
    """
    <p> </p> <div> </div> <article> </article> <main> <table> <tr> <td> </table> <ul> <li> </ul> <a␣href="/x"> </a> <b> </b>
    <script> </script> <style> </style> <!-- --> <svg> <math> <template> </template> <select> <option> <textarea> <title> </title>
    <h1> </h1> <h2> </h2> <figure> <figcaption> </figure> <img␣src=a.jpg> <picture> <source␣srcset="a␣2x"> <noscript> </noscript>
    <iframe␣src=//v.example> <video> <br> <body> <html> <head> <frameset> <plaintext>
    <form> </form> <input> <meta␣charset=x> &nbsp; &#0;
    <script␣type="application/ld+json">{"@type":"Article","author":[[],{}],"datePublished":"0000-99-99"}</script>
    <meta␣property=article:published_time␣content=9999-12-31T23:59:59+23:59> <time␣datetime=-1> <base␣href=javascript:x>
    <link␣rel=canonical␣href="http://[::1"> <span␣itemscope␣itemtype=http://schema.org/Article␣itemid=x>
    """.replace("\n", " ").split(" ")
).map(lambda piece: piece.replace("␣", " "))  # as a space parts them


def _tried(page: str | bytes) -> Draft | ExtractError:
    try:
        return pappus.extract(page, URL)
    except ExtractError as error:
        return error


@given(st.binary(max_size=2_000))
@example(b"")
@example(b"\x00" * 100)
@example(b"\xff\xfe<\x00p\x00>\x00")
@example(b"<meta charset=utf-7>+ADw-script+AD4-")
def test_any_bytes_give_a_draft_or_an_error_of_ours(page):
    _tried(page)


@given(st.lists(st.one_of(_PIECES, st.just(_SENTENCE), st.text(max_size=40)), max_size=60))
def test_any_markup_gives_a_clean_draft_or_an_error_of_ours(pieces):
    draft = _tried("".join(pieces))
    if isinstance(draft, Draft):
        assert markup.clean(draft.body, images="remote") == draft.body
        assert 0 <= draft.score <= 1
        for moment in (draft.published, draft.updated):
            assert moment is None or moment.tzinfo is not None


@given(st.data())
def test_a_page_that_is_cut_anywhere_gives_a_draft_or_an_error_of_ours(data):
    page = _article(30)
    cut = data.draw(st.integers(min_value=0, max_value=len(page)))
    _tried(page[:cut])
    _tried(page[cut:])


def test_the_same_page_gives_the_same_draft():
    assert pappus.extract(_article(30), URL) == pappus.extract(_article(30), URL)


def test_text_and_bytes_give_the_same_draft():
    page = _article(12)
    assert pappus.extract(page, URL) == pappus.extract(page.encode(), URL)


def _article(paragraphs: int) -> str:
    body = "".join(f"<p>{number}. {_SENTENCE * 3}</p>" for number in range(paragraphs))
    return (
        "<!DOCTYPE html><html lang=en><head><title>Ferries – Harbour News</title></head><body><nav><a href=/>Home</a></nav>"
        f"<article><h1>Ferries</h1><p class=byline>By Ada Quay</p>{body}</article><footer>About us</footer></body></html>"
    )


_FLOODS = {
    "nested": lambda n: "<div>" * n + _SENTENCE,
    "nested inline": lambda n: "<p>" + "<b><i>" * (n // 2) + _SENTENCE,
    "nested lists": lambda n: "<ul><li>" * n + _SENTENCE,
    "nested tables": lambda n: "<table><tr><td>" * n + _SENTENCE,
    "paragraphs": lambda n: f"<article>{f'<p>{_SENTENCE}</p>' * n}</article>",
    "attributes": lambda n: f"<div {' '.join(f'a{number}=x' for number in range(n))}>{_SENTENCE}</div>",
    "links": lambda n: f"<p>{'<a href=/x>word </a>' * n}</p>",
    "images": lambda n: "".join(
        f"<figure><img src=/{number}.jpg><figcaption>x</figcaption></figure>" for number in range(n)
    ),
    "breaks": lambda n: f"<div>{(_SENTENCE + '<br>') * n}</div>",
    "misnested": lambda n: "<a href=/x><b><p>word" * n,
    "json": lambda n: f'<script type="application/ld+json">{"[" * n}</script><p>{_SENTENCE}</p>',
    "unclosed": lambda n: "<p>" + "<" * n,
    "entities": lambda n: f"<p>{'&amp;lt;' * n}</p>",
    "one word": lambda n: f"<p>{'x' * n}</p>",
    **{
        f"signs, {name}": lambda n, sign=sign: f"<p>{_SENTENCE}{sign * n}.</p>"
        for name, sign in {
            "no-break spaces": "\u00a0",
            "their references": "&nbsp;",
            "ampersands": "&",
            "angles": "&lt;",
            "quotes": "\"'»",
            "soft hyphens": "\u00ad",
            "combining marks": "\u0301",
            "zero-width joiners": "\u200d",
            "overrides": "\u202e",
            "stops": ".",
            "digits": "1",
        }.items()
    },
    "spaces": lambda n: f"<p>{' ' * n}x</p>",
    "classes": lambda n: "".join(f"<div class='c{number} share-{number}'>x</div>" for number in range(n)),
}


@pytest.mark.parametrize("kind", _FLOODS)
def test_a_flood_takes_no_more_than_its_share_of_work(kind):
    """Eight times as much may not take more than sixteen times the steps: what is quadratic takes sixty-four times."""
    make = _FLOODS[kind]
    few, many = (steps(partial(_tried, make(number))) for number in (300, 2_400))
    assert many < 16 * max(few, 2_000)


@pytest.mark.parametrize("sign", ["\u00a0", "&nbsp;", "&", "&amp;", "©", "\u00ad"], ids=ascii)
@pytest.mark.parametrize(
    "place", ["<p>{}</p>", "<p><img src=/a.jpg alt='{}'>And so on.</p>"], ids=["text", "attribute"]
)
def test_a_flood_of_signs_to_be_escaped_does_not_reach_the_serializer(sign, place):
    """It looks through the rest of the text at each of them, in C, where no steps can be counted."""
    with pytest.raises(MarkupError, match="signs that have to be escaped"):
        markup.clean(place.format(f"Noon.{sign * 300_000}"), images="remote")


@pytest.mark.parametrize("sign", ["\u00a0", "&amp;", "« Oui ! »"], ids=ascii)
def test_many_signs_to_be_escaped_in_texts_as_people_write_them_are_no_flood(sign):
    source = f"<p>{f'{_SENTENCE}{sign} ' * 10}</p>" * 2_000
    assert markup.text(markup.clean(source, images="remote")).count("ferry") == 20_000


def test_five_megabytes_are_read():
    page = _article(18_000)
    assert len(page) > 5_000_000
    draft = pappus.extract(page, URL)
    assert len(re.findall(r"<p>\d+\.", draft.body)) > 17_000


def test_a_hundred_thousand_elements_inside_one_another_are_handled():
    assert isinstance(_tried("<div>" * 100_000 + _SENTENCE * 10), Draft | ExtractError)
