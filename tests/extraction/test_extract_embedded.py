"""Articles that pages carry as data for their scripts: the shapes of several systems, and what is no article."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from turbohtml import parse

from pappus.extraction.embedded import body

ONE = "The harbour master said on Monday that the new breakwater had held through the night, and that no boat was lost."
TWO = "Fishermen counted eleven boats with damage, among them the ferry that brings the post to the islands every week."
THREE = "Repairs begin on Wednesday and are to be finished before the winter timetable comes into force in November."
ALL = [f"{text} That was said for the {time} time." for time in ("first", "second") for text in (ONE, TWO, THREE)]
HTML = "".join(f"<p>{text}</p>" for text in ALL)
HEAD = "<title>Breakwater held through the night | Gazette</title>"


def page(*scripts):
    return parse(f"<html><head>{HEAD}</head><body><div id=app></div>{''.join(scripts)}</body></html>")


def data(value):
    text = json.dumps(value).replace("</", "<\\/")
    return f'<script type="application/json">{text}</script>'


def code(text):
    return "<script>" + text.replace("</", "<\\/") + "</script>"


FLIGHT = f'1:["$","div",null,{{"a":1}}]\n2:T{len(HTML):x},{HTML}3:["$","p",null,{{}}]\n'

SHAPES = {
    "next": data({"props": {"pageProps": {"article": {"title": "Breakwater", "body": HTML}}}}),
    "escaped": data({"content": HTML.replace("<", "&lt;").replace(">", "&gt;")}),
    "wordpress": data({"post": {"content": {"rendered": HTML, "protected": False}}}),
    "fusion": code(
        "window.Fusion=window.Fusion||{};Fusion.arcSite='x';Fusion.globalContent="
        + json.dumps({"content_elements": [{"type": "text", "content": text} for text in ALL]})
        + ";Fusion.x={};"
    ),
    "parsed": code(f"window.__PRELOADED_STATE__ = JSON.parse({json.dumps(json.dumps({'story': {'html': HTML}}))});"),
    "assigned": code("window.__STATE__ = " + json.dumps({"story": {"paragraphs": ALL}}) + ";\nboot();"),
    "apollo": code(
        "window.__APOLLO_STATE__="
        + json.dumps({"Article:1": {"blocks": [{"__typename": "Paragraph", "text": one} for one in ALL]}})
    ),
    "prosemirror": data({
        "doc": {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": one}]} for one in ALL]}
    }),
    "portable-text": data({"body": [{"_type": "block", "children": [{"_type": "span", "text": one}]} for one in ALL]}),
    "slate": data({"content": [{"type": "p", "children": [{"text": one}]} for one in ALL]}),
    "slices": data({"slices": [{"primary": {"text": f"<p>{one}</p>"}} for one in ALL]}),
    "json-in-json": data({"state": json.dumps({"article": {"body": HTML}})}),
    "flight": code(f"self.__next_f.push([1,{json.dumps(FLIGHT[:300])}])") + code(f"self.__next_f.push([1,{json.dumps(FLIGHT[300:])}])"),
    "schema.org": f'<script type="application/ld+json">{json.dumps({"@graph": [{"articleBody": chr(10).join(ALL)}]})}</script>',
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_an_article_is_found_in_whatever_shape(shape):
    found = parse(body(page(SHAPES[shape])))
    assert [one.text for one in found.select("p")] == ALL


def test_blocks_keep_what_they_are():
    blocks = [
        {"type": "paragraph", "children": [{"text": f"{ONE} "}, {"type": "link", "children": [{"text": "More"}]}]},
        {"type": "heading", "children": [{"text": "Repairs"}]},
        {"type": "image", "url": "https://gazette.example/boat.jpg", "caption": "A boat"},
        {"type": "blockquote", "children": [{"text": TWO}]},
        {"type": "list", "children": [{"type": "list_item", "children": [{"text": THREE}]}]},
        {"type": "newsletter", "children": [{"text": "Read us every morning, before all the others do."}]},
        *({"type": "paragraph", "children": [{"text": one}]} for one in ALL[3:]),
    ]
    found = body(page(data({"content": blocks})))
    assert found.startswith(
        f"<p>{ONE} More</p><h2>Repairs</h2>"
        '<figure><img src="https://gazette.example/boat.jpg"><figcaption>A boat</figcaption></figure>'
        f"<blockquote>{TWO}</blockquote><ul><li>{THREE}</li></ul><p>{ALL[3]}"
    )


STRANGE = "".join(
    f"<p>The museum of tin toys opens a room for trains, and children may come in number {n}.</p>" for n in range(20)
)


@pytest.mark.parametrize(
    "scripts",
    [
        pytest.param(data({"related": [{"body": HTML}]}), id="beside"),
        pytest.param(data({"stories": [{"headline": "A", "slug": "a", "text": text} for text in ALL]}), id="teasers"),
        pytest.param(data({"body": STRANGE}), id="about-something-else"),
        pytest.param(data({"body": f"<p>{ONE}</p>"}), id="short"),
        pytest.param(code("function f(){return {a:[1,2,3]}}" * 50), id="code"),
        pytest.param('<script type="application/json">{"a": [' + "[" * 5000 + "</script>", id="broken-and-deep"),
        pytest.param("", id="none"),
    ],
)
def test_what_is_no_article_is_not_taken(scripts):
    assert body(page(scripts)) == ""


def test_schema_org_comes_last():
    assert body(page(SHAPES["schema.org"], SHAPES["next"])) == HTML


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("a=[" * 1_000_000, id="opened"),
        pytest.param("a=[1," * 800_000, id="lists"),
        pytest.param(json.dumps(["<p><script" + "<script>" * 400_000]), id="scripts-in-text"),
        pytest.param(json.dumps(["<p>" + "<" * 3_000_000]), id="angles"),
        pytest.param(json.dumps({"articleBody": "a" * 500_000 + " \t" * 900_000}), id="spaces"),
    ],
)
def test_hostile_data_cost_no_more_than_their_length(script):
    for kind in ("", "application/json", "application/ld+json"):
        seen = parse(f"<script type='{kind}'>{script}</script>")
        started = time.thread_time()
        body(seen)
        assert time.thread_time() - started < 20  # seconds of CPU: one at the most; with the square of it, hours


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=200) | st.just(HTML),
    lambda inner: (
        st.lists(inner, max_size=6)
        | st.dictionaries(st.sampled_from(["type", "text", "content", "children", "url", "x"]), inner)
    ),
)


@given(VALUES, st.sampled_from(["", "application/json", "application/ld+json"]))
def test_any_data_can_be_searched(value, kind):
    text = json.dumps(value).replace("</", "<\\/")
    assert isinstance(body(parse(f"<script type='{kind}'>x={text}</script><script type='{kind}'>{text}</script>")), str)
