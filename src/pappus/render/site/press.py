"""Puts what pages and indexes show into the site's templates. Whatever is no markup of ours is escaped on the way.

No page needs a script to be read. What a page may load says its policy: files of the edition alone, and of what stands in the page its own
style sheet and one script, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache, lru_cache
from traceback import walk_tb
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, StrictUndefined, TemplateError, TemplateSyntaxError
from markupsafe import Markup, escape

from pappus import urls
from pappus.errors import BuildError
from pappus.markup import plain
from pappus.model import SCRIPT, Headline
from pappus.render.indexes import Channel, Guide, Home, Listing, Mirrors, Month, Search
from pappus.render.page import Way
from pappus.render.site.about import About, NotFound, Offline
from pappus.render.site.body import Body
from pappus.render.site.compiled import Loader
from pappus.render.site.former import Former, entry
from pappus.render.site.kept import Kept
from pappus.render.site.lists import DayList, LabelList
from pappus.render.site.picture import Album
from pappus.render.site.reading import minutes
from pappus.render.site.scripts import of_index, of_page
from pappus.render.site.templates import FIRST, LOST, STYLE, THEME, texts
from pappus.render.words import match, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from pappus.model import LabelKind, Notice
    from pappus.render.page import Dated, Page
    from pappus.render.paths import Paths
    from pappus.render.shelf import EditionOptions
    from pappus.render.site.scripts import Version
    from pappus.render.words import Words

SiteIndex = (
    Home | Guide | Listing | Mirrors | Channel | Month | DayList | LabelList | About | Offline | NotFound | Search
)

_TEMPLATES: Final[Mapping[type[SiteIndex], str]] = {
    About: "about.html",
    Channel: "channel.html",
    DayList: "day.html",
    Guide: "guide.html",
    Home: "home.html",
    LabelList: "label.html",
    Listing: "listing.html",
    Mirrors: "mirrors.html",
    Month: "month.html",
    NotFound: "404.html",
    Offline: "offline.html",
    Search: "search.html",
}
_POLICY: Final[Mapping[str, str]] = {
    "default-src": "'none'",
    "img-src": "'self'{images}",
    "style-src": "'sha256-{style}'",
    "script-src": "'self' 'sha256-{first}'",
    "worker-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
}
_MORE: Final[Mapping[str, Mapping[str, str]]] = {  # by template: what the policy of its pages says beside, or instead
    "404.html": {"img-src": "data:", "script-src": "'sha256-{lost}'", "worker-src": "'none'", "connect-src": "'none'"},
    "home.html": {"manifest-src": "'self'"},
}
_ORIGIN: Final = re.compile(r"https?://[^/\"]+")
_NONE: Final = Former()
_SUMMARY: Final = 180  # characters of a summary in a list
_LARGE: Final = "(min-width:46em) 40rem,calc(100vw - 2rem)"  # how wide the first picture of the front is, see style.css


class Press:
    """Writes pages and indexes of an edition.

    Raises:
        BuildError: a template of the operator's is wrong.
    """

    def __init__(self, options: EditionOptions, paths: Paths) -> None:
        self._options = options
        self._paths = paths
        self._texts = texts(options)
        self._style = self._texts[THEME] + self._texts[STYLE]
        self._policies: dict[tuple[str, str], Markup] = {}  # by template, and origin of the counter
        self._hashes = {
            "style": _hashed(self._style),
            "first": _hashed(self._texts[FIRST]),
            "lost": _hashed(self._texts[LOST]),
        }
        self._environment = Environment(
            loader=Loader(self._texts),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
            extensions=[Kept],
        )
        self._environment.globals |= {
            "style": Markup(self._style),  # noqa: S704  # our own file, or the operator's
            "first": Markup(self._texts[FIRST]),  # noqa: S704  # likewise
            "lost": Markup(self._texts[LOST]),  # noqa: S704  # likewise
            "script": SCRIPT,
            "newsroom": plain(options.title),
            "home": paths.home,
            "guide": paths.guide,
            "hot": paths.hot,
            "plain": plain,
            "valid": urls.valid,
            "address": _address,
            "isolated": _isolated,
            "code": _code,
        }

    def page(self, page: Page) -> str:
        """Return an article's page as HTML."""
        pen = _Pen(page.path, self._paths, page.words, self._options, page.suffix)
        body = Body(page, pen.link, self._options.external_links, self._options.variants)
        here = pen.link(page.path)
        spoken = match(page.language) == page.words.language
        return self._render(
            "page.html",
            pen,
            policy=self._policy("page.html", page.counter),
            language=page.language,
            direction=page.direction,
            own="" if spoken else _tongue(page.words.language, page.words.direction),
            page=page,
            versions=of_page(page, self._options.scripts),
            body=body.html(page.article.body),
            notes=tuple(body.notes),
            picture=body.picture,
            minutes=page.words.number(minutes(page.article.body)),
            here=here,
            permanent=_leading(here, page.title),
        )

    def index(self, index: SiteIndex, former: Former = _NONE) -> str:
        """Return an index as HTML; ``former`` are the entries that it had before."""
        speech = words(self._options.language)
        template = _TEMPLATES[type(index)]
        return self._render(
            template,
            _Pen(index.path, self._paths, speech, self._options, former=former),
            policy=self._policy(template, ""),
            language=speech.language,
            direction=speech.direction,
            own="",
            speech=speech,
            index=index,
            versions=self._versions(index),
            licences=[source for source in self._options.sources if source.licence],
        )

    def _versions(self, index: SiteIndex) -> Sequence[Version]:
        return () if isinstance(index, NotFound | Search) else of_index(index.path, self._paths, self._options)

    def _render(self, template: str, pen: _Pen, **shown: object) -> str:
        try:
            return self._environment.get_template(template).render(pen.names, **shown)
        except TemplateSyntaxError as error:
            raise BuildError(f"template {error.name or template}", f"line {error.lineno}: {error.message}") from error
        except (
            Exception
        ) as error:  # one of the operator's may ask for anything, and anything may come of it; of ours it is a bug
            if not self._options.templates:
                raise
            name, line = self._place(error) or (template, 1)
            told = str(error) if isinstance(error, TemplateError) else f"{type(error).__name__}: {error}"
            raise BuildError(f"template {name}", f"line {line}: {told}") from error

    def _place(self, error: Exception) -> tuple[str, int] | None:
        """Return the template in which an error came up, and the line."""
        lines = ((frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__))
        within = [(name, line) for path, line in lines if (name := path.rpartition("/")[2]) in self._texts]
        return within[-1] if within else None

    def _policy(self, template: str, counter: str) -> Markup:
        """Return the policy of a page. A counter is asked where it is, for that is what it was switched on for."""
        origin = _ORIGIN.match(urls.parse_http(counter) or "")
        images = f" {origin[0]}" if origin else ""
        if (template, images) not in self._policies:
            said = "; ".join(f"{name} {value}" for name, value in {**_POLICY, **_MORE.get(template, {})}.items())
            filled = said.format_map(self._hashes | {"images": images})
            self._policies[template, images] = Markup(filled)  # noqa: S704  # no quotes in it
        return self._policies[template, images]


