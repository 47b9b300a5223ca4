"""readability-lxml."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readability import Document

from bench.extraction.peers import Library, Output
from bench.extraction.texts import shown

if TYPE_CHECKING:
    from bench.extraction.sets import Page


def _everything(page: Page) -> Output:
    document = Document(page.html, url=page.url or None)
    html = document.summary(html_partial=True)
    author = document.author()
    return Output(
        text=shown(html),
        html=html,
        title=document.short_title(),
        authors=() if author in {"", "[no-author]"} else (author,),
    )


def _call(page: Page) -> str:
    return str(Document(page.html, url=page.url or None).summary(html_partial=True))


PEERS = {
    "readability-lxml": Library(name="readability-lxml", package="readability-lxml", everything=_everything, call=_call)
}
