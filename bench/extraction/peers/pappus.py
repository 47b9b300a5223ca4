"""Ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.extraction.peers import Library, Output
from bench.extraction.texts import shown
from pappus.extract.article import article
from pappus.model import Draft, Fetched

if TYPE_CHECKING:
    from bench.extraction.sets import Page


def draft(page: Page) -> Draft:
    """Return the draft of a page."""
    url = page.url or "https://site.example/article"
    return article(
        Fetched(
            url=url, final_url=url, body=page.html.encode("utf-8", "replace"), media_type="text/html", charset="utf-8"
        )
    )


def _everything(page: Page) -> Output:
    made = draft(page)
    return Output(
        text=shown(made.body),
        html=made.body,
        title=made.title,
        authors=made.authors,
        published=made.published.isoformat() if made.published else "",
        image=made.lead.src if made.lead else "",
        caption=f"{made.lead.caption} {made.lead.credit}" if made.lead else "",
        tags=made.tags,
        score=made.score,
    )


PEERS = {"pappus": Library(name="pappus", package="pappus", everything=_everything, call=draft, keeps=False)}
