"""Ours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pappus
from bench.extraction.peers import Library, Output
from bench.extraction.texts import shown

if TYPE_CHECKING:
    from bench.extraction.sets import Page
    from pappus.model import Draft

_CAPTION: Final = re.compile(r"<figcaption\b.*?</figcaption>", re.DOTALL)


def draft(page: Page) -> Draft:
    """Return the draft of a page."""
    return pappus.extract(page.html, page.url or "https://site.example/article")


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


def _without_captions(page: Page) -> Output:
    """Return the running text alone, as most extractors' plain text is; fundus' gold has no captions either."""
    return Output(text=shown(_CAPTION.sub("", draft(page).body)))


PEERS = {
    "pappus": Library(name="pappus", package="pappus", everything=_everything, call=draft, keeps=False),
    "pappus-no-captions": Library(
        name="pappus-no-captions", package="pappus", everything=_without_captions, call=draft, keeps=False
    ),
}
