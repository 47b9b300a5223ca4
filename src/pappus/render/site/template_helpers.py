"""What templates call: texts of the catalogue, links, and what of lists and texts is written in code, for there are hundreds of each."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from markupsafe import Markup, escape

from pappus import urls
from pappus.markup import plain
from pappus.model import Headline
from pappus.render.page import Way
from pappus.render.site.engine import escaped
from pappus.render.site.former import NONE, Former, entry
from pappus.render.site.picture import SAID, Album
from pappus.render.words import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from pappus.model import LabelKind, Notice
    from pappus.render.inputs import EditionOptions
    from pappus.render.page import Dated, Page
    from pappus.render.paths import Paths
    from pappus.render.site.fragment_cache import FragmentCache
    from pappus.render.words import Words

_SUMMARY: Final = 180  # characters of a summary in a list
_LARGE: Final = "(min-width:46em) 40rem,calc(100vw - 2rem)"  # how wide the first picture of the front is, see style.css
_NOWHERE: Final = "\0"  # a folder that shares none with any path


class Helpers:
    """What templates call, for one artifact after another.

    Args:
        paths: of the edition.
        options: of the edition.
        fragments: parts of templates that are written once for several artifacts.
    """

    def __init__(self, paths: Paths, options: EditionOptions, fragments: FragmentCache) -> None:
        self._paths = paths
        self._options = options
        self._fragments = fragments
        self._annexes = [annex for division in options.divisions for annex in division.annexes]
        self.begin("", words(options.language))

    def begin(self, path: str, speech: Words, suffix: str = "", *, former: Former = NONE) -> None:
        """Begin another artifact.

        Args:
            path: where it stands.
            speech: the language of the words in it that are ours.
            suffix: of its links inside the edition.
            former: the entries that a list had before.
        """
        self._former = former
        self._among_pages = path.startswith("pages/")  # elsewhere the way to one of them is by home's folder
        depth = path.count("/")
        self._folder = path.rpartition("/")[0]
        self._elsewhere = "/".join([_NOWHERE] * depth)
        self._root = "../" * depth
        self._words = speech
        self._suffix = suffix
        self._fragments.begin((depth, speech.language, suffix))

    @property
    def names(self) -> Mapping[str, object]:
        """What templates are given, whatever they write."""
        return {
            "say": self.say,
            "to": self.to,
            "link": self.link,
            "file": self.file,
            "made_of": self._paths.layout.made_of,
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
            "tongue_of": self.tongue_of,
            "listed": self.listed,
            "plain": plain,
            "valid": urls.valid,
            "address": _address,
            "isolated": _isolated,
            "code": _code,
        }

    @property
    def own_names(self) -> Mapping[str, object]:
        """What they are given of this artifact."""
        return {"root": self._root, "about": Way(self._words("about"), self._paths.about)}

    def say(self, name: str, /, **values: str) -> Markup:
        """Return a text of the catalogue, with values that are escaped unless they are markup."""
        said = _word(self._words.language, name)
        if not values:
            return said
        filled = {placeholder: escaped(value) for placeholder, value in values.items()}
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
        return _way(path, self._elsewhere if self._fragments.writing else self._folder)

    def page_of(self, headline: Headline) -> str:
        """Return the link to an article."""
        return self._page_at(self._paths.page(headline), headline)

    def _page_at(self, path: str, headline: Headline) -> str:
        own = f"?{headline.ident}" if self._options.link_suffix else ""
        way = self.file(path) if self._among_pages else self._root + urls.path_quote(path)
        return way + (self._suffix or own)

    def headline(self, headline: Headline) -> Markup:
        """Return an article's title as the link to it. No template has it, for a front or a list has hundreds."""
        link = escaped(self.page_of(headline))
        if headline.withdrawn:
            return Markup(f'<a href="{link}">{self.say("withdrawn")}</a>')  # noqa: S704  # escaped, like the next
        title = escaped(plain(headline.title) or headline.ident)
        return Markup(f'<a href="{link}"><bdi{self.tongue_of(headline)}>{title}</bdi></a>')  # noqa: S704

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
        return entries.get(escaped(self._page_at(path, one)), "")

    def day(self, date: str) -> str:
        """Return the link to the list of a day, YYYY-MM-DD."""
        return self.link(self._paths.day(date))

    def shot(self, headline: Headline, *, large: bool = False) -> Markup:
        """Return an article's lead image; "" where it has none, where no form of it is small enough, or where an annex may hold it."""
        if headline.picture is None:
            return Markup()
        month = f"{headline.published:%Y-%m}"
        if any(annex.first <= month <= annex.last for annex in self._annexes):
            return Markup()
        album = Album(headline.published, self.file, self._options.variants)
        shown = album.picture(headline.picture, SAID, _LARGE) if large else album.small(headline.picture)
        return Markup(shown)  # noqa: S704  # escaped

    def time(self, headline: Headline) -> Markup:
        """Return the day of an article as people write it, and programs read it."""
        moment = headline.published
        return _time(moment.date().isoformat(), self._words.date(moment))

    def said(self, dated: Dated) -> Markup:
        """Return what is said of a moment in an article's life."""
        return self.say(dated.name, date=_time(_moment(dated.moment), dated.date), number=dated.number)

    def tongue(self, language: str, direction: str) -> Markup:
        """Return what says the language and direction of an element, where they are not those of the words around it."""
        return tongue(language, direction) if direction or language != self._words.language else Markup()

    def tongue_of(self, headline: Headline) -> Markup:
        """Return what says the language of a title's ``<bdi>``, and its direction where that is not left to its first letter.

        A title in Persian may begin with a name in Latin letters.
        """
        language = "" if headline.language == self._words.language else headline.language
        return tongue(language, "rtl" if headline.direction == "rtl" else "")

    def listed(self, page: Page, kind: LabelKind, names: Iterable[str]) -> Markup:
        """Return authors or tags as people list them, each a link where there is more of it."""
        return self.say("separator").join(self._labelled(name, page.lists.get((kind, name))) for name in names)

    def _labelled(self, name: str, path: str | None) -> Markup:
        return leading(self.link(path), name) if path else _isolated(name)


@cache
def _word(language: str, name: str) -> Markup:
    return escape(words(language)(name))


@lru_cache(4096)  # what stands around articles is the same in a folder
def _way(path: str, folder: str) -> str:
    return urls.path_quote(urls.relative(path, f"{folder}/" if folder else ""))


def tongue(language: str, direction: str) -> Markup:
    """Return what says the language and direction of an element."""
    said = f' lang="{escaped(language)}"' if language else ""
    return Markup(f'{said} dir="{escaped(direction)}"' if direction else said)  # noqa: S704


def _moment(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _time(machines: str, people: str) -> Markup:
    return Markup(f'<time datetime="{escaped(machines)}">{escaped(people)}</time>')  # noqa: S704


def _summary(headline: Headline) -> str:
    return plain(headline.summary, _SUMMARY)


def _address(notice: Notice) -> str:
    return urls.valid(urls.parse(notice.url) or "")


def _isolated(text: str) -> Markup:
    return Markup(f"<bdi>{escaped(plain(text))}</bdi>")  # noqa: S704


def leading(link: str, text: str, said: str = "") -> Markup:
    """Return a text as a link; ``said`` are the attributes of the text."""
    return Markup(f'<a href="{escaped(link)}"><bdi{said}>{escaped(plain(text))}</bdi></a>')  # noqa: S704


def _code(text: str) -> Markup:
    return Markup(f'<code dir="ltr">{escaped(text)}</code>')  # noqa: S704
