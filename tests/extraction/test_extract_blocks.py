import pytest

from pappus.extraction import blocks, page


def read(source):
    return blocks.read(page.parse(source, "https://example.org/").document)


def texts(source):
    return [block.text if block.kind == "text" else f"<{block.element.tag}>" for block in read(source).blocks]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("<p>one<p>two", ["one", "two"], id="paragraphs"),
        pytest.param("<p>one <b>two</b>\n three", ["one two three"], id="inline"),
        pytest.param("<x-story>one <x-part>two</x-part></x-story>", ["one two"], id="unknown-elements-are-inline"),
        pytest.param("<div>one<p>two</p>three</div>", ["one", "two", "three"], id="loose-text"),
        pytest.param("<div>a<br>b<br> <br>c<br><br><br>d</div>", ["a\nb", "c", "d"], id="two-breaks-end-a-paragraph"),
        pytest.param("<span>a<br><br>b <i>c</i></span>d", ["a", "b cd"], id="breaks-inside-inline"),
        pytest.param("<a href=/>x<div>y</div>z</a> w", ["x", "y", "z w"], id="blocks-inside-inline"),
        pytest.param("<b>x<i>y<p>z</p>w</i>v</b>u", ["xy", "z", "wvu"], id="blocks-deep-inside-inline"),
        pytest.param("<pre>a\n  b<br>c\n</pre>", ["a\n  b\nc"], id="verbatim"),
        pytest.param("<p>a<script>b</script><style>c</style><!--d-->e", ["ae"], id="opaque"),
        pytest.param("<p>a<span hidden>b</span><span style='display: none'>c</span>d", ["ad"], id="hidden-inline"),
        pytest.param("<p>a <img src=x> b</p>c", ["a b", "<img>", "c"], id="picture-in-a-line"),
        pytest.param("<p>a<br><img src=x><br>b</p>", ["a", "<img>", "b"], id="picture-on-its-own-line"),
        pytest.param("<p>a <iframe src=x></iframe> b</p>", ["a", "<iframe>", "b"], id="player"),
        pytest.param("<p><noscript>on!</noscript><noscript><img src=x></noscript>", ["<noscript>"], id="noscript"),
        pytest.param("<ul><li>a<ul><li>b</ul>c</ul>", ["a", "b", "c"], id="nested-lists"),
        pytest.param("<p>中文　全角</p><p>a\u00a0 b", ["中文　全角", "a\u00a0 b"], id="only-layout-is-folded"),
        pytest.param("", [], id="nothing"),
        pytest.param("<frameset><frame></frameset>", [], id="frames"),
    ],
)
def test_a_page_is_read_as_a_browser_shows_it(source, expected):
    assert texts(source) == expected


def test_links_are_counted_in_inline_and_block_elements():
    counts = [(one.letters, one.linked, one.links) for one in read(
        "<p>ab <a href=/>cd <b>e</b></a> f</p><a href=/><div>g h</div></a><p><a name=x>i</a>").blocks]  # fmt: skip
    assert counts == [(6, 3, 1), (2, 2, 0), (1, 0, 0)]


def test_a_broken_inline_element_becomes_a_frame():
    (_, inner) = read("<section>x<a href=/ class=teaser><p>y</p></a></section>").blocks
    assert [frame.tag for frame in around(inner)] == ["p", "a", "section", "body"]
    assert inner.frame.parent.names == "teaser"
    assert inner.frame.links


def around(block):
    frame = block.frame
    while frame is not None:
        yield frame
        frame = frame.parent


def test_what_is_hidden_says_so():
    (one, two) = read("<div style='color:red; display : none'><p>a</div><p>b").blocks
    assert (one.frame.hidden, two.frame.hidden) == (True, False)


def test_the_rest_of_an_article_behind_a_switch_is_read():
    assert texts(f"<p>a<span style=display:none>{'b ' * 200}</span>") == ["a", ("b " * 200).strip()]


def test_a_heading_that_links_to_itself_leads_nowhere():
    found = read(
        '<h2><a href="#pier">The pier</a></h2><h2><a href="/pier">The pier</a></h2><p><a href="#pier">The pier</a></p>'
    )
    assert [block.linked for block in found.blocks] == [0, 7, 7]


def test_an_id_made_of_a_title_is_no_name():
    found = read(
        '<div id="sharing-boats-with-a-neighbour"><p>Text</p></div><div id="share-box"><p>Text</p></div><h2 id="related">Text</h2>'
    )
    names = [block.frame.names or block.frame.parent.names for block in found.blocks]
    assert [name.strip() for name in names] == ["", "share-box", ""]
