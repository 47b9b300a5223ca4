"""newspaper4k."""

from __future__ import annotations

from typing import TYPE_CHECKING

import newspaper

from bench.extraction.peers import Library, Output

if TYPE_CHECKING:
    from bench.extraction.sets import Page


def _call(page: Page) -> newspaper.Article:
    article = newspaper.Article(page.url or "https://site.example/article", fetch_images=False)
    article.download(input_html=page.html)
    article.parse()
    return article


def _everything(page: Page) -> Output:
    article = _call(page)
    published = article.publish_date
    return Output(
        text=article.text,
        html=article.article_html or "",
        title=article.title or "",
        authors=tuple(article.authors or ()),
        published=published.isoformat() if published else "",
        image=article.top_image or "",
        tags=tuple(sorted(article.tags or ())) or tuple(article.meta_keywords or ()),
    )


PEERS = {"newspaper4k": Library(name="newspaper4k", package="newspaper4k", everything=_everything, call=_call)}
