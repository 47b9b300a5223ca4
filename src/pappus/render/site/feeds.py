"""What the site says to programs: a feed of whole articles for each channel and one for all, and lists of all pages. All of it is Atom.

Addresses in it are relative, as RFC 4287 lets them be, so these files are signed, and the same at every mirror. What wants absolute ones
(RSS, JSON Feed, OPML, sitemaps) each mirror makes of them: :mod:`pappus.mirrors.syndication`.
"""

from __future__ import annotations

import html
import re
import uuid
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from pappus import urls
from pappus.layout import FEED_LIST
from pappus.markup import plain
from pappus.model import ICON, artifact
from pappus.render.indexes import closed_channels
from pappus.render.page import show
from pappus.render.parts import first_days, parts
from pappus.render.paths import SITE
from pappus.render.site.body import Body
from pappus.render.site.scripts import of_article

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pappus.model import Artifact, Headline
    from pappus.render.inputs import Archive, ChannelInfo, EditionOptions, Touched
    from pappus.render.page import Page

FEED_SIZE: Final = 20  # articles in a feed
LIST_SIZE: Final = 500  # pages in one list of a month
NEWS_SIZE: Final = 1_000  # pages in the list of what is new; search engines take no more
NEWS_AGE: Final = timedelta(days=2)  # before the newest
CONTENT_SIZE: Final = (
    1 << 20
)  # bytes of an article in a feed, as they stand there: of a larger one it has title and summary alone
_TYPE: Final = "application/atom+xml"
_NO_XML: Final = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0, section 2.2
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)  # when a feed changed in which nothing ever was


class _Entry(Struct, frozen=True):
    updated: datetime
    xml: str


def feeds(touched: Touched, archive: Archive, options: EditionOptions) -> Iterator[Artifact]:
    """Yield the feeds and lists that may have changed."""
    if not (touched.everything or touched.days):
        return
    make = _Feeds(touched, archive, options)
    channels = [*options.channels, *closed_channels(archive.channels(), options)]
    yield make.feed(options.title, None, archive.latest(FEED_SIZE))
    for channel in channels:
        if touched.everything or channel.name in touched.channels:
            yield make.feed(channel.title, channel.name, archive.newest(channel.name, FEED_SIZE))
    yield make.directory(channels)
    every = chain.from_iterable(map(archive.months, archive.channels()))
    for month, since in first_days(every if touched.everything else touched.days).items():
        yield from make.month(month, since)
    yield make.news()


