from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
import turbohtml

from pappus.extraction import metadata

URL = "https://www.example.com/world/boat-lost"


def read(head="", body="", url=URL):
    return metadata.read(turbohtml.parse(f"<html><head>{head}</head><body>{body}</body></html>"), url)


def data(**fields):
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **fields})}</script>'


def metas(**fields):
    return "".join(f'<meta property="{name.replace("_", ":", 1)}" content="{text}">' for name, text in fields.items())


# --- title ---


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        pytest.param("<title>Boat lost at sea | Example</title>", "", "Boat lost at sea", id="host's name"),
        pytest.param(
            "<title>海上失船事件 - 示例网</title>" + metas(og_site_name="示例网"), "", "海上失船事件", id="site_name"
        ),
        pytest.param(
            "<title>Boat lost at sea - World - The Paper</title>",
            "<h1>Boat lost at sea</h1>",
            "Boat lost at sea",
            id="as heading",
        ),
        pytest.param(
            metas(og_title="World | Boat lost at sea"),
            "<h1>Boat lost at sea</h1>",
            "Boat lost at sea",
            id="section before",
        ),
        pytest.param(
            metas(og_title="Boat lost at sea – The Paper", og_site_name="The Paper"),
            "<h1>Boat lost at sea – The Paper</h1>",
            "Boat lost at sea",
            id="site's name in the heading, too",
        ),
        pytest.param(
            "<title>A boat, lost - The Paper</title>",
            "<h1><a>The Paper</a></h1><h1>A boat, lost</h1>",
            "A boat, lost",
            id="logo is a heading",
        ),
        pytest.param(
            metas(og_title="You won't believe it"),
            data(headline="Boat lost") + "<h1>Boat lost</h1>",
            "Boat lost",
            id="two against one",
        ),
        pytest.param(
            "",
            "<h1>Sport<br>Boat lost at sea</h1>" + data(headline="Boat lost at sea"),
            "Boat lost at sea",
            id="kicker in heading",
        ),
        pytest.param(metas(og_title="Boats &amp;amp; seas"), "", "Boats & seas", id="escaped twice"),
        pytest.param(
            metas(og_title="The harbour's boats"),
            "<h1>The harbour’s boats</h1>",
            "The harbour’s boats",
            id="marks as the heading has them",
        ),
        pytest.param(
            metas(og_title="Boat lost in the harbour | Latest news"), "", "Boat lost in the harbour", id="bar"
        ),
        pytest.param(
            metas(og_title="All that you need to know of boats that were lost at sea"),
            "<h1>Details</h1><h1>Boats lost</h1>",
            "All that you need to know of boats that were lost at sea",
            id="headings of parts",
        ),
        pytest.param("", "", "", id="nothing"),
    ],
)
def test_title_is_what_most_sources_say_without_the_sites_name(head, body, title):
    assert read(head, body).title.value == title


def test_a_heading_that_leads_to_the_first_page_is_a_logo():
    body = '<h1><a href="/">Boats of the sea</a></h1><p>Text</p>'
    assert read("<title>Boats of the sea: One was lost on Monday</title>", body).title.value.endswith("lost on Monday")


def test_a_site_is_not_called_as_its_article_is():
    head = metas(og_title="Boat lost at sea") + '<meta name="application-name" content="Boat lost at sea">'
    page = read(head, "<h1>Daily Courier</h1>")
    assert (page.title.value, page.site.value) == ("Boat lost at sea", "")


def test_a_dash_may_stand_within_a_title():
    head = metas(og_title="Storm: Boat lost at sea") + data(headline="Storm - Boat lost at sea")
    assert read(head, "<h1>Boat lost at sea</h1>").title.value == "Storm: Boat lost at sea"


def test_a_day_after_the_title_is_no_part_of_it_and_tells_when():
    page = read("<title>Boat lost at sea | Example | 01.05.2024</title>")
    assert (page.title.value, page.published) == ("Boat lost at sea", (datetime(2024, 5, 1, tzinfo=UTC), "page"))


def test_subtitle_is_never_the_title_again():
    body = '<h1>Boat lost</h1><p class="standfirst">Boat lost</p><p class="standfirst">Three sailors are missing.</p>'
    assert read("", body).subtitle == ("Three sailors are missing.", "page")


# --- authors ---


