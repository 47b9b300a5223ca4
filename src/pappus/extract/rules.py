"""What an operator may say about a site's pages: CSS selectors, where ours or the library's guess is wrong."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """CSS selectors for the pages of one source; "" leaves the choice to us."""

    body: str = ""  # the element, or elements, that hold the article's text
    title: str = ""
    author: str = ""  # one element an author
    date: str = ""  # of publication: an element with ``datetime`` or ``content``, or with the date as its text
    strip: tuple[str, ...] = ()  # elements that are never part of the article


NO_RULES = Rules()
