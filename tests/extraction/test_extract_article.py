"""A page becomes a draft: the text exactly as it stands, with its figures, lists, tables and words about itself."""

import contextlib
import json
from datetime import UTC, datetime

import pytest
from extract_pages import FIGURE, FILLER, PARAGRAPHS, URL, body, draft, page
from extract_steps import steps
from hypothesis import given
from hypothesis import strategies as st

from pappus import markup
from pappus.errors import ExtractError, MarkupError, PappusError
from pappus.extraction import Rules, css
from pappus.extraction.article import article, from_content
from pappus.model import Fetched, Lead, Picture


def test_a_plain_article_is_its_paragraphs_and_nothing_around_them():
    found = draft(PARAGRAPHS)
    assert found.body == PARAGRAPHS
    assert found.title == "The tide came in early"
    assert found.url == "https://www.harbour.example/news/2026/tide.html"
    assert (found.language, found.direction) == ("en", "ltr")


CHINESE = (
    "港口管理处星期一表示，新建的<strong>防波堤</strong>经受住了整夜的<a href='/w'>风浪</a>考验，"
    "渔民清点出十一艘船受损，没有一艘沉没。"
)


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_no_white_space_comes_into_chinese_text(charset):
    inner = "".join(f"<p>{CHINESE}这是第{number}份报告。</p>" for number in "一二三四五六")
    found = draft(inner, title="潮水提前到来", lang="zh-CN", charset=charset)
    expected = CHINESE.replace("<a href='/w'>", '<a href="https://www.harbour.example/w">')
    assert found.body == "".join(f"<p>{expected}这是第{number}份报告。</p>" for number in "一二三四五六")
    assert (found.title, found.language) == ("潮水提前到来", "zh-CN")
    assert " " not in markup.text(found.body).replace(" 港", "港")


def test_right_to_left_text_keeps_its_direction_marks_and_joiners():
    line = "رئیس بندر روز دوشنبه گفت که موج‌شکن تازه سراسر شب دوام آورده است و ماهیگیران یازده قایق آسیب‌دیده شمردند."
    found = draft("".join(f'<p dir="rtl">{line} گزارش {n}.</p>' for n in "۱۲۳۴۵۶"), title="مد زودتر رسید", lang="fa")
    assert (found.language, found.direction) == ("fa", "rtl")
    assert line in found.body
    assert '<p dir="rtl">' in found.body


def test_spaces_at_inline_elements_are_kept_as_they_are():
    sentence = (
        "The <b>new</b> breakwater<i>s</i> held, <a href='/a'>as planned</a>, said H<sub>2</sub>O expert "
        "<em>A. Reporter</em> today in town."
    )
    assert sentence.replace("'/a'", '"https://www.harbour.example/a"') in body(f"<p>{sentence}</p>")


def test_the_layout_of_the_source_is_no_part_of_the_text():
    found = body("<p>\n   The new breakwater\n\theld through the whole of the night.\n</p>")
    assert "<p>The new breakwater held through the whole of the night.</p>" in found
    line = "港口管理处星期一表示，\n    新建的防波堤经受住了整夜的风浪考验，渔民清点出十一艘船受损"
    found = draft("".join(f"<p>{line}{number}。</p>" for number in "一二三四五六七")).body
    assert "港口管理处星期一表示，新建的防波堤" in found


def test_what_is_said_again_and_again_between_paragraphs_is_furniture():
    refrain = '<p class="break">Article continues below the advertisement</p>'
    found = draft(PARAGRAPHS.replace("</p>", f"</p>{refrain}")).body
    assert found == PARAGRAPHS


@pytest.mark.parametrize("word", ["Advertisement", "Article content", "Реклама", "広告"])
def test_a_word_for_advertisements_is_furniture_wherever_it_stands(word):
    assert draft(PARAGRAPHS.replace("</p>", f"</p><p>{word}</p>")).body == PARAGRAPHS


@pytest.mark.parametrize(
    "refrain",
    ["<p>No comment.</p>", "<p>Row on, my boys, row on</p>"],
    ids=["interview", "song"],
)
def test_what_people_say_again_and_again_is_text(refrain):
    assert draft(PARAGRAPHS.replace("</p>", f"</p>{refrain}")).body.count(markup.text(refrain)) == 4


