"""Chinese in the other script: twins that lead to one another, of what is Chinese alone, and nothing dead among them."""

from __future__ import annotations

import re

import html5lib
import pytest
from msgspec import structs
from render_samples import ENGLISH, GOLDEN, OPTIONS
from selectolax.lexbor import LexborHTMLParser
from test_render_feeds import ArticleShelf, bound
from test_render_indexes import SHELF

from pappus.layout import is_binding
from pappus.render import Site, links
from pappus.render.inputs import Touched

CHINESE = structs.replace(
    GOLDEN["chinese"],
    title="海港城新闻：头发与发展",
    body="<p>皇后以后，<em>头发</em>。<a href='https://a.example/%E5%8F%91'>发</a></p>",
)
TITLED = structs.replace(OPTIONS, title="海港镜报", scripts=("zh-Hant",))
TWIN = ".zh-hant.html"


def built(archive=None, **changes):
    archive = archive or ArticleShelf(CHINESE, ENGLISH)
    edition = Site(structs.replace(TITLED, **changes))
    made = list(edition.indexes(Touched(everything=True), archive))
    for article in getattr(archive, "articles", {}).values():
        made += edition.pages(article, {})
    assert len({one.entry.path for one in made}) == len(made)
    return {one.entry.path: one for one in made}


def text(made, path):
    return made[path].body.decode()


def versions(page):
    return {
        node.attributes["hreflang"]: node.attributes["href"]
        for node in LexborHTMLParser(page).css("link[rel=alternate][hreflang]")
    }


def test_a_chinese_article_has_a_twin_and_another_has_none():
    made = built()
    pages = {path for path in made if path.startswith("pages/")}
    stem = f"pages/gazette/2026/11/0{CHINESE.published.day}/{CHINESE.ident}"
    assert pages == {f"{stem}.html", f"{stem}{TWIN}", "pages/gazette/2026/11/03/ferry-timetable.html"}
    twin = text(made, f"{stem}{TWIN}")
    assert "海港城新聞：頭髮與發展" in twin
    assert "<em>頭髮</em>" in twin
    assert '<html lang="zh-Hant"' in twin
    assert "%E5%8F%91" in twin
    assert "头发" not in twin
    assert "头发" in text(made, f"{stem}.html")


def test_what_came_in_the_other_script_has_no_twin_and_is_led_to_as_it_is():
    came = structs.replace(CHINESE, ident="came", title="渡輪", language="zh-Hant")
    made = built(ArticleShelf(CHINESE, came))
    assert [path for path in made if "/came" in path] == [f"pages/gazette/2026/11/0{came.published.day}/came.html"]
    assert "/came.html" in text(made, f"index{TWIN}")
    assert versions(text(made, f"pages/gazette/2026/11/0{came.published.day}/came.html")) == {}


def test_twins_lead_to_one_another_in_their_heads_and_before_readers_eyes():
    made = built()
    stem = CHINESE.ident
    (first,) = [path for path in made if path.endswith(f"/{stem}.html")]
    for path in (first, first.replace(".html", TWIN)):
        assert versions(text(made, path)) == {"zh-Hans": f"{stem}.html", "zh-Hant": f"{stem}{TWIN}"}
    assert f'<a href="{stem}{TWIN}" hreflang="zh-Hant" lang="zh-Hant">繁體中文</a>' in text(made, first)
    assert f'<a href="{stem}.html" hreflang="zh-Hans" lang="zh-Hans">简体中文</a>' in text(
        made, first.replace(".html", TWIN)
    )
    assert versions(text(made, "index.html")) == {"en": "index.html", "zh-Hant": f"index{TWIN}"}
    assert versions(text(made, f"index{TWIN}")) == versions(text(made, "index.html"))
    assert versions(text(made, "pages/gazette/2026/11/03/ferry-timetable.html")) == {}


def test_every_index_has_a_twin_in_that_script_which_leads_to_pages_in_it():
    made = built()
    indexes = {path for path in made if path.endswith(".html") and not path.startswith("pages/")}
    firsts = {path for path in indexes if not path.endswith(TWIN)}
    assert {path.replace(".html", TWIN) for path in firsts - {"search.html", "404.html"}} <= indexes
    home = text(made, f"index{TWIN}")
    assert "海港鏡報" in home
    assert "海港城新聞" in home
    assert f"{CHINESE.ident}{TWIN}" in home
    assert "ferry-timetable.html" in home


def test_everything_leads_somewhere_and_home_leads_to_everything():
    made = built(SHELF)
    pages = {path for one in made.values() for path in links(one) or () if path.startswith("pages/")}
    found = set().union(*(links(one) or () for one in made.values()))
    assert {path for path in found if not is_binding(path)} - {*made, *pages} == set()
    twins = {path for path in made if path.endswith(TWIN)}
    assert twins <= found


def test_twins_are_valid_html():
    for path, one in built().items():
        if path.endswith(TWIN):
            html5lib.HTMLParser(strict=True).parse(one.body.decode())


def test_without_scripts_there_are_no_twins_and_no_links_to_any():
    made = built(scripts=())
    assert not any("zh-hant" in path for path in made)
    assert not any(b"hreflang" in one.body for path, one in made.items() if path.endswith(".html"))


def test_a_sitemap_names_the_versions_of_a_page():
    made = built()
    sitemap = text(bound({path: one for path, one in made.items() if path.endswith(".atom")}), "sitemaps/2026-11/0.xml")
    (page,) = re.findall(rf"<url><loc>[^<]*/{CHINESE.ident}\.html</loc>.*", sitemap)
    assert set(re.findall(r'hreflang="([^"]*)" href="[^"]*/([^/"]*)"', page)) == {
        ("zh-Hans", f"{CHINESE.ident}.html"),
        ("zh-Hant", f"{CHINESE.ident}{TWIN}"),
    }
    (english,) = re.findall(r"<url><loc>[^<]*/ferry-timetable\.html</loc>.*", sitemap)
    assert "hreflang" not in english


@pytest.mark.parametrize("withdrawn", ["publisher", "court"])
def test_a_withdrawn_article_s_twin_says_so_and_nothing_else(withdrawn):
    edition = Site(TITLED)
    pages = edition.pages(structs.replace(CHINESE, withdrawn=withdrawn), {})
    assert [one.entry.path.rpartition("/")[2] for one in pages] == [f"{CHINESE.ident}.html", f"{CHINESE.ident}{TWIN}"]
    for one in pages:
        assert "头" not in one.body.decode()
        assert "頭" not in one.body.decode()
