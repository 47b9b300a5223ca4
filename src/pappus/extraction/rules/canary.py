"""What rules still select on the pages that they are tried on: a layout that changes is told before articles are wrong.

Rules are tried by themselves, without the generic way, which would hide that they match no longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from pappus.errors import PappusError
from pappus.extraction.page import decoded, parse
from pappus.extraction.parts import links
from pappus.extraction.rules.apply import rewrite, select
from pappus.extraction.rules.picks import find

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from turbohtml import Document

    from pappus.extraction.rules import Pick, Rules, Trial
    from pappus.model import Fetched

_NOTHING: Final = 40  # characters; a body of fewer is none
_NAMED: Final = ("title", "author", "date", "body")


class Sight(Struct, frozen=True, kw_only=True):
    """What rules select on one page."""

    url: str
    blind: tuple[str, ...] = ()  # of title, author, date and body, those that rules speak of and do not find here
    lacking: tuple[str, ...] = ()  # pieces of text that should be in the body and are not
    idle: frozenset[str] = frozenset()  # expressions that select nothing here
    findings: tuple[str, ...] = ()  # expressions that fail here
    single: str = ""  # where the whole article stands on one page
    error: str = ""  # why the page could not be looked at; then nothing else is known


def look(fetched: Fetched, rules: Rules, trial: Trial) -> Sight:
    """Return what rules select on a page."""
    try:
        page = parse(rewrite(decoded(fetched), rules), fetched.final_url)
    except PappusError as error:
        return Sight(url=trial.url, error=error.reason)
    idle = frozenset(pick.expression for pick in _picks(rules) if not _finds(pick, page.document))
    further = links(page, rules) if rules.single_page else None
    found = select(page.document, rules)
    for node in (*found.stripped, *found.cut):
        node.decompose()
    text = _folded(" ".join(one.to_text() for one in found.bodies) if rules.body else page.document.to_text())
    known = {"title": found.title, "author": found.authors, "date": found.date, "body": len(text) >= _NOTHING}
    return Sight(
        url=trial.url,
        blind=tuple(name for name in _NAMED if getattr(rules, name) and not known[name]),
        lacking=tuple(piece for piece in trial.contains if _folded(piece) not in text),
        idle=idle,
        findings=found.findings,
        single=further.single if further else "",
    )


def stale(sights: Iterable[Sight]) -> tuple[str, ...]:
    """Return in what rules no longer match, in one clause each.

    A body has to be found on every page, title, author and date on one of them at least.
    """
    seen = [one for one in sights if not one.error]
    reasons = [f"{failed} at {one.url}" for one in seen for failed in one.findings]
    reasons += [f"body selects nothing at {one.url}" for one in seen if "body" in one.blind]
    reasons += [
        f"the text lacks {piece!r} at {one.url}" for one in seen for piece in one.lacking if "body" not in one.blind
    ]
    for name in _NAMED[:-1]:
        if seen and all(name in one.blind for one in seen):
            reasons.append(f"{name} selects nothing at {seen[0].url}" + (" and others" if len(seen) > 1 else ""))
    return tuple(reasons)


def idle(sights: Iterable[Sight]) -> tuple[str, ...]:
    """Return the expressions that select nothing on any page."""
    seen = [one.idle for one in sights if not one.error]
    return tuple(sorted(frozenset.intersection(*seen))) if seen else ()


def _picks(rules: Rules) -> Iterator[Pick]:
    yield from (*rules.title, *rules.author, *rules.date, *rules.body, *rules.strip, *rules.strip_attributes)
    yield from (*(pick for _, pick in rules.wrap), *rules.dissolve)


def _finds(pick: Pick, document: Document) -> bool:
    try:
        return bool(find(pick, document))
    except (TypeError, ValueError):  # told as a finding
        return False


def _folded(text: str) -> str:
    return " ".join(text.split())
