"""Site memory, the pure part: what repeats over a source's pages and stands apart on this one is left out of its article."""

import asyncio

import pytest
from extract_pages import FIGURE, FILLER, PARAGRAPHS, URL, page

from pappus import urls
from pappus.extraction import NO_RULES, Rules, css
from pappus.extraction.article import article, part
from pappus.extraction.parts import whole
from pappus.extraction.repeats import mark
from pappus.model import NO_TRACES, Fetched, Traces

PLEA = (
    "The Gazette is written by eleven people in a former net loft, and it is read on both sides of the sound each week."
)
BOX = f'<div class="loft"><p>{PLEA}</p></div>'
MIDDLE = PARAGRAPHS + "{}" + PARAGRAPHS.replace("report", "account")
NOTE = "He declined to comment on the state of the breakwater, as he had done before."


def read(inner, repeats=(), rules=NO_RULES, **parts):
    return part(page(MIDDLE.format(inner), **parts), rules, repeats=frozenset(mark(one) for one in repeats))


def body(inner, repeats=(), **parts):
    return read(inner, repeats, **parts).draft.body


@pytest.mark.parametrize("name", ['class="loft"', 'id="loft"'])
def test_a_box_that_repeats_is_left_out(name):
    box = f"<div {name}><p>{PLEA}</p></div>"
    assert PLEA in body(box)
    assert body(box, [PLEA]) == body("")


def test_what_is_not_asked_for_costs_nothing_and_changes_nothing():
    alone = part(page(MIDDLE.format(BOX)))
    assert (alone.draft, alone.traces) == (article(page(MIDDLE.format(BOX))), NO_TRACES)
    assert read(BOX).draft == alone.draft


def test_what_repeats_among_other_paragraphs_stays():
    assert NOTE in body(f"<p>{NOTE}</p>", [NOTE])


@pytest.mark.parametrize("inner", ['<p id="loft">{}</p>', '<div id="entry-7"><p>{}</p></div>', "<div><p>{}</p></div>"])
def test_what_repeats_in_an_element_without_a_name_of_its_kind_stays(inner):
    assert NOTE in body(inner.format(NOTE), [NOTE])


def test_what_repeats_in_a_class_that_other_paragraphs_have_stays():
    text = MIDDLE.replace("<p>", '<p class="text">').format(f'<p class="text" id="p-7">{NOTE}</p>')
    found = part(page(text), repeats=frozenset({mark(NOTE)}))
    assert NOTE in found.draft.body


@pytest.mark.parametrize(
    "inner",
    [
        pytest.param('<h2 class="part">{}</h2>', id="heading"),
        pytest.param('<div class="part"><h2>{}</h2></div>', id="heading-in-a-box"),
        pytest.param('<p class="part">{}</p>', id="name-of-a-part"),
    ],
)
def test_headings_that_recur_stay(inner):
    title = "What happened before"
    text = inner.format(title)
    assert text.count(title) == 1
    assert title in body(f"{text}<p>{FILLER} It was so in March, too, and in the year before that.</p>", [title])


@pytest.mark.parametrize(
    "inner",
    [
        pytest.param('<p class="disclaimer">{}</p>', id="disclaimer"),
        pytest.param('<div class="story-correction"><p>{}</p></div>', id="correction"),
        pytest.param('<p class="agency">Photo: {}</p>', id="credit"),
    ],
)
def test_what_belongs_to_an_article_stays_however_often_it_is_said(inner):
    text = "The Gazette has a share in the ferry, of which this article tells, and takes no part in its affairs."
    shown = inner.format(text)
    assert text in body(shown)
    assert text in body(shown, [text, f"Photo: {text}"])


def test_a_box_with_something_of_its_own_stays_whole():
    box = f'<div class="loft"><p>{PLEA}</p><p>On Monday they were joined by a twelfth, who had sailed round the cape.</p></div>'
    assert body(box, [PLEA]) == body(box)


def test_a_line_that_is_a_link_is_left_out_where_it_repeats():
    line = "All that we know of the breakwater so far"
    assert line in body(f'<p>Read: <a href="/breakwater">{line}</a></p>')
    assert line not in body(f'<p>Read: <a href="/breakwater">{line}</a></p>', [f"Read: {line}"])


def test_nothing_is_taken_out_of_a_table():
    rows = "".join(f'<tr><td><a href="/b/{n}">Boat of the {n} quay</a></td><td>{n} boxes</td></tr>' for n in "abcdef")
    table = f"<table><tr><th>Boat</th><th>Catch</th></tr>{rows}</table>"
    assert body(table, ["Boat of the c quay"]) == body(table)


def test_an_article_at_another_address_is_kept_whole():
    first = read(f"{BOX}{FIGURE}")
    again = part(page(MIDDLE.format(f"{BOX}{FIGURE}")), repeats=first.traces.shown)
    assert again.draft == first.draft


def test_a_version_with_a_little_more_is_kept_whole():
    first = read(BOX)
    news = f"<p>{FILLER} This is new, and was told by the pilot when he had come back.</p>"
    again = part(page(MIDDLE.format(BOX + news)), repeats=first.traces.shown)
    assert again.draft == part(page(MIDDLE.format(BOX + news))).draft


def test_a_picture_that_repeats_is_left_out_with_its_words():
    found = body(FIGURE)
    assert "Eleven boats" in found
    address = "https://www.harbour.example/i/boat-1600.webp"
    assert address in found
    assert body(FIGURE, [address]) == body("")


def test_the_site_s_picture_is_no_lead():
    head = '<meta property="og:image" content="https://www.harbour.example/i/masthead-1200.jpg">'
    assert read("", head=head).draft.lead.src.endswith("masthead-1200.jpg")
    assert read("", ["https://www.harbour.example/i/masthead-1200.jpg"], head=head).draft.lead is None


def test_the_operator_s_own_body_is_not_touched():
    rules = Rules(body=css("article"), whole=True)
    assert PLEA in read(BOX, [PLEA], rules).draft.body


def test_only_what_a_page_showed_makes_a_difference():
    one = read(BOX + FIGURE, [PLEA, "something that stands on other pages"])
    assert one.traces.repeated == {mark(PLEA)}
    assert one.traces.repeated < one.traces.shown
    again = part(page(MIDDLE.format(BOX + FIGURE)), repeats=one.traces.repeated)
    assert (again.draft, again.traces) == (one.draft, one.traces)


def test_every_page_of_an_article_is_read_with_the_same_memory():
    link = '<a href="/news/2026/tide.html?page=2" rel="next">Next</a>'
    second = page(MIDDLE.format(f"{BOX}<p>{NOTE}</p>").replace("Monday", "Tuesday"))

    async def get(url, **_):
        return Fetched(url=url, final_url=url, body=second.body, media_type="text/html", charset="utf-8")

    async def look(fetched, first, number):
        return part(fetched, first=first, number=number, repeats=repeats)

    for repeats in (frozenset(), frozenset({mark(PLEA)})):
        first = part(page(MIDDLE.format(BOX) + link), repeats=repeats)
        found = asyncio.run(whole(first, get, look, urls.canonical(URL)))
        assert "Tuesday" in found.draft.body
        assert (PLEA in found.draft.body) == (not repeats)
        assert {mark(PLEA), mark(NOTE)} < found.traces.shown
        assert found.traces.repeated == repeats


def test_traces_of_two_looks_are_one():
    one, two = (
        Traces(shown=frozenset({mark("a")})),
        Traces(shown=frozenset({mark("b")}), repeated=frozenset({mark("b")})),
    )
    assert one | two == Traces(shown=frozenset({mark("a"), mark("b")}), repeated=frozenset({mark("b")}))
