"""A folder of site rules: which of its files is a page's is decided by the page's host, and only that file is read.

As in Full-Text RSS (https://help.fivefilters.org/full-text-rss/site-patterns.html): ``example.com.txt`` is for ``example.com`` and
``www.example.com``, ``news.example.com.txt`` for that host alone, ``.example.com.txt`` for every host right below ``example.com`` that
has no file of its own. ``global.txt`` follows them all, for what they leave open.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from pappus import urls
from pappus.extraction.rules import NO_RULES, Rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pappus.extraction.rules.fivefilters import Remark

ENDING: Final = ".txt"
_GLOBAL = "global" + ENDING
_KEPT = 1024  # files, and names of files that there are not
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+\Z")


class Book(Struct, frozen=True):
    """Site rules by host; what was read once is not read again.

    Args:
        text: returns what is in a file, None where there is none of that name.
        names: returns the names of all files.
    """

    text: Callable[[str], str | None]
    names: Callable[[], Iterable[str]]
    _read: dict[str, tuple[Rules, tuple[Remark, ...]] | None] = field(default_factory=dict)

    def rules(self, url: str) -> Rules:
        """Return the rules for a page; none where no file is for its host."""
        found = self.file(self.named(url))
        rules = found[0] if found else NO_RULES
        general = None if rules.only else self.file(_GLOBAL)
        return rules | general[0] if general else rules

    def named(self, url: str) -> str:
        """Return the name of the file for a page's host, "" where there is none."""
        host = urls.host(url).lower().removeprefix("www.")
        if not _HOST.match(host):
            return ""
        names = (host + ENDING, f".{host.partition('.')[2]}{ENDING}")
        return next((name for name in names if self.file(name)), "")

    def file(self, name: str) -> tuple[Rules, tuple[Remark, ...]] | None:
        """Return the rules in a file, and what of it is passed over; None where there is none of that name."""
        from pappus.extraction.rules.fivefilters import read  # noqa: PLC0415  # 40 ms of a parser, for those who have a folder

        if name not in self._read:
            if len(self._read) >= _KEPT:
                self._read.clear()
            text = self.text(name) if name else None
            self._read[name] = None if text is None else read(text, name)
        return self._read[name]


NO_BOOK = Book(lambda _: None, tuple)
