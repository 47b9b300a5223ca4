"""The demo newspaper: really served, the same every time, and with everything in it that a newspaper throws at a mirror."""

import io
import itertools
import json
import re
import unicodedata
import urllib.error
import urllib.request
from collections import Counter
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from urllib.parse import quote, unquote, urljoin, urlsplit

import feedparser
import pytest
from PIL import Image
from selectolax.lexbor import LexborHTMLParser as Tree

from pappus.demo import pages, pictures, stories
from pappus.demo.newspaper import CHANNELS, Newspaper, site
from ports import free_port

BASE = "http://127.0.0.1:8765"
FEEDS = [channel for channel in CHANNELS if channel.kind == "feed"]
SCRIPTS = {
    "en": "LATIN", "zh-hans": "CJK", "zh-hant": "CJK", "fa": "ARABIC", "ru": "CYRILLIC", "hi": "DEVANAGARI",
    "my": "MYANMAR",
}  # fmt: skip


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def text(self):
        return self.body.decode(self.headers.get_content_charset())


def ask(url, method="GET", **headers):
    request = urllib.request.Request(url, method=method, headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return Answer(response)
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error)


@pytest.fixture(scope="module")
def paper():
    with Newspaper(0) as newspaper:
        yield newspaper


@pytest.fixture
def changing():
    with Newspaper(0) as newspaper:
        yield newspaper


def entries(newspaper, path):
    return feedparser.parse(ask(newspaper.url + path).body).entries


def texts():
    return stories.stories(frozenset())


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in {"href", "src"}:
                self.found.append(value)
            elif name == "srcset":
                self.found += [part.split()[0] for part in value.split(",")]


def links(html, base):
    parser = Links()
    parser.feed(html)
    return {urljoin(base, value).partition("#")[0] for value in parser.found}


def test_there_are_at_least_four_articles_in_each_language():
    counts = Counter(story.section for story in texts())
    assert set(counts) == set(SCRIPTS)
    assert min(counts.values()) >= 4


@pytest.mark.parametrize(("section", "script"), SCRIPTS.items(), ids=SCRIPTS)
def test_each_section_is_written_in_its_own_script(section, script):
    letters = Counter()
    for story in texts():
        if story.section == section:
            text = re.sub(r"<[^>]*>|\{site\}|!\[.*|&\w+;", "", "".join(story.blocks))
            letters.update(unicodedata.name(char).split()[0] for char in text if char.isalpha())
    assert letters[script] > 0.95 * letters.total()


def test_simplified_and_traditional_chinese_do_not_mix():
    simplified, traditional = (
        "".join("".join(story.blocks) for story in texts() if story.section == section)
        for section in ("zh-hans", "zh-hant")
    )
    assert not set("這會來時個們說學讀發") & set(simplified)
    assert not set("这会来时个们说学读发") & set(traditional)


def test_articles_are_as_long_as_articles_are():
    short = {}
    for story in texts():
        text = re.sub(r"<[^>]*>|!\[.*", "", "\n".join(story.blocks))
        signs = {"zh-hans": 2.2, "zh-hant": 2.2, "my": 6.0}.get(
            story.section
        )  # a word, where no spaces set words apart
        length = len(text) / signs if signs else len(text.split())
        if story.stage != "broken" and not 130 <= length <= 520:
            short[story.path] = length
    assert not short


def test_dates_spread_over_three_months_and_none_is_later_than_the_twentieth_of_november():
    everything = stories.stories(frozenset({"corrected", "withdrawn", "added"}))
    assert {story.published.strftime("%Y-%m") for story in everything} == {"2026-09", "2026-10", "2026-11"}
    assert max(story.modified for story in everything) < datetime(2026, 11, 21, tzinfo=UTC)


FEATURES = {
    "a table with a head": r"<thead>.*<th",
    "a caption of a table": r"<caption>",
    "a nested list": r"<li>[^<]*\n?<ul>|:\n<ul>",
    "an ordered list that goes on": r'<ol start="4">',
    "a quote": r"<blockquote>",
    "a subheading": r"(?m)^## ",
    "a lower subheading": r"(?m)^### ",
    "a video": r'<iframe src="https://[a-z.]+\.example/',
    "a relative link": r'href="[a-z-]+\.html"',
    "a link from the root": r'href="/\w',
    "an absolute link": r'href="\{site\}/',
    "a link to elsewhere": r'<a href="https://[a-z.]+\.example',
    "code": r"<pre><code>",
    "a subscript": r"CO<sub>2</sub>",
    "a superscript": r"m<sup>2</sup>",
    "ruby": r"<ruby>鸥",
    "bold": r"<strong>",
    "emphasis": r"<em>",
    "definitions": r"<dl>",
    "a gallery": r"(?m)^!\[.*\n!\[",
}


