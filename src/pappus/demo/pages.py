"""The newspaper as a website: article pages with all that surrounds the text on a real one, section pages, a front page."""

from __future__ import annotations

import json
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec import Struct

from pappus.demo import pictures
from pappus.demo.stories import Story, body, figure, words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

CHARSETS = {"ru": "windows-1251"}  # one section is as old as its software; all others are UTF-8
NEWEST = 6  # titles in lists beside and below an article
FEED_PATHS = {
    "en": "/en/feed.xml",
    "zh-hans": "/zh-hans/atom.xml",
    "zh-hant": "/zh-hant/港灣新聞.rss",
    "fa": "/fa/feed.json",
    "ru": "/ru/новости.rdf",
    "hi": "/hi/",
    "my": "/my/",
}
_FEED_TYPES = {
    "en": "application/rss+xml",
    "zh-hans": "application/atom+xml",
    "zh-hant": "application/rss+xml",
    "fa": "application/feed+json",
    "ru": "application/rdf+xml",
}


class Document(Struct, frozen=True, kw_only=True):
    """What the newspaper answers for one path."""

    body: bytes
    content_type: str  # with charset where it is text
    modified: datetime
    status: int = 200


@cache
def asset(name: str) -> str:
    """Return the text of a template, style sheet or script."""
    return (files("pappus.demo") / "templates" / name).read_text("utf-8")


def article(story: Story, others: Sequence[Story], site: str) -> Document:
    """Return an article's page. ``others`` are the standing articles, newest first; ``site`` the newspaper's address."""
    said = words()[story.section]
    related = [other for other in others if other.section == story.section and other.path != story.path][:NEWEST]
    updated = ""
    if story.updated:
        moment = f'<time class="updated" itemprop="dateModified" datetime="{story.updated.isoformat()}">'
        updated = f" · {said['updated']} {moment}{date(story.updated, story.section)}</time>"
    broken = story.stage == "broken"
    main = _fill("article.html", {
        **said,
        "section": story.section,
        "title": escape(story.title),
        "subtitle": f'<p class="subtitle">{escape(story.subtitle)}</p>' if story.subtitle else "",
        "authors": ", ".join(f'<a rel="author" href="/about.html">{escape(name)}</a>' for name in story.authors),
        "published_iso": story.published.isoformat(),
        "published_on": date(story.published, story.section),
        "updated": updated,
        "share_url": quote(site + story.path, safe=""),
        "lead": figure(story.lead, said["photo"], lead=True) if story.lead and not broken else "",
        "body": f'<p class="error">{said["trouble"]}</p>' if broken else body(story, site, feed=False),
        "tag_list": "".join(f"<li>{escape(tag)}</li>" for tag in story.tags),
        "related_list": _titles(related),
    })  # fmt: skip
    status = 410 if story.stage == "withdrawn" else 200
    meta = _story_meta(story, site) if status == 200 else '<meta name="robots" content="noindex">'
    return _page(
        story.section, story.title, main, others, meta=meta, kind="article", modified=story.modified, status=status
    )


def section(name: str, standing: Sequence[Story], site: str) -> Document:
    """Return a section's index page, a teaser for each of its articles."""
    own = [story for story in standing if story.section == name]
    said = words()[name]
    main = f"<h1>{said['news']}</h1>\n" + "\n".join(_teaser(story) for story in own)
    meta = f'<link rel="canonical" href="{site}/{name}/">'
    newest = max(story.modified for story in standing)
    return _page(name, said["news"], main, standing, meta=meta, kind="index", modified=newest)


def front(standing: Sequence[Story], site: str) -> Document:
    """Return the front page: the newest of every section."""
    parts = ["<h1>Ternhaven</h1>"]
    for name, said in words().items():
        own = [story for story in standing if story.section == name][:3]
        teasers = "\n".join(_teaser(story) for story in own)
        parts.append(
            f'<section lang="{said["language"]}" dir="{said["direction"]}"><h2>{said["paper"]}</h2>\n{teasers}</section>'
        )
    meta = f'<link rel="canonical" href="{site}/">'
    newest = max(story.modified for story in standing)
    return _page("en", "Ternhaven", "\n".join(parts), standing, meta=meta, kind="index", modified=newest)


def about(standing: Sequence[Story], site: str) -> Document:
    """Return the page that says what this newspaper is."""
    paragraphs = "".join(
        f'<p lang="{said["language"]}" dir="{said["direction"]}">{said["footer"]}</p>' for said in words().values()
    )
    meta = f'<link rel="canonical" href="{site}/about.html">'
    oldest = min(story.published for story in standing)
    return _page(
        "en",
        words()["en"]["about"],
        f"<h1>Ternhaven</h1>{paragraphs}",
        standing,
        meta=meta,
        kind="about",
        modified=oldest,
    )


