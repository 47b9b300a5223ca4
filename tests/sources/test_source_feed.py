"""Feeds of every version are read as feedparser reads them, within rule 4 of intake."""

import io
import json
from datetime import UTC, datetime

import feedparser
import pytest

from pappus.errors import SourceError
from pappus.sources import ReadOptions
from pappus.sources.feed import leads

URL = "https://harbour.example/feed.xml"

RSS = """<?xml version="1.0" encoding="utf-8"?>{doctype}
<rss version="{version}" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>Harbour</title><link>https://harbour.example/</link><language>en-gb</language>
<item><title>Tide &amp; wind</title><link>https://harbour.example/1</link><description>&lt;p&gt;One&lt;/p&gt;</description>
<pubDate>Mon, 02 Mar 2026 10:20:30 +0100</pubDate><guid isPermaLink="false">n1</guid><category>Sea</category>
<dc:creator>A. Reporter</dc:creator></item>
<item><title>潮水</title><link>/2</link><content:encoded><![CDATA[<p>Two <img src="x.png"></p>]]></content:encoded></item>
</channel></rss>"""
RDF = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="{namespace}"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://harbour.example/"><title>Harbour</title></channel>
<item rdf:about="https://harbour.example/1"><title>Tide &amp; wind</title><link>https://harbour.example/1</link>
<dc:date>2026-03-02T09:20:30Z</dc:date></item><item><title>潮水</title><link>https://harbour.example/2</link></item></rdf:RDF>"""
ATOM = """<feed xmlns="{namespace}" xml:lang="en-gb" xml:base="https://harbour.example/atom/"><title>Harbour</title>
<entry><id>tag:harbour.example,2026:1</id><title type="text">Tide &amp; wind</title><link rel="self" href="self.xml"/>
<link rel="alternate" type="text/html" href="../1"/><published>2026-03-02T10:20:30+01:00</published>
<issued>2026-03-02T10:20:30+01:00</issued><updated>2026-03-03T00:00:00Z</updated><modified>2026-03-03T00:00:00Z</modified>
<author><name>A. Reporter</name></author><category term="Sea"/>
<content type="html" xml:base="https://harbour.example/deep/">&lt;p&gt;One &lt;img src="x.png"&gt;&lt;/p&gt;</content></entry>
<entry><id>https://harbour.example/2</id><title>潮水</title><link href="https://harbour.example/2"/></entry></feed>"""

FEEDS = {
    **{
        f"RSS {version}": RSS.format(version=version, doctype="") for version in ("0.91", "0.92", "0.93", "0.94", "2.0")
    },
    "RSS 0.91 with DOCTYPE": RSS.format(
        version="0.91",
        doctype='<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">',
    ),
    "RSS 0.90": RDF.format(namespace="http://my.netscape.com/rdf/simple/0.9/"),
    "RSS 1.0": RDF.format(namespace="http://purl.org/rss/1.0/"),
    "Atom 0.3": ATOM.format(namespace="http://purl.org/atom/ns#"),
    "Atom 1.0": ATOM.format(namespace="http://www.w3.org/2005/Atom"),
}


def read(data, charset=""):
    data = data if isinstance(data, bytes) else data.encode()
    return list(leads(io.BytesIO(data), ReadOptions(url=URL, charset=charset)))