def test_lists_keep_their_order_and_nesting():
    inner = (
        '<ol start="3"><li>Check all of the mooring lines</li><li>Call the harbour master first<ul><li>by day on channel twelve</li>'
        "<li>by night on channel nine</li></ul></li></ol>"
    )
    assert inner.replace("first<ul>", "first<ul>") in body(inner)


def test_tables_keep_their_headers():
    inner = (
        "<table><thead><tr><th>Harbour station</th><th>High water mark</th></tr></thead>"
        "<tbody><tr><td>Old Pier</td><td>4.1 m</td></tr><tr><td>New Pier</td><td>4.3 m</td></tr></tbody></table>"
    )
    assert inner in body(inner)


def test_an_empty_cell_keeps_its_column():
    inner = (
        "<table><tbody><tr><th></th><th>2024</th><th>2025</th></tr><tr><td>Ferries</td><td>4</td><td>5</td></tr>"
        "<tr><td></td><td></td><td>7</td></tr><tr><td>Boats</td><td></td><td></td></tr></tbody></table>"
    )
    assert inner in body(inner)


def test_a_list_may_count_down():
    inner = "<li>Third place goes to Anna Berg</li><li>Second place goes to Bo Holm</li>"
    assert f'<ol reversed="">{inner}</ol>' in body(f"<ol reversed>{inner}</ol>")


@pytest.mark.parametrize(
    ("inline", "expected"),
    [
        ("<dfn>neap tide</dfn>", "neap tide"),
        ("<bdo>neap tide</bdo>", "neap tide"),
        ("<output>7</output>", "7"),
        ("<x-term>neap <b>tide</b></x-term>", "neap <b>tide</b>"),
        ("<ruby><rb>漢字</rb><rt>かんじ</rt></ruby>", "<ruby>漢字<rt>かんじ</rt></ruby>"),
        ("<math><mi>r</mi><msup><mi>π</mi><mn>2</mn></msup></math>", "rπ<sup>2</sup>"),
        ("<math><mfrac><mn>1</mn><mn>2</mn></mfrac><annotation>\\frac12</annotation></math>", "1/2"),
        ('<span dir="rtl">سلام (1)</span>', '<bdi dir="rtl">سلام (1)</bdi>'),
        ('<q dir="rtl" lang="he">שלום</q>', '<bdi lang="he" dir="rtl"><q lang="he">שלום</q></bdi>'),
        ('<i dir="rtl">سلام</i>', '<bdi dir="rtl"><i>سلام</i></bdi>'),
        ('<bdi dir="rtl">سلام</bdi>', '<bdi dir="rtl">سلام</bdi>'),
    ],
    ids=["dfn", "bdo", "output", "custom", "ruby", "math", "fraction", "span", "quotation", "italics", "isolated"],
)
def test_what_stands_in_a_sentence_stays_in_it_whatever_element_it_is(inline, expected):
    assert f"<p>They call it {expected} here, at the sea.</p>" in body(
        f"<p>They call it {inline} here, at the sea.</p>"
    )


def test_text_that_stands_loose_among_paragraphs_is_kept():
    quote = "We have never seen the water as high as this, said one."
    assert f"<p>{quote}</p>" in body(f"<my-quote>{quote}</my-quote>")
    assert "<p>No swimming</p>" in body("<center>No swimming</center>")


def test_quotes_headings_and_code_are_kept_and_the_title_is_not_repeated():
    inner = (
        "<h2>What happened next in the harbour</h2>"
        "<blockquote><p>We have never seen the water as high as this, said one.</p></blockquote>"
    )
    found = draft(f"<h2>The tide came in early</h2>{PARAGRAPHS}{inner}{PARAGRAPHS.replace('report', 'account')}").body
    assert inner in found
    assert "The tide came in early" not in found


