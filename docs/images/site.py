"""Draws the README's picture of the site edition: four of its pages on phones, as Chromium shows them.

Run after ``make demo``, from the root of the checkout: ``.venv/bin/python docs/images/site.py``. Needs Chromium.
"""

# ruff: noqa: INP001  # a script beside the picture that it draws, not a package

from __future__ import annotations

import base64
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from forge import save
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MIRROR = Path("demo-newsroom/mirrors/site")
TARGET = Path(__file__).with_suffix(".png")
SCREEN = {"width": 360, "height": 700}  # CSS pixels
PAGES = (
    ("index.html", "light"),
    ("*/tea-house.html", "dark"),
    ("*/saturday-market.html", "light"),
    ("search.html", "light"),
)
WORDS = "灯塔"  # to look for
COLOURS = 200

STYLE = """
body { margin: 0; padding: 28px 34px; background: #eef1f3; display: flex; gap: 30px; width: max-content }
img { display: block; width: 330px; border: 9px solid #22272c; border-radius: 34px }
"""


def shot(browser: Browser, name: str, scheme: str) -> str:
    """Return a page of the mirror on a phone's screen, as the address of an image."""
    page = browser.new_page(viewport=SCREEN, color_scheme=scheme, device_scale_factor=1.25)
    page.goto(next(MIRROR.rglob(name)).absolute().as_uri())
    if name == "search.html":
        page.fill("input[type=search]", WORDS)
        page.locator("main ol a").first.wait_for()
    data = page.screenshot()
    page.close()
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def main() -> None:
    """Draw the picture."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        phones = "".join(f'<img src="{shot(browser, name, scheme)}">' for name, scheme in PAGES)
        shown = browser.new_page(device_scale_factor=1.25)
        shown.set_content(f"<style>{STYLE}</style>{phones}")
        data = shown.locator("body").screenshot()
        browser.close()
    save(data, TARGET, COLOURS)


if __name__ == "__main__":
    main()
