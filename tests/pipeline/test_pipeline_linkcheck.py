"""The link check of a build that renders a part of an edition: what it looks at is enough."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from pappus.errors import BuildError
from pappus.model import artifact
from pappus.pipeline.linkcheck import LinkCheck
from pappus.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pappus.store import Editions

NOW = datetime(2026, 11, 6, tzinfo=UTC)
OLD, NEW = "pages/gazette/2026/11/05/old.html", "pages/gazette/2026/11/06/new.html"
MONTH = "indexes/news/2026-11.html"


def page(path: str, *targets: str):
    up = "../" * path.count("/")
    links = "".join(f'<a href="{up}{target}">there</a>\n' for target in targets)
    return artifact(path, f"<p>\n{links}</p>".encode(), "text/html")


@pytest.fixture
def editions(tmp_path: Path) -> Iterator[Editions]:
    with open_store(tmp_path) as store, store.database.transaction():
        store.editions.put("site", [page("index.html", MONTH), page(MONTH, OLD), page(OLD)])
        yield store.editions


def put(editions: Editions, one) -> dict[str, bool]:
    outcomes = editions.put("site", [one])
    return {path: outcome == "added" for path, outcome in outcomes.items() if outcome != "same"}


def build(editions: Editions, *indexes, articles=(), lists=()) -> None:
    """Do what a build does that renders these articles and indexes."""
    check = LinkCheck(editions, "site", everything=False)
    changed = {}
    for one in articles:
        changed |= put(editions, one)
        check.article([one], lists)
    for one in indexes:
        check.index(one)
        changed |= put(editions, one)
    check.finish(changed, editions.sweep("site", NOW))


def test_an_article_that_an_index_leads_to_is_built(editions):
    build(editions, page(MONTH, NEW, OLD), articles=[page(NEW)])


def test_an_article_that_no_index_leads_to_is_not(editions):
    with pytest.raises(BuildError, match=r"new.html: is reachable from nowhere"):
        build(editions, page(MONTH, OLD), articles=[page(NEW)])


def test_a_new_index_that_nothing_leads_to_is_not_built_nor_what_it_alone_leads_to(editions):
    build(editions, page("index.html", MONTH, "hot.html"), page("hot.html", NEW), articles=[page(NEW)])
    with pytest.raises(BuildError, match=r"lost.html: is reachable from nowhere"):
        build(editions, page("index.html", MONTH, "hot.html"), page("lost.html", NEW))


def test_an_index_that_leads_to_nothing_by_a_new_link_is_not_built(editions):
    with pytest.raises(BuildError, match=r"2026-11.html: links to 'pages/gazette/2026/11/06/new.html'"):
        build(editions, page(MONTH, NEW, OLD))


@pytest.mark.parametrize("at_once", [False, True], ids=["leaving", "gone"])
def test_an_index_that_still_leads_to_what_goes_is_not_built(editions, at_once):
    editions.leave("site", OLD, datetime(2026, 11, 5 if at_once else 7, tzinfo=UTC))
    with pytest.raises(BuildError, match=r"2026-11.html: links to 'pages/gazette/2026/11/05/old.html'"):
        build(editions, page(MONTH, OLD))


@pytest.mark.parametrize("leads", [True, False])
def test_a_list_is_built_where_an_article_leads_to_it(editions, leads):
    tag = "tags/ab/abcd.html"
    article = page(NEW, *([tag] if leads else []))
    if leads:
        build(editions, page(MONTH, NEW, OLD), page(tag, NEW), articles=[article], lists=[tag])
        return
    with pytest.raises(BuildError, match=r"abcd.html: is reachable from nowhere"):
        build(editions, page(MONTH, NEW, OLD), page(tag, NEW), articles=[article], lists=[tag])
