"""Where files of an edition stand."""

from __future__ import annotations

import pytest

from pappus.layout import HOME_QR, LAYOUTS, MARKDOWN, MIRROR_JSON, SITE, layout_of

EDITIONS = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)


@EDITIONS
def test_only_pages_have_codes(layout):
    assert layout.is_page(f"pages/a/b{layout.suffix}")
    assert not layout.is_page(f"indexes/b{layout.suffix}")
    assert not layout.is_page("pages/a/b.png")


def test_pages_of_one_edition_are_none_of_the_other():
    assert not SITE.is_page("pages/a/b.md")
    assert not MARKDOWN.is_page("pages/a/b.html")


@pytest.mark.parametrize(
    ("layout", "page", "code"),
    [
        (MARKDOWN, "pages/a/b.md", "qr/pages/a/b.png"),
        (MARKDOWN, "pages/a.b/c.d.md", "qr/pages/a.b/c.d.png"),
        (MARKDOWN, "README.md", HOME_QR),
        (SITE, "pages/a/b.html", "qr/pages/a/b.png"),
        (SITE, "index.html", HOME_QR),
    ],
)
def test_a_page_and_its_code_lead_to_one_another(layout, page, code):
    assert layout.qr_path(page) == code
    assert layout.page_of_qr(code) == page


@EDITIONS
@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "index.html",
        MIRROR_JSON,
        "pages/a/b.md",
        "pages/a/b.html",
        "pages/a/b",
        "pages/a/b.png",
        "qr/indexes/b.png",
        "qr/pages/a/b",
        "qr/README.png",
        "qr/index.png",
        "qr/",
        "",
    ],
)
def test_what_is_no_code_is_no_pages(layout, path):
    assert layout.page_of_qr(path) is None


@pytest.mark.parametrize(
    ("paths", "layout"),
    [
        (["README.md", "media/x.png"], MARKDOWN),
        (["guide.html", "index.html"], SITE),
        (["indexes/a.html", "pages/a/b.html"], SITE),
        (["mirrors.json"], MARKDOWN),
        ([], MARKDOWN),
    ],
)
def test_a_trees_paths_say_of_which_edition_it_is(paths, layout):
    assert layout_of(paths) == layout
