"""An article's page: nine elements in a fixed order, a pure function of the article and the edition's chrome.

Title and rule; navigation, then who wrote it and when; lead image; notices; body; share block; original address, source and
licence; rule and navigation again; counter. A withdrawn article leaves a short notice at its address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pappus import urls
from pappus.markup import plain
from pappus.model import BY_PUBLISHER
from pappus.render import paths
from pappus.render.markdown.body import Body
from pappus.render.markdown.elements import Context
from pappus.render.markdown.text import alternative, attribute, code, destination, escape, heading, html_text, isolate
from pappus.render.paths import MARKDOWN
from pappus.render.shelf import SourceInfo
from pappus.render.words import Words, match, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pappus.model import Article, Direction, Headline, Media, Notice
    from pappus.render.shelf import EditionOptions


def page(article: Article, held: Mapping[str, Headline], options: EditionOptions) -> str:
    """Return an article's page as Markdown."""
    return _Page(article, held, options).markdown()


def notice_line(notice: Notice, around: Direction) -> str:
    """Return a notice as a line: a live link, as the operator wants it, in lines that run as ``around`` says."""
    address = urls.parse(notice.url)
    shown = plain(notice.text)
    if address is None:
        return isolate(escape(shown, start=True), shown, around)
    return isolate(f"[{escape(shown, link=True, before='[', after=']')}]({destination(address)})", shown, around)


