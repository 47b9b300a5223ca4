"""Short ways to say what the tests of the store need."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from pappus.model import Draft, artifact
from pappus.store import Placing

NOON = datetime(2026, 11, 5, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=3)
SITE = "https://gazette.example/"


def draft(slug="ferry", **fields):
    settings = {"url": SITE + slug, "title": slug.title(), "body": f"<p>{slug}</p>", "published": NOON} | fields
    return Draft(**settings)


def placing(slug="ferry", **fields):
    settings = {"source": "gazette", "channel": "news", "ident": slug, "published": NOON} | fields
    return Placing(**settings)


def put(
    store, slug="ferry", *, channel="news", now=NOON, links=(), addresses=(), ident=None, source="gazette", **fields
):
    """Put a draft; returns row id and outcome."""
    place = placing(ident or slug, channel=channel, links=links, addresses=addresses, source=source)
    return store.articles.put(draft(slug, **fields), (), place, now)


def page(path, text="text"):
    return artifact(path, text.encode(), "text/markdown")


def build(store, *artifacts, gone=(), edition="markdown", chrome="c", frame="f", seen=0):
    """Bring an edition to hold these artifacts too, and not those that are gone; returns its version."""
    changed = {}
    with store.database.transaction():
        outcomes = store.editions.put(edition, artifacts)
        changed |= {path: outcome == "added" for path, outcome in outcomes.items() if outcome != "same"}
        for path in gone:
            store.editions.leave(edition, path, NOON)
        changed |= dict.fromkeys(store.editions.sweep(edition, NOON), False)
        return store.editions.finish(edition, chrome=chrome, frame=frame, seen=seen, changed=changed)


@contextmanager
def undone(store):
    """A transaction that fails at its end."""

    class EndError(Exception):
        pass

    with suppress(EndError), store.database.transaction():
        yield
        raise EndError


__all__ = ["LATER", "NOON", "SITE", "build", "draft", "page", "placing", "put", "replace", "undone"]
