"""Where the files of an edition stand that more than one room has to know. Pure."""

from __future__ import annotations

from typing import Final

HOME: Final = "README.md"
HOME_QR: Final = "qr/home.png"  # binding: the mirror's own address
MIRROR_JSON: Final = "mirror.json"  # binding


def is_page(path: str) -> bool:
    """Whether a path is an article's page, which has a QR image in the binding."""
    return path.startswith("pages/") and path.endswith(".md")


def qr_path(page: str) -> str:
    """Return where in the binding the QR image of a page stands, or that of home."""
    return HOME_QR if page == HOME else f"qr/{page.rpartition('.')[0]}.png"


def page_of_qr(path: str) -> str | None:
    """Return the page whose QR image stands at a path, None if none does: what :func:`qr_path` was given."""
    if path == HOME_QR:
        return HOME
    page = path.removeprefix("qr/").removesuffix(".png") + ".md"
    return page if is_page(page) and qr_path(page) == path else None