QUOTED = "<blockquote><p>We have never seen the water as high as this.</p>{}</blockquote>"


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<p>A hard word is <ruby>tern<rt>tɜːn</rt></ruby>, and <ruby>gull<rt>ɡʌl</rt></ruby> is easy.</p>", None),
        (QUOTED.format("<footer>Ada Reed</footer>"), QUOTED.format("<p>Ada Reed</p>")),
        (QUOTED.format("<cite>Ada Reed</cite>"), QUOTED.format("<p><cite>Ada Reed</cite></p>")),
        (
            '<p>North: <a href="https://harbour.example/a">Skerra</a>, <a href="https://harbour.example/b">Gannet</a></p>',
            None,
        ),
        ("<h3>West</h3><p>Open.</p>", "<h2>West</h2><p>Open.</p>"),
        (
            "<ul><li>Old Pier</li><li>The landing at the New Pier, which has been shut since May</li><li>West</li></ul>",
            None,
        ),
        (
            '<p>Shut: <a href="https://harbour.example/a">Old Pier</a>, <a href="https://harbour.example/b">West</a>, and the slip.</p>',
            None,
        ),
        (
            '<table><tr><th>Pier</th><td><a href="https://harbour.example/a">Old</a></td><td>4.1 m</td></tr></table>',
            "4.1 m",
        ),
    ],
    ids=[
        "ruby",
        "footer of a quotation",
        "cite of a quotation",
        "names",
        "short heading",
        "short items",
        "links",
        "cells",
    ],
)
def test_what_stands_in_the_text_and_reads_like_it_is_kept_whatever_it_is_made_of(inner, expected):
    assert (expected or inner) in body(inner)


def test_a_last_paragraph_with_links_is_kept():
    last = (
        '<p>The story of the <a href="https://harbour.example/a">old pier</a> and of the lamps that stood on it is told in'
        ' <a href="https://harbour.example/b">our issue of May</a>.</p>'
    )
    assert draft(PARAGRAPHS + last).body == PARAGRAPHS + last


@pytest.mark.parametrize(
    "furniture",
    [
        '<div class="share-buttons"><span>Share this story with your friends and family</span></div>',
        '<p class="byline">By Ada Reed, who writes about the sea and those who live from it</p>',
        '<div class="inlineNewsletter"><p>The best of the harbour every morning in your mail, free of charge and of fish.</p></div>',
        "<aside><p>Eleven boats were damaged in the last storm as well, and one was never found again.</p></aside>",
        '<ul class="tags"><li>Harbours of the northern coast</li><li>Boats that were damaged</li></ul>',
        '<p><a href="/other">Another story of a storm that people read a lot last year and the year before</a></p>',
        '<div role="dialog"><p>We and our 814 partners store what you read, and would like you to agree to that.</p></div>',
    ],
    ids=["share bar", "byline", "newsletter", "aside", "tags", "link", "dialog"],
)
def test_what_the_page_itself_marks_as_furniture_is_no_part_of_the_text(furniture):
    assert draft(
        PARAGRAPHS + furniture + PARAGRAPHS.replace("report", "account")
    ).body == PARAGRAPHS + PARAGRAPHS.replace("report", "account")


def test_a_class_that_most_of_the_text_has_says_nothing_against_it():
    inner = PARAGRAPHS.replace("<p>", '<p class="paywall related-content">')
    assert draft(f'<div class="social-story">{inner}</div>').body == PARAGRAPHS


def test_headings_may_return_but_not_above_refrains():
    parts = "".join(f"<h3>For and against</h3><p>{FILLER} Number {n}.</p>" for n in ("one", "two", "three"))
    assert draft(parts).body == parts.replace("h3>", "h2>")
    blocked = '<div class="consent"><h3>Content is blocked</h3><p>Change your settings to see the content that stands here.</p></div>'
    assert draft(PARAGRAPHS.replace("</p>", f"</p>{blocked}")).body == PARAGRAPHS


@pytest.mark.parametrize(
    "end",
    [
        "<h3>About the author</h3><p>Ada Reed has written about the harbour for eleven years, and lives by the sea.</p>",
        "<h3>この記事を書いた人</h3><p>Ada Reed has written about the harbour for eleven years, and lives by the sea.</p>",
        "<p>Subscribe to our daily letter and read the news of the harbour before the tide comes in.</p>",
        "<p>この記事は会員限定です。無料で会員登録できます。港のニュースを毎朝お届けします。</p>",
    ],
    ids=["author", "author in Japanese", "subscription", "subscription in Japanese"],
)
def test_a_text_ends_where_its_author_is_presented_and_before_readers_are_asked_to_subscribe(end):
    assert draft(PARAGRAPHS * 2 + end).body == draft(PARAGRAPHS * 2).body


