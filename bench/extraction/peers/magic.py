"""magic-html."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from magic_html import GeneralExtractor

from bench.extraction.peers import Library, Output
from bench.extraction.texts import shown

if TYPE_CHECKING:
    from bench.extraction.sets import Page

_EXTRACTOR = GeneralExtractor()


def _call(page: Page) -> dict[str, Any]:
    said: dict[str, Any] = _EXTRACTOR.extract(page.html, base_url=page.url)
    return said


def _everything(page: Page) -> Output:
    said = _call(page)
    html = said.get("html") or ""
    return Output(text=shown(html), html=html, title=said.get("title") or "")


PEERS = {"magic-html": Library(name="magic-html", package="magic-html", everything=_everything, call=_call)}