class _Pen:
    """What templates call, for one artifact."""

    def __init__(
        self,
        path: str,
        paths: Paths,
        speech: Words,
        options: EditionOptions,
        suffix: str = "",
        *,
        former: Former = _NONE,
    ) -> None:
        self._former = former
        self._folder = path.rpartition("/")[0]
        self._paths = paths
        self._words = speech
        self._options = options
        self._suffix = suffix
        self._among_pages = path.startswith("pages/")  # elsewhere the way to one of them is by home's folder
        self._root = "../" * path.count("/")
        self._annexes = [annex for division in options.divisions for annex in division.annexes]
        self.names: Mapping[str, object] = {
            "root": self._root,  # the way to home's folder
            "place": (self._folder, speech.language, suffix),
            "about": Way(speech("about"), paths.about),
            "say": self.say,
            "to": self.to,
            "link": self.link,
            "file": self.file,
            "made_of": paths.made_of,
            "moment": _moment,
            "page_of": self.page_of,
            "headline": self.headline,
            "each": self.each,
            "day": self.day,
            "shot": self.shot,
            "summary": _summary,
            "time": self.time,
            "said": self.said,
            "tongue": self.tongue,
            "listed": self.listed,
        }

    def say(self, name: str, /, **values: str) -> Markup:
        """Return a text of the catalogue, with values that are escaped unless they are markup."""
        said = _word(self._words.language, name)
        if not values:
            return said
        filled = {placeholder: escape(value) for placeholder, value in values.items()}
        return Markup(str(said).format_map(filled))  # noqa: S704  # escaped, like the next; Markup.format takes ten times as long

    def to(self, way: Way) -> str:
        """Return where a way leads; an address that is relative starts at our own home."""
        if way.path:
            return self.link(way.path)
        return urls.valid(urls.parse(way.address) or "") or f"{self._root}{way.address}{self._suffix}"

    def link(self, path: str) -> str:
        """Return the link to a page of the edition."""
        return self.file(path) + self._suffix

    def file(self, path: str) -> str:
        """Return the link to a file of the edition."""
        return _way(path, self._folder)

    def page_of(self, headline: Headline) -> str:
        """Return the link to an article."""
        return self._page_at(self._paths.page(headline), headline)

    def _page_at(self, path: str, headline: Headline) -> str:
        own = f"?{headline.ident}" if self._options.link_suffix else ""
        way = self.file(path) if self._among_pages else self._root + urls.path_quote(path)
        return way + (self._suffix or own)

    def headline(self, headline: Headline) -> Markup:
        """Return an article's title as the link to it. No template has it, for a front or a list has hundreds."""
        link = escape(self.page_of(headline))
        if headline.withdrawn:
            return Markup(f'<a href="{link}">{self.say("withdrawn")}</a>')  # noqa: S704  # escaped, like the next
        title = escape(plain(headline.title) or headline.ident)
        return Markup(f'<a href="{link}"><bdi{self.tongue(headline.language, "")}>{title}</bdi></a>')  # noqa: S704

    def each(self, items: Iterable[Headline | Notice], caller: Callable[[Headline | Notice], str]) -> Markup:
        """Return the entries of a list, each as ``caller`` writes it, or as it stood there before where its article did not change.

        An entry is one ``<li>`` and says nothing but what follows from its article.
        """
        return Markup("".join(f"{self._standing(one) or entry(caller(one))}\n" for one in items))  # noqa: S704  # markup of ours

    def _standing(self, one: Headline | Notice) -> str:
        """Return the entry of an article as it stood in this list, "" where it was not there or changed."""
        entries = self._former.entries
        if not entries or not isinstance(one, Headline) or (path := self._paths.page(one)) in self._former.changed:
            return ""
        return entries.get(escape(self._page_at(path, one)), "")

    def day(self, date: str) -> str:
        """Return the link to the list of a day, YYYY-MM-DD."""
        return self.link(self._paths.day(date))

    def shot(self, headline: Headline, *, large: bool = False) -> Markup:
        """Return an article's lead image; "" where it has none, where no form of it is small enough, or where an annex may hold it."""
        month = f"{headline.published:%Y-%m}"
        if headline.picture is None or any(annex.first <= month <= annex.last for annex in self._annexes):
            return Markup()
        album = Album(headline.published, self.file, self._options.variants)
        shown = album.picture(headline.picture, "", _LARGE) if large else album.small(headline.picture)
        return Markup(shown)  # noqa: S704  # escaped

    def time(self, headline: Headline) -> Markup:
        """Return the day of an article as people write it, and programs read it."""
        moment = headline.published
        return _time(f"{moment:%Y-%m-%d}", self._words.date(moment))

    def said(self, dated: Dated) -> Markup:
        """Return what is said of a moment in an article's life."""
        return self.say(dated.name, date=_time(_moment(dated.moment), dated.date), number=dated.number)

    def tongue(self, language: str, direction: str) -> Markup:
        """Return what says the language and direction of an element, where they are not those of the words around it."""
        return _tongue(language, direction) if direction or language != self._words.language else Markup()

    def listed(self, page: Page, kind: LabelKind, names: Iterable[str]) -> Markup:
        """Return authors or tags as people list them, each a link where there is more of it."""
        return self.say("separator").join(self._labelled(name, page.lists.get((kind, name))) for name in names)

    def _labelled(self, name: str, path: str | None) -> Markup:
        return _leading(self.link(path), name) if path else _isolated(name)


