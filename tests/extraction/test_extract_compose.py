"""Blocks become markup of our subset: nothing of what they say is lost, moved, said twice or glued together."""

import pytest

from pappus import markup
from pappus.extraction import blocks, page
from pappus.extraction.compose import compose
from pappus.extraction.figures import Figures

URL = "https://www.harbour.example/news/tide.html"
BEFORE, AFTER = "<p>Before it.</p>", "<p>It came after the storm had gone.</p>"


LONG = " ".join(["The harbour master said that the new breakwater had held."] * 9)


def composed(source, title="", kept=lambda block: True):
    """Return the markup of a page's blocks as it is written, which the sanitiser leaves as it is."""
    read = page.parse(source, URL)
    reading = blocks.read(read.document)
    for block in reading.blocks:
        block.kept = kept(block)
    found = compose(reading, Figures(reading, read.base), title)
    assert markup.clean(found, images="remote") == found
    return found


def between(source):
    found = composed(f"<article>{BEFORE}{source}{AFTER}</article>")
    assert found.startswith(BEFORE)
    assert found.endswith(AFTER)
    return found.removeprefix(BEFORE).removesuffix(AFTER)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("<p>a <b> b </b> c</p>", "<p>a <b>b </b>c</p>", id="a space once"),
        pytest.param("<p>\n\ta\r\n  <i>b</i>\n</p>", "<p>a <i>b</i></p>", id="layout"),
        pytest.param("<p><span>a</span>\n<span>b</span><span>c</span></p>", "<p>a bc</p>", id="between elements"),
        pytest.param("<p>a<b> </b>b</p>", "<p>a b</p>", id="a space alone"),
        pytest.param("<p>a<b></b><i>\n</i></p>", "<p>a</p>", id="empty elements"),
        pytest.param("<p>a&nbsp; b&nbsp;</p>", "<p>a&nbsp; b&nbsp;</p>", id="spaces that do not break"),
        pytest.param("<p>a<wbr>b&shy;c</p>", "<p>ab\u00adc</p>", id="places to break"),
        pytest.param("<p>港口，\n   新建</p>", "<p>港口，新建</p>", id="line end between ideographs"),
        pytest.param("<p>港口\nharbour</p>", "<p>港口 harbour</p>", id="line end beside one"),
        pytest.param("<p><b>港口，\n   新建</b> a</p>", "<p><b>港口，新建</b> a</p>", id="line end in an element"),
        pytest.param("<p>a <br> b<br></p>", "<p>a<br>b</p>", id="line break"),
        pytest.param("<p><b>a<br></b></p>", "<p><b>a</b></p>", id="line break at the end"),
        pytest.param("<div>a<br><br>b<br> <br>c</div>", "<p>a</p><p>b</p><p>c</p>", id="two line breaks"),
        pytest.param("<p>a<b>b<br><br>c</b> d</p>", "<p>a<b>b</b></p><p><b>c</b> d</p>", id="two inside an element"),
        pytest.param("<div>a<p>b</p>c</div>", "<p>a</p><p>b</p><p>c</p>", id="loose text"),
        pytest.param("<p>a &lt;b&gt; &amp;amp; c</p>", "<p>a &lt;b&gt; &amp;amp; c</p>", id="signs of markup"),
    ],
)
def test_text_is_spaced_as_a_browser_shows_it(source, expected):
    assert between(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("<strike>a</strike><tt>b</tt>", "<s>a</s><code>b</code>", id="old names"),
        pytest.param("<span style='font-weight: 700'>a</span>", "<b>a</b>", id="bold by style"),
        pytest.param("<font style='font-style:italic'>a</font>", "<i>a</i>", id="italic by style"),
        pytest.param("<span>a</span><dfn>b</dfn><my-word>c</my-word>", "abc", id="elements without a meaning"),
        pytest.param("H<sub>2</sub>O<sup>1</sup>", "H<sub>2</sub>O<sup>1</sup>", id="lowered and raised"),
        pytest.param(
            "<ruby><rb>漢</rb><rp>(</rp><rt>かん</rt></ruby>", "<ruby>漢<rp>(</rp><rt>かん</rt></ruby>", id="ruby"
        ),
        pytest.param("<time datetime='2026-03-02'>then</time>", '<time datetime="2026-03-02">then</time>', id="time"),
        pytest.param("<abbr title='A b'>AB</abbr>", '<abbr title="A b">AB</abbr>', id="abbreviation"),
        pytest.param("<a href='/a?b=1&c'>a</a>", '<a href="https://www.harbour.example/a?b=1&amp;c">a</a>', id="link"),
        pytest.param("<a href=mailto:a@b.example>a</a>", '<a href="mailto:a@b.example">a</a>', id="mail"),
        pytest.param("<a href=javascript:x>a</a><a href=#n>1</a><a>b</a>", "a1b", id="links to nowhere"),
        pytest.param("a<a class=anchor href=#a>#</a>", "a", id="anchor"),
        pytest.param("<q dir=rtl lang=he>א</q>", '<bdi lang="he" dir="rtl"><q lang="he">א</q></bdi>', id="direction"),
        pytest.param("<bdi dir=rtl>א</bdi>", '<bdi dir="rtl">א</bdi>', id="isolated"),
        pytest.param("a<span class='visually-hidden'>b</span><i style='display:none'>c</i>", "a", id="not shown"),
        pytest.param("<img class=emoji src=/e.svg alt=😀>", "😀", id="emoji"),
        pytest.param("<math> <msup> <mi> r </mi> <mn>2</mn></msup> </math> m", "r<sup>2</sup> m", id="power"),
        pytest.param(
            "<math><msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup></math>", "x<sub>1</sub><sup>2</sup>", id="indices"
        ),
        pytest.param("<math><mfrac><mn>1</mn><msqrt><mn>2</mn></msqrt></mfrac></math>", "1/√(2)", id="fraction"),
        pytest.param(
            "<span><math><mi>x</mi><annotation>\\x</annotation></math></span><span aria-hidden=true>x</span>",
            "x",
            id="formula drawn too",
        ),
        pytest.param(
            "<span><span style='display: none'><math><mi>x</mi></math></span><img src=/x.svg alt='{\\displaystyle x}'></span>",
            "x",
            id="formula drawn instead",
        ),
    ],
)
def test_what_stands_in_a_line_keeps_its_meaning(source, expected):
    assert between(f"<p>See {source} here.</p>") == f"<p>See {expected} here.</p>"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("<ul><li>a<li><p>b</p></ul>", "<ul><li>a</li><li>b</li></ul>", id="list"),
        pytest.param("<ul><li><p>a<p>b</ul>", "<ul><li><p>a</p><p>b</p></li></ul>", id="paragraphs in an item"),
        pytest.param(
            "<ol start=3 reversed><li value=7>a</ol>",
            '<ol start="3" reversed=""><li value="7">a</li></ol>',
            id="numbers",
        ),
        pytest.param(
            "<ul><li><p>a</p><ol><li>b</ol><li>c</ul>", "<ul><li>a<ol><li>b</li></ol></li><li>c</li></ul>", id="nested"
        ),
        pytest.param("<ul><li><h3>a</h3><p>b</ul>", "<ul><li><h2>a</h2><p>b</p></li></ul>", id="headings in a list"),
        pytest.param(f"<ol><li><h3>a</h3><p>{LONG}</ol>", f"<h2>a</h2><p>{LONG}</p>", id="list of long entries"),
        pytest.param(
            "<ul><li><img src=/a.jpg></ul>",
            '<figure><img src="https://www.harbour.example/a.jpg" alt=""></figure>',
            id="gallery",
        ),
        pytest.param("<li>a</li>", "<p>a</p>", id="item of no list"),
        pytest.param("<dl><dt>a<dd>b</dl>", "<dl><dt>a</dt><dd>b</dd></dl>", id="terms"),
        pytest.param(
            "<blockquote>a<footer>b</footer></blockquote>", "<blockquote><p>a</p><p>b</p></blockquote>", id="quotation"
        ),
        pytest.param("<div class=pull-quote>a</div>", "<blockquote><p>a</p></blockquote>", id="pulled quotation"),
        pytest.param("<div class=pull-quote>After the storm had gone.</div>", "", id="pulled out to be read twice"),
        pytest.param("<pre>\n a\n  <b>b</b><br>c &lt;\n</pre>", "<pre> a\n  <b>b</b>\nc &lt;</pre>", id="code"),
        pytest.param("<pre><div>a</div><div>  b</div></pre>", "<pre>a\n  b</pre>", id="lines of code"),
        pytest.param("<a href=/q><h3>a</h3>b</a>", None, id="link round blocks"),
    ],
)
def test_lists_quotations_and_code_are_kept(source, expected):
    if expected is None:
        link = '<a href="https://www.harbour.example/q">'
        expected = f"<h2>{link}a</a></h2><p>{link}b</a></p>"
    assert between(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(
            "<table><caption>t</caption><thead><tr><th scope=col>a<th>b</thead><tr><td colspan=2>c</table>",
            '<table><caption>t</caption><thead><tr><th scope="col">a</th><th>b</th></tr></thead>'
            '<tbody><tr><td colspan="2">c</td></tr></tbody></table>',
            id="headers",
        ),
        pytest.param(
            "<table><tr><td><td>a<td><tr><td>b<td><td>c</table>",
            "<table><tbody><tr><td></td><td>a</td><td></td></tr><tr><td>b</td><td></td><td>c</td></tr></tbody></table>",
            id="empty cells",
        ),
        pytest.param("<table><tr><td>a<td>b</table>", "<p>a</p><p>b</p>", id="one row"),
        pytest.param(
            "<table role=presentation><tr><th>a<tr><td>b</table>", "<p>a</p><p>b</p>", id="said to be a layout"
        ),
        pytest.param("<table><tr><td><table><tr><th>a<tr><td>b</table></table>", None, id="around a table"),
        pytest.param(
            "<table><tr><td><h2>a</h2><td>b<tr><td>c<td>d</table>", "<h2>a</h2><p>b</p><p>c</p><p>d</p>", id="headings"
        ),
    ],
)
def test_tables_are_kept_and_layouts_are_not(source, expected):
    assert between(source) == (expected or "<table><tbody><tr><th>a</th></tr><tr><td>b</td></tr></tbody></table>")