def test_a_short_report_is_not_padded_with_the_motto_of_the_paper():
    flash = "<p>The ferry to Skerra did not sail on Tuesday because of fog.</p><p>It is expected to leave at noon, the office said.</p>"
    motto = '<header class="site-header"><p class="motto">News of the harbour, the island and the hills since 1904</p></header>'
    dates = '<p class="dates">Published <time datetime="2026-03-02">2 March 2026</time></p>'
    text = page(dates + flash).body.decode().replace("<main>", f"{motto}<main>")
    assert article(Fetched(url=URL, final_url=URL, body=text.encode(), media_type="text/html")).body == flash


@pytest.mark.parametrize(
    ("heading", "announced", "expected"),
    [
        ("<span>Sport</span>Eleven boats lost", "Sport / Eleven boats lost", "Sport / Eleven boats lost"),
        ("<span>Sport</span>Eleven boats lost", "Eleven boats lost", "Eleven boats lost"),
        ("<span>Sport</span> Eleven boats lost", "Eleven boats lost", "Eleven boats lost"),
        ("Harbour Gazette", "Eleven boats lost - Harbour Gazette", "Eleven boats lost"),
    ],
    ids=["glued, name with both", "glued, name alone", "set apart", "the site's name"],
)
def test_a_title_is_the_heading_without_what_the_page_does_not_call_itself(heading, announced, expected):
    head = f'<meta property="og:site_name" content="Harbour Gazette"><meta property="og:title" content="{announced}">'
    text = f"<html><head><title>{announced}</title>{head}</head><body><h1>{heading}</h1>{PARAGRAPHS}</body></html>"
    assert article(Fetched(url=URL, final_url=URL, body=text.encode(), media_type="text/html")).title == expected


def test_a_heading_that_shows_signs_of_markup_is_the_title_as_it_stands():
    title = "How to write &amp;amp; and &amp;lt;b&amp;gt;"
    assert draft(PARAGRAPHS, title=title).title == "How to write &amp; and &lt;b&gt;"


def test_two_line_breaks_part_paragraphs():
    text = f"<div>{FILLER} one.<br><br>{FILLER} two.<br>\n<br>{FILLER} three.</div>"
    assert draft(text).body.count("<p>") == 3


def test_the_line_below_the_title_is_the_subtitle_but_is_not_shown_twice():
    line = '<p class="article__subtitle">Eleven boats damaged in one night</p>'
    text = page(PARAGRAPHS).body.decode()
    inside = text.replace("</h1>", f"</h1>{line}")
    apart = inside.replace("<h1>", "<header class='site-header'><h1>").replace(line, f"{line}</header>")
    found = [
        article(Fetched(url=URL, final_url=URL, body=one.encode(), media_type="text/html")) for one in (inside, apart)
    ]
    assert [(one.subtitle, "one night" in one.body) for one in found] == [
        ("Eleven boats damaged in one night", False)
    ] * 2


LD = """<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [{"@type": "WebSite", "name": "Harbour Gazette"},
{"@type": ["NewsArticle"], "headline": "The tide came in early", "alternativeHeadline": "Eleven boats damaged",
"datePublished": "2026-03-02T10:20:30+01:00", "dateModified": "2026-03-03T08:00:00Z", "inLanguage": "en-GB",
"author": [{"@type": "Person", "name": "A. Reporter"}, {"name": "By B. Writer"}], "keywords": ["Sea", "Harbour"],
"license": "https://creativecommons.org/licenses/by/4.0/", "description": "Eleven boats.",
"image": {"@type": "ImageObject", "url": "/i/lead.jpg", "caption": "The pier"}}]}</script>"""
METAS = """<meta property="og:title" content="The tide came in early - Harbour Gazette">
<meta name="author" content="A. Reporter and B. Writer">
<meta property="article:published_time" content="2026-03-02T10:20:30+01:00">
<meta property="article:modified_time" content="2026-03-03T08:00:00Z">
<meta property="article:tag" content="Sea"><meta property="article:tag" content="Harbour">
<meta property="og:description" content="Eleven boats.">
<meta property="og:image" content="/i/lead.jpg"><link rel="license" href="https://creativecommons.org/licenses/by/4.0/">"""


