"""Feeds and lists of pages: valid by the rules of their forms, read back whole by another program, and the same wherever they lie."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

import feedparser
import pytest
from lxml import etree
from msgspec import structs
from render_samples import ENGLISH, GOLDEN, HELD, HOSTILE, OPTIONS, PERSIAN, WITHDRAWN
from test_render_indexes import OCTOBER, SHELF, MemoryShelf, headlines

from pappus.errors import MirrorError
from pappus.layout import SITE as LAYOUT
from pappus.mirrors import Binding, bind_feeds
from pappus.mirrors.syndication import syndicate
from pappus.model import Annex, Digest, Division, Headline, Version
from pappus.render.inputs import Touched
from pappus.render.paths import SITE as PATHS
from pappus.render.site.feeds import FEED_SIZE, feeds

ADDRESS = "https://news.example/mirror/"
EVIL = (
    "]]><script>alert(1)</script>", "\x00\x08\x0b\x1f\x7f\ufffe\uffff", "\u202eabc\u2066", "&lt;b&gt; &amp; <b>", '"\'<!--', "\U000e0041",
    " ", "a\r\nb\tc", "\U0010ffff",
)  # fmt: skip
ATOM = "{http://www.w3.org/2005/Atom}"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class ArticleShelf(MemoryShelf):
    """A archive over whole articles."""

    def __init__(self, *articles):
        self.articles = {(one.source, one.published, one.ident): one for one in articles}
        newest = sorted(articles, key=lambda one: one.published, reverse=True)
        super().__init__({"harbour": [_headline(one) for one in newest]})

    def newest(self, channel, limit):
        return [one for one in super().newest(channel, 10**6) if not one.withdrawn][:limit]

    def latest(self, limit):
        return [one for one in super().latest(10**6) if not one.withdrawn][:limit]

    def whole(self, headline):
        return self.articles[headline.source, headline.published, headline.ident], HELD


def _headline(one):
    return Headline(
        source=one.source, ident=one.ident, title=one.title, published=one.published, language=one.language,
        direction=one.direction, withdrawn=bool(one.withdrawn), revision=one.revision,
    )  # fmt: skip


def hostile():
    """Return articles whose every text is an attack on what writes XML."""
    for number, text in enumerate(EVIL):
        yield structs.replace(
            HOSTILE, ident=f"evil-{number}", title=text, subtitle=text, summary=text, authors=(text,), tags=(text,),
            licence=text, language="en", published=ENGLISH.published - timedelta(hours=number),
        )  # fmt: skip


EVERY = ArticleShelf(*{(one.source, one.ident): one for one in GOLDEN.values()}.values(), *hostile())


def built(archive=EVERY, **changes):
    options = structs.replace(OPTIONS, **changes)
    return {one.entry.path: one for one in feeds(Touched(everything=True), archive, options)}


def binding(address=ADDRESS, **fields):
    version = Version(number=1, chain=Digest("0" * 64))
    return Binding(title="News", address=address, home=address, edition="site", version=version, **fields)


def bound(made, one=None):
    lists = [path for path in made if path.startswith("sitemaps/")]
    return {a.entry.path: a for a in bind_feeds(one or binding(), made, lambda path: made[path].body, lists)}


def faults(data: bytes) -> list[str]:
    """Return what is wrong with an Atom feed by the rules that the W3C's validator has of RFC 4287."""
    root = etree.fromstring(data)
    found = [] if root.tag == f"{ATOM}feed" else ["no feed"]
    idents = [one.findtext(f"{ATOM}id") for one in root.iter(f"{ATOM}entry")]
    found += ["an id stands twice"] if len(set(idents)) < len(idents) else []
    for one in (root, *root.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            found += (
                [] if len(one.findall(f"{ATOM}{name}")) == 1 and one.findtext(f"{ATOM}{name}") else [f"{name} missing"]
            )
        for name in ("published", "rights", "summary", "content", "subtitle", "icon"):
            found += [f"{name} more than once"] if len(one.findall(f"{ATOM}{name}")) > 1 else []
        found += [] if re.fullmatch("urn:uuid:[0-9a-f-]{36}", one.findtext(f"{ATOM}id") or "") else ["no urn"]
        alternates = [link for link in one.findall(f"{ATOM}link") if link.get("rel") == "alternate"]
        found += [] if len(alternates) == 1 else ["alternates"]
        for link in one.findall(f"{ATOM}link"):
            found += [] if link.get("href") and link.get("type") else ["link without href or type"]
    for name in ("updated", "published"):
        found += [f"{name} is no date" for one in root.iter(f"{ATOM}{name}") if not MOMENT.fullmatch(one.text)]
    for author in root.iter(f"{ATOM}author"):
        found += [] if author.findtext(f"{ATOM}name") else ["author without name"]
    found += [] if root.find(f"{ATOM}author") is not None else ["feed without author"]
    newest = max((one.findtext(f"{ATOM}updated") or "" for one in root.iter(f"{ATOM}entry")), default="")
    found += [] if newest in {"", root.findtext(f"{ATOM}updated")} else ["updated is not that of the newest"]
    return found


@pytest.mark.parametrize("language", ["en", "fa", "zh-Hant"])
def test_every_atom_file_is_valid_and_well_formed_whatever_titles_say(language):
    made = built(language=language)
    assert {"feeds/all.atom", "feeds/list.atom", "feeds/channels/harbour.atom", "sitemaps/news.atom"} < set(made)
    assert {path: wrong for path, one in made.items() if (wrong := faults(one.body))} == {}


@pytest.mark.parametrize(
    ("spoil", "by"),
    [
        ("<updated>[^<]*</updated>", ""),
        ("<id>[^<]*</id>", ""),
        ('rel="alternate"', 'rel="other"'),
        ("<name>[^<]*</name>", ""),
    ],
    ids=["date", "id", "page", "author"],
)
def test_the_checks_of_validity_can_fail(spoil, by):
    good = built()["feeds/all.atom"].body.decode()
    assert faults(re.sub(spoil, by, good, count=1).encode()) != []


@pytest.mark.parametrize(
    "path", ["feeds/all.atom", "feeds/channels/harbour.atom", "feeds/all.rss", "feeds/channels/harbour.rss"]
)
def test_feedparser_reads_a_feed_without_a_complaint_and_finds_whole_articles(path):
    made = built()
    data = {**made, **bound(made)}[path].body
    headers = {"content-location": f"{ADDRESS}{path}", "content-type": f"application/{path.rpartition('.')[2]}+xml"}
    read = feedparser.parse(data, response_headers=headers, sanitize_html=False)
    assert not read.bozo, read.get("bozo_exception")
    assert read.version in {"atom10", "rss20"}
    assert len(read.entries) == min(FEED_SIZE, sum(not one.withdrawn for one in EVERY.articles.values()))
    (ferry,) = [one for one in read.entries if one.title == "Night ferry [again] costs $5 & more: *what changes* #"]
    assert ferry.link == f"{ADDRESS}pages/gazette/2026/11/03/ferry-timetable.html"
    assert ferry.id.startswith("urn:uuid:")
    assert [one["name"] for one in ferry.get("authors", ())] or ferry.author
    content = ferry.content[0].value
    assert "three times" in content
    assert f'href="{ADDRESS}pages/gazette/2026/10/28/swing-bridge.html"' in content
    assert f'src="{ADDRESS}media/2026/11/03/' in content


def test_json_feeds_have_what_their_specification_wants():
    made = bound(built())
    for path in ("feeds/all.json", "feeds/channels/harbour.json"):
        feed = json.loads(made[path].body)
        assert feed["version"] == "https://jsonfeed.org/version/1.1"
        assert feed["title"]
        assert feed["feed_url"] == ADDRESS + path
        assert feed["home_page_url"].startswith(ADDRESS)
        assert len({item["id"] for item in feed["items"]}) == len(feed["items"]) > 10
        for item in feed["items"]:
            assert isinstance(item["id"], str)
            assert isinstance(item["content_html"], str)
            assert item["url"].startswith(f"{ADDRESS}pages/")
            assert urlsplit(item["external_url"]).scheme in {"http", "https"}
            assert all(datetime.fromisoformat(item[key]).tzinfo for key in ("date_published", "date_modified"))
            assert all(author["name"] for author in item["authors"])


def test_all_that_a_mirror_makes_is_well_formed_and_has_absolute_addresses():
    made = built()
    for path, one in bound(made).items():
        if path.endswith((".rss", ".xml", ".opml")):
            root = etree.fromstring(one.body)
            said = [node.text for node in root.iter("{*}loc", "link", "{*}guid") if node.tag != "guid"]
            said += [
                node.get(name)
                for node in root.iter("*")
                for name in ("href", "url", "xmlUrl", "htmlUrl")
                if node.get(name)
            ]
            assert said
            assert [address for address in said if not address.startswith(ADDRESS)] == []


def test_relative_addresses_lead_to_the_same_files_as_absolute_ones():
    made = built()
    root = etree.fromstring(made["feeds/channels/harbour.atom"].body)
    found = {urljoin(f"{ADDRESS}feeds/channels/harbour.atom", link.get("href")) for link in root.iter(f"{ATOM}link")}
    inside = {address for address in found if address.startswith(ADDRESS)}
    rss = bound(made)["feeds/channels/harbour.rss"].body.decode()
    pages = {address for address in inside if "/pages/" in address}
    assert len(pages) > 10
    assert all(f"<link>{address}</link>" in rss for address in pages)


def test_nothing_in_an_edition_s_feed_depends_on_where_it_lies():
    assert all(b"news.example" not in one.body for one in built().values())
    assert built() == built()


def test_a_withdrawn_article_is_in_no_feed_and_in_no_list():
    made = built(ArticleShelf(ENGLISH, WITHDRAWN, PERSIAN))
    assert len(list(etree.fromstring(made["feeds/all.atom"].body).iter(f"{ATOM}entry"))) == 2
    for one in (*made.values(), *bound(made).values()):
        assert WITHDRAWN.ident.encode() not in one.body


def test_text_from_right_to_left_says_so():
    rss = bound(built(ArticleShelf(PERSIAN)))["feeds/all.rss"].body.decode()
    assert "&lt;div dir=&quot;rtl&quot;&gt;" in rss


def test_a_feed_has_the_newest_and_no_more():
    made = built(SHELF)
    entries = list(etree.fromstring(made["feeds/channels/harbour.atom"].body).iter(f"{ATOM}entry"))
    assert len(entries) == FEED_SIZE


def test_only_what_is_touched_is_written_and_nothing_where_nothing_is():
    archive = MemoryShelf({"harbour": headlines(150), "بندر": headlines(5)})
    assert list(feeds(Touched(), archive, OPTIONS)) == []
    touched = Touched(days=OCTOBER, channels={"harbour": OCTOBER})
    written = {one.entry.path for one in feeds(touched, archive, OPTIONS)}
    assert written == {
        "feeds/all.atom", "feeds/list.atom", "feeds/channels/harbour.atom", "sitemaps/2026-10/0.atom", "sitemaps/news.atom",
    }  # fmt: skip


@pytest.mark.parametrize("more", [1, 499, 500, 501])
def test_full_parts_of_a_list_keep_their_bytes(more):
    step = timedelta(minutes=7)
    before, after = (
        {
            path: one
            for path, one in built(MemoryShelf({"harbour": archive})).items()
            if re.search(r"11/[1-9]\d*\.atom$", path)
        }
        for archive in (headlines(1200 + more, step)[more:], headlines(1200 + more, step))
    )
    assert len(before) == 2
    assert {path: after[path] for path in before} == before


@pytest.mark.parametrize(("new", "written"), [(0, {0}), (300, {0, 2}), (900, {0, 1, 2})])
def test_only_the_parts_of_a_list_that_an_article_came_into_are_written(new, written):
    every = headlines(1200, timedelta(minutes=7))
    before = built(MemoryShelf({"harbour": [one for one in every if one is not every[new]]}))
    archive = MemoryShelf({"harbour": every})
    archive.former = lambda path: before[path].body.decode() if path in before else ""
    day = frozenset({f"{every[new].published:%Y-%m-%d}"})
    touched = Touched(days=day, channels={"harbour": day}, pages=frozenset({PATHS.page(every[new])}))
    after = {one.entry.path: one for one in feeds(touched, archive, OPTIONS)}
    lists = {path for path in after if path.startswith("sitemaps/2")}
    assert lists == {PATHS.sitemap("2026-11", part) for part in written}
    assert {path: (before | after)[path] for path in built(archive) if path.startswith("sitemaps/")} == {
        path: one for path, one in built(archive).items() if path.startswith("sitemaps/")
    }


def test_a_line_of_a_list_is_taken_as_it_stands_where_its_article_did_not_change():
    before = {path: one.body.decode().replace("渡轮恢复 1<", "As it stood<") for path, one in built(SHELF).items()}
    archive = MemoryShelf(SHELF.listed)
    archive.former = lambda path: before.get(path, "")
    every = SHELF.listed["harbour"]
    for changed, stands in ((every[0], True), (every[1], False)):
        day = frozenset({f"{changed.published:%Y-%m-%d}"})
        touched = Touched(days=day, channels={"harbour": day}, pages=frozenset({PATHS.page(changed)}))
        made = {one.entry.path: one.body.decode() for one in feeds(touched, archive, OPTIONS)}
        for path in ("sitemaps/news.atom", "sitemaps/2026-11/0.atom", "feeds/all.atom"):
            assert ("As it stood" in made[path]) == stands


def test_no_folder_of_lists_has_a_thousand_entries():
    months = [f"{year}-{month:02}" for year in range(1980, 2030) for month in range(1, 13)]
    paths = {PATHS.sitemap(month, part) for month in months for part in range(100)}
    folders = Counter(path.rpartition("/")[0] for path in paths)
    assert len(folders) < 1_000
    assert 6 * max(folders.values()) < 1_000, "each list with its sitemap, and both packed twice"
    assert len(paths) == 100 * len(months)


def test_the_news_are_of_the_two_days_before_the_newest():
    made = bound(built(MemoryShelf({"harbour": headlines(150)})))
    root = etree.fromstring(made["sitemaps/news.xml"].body)
    assert len(root) == 5  # one every nine hours, but for one that is withdrawn
    namespace = "{http://www.google.com/schemas/sitemap-news/0.9}"
    assert {node.text for node in root.iter(f"{namespace}language")} == {"en"}
    assert all(node.text for node in root.iter(f"{namespace}title", f"{namespace}publication_date"))


def test_sitemaps_keep_their_limits_and_name_every_page_once():
    archive = MemoryShelf({"harbour": headlines(2600, timedelta(minutes=30))})
    made = bound(built(archive))
    index = etree.fromstring(made["sitemap.xml"].body)
    named = {node.text.removeprefix(ADDRESS) for node in index.iter("{*}loc")}
    assert named == {path for path in made if path.startswith("sitemaps/")}
    found = [
        node.text for path in named - {"sitemaps/news.xml"} for node in etree.fromstring(made[path].body).iter("{*}loc")
    ]
    assert len(found) == len(set(found)) == sum(not one.withdrawn for one in archive.listed["harbour"])
    for path in named:
        assert len(made[path].body) < 50 * 2**20
        assert len(etree.fromstring(made[path].body)) <= 50_000


def test_robots_are_told_at_the_root_of_a_host_alone():
    made = built()
    assert "robots.txt" not in bound(made)
    told = bound(made, binding("http://abcdefghij.onion/"))["robots.txt"].body.decode()
    assert told.endswith("Sitemap: http://abcdefghij.onion/sitemap.xml\n")


def test_an_annex_has_none_and_its_pages_are_named_where_they_are():
    annex = Annex(address="https://old.example/", first="2026-10", last="2026-11")
    division = Division(main=ADDRESS, annexes=(annex,), here=ADDRESS)
    made = built()
    rss = bound(made, binding(division=division))["feeds/all.rss"].body.decode()
    assert "<link>https://old.example/pages/gazette/2026/11/03/ferry-timetable.html</link>" in rss
    assert "<link>https://news.example/mirror/index.html</link>" in rss
    there = structs.replace(division, here=annex.address)
    assert bound(made, binding(annex.address, division=there)) == {}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<feed/>",
        b"<html>",
        b"\xff",
        b'<!DOCTYPE f [<!ENTITY a "b">]><feed xmlns="http://www.w3.org/2005/Atom">&a;</feed>',
    ],
    ids=["nothing", "another", "broken", "no text", "entities"],
)
def test_what_is_no_feed_is_refused(data):
    with pytest.raises(MirrorError, match="no feed that can be read"):
        list(syndicate("feeds/all.atom", data, LAYOUT, lambda path: ADDRESS + path))


