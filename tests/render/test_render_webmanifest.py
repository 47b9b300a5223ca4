"""The web app manifest: relative throughout, in the site's language, with icons that are what it says of them."""

from __future__ import annotations

import io
import json

import pytest
from msgspec import structs
from PIL import Image
from render_samples import OPTIONS
from test_render_indexes import SHELF

from pappus.render import LANGUAGES, Site
from pappus.render.inputs import Touched
from pappus.render.site import templates
from pappus.render.site.webmanifest import PAPER


def built(**changes):
    made = Site(structs.replace(OPTIONS, **changes)).indexes(Touched(), SHELF)
    return {one.entry.path: one for one in made}


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_the_name_and_the_language_and_begins_at_home(language):
    made = built(language=language)
    manifest = json.loads(made["manifest.webmanifest"].body)
    assert manifest["name"] == OPTIONS.title
    assert manifest["lang"] == language
    assert manifest["dir"] == ("rtl" if language in {"ar", "fa"} else "ltr")
    assert manifest["start_url"] in made
    assert manifest["scope"] == "./"
    assert made["manifest.webmanifest"].entry.media_type == "application/manifest+json"


def test_its_icons_are_there_for_both_purposes_and_as_large_as_it_says():
    made = built()
    icons = json.loads(made["manifest.webmanifest"].body)["icons"]
    assert {(one["purpose"], one["sizes"]) for one in icons} == {
        (purpose, size) for purpose in ("any", "maskable") for size in ("192x192", "512x512")
    }
    for one in icons:
        image = Image.open(io.BytesIO(made[one["src"]].body))
        assert f"{image.width}x{image.height}" == one["sizes"]
        assert f"image/{image.format.lower()}" == one["type"]
        corners = image.convert("RGBA").getpixel((0, 0))[3]
        assert corners == (255 if one["purpose"] == "maskable" else 0)


def test_its_colour_is_that_of_the_pages():
    assert f"--paper:{PAPER}" in "".join(templates.sources().values()).replace(" ", "")