@pytest.mark.parametrize("name", FEEDS)
def test_every_version_is_read_as_the_reference_reads_it(name):
    reference = feedparser.parse(
        io.BytesIO(FEEDS[name].encode()),
        response_headers={"content-location": URL, "content-type": "application/xml"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    found = read(FEEDS[name])
    assert [(lead.url, lead.title) for lead in found] == [(entry.link, entry.title) for entry in reference.entries]
    assert [lead.url for lead in found] == ["https://harbour.example/1", "https://harbour.example/2"]
    assert found[0].title == "Tide & wind"
    assert found[0].tags == tuple(tag.term for tag in reference.entries[0].get("tags", ()))
    assert found[0].authors == tuple(author.name for author in reference.entries[0].get("authors", ()))


@pytest.mark.parametrize("name", FEEDS)
def test_dates_are_aware_and_in_utc(name):
    assert read(FEEDS[name])[0].published == datetime(2026, 3, 2, 9, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_that_is_not_well_formed_is_read_all_the_same(name):
    broken = FEEDS[name].replace("Tide &amp; wind", "Tide &nbsp;& wind <b>", 1)
    assert [lead.url for lead in read(broken)] == ["https://harbour.example/1", "https://harbour.example/2"]


def test_content_and_summary_come_as_they_are_and_say_their_base_where_xml_gave_another():
    rss, atom = read(FEEDS["RSS 2.0"]), read(FEEDS["Atom 1.0"])
    assert (rss[0].summary, rss[0].content) == ("<p>One</p>", "")
    assert rss[1].content == '<p>Two <img src="x.png"></p>'
    assert atom[0].content == '<base href="https://harbour.example/deep/"><p>One <img src="x.png"></p>'
    assert atom[0].updated == datetime(2026, 3, 3, tzinfo=UTC)
    assert (atom[0].language, rss[0].language, rss[0].guid) == ("en-gb", "en-gb", "n1")


@pytest.mark.parametrize(
    ("encoding", "charset", "declaration"),
    [("gb18030", "", "gb2312"), ("gb18030", "gb2312", "utf-8"), ("utf-16", "", "utf-16"), ("utf-8-sig", "", "utf-8")],
    ids=["declared", "header wins", "UTF-16", "BOM"],
)
def test_characters_are_decoded_as_declared(encoding, charset, declaration):
    data = FEEDS["RSS 2.0"].replace('encoding="utf-8"', f'encoding="{declaration}"').encode(encoding)
    assert read(data, charset=charset)[1].title == "潮水"


BOMB = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (RSS.format(version="2.0", doctype=BOMB), "entities of its own"),
        (
            RSS.format(
                version="2.0",
                doctype='<!DOCTYPE rss SYSTEM "http://a.example/x.dtd" [ <!ENTITY x SYSTEM "file:///etc/passwd"> ]>',
            ),
            "entities",
        ),
        (
            RSS.format(version="2.0", doctype=BOMB).replace('"utf-8"', '"utf-16"').encode("utf-16"),
            "entities of its own",
        ),
        ("<rss><channel>" + "<item>" * 300, "nested deeper than 256"),
        ("<!DOCTYPE html><html><body>404</body></html>", "an HTML page, not a feed"),
        ("\n<html><head></head></html>", "an HTML page, not a feed"),
        ('<?xml version="1.0"?><urlset><url/></urlset>', "its root element is <urlset>"),
        ("gone fishing", "not XML: it begins with"),
        ("<rss version='2.0'><channel><title>Har", "no feed can be read"),
        ('{"a": 1}', "not a JSON Feed of version 1"),
        ('{"version": "https://jsonfeed.org/version/1", ', "not a JSON Feed"),
    ],
    ids=[
        "entities",
        "external entity",
        "entities in UTF-16",
        "depth",
        "HTML",
        "HTML without type",
        "sitemap",
        "text",
        "cut",
        "JSON",
        "cut JSON",
    ],
)
def test_what_is_no_safe_feed_is_refused_with_what_it_looks_like(data, reason):
    with pytest.raises(SourceError, match=reason) as caught:
        read(data)
    assert caught.value.subject == URL


def test_an_entity_declaration_inside_of_content_is_only_text():
    feed = FEEDS["RSS 2.0"].replace("<p>Two", "<p>How to write &lt;!DOCTYPE x [ &lt;!ENTITY a 'b'> ]>")
    assert len(read(feed)) == 2


def test_an_entry_without_a_usable_address_is_passed_over():
    feed = FEEDS["RSS 2.0"].replace("https://harbour.example/1<", "javascript:alert(1)<")
    assert [lead.title for lead in read(feed)] == ["潮水"]


def test_an_empty_feed_has_no_leads():
    assert read("<rss version='2.0'><channel><title>Harbour</title></channel></rss>") == []


@pytest.mark.parametrize("version", ["1", "1.1"])
def test_json_feeds_are_read(version):
    feed = {
        "version": f"https://jsonfeed.org/version/{version}",
        "title": "Harbour",
        "language": "en",
        "author": {"name": "Editor"},
        "items": [
            {
                "id": "1",
                "url": "/1",
                "title": "Tide",
                "content_html": "<p>One</p>",
                "date_published": "2026-03-02T10:20:30+01:00",
            },
            {
                "id": 2,
                "external_url": "https://harbour.example/2",
                "content_text": "a < b",
                "authors": [{"name": "A. Reporter"}],
                "tags": ["Sea", 5],
            },
            {"id": "https://harbour.example/3", "title": None, "date_published": "soon", "tags": "x"},
            {"id": "nowhere"},
            "not an item",
        ],
    }
    one, two, three = read(json.dumps(feed), "application/feed+json")
    assert (one.url, one.title, one.content, one.authors, one.language) == (
        "https://harbour.example/1",
        "Tide",
        "<p>One</p>",
        ("Editor",),
        "en",
    )
    assert one.published == datetime(2026, 3, 2, 9, 20, 30, tzinfo=UTC)
    assert (two.url, two.content, two.authors, two.tags) == (
        "https://harbour.example/2",
        "<p>a &lt; b</p>",
        ("A. Reporter",),
        ("Sea",),
    )
    assert (three.url, three.published) == ("https://harbour.example/3", None)


def entry(inner, *, prolog="", encoding="utf-8"):
    """The one lead of an RSS feed."""
    feed = (
        f'{prolog}<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Harbour</title>'
        f"<item><link>https://harbour.example/1</link>{inner}</item></channel></rss>"
    )
    (lead,) = read(feed.encode(encoding))
    return lead


def test_one_damaged_byte_costs_one_character():
    persian = "هیئت بندر سه‌شنبه شب گرد هم آمد و پس از چهار ساعت بحث تصمیم گرفت"
    data = RSS.format(version="2.0", doctype="").replace("潮水", persian + "کوتا").encode()
    damaged = data.replace("کوتا".encode(), "کوتا".encode()[:-1])
    assert read(damaged)[1].title == persian + "کوت\ufffd"
    assert read(damaged, charset="utf-8")[1].title == persian + "کوت\ufffd"


@pytest.mark.parametrize(
    ("encoding", "declaration"), [("cp932", "Shift_JIS"), ("utf-16-le", "utf-16")], ids=["Shift_JIS", "UTF-16, no BOM"]
)
def test_encodings_are_what_publishers_mean_by_their_names(encoding, declaration):
    prolog = f'<?xml version="1.0" encoding="{declaration}"?>'
    assert entry("<title>港湾委員会①</title>", prolog=prolog, encoding=encoding).title == "港湾委員会①"


@pytest.mark.parametrize(
    ("references", "expected"),
    [
        ("&#55357;&#56832;", "😀"),
        ("&#xD83D;&#xde00;", "😀"),
        ("&amp;#55357;&amp;#56832;", "😀"),
        ("&#55357;", "\ufffd"),
        ("&#55000;", "훘"),
    ],
    ids=["decimal", "hexadecimal", "escaped twice", "half", "a letter beside them"],
)
def test_references_to_halves_of_characters_are_read_as_characters(references, expected):
    assert entry(f"<title>Tide {references}!</title>").title == f"Tide {expected}!"


def test_plain_text_keeps_its_paragraphs_and_lines():
    expected = "<p>One &lt; two<br>three</p><p>Four</p>"
    atom = ATOM.format(namespace="http://www.w3.org/2005/Atom").replace(
        '<content type="html" xml:base="https://harbour.example/deep/">&lt;p&gt;One &lt;img src="x.png"&gt;&lt;/p&gt;',
        '<content type="text">One &lt; two\r\nthree\n \nFour\n',
    )
    assert read(atom)[0].content.endswith(expected)
    item = {"url": "/1", "content_text": "One < two\nthree\n\n\nFour"}
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": [item]}
    assert read(json.dumps(feed))[0].content == expected


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("anna@kurier.example (Anna Berg)", ("Anna Berg",)),
        ("Anna Berg &lt;anna@kurier.example&gt;", ("Anna Berg",)),
        ("Anna Berg (Kurier)", ("Anna Berg (Kurier)",)),
        ("noreply@blogger.example", ()),
        ("mailto:anna@kurier.example", ()),
    ],
    ids=["name in parentheses", "address in brackets", "no address", "address alone", "link"],
)
def test_an_author_is_a_name_and_never_an_address(author, expected):
    assert entry(f"<title>Tide</title><author>{author}</author>").authors == expected


