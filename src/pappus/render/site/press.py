"""Puts what pages and indexes show into the site's templates. Whatever is no markup of ours is escaped on the way.

No page needs a script to be read. What a page may load says its policy: files of the edition alone, and of what stands in the page its own
style sheet and one script, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from typing import TYPE_CHECKING, Final

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup, escape

from pappus import urls
from pappus.markup import plain
from pappus.model import SCRIPT
from pappus.render.indexes import Channel, Guide, Home, Listing, Mirrors, Month, Search
from pappus.render.site.body import Body
from pappus.render.site.scripts import of_index, of_page
from pappus.render.site.templates import first, sources, style
from pappus.render.words import match, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from jinja2 import Template

    from pappus.model import Headline, Notice
    from pappus.render.indexes import Index
    from pappus.render.page import Page, Way
    from pappus.render.paths import Paths
    from pappus.render.shelf import EditionOptions
    from pappus.render.words import Words

_TEMPLATES: Mapping[type[Index | Search], str] = {
    Channel: "channel.html",
    Guide: "guide.html",
    Home: "home.html",
    Listing: "listing.html",
    Mirrors: "mirrors.html",
    Month: "month.html",
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
_MORE: Final[Mapping[str, Mapping[str, str]]] = {
    "home.html": {"manifest-src": "'self'"},
}  # by template: what the policy of its pages says beside, or instead
_ORIGIN: Final = re.compile(r"https?://[^/\"]+")


def write_page(page: Page, options: EditionOptions) -> str:
    """Return an article's page as HTML."""
    pen = _Pen(page.path, page.paths, page.words, page.suffix)
    body = Body(page, pen.link, options.external_links, options.variants)
    here = pen.link(page.path)
    spoken = match(page.language) == page.words.language
    return _template("page.html").render(
        pen.names,
        newsroom=plain(options.title),
        policy=_policy("page.html", page.counter),
        language=page.language,
        direction=page.direction,
        own="" if spoken else _tongue(page.words.language, page.words.direction),
        page=page,
        versions=of_page(page, options.scripts),
        body=body.html(page.article.body),
        notes=tuple(body.notes),
        picture=body.picture,
        here=here,
        permanent=Markup('<a href="{}"><bdi>{}</bdi></a>').format(here, page.title),
    )


def write_index(index: Index | Search, options: EditionOptions, paths: Paths) -> str:
    """Return an index as HTML."""
    speech = words(options.language)
    pen = _Pen(index.path, paths, speech, "")

    def page(headline: Headline) -> str:
        suffix = f"?{headline.ident}" if options.link_suffix else ""
        return pen.link(paths.page(headline)) + suffix

    template = _TEMPLATES[type(index)]
    return _template(template).render(
        pen.names,
        newsroom=plain(options.title),
        policy=_policy(template, ""),
        language=speech.language,
        direction=speech.direction,
        own="",
        index=index,
        versions=[] if isinstance(index, Search) else of_index(index.path, paths, options),
        page=page,
        machines=pen.machines(index),
        licences=[source for source in options.sources if source.licence],
    )


class _Pen:
    """What templates call, for one artifact."""

    def __init__(self, path: str, paths: Paths, speech: Words, suffix: str) -> None:
        self._path = path
        self._words = speech
        self._suffix = suffix
        self.names: Mapping[str, Callable[..., object] | str] = {
            "home": paths.home,
            "guide": paths.guide,
            "root": "../" * path.count("/"),  # the way to home's folder
            "say": self.say,
            "to": self.to,
            "link": self.link,
            "file": self.file,
            "address": _address,
            "made_of": paths.made_of,
            "moment": _moment,
            "plain": plain,
            "tongue": self.tongue,
            "isolated": _isolated,
            "names": self.joined,
            "code": _code,
        }

    def say(self, name: str, /, **values: str) -> Markup:
        """Return a text of the catalogue, with values that are escaped unless they are markup."""
        return Markup(escape(self._words(name))).format(**values)  # noqa: S704  # escaped

    def to(self, way: Way) -> str:
        """Return where a way leads; an address that is relative starts at our own home."""
        if way.path:
            return self.link(way.path)
        return urls.parse(way.address) or f"{'../' * self._path.count('/')}{way.address}{self._suffix}"

    def link(self, path: str) -> str:
        """Return the link to a page of the edition."""
        return self.file(path) + self._suffix

    def file(self, path: str) -> str:
        """Return the link to a file of the edition."""
        return urls.path_quote(urls.relative(path, self._path))

    def joined(self, texts: Iterable[str]) -> Markup:
        """Return names as people list them."""
        return Markup(escape(self._words("separator"))).join(map(_isolated, texts))  # noqa: S704  # escaped

    def tongue(self, language: str, direction: str) -> Markup:
        """Return what says the language and direction of an element, where they are not those of the words around it."""
        return _tongue(language, direction) if direction or language != self._words.language else Markup()

    def machines(self, index: Index | Search) -> Markup:
        """Return the link to what is for programs, where an index has one."""
        if not isinstance(index, Home | Mirrors):
            return Markup()
        return Markup('<a href="{}">{}</a>').format(self.file(index.machines), index.machines)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=DictLoader(dict(sources())),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals["style"] = Markup(style())  # noqa: S704  # our own file
    made.globals["first"] = Markup(first())  # noqa: S704  # likewise
    made.globals["script"] = SCRIPT
    return made


def _template(name: str) -> Template:
    return _environment().get_template(name)


@cache
def _policy(template: str, counter: str) -> Markup:
    """Return the policy of a page. A counter is asked where it is, for that is what it was switched on for."""
    origin = _ORIGIN.match(urls.parse_http(counter) or "")
    said = "; ".join(f"{name} {value}" for name, value in {**_POLICY, **_MORE.get(template, {})}.items())
    images = f" {origin[0]}" if origin else ""
    return Markup(said.format(style=_hashed(style()), first=_hashed(first()), images=images))  # noqa: S704  # no quotes in it


def _hashed(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _tongue(language: str, direction: str) -> Markup:
    said = Markup(' lang="{}"').format(language) if language else Markup()
    return said + Markup(' dir="{}"').format(direction) if direction else said


def _moment(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _address(notice: Notice) -> str:
    return urls.parse(notice.url) or ""


def _isolated(text: str) -> Markup:
    return Markup("<bdi>{}</bdi>").format(plain(text))


def _code(text: str) -> Markup:
    return Markup('<code dir="ltr">{}</code>').format(text)