def missing(standing: Sequence[Story]) -> Document:
    """Return the page for an address where nothing is."""
    main = '<div class="error"><h1>404</h1><p>This page has gone out with the tide.</p></div>'
    oldest = min(story.published for story in standing)
    return _page("en", "404", main, standing, meta="", kind="missing", modified=oldest, status=404)


def date(moment: datetime, section: str) -> str:
    """Return a date as a section's readers write it."""
    said = words()[section]
    months: dict[str, str] = said["months"]  # type: ignore[assignment]  # the one table among the words
    text = said["date"].format(day=moment.day, month=months[str(moment.month)], year=moment.year)
    return text.translate(str.maketrans("0123456789", said["digits"]))


def _page(
    section: str,
    title: str,
    main: str,
    standing: Sequence[Story],
    *,
    meta: str,
    kind: str,
    modified: datetime,
    status: int = 200,
) -> Document:
    said = words()[section]
    charset = CHARSETS.get(section, "utf-8")
    own = sorted(
        (story for story in standing if story.section == section), key=lambda story: (len(story.tags), story.path)
    )
    html = _fill("page.html", {
        **said,
        "section": section,
        "charset": charset,
        "title": escape(title),
        "meta": meta,
        "discovery": _discovery(),
        "kind": kind,
        "navigation": "".join(
            f'<li><a href="/{name}/" lang="{other["language"]}">{other["paper"]}</a></li>' for name, other in words().items()
        ),
        "main": main,
        "most_read_list": _titles(own[:NEWEST]),
        "feed_path": quote(FEED_PATHS[section]),
        "pixel": quote(title, safe=""),
    })  # fmt: skip
    return Document(
        body=html.encode(charset, "xmlcharrefreplace"),
        content_type=f"text/html; charset={charset}",
        modified=modified,
        status=status,
    )


def _fill(template: str, values: dict[str, str]) -> str:
    return Template(asset(template)).substitute(values)


def _titles(stories: Sequence[Story]) -> str:
    return "".join(f'<li><a href="{story.path}">{escape(story.title)}</a></li>' for story in stories)


def _teaser(story: Story) -> str:
    picture = ""
    if story.lead:
        source = f"/images/{pictures.small_name(story.lead.file)}"
        picture = (
            f'<a href="{story.path}" tabindex="-1" aria-hidden="true"><img src="{source}" loading="lazy" alt=""></a>'
        )
    return (
        f'<article class="teaser">{picture or "<span></span>"}<div><h3><a href="{story.path}">{escape(story.title)}</a></h3>'
        f'<time datetime="{story.published.isoformat()}">{date(story.published, story.section)}</time>'
        f"<p>{escape(story.summary)}</p></div></article>"
    )


def _discovery() -> str:
    return "\n".join(
        f'<link rel="alternate" type="{kind}" title="{words()[name]["paper"]}" href="{quote(FEED_PATHS[name])}">'
        for name, kind in _FEED_TYPES.items()
    )


def _story_meta(story: Story, site: str) -> str:
    """Return what the page says about itself to machines: canonical address, Open Graph, JSON-LD."""
    said, url = words()[story.section], site + story.path
    properties = [
        ("og:type", "article"),
        ("og:url", url),
        ("og:site_name", said["paper"]),
        ("og:title", story.title),
        ("og:description", story.summary),
        ("og:locale", said["language"].replace("-", "_")),
        ("article:published_time", story.published.isoformat()),
        *([("article:modified_time", story.updated.isoformat())] if story.updated else []),
        *(("article:tag", tag) for tag in story.tags),
        *([("og:image", site + story.lead.path), ("og:image:alt", story.lead.alt)] if story.lead else []),
    ]
    return "\n".join(
        (
            f'<link rel="canonical" href="{url}">',
            f'<meta name="description" content="{escape(story.summary)}">',
            f'<meta name="author" content="{escape(", ".join(story.authors))}">',
            f'<meta name="keywords" content="{escape(", ".join(story.tags))}">',
            '<meta name="twitter:card" content="summary_large_image">',
            '<link rel="license" href="https://creativecommons.org/licenses/by/4.0/">',
            *(f'<meta property="{name}" content="{escape(value)}">' for name, value in properties),
            f'<script type="application/ld+json">{_json_ld(story, site)}</script>',
        )
    )


def _json_ld(story: Story, site: str) -> str:
    said, url = words()[story.section], site + story.path
    facts = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": {"@type": "WebPage", "@id": url},
        "headline": story.title,
        "description": story.summary,
        "inLanguage": said["language"],
        "datePublished": story.published.isoformat(),
        "dateModified": story.modified.isoformat(),
        "author": [{"@type": "Person", "name": name} for name in story.authors],
        "publisher": {
            "@type": "NewsMediaOrganization",
            "name": said["paper"],
            "logo": {"@type": "ImageObject", "url": f"{site}/images/logo.png"},
        },
        "keywords": list(story.tags),
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "isAccessibleForFree": True,
    }
    if story.lead:
        facts["image"] = [site + story.lead.path]
    return json.dumps(facts, ensure_ascii=False).replace("</", "<\\/")
