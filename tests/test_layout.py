"""Where files of an edition stand."""

from __future__ import annotations

import pytest

from pappus.layout import HOME, HOME_QR, MIRROR_JSON, is_page, page_of_qr, qr_path


def test_only_pages_have_codes():
    assert is_page("pages/a/b.md")
    assert not is_page("indexes/b.md")
    assert not is_page("pages/a/b.png")


@pytest.mark.parametrize(
    ("page", "code"),
    [("pages/a/b.md", "qr/pages/a/b.png"), ("pages/a.b/c.d.md", "qr/pages/a.b/c.d.png"), (HOME, HOME_QR)],
)
def test_a_page_and_its_code_lead_to_one_another(page, code):
    assert qr_path(page) == code
    assert page_of_qr(code) == page


@pytest.mark.parametrize(
    "path",
    [
        HOME,
        MIRROR_JSON,
        "pages/a/b.md",
        "pages/a/b",
        "pages/a/b.png",
        "qr/indexes/b.png",
        "qr/pages/a/b",
        "qr/README.png",
        "qr/",
        "",
    ],
)
def test_what_is_no_code_is_no_pages(path):
    assert page_of_qr(path) is None
