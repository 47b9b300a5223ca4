"""Site rules: what the public collection does to the sets' pages that it has a file for, beside the generic way.

``python -m bench.extraction.rules [--list]`` reads every file of the collection, and prints for each set the mean F1 without rules and with
them, how many pages they make better, leave alone and make worse, by more than a hundredth, and of how many of each an operator is told.
"""

from __future__ import annotations

import tarfile
from collections import Counter
from statistics import fmean
from time import thread_time
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from bench.extraction import sets
from bench.extraction.elements import read
from bench.extraction.metrics import match, shingles
from pappus.errors import PappusError
from pappus.extraction import NO_RULES
from pappus.extraction.article import article
from pappus.extraction.rules.book import ENDING, Book
from pappus.extraction.rules.fivefilters import read as read_rules

if TYPE_CHECKING:
    from bench.extraction.sets import Page
    from pappus.extraction import Rules

COLLECTION: Final = sets.FOLDER.parent / "site-rules.tar.gz"
_DIFFERENT: Final = 0.01


class Outcome(NamedTuple):
    """One page."""

    page: Page
    file: str
    without: float  # F1
    with_: float
    told: tuple[str, ...]

    @property
    def change(self) -> str:
        """What rules do to it."""
        gain = self.with_ - self.without
        return "better" if gain > _DIFFERENT else "worse" if gain < -_DIFFERENT else "the same"


@click.command()
@click.option("--list", "listed", is_flag=True, help="Print each page that is not the same.")
def main(*, listed: bool) -> None:
    """Measure and print."""
    files = _files()
    started = thread_time()
    unread = [remark for name, text in files.items() for remark in read_rules(text, name)[1] if not remark.known]
    print(f"{len(files):,} files, read in {thread_time() - started:.2f} s; {len(unread)} lines cannot be used:")
    print("\n".join(f"  {one.place}: {one.reason}" for one in unread))
    book = Book(files.get, files.keys)
    for name in sets.SETS:
        outcomes = [_outcome(page, book) for page in sets.load(name) if page.url and book.named(page.url)]
        if outcomes:
            _print(name, outcomes, listed=listed)


def _files() -> dict[str, str]:
    with tarfile.open(COLLECTION) as archive:
        members = {
            one.name.rpartition("/")[2]: archive.extractfile(one) for one in archive if one.name.endswith(ENDING)
        }
        return {name: file.read().decode("utf-8", "replace") for name, file in members.items() if file is not None}


def _outcome(page: Page, book: Book) -> Outcome:
    without, _ = _measured(page, NO_RULES)
    with_, told = _measured(page, book.rules(page.url))
    return Outcome(page, book.named(page.url), without, with_, told)


def _measured(page: Page, rules: Rules) -> tuple[float, tuple[str, ...]]:
    """Return the F1 of a page's text without captions, and what an operator is told of its rules."""
    try:
        draft = article(sets.fetched(page.url, page.html), rules)
    except PappusError:
        return 0.0, ()
    said = "\n".join(run.text for run in read(draft.body).runs if not run.inside(("figcaption",)))
    return match(shingles(page.text), shingles(said)).f1, draft.findings


def _print(name: str, outcomes: list[Outcome], *, listed: bool) -> None:
    without, with_ = (fmean(one) for one in zip(*((one.without, one.with_) for one in outcomes), strict=True))
    counts = Counter(one.change for one in outcomes)
    told = Counter(one.change for one in outcomes if one.told)
    changes = ", ".join(f"{counts[one]} {one} ({told[one]} told)" for one in ("better", "the same", "worse"))
    print(f"{name}: {len(outcomes)} pages, F1 {without:.3f} without rules, {with_:.3f} with them: {changes}")
    for one in outcomes:
        if listed and one.change != "the same":
            print(f"  {one.change} {one.page.id} ({one.file}): {one.without:.3f} {one.with_:.3f} {'; '.join(one.told)}")


if __name__ == "__main__":
    main()
