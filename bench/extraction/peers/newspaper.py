"""newspaper4k."""

from __future__ import annotations

from typing import TYPE_CHECKING

import newspaper

from bench.extraction.peers import Library, Output, line, lines

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
        title=line(article.title),
        authors=lines(article.authors),
        published=published.isoformat() if published else "",
        image=line(article.top_image),
        tags=tuple(sorted(lines(article.tags))) or lines(article.meta_keywords),
    )


PEERS = {"newspaper4k": Library(name="newspaper4k", package="newspaper4k", everything=_everything, call=_call)}