@pytest.mark.parametrize("head", [LD, METAS], ids=["JSON-LD", "meta elements"])
def test_what_the_page_says_about_itself_is_read(head):
    found = draft(PARAGRAPHS, head=head, lang="en-GB")
    assert found.title == "The tide came in early"
    assert found.authors == ("A. Reporter", "B. Writer")
    assert found.published == datetime(2026, 3, 2, 9, 20, 30, tzinfo=UTC)
    assert found.updated == datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert found.tags == ("Sea", "Harbour")
    assert found.summary == "Eleven boats."
    assert found.licence == "https://creativecommons.org/licenses/by/4.0/"
    assert found.language == "en-GB"
    assert found.lead.src == "https://www.harbour.example/i/lead.jpg"


def test_the_lead_picture_has_the_words_that_stand_on_the_page_and_is_not_shown_twice():
    above = '<figure><img src="/i/lead-1600x900.jpg" alt="Pier"><figcaption>The old pier</figcaption></figure>'
    assert draft(above + PARAGRAPHS, head=METAS).lead == Picture(
        src="https://www.harbour.example/i/lead-1600x900.jpg", alt="Pier", caption="The old pier"
    )
    inside = draft(PARAGRAPHS + above + PARAGRAPHS.replace("report", "account"), head=METAS)
    assert inside.lead == draft(above + PARAGRAPHS, head=METAS).lead
    assert "<img" not in inside.body


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://harbour.example/tide?utm_campaign=x", "https://harbour.example/tide"),
        ("/tide", "https://www.harbour.example/tide"),
        ("https://elsewhere.example/tide", "https://www.harbour.example/news/2026/tide.html"),
        ("https://www.harbour.example/", "https://www.harbour.example/news/2026/tide.html"),
        ("javascript:x", "https://www.harbour.example/news/2026/tide.html"),
    ],
    ids=["same site", "relative", "another site", "home page", "no address"],
)
def test_the_canonical_address_is_the_pages_own_word_within_its_site(link, expected):
    assert draft(PARAGRAPHS, head=f'<link rel="canonical" href="{link}">').url == expected


def test_a_lead_fills_what_the_page_lacks_and_only_that():
    lead = Lead(
        url=URL,
        title="Other",
        authors=("B. Writer",),
        published=datetime(2026, 1, 1, tzinfo=UTC),
        tags=("Sea",),
        summary="<p>So &amp; so</p>",
    )
    found = draft(PARAGRAPHS, lead=lead)
    assert (found.title, found.authors, found.tags) == ("The tide came in early", ("B. Writer",), ("Sea",))
    assert (found.published, found.summary) == (lead.published, "So & so")


@pytest.mark.parametrize(
    "again",
    [
        "<h2>The tide came in early!</h2>",
        "<p>The tide came in early</p>",
        "<h2>Harbour news: The tide came in early</h2>",
        "<p>Harbour news</p><h2>The tide came in early</h2>",
    ],
    ids=["heading", "paragraph", "kicker in it", "kicker above it"],
)
def test_a_title_that_is_said_again_at_the_top_is_dropped(again):
    lead = Lead(url=URL, title="The tide came in early", content=again + PARAGRAPHS)
    assert from_content(lead).body == PARAGRAPHS


@pytest.mark.parametrize(
    "other",
    [
        "<p>Boats were lost before the tide came in early</p>",
        "<h2>What the tide left</h2>",
        f"<p>{FILLER}</p><p>The tide came in</p>",
    ],
    ids=["sentence", "heading", "later"],
)
def test_what_only_resembles_the_title_is_kept(other):
    lead = Lead(url=URL, title="The tide came in early", content=other + PARAGRAPHS)
    assert from_content(lead).body == other + PARAGRAPHS


def test_no_field_is_longer_than_a_page_can_bear():
    many = [f"Number {number} " + "tide " * 300 for number in range(60)]
    lead = Lead(url=URL, title=many[0], authors=tuple(many), tags=tuple(many), content=PARAGRAPHS)
    found = from_content(lead)
    assert len(found.title) <= 300
    assert [len(found.authors), len(found.tags)] == [20, 20]
    assert max(map(len, found.authors)) <= 100
    assert max(map(len, found.tags)) <= 60
    head = f'<meta name="description" content="{many[0]}"><meta name="dcterms.license" content="{many[0]}">'
    said = draft(f'<p class="subtitle">{many[0][:390]}</p>{FIGURE}{PARAGRAPHS}', head=head, title=many[0])
    assert (len(said.title) <= 300, len(said.summary) <= 1_000, len(said.licence) <= 300) == (True, True, True)
    assert said.title.endswith("tide…")
    assert said.summary.endswith("tide…")
    assert draft(PARAGRAPHS, head=f'<link rel="license" href="https://l.example/{"a" * 400}">').licence == ""