@pytest.mark.parametrize(
    ("said", "names"),
    [
        pytest.param("By Ada Lovelace and Alan Turing", ("Ada Lovelace", "Alan Turing"), id="English"),
        pytest.param(
            "Von Ada Lovelace, Alan Turing und Grace Hopper",
            ("Ada Lovelace", "Alan Turing", "Grace Hopper"),
            id="German",
        ),
        pytest.param("Por Ana Pérez y Luis García", ("Ana Pérez", "Luis García"), id="Spanish"),
        pytest.param("Автор: Анна Иванова", ("Анна Иванова",), id="Russian"),
        pytest.param("记者：王小明、李红", ("王小明", "李红"), id="Chinese"),
        pytest.param("بقلم: أحمد علي", ("أحمد علي",), id="Arabic"),
        pytest.param("Ada Lovelace (Berlin)", ("Ada Lovelace",), id="place in brackets"),
        pytest.param("José Ortega y Gasset", ("José Ortega y Gasset",), id="and within a name"),
        pytest.param("ada@example.com", (), id="mail"),
        pytest.param("https://www.facebook.com/ada", (), id="address"),
    ],
)
def test_authors_are_people_one_by_one(said, names):
    assert read(f'<meta name="author" content="{said}">').authors.value == names


def test_people_go_before_organisations_and_the_site_itself():
    both = [{"@type": "Organization", "name": "The Example"}, {"@type": "Person", "name": "Ada Lovelace"}]
    assert read(data(author=both)).authors == (("Ada Lovelace",), "json-ld")
    only = [{"@type": "Organization", "name": "Boats and Sons"}]
    assert read(data(author=only)).authors == (("Boats and Sons",), "json-ld")


def test_authors_are_found_by_reference_in_a_graph():
    graph = [
        {"@type": "Article", "author": {"@id": "#ada"}},
        {"@type": "Person", "@id": "#ada", "name": "Ada Lovelace"},
    ]
    script = f'<script type="application/ld+json">{json.dumps({"@graph": graph})}</script>'
    assert read(script).authors.value == ("Ada Lovelace",)


@pytest.mark.parametrize(
    "byline",
    [
        pytest.param(
            '<div class="byline"><span>By</span> <a>Ada Lovelace</a><span>Staff writer</span><time>1 May 2024</time></div>',
            id="parts",
        ),
        pytest.param("<p>Written by</p><p>Ada Lovelace</p><p>Last updated</p>", id="lines"),
        pytest.param('<p><a href="/authors/ada-lovelace">Ada Lovelace</a> 1 May 2024</p>', id="link to a profile"),
        pytest.param('<p><a rel="author" href="/x">Ada Lovelace</a></p>', id="rel"),
        pytest.param(
            '<span itemprop="author" itemscope><meta itemprop="name" content="Ada Lovelace">x</span>', id="microdata"
        ),
        pytest.param(
            '<div class="article-author">Reviewed by <b>Alan Turing</b></div><p>By Ada Lovelace</p>', id="reviewer"
        ),
    ],
)
def test_authors_are_read_from_a_visible_byline(byline):
    assert read("", f"<h1>Boat lost at sea</h1>{byline}<p>The text goes on.</p>").authors.value == ("Ada Lovelace",)


def test_links_to_the_authors_complete_data_that_name_but_the_first():
    links = '<a rel="author" href="/a">Ada Lovelace</a> and <a rel="author" href="/b">Alan Turing</a>'
    page = read(data(author={"name": "Ada Lovelace"}), f"<h1>Boat lost</h1>{links}")
    assert page.authors == (("Ada Lovelace", "Alan Turing"), "page")
    assert read(data(author={"name": "Grace Hopper"}), f"<h1>Boat lost</h1>{links}").authors.value == ("Grace Hopper",)


def test_a_second_node_of_the_same_article_may_name_more_of_its_authors():
    first = data(headline="Boat lost", author={"name": "Ada Lovelace"}, url=URL, wordCount=300, section="Harbour")
    second = data(headline="Boat lost", author=[{"name": "Ada Lovelace"}, {"name": "Alan Turing"}])
    other = data(headline="Boat found", author=[{"name": "Ada Lovelace"}, {"name": "Alan Turing"}, {"name": "Anna Bo"}])
    head = "<title>Boat lost</title>" + first + second + other
    assert read(head).authors == (("Ada Lovelace", "Alan Turing"), "json-ld")


@pytest.mark.parametrize(
    "words",
    [
        "<p>Written by Ada Lovelace</p>",
        "<h2>Article by</h2><p>Ada Lovelace</p>",
        "<ul><li><strong>Autorin/Autor</strong> Ada Lovelace</li></ul>",
    ],
)
def test_words_that_only_an_author_has_are_believed_far_from_the_title(words):
    text = "<p>The harbour was quiet.</p>" * 200
    assert read(body=f"<h1>Boat lost</h1>{text}{words}").authors == (("Ada Lovelace",), "page")
    assert read(body=f"<h1>Boat lost</h1>{text}<p>Words by and by</p><p>Photo by Ada Lovelace</p>").authors == ((), "")


