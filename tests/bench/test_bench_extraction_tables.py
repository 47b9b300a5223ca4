import pytest
from bench.extraction import images, metadata, structure
from bench.extraction.peers import Output
from bench.extraction.sets import Page
from msgspec.structs import replace

BASE = "https://news.example/2024/05/story"
HTML = """<nav><p>The first paragraph of it.</p></nav><main>
<p>The first paragraph of it.</p>
<h2>A heading</h2>
<ul><li>An item which the article has</li><li>Subscribe to our letters</li></ul>
<p>The second has <a href="/other?from=story">a link</a> and <a href="#note">a note</a>.</p>
<table><tr><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr></table>
<blockquote>Words that somebody said</blockquote>
<iframe src="https://www.youtube.com/embed/abcdefghijk"></iframe><iframe src="https://ads.example/frame-12345"></iframe>
<p>The last.</p></main><p>Other <a href="/news">news</a>.</p>"""
GOLD = {
    "title": "What is said",
    "authors": ["Ann Eriksen", "Bo Li"],
    "date": "2024-05-01 08:30:00+02:00",
    "topics": ["Seeds", "Wind"],
    "paras": ["The first paragraph of it.", "The second has a link and a note.", "The last."],
    "heads": ["A heading"],
    "images": [
        {
            "is_cover": True,
            "caption": "The wind",
            "versions": [{"url": "https://img.example/a/wind-4711ab_640x480.jpg"}],
        },
        {"is_cover": False, "caption": None, "versions": [{"url": "https://img.example/a/seed-4712cd_640x480.jpg"}]},
    ],
    "text": "The first paragraph of it. A heading An item which the article has The second has a link and a note."
    " Words that somebody said The last.",
}
PAGE = Page("fundus", "one", BASE, HTML, GOLD)


def test_what_stands_between_the_paragraphs_is_looked_up_in_the_page():
    found = structure.gold(PAGE)
    assert found.links == (("news.example/other", "alink"),)
    assert found.items == ("anitemwhichthearticlehas",)
    assert found.quotes == ("Words that somebody said",)
    assert len(found.tables) == 1
    assert found.embeds == ("abcdefghijk",)
    assert found.captions == ("thewind",)


def test_a_whole_copy_keeps_everything():
    output = Output(
        html=HTML + '<img src="https://cdn.example/wind-4711ab.webp">', image="/seed-4712cd.jpg", caption="The wind"
    )
    assert {kind: hits for kind, (hits, count) in structure.kept(PAGE, output).items() if hits != count} == {}


def test_plain_paragraphs_lose_everything_else():
    output = Output(html="".join(f"<p>{text}</p>" for text in GOLD["paras"]))
    assert {kind: hits for kind, (hits, _) in structure.kept(PAGE, output).items() if hits} == {"paragraphs": 3}


def test_a_gold_of_html_is_its_own_measure():
    page = Page("readability", "two", BASE, "", {"html": HTML, "meta": {"title": "A heading"}})
    found = structure.gold(page)
    assert found.headings == ()
    assert len(found.paragraphs) == 6
    kept = structure.kept(page, Output(html=HTML))
    assert all(hits == count for hits, count in kept.values())


SAID = Output(
    title="What  is said",
    authors=("Bo Li", "Ann Eriksen"),
    published="2024-05-01T06:30:20Z",
    image="https://cdn.example/crop/wind-4711ab.webp?w=90",
    tags=("wind", "seeds"),
)


def test_metadata_is_the_same_in_other_words():
    assert {field: hits[0] for field, hits in metadata.measure([PAGE], [SAID]).items()} == dict.fromkeys(
        metadata.FIELDS, 1.0
    )


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("title", {"title": "What is said - News"}),
        ("authors", {"authors": ("Bo Li",)}),
        ("date, minute", {"published": "2024-05-01"}),
        ("date, day", {"published": "2024-05-02T00:30:00Z"}),
        ("lead image", {"image": "https://img.example/a/seed-4712cd_640x480.jpg"}),
        ("lead image", {"image": ""}),
        ("tags, F1", {"tags": ("rain",)}),
    ],
    ids=["site's name", "a name missing", "no time", "next day", "another image", "no image", "other tags"],
)
def test_metadata_that_is_not_the_same_is_no_hit(field, other):
    assert metadata.measure([PAGE], [replace(SAID, **other)])[field] == (0.0,)


def test_a_byline_in_one_line_is_taken_apart():
    assert metadata.measure([PAGE], [replace(SAID, authors=("By Ann Eriksen and Bo Li",))])["authors"] == (1.0,)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("https://a.example/i/photo.jpg?w=90", "https://a.example/i/photo.jpg", True),
        ("https://a.example/i/1200x800/x7f9q2k1.jpg", "https://b.example/x7f9q2k1.webp", True),
        ("https://a.example/20240501/1200x800/a.jpg", "https://a.example/20240501/1200x800/b.jpg", False),
        ("", "", False),
    ],
    ids=["query", "telling run", "day and size", "nothing"],
)
def test_images_are_told_by_their_addresses(first, second, same):
    assert images.same(first, second) is same