class _Page:
    """One page while it is made; every method returns one of its elements, "" if it has none."""

    def __init__(self, article: Article, held: Mapping[str, Headline], options: EditionOptions) -> None:
        self.article = article
        self.held = held
        self.options = options
        self.path = MARKDOWN.page(article)
        self.up = "../" * self.path.count("/")
        self.suffix = f"?{article.ident}" if options.link_suffix else ""
        self.words: Words = words(match(article.language) or options.language)
        self.source = _source(options, article)
        self.media: dict[str, Media] = {f"media:{medium.digest}": medium for medium in article.media}

    def markdown(self) -> str:
        elements = self.withdrawn() if self.article.withdrawn else self.standing()
        title = escape(plain(self.article.title)) if not self.article.withdrawn else self.words("withdrawn")
        inside = "\n\n".join(element for element in elements if element)
        opening, closing = self.language()
        return f"{heading(3, title)}\n\n---\n\n{opening}{inside}{closing}\n"

    def standing(self) -> Iterator[str]:
        yield self.navigation()
        yield self.about()
        yield self.lead()
        yield self.notices()
        yield self.body()
        yield "---"
        yield self.share()
        yield self.origin()
        yield "---"
        yield self.navigation(lead="read_next")
        yield self.counter()

    def withdrawn(self) -> Iterator[str]:
        yield self.navigation()
        if self.article.withdrawn == BY_PUBLISHER:
            yield self.words("withdrawn_publisher")
        else:
            yield self.words("withdrawn_reason", reason=escape(plain(self.article.withdrawn), before=":"))
        yield self.dates()
        yield "---"
        yield self.navigation(lead="read_next")

    def language(self) -> tuple[str, str]:
        """Return what says the language and direction of the page: an element that forges keep."""
        own, direction = self.article.language, self.article.direction
        if self.article.withdrawn:
            own, direction = self.words.language, self.words.direction
        said = attribute("dir", direction) if direction == "rtl" else ""
        said += attribute("lang", plain(own)) if own else ""
        return (f"<div{said}>\n\n", "\n\n</div>") if said else ("", "")

    # The elements, in order

    def navigation(self, lead: str = "") -> str:
        """Return the line of links; ``lead`` is the word before the channel's, which then comes first."""
        channel = self.channel()
        home = self.link(self.words("home"), MARKDOWN.home)
        first = [self.words(lead, channel=channel), home] if lead and channel else [home, channel]
        siblings = (self.sibling(title, address) for title, address in self.options.siblings)
        rest = (self.link(self.words("hot"), MARKDOWN.hot), *siblings, self.link(self.words("guide"), MARKDOWN.guide))
        return " · ".join(part for part in (*first, *rest) if part)

    def about(self) -> str:
        """Return subtitle, authors, and dates."""
        subtitle = plain(self.article.subtitle)
        by = self.words("by", names=self.names(self.article.authors)) if self.article.authors else ""
        lines = "\\\n".join(line for line in (by, self.dates()) if line)
        return "\n\n".join(
            part for part in (f"**{escape(subtitle, before='*', after='*')}**" if subtitle else "", lines) if part
        )

    def dates(self) -> str:
        article, words_ = self.article, self.words
        parts = [words_("published", date=words_.date(article.published))]
        if article.updated is not None and article.updated.date() != article.published.date():
            parts.append(words_("updated", date=words_.date(article.updated)))
        if article.revised is not None:
            name = "withdrawn_on" if article.withdrawn else "revised"
            parts.append(words_(name, date=words_.date(article.revised), number=words_.number(article.revision)))
        return " · ".join(parts)

    def lead(self) -> str:
        picture = self.article.lead
        if picture is None:
            return ""
        alt, caption, credit = plain(picture.alt), plain(picture.caption), plain(picture.credit)
        target = self.image(picture.src)
        if credit and credit not in caption:
            named = self.words("credit", name=credit)
            caption = f"{caption} ({named})" if caption else named
        if target is None:
            missing = self.missing(alt) if alt and alt != caption else ""
            return "\n\n".join(escape(text, start=True) for text in (missing, caption) if text)
        if not caption:
            return f"![{alternative(alt)}]({target})"
        image = f"<img{attribute('src', target)}{attribute('alt', alt)}>"
        return f"<figure>{image}<figcaption>{html_text(caption)}</figcaption></figure>"

    def notices(self) -> str:
        ordered = sorted(self.article.notices, key=lambda notice: notice.rotating)  # the fixed ones first
        return "\n".join(f"- {notice_line(notice, self.article.direction)}" for notice in ordered)

    def body(self) -> str:
        context = Context(
            page=self.page_of,
            image=self.image,
            missing=self.missing,
            external=self.options.external_links,
            direction=self.article.direction,
        )
        return Body(context).markdown(self.article.body, "ul" if self.article.notices else "")

    def share(self) -> str:
        title = escape(plain(self.article.title), link=True, before="[", after="]")
        own = urls.path_quote(self.path.rpartition("/")[2]) + self.suffix
        image = self.up + urls.path_quote(MARKDOWN.qr(self.path))
        permanent = self.words("permanent", link=f"[{title}]({own})")
        return f"{self.words('share')}\n\n{permanent}\n\n[![{self.words('qr_page')}]({image})]({own})"

    def origin(self) -> str:
        lines = [self.words("original", address=code(self.article.url))]
        if self.source is not None:
            lines.append(self.words("source", name=self.isolated(self.source.title)))
        licence = plain(self.article.licence) or (plain(self.source.licence) if self.source else "")
        if licence:
            lines.append(self.words("licence", note=self.isolated(licence)))
        if self.article.tags:
            lines.append(self.words("tags", tags=self.names(self.article.tags)))
        return "\\\n".join(lines)

    def counter(self) -> str:
        if not self.options.counter:
            return ""
        address = self.options.counter.replace("{source}", self.article.source).replace("{id}", self.article.ident)
        return f'<img{attribute("src", address)} width="0" height="0" alt="">'

    # Parts of elements

    def channel(self) -> str:
        """Return the link to the article's channel, "" if the newsroom has it no more."""
        for channel in self.source.channels if self.source else ():
            if channel.name == self.article.channel:
                return self.link(self.isolated(channel.title, link=True), MARKDOWN.channel(channel.name))
        return ""

    def link(self, text: str, path: str) -> str:
        return f"[{text}]({self.to(path)})"

    def sibling(self, title: str, address: str) -> str:
        """Return the link to another mirror's home; a relative address starts at our own."""
        target = urls.parse(address)
        href = destination(target) if target else self.up + destination(address) + self.suffix
        return f"[{self.isolated(title, link=True)}]({href})"

    def to(self, path: str) -> str:
        return self.up + urls.path_quote(path) + self.suffix

    def isolated(self, text: str, *, link: bool = False) -> str:
        text = plain(text)
        return isolate(escape(text, link=link, before=":", after="]"), text, self.words.direction)

    def names(self, names: Iterable[str]) -> str:
        return self.words("separator").join(self.isolated(name) for name in names if plain(name))

    def page_of(self, href: str) -> str | None:
        if not self.held or not href.startswith("http"):
            return None
        headline = self.held.get(urls.canonical(href))
        return self.to(MARKDOWN.page(headline)) if headline is not None else None

    def image(self, src: str) -> str | None:
        medium = self.media.get(src)
        return self.up + paths.media_path(medium, self.article.published) if medium is not None else None

    def missing(self, alt: str) -> str:
        return self.words("image", text=alt)


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