def test_headings_begin_at_two_and_skip_no_level():
    source = (
        "<h1>a</h1><h4>b</h4><p>x</p><h6>c</h6><p>x</p><h2>d</h2><p>x</p><div role=heading aria-level=3>e</div><p>x</p>"
    )
    assert between(source).replace("<p>x</p>", "") == "<h2>a</h2><h3>b</h3><h4>c</h4><h3>d</h3><h4>e</h4>"


@pytest.mark.parametrize("name", ["crosshead", "article__subheading", "Zwischentitel", "ladillo", "mellomtittel"])
def test_a_line_that_is_named_as_a_heading_is_one(name):
    assert (
        between(f'<p class="{name}">The night</p><p class="{name}">It was a calm one.</p>')
        == "<h2>The night</h2><p>It was a calm one.</p>"
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("<h1>The tide!</h1><p>x</p>", "<p>x</p>", id="heading"),
        pytest.param("<p>The tide</p><p>x</p>", "<p>x</p>", id="paragraph at the top"),
        pytest.param("<p>x</p><p>y</p><p>The tide</p>", "<p>x</p><p>y</p><p>The tide</p>", id="paragraph below"),
        pytest.param(
            "<h2>The tide that came</h2><p>x</p>", "<h2>The tide that came</h2><p>x</p>", id="another heading"
        ),
    ],
)
def test_the_title_is_not_said_again(source, expected):
    assert composed(source, title="The tide") == expected