@cache
def _word(language: str, name: str) -> Markup:
    return escape(words(language)(name))


@lru_cache(4096)  # what stands around articles is the same in a folder
def _way(path: str, folder: str) -> str:
    return urls.path_quote(urls.relative(path, f"{folder}/" if folder else ""))


def _hashed(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _tongue(language: str, direction: str) -> Markup:
    said = f' lang="{escape(language)}"' if language else ""
    return Markup(f'{said} dir="{escape(direction)}"' if direction else said)  # noqa: S704


def _moment(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _time(machines: str, people: str) -> Markup:
    return Markup(f'<time datetime="{escape(machines)}">{escape(people)}</time>')  # noqa: S704


def _summary(headline: Headline) -> str:
    return plain(headline.summary, _SUMMARY)


def _address(notice: Notice) -> str:
    return urls.valid(urls.parse(notice.url) or "")


def _isolated(text: str) -> Markup:
    return Markup(f"<bdi>{escape(plain(text))}</bdi>")  # noqa: S704


def _leading(link: str, text: str) -> Markup:
    return Markup(f'<a href="{escape(link)}">{_isolated(text)}</a>')  # noqa: S704


def _code(text: str) -> Markup:
    return Markup(f'<code dir="ltr">{escape(text)}</code>')  # noqa: S704