@pytest.mark.parametrize("pattern", FEATURES.values(), ids=FEATURES)
def test_somewhere_in_the_paper_stands(pattern):
    assert any(re.search(pattern, "\n\n".join(story.blocks)) for story in texts())


def test_no_template_of_an_article_file_is_left_over_in_a_page():
    for path, document in site(BASE, frozenset()).items():
        text = document.body.decode(document.content_type.partition("charset=")[2])
        assert "{site}" not in text, path
        assert "![" not in text.replace("<![CDATA[", ""), path
        assert not re.search(r"\$[a-z]", text), path


def test_two_newspapers_give_the_same_bytes_for_every_path(paper):
    seen = {path: ask(paper.url + quote(path)) for path in paper.paths()}
    port = urlsplit(paper.url).port
    again = site(f"http://127.0.0.1:{port}", frozenset())
    for path, document in again.items():
        assert seen[path].body == document.body, path
    drawn = {}
    for name in ("storm.jpg", "soup.jpg", "landings.png", pictures.LOGO):
        drawn |= pictures.render(name)
    for name, body in drawn.items():
        assert seen[f"/images/{name}"].body == body, name


def test_a_newspaper_started_again_on_the_same_port_gives_the_same_bytes():
    with Newspaper(free_port()) as first:
        url = first.url
        before = {path: ask(url + quote(path)).body for path in first.paths() if not path.startswith("/images/")}
    with Newspaper(urlsplit(url).port) as second:
        assert second.url == url
        assert before == {path: ask(url + quote(path)).body for path in before}


def test_a_taken_port_makes_it_take_the_next_free_one(paper):
    with Newspaper(urlsplit(paper.url).port) as neighbour:
        assert urlsplit(neighbour.url).port > urlsplit(paper.url).port
        assert ask(neighbour.url + "/robots.txt").status == 200


def test_after_the_end_nobody_answers():
    with Newspaper(0) as newspaper:
        url = newspaper.url
    with pytest.raises(urllib.error.URLError):
        ask(url + "/")


def test_everything_has_validators_and_answers_304_to_them(paper):
    for path in paper.paths():
        url = paper.url + quote(path)
        whole = ask(url)
        if whole.status != 200:
            continue
        modified = whole.headers["Last-Modified"]
        assert parsedate_to_datetime(modified) < datetime(2026, 11, 21, tzinfo=UTC)
        for headers in (
            {"If_None_Match": f'"old", W/{whole.headers["ETag"]}'},
            {"If_None_Match": "*"},
            {"If_Modified_Since": modified},
        ):
            answer = ask(url, **headers)
            assert (answer.status, answer.body) == (304, b""), (path, headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"If_None_Match": '"another"'},
        {"If_Modified_Since": "Tue, 01 Sep 2020 06:00:00 GMT"},
        {"If_Modified_Since": "yesterday"},
        {"If_None_Match": '"another"', "If_Modified_Since": "Fri, 20 Nov 2026 20:00:00 GMT"},
    ],
    ids=["other tag", "older date", "no date", "tag before date"],
)
def test_old_or_unreadable_validators_get_the_whole(paper, headers):
    assert ask(paper.url + "/en/feed.xml", **headers).status == 200


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/ru/first-snow.html", "text/html; charset=windows-1251"),
        ("/en/feed.xml", "application/rss+xml; charset=utf-8"),
        ("/zh-hans/atom.xml", "application/atom+xml; charset=utf-8"),
        ("/zh-hant/港灣新聞.rss", "application/rss+xml; charset=utf-8"),
        ("/fa/feed.json", "application/feed+json; charset=utf-8"),
        ("/ru/новости.rdf", "application/rdf+xml; charset=windows-1251"),
        ("/archive.csv", "text/csv; charset=utf-8"),
        ("/robots.txt", "text/plain; charset=utf-8"),
        ("/images/logo.png", "image/png"),
        ("/images/storm-800.jpg", "image/jpeg"),
    ],
    ids=lambda value: value if value.startswith("/") else "",
)
def test_content_types_are_right(paper, path, content_type):
    assert ask(paper.url + quote(path)).headers["Content-Type"] == content_type


@pytest.mark.parametrize(
    "path", ["/nothing", "/images/", "/images/none.jpg", "/images/landings-800.png", "/../README.md"]
)
def test_what_is_not_there_is_404(paper, path):
    assert ask(paper.url + path).status == 404


