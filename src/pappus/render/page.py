"""What an article's page shows, whatever it is written in: nine elements in a fixed order.

Title; navigation, then who wrote it and when; lead image; notices; body; share block; original address, source and licence; navigation
again; counter. A withdrawn article leaves a short notice at its address. Texts are plain, and come to their page as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from pappus import urls
from pappus.markup import plain
from pappus.model import BY_PUBLISHER
from pappus.render.inputs import SourceInfo
from pappus.render.paths import media_path
from pappus.render.words import match, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from pappus.model import Article, Direction, Headline, Label, LabelKind, Media, Notice
    from pappus.render.inputs import EditionOptions
    from pappus.render.paths import Paths
    from pappus.render.words import Words


class Way(Struct, frozen=True):
    """A link by its words: to an artifact of the edition, or to an address. One that is relative starts at the edition's home."""

    text: str
    path: str = ""
    address: str = ""


class Lead(Struct, frozen=True, kw_only=True):
    """The lead image in words, and where it stands: "" where it is not there."""

    path: str
    alt: str
    caption: str  # with the credit


class Dated(Struct, frozen=True, kw_only=True):
    """A moment in an article's life. ``name`` is the word that is said of it, with the placeholders ``date`` and ``number``."""

    name: str
    moment: datetime
    date: str  # as people write it
    number: str = ""  # of the revision


class Page(Struct, frozen=True, kw_only=True):
    """One page, ready to be written down."""

    article: Article
    path: str
    words: Words
    title: str
    language: str  # of the text; "" where unknown
    direction: Direction
    home: Way
    channel: Way | None  # None if the newsroom has it no more
    ways: tuple[Way, ...]  # of the navigation, after home and channel
    subtitle: str
    authors: tuple[str, ...]
    dates: tuple[Dated, ...]
    lead: Lead | None
    notices: tuple[Notice, ...]  # the fixed ones first
    qr: str
    source: SourceInfo | None
    licence: str
    tags: tuple[str, ...]
    lists: Mapping[
        tuple[LabelKind, str], str
    ]  # by kind and name, the path of what else an author wrote or is about a topic
    older: tuple[Headline, ...]  # what comes next in its channel
    reason: str  # why the article is withdrawn, "" where its publisher has taken it back
    suffix: str  # of links inside the edition
    counter: str  # address of an image, "" for none
    media: Mapping[str, tuple[Media, str]]  # what the text names an image by -> it, and its path
    held: Mapping[str, Headline]  # by canonical address
    paths: Paths

    def page_of(self, href: str) -> str | None:
        """Return the path of the page that the edition has of what is at an address, None if it has none."""
        if not self.held or not href.startswith("http"):
            return None
        headline = self.held.get(urls.canonical(href))
        return self.paths.page(headline) if headline is not None else None

    def image(self, src: str) -> str | None:
        """Return the path of an image, None if it is not there."""
        found = self.media.get(src)
        return found[1] if found else None


def show(
    article: Article,
    held: Mapping[str, Headline],
    options: EditionOptions,
    paths: Paths,
    *,
    older: Sequence[Headline] = (),
    labels: Sequence[Label] = (),
) -> Page:
    """Return what the page of an article shows; for arguments see :meth:`pappus.render.Edition.pages`."""
    speech = words(match(article.language) or options.language)
    source = _source(options, article)
    media = {f"media:{one.digest}": (one, media_path(one, article.published)) for one in article.media}
    path = paths.page(article)
    gone = bool(article.withdrawn)
    siblings = (Way(plain(title), address=address) for title, address in options.siblings)
    return Page(
        article=article,
        path=path,
        words=speech,
        title=speech("withdrawn") if gone else plain(article.title) or article.ident,
        language=speech.language if gone else plain(article.language),
        direction=speech.direction if gone else article.direction,
        home=Way(speech("home"), paths.home),
        channel=_channel(source, article, paths),
        ways=(Way(speech("hot"), paths.hot), *siblings, Way(speech("guide"), paths.guide)),
        subtitle=plain(article.subtitle),
        authors=_names(article.authors),
        dates=_dates(article, speech),
        lead=_lead(article, speech, media),
        notices=tuple(sorted(article.notices, key=lambda notice: notice.rotating)),
        qr=paths.qr(path),
        source=source,
        licence=plain(article.licence) or (plain(source.licence) if source else ""),
        tags=_names(article.tags),
        lists={(label.kind, plain(label.name)): paths.label(label.kind, label.key) for label in labels},
        older=tuple(older),
        reason="" if article.withdrawn == BY_PUBLISHER else plain(article.withdrawn),
        suffix=f"?{article.ident}" if options.link_suffix else "",
        counter=options.counter.replace("{source}", article.source).replace("{id}", article.ident),
        media=media,
        held=held,
        paths=paths,
    )


def _names(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in map(plain, names) if name)


def _dates(article: Article, speech: Words) -> tuple[Dated, ...]:
    def dated(name: str, moment: datetime, number: str = "") -> Dated:
        return Dated(name=name, moment=moment, date=speech.date(moment), number=number)

    parts = [dated("published", article.published)]
    if article.updated is not None and article.updated.date() != article.published.date():
        parts.append(dated("updated", article.updated))
    if article.revised is not None:
        name = "withdrawn_on" if article.withdrawn else "revised"
        parts.append(dated(name, article.revised, speech.number(article.revision)))
    return tuple(parts)


def _lead(article: Article, speech: Words, media: Mapping[str, tuple[Media, str]]) -> Lead | None:
    picture = article.lead
    if picture is None:
        return None
    caption, credit = plain(picture.caption), plain(picture.credit)
    if credit and credit not in caption:
        named = speech("credit", name=credit)
        caption = speech("credited", caption=caption, credit=named) if caption else named
    found = media.get(picture.src)
    return Lead(path=found[1] if found else "", alt=plain(picture.alt), caption=caption)


def _channel(source: SourceInfo | None, article: Article, paths: Paths) -> Way | None:
    for channel in source.channels if source else ():
        if channel.name == article.channel:
            return Way(plain(channel.title), paths.channel(channel.name))
    return None


def _source(options: EditionOptions, article: Article) -> SourceInfo | None:
    """Return an article's source; as it was, if the newsroom has it no more; None if nothing is known of it."""
    for source in options.sources:
        if source.name == article.source:
            return source
    if not (article.source_title or article.permission):
        return None
    return SourceInfo(
        name=article.source, title=article.source_title, homepage="", licence=article.permission, channels=()
    )
