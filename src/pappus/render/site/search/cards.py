"""Cards: what a result shows of an article, a few articles a file, so that ten results cost little."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from pappus.markup import plain
from pappus.render.paths import SITE

if TYPE_CHECKING:
    from pappus.model import Article

GROUP: Final = 2  # articles in a file
CARDS: Final = "cards"  # the folder of all
_FOLDER: Final = 256  # files in a folder, each of which may lie there packed as well, twice; and folders in one
_SUMMARY: Final = 180  # bytes, which are 60 signs of Chinese
_LONGEST: Final = 120  # characters


class Card(Struct, frozen=True, array_like=True):
    """What a result shows of an article."""

    path: str  # of its page, without "pages/" and ".html"
    title: str
    summary: str  # the beginning of it, or of the text
    channel: str  # the name of the one that announced it
    language: str


def card(article: Article, text: str) -> Card:
    """Return what a result shows of an article, which has this text."""
    said = plain(article.summary or text[: 3 * _SUMMARY])
    most = min(_LONGEST, len(said.encode()[:_SUMMARY].decode(errors="ignore")))
    return Card(
        path=SITE.page(article).removeprefix("pages/").removesuffix(".html"),
        title=plain(article.title) or article.ident,
        summary=plain(said, most),
        channel=article.channel,
        language=plain(article.language),
    )


def name(group: int) -> str:
    """Return the name of the file of a group: of the articles of whose numbers this is the half."""
    return f"{CARDS}/{group // _FOLDER**2}/{group // _FOLDER % _FOLDER}/{group % _FOLDER}"
