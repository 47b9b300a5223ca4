"""trafilatura in its modes; its HTML and metadata are those of the full one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import trafilatura
from trafilatura.metadata import extract_metadata

from bench.extraction.peers import Library, Output

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.extraction.sets import Page


def _text(page: Page, *, fast: bool = False, precision: bool = False, recall: bool = False) -> str:
    return (
        trafilatura.extract(
            page.html,
            url=page.url or None,
            include_comments=False,
            fast=fast,
            favor_precision=precision,
            favor_recall=recall,
        )
        or ""
    )


def _everything(page: Page) -> Output:
    html = trafilatura.extract(
        page.html,
        url=page.url or None,
        output_format="html",
        include_comments=False,
        include_formatting=True,
        include_images=True,
        include_links=True,
    )
    said = extract_metadata(page.html, default_url=page.url or None)
    return Output(
        text=_text(page),
        html=html or "",
        title=said.title or "",
        authors=tuple((said.author or "").split("; ")) if said.author else (),
        published=said.date or "",
        image=said.image or "",
        tags=tuple(said.tags or ()),
    )


def _mode(name: str, call: Callable[[Page], str]) -> Library:
    return Library(name=name, package="trafilatura", everything=lambda page: Output(text=call(page)), call=call)


PEERS = {
    "trafilatura-precision": _mode("trafilatura-precision", partial(_text, precision=True)),
    "trafilatura-recall": _mode("trafilatura-recall", partial(_text, recall=True)),
    "trafilatura-fast": _mode("trafilatura-fast", partial(_text, fast=True)),
    "trafilatura-full": Library(name="trafilatura-full", package="trafilatura", everything=_everything, call=_text),
}
