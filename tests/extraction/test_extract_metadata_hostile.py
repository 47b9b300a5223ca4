"""Data that are broken, and data that are meant to break."""

from __future__ import annotations

import pytest
import turbohtml
from extract_steps import steps
from hypothesis import given
from hypothesis import strategies as st

from pappus.extraction import metadata
from pappus.extraction.metadata.jsonld import Graph

GOOD = '{"@type": "NewsArticle", "headline": "Boat lost", "datePublished": "2024-05-01T10:20:00Z"}'


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(f"<!-- {GOOD} -->", id="comment"),
        pytest.param(f"\n//<![CDATA[\n{GOOD}\n//]]>\n", id="cdata"),
        pytest.param(f"/*<![CDATA[*/{GOOD}/*]]>*/", id="cdata in a comment"),
        pytest.param(GOOD.replace("}", ",}"), id="trailing comma"),
        pytest.param(f"[{GOOD},]", id="trailing comma in a list"),
        pytest.param(GOOD.replace("Boat lost", "Boat\n lost"), id="line break"),
        pytest.param(GOOD.replace("Boat", r"Bo\at"), id="no escape"),
        pytest.param(GOOD + ";", id="semicolon"),
        pytest.param(f'{{"@type": "WebSite"}}{GOOD}', id="one after another"),
        pytest.param(GOOD.replace('"', "&quot;"), id="entities"),
        pytest.param(GOOD[:-1] + ', "text": "he said "hello""}', id="quotes inside"),
        pytest.param(GOOD[:-1] + ', "author": {"name": "A', id="cut off"),
        pytest.param(f'{{"@graph": [[{GOOD}]]}}', id="graph"),
    ],
)
def test_broken_json_is_mended(script):
    node = next(one for one in Graph([script]).nodes if one.get("@type") == "NewsArticle")
    assert " ".join(node["headline"].split()) == "Boat lost"
    assert node["datePublished"] == "2024-05-01T10:20:00Z"


def test_what_is_not_about_an_article_is_not_guessed_at():
    assert Graph(['{"@type": "Organization", "headline": "x", ']).nodes == []


@pytest.mark.parametrize(
    "head",
    [
        pytest.param("<script type='application/ld+json'>" + "[" * 900_000 + "</script>", id="deep"),
        pytest.param("<script type='application/ld+json'>" + '{"@graph":' * 150_000 + "</script>", id="deep graph"),
        pytest.param("<script type='application/ld+json'>[" + "{}," * 600_000 + "{}]</script>", id="many"),
        pytest.param("<script type='application/ld+json'>" + ";" * 1_900_000 + "x</script>", id="signs"),
        pytest.param(
            "<script type='application/ld+json'>" + '{"@type":"Article","a":"' + "\\" * 1_500_000 + "</script>",
            id="escapes",
        ),
        pytest.param(
            "<script type='application/ld+json'>" + '"author":{"name":"' * 100_000 + '"@type":"Article"</script>',
            id="authors",
        ),
        pytest.param(
            '<script type=\'application/ld+json\'>{"@type":"Article"' + " " * 1_900_000 + "</script>", id="spaces"
        ),
        pytest.param("<meta name='author' content='" + "by " * 500_000 + "'>", id="by"),
        pytest.param("<meta name='keywords' content='" + "a, " * 500_000 + "'>", id="keywords"),
        pytest.param("<title>" + " - " * 500_000 + "</title>", id="separators"),
        pytest.param("<meta property='article:published_time' content='" + "1 May " * 300_000 + "'>", id="dates"),
        pytest.param("<meta name='a' content='x'>" * 60_000, id="metas"),
        pytest.param("<link rel='canonical' href='/'>" * 60_000, id="links"),
        pytest.param("<h1>a title | of it</h1>" * 60_000, id="headings"),
        pytest.param("<h1>a</h1>" + "<time>1 May</time>" * 60_000, id="times"),
        pytest.param("<h1>a</h1>" + "<div class=byline><div itemprop=author>" * 300 + "By " * 200_000, id="bylines"),
        pytest.param("<h1>a</h1>" + "<i><a href=/tag/a>a</a></i>" * 60_000, id="tags"),
        pytest.param(
            "<div itemscope itemtype=x/Person><b itemprop=name>" * 250 + "<b itemprop=author>" * 250, id="items"
        ),
        pytest.param("<h1>" + "<b>" * 400 + "x" * 2_000_000 + "</h1>", id="long heading"),
    ],
)
def test_hostile_pages_take_no_more_than_their_share_of_work(head):
    document = turbohtml.parse(head)
    assert steps(lambda: metadata.read(document, "https://example.com/a")) < 50_000 + len(head)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_any_text_anywhere_gives_metadata(text):
    quoted = text.replace("&", "&amp;").replace("'", "&#39;")
    names = (
        "author",
        "og:title",
        "article:published_time",
        "og:image",
        "keywords",
        "article:tag",
        "og:site_name",
        "og:locale",
    )
    head = "".join(f"<meta property='{name}' content='{quoted}'>" for name in names)
    link = f"<a rel=tag href='{quoted}'>{quoted}</a>"
    body = f"<h1>{quoted}</h1><p class='byline'>{quoted}</p><time datetime='{quoted}'>{quoted}</time>{link}"
    script = f"<script type='application/ld+json'>{text}</script>"
    metadata.read(turbohtml.parse(f"<title>{quoted}</title>{head}{script}{body}"), "https://example.com/a")
