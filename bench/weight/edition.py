"""The site of a newsroom that has these articles, and its front page as it was after every few of them.

Images cannot be fetched, so each address of one gets a stand-in of a photograph's size, without pixels, and with all its variants: a page
names it as it would name the real one.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urljoin

from msgspec import Struct

from bench.extraction.scripts import script
from bench.newsroom import channel, prepare
from bench.steps import Quiet
from bench.weight.scales import Weight, before_text, requests, weigh
from pappus import config, urls
from pappus.markup import text
from pappus.media.localise import localise
from pappus.media.pixels import Encoded
from pappus.model import Fetched, Media, digest
from pappus.pipeline import Report
from pappus.pipeline.build import build
from pappus.render.paths import SITE
from pappus.store import Placing, open_store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.weight.pages import Read
    from pappus.model import Article, Draft, Kind, Validators
    from pappus.pipeline import Newsroom
    from pappus.store import Store

_SIZE: Final = (1200, 800)  # pixels of a stand-in: what photographs of newspapers are scaled to
_WEIGHT: Final = 90_000  # bytes
_FORMS: Final = {  # widths that a photograph is offered in, by format
    "image/jpeg": (400, 800),
    "image/webp": (400, 800, 1200),
    "image/avif": (400, 800, 1200),
}
_TINT: Final = 27  # of 64 mean colours
_PICTURE: Final = re.compile(rb"<img\b[^>]* src=\"[^\"]*media/")


class Leaf(Struct, frozen=True, kw_only=True):
    """An article's page, weighed."""

    url: str  # of the original
    script: str  # that most of its letters are in
    html: Weight
    head: Weight  # before its text
    whole: Weight  # with what it asks for beside images
    blocking: int  # requests
    pictures: int


class Front(Struct, frozen=True, kw_only=True):
    """The front page at one moment, weighed."""

    html: Weight
    whole: Weight
    blocking: int
    pictures: int


class Made(Struct, frozen=True, kw_only=True):
    """An edition, weighed."""

    leaves: tuple[Leaf, ...]
    fronts: tuple[Front, ...]
    files: dict[str, Weight]  # scripts and the like that pages ask for, by path


def make(folder: Path, reads: Sequence[Read], moments: int) -> Made:
    """Store articles, oldest first, building at so many moments."""
    prepare(folder, "courier", "The Harbour Courier")
    newsroom = config.load(folder / config.FILE)
    step = max(1, -(-len(reads) // moments))
    fronts = []
    with open_store(newsroom.state) as store:
        scale = _Scale(store)
        for first in range(0, len(reads), step):
            with store.database.transaction():
                for number, one in enumerate(reads[first : first + step], first):
                    _put(store, one.draft, number)
            _build(newsroom, store)
            fronts.append(scale.front())
        leaves = tuple(scale.leaf(article) for _, article in store.articles.changed_since(0))
    return Made(leaves=leaves, fronts=tuple(fronts), files=scale.files)


def _put(store: Store, draft: Draft, number: int) -> None:
    def keep(url: str, made: Encoded, validators: Validators) -> Media:
        media = _medium(made.data, made.media_type, made.width)
        store.files.keep(url, made.data, media, validators)
        forms = [(form, width, f"{form} {width} {url}".encode()) for form, widths in _FORMS.items() for width in widths]
        store.variants.keep(media.digest, _TINT, [(_medium(data, form, width), data) for form, width, data in forms])
        return media

    localised, media, _ = asyncio.run(localise(draft, _get, _encode, keep, store.files.known))
    assert localised.published is not None
    placing = Placing(
        source="courier",
        channel=channel(number),
        ident=urls.identifier(draft.url),
        published=localised.published,
        addresses=(draft.url,),
        source_title="The Harbour Courier",
        permission="CC BY 4.0",
    )
    store.articles.put(localised, media, placing, localised.published)


def _medium(data: bytes, media_type: str, width: int) -> Media:
    """Return a stand-in that says of itself that it is as large as a photograph of this width."""
    share = width / _SIZE[0]
    return Media(
        digest=digest(data),
        media_type=media_type,
        size=round(_WEIGHT * share**2),
        width=width,
        height=round(_SIZE[1] * share),
    )


def _build(newsroom: Newsroom, store: Store) -> None:
    build(newsroom, store, Report("bench", Quiet()))


async def _get(url: str, **_: Validators | Kind) -> Fetched:
    return Fetched(url=url, final_url=url, body=url.encode("utf-8", "replace"))


async def _encode(data: bytes) -> Encoded:
    width, height = _SIZE
    return Encoded(data=data, media_type="image/jpeg", width=width, height=height)


class _Scale:
    """Weighs pages of an edition, and each of the files that they ask for once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.files: dict[str, Weight] = {}

    def front(self) -> Front:
        """Weigh home."""
        html = self._body(SITE.home)
        whole, blocking = self._whole(SITE.home, html)
        return Front(html=weigh(html), whole=whole, blocking=blocking, pictures=_pictures(html))

    def leaf(self, article: Article) -> Leaf:
        """Weigh an article's page."""
        path = SITE.page(article)
        html = self._body(path)
        whole, blocking = self._whole(path, html)
        return Leaf(
            url=article.url, script=script(text(article.body)), html=weigh(html), head=before_text(html), whole=whole,
            blocking=blocking, pictures=_pictures(html),
        )  # fmt: skip

    def _whole(self, path: str, html: bytes) -> tuple[Weight, int]:
        asked = tuple(requests(html))
        whole = weigh(html)
        for href in dict.fromkeys(request.href for request in asked):
            whole += self._file(unquote(urljoin(f"/{path}", href)).removeprefix("/"))
        return whole, sum(request.blocks for request in asked)

    def _file(self, path: str) -> Weight:
        if path not in self.files:
            self.files[path] = weigh(self._body(path))
        return self.files[path]

    def _body(self, path: str) -> bytes:
        body = self._store.editions.body("site", path)
        assert body is not None, path
        return body


def _pictures(html: bytes) -> int:
    return len(_PICTURE.findall(html))
