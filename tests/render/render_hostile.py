"""Renders texts that are made to be slow, in every place that takes text. Run as a program, under a limit of processor time."""

from __future__ import annotations

import html
import resource
import sys
from typing import TYPE_CHECKING

from msgspec import structs
from render_samples import CHART, ENGLISH, HELD, OPTIONS

from pappus.model import Headline
from pappus.render import EDITIONS
from pappus.render.inputs import Touched
from pappus.render.links import links, of_markdown
from pappus.render.paths import SITE

if TYPE_CHECKING:
    from pappus.model import Article

LENGTH = 30_000  # characters of a text, which stands in some twenty places
SIZE = 200_000  # characters or elements of an artifact or a body
TEXTS = (
    "a" * LENGTH + " :",
    ":" + "+" * LENGTH,
    "@ " + "a.-_+" * (LENGTH // 5),
    ":" + "9" * LENGTH + "!",
    ":a" * (LENGTH // 2),
    "a://" * (LENGTH // 4),
    "www." * (LENGTH // 4),
    "a+b@" * (LENGTH // 4),
    "`" * LENGTH,
    " ".join("`" * length for length in range(1, 245)),
    "[" * LENGTH + "](",
    "](<" * (LENGTH // 3),
    "]" + "\u3000" * LENGTH + "x",
    "<a " * (LENGTH // 3),
    "<img src=" * (LENGTH // 9),
    "&#9" * (LENGTH // 3),
    "_*~" * (LENGTH // 3),
    "$ $$" * (LENGTH // 4),
    "# " * (LENGTH // 2) + "#" * LENGTH + " x",
    "\\" * LENGTH,
)
ARTIFACTS = (  # as somebody else may have written them
    "```x\n" * (SIZE // 5),
    "````x\n" * 16_000 + "```\n" * 25_000,
    "`" * SIZE + "\n",
    "~" * SIZE + "\nx\n",
    "- " * SIZE,
    " " * SIZE + "`" * SIZE,
    "](" + " " * SIZE,
    '<a href="' * (SIZE // 9),
    '<a href="&#' + "9" * SIZE + '">',
    "](a:" + "../" * SIZE + ")",
)
TREES = (
    "<p>x<b>" + "<br>" * SIZE + "</b>y</p>",
    "<p>" + "<br>" * SIZE + "</p>",
    "<p>" + f"{'x' * 50}<u></u>" * (SIZE // 2) + "</p>",
    "<p><i>" + " <b> </b>" * (SIZE // 2) + "</i></p>",
)


class _Shelf:
    """A archive whose only article is ``headline``."""

    def __init__(self, headline: Headline, article: Article) -> None:
        self.headline = headline
        self.article = article

    def whole(self, _headline):
        return self.article, HELD

    def former(self, _path):
        return ""

    def channels(self):
        return ["harbour"]

    def months(self, _channel):
        return ["2026-11"]

    def latest(self, _limit):
        return [self.headline]

    def recommended(self):
        return [self.headline]

    hot = latest

    def day(self, _day):
        return [self.headline]

    def around(self, _day):
        return "", "2026-11-10"

    def labelled(self, _kind, _key, _limit):
        return self.headline.title, [self.headline, self.headline]

    def newest(self, _channel, _limit):
        return [self.headline]

    def month(self, _channel, _month, _limit):
        return [self.headline]

    def month_size(self, _channel, _month, _before=""):
        return 1


def render(text: str) -> None:
    """Render an article and the indexes that have ``text`` wherever there is text, and read their links."""
    shown = html.escape(text)
    body = (
        f'<p>{shown}<a href="https://e.example/">{shown}</a><code>{shown}</code><img src="media:{CHART.digest}" alt="{shown}"></p>'
        f"<pre>{shown}</pre><dl><dt>{shown}</dt></dl>"
        f"<table><tbody><tr><th>{shown}</th></tr><tr><td>{shown}</td></tr></tbody></table>"
    )
    lead = structs.replace(ENGLISH.lead, alt=text, caption=text)
    article = structs.replace(ENGLISH, title=text, lead=lead, body=body)
    headline = Headline(source="gazette", ident="x", title=text, published=ENGLISH.published, summary=text)
    touched = Touched(
        days=frozenset({"2026-11-03"}),
        channels={"harbour": frozenset({"2026-11-03"})},
        lists=frozenset({SITE.label("author", "0" * 16)}),
    )
    for make in EDITIONS.values():
        edition = make(OPTIONS)
        for rendered in (*edition.pages(article, HELD), *edition.indexes(touched, _Shelf(headline, article))):
            links(rendered)


def main() -> None:
    for text in TEXTS:
        render(text)
    for artifact in ARTIFACTS:
        of_markdown(artifact, "indexes/x.md")
    for tree in TREES:
        for make in EDITIONS.values():
            make(OPTIONS).pages(structs.replace(ENGLISH, body=tree), HELD)


if __name__ == "__main__":
    seconds = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    main()
