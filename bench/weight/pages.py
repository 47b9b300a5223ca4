"""The pages whose articles are weighed: saved ones of real publishers where they are at hand, and the demo newspaper's."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from bench.extraction import sets
from pappus.demo import newspaper
from pappus.errors import PappusError
from pappus.extraction import quality
from pappus.extraction.article import article

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pappus.model import Draft

_DEMO: Final = "https://ternhaven.example"


class Page(Struct, frozen=True):
    """A page of a publisher."""

    url: str
    html: str


class Read(Struct, frozen=True):
    """A page, and the article that it has."""

    page: Page
    draft: Draft


def saved() -> list[Page]:
    """Return all pages of all sets; those that have no address, or share one, get one of their own.

    Raises:
        FileNotFoundError: they are not there.
    """
    found = [page for name in sets.SETS for page in sets.load(name)]
    counts = Counter(page.url for page in found)
    return [
        Page(page.url if page.url and counts[page.url] == 1 else f"https://{page.set}.example/{page.digest}", page.html)
        for page in found
    ]


def demo() -> list[Page]:
    """Return the articles' pages of the demo newspaper, as it is after some days."""
    documents = newspaper.site(_DEMO, frozenset({"corrected", "added"}))
    return [
        Page(_DEMO + path, document.body.decode(document.content_type.rpartition("charset=")[2]))
        for path, document in documents.items()
        if path.endswith(".html") and path.count("/") > 1
    ]


def read(pages: Iterable[Page]) -> list[Read]:
    """Return those of which there is an article to be published, as ``gather`` would find it; oldest first.

    Where a page does not say when it was published, its article gets the date of the one before it in the order of addresses.
    """
    found = [one for page in sorted(pages, key=lambda page: page.url) if (one := _read(page)) is not None]
    dates = [one.draft.published for one in found if one.draft.published]
    last = dates[0]
    dated = []
    for one in found:
        last = one.draft.published or last
        dated.append(Read(one.page, replace(one.draft, published=last)))
    return sorted(dated, key=lambda one: (one.draft.published, one.page.url))


def _read(page: Page) -> Read | None:
    try:
        draft = article(sets.fetched(page.url, page.html))
        quality.check(draft)
    except PappusError:
        return None
    return Read(page, draft)


def sample(reads: Sequence[Read], most: int) -> list[Read]:
    """Return so many of them, evenly over all."""
    step = max(1, len(reads) // most)
    return list(reads[::step][:most])
