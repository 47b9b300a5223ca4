"""Site memory: what it does to pages of which the sets have others of the same host.

``python -m bench.extraction.repeats [--list]`` takes all sets together, and reads each page of a host with several: without a memory; with
one of all that stands on one other page of its host; and, where there are three and more, of what stands on two others. A newsroom asks for
five articles and a third of the newest hundred, which no host of the sets has: these figures are of the rule for what a page sets apart.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from statistics import fmean
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from bench.extraction import sets
from bench.extraction.elements import read
from bench.extraction.metrics import match, shingles
from pappus import urls
from pappus.extraction.article import part
from pappus.model import NO_TRACES

if TYPE_CHECKING:
    from collections.abc import Collection

    from bench.extraction.metrics import Match
    from bench.extraction.sets import Page
    from pappus.model import Mark, Traces

_DIFFERENT: Final = 0.001


class Outcome(NamedTuple):
    """One page."""

    page: Page
    without: Match
    with_: Match
    cut: str  # the text that is left out
    pictures: int  # that are left out

    @property
    def gain(self) -> float:
        """What a memory does to its F1."""
        return self.with_.f1 - self.without.f1


@click.command()
@click.option(
    "--list", "listed", is_flag=True, help="Print each page that is not the same, and what is left out of it."
)
def main(*, listed: bool) -> None:
    """Measure and print."""
    hosts: dict[str, list[Page]] = defaultdict(list)
    for name in sets.SETS:
        for page in sets.load(name):
            if "." in urls.host(page.url):
                hosts[urls.host(page.url).removeprefix("www.")].append(page)
    groups = [pages for _, pages in sorted(hosts.items()) if len(pages) > 1]
    shown = {page.digest: _said(page, frozenset())[2].shown for pages in groups for page in pages}
    for often in (1, 2):
        outcomes = [
            _outcome(page, _memory(page, pages, shown, often))
            for pages in groups
            if len(pages) > often
            for page in pages
        ]
        _print(often, outcomes, listed=listed)


def _memory(page: Page, pages: Collection[Page], shown: dict[str, frozenset[Mark]], often: int) -> frozenset[Mark]:
    """Return the marks of what stands on at least so many of the other pages."""
    times = Counter(mark for other in pages if other is not page for mark in shown[other.digest])
    return frozenset(mark for mark, count in times.items() if count >= often)


def _outcome(page: Page, memory: frozenset[Mark]) -> Outcome:
    gold = shingles(page.text)
    (without, before, _), (with_, after, _) = _said(page, frozenset()), _said(page, memory)
    cut = " | ".join(line for line in without if line not in set(with_))
    return Outcome(
        page, match(gold, shingles("\n".join(without))), match(gold, shingles("\n".join(with_))), cut, before - after
    )


def _said(page: Page, memory: frozenset[Mark]) -> tuple[list[str], int, Traces]:
    """Return a page's text without captions, how many pictures its article has, and its traces."""
    found = part(sets.fetched(page.url, page.html), repeats=memory)
    if found.draft is None:
        return [], 0, NO_TRACES
    lines = [run.text for run in read(found.draft.body).runs if not run.inside(("figcaption",))]
    return lines, found.draft.body.count("<img") + (found.draft.lead is not None), found.traces


def _print(often: int, outcomes: list[Outcome], *, listed: bool) -> None:
    without, with_ = (
        fmean(one.f1 for one in each) for each in zip(*((o.without, o.with_) for o in outcomes), strict=True)
    )
    better = sum(one.gain > _DIFFERENT for one in outcomes)
    worse = sum(one.gain < -_DIFFERENT for one in outcomes)
    cut, fewer = sum(bool(one.cut) for one in outcomes), sum(one.pictures > 0 for one in outcomes)
    other = "one other page" if often == 1 else f"{often} other pages"
    print(f"on {other}: {len(outcomes)} pages, F1 {without:.4f} without memory, {with_:.4f} with it;")
    print(f"  {better} better, {worse} worse; {cut} with less text, {fewer} with fewer pictures")
    for one in outcomes:
        if listed and (one.cut or one.pictures):
            print(f"  {one.gain:+.4f} {one.page.set} {one.page.id}: {one.pictures} pictures; {one.cut[:300]}")


if __name__ == "__main__":
    main()