def test_direction_and_language_come_from_the_nearest_element_that_says_them():
    source = "<div dir=rtl lang=fa><p>a</p><p lang=ar>b</p><ul><li>c</ul></div><p dir=ltr>d</p>"
    assert between(source) == (
        '<p lang="fa" dir="rtl">a</p><p lang="ar" dir="rtl">b</p><ul lang="fa" dir="rtl"><li>c</li></ul><p dir="ltr">d</p>'
    )
    assert composed('<body dir=rtl lang="fa"><p>a</p><p>b</p></body>') == "<p>a</p><p>b</p>"


def test_only_what_is_kept_is_written():
    source = "<p>a</p><ul><li>b<li>c</ul><table><tr><th>d</table><p>e</p>"
    assert composed(source, kept=lambda block: block.text in "ace") == "<p>a</p><ul><li>c</li></ul><p>e</p>"


DEEP = 500  # elements; a page may have as many in one another


@pytest.mark.parametrize(
    "opening",
    [
        "<b>",
        "<ul><li>",
        "<div dir=rtl>",
        "<blockquote>",
        "<div><li>",
        "<table><tr><td>",
        "<a href=/a><div>",
        "<font><p>",
    ],
)
def test_deep_pages_are_written(opening):
    deep = DEEP // (2 if opening.count("<") > 1 else 1)
    reading = blocks.read(page.parse(f"<p>a</p>{opening * deep}b{opening}c", URL).document)
    for block in reading.blocks:
        block.kept = True
    assert "c" in compose(reading, Figures(reading, URL), "")
