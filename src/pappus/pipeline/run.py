"""run: verbs one after the other, with one report that is kept in the store. Each is imported when it is done."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msgspec import structs

from pappus.errors import BuildError
from pappus.pipeline.decisions import no_namesakes
from pappus.pipeline.encode import encoders
from pappus.pipeline.newsroom import RECORDS
from pappus.pipeline.report import SILENT, Report
from pappus.store import copy_store, open_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pappus.pipeline.encode import Encoders
    from pappus.pipeline.newsroom import Newsroom
    from pappus.pipeline.report import Listener
    from pappus.store import Store

Verb = Literal["gather", "build", "publish"]
VERBS: tuple[Verb, ...] = ("gather", "build", "publish")
_ENCODING = 60.0  # seconds that a run goes on with variants of images when everything else is done


def run(
    newsroom: Newsroom,
    listener: Listener = SILENT,
    verbs: Sequence[Verb] = VERBS,
    *,
    full: bool = False,
    replace: bool = False,
    dry_run: bool = False,
) -> Report:
    """Do these verbs in order. What fails is in the report, which is kept in the store.

    Args:
        newsroom: what to work on.
        listener: hears of everything as it happens.
        verbs: some of :data:`VERBS`.
        full: build everything again, though it did not change.
        replace: publish also over a history that the store does not know.
        dry_run: work on a copy of the store that is thrown away, and change no mirror.

    Raises:
        ConfigError: a channel has nearly the name of a former one.
        StoreError: the store cannot be read or written.
    """
    with contextlib.ExitStack() as stack:
        if dry_run:
            import tempfile  # noqa: PLC0415  # few try, and it takes 3 ms

            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pappus-")))
            copy_store(newsroom.state, folder)
            newsroom = structs.replace(newsroom, state=folder)
        store = stack.enter_context(open_store(newsroom.state))
        no_namesakes(newsroom, store.articles.all_channels())
        report = Report("run" if tuple(verbs) == VERBS else "+".join(verbs), listener)
        number = store.runs.start(report.verb, newsroom.clock())
        aside = stack.enter_context(
            encoders(newsroom if not dry_run else structs.replace(newsroom, editions=()), store, report)
        )
        try:
            for verb in verbs:
                match verb:
                    case "gather":
                        _gather(newsroom, store, report, aside)
                    case "build":
                        from pappus.pipeline.build import build  # noqa: PLC0415  # who publishes does not render

                        _resume(newsroom, store, report)
                        build(newsroom, store, report, full=full)
                    case "publish":
                        from pappus.pipeline.publish import publish  # noqa: PLC0415  # who builds does not publish

                        publish(
                            newsroom, store, report, replace=replace, dry_run=dry_run, patient=_patient(verbs, store)
                        )
                        if not dry_run:
                            _settle(newsroom, store, report)
                            _vary(newsroom, store, report, aside, again="build" in verbs)
        except BuildError:
            pass  # it is in the report; the mirrors keep what they have
        finally:
            report.keep(store, number, newsroom.clock())
        return report


def _vary(newsroom: Newsroom, store: Store, report: Report, aside: Encoders, *, again: bool) -> None:
    """Now that all text is out, go on with the variants of images for a while; ``again``: bring what is ready to readers at once."""
    if not (aside.finish(_ENCODING) and again):
        return
    from pappus.pipeline.build import build  # noqa: PLC0415  # as above
    from pappus.pipeline.publish import publish  # noqa: PLC0415  # as above

    failed = {event.place for event in report.events if event.kind == "failed"}
    varied = {part.name for part in newsroom.editions if part.renderer.varies}
    mirrors = tuple(part for part in newsroom.mirrors if part.edition in varied and part.name not in failed)
    build(newsroom, store, report)
    publish(structs.replace(newsroom, mirrors=mirrors), store, report)
    report.counts["published"] = len({event.place for event in report.events if event.kind == "published"})


def _patient(verbs: Sequence[Verb], store: Store) -> bool:
    """Whether another run comes soon, as behind each that goes through all verbs, and nobody waits for something to be gone."""
    return tuple(verbs) == VERBS and not store.withdrawals.open()


def _resume(newsroom: Newsroom, store: Store, report: Report) -> None:
    """Purge what the records of withdrawals ask for and the store does not know of: after a kill, or from a backup."""
    if (newsroom.state.parent / RECORDS).exists():
        from pappus.pipeline.withdraw import resume  # noqa: PLC0415  # few have any

        resume(newsroom, store, report)


def _settle(newsroom: Newsroom, store: Store, report: Report) -> None:
    """Look whether what was withdrawn is gone everywhere, as long as it was not seen to be."""
    if store.withdrawals.open():
        from pappus.pipeline.withdraw import settle  # noqa: PLC0415  # as above

        settle(newsroom, store, report)


def _gather(newsroom: Newsroom, store: Store, report: Report, aside: Encoders) -> None:
    # aiohttp and feedparser: 200 ms, for those who gather
    import asyncio  # noqa: PLC0415  # as above

    from pappus.pipeline.gather import gather  # noqa: PLC0415  # as above

    asyncio.run(gather(newsroom, store, report, aside.beside))