def test_a_byline_may_be_known_by_its_id():
    assert read(body='<h1>Boat lost</h1><div id="authors"><span>Ada Lovelace</span></div>').authors.value == (
        "Ada Lovelace",
    )


def test_scholars_may_be_written_surname_first():
    head = '<meta name="citation_author" content="Lovelace, Ada"><meta name="citation_author" content="Turing, Alan">'
    assert read(head).authors.value == ("Ada Lovelace", "Alan Turing")


def test_roles_and_reviewers_are_no_authors():
    body = "<h1>Boat lost</h1><p>By Ada Lovelace, Senior Reporter</p><p>Reviewed by Alan Turing</p>"
    assert read("", body).authors.value == ("Ada Lovelace",)


# --- dates ---


def test_minute_of_another_source_is_taken_for_the_same_day():
    page = read(
        data(datePublished="2024-05-01"), '<h1>Boat</h1><time datetime="2024-05-01T10:20:00+02:00">1 May</time>'
    )
    assert page.published.value == datetime(2024, 5, 1, 10, 20, tzinfo=timezone(timedelta(hours=2)))


def test_time_without_a_zone_is_that_of_the_sites_country():
    page = read(metas(article_published_time="2024-07-01 10:20"), url="https://zeitung.example.de/a")
    assert page.published.value.astimezone(UTC) == datetime(2024, 7, 1, 8, 20, tzinfo=UTC)
    page = read(metas(article_published_time="2024-01-01 10:20"), url="https://zeitung.example.de/a")
    assert page.published.value.astimezone(UTC) == datetime(2024, 1, 1, 9, 20, tzinfo=UTC)


def test_what_is_called_a_change_is_no_publication():
    body = "<h1>Boat lost</h1><p>Updated: 3 May 2024</p><p>Published 1 May 2024 at 3:04 pm UTC</p>"
    page = read("", body)
    assert page.published.value == datetime(2024, 5, 1, 15, 4, tzinfo=UTC)
    assert page.updated.value == datetime(2024, 5, 3, tzinfo=UTC)


def test_date_in_the_address_is_the_last_resort():
    url = "https://www.example.com/2024/05/01/boat"
    assert read(url=url).published == (datetime(2024, 5, 1, tzinfo=UTC), "url")
    assert read(body="<h1>Boat</h1><p>2 May 2024</p>", url=url).published.origin == "page"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        pytest.param(metas(article_modified_time="2024-05-03T10:20:00Z"), "", id="Open Graph"),
        pytest.param('<meta name="last-modified" content="2024-05-03T10:20:00Z">', "", id="meta"),
        pytest.param(data(dateModified="2024-05-03T10:20:00Z"), "", id="JSON-LD"),
        pytest.param("", '<p>Updated <time datetime="2024-05-03T10:20:00Z">3 May</time></p>', id="time"),
        pytest.param("", "<p>Last updated: 3 May 2024, 10:20 UTC</p>", id="line"),
    ],
)
def test_a_change_alone_is_no_publication(head, body):
    page = read(head, f"<h1>Boat lost</h1>{body}")
    assert page.published == (None, "")
    assert page.updated.value == datetime(2024, 5, 3, 10, 20, tzinfo=UTC)


_TEASER = '<a href="/b">The ferry stays in the harbour</a> <time datetime="2024-05-01">1 May 2024</time>'


