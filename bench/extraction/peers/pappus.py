"""Ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.extraction.peers import Library, Output
from bench.extraction.texts import shown
from pappus.extract.article import article
from pappus.model import Draft, Fetched

if TYPE_CHECKING:
    from bench.extraction.sets import Page


def _draft(page: Page) -> Draft:
    url = page.url or "https://site.example/article"
    return article(
        Fetched(
            url=url, final_url=url, body=page.html.encode("utf-8", "replace"), media_type="text/html", charset="utf-8"
        )
    )


def _everything(page: Page) -> Output:
    draft = _draft(page)
    return Output(
        text=shown(draft.body),
        html=draft.body,
        title=draft.title,
        authors=draft.authors,
        published=draft.published.isoformat() if draft.published else "",
        image=draft.lead.src if draft.lead else "",
        caption=f"{draft.lead.caption} {draft.lead.credit}" if draft.lead else "",
        tags=draft.tags,
    )


PEERS = {"pappus": Library(name="pappus", package="pappus", everything=_everything, call=_draft, keeps=False)}
