"""resiliparse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resiliparse.extract.html2text import extract_plain_text

from bench.extraction.peers import Library, Output

if TYPE_CHECKING:
    from bench.extraction.sets import Page


def _call(page: Page) -> str:
    return str(extract_plain_text(page.html, main_content=True, alt_texts=False, list_bullets=False))


def _everything(page: Page) -> Output:
    html = extract_plain_text(page.html, main_content=True, preserve_formatting="minimal_html", links=True)
    return Output(text=_call(page), html=html)


PEERS = {"resiliparse": Library(name="resiliparse", package="resiliparse", everything=_everything, call=_call)}
