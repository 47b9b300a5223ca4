"""Chinese in the other of its scripts, by OpenCC: the same articles and indexes once more, beside the first, each leading to the other.

An article's page has its twin beside it, as ``ferry.html`` and ``ferry.zh-hant.html``, and each index likewise. What is not Chinese has one
page, to which all lead. OpenCC is an extra of the package; the same version of it gives the same bytes.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import asdict, replace

from pappus.errors import BuildError
from pappus.layout import Layout
from pappus.model import Article, Headline
from pappus.render.paths import SITE, Paths
from pappus.render.words import NAMES, match

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pappus.model import Label, LabelKind, Picture
    from pappus.render.inputs import Archive, EditionOptions, Script, SourceInfo
    from pappus.render.page import Page

_OTHER: Final[dict[Script, Script]] = {"zh-Hans": "zh-Hant", "zh-Hant": "zh-Hans"}
_RULES: Final = {"zh-Hans": "t2s", "zh-Hant": "s2t"}  # of OpenCC, by what comes out


class _ArticleOver(Article, frozen=True, kw_only=True):
    """An article that was written over. Its language does not tell it from one that came in this script, and has no twin in it."""


class _HeadlineOver(Headline, frozen=True, kw_only=True):
    """The same of a title."""


class Version(Struct, frozen=True, kw_only=True):
    """One of several pages that say the same."""

    language: str
    path: str
    here: bool  # it is this page

    @property
    def name(self) -> str:
        """What the language calls itself."""
        return NAMES[self.language]


class ScriptPaths(Paths, frozen=True, kw_only=True):
    """The paths of all that is shown in one script; ``first`` is the language of the indexes that these ones are the twins of."""

    script: Script
    first: str

    def page(self, article: Article | Headline) -> str:
        """Return the path of an article's page: that in this script, if it has one."""
        return Paths.page(self, article) if has_twin(article, self.script) else SITE.page(article)


def paths(script: Script, first: str) -> ScriptPaths:
    """Return the paths of what is shown in a script."""
    suffix = f".{script.lower()}.html"
    return ScriptPaths(Layout(SITE.layout.edition, home=f"index{suffix}", suffix=suffix), script=script, first=first)


def has_twin(one: Article | Headline, script: Script) -> bool:
    """Whether an article has a page in this script beside its own."""
    return isinstance(one, _ArticleOver | _HeadlineOver) or match(one.language) == _OTHER[script]


def of_page(page: Page, scripts: Iterable[Script]) -> list[Version]:
    """Return the versions of an article's page, this one among them; none if it is the only one."""
    own = page.paths
    if isinstance(own, ScriptPaths):
        first = Version(language=_OTHER[own.script], path=SITE.page(page.article), here=False)
        return [first, Version(language=own.script, path=page.path, here=True)]
    return of_article(page.article, scripts)


def of_article(one: Article | Headline, scripts: Iterable[Script]) -> list[Version]:
    """Return the versions of the page that is an article's own, this one first; none if it is the only one."""
    here = match(one.language)
    others = [script for script in scripts if here == _OTHER[script]]
    if here is None or not others:
        return []
    twins = (Version(language=script, path=paths(script, "").page(one), here=False) for script in others)
    return [Version(language=here, path=SITE.page(one), here=True), *twins]


def of_index(path: str, own: Paths, options: EditionOptions) -> list[Version]:
    """Return the versions of an index, this one among them; none if it is the only one."""
    if isinstance(own, ScriptPaths):
        first = path.removesuffix(own.layout.suffix) + SITE.layout.suffix
        return [Version(language=own.first, path=first, here=False), Version(language=own.script, path=path, here=True)]
    stem = path.removesuffix(SITE.layout.suffix)
    twins = [
        Version(language=script, path=stem + paths(script, "").layout.suffix, here=False) for script in options.scripts
    ]
    return [Version(language=options.language, path=path, here=True), *twins] if twins else []


# Writing over


@cache
def _converter(script: Script) -> Callable[[str], str]:
    try:
        import opencc  # noqa: PLC0415  # an extra of the package, for those who want it
    except ImportError as error:
        reason = "wants Chinese in the other script, and OpenCC is not installed"
        raise BuildError("edition site", reason, "pip install 'pappus[chinese]'") from error
    convert: Callable[[str], str] = opencc.OpenCC(_RULES[script]).convert
    return convert


