"""What a list of the site said before: entries whose articles did not change are taken from there as they stand.

So ten new articles cost what ten entries do, on however many lists of however many titles they come. That holds for lists in which an
article looks the same wherever it stands: ``each``, which templates are given, says so of its entries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jinja2 import TemplateRuntimeError
from msgspec import Struct

from pappus.render.indexes import Channel, Month
from pappus.render.site.lists import DayList, LabelList

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from pappus.render.inputs import Archive, Touched

_LISTS: Final = (Channel, DayList, LabelList, Month)


class Former(Struct, frozen=True):
    """The entries of a list as it stands, by their links as they are written, and the pages of articles of which they say what was."""

    entries: Mapping[str, str] = {}
    changed: frozenset[str] = frozenset()

    @classmethod
    def of(cls, index: object, touched: Touched, archive: Archive) -> Self:
        """Return those of the list in whose place an index will be; none where everything is written anew, and of what is no such list."""
        if touched.everything or not isinstance(index, _LISTS):
            return cls()
        return cls(_entries(archive.former(index.path)), touched.pages)


NONE: Final = Former()


def _entries(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for piece in text.split("<li")[1:]:
        inside, _, _ = piece.partition("</li>")
        link = inside.partition('href="')[2].partition('"')[0]
        found[link] = "" if link in found else f"<li{inside}</li>"  # of two, none
    return found


def entry(text: str) -> str:
    """Return an entry as it is written, and will be found again.

    Raises:
        TemplateRuntimeError: it is not one element of a list.
    """
    text = str(text).strip()  # Markup takes its time
    if text.startswith("<li") and text.find("</li>") == len(text) - len("</li>") and text.count("<li") == 1:
        return text
    raise TemplateRuntimeError("what 'each' stands around has to be one <li>, without another in it")
