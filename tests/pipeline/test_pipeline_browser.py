"""What a forge shows of a mirror, in a real browser on a phone: nothing leaves it, nothing runs, nothing overflows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pipeline_host import CHROMIUM
from playwright.sync_api import sync_playwright

from pappus.demo.forge import preview

if TYPE_CHECKING:
    from conftest import Courier


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_every_page_is_readable_on_a_phone_and_asks_nobody_for_anything(courier: Courier, tmp_path) -> None:
    home = preview(courier.shown, tmp_path / "preview")
    pages = [home, *sorted(home.parent.rglob("pages/**/*.html")), home.parent / "indexes" / "harbour.html"]
    asked: list[str] = []
    told: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        view = browser.new_page(viewport={"width": 360, "height": 740}, java_script_enabled=True)
        view.on("request", lambda request: asked.append(request.url))
        view.on("console", lambda message: told.append(message.text))
        view.on("pageerror", lambda error: told.append(str(error)))
        directions = {}
        for path in pages:
            view.goto(path.as_uri())
            assert not view.evaluate("document.documentElement.scrollWidth > innerWidth"), path
            assert view.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)"), path
            assert view.evaluate("document.scripts.length + document.querySelectorAll('iframe, object').length") == 0
            language = view.evaluate("document.querySelector('div[lang]').lang")
            directions[language.split("-")[0]] = view.evaluate(
                "getComputedStyle(document.querySelector('div[lang]')).direction"
            )
        browser.close()
    assert directions == {"en": "ltr", "zh": "ltr", "fa": "rtl", "ru": "ltr", "hi": "ltr", "my": "ltr"}
    assert len(pages) > 25
    assert [url for url in asked if not url.startswith("file://")] == []
    assert told == []