class _Feeds:
    """Writes them. An article is written once for several feeds, and not at all where it stands in them already and did not change."""

    def __init__(self, touched: Touched, archive: Archive, options: EditionOptions) -> None:
        self._touched = touched
        self._archive = archive
        self._options = options
        self._written: dict[tuple[str, datetime, str], _Whole] = {}

    def feed(self, title: str, channel: str | None, headlines: Sequence[Headline]) -> Artifact:
        path = SITE.feed(channel)
        alternate = SITE.home if channel is None else SITE.channel(channel)
        return self._file(path, title, alternate, self._each(headlines, path, self._whole))

    def _each(self, headlines: Sequence[Headline], path: str, write: Callable[[Headline, str], _Entry]) -> list[_Entry]:
        """Return the entries of a feed or list: as they stand there where their articles did not change, else as they are written."""
        former = {} if self._touched.everything else _entries(self._archive.former(path))

        def known(headline: Headline) -> _Entry | None:
            page = SITE.page(headline)
            return None if page in self._touched.pages else former.get(_ident(page))

        return [known(headline) or write(headline, path) for headline in headlines]

    def directory(self, channels: Sequence[ChannelInfo]) -> Artifact:
        """Return the list of all feeds."""
        options = self._options
        ways = [(options.title, SITE.feed(), SITE.home)]
        ways += [(channel.title, SITE.feed(channel.name), SITE.channel(channel.name)) for channel in channels]
        entries = [
            _Entry(
                _NEVER,
                f"<id>{_ident(feed, options.title)}</id>{_text('title', plain(title))}{_date('updated', _NEVER)}"
                f"{_link('alternate', _relative(page, FEED_LIST))}"
                f"{_link('related', _relative(SITE.layout.made_of(feed)[0], FEED_LIST), 'application/rss+xml')}",
            )
            for title, feed, page in ways
        ]
        return self._file(FEED_LIST, options.title, SITE.home, entries)

    def month(self, month: str, since: str) -> Iterator[Artifact]:
        """Yield the lists of all pages of a month that may have changed since a day."""

        def place(part: int) -> str:
            return SITE.sitemap(month, part)

        for part, _, some in parts(self._archive, None, month, since, size=LIST_SIZE, path=place):
            yield self._list(place(part), some)

    def news(self) -> Artifact:
        """Return the list of what was published in the two days before the newest article: there is no clock here."""
        newest = self._archive.latest(NEWS_SIZE)
        since = newest[0].published - NEWS_AGE if newest else _NEVER
        return self._list(SITE.sitemap(), [one for one in newest if one.published > since])

    def _list(self, path: str, headlines: Sequence[Headline]) -> Artifact:
        standing = [headline for headline in headlines if not headline.withdrawn]
        return self._file(path, self._options.title, SITE.home, self._each(standing, path, self._line))

    def _line(self, headline: Headline, path: str) -> _Entry:
        updated = headline.published
        if headline.revision > 1:
            updated = self._archive.whole(headline)[0].modified
        page = SITE.page(headline)
        versions = of_article(headline, self._options.scripts)
        ways = [_link("alternate", _relative(one.path, path), language=one.language) for one in versions]
        return _Entry(
            updated,
            f"<id>{_ident(page)}</id>{_text('title', plain(headline.title) or headline.ident, headline.language)}"
            f"{''.join(ways) or _link('alternate', _relative(page, path))}"
            f"{_date('published', headline.published)}{_date('updated', updated)}",
        )

    def _whole(self, headline: Headline, path: str) -> _Entry:
        """Return the entry of an article, with all of it."""
        found = self._written.get(_key(headline))
        if found is None:
            article, held = self._archive.whole(headline)
            found = _Whole.of(show(article, held, self._options, SITE), self._options)
            self._written[_key(headline)] = found
        return found.entry(path)

    def _file(self, path: str, title: str, page: str, entries: Sequence[_Entry]) -> Artifact:
        options = self._options
        updated = max((entry.updated for entry in entries), default=_NEVER)
        subtitle = _text("subtitle", plain(options.description)) if options.description else ""
        text = (
            '<?xml version="1.0" encoding="utf-8"?>\n'
            f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{options.language}">\n'
            f"<id>{_ident(path, options.title)}</id>{_text('title', plain(title))}{subtitle}{_date('updated', updated)}"
            f"<author>{_text('name', plain(options.title))}</author><icon>{_relative(ICON, path)}</icon>"
            f"{_link('self', _relative(path, path), _TYPE)}{_link('alternate', _relative(page, path))}\n"
            + "".join(f"<entry>{entry.xml}</entry>\n" for entry in entries)
            + "</feed>\n"
        )
        return artifact(path, text.encode(), _TYPE)


def _entries(feed: str) -> dict[str, _Entry]:
    """Return the entries of a feed that we wrote, by id. Texts in it have no "<"."""
    found = {}
    for piece in feed.split("<entry>")[1:]:
        xml = piece.partition("</entry>")[0]
        updated = datetime.fromisoformat(xml.partition("<updated>")[2].partition("</updated>")[0])
        found[xml.partition("<id>")[2].partition("</id>")[0]] = _Entry(updated, xml)
    return found