@pytest.mark.parametrize(
    "stray",
    [
        pytest.param(
            "<p>The quay was built on <time datetime='1920-05-01'>1 May 1920</time>, of oak.</p>", id="sentence"
        ),
        pytest.param("<h2>What was seen at the quay on 1 May 1920</h2>", id="heading"),
        pytest.param("<p>It sank on 1 May 1920.</p>", id="short sentence"),
        pytest.param("<p>1 May 1920 was a Saturday.</p>", id="sentence that begins with it"),
        pytest.param("<figure><img src=/a.jpg><figcaption>1 May 2024</figcaption></figure>", id="caption"),
        pytest.param("<blockquote>A post <a href=/p>1 May 2024</a></blockquote>", id="post"),
        pytest.param("<aside><h3><a href=/b>The ferry</a></h3><p>1 May 2024</p></aside>", id="aside"),
        pytest.param(f"<div class=related-stories>{_TEASER}</div>", id="related"),
        pytest.param(f"<ul><li>{_TEASER}</li></ul>", id="item"),
        pytest.param("<div><i>Ferry</i><b>1 May 2024</b></div><div><i>Quay</i><b>2 May 2024</b></div>", id="list"),
        pytest.param("<article><h3><a href=/b>The ferry</a></h3><time>1 May 2024</time></article>", id="article"),
        pytest.param("<div class=comments><p>Ann <time>1 May 2024</time></p></div>", id="comment"),
        pytest.param("<script>var day = '1 May 2024'</script>", id="script"),
        pytest.param("<style>/* 1 May 2024 */</style>", id="style"),
        pytest.param(
            '<div itemscope itemtype="https://schema.org/NewsArticle"><b itemprop="headline">Quay</b>'
            '<meta itemprop="datePublished" content="2024-05-01"></div>',
            id="microdata",
        ),
        pytest.param(
            '<script type="application/ld+json">{"@type":"ItemList","itemListElement":[{"@type":"NewsArticle",'
            '"headline":"Quay","datePublished":"2024-05-01"}]}</script>',
            id="ItemList",
        ),
        pytest.param(
            '<script type="application/ld+json">[{"@type":"NewsArticle","url":"/quay","headline":"Quay",'
            '"datePublished":"2024-05-01"},{"@type":"NewsArticle","url":"/ferry","headline":"Ferry","datePublished":"2024-05-02"}]'
            "</script>",
            id="JSON-LD of others",
        ),
    ],
)
def test_a_stray_date_is_not_the_articles(stray):
    page = "<main><article><h1>Boat lost</h1><p>A boat was lost.</p>{}</article></main>{}"
    for body in (page.format(stray, ""), page.format("", stray)):
        assert read("<title>Boat lost</title>", body).published == (None, "")
    mine = f"<header><h1>Boat lost</h1><p>By Ann, <span>3 May 2024</span></p></header>{stray}"
    assert read("<title>Boat lost</title>", mine).published == (datetime(2024, 5, 3, tzinfo=UTC), "page")


@pytest.mark.parametrize("edge", ["header", "footer"])
def test_a_day_at_the_edge_of_a_page_is_not_the_articles(edge):
    day = f"<{edge}><p>Saturday, 4 May 2024</p></{edge}>"
    main = "<main><h1>Boat lost</h1><p>A boat was lost.</p></main>"
    assert read(body=day + main + day).published == (None, "")


@pytest.mark.parametrize(
    "line",
    [
        "<p>12<sup>2</sup> March 2024</p>",
        "<p>12² March 2024</p>",
        "<p>12 March 2024¹</p>",
        "<p>March 12<sup>th</sup>, 2024</p>",
        "<time>12 March 2024<sup>[1]</sup></time>",
        '<time datetime="2024-03-12">a while ago</time>',
        "<ul><li>Ann Reed</li><li>12 March 2024</li></ul>",
        "<aside>By Ann Reed, 12 March 2024</aside>",
        "<footer>Published on 12 March 2024.</footer>",
        "<h5>12 March 2024</h5>",
        "<p>12.03.2024, takes 5 min.</p>",
    ],
)
def test_a_line_with_a_date_is_the_articles(line):
    assert read(body=f"<article><h1>Boat lost</h1>{line}</article>").published.value == datetime(
        2024, 3, 12, tzinfo=UTC
    )


# --- terms ---


def test_tags_are_told_apart_and_junk_is_left_out():
    keywords = "Boats, Sea; example.com, 8f507083-bac4-423a-9015-2eb31e1bce50, boats"
    assert read(f'<meta name="keywords" content="{keywords}">').tags.value == ("Boats", "Sea")


def test_tags_that_only_readers_see_are_a_group_of_links():
    links = "".join(f'<li><a href="/tag/{name}">{name}</a></li>' for name in ("boats", "sea", "storms"))
    body = f'<h1>Boat</h1><p>See <a href="/tag/x">x</a>.</p><nav><a href="/topic/a">a</a><a href="/topic/b">b</a></nav><ul>{links}</ul>'
    assert read("", body).tags.value == ("boats", "sea", "storms")


def test_the_fullest_of_lists_that_hold_one_another_is_taken():
    head = data(keywords=["Boats", "Sea"]) + '<meta name="keywords" content="sea, boats, storms">'
    assert read(head).tags == (("sea", "boats", "storms"), "meta")
    head = data(keywords=["Boats", "Sea"]) + '<meta name="keywords" content="news, weather, sports">'
    assert read(head).tags == (("Boats", "Sea"), "json-ld")


