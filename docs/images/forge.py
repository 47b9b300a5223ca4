"""Draws the README's picture: pages of the demo mirror, as a forge shows them on a phone.

Run after ``make demo``, from the root of the checkout: ``.venv/bin/python docs/images/forge.py``. Needs Chromium.
"""

# ruff: noqa: INP001  # a script beside the picture that it draws, not a package

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

import cmarkgfm
from cmarkgfm.cmark import Options
from PIL import Image
from playwright.sync_api import sync_playwright

MIRROR = Path("demo-newsroom/mirrors/folder")
TOPS = ("*/*/*/lighthouse-open-day.md", "*/*/*/tea-house.md")
END = "*/*/*/fog-week.md"  # shown from its end, where the QR code is
TARGET = Path(__file__).with_name("phones.png")
HEIGHT = 640  # CSS pixels of a phone's screen
COLOURS = 160

STYLE = f"""
body {{ margin: 0; padding: 28px 34px; background: #eef1f3; display: flex; gap: 30px; width: max-content }}
.phone {{ width: 330px; height: {HEIGHT}px; overflow: hidden; background: #fff; border: 9px solid #22272c; border-radius: 34px }}
.bar {{ font: 12px/1 "Noto Sans", sans-serif; color: #59636e; text-align: center; padding: 13px; border-bottom: 1px solid #d8dee3 }}
.page {{ padding: 4px 20px; font: 15px/1.5 "Noto Sans", "Noto Sans Arabic", "Noto Sans CJK SC", sans-serif; color: #1f2328 }}
.end {{ display: flex; flex-direction: column; justify-content: flex-end }}
h3 {{ font-size: 19px; line-height: 1.35; margin: 14px 0 10px }}
code {{ overflow-wrap: anywhere }}
h4 {{ font-size: 16px; margin: 16px 0 8px }}
p, ul, table {{ margin: 0 0 12px }}
ul {{ padding-inline-start: 22px }}
a {{ color: #0969da; text-decoration: none }}
hr {{ border: 0; border-top: 1px solid #d8dee3; margin: 10px 0 }}
img {{ max-width: 100%; display: block }}
figure {{ margin: 0 0 12px }}
figcaption {{ font-size: 13px; color: #59636e; margin-top: 4px }}
blockquote {{ margin: 0 0 12px; padding-inline-start: 12px; border-inline-start: 3px solid #d8dee3; color: #59636e }}
"""


def phone(pattern: str, screen: str = "") -> str:
    """Return a page of the mirror as a phone that shows it."""
    page = next((MIRROR / "pages/courier").glob(pattern))
    shown = cmarkgfm.github_flavored_markdown_to_html(
        page.read_text(encoding="utf-8"), options=Options.CMARK_OPT_UNSAFE
    )
    shown = shown.replace('src="../', f'src="{page.parent.absolute().as_uri()}/../')
    shown = shown.replace("<h3>", '<h3 dir="auto">')  # as forges do
    bar = "" if screen else '<div class="bar">forge.example</div>'
    return f'<div class="phone {screen}">{bar}<div class="page">{shown}</div></div>'


def save(data: bytes, target: Path, colours: int) -> None:
    """Write a screenshot as an image of few colours, and say how large it is."""
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    picture.quantize(colours, dither=Image.Dither.NONE).save(target, optimize=True)
    sys.stdout.write(f"{target}: {picture.width} x {picture.height}, {target.stat().st_size:,} bytes\n")


def main() -> None:
    """Draw the picture."""
    source = TARGET.with_suffix(".html")
    phones = "".join(map(phone, TOPS)) + phone(END, "end")
    source.write_text(f"<meta charset=utf-8><style>{STYLE}</style>{phones}", encoding="utf-8")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        shown = browser.new_page(device_scale_factor=1.25)
        shown.goto(source.absolute().as_uri())
        data = shown.locator("body").screenshot()
        browser.close()
    source.unlink()
    save(data, TARGET, COLOURS)


if __name__ == "__main__":
    main()
