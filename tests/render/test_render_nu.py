"""Every kind of page before the Nu HTML checker of the W3C, the reference for what is valid: ``PAPPUS_VNU`` names its vnu.jar."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest
from msgspec import structs
from render_samples import ENGLISH, GOLDEN, HELD, OPTIONS
from test_render_kinds import ANA, DAYS, FERRIES, OLDER, SHELF

from pappus.render import MirrorInfo, Moved, Touched
from pappus.render.site import Site

VNU = os.environ.get("PAPPUS_VNU", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not VNU or shutil.which("java") is None, reason="PAPPUS_VNU names no vnu.jar, or there is no Java"
    ),
]


def told(folder) -> list[str]:
    """Return what the checker says of the pages in a folder, but for advice."""
    command = ["java", "-Xss4m", "-jar", VNU, "--format", "json", "--stdout", "--skip-non-html", str(folder)]
    run = subprocess.run(command, capture_output=True, check=False)
    messages = json.loads(run.stdout)["messages"]
    return [f"{one['url']}: {one['message']}" for one in messages if one["type"] != "info"]


@pytest.mark.parametrize("language", ["en", "fa"])
def test_every_kind_of_page_is_valid(language, tmp_path):
    changes = {
        "language": language,
        "signed": True,
        "fingerprint": "0123456789abcdef" * 4,
        "mirrors": (MirrorInfo(address="https://b.example/", home="https://b.example/x"),),
        "moved": (Moved(address="https://a.example/", to="https://b.example/"),),
        "scripts": ("zh-Hant", "zh-Hans"),
    }
    edition = Site(structs.replace(OPTIONS, **changes))
    made = list(edition.indexes(Touched(everything=True), SHELF))
    for article in (
        structs.replace(one, url=ENGLISH.url) for one in GOLDEN.values()
    ):  # a hostile address may be no valid one
        made += edition.pages(article, HELD, (*OLDER, DAYS[0]), (ANA, FERRIES))
    pages = [one for one in made if one.entry.media_type == "text/html"]
    assert len(pages) > 60
    for one in pages:
        path = tmp_path / one.entry.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(one.body)
    assert told(tmp_path) == []


def test_the_checker_finds_what_is_wrong(tmp_path):
    page = Site(OPTIONS).pages(ENGLISH, {})[0].body.decode()
    (tmp_path / "page.html").write_text(page.replace("</h1>", "", 1), encoding="utf-8")
    assert told(tmp_path) != []