class _Whole(Struct, frozen=True):
    """The entry of an article, ready but for where the feed stands."""

    page: Page
    image: str  # path of the lead image, "" for none
    head: str
    content: str  # "" where it is too large

    @classmethod
    def of(cls, page: Page, options: EditionOptions) -> _Whole:
        article = page.article
        authors = page.authors or ((plain(page.source.title),) if page.source else ())
        head = (
            f"<id>{_ident(page.path)}</id>{_text('title', page.title or article.ident, page.language)}"
            f"{_date('published', article.published)}{_date('updated', article.modified)}"
            + "".join(f"<author>{_text('name', author)}</author>" for author in authors if author)
            + "".join(f"<category term={_quoted(tag)}/>" for tag in page.tags)
            + (_text("rights", page.licence) if page.licence else "")
            + _link("via", urls.valid(article.url))
            + (_text("summary", summary, page.language) if (summary := plain(article.summary)) else "")
        )
        image = page.lead.path if page.lead else ""
        return cls(page, image, head, _taken(_content(page, options)))

    def entry(self, path: str) -> _Entry:
        page = self.page
        enclosure = ""
        if self.image and page.article.lead is not None:
            medium, _ = page.media[page.article.lead.src]
            href = _quoted(_relative(self.image, path))
            enclosure = f'<link rel="enclosure" type="{medium.media_type}" length="{medium.size}" href={href}/>'
        own = _relative(page.path, path)
        content = ""
        if self.content:
            content = f'<content type="html" xml:base={_quoted(own)}{_language(page.language)}>{self.content}</content>'
        return _Entry(page.article.modified, f"{self.head}{_link('alternate', own)}{enclosure}{content}")


def _taken(content: str) -> str:
    """Return HTML as it stands in a feed, "" where it is so large that who reads feeds would not take any of this one."""
    escaped = html.escape(_NO_XML.sub("", content), quote=False)
    return escaped if len(escaped.encode()) <= CONTENT_SIZE else ""


def _content(page: Page, options: EditionOptions) -> str:
    """Return what a feed shows of an article, as HTML whose links start at its page: the lead image, then the body."""

    def link(path: str) -> str:
        return _relative(path, page.path) + page.suffix

    body = Body(page, link, options.external_links, variants=False)  # readers of feeds know one address of an image
    lead = ""
    if page.lead and page.lead.path and page.article.lead:
        caption = f"<figcaption>{html.escape(page.lead.caption)}</figcaption>" if page.lead.caption else ""
        lead = f"<figure>{body.picture(page.article.lead.src, page.lead.alt)}{caption}</figure>\n"
    text = lead + body.html(page.article.body)
    return f'<div dir="rtl">{text}</div>' if page.direction == "rtl" else text


def _key(headline: Headline) -> tuple[str, datetime, str]:
    return headline.source, headline.published, headline.ident


@lru_cache(4096)  # an article stands in a feed or two and in two lists
def _ident(path: str, more: str = "") -> str:
    """Return what names an article or a feed for ever, wherever it is read: an article's path never changes."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{more}\0{path}").urn


def _relative(path: str, start: str) -> str:
    return urls.path_quote(urls.relative(path, start))


def _text(name: str, text: str, language: str = "") -> str:
    return f"<{name}{_language(language)}>{html.escape(_NO_XML.sub('', text), quote=False)}</{name}>"


def _language(language: str) -> str:
    return f" xml:lang={_quoted(language)}" if language else ""


def _quoted(text: str) -> str:
    return f'"{html.escape(_NO_XML.sub("", text))}"'


def _link(rel: str, href: str, media_type: str = "text/html", *, language: str = "") -> str:
    version = f' hreflang="{language}"' if language else ""
    return f'<link rel="{rel}" type="{media_type}"{version} href={_quoted(href)}/>'


def _date(name: str, moment: datetime) -> str:
    return f"<{name}>{moment.replace(tzinfo=None).isoformat(timespec='seconds')}Z</{name}>"