def test_markup_that_would_be_costly_to_parse_is_refused_before_it_is():
    data = built(ArticleShelf(ENGLISH))["feeds/all.atom"].body
    deep = data.replace(b"</content>", b"&lt;ul&gt;" * 20_000 + b"</content>")
    with pytest.raises(MirrorError, match="no feed that can be read"):
        list(syndicate("feeds/all.atom", deep, LAYOUT, lambda path: ADDRESS + path))


def test_an_article_that_is_too_large_for_readers_of_feeds_stops_no_feed():
    body = f"<p>{'harbour ferry ' * 800_000}</p>"
    made = built(ArticleShelf(ENGLISH, structs.replace(PERSIAN, body=body, summary="خلاصه")))
    article = bound(made)["feeds/all.json"].body
    contents = [item["content_html"] for item in json.loads(article)["items"]]
    assert sorted(map(bool, contents)) == [False, True]
    assert not faults(made["feeds/all.atom"].body)
    assert "خلاصه" in article.decode()


def test_pictures_of_several_widths_are_absolute_in_all_their_addresses():
    data = built(ArticleShelf(ENGLISH))["feeds/all.atom"].body
    several = b'&lt;img srcset="../../../../../media/a.webp 400w, ../../../../../media/b.webp 800w"&gt;&lt;/p&gt;'
    spoilt = data.replace(b"&lt;/p&gt;", several, 1)
    (rss, _) = syndicate("feeds/all.atom", spoilt, LAYOUT, lambda path: ADDRESS + path)
    assert f"srcset=&quot;{ADDRESS}media/a.webp 400w, {ADDRESS}media/b.webp 800w&quot;" in rss.body.decode()
