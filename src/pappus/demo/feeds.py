"""The newspaper's announcements: RSS 2.0 (summaries; full), Atom, JSON Feed, RDF, and a list of addresses as CSV."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from pappus.demo.pages import CHARSETS, FEED_PATHS, Document
from pappus.demo.stories import Story, body, figure, words

if TYPE_CHECKING:
    from collections.abc import Sequence

LATEST = 12  # articles in the feed of all sections
LATEST_PATH = "/feeds/latest.xml"
ARCHIVE_PATH = "/archive.csv"
_NAMESPACES = (
    ' xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:dcterms="http://purl.org/dc/terms/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
)


def all_feeds(stories: Sequence[Story], site: str) -> dict[str, Document]:
    """Return every feed and list by path.

    Args:
        stories: everything announced, newest first; withdrawn ones too.
        site: the newspaper's own address.
    """

    def own(section: str) -> list[Story]:
        return [story for story in stories if story.section == section]

    makers = (("en", _rss), ("zh-hans", _atom), ("zh-hant", _rss_full), ("fa", _json_feed), ("ru", _rdf))
    documents = {FEED_PATHS[section]: maker(own(section), site) for section, maker in makers}
    documents[LATEST_PATH] = _rss_items(stories[:LATEST], site, "Ternhaven: latest", "en", LATEST_PATH, full=False)
    documents[ARCHIVE_PATH] = _archive(stories, site)
    return documents


def _content(story: Story, site: str) -> str:
    """Return the article as a full-content feed carries it: lead image, then the text of the page."""
    lead = figure(story.lead, words()[story.section]["photo"], feed=True) if story.lead else ""
    return lead.replace('src="/', f'src="{site}/') + "\n" + body(story, site, feed=True)


def _document(text: str, content_type: str, stories: Sequence[Story], charset: str = "utf-8") -> Document:
    newest = max(story.modified for story in stories)
    return Document(
        body=text.encode(charset, "xmlcharrefreplace"),
        content_type=f"{content_type}; charset={charset}",
        modified=newest,
    )


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _rss(stories: Sequence[Story], site: str) -> Document:
    return _rss_items(stories, site, words()["en"]["paper"], "en", FEED_PATHS["en"], full=False)


def _rss_full(stories: Sequence[Story], site: str) -> Document:
    said = words()["zh-hant"]
    return _rss_items(stories, site, said["paper"], said["language"], FEED_PATHS["zh-hant"], full=True)


def _rss_items(stories: Sequence[Story], site: str, title: str, language: str, path: str, *, full: bool) -> Document:
    items = "\n".join(_rss_item(story, site, full=full) for story in stories)
    built = format_datetime(max(story.modified for story in stories))
    text = f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"{_NAMESPACES}>
<channel>
<title>{escape(title)}</title>
<link>{site}/</link>
<description>{escape(words()["en"]["motto"])}</description>
<language>{language}</language>
<atom:link href="{site}{quote(path)}" rel="self" type="application/rss+xml"/>
<lastBuildDate>{built}</lastBuildDate>
{items}
</channel>
</rss>
"""
    return _document(text, "application/rss+xml", stories)


def _rss_item(story: Story, site: str, *, full: bool) -> str:
    lines = [
        f"<title>{escape(story.title)}</title>",
        f"<link>{site}{story.path}</link>",
        f'<guid isPermaLink="false">ternhaven:{story.section}/{escape(story.slug)}</guid>',
        f"<pubDate>{format_datetime(story.published)}</pubDate>",
        *([f"<dcterms:modified>{_iso(story.updated)}</dcterms:modified>"] if story.updated else []),
        *(f"<dc:creator>{escape(name)}</dc:creator>" for name in story.authors),
        *(f"<category>{escape(tag)}</category>" for tag in story.tags),
        f"<description>{escape(story.summary)}</description>",
        *([f"<content:encoded><![CDATA[{_content(story, site)}]]></content:encoded>"] if full else []),
    ]
    return "<item>\n" + "\n".join(lines) + "\n</item>"


def _atom(stories: Sequence[Story], site: str) -> Document:
    said = words()["zh-hans"]
    entries = "\n".join(_atom_entry(story, site) for story in stories)
    text = f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{said["language"]}">
