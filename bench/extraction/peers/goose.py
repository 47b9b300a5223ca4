"""goose3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goose3 import Goose
from lxml import etree

from bench.extraction.peers import Library, Output, line, lines

if TYPE_CHECKING:
    from bench.extraction.sets import Page

_GOOSE = Goose({"enable_image_fetching": False, "strict": False})


def _call(page: Page) -> Any:
    return _GOOSE.extract(raw_html=page.html, url=page.url or None)


def _everything(page: Page) -> Output:
    article = _call(page)
    node = article.top_node
    return Output(
        text=article.cleaned_text or "",
        html="" if node is None else etree.tostring(node, encoding="unicode", method="html"),
        title=line(article.title),
        authors=lines(article.authors),
        published=line(article.publish_date),
        image=line((article.opengraph or {}).get("image")),
        tags=lines(article.tags) or tuple(filter(None, map(str.strip, (article.meta_keywords or "").split(",")))),
    )


PEERS = {"goose3": Library(name="goose3", package="goose3", everything=_everything, call=_call)}