def test_other_methods_are_refused_and_head_has_no_body(paper):
    assert ask(paper.url + "/", method="POST").status == 405
    head = ask(paper.url + "/", method="HEAD")
    assert (head.status, head.body) == (200, b"")


def test_requests_are_logged_in_order():
    with Newspaper(0) as newspaper:
        ask(newspaper.url + "/robots.txt")
        ask(newspaper.url + "/gone", method="HEAD")
        assert newspaper.requests == [("GET", "/robots.txt", 200), ("HEAD", "/gone", 404)]


@pytest.mark.parametrize("channel", FEEDS, ids=lambda channel: channel.name)
def test_every_feed_is_well_formed_and_names_pages_that_exist(paper, channel):
    if channel.path.endswith(".json"):
        feed = json.loads(ask(paper.url + channel.path).body)
        assert feed["version"] == "https://jsonfeed.org/version/1.1"
        found = [(item["url"], item["title"]) for item in feed["items"]]
    else:
        feed = feedparser.parse(paper.url + channel.path)
        assert not feed.bozo, feed.get("bozo_exception")
        assert all(entry.get("published_parsed") or entry.get("updated_parsed") for entry in feed.entries)
        found = [(entry.link, entry.title) for entry in feed.entries]
    assert len(found) >= 4
    for url, title in found:
        assert title
        assert ask(url).status == 200


@pytest.mark.parametrize("section", ["zh-hans", "zh-hant", "fa"])
def test_full_content_feeds_say_what_the_pages_say(paper, section):
    path = quote(pages.FEED_PATHS[section])
    if section == "fa":
        carried = {item["url"]: item["content_html"] for item in json.loads(ask(paper.url + path).body)["items"]}
    else:
        carried = {entry.link: entry.content[0].value for entry in entries(paper, path)}
    for url, content in carried.items():
        page = Tree(ask(url).body.decode())
        said = "".join(node.text() for node in page.css("figure.lead, .story-body"))
        assert "".join(said.split()) == "".join(Tree(content).text().split()), url


@pytest.mark.parametrize(
    "channel", [channel for channel in CHANNELS if channel.kind == "index"], ids=lambda channel: channel.language
)
def test_the_index_page_can_be_read_with_the_channel_s_selectors(paper, channel):
    tree = Tree(ask(paper.url + channel.path).text)
    teasers = tree.css(channel.selectors["within"])
    assert len(teasers) >= 4
    for teaser in teasers:
        [link] = teaser.css(channel.selectors["link"])
        assert teaser.css_first(channel.selectors["title"]).text() == link.text()
        assert ask(urljoin(paper.url + channel.path, link.attributes["href"])).status == 200


def test_the_archive_lists_every_article_with_its_title(paper):
    lines = ask(paper.url + "/archive.csv").text.splitlines()
    assert lines[0] == "url,title"
    assert len(lines) == 1 + len(texts())


def test_the_latest_feed_overlaps_with_the_others(paper):
    latest = {entry.link for entry in entries(paper, "/feeds/latest.xml")}
    others = [
        {entry.link for entry in entries(paper, channel.path)}
        for channel in FEEDS
        if channel.name in {"harbour", "港口"}
    ]
    assert all(latest & other for other in others)


def test_every_internal_link_and_image_answers(changing):
    changing.correct()
    changing.withdraw()
    changing.add()
    todo, seen = [changing.url + "/"], set()
    while todo:
        url = todo.pop()
        seen.add(url)
        answer = ask(quote(url, safe="%/:?="))
        assert answer.status == 200, url
        if answer.headers.get_content_type() == "text/html":
            inside = {link for link in links(answer.text, url) if link.startswith(changing.url)}
            todo += inside - seen - set(todo)
    assert {changing.url + story.path for story in texts() if story.slug != "swimming-steps"} <= {
        quote(unquote(url), safe=":/") for url in seen
    }


def test_pages_have_what_an_extractor_must_get_past(paper):
    html = ask(paper.url + quote("/fa/فانوس-دریایی.html")).text
    assert html.startswith('<!DOCTYPE html>\n<html lang="fa" dir="rtl"')
    tree = Tree(html)
    for selector in (
        "#cookie-banner",
        ".share-buttons",
        ".related a",
        ".newsletter form",
        ".advert script",
        "noscript img",
    ):
        assert tree.css_first(selector), selector
    facts = json.loads(tree.css_first('script[type="application/ld+json"]').text())
    assert facts["@type"] == "NewsArticle"
    assert facts["mainEntityOfPage"]["@id"] == tree.css_first("link[rel=canonical]").attributes["href"]
    assert (
        facts["headline"]
        == tree.css_first("h1").text()
        == tree.css_first('meta[property="og:title"]').attributes["content"]
    )