<title>{said["paper"]}</title>
<subtitle>{said["motto"]}</subtitle>
<id>tag:ternhaven.example,2026:zh-hans</id>
<link rel="alternate" href="{site}/zh-hans/"/>
<link rel="self" href="{site}{FEED_PATHS["zh-hans"]}"/>
<updated>{_iso(max(story.modified for story in stories))}</updated>
{entries}
</feed>
"""
    return _document(text, "application/atom+xml", stories)


def _atom_entry(story: Story, site: str) -> str:
    lines = [
        f"<title>{escape(story.title)}</title>",
        f"<id>tag:ternhaven.example,2026:{story.section}/{escape(story.slug)}</id>",
        f'<link rel="alternate" type="text/html" href="{site}{story.path}"/>',
        f"<published>{_iso(story.published)}</published>",
        f"<updated>{_iso(story.modified)}</updated>",
        *(f"<author><name>{escape(name)}</name></author>" for name in story.authors),
        *(f"<category term={quoteattr(tag)}/>" for tag in story.tags),
        f"<summary>{escape(story.summary)}</summary>",
        f'<content type="html">{escape(_content(story, site))}</content>',
    ]
    return "<entry>\n" + "\n".join(lines) + "\n</entry>"


def _json_feed(stories: Sequence[Story], site: str) -> Document:
    said = words()["fa"]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": said["paper"],
        "home_page_url": f"{site}/fa/",
        "feed_url": site + FEED_PATHS["fa"],
        "description": said["motto"],
        "language": said["language"],
        "items": [_json_item(story, site) for story in stories],
    }
    return _document(json.dumps(feed, ensure_ascii=False, indent=1) + "\n", "application/feed+json", stories)


def _json_item(story: Story, site: str) -> dict[str, object]:
    item: dict[str, object] = {
        "id": f"ternhaven:{story.section}/{story.slug}",
        "url": site + story.path,
        "title": story.title,
        "summary": story.summary,
        "content_html": _content(story, site),
        "date_published": story.published.isoformat(),
        "authors": [{"name": name} for name in story.authors],
        "tags": list(story.tags),
        "language": words()[story.section]["language"],
    }
    if story.updated:
        item["date_modified"] = story.updated.isoformat()
    if story.lead:
        item["image"] = site + story.lead.path
    return item


def _rdf(stories: Sequence[Story], site: str) -> Document:
    said, charset = words()["ru"], CHARSETS["ru"]
    order = "".join(f'<rdf:li rdf:resource="{site}{story.path}"/>' for story in stories)
    items = "\n".join(_rdf_item(story, site) for story in stories)
    text = f"""<?xml version="1.0" encoding="{charset}"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"{_NAMESPACES}>
<channel rdf:about="{site}{quote(FEED_PATHS["ru"])}">
<title>{said["paper"]}</title>
<link>{site}/ru/</link>
<description>{said["motto"]}</description>
<dc:language>{said["language"]}</dc:language>
<items><rdf:Seq>{order}</rdf:Seq></items>
</channel>
{items}
</rdf:RDF>
"""
    return _document(text, "application/rdf+xml", stories, charset)


def _rdf_item(story: Story, site: str) -> str:
    lines = [
        f"<title>{escape(story.title)}</title>",
        f"<link>{site}{story.path}</link>",
        f"<description>{escape(story.summary)}</description>",
        f"<dc:date>{story.published.isoformat()}</dc:date>",
        *([f"<dcterms:modified>{_iso(story.updated)}</dcterms:modified>"] if story.updated else []),
        *(f"<dc:creator>{escape(name)}</dc:creator>" for name in story.authors),
        *(f"<dc:subject>{escape(tag)}</dc:subject>" for tag in story.tags),
    ]
    return f'<item rdf:about="{site}{story.path}">\n' + "\n".join(lines) + "\n</item>"


def _archive(stories: Sequence[Story], site: str) -> Document:
    standing = [story for story in stories if story.stage != "withdrawn"]
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(("url", "title"))
    table.writerows((site + story.path, story.title) for story in reversed(standing))
    return _document(out.getvalue(), "text/csv", stories)