def test_rules_of_a_site_choose_body_title_author_and_date():
    rules = Rules(
        body=css(".text"), title=css(".t"), author=css(".by b"), date=css("time"), strip=css(".ad"), whole=True
    )
    page = (
        '<div class="t">Chosen title</div><div class="by"><b>Ada Reed</b><b>Bo Lind</b></div><time datetime="2026-03-02">x</time>'
        '<div class="text"><p>Short.<span class="ad">Buy!</span></p></div><p>Not this.</p>'
    )
    found = draft(page, rules)
    assert (found.title, found.authors, found.body) == ("Chosen title", ("Ada Reed", "Bo Lind"), "<p>Short.</p>")
    assert found.published == datetime(2026, 3, 2, tzinfo=UTC)


def test_a_rule_that_is_no_selector_is_named_and_the_article_found_without_it():
    found = draft(PARAGRAPHS, Rules(body=css("p >[")))
    assert found.body == PARAGRAPHS
    assert "'p >[' fails" in found.findings[0]


def test_content_of_a_channel_becomes_a_draft():
    lead = Lead(
        url="https://harbour.example/1?utm_source=rss",
        title="Tide",
        language="en",
        authors=("A. Reporter",),
        content='<base href="https://harbour.example/deep/"><p>One <script>x</script><a href="two">two</a></p>'
        '<p><img src="a.jpg" onerror="x"></p>tail',
    )
    found = from_content(lead)
    assert found.url == "https://harbour.example/1"
    assert found.body == (
        '<p>One <a href="https://harbour.example/deep/two">two</a></p>'
        '<figure><img src="https://harbour.example/deep/a.jpg" alt=""></figure><p>tail</p>'
    )
    assert (found.title, found.authors, found.language) == ("Tide", ("A. Reporter",), "en")


def test_a_channel_without_content_is_no_draft():
    with pytest.raises(ExtractError, match="carries no content"):
        from_content(Lead(url="https://harbour.example/1", title="Tide"))


@pytest.mark.parametrize(
    ("body", "media_type", "reason"),
    [
        (b"", "text/html", "empty page"),
        (b"%PDF-1.7", "application/pdf", "not an HTML page"),
        (b"<b>x</b>" * 150_000, "text/html", "200,000 tags"),
        (b" " * (10 << 20) + b"xx", "text/html", "is the limit"),
        (b"<html><body></body></html>", "text/html", "no article text|parsed"),
    ],
    ids=["empty", "PDF", "tags", "size", "no text"],
)
def test_what_is_no_article_page_or_past_the_limits_is_refused(body, media_type, reason):
    with pytest.raises((ExtractError, MarkupError), match=reason) as caught:
        article(Fetched(url=URL, final_url=URL, body=body, media_type=media_type))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "many",
    ["<p>x</p>" * 10_100, "<p>x<br></p>" * 9_000 + f"<div>{'<p>x<br></p>' * 3_000}</div>", "<div>" * 3_000],
    ids=["in one", "in all", "inside one another"],
)
def test_a_page_of_very_many_elements_is_read(many):
    assert "report number four" in draft(PARAGRAPHS + many).body


def test_scripts_full_of_angle_brackets_are_no_reason_to_refuse_a_page():
    script = (
        "<script>"
        + "if(a<b&&c<d){var x='<div>'};" * 2_000
        + "</script><style>a<b{}</style><!-- <p "
        + "x " * 900
        + "> -->"
    )
    assert draft(script + PARAGRAPHS).body == PARAGRAPHS


def test_nothing_hostile_is_left_in_a_body():
    hostile = (
        '<p onclick="x" style="x">One <a href="javascript:x">two</a> <a href="data:text/html,x">three</a>\u202e four\x00</p>'
        "<svg><script>x</script></svg><form><input></form><iframe src='https://evil.example/'></iframe><object data='x'></object>"
    )
    found = body(hostile)
    for bad in (
        "onclick",
        "style",
        "javascript",
        "data:",
        "script",
        "svg",
        "iframe",
        "object",
        "input",
        "\u202e",
        "\x00",
    ):
        assert bad not in found


