"""turbohtml's own article function, whose parser ours uses, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import turbohtml

from bench.extraction.peers import Library, Output

if TYPE_CHECKING:
    from bench.extraction.sets import Page


def _call(page: Page) -> turbohtml.Article:
    return turbohtml.parse(page.html).article()


def _everything(page: Page) -> Output:
    article = _call(page)
    return Output(
        text=article.text,
        html=article.element.html if article.element else "",
        title=article.title or "",
        authors=(article.byline,) if article.byline else (),
        published=article.date or "",
        image=article.image or "",
        tags=tuple(article.tags),
    )


PEERS = {
    "turbohtml-article": Library(name="turbohtml-article", package="turbohtml", everything=_everything, call=_call)
}