def test_each_author_of_an_entry_is_named():
    both = "<author>bo@kurier.example (Bo Holm)</author><author><![CDATA[Anna Berg <anna@kurier.example>]]></author>"
    assert entry(f"<title>Tide</title>{both}").authors == ("Bo Holm", "Anna Berg")


def test_a_description_without_markup_keeps_its_paragraphs():
    assert (
        entry("<description>\nOne &amp;amp; two\n\nThree</description>").summary == "<p>One &amp; two</p><p>Three</p>"
    )


def test_an_author_of_a_json_feed_is_never_an_address():
    item = {"url": "/1", "authors": [{"name": "anna@kurier.example"}, {"name": "Anna Berg"}]}
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": [item]}
    assert read(json.dumps(feed))[0].authors == ("Anna Berg",)


def test_a_document_type_may_have_any_sign_in_its_names():
    found = entry("<title>Tide</title>", prolog="<!DOCTYPE rss PUBLIC \"-//a>b[c\" 'x>y'>\n")
    assert found.title == "Tide"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("1795168800", datetime(2026, 11, 20, 10, 0, tzinfo=UTC)),
        ("2026/11/20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026/1/2 08:30", datetime(2026, 1, 2, 8, 30, tzinfo=UTC)),
        ("2026.11.20 08:30:15 +0300", datetime(2026, 11, 20, 5, 30, 15, tzinfo=UTC)),
        ("2026-11-20T08:30:15Z", datetime(2026, 11, 20, 8, 30, 15, tzinfo=UTC)),
        ("2026년 11월 20일 오후 3:00:00", datetime(2026, 11, 20, 15, tzinfo=UTC)),
        ("2026年11月20日 12:30", datetime(2026, 11, 20, 12, 30, tzinfo=UTC)),
        ("2026/13/40", None),
    ],
    ids=["Unix time", "day", "minute", "zone", "ISO", "Korean", "Chinese", "no such day"],
)
def test_dates_of_numbers_are_read_as_publishers_mean_them(said, expected):
    assert entry(f"<title>Tide</title><pubDate>{said}</pubDate>").published == expected