def test_keywords_that_have_nothing_to_do_with_the_page_give_way_to_what_readers_see():
    head = '<meta name="keywords" content="news, sports, weather, money">' + metas(og_title="Boat lost at sea")
    body = '<h1>Boat lost at sea</h1><p>A storm.</p><div class="tags"><a href="/1">Boat</a><a href="/2">Storm</a></div>'
    assert read(head, body).tags == (("Boat", "Storm"), "page")


def test_tags_may_stand_in_metas_that_a_site_has_made_up():
    assert read('<meta name="classification-tags" content="boats,sea,free:true">').tags == (("boats", "sea"), "meta")


def test_the_link_above_the_title_is_a_tag_where_there_is_no_other():
    above = '<a href="/topic/harbour">Life at sea</a>'
    assert read(body=f"<div>{above}<h1>Boat lost</h1></div>").tags == (("Life at sea",), "page")
    assert read(body=f"<div>{above}{'<i></i>' * 20}<h1>Boat lost</h1></div>").tags == ((), "")


def test_keywords_in_ideographs_may_stand_apart_by_spaces():
    assert read('<meta name="keywords" content="深空探测 探月工程 航天技术">').tags.value == (
        "深空探测",
        "探月工程",
        "航天技术",
    )


def test_of_several_sections_the_first_is_taken():
    assert read(data(articleSection="World, Sea, Boats")).section == ("World", "json-ld")


def test_section_is_the_innermost_crumb_where_nothing_else_tells():
    crumbs = [{"@type": "ListItem", "name": name} for name in ("Home", "World", "Boat lost")]
    script = json.dumps({"@type": "BreadcrumbList", "itemListElement": crumbs})
    page = read(f'<script type="application/ld+json">{script}</script>' + metas(og_title="Boat lost"))
    assert page.section.value == "World"


# --- site ---


def test_canonical_address_is_trusted_on_the_same_site_only():
    assert read('<link rel="canonical" href="/a?utm_source=x">').url == ("https://www.example.com/a", "link")
    assert read('<link rel="canonical" href="https://elsewhere.example/a">').url == (URL, "url")
    assert read('<link rel="canonical" href="https://www.example.com/">').url == (URL, "url")


def test_images_are_absolute_and_logos_come_last():
    head = metas(og_image="/logo.png") + data(image={"url": "/boat.jpg", "caption": "A boat", "creditText": "Ada"})
    first, second = read(head).images
    assert (first.value.src, first.value.caption, first.value.credit) == (
        "https://www.example.com/boat.jpg",
        "A boat",
        "Ada",
    )
    assert second.value.src == "https://www.example.com/logo.png"


def test_a_figure_at_the_title_goes_before_a_picture_that_the_page_does_not_show():
    figure = '<figure><img src="/boat-at-sea-17.jpg"><figcaption>A boat</figcaption></figure>'
    shared = metas(og_image="/for-sharing-99.jpg")
    assert [one.value.src for one in read(shared, f"<h1>Boat</h1>{figure}").images] == [
        "https://www.example.com/boat-at-sea-17.jpg",
        "https://www.example.com/for-sharing-99.jpg",
    ]
    both = figure + '<figure><img src="/for-sharing-99.jpg"></figure>'
    assert read(shared, f"<h1>Boat</h1>{both}").images[0].value.src == "https://www.example.com/for-sharing-99.jpg"


@pytest.mark.parametrize(
    ("source", "licence"),
    [
        pytest.param(
            data(license="https://creativecommons.org/licenses/by/4.0/"),
            "https://creativecommons.org/licenses/by/4.0/",
            id="data",
        ),
        pytest.param('<a rel="license" href="/terms">terms</a>', "https://www.example.com/terms", id="rel"),
        pytest.param(
            '<a href="http://creativecommons.org/licenses/by-sa/3.0/">CC</a>',
            "http://creativecommons.org/licenses/by-sa/3.0/",
            id="link",
        ),
        pytest.param("", "", id="none"),
    ],
)
def test_licence_is_what_the_page_links_to_as_such(source, licence):
    assert read("", source).licence.value == licence


@pytest.mark.parametrize("free", [False, "False", "no"])
def test_paid_articles_are_marked(free):
    assert read(data(isAccessibleForFree=free)).partial == (True, "json-ld")
    assert read(metas(article_content_tier="locked")).partial == (True, "meta")
    assert read(data(headline="x")).partial == (False, "")


def test_origins_name_the_fields_that_were_found():
    origins = read(data(headline="Boat lost", datePublished="2024-05-01T10:20:00Z")).origins
    assert origins == {"url": "url", "title": "json-ld", "published": "json-ld"}
