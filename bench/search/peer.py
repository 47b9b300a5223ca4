"""Pagefind, its binary for many languages: the same articles as plain pages, its index, and the page of a reader who asks it."""

from __future__ import annotations

import html
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from bench.costs import Cost, run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.search.corpus import Item

_FOLDER = Path(__file__).parent / "npm" / "node_modules" / "@pagefind"
_PAGE = """<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title></head>
<body><main data-pagefind-body data-pagefind-filter="channel:{channel}"><h1>{title}</h1>{text}</main></body></html>"""


def binary() -> Path | None:
    """Return where the program is, None if it is not set up."""
    return next(_FOLDER.glob("*/bin/pagefind_extended"), None) if _FOLDER.exists() else None


def version(program: Path) -> str:
    """Return which one it is."""
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip()


def write(folder: Path, items: Iterable[Item]) -> None:
    """Write the articles as pages."""
    shutil.rmtree(folder, ignore_errors=True)
    for item in items:
        path = folder / str(item.number // 500) / f"{item.number}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(f"<p>{html.escape(one)}</p>" for one in item.paragraphs)
        page = _PAGE.format(language=item.language, title=html.escape(item.title), channel=item.channel, text=text)
        path.write_text(page, encoding="utf-8")
    (folder / "ask.html").write_text("<!doctype html><html lang=zh><title>Ask</title>", encoding="utf-8")


def index(program: Path, folder: Path, language: str) -> Cost:
    """Make the index; of all articles as of one language, for a reader of a page in one language is shown no others."""
    return run([str(program), "--site", str(folder), "--force-language", language, "--quiet"])