@pytest.mark.parametrize("name", [*pictures.PHOTOGRAPHS, *pictures.CHARTS, pictures.LOGO])
def test_every_picture_decodes_and_has_the_size_that_pages_say(paper, name):
    image = Image.open(io.BytesIO(ask(f"{paper.url}/images/{name}").body))
    image.load()
    if name == pictures.LOGO:
        assert image.mode == "RGBA"
        assert image.getpixel((0, 0))[3] == 0
    else:
        assert image.size == pictures.size(name)


def test_photographs_carry_metadata_that_must_not_reach_readers(paper):
    for name in ("harbour-noon.jpg", "harbour-noon-800.jpg"):
        exif = Image.open(io.BytesIO(ask(f"{paper.url}/images/{name}").body)).getexif()
        assert exif[0x010F] == "Pelagia"
        assert exif.get_ifd(0x8825)[1] == "N"


def test_no_two_pictures_are_the_same(paper):
    bodies = [ask(f"{paper.url}/images/{name}").body for name in [*pictures.PHOTOGRAPHS, *pictures.CHARTS]]
    assert len(set(bodies)) == len(bodies) >= 20


def test_the_broken_article_is_announced_but_its_page_has_no_text(paper):
    path = "/en/pier-lamps.html"
    assert paper.url + path in {entry.link for entry in entries(paper, "/en/feed.xml")}
    body = Tree(ask(paper.url + path).text).css_first(".story-body").text().strip()
    assert body == "Sorry, the content could not be loaded. Please try again later."


def test_a_correction_changes_text_title_and_date_in_page_and_feed(changing):
    path = "/en/winter-timetable.html"

    def look():
        answer = ask(changing.url + path)
        [entry] = [entry for entry in entries(changing, "/en/feed.xml") if entry.link.endswith(path)]
        return answer, entry

    page, entry = look()
    assert "18:40" in page.text
    changing.correct()
    corrected, announced = look()
    assert "<td>19:10</td>" in corrected.text
    assert announced.title.startswith("Updated: ")
    assert announced.title in corrected.text
    assert announced.updated_parsed > entry.published_parsed == announced.published_parsed
    assert announced.id == entry.id
    assert ask(changing.url + path, If_None_Match=page.headers["ETag"]).status == 200
    assert ask(changing.url + path, If_Modified_Since=page.headers["Last-Modified"]).status == 200


def test_a_withdrawn_article_is_gone_but_still_announced_with_a_notice(changing):
    path = "/en/swimming-steps.html"
    before = ask(changing.url + path)
    assert before.status == 200
    changing.withdraw()
    answer = ask(changing.url + path, If_None_Match=before.headers["ETag"])
    assert answer.status == 410
    assert "Hilda Brandt" not in answer.text
    [entry] = [entry for entry in entries(changing, "/en/feed.xml") if entry.link.endswith(path)]
    assert entry.title.startswith("Withdrawn: ")
    assert entry.updated_parsed > entry.published_parsed
    assert path not in ask(changing.url + "/archive.csv").text


def test_an_added_article_was_nowhere_before(changing):
    path = "/en/seal-pup.html"
    places = ["/en/feed.xml", "/feeds/latest.xml", "/archive.csv", "/en/", "/"]
    assert ask(changing.url + path).status == 404
    assert not any(path in ask(changing.url + place).text for place in places)
    changing.add()
    assert ask(changing.url + path).status == 200
    assert all(path in ask(changing.url + place).text for place in places)


def test_what_happens_to_one_article_leaves_the_texts_of_all_others_as_they_are(changing):
    def body(path):
        found = Tree(ask(changing.url + path).body).css_first("article.story")
        return found.html

    others = [story.path for story in texts() if story.slug not in {"winter-timetable", "swimming-steps"}]
    before = {path: body(path) for path in others}
    for change in (changing.correct, changing.withdraw, changing.add):
        change()
    assert {path: body(path) for path in others} == before


def test_channels_can_be_told_apart_by_name_and_cover_every_kind():
    assert len({channel.name for channel in CHANNELS}) == len(CHANNELS)
    assert {channel.kind for channel in CHANNELS} == {"feed", "index", "list"}
    assert all(first.path != second.path for first, second in itertools.combinations(CHANNELS, 2))


def test_the_stages_in_file_names_are_known():
    known = {"", "broken", "corrected", "withdrawn", "added"}
    assert {story.stage for story in stories._all()} == known
