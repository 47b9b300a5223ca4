"""An article's page in Markdown: what :mod:`pappus.render.page` shows, title and rule first, rules around the share block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pappus import urls
from pappus.markup import plain
from pappus.render.elements import Context
from pappus.render.markdown.body import Body
from pappus.render.markdown.text import alternative, attribute, code, destination, escape, heading, html_text, isolate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pappus.model import Direction, Notice
    from pappus.render.inputs import ExternalLinks
    from pappus.render.page import Page, Way


def write(page: Page, external: ExternalLinks) -> str:
    """Return an article's page as Markdown."""
    return _Writer(page, external).markdown()


def notice_line(notice: Notice, around: Direction) -> str:
    """Return a notice as a line: a live link, as the operator wants it, in lines that run as ``around`` says."""
    address = urls.parse(notice.url)
    shown = plain(notice.text)
    if address is None:
        return isolate(escape(shown, start=True), shown, around)
    return isolate(f"[{escape(shown, link=True, before='[', after=']')}]({destination(address)})", shown, around)


class _Writer:
    """One page while it is made; every method returns one of its elements, "" if it has none."""

    def __init__(self, page: Page, external: ExternalLinks) -> None:
        self.page = page
        self.external = external
        self.words = page.words
        self.up = "../" * page.path.count("/")

    def markdown(self) -> str:
        elements = self.withdrawn() if self.page.article.withdrawn else self.standing()
        inside = "\n\n".join(element for element in elements if element)
        opening, closing = self.language()
        return f"{heading(3, escape(self.page.title))}\n\n---\n\n{opening}{inside}{closing}\n"

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
        if self.page.reason:
            yield self.words("withdrawn_reason", reason=escape(self.page.reason, before=":"))
        else:
            yield self.words("withdrawn_publisher")
        yield self.dates()
        yield "---"
        yield self.navigation(lead="read_next")

    def language(self) -> tuple[str, str]:
        """Return what says the language and direction of the page: an element that forges keep."""
        said = attribute("dir", self.page.direction) if self.page.direction == "rtl" else ""
        said += attribute("lang", self.page.language) if self.page.language else ""
        return (f"<div{said}>\n\n", "\n\n</div>") if said else ("", "")

    # The elements, in order

    def navigation(self, lead: str = "") -> str:
        """Return the line of links; ``lead`` is the word before the channel's, which then comes first."""
        home = self.way(self.page.home)
        channel = self.way(self.page.channel) if self.page.channel else ""
        first = [self.words(lead, channel=channel), home] if lead and channel else [home, channel]
        return " · ".join(part for part in (*first, *map(self.way, self.page.ways)) if part)

    def about(self) -> str:
        """Return subtitle, authors, and dates."""
        subtitle, authors = self.page.subtitle, self.page.authors
        by = self.words("by", names=self.names(authors)) if authors else ""
        lines = "\\\n".join(line for line in (by, self.dates()) if line)
        return "\n\n".join(
            part for part in (f"**{escape(subtitle, before='*', after='*')}**" if subtitle else "", lines) if part
        )

    def dates(self) -> str:
        return " · ".join(self.words(one.name, date=one.date, number=one.number) for one in self.page.dates)

    def lead(self) -> str:
        lead = self.page.lead
        if lead is None:
            return ""
        alt, caption = lead.alt, lead.caption
        if not lead.path:
            missing = self.missing(alt) if alt and alt != caption else ""
            return "\n\n".join(escape(text, start=True) for text in (missing, caption) if text)
        target = self.up + lead.path
        if not caption:
            return f"![{alternative(alt)}]({target})"
        image = f"<img{attribute('src', target)}{attribute('alt', alt)}>"
        return f"<figure>{image}<figcaption>{html_text(caption)}</figcaption></figure>"

    def notices(self) -> str:
        return "\n".join(f"- {notice_line(notice, self.page.article.direction)}" for notice in self.page.notices)

    def body(self) -> str:
        context = Context(
            page=self.page_of,
            image=self.image,
            missing=self.missing,
            external=self.external,
            direction=self.page.article.direction,
        )
        return Body(context).markdown(self.page.article.body, "ul" if self.page.notices else "")

    def share(self) -> str:
        title = escape(self.page.title, link=True, before="[", after="]")
        own = urls.path_quote(self.page.path.rpartition("/")[2]) + self.page.suffix
        image = self.up + urls.path_quote(self.page.qr)
        permanent = self.words("permanent", link=f"[{title}]({own})")
        return f"{self.words('share')}\n\n{permanent}\n\n[![{self.words('qr_page')}]({image})]({own})"

    def origin(self) -> str:
        page = self.page
        lines = [self.words("original", address=code(page.article.url))]
        if page.source is not None:
            lines.append(self.words("source", name=self.isolated(page.source.title)))
        if page.licence:
            lines.append(self.words("licence", note=self.isolated(page.licence)))
        if page.article.tags:
            lines.append(self.words("tags", tags=self.names(page.tags)))
        return "\\\n".join(lines)

    def counter(self) -> str:
        if not self.page.counter:
            return ""
        return f'<img{attribute("src", self.page.counter)} width="0" height="0" alt="">'

    # Parts of elements

    def way(self, way: Way) -> str:
        """Return a link; an address that is relative starts at our own home."""
        if way.path:
            return f"[{self.isolated(way.text, link=True)}]({self.to(way.path)})"
        target = urls.parse(way.address)
        href = destination(target) if target else self.up + destination(way.address) + self.page.suffix
        return f"[{self.isolated(way.text, link=True)}]({href})"

    def to(self, path: str) -> str:
        return self.up + urls.path_quote(path) + self.page.suffix

    def isolated(self, text: str, *, link: bool = False) -> str:
        text = plain(text)
        return isolate(escape(text, link=link, before="[" if link else ":", after="]"), text, self.words.direction)

    def names(self, names: Iterable[str]) -> str:
        return self.words("separator").join(self.isolated(name) for name in names)

    def page_of(self, href: str) -> str | None:
        path = self.page.page_of(href)
        return self.to(path) if path else None

    def image(self, src: str) -> str | None:
        path = self.page.image(src)
        return self.up + path if path else None

    def missing(self, alt: str) -> str:
        return self.words("image", text=alt)
