"""Keeps news readable where it is blocked: self-contained mirrors in many places.

``pappus.extract(page, url)`` is the article extractor by itself, ``pappus.extract_all`` the same for many pages. Both are imported when
they are asked for: no command pays for what it does not do.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pappus.extraction.library import extract, extract_all

__all__ = ["extract", "extract_all"]
__version__ = "0.2.0"


def __getattr__(name: str) -> Any:
    """Import what is asked for."""
    if name in __all__:
        from pappus.extraction import library  # noqa: PLC0415  # 60 ms, for those who extract

        return getattr(library, name)
    raise AttributeError(name)
