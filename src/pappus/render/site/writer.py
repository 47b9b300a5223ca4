"""Puts what pages and indexes show into the site's templates. Whatever is no markup of ours is escaped on the way.

No page needs a script to be read. What a page may load says its policy: files of the edition alone, and of what stands in the page its own
style sheet and one script, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from traceback import walk_tb
from typing import TYPE_CHECKING, Final, cast

from jinja2 import StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError
from markupsafe import Markup

from pappus import urls
from pappus.errors import BuildError
from pappus.markup import plain
from pappus.model import SCRIPT
from pappus.render.indexes import Channel, Guide, Home, Listing, Mirrors, Month, Search
from pappus.render.site.about import About, NotFound, Offline
from pappus.render.site.body import Body
from pappus.render.site.compiled import Loader
from pappus.render.site.engine import Engine
from pappus.render.site.former import NONE, Former
from pappus.render.site.fragment_cache import FragmentCache
from pappus.render.site.lists import DayList, LabelList
from pappus.render.site.reading import minutes
from pappus.render.site.scripts import of_index, of_page
from pappus.render.site.template_helpers import Helpers, leading, tongue
from pappus.render.site.templates import FIRST, LOST, STYLE, THEME, texts
from pappus.render.words import match, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pappus.render.inputs import EditionOptions
    from pappus.render.page import Page
    from pappus.render.paths import Paths
    from pappus.render.site.scripts import Version

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
_PARTS: Final = "parts.html"  # macros that all templates have by the name "parts"
_ORIGIN: Final = re.compile(r"https?://[^/\"]+")


class Writer:
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
        self._environment = Engine(
            loader=Loader(self._texts),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
            extensions=[FragmentCache],
        )
        self._helpers = Helpers(
            paths, options, cast("FragmentCache", self._environment.extensions[FragmentCache.identifier])
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
            **self._helpers.names,
        }

    def page(self, page: Page) -> str:
        """Return an article's page as HTML."""
        helpers = self._helpers
        helpers.begin(page.path, page.words, page.suffix)
        body = Body(page, helpers.link, self._options.external_links, self._options.variants)
        here = helpers.link(page.path)
        spoken = match(page.language) == page.words.language
        return self._render(
            "page.html",
            policy=self._policy("page.html", page.counter),
            language=page.language,
            direction=page.direction,
            own="" if spoken else tongue(page.words.language, page.words.direction),
            page=page,
            versions=of_page(page, self._options.scripts),
            body=body.html(page.article.body),
            notes=tuple(body.notes),
            picture=body.picture,
            minutes=page.words.number(minutes(page.article.body)),
            here=here,
            permanent=leading(
                here, page.title, tongue("" if spoken else page.language, "rtl" if page.direction == "rtl" else "")
            ),
        )

    def index(self, index: SiteIndex, former: Former = NONE) -> str:
        """Return an index as HTML; ``former`` are the entries that it had before."""
        speech = words(self._options.language)
        template = _TEMPLATES[type(index)]
        self._helpers.begin(index.path, speech, former=former)
        return self._render(
            template,
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

    def _render(self, template: str, **shown: object) -> str:
        try:
            if "parts" not in self._environment.globals:
                self._environment.globals["parts"] = self._environment.get_template(_PARTS).module
            return self._environment.write(template, {**self._helpers.own_names, **shown})
        except TemplateSyntaxError as error:
            raise BuildError(f"template {error.name or template}", f"line {error.lineno}: {error.message}") from error
        except (
            Exception
        ) as error:  # one of the operator's may ask for anything, and anything may come of it; of ours it is a bug
            if not self._options.templates:
                raise
            name, line = self._place(error) or (template, 1)
            raise BuildError(f"template {name}", f"line {line}: {_told(error)}") from error

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


def _told(error: Exception) -> str:
    if isinstance(error, TemplateNotFound):
        return f"there is no template {error}"
    return str(error) if isinstance(error, TemplateError) else f"{type(error).__name__}: {error}"


def _hashed(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