@given(
    noise=st.lists(
        st.sampled_from(
            '<p> </p> <div> <ul><li> </table> <table><td> <figure> <img_src=x> <a_href=// &#0; <br> <!-- <h1> words 潮水 <script> " '
            "<svg><p> <iframe> <template> <video><source_src=v>".split(" ")
        ).map(lambda piece: piece.replace("_", " ")),
        max_size=40,
    )
)
def test_hostile_pages_give_clean_drafts_or_errors_of_ours(noise):
    try:
        found = draft(PARAGRAPHS + "".join(noise))
    except PappusError:
        return
    assert markup.clean(found.body, images="remote") == found.body


@given(data=st.binary(max_size=300))
def test_random_bytes_give_drafts_or_errors_of_ours(data):
    with contextlib.suppress(PappusError):
        assert article(Fetched(url=URL, final_url=URL, body=data)).url == URL.partition("?")[0]


def test_data_past_our_limits_leave_what_the_page_shows():
    title, few = "The new breakwater had held", "<h1>{0}</h1><p>{1}</p>"
    flood = json.dumps({"body": f"<p>{FILLER * 12}" + "<i>x" * 200_001}).replace("<", "\\u003c")
    text = f"<title>{title}</title>{few.format(title, FILLER)}<script type='application/json'>{flood}</script>"
    found = article(Fetched(url=URL, final_url=URL, body=text.encode(), media_type="text/html"))
    assert found.body == f"<p>{FILLER}</p>"


def test_an_announcement_past_our_limits_is_no_reason_to_lose_the_article():
    lead = Lead(url=URL, title="Tide", summary="<div>" * 600 + "x")
    assert draft(PARAGRAPHS, lead=lead).summary == ""


def test_the_date_of_an_announcement_weighs_more_than_one_that_merely_stands_on_the_page():
    announced = datetime(2026, 3, 1, 9, tzinfo=UTC)
    built = "<p>The bridge was built on <time datetime='1901-03-03'>3 March 1901</time>, and stands.</p>"
    lead = Lead(url=URL, title="Tide", published=announced)
    found = draft(PARAGRAPHS + built, lead=lead)
    assert (found.published, found.origins["published"]) == (announced, "lead")
    said = '<meta property="article:published_time" content="2026-03-02T10:20:30+01:00">'
    assert draft(PARAGRAPHS + built, lead=lead, head=said).origins["published"] == "meta"


@pytest.mark.parametrize(
    "held",
    [
        "<noscript>{}</noscript>",
        "<template>{}</template>",
        "<div><template shadowrootmode=open>{}</template></div>",
        "<template><div><template>{}</template></div></template>",
        "<p>Loading, please wait.</p><noscript>Please enable scripts.</noscript><template id=story>{}</template>",
    ],
    ids=["noscript", "template", "shadow root", "nested", "one of several"],
)
def test_an_article_that_only_browsers_without_scripts_or_scripts_show_is_found(held):
    whole = f"<article><h1>The tide came in early</h1>{PARAGRAPHS}{PARAGRAPHS.replace('report', 'account')}</article>"
    source = f"<title>The tide came in early</title><nav><a href=/>Home</a></nav>{held.format(whole)}<footer>About us</footer>"
    found = article(Fetched(url=URL, final_url=URL, body=source.encode(), media_type="text/html"))
    assert found.body == PARAGRAPHS + PARAGRAPHS.replace("report", "account")


def test_what_a_page_shows_goes_before_what_it_holds():
    held = f"<template>{PARAGRAPHS.replace('report', 'account') * 3}</template>"
    assert "account" not in draft(PARAGRAPHS + held).body


def test_templates_within_one_another_are_read_once():
    found = article(page("<template>" * 300 + PARAGRAPHS * 2))
    assert found.body.count("number four") <= 2


def test_a_flood_of_templates_within_one_another_takes_no_more_than_its_share_of_work():
    def work(many):
        def read():
            with contextlib.suppress(ExtractError):
                article(page("<template>x" * many + FILLER * 20))

        return steps(read)

    assert work(4_000) < 10 * work(500)
