"""Site rules: what an operator, or the public collection in FiveFilters' format, says about a site's pages.

``fivefilters.py`` reads the collection's files, ``book.py`` finds a host's, ``apply.py`` applies them to a page, ``canary.py`` tells which
no longer match. Rules win over the generic way only where they match.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class Pick(Struct, frozen=True):
    """An expression that selects something on a page."""

    expression: str
    language: Literal["css", "xpath"] = "css"
    only_if: str = ""  # XPath that has to match something too


class Trial(Struct, frozen=True, kw_only=True):
    """A page that rules are tried on, and pieces of text that its article contains."""

    url: str
    contains: tuple[str, ...] = ()


class Rules(Struct, frozen=True, kw_only=True):
    """What is said of one site's pages. Of several picks for one thing the first that finds something is used; of strips, all."""

    title: tuple[Pick, ...] = ()
    body: tuple[Pick, ...] = ()  # the element, or elements, with the article's text
    author: tuple[Pick, ...] = ()  # one found an author
    date: tuple[Pick, ...] = ()  # of publication: an element with ``datetime`` or ``content``, or the date as text
    strip: tuple[Pick, ...] = ()  # what is never part of the article
    strip_named: tuple[str, ...] = ()  # the same: elements with this within their id or class
    strip_images: tuple[str, ...] = ()  # the same: images with this within their address
    strip_attributes: tuple[Pick, ...] = ()
    wrap: tuple[tuple[str, Pick], ...] = ()  # tag, and what is put into one
    dissolve: tuple[Pick, ...] = ()  # elements that go, while what is in them stays
    replace: tuple[tuple[str, str], ...] = ()  # in the page's source: what, by what
    lazy: tuple[str, ...] = ()  # attributes that hold an image's address until it is shown
    next_page: tuple[Pick, ...] = ()  # link to the article's next page
    single_page: tuple[Pick, ...] = ()  # link to the whole article on one page
    sponsored: tuple[Pick, ...] = ()  # signs of an advertisement that looks like an article
    whole: bool = False  # all of the body is kept, and nothing that is not stripped is doubted
    only: bool = False  # a page on which no body matches has no article
    lead: bool = True  # whether the page's lead image may be shown above the text
    trials: tuple[Trial, ...] = ()

    def __or__(self, other: Rules) -> Rules:
        """Return these rules followed by others: lists are joined, and what either of them says of a whole page holds."""
        ours = {name: getattr(self, name) for name in self.__struct_fields__}
        lists = {name: value + getattr(other, name) for name, value in ours.items() if isinstance(value, tuple)}
        return Rules(
            **lists, whole=self.whole or other.whole, only=self.only or other.only, lead=self.lead and other.lead
        )


NO_RULES = Rules()


def css(*selectors: str) -> tuple[Pick, ...]:
    """Return CSS selectors as picks, without those that are empty."""
    return tuple(Pick(one) for one in selectors if one)