def fingerprint() -> str:
    """Return what changes when OpenCC does."""
    from importlib import metadata  # noqa: PLC0415  # 9 ms, for those who have several scripts

    try:
        return metadata.version("opencc")
    except metadata.PackageNotFoundError:
        return ""


def article(one: Article, script: Script) -> Article:
    """Return an article in a script. Markup has no Chinese signs but in its text and in what images are called."""
    convert = _converter(script)
    over = {
        "title": convert(one.title),
        "body": convert(one.body),
        "subtitle": convert(one.subtitle),
        "authors": tuple(map(convert, one.authors)),
        "language": script,
        "lead": _picture(one.lead, convert),
        "tags": tuple(map(convert, one.tags)),
        "licence": convert(one.licence),
        "source_title": convert(one.source_title),
        "permission": convert(one.permission),
        "notices": tuple(replace(notice, text=convert(notice.text)) for notice in one.notices),
    }
    return _ArticleOver(**asdict(one) | over)


def _picture(picture: Picture | None, convert: Callable[[str], str]) -> Picture | None:
    if picture is None:
        return None
    alt, caption, credit = map(convert, (picture.alt, picture.caption, picture.credit))
    return replace(picture, alt=alt, caption=caption, credit=credit)


def headline(one: Headline, script: Script) -> Headline:
    """Return a title in a script, if it is Chinese."""
    if not has_twin(one, script):
        return one
    convert = _converter(script)
    over = {"title": convert(one.title), "summary": convert(one.summary), "language": script}
    return _HeadlineOver(**asdict(one) | over)


def labels(some: Sequence[Label], script: Script) -> list[Label]:
    """Return authors and tags in a script."""
    return [label._replace(name=_converter(script)(label.name)) for label in some]


def options(one: EditionOptions, script: Script) -> EditionOptions:
    """Return what the operator says, in a script."""
    convert = _converter(script)
    return replace(
        one,
        title=convert(one.title),
        description=convert(one.description),
        language=script,
        sources=tuple(_source(source, convert) for source in one.sources),
        notices=tuple(replace(notice, text=convert(notice.text)) for notice in one.notices),
        siblings=tuple((convert(title), address) for title, address in one.siblings),
    )


def _source(source: SourceInfo, convert: Callable[[str], str]) -> SourceInfo:
    channels = tuple(replace(channel, title=convert(channel.title)) for channel in source.channels)
    return replace(source, title=convert(source.title), licence=convert(source.licence), channels=channels)


class ScriptArchive:
    """An archive whose titles are in a script."""

    def __init__(self, archive: Archive, script: Script) -> None:
        self._archive, self._script = archive, script
        self.channels, self.months = archive.channels, archive.months
        self.month_size, self.former, self.whole = archive.month_size, archive.former, archive.whole
        self.days, self.around, self.labels = archive.days, archive.around, archive.labels

    def newest(self, channel: str, limit: int) -> Sequence[Headline]:
        """Return the newest articles of a channel."""
        return self._over(self._archive.newest(channel, limit))

    def month(self, channel: str | None, month: str, limit: int) -> Sequence[Headline]:
        """Return the newest articles of a month."""
        return self._over(self._archive.month(channel, month, limit))

    def day(self, day: str) -> Sequence[Headline]:
        """Return the articles of all channels that stand of a day."""
        return self._over(self._archive.day(day))

    def labelled(self, kind: LabelKind, key: str, limit: int) -> tuple[str, Sequence[Headline]]:
        """Return an author's or a tag's name, and the newest articles."""
        name, headlines = self._archive.labelled(kind, key, limit)
        return _converter(self._script)(name), self._over(headlines)

    def latest(self, limit: int) -> Sequence[Headline]:
        """Return the newest articles of all channels."""
        return self._over(self._archive.latest(limit))

    def hot(self, limit: int) -> Sequence[Headline]:
        """Return the most read articles."""
        return self._over(self._archive.hot(limit))

    def recommended(self) -> Sequence[Headline]:
        """Return the editors' choice."""
        return self._over(self._archive.recommended())

    def _over(self, headlines: Sequence[Headline]) -> Sequence[Headline]:
        return [headline(one, self._script) for one in headlines]
