"""publish: built editions go to their mirrors, each by a worker of its own, so that one bad mirror delays no other (rule 14)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pappus.errors import MirrorError, PappusError, StoreError
from pappus.layout import HOME_QR, is_page, qr_path
from pappus.mirrors import Binding, bind, make_plan
from pappus.model import Entry, Plan, Receipt
from pappus.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pappus.mirrors import MirrorState
    from pappus.model import Artifact
    from pappus.pipeline.newsroom import MirrorPart, Newsroom
    from pappus.pipeline.report import Report
    from pappus.store import Store


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done at one mirror; ``bound`` are the files made for it, by path."""

    mirror: MirrorPart
    plan: Plan
    bound: Mapping[str, Artifact]


def publish(newsroom: Newsroom, store: Store, report: Report, *, replace: bool = False, dry_run: bool = False) -> None:
    """Bring every mirror to the newest version of its edition; the plans of those where there was anything to do are in the report.

    Args:
        newsroom: its mirrors.
        store: where editions are.
        report: hears of it.
        replace: put everything anew, whatever a mirror holds: over damage, or over a history that the store does not know.
        dry_run: plan only.
    """
    with ThreadPoolExecutor(max_workers=max(1, len(newsroom.mirrors)), thread_name_prefix="mirror") as pool:
        works = {
            pool.submit(_publish, newsroom, part, replace=replace, dry_run=dry_run): part for part in newsroom.mirrors
        }
        for work in as_completed(works):
            part = works[work]
            try:
                plan, receipt = work.result()
            except PappusError as error:
                report.failed(part.name, part.address, error)
                continue
            if plan is not None:
                report.plans[part.name] = plan
            if receipt is not None:
                store.editions.published(receipt, newsroom.clock())
                report.note("published", part.name, part.home, _told(receipt))


def _publish(
    newsroom: Newsroom, part: MirrorPart, *, replace: bool, dry_run: bool
) -> tuple[Plan | None, Receipt | None]:
    with open_store(newsroom.state, write=False) as store:
        step = prepare(newsroom.title, part, store, part.adapter.state(mend=not dry_run), replace=replace)
        if step is None or dry_run:
            return (step.plan if step else None), None
        token = part.adapter.apply(step.plan, _reader(store, step))
    plan = step.plan
    return plan, Receipt(
        mirror=part.name,
        edition=plan.edition,
        version=plan.target.number,
        puts=len(plan.puts),
        deletions=len(plan.deletions),
        size=plan.size,
        token=token,
    )


def prepare(title: str, part: MirrorPart, store: Store, state: MirrorState, *, replace: bool = False) -> Step | None:
    """Return what must be done at a mirror that is in this state, None if nothing.

    Raises:
        MirrorError: there is nothing to publish yet; or, unless it is to be replaced, what the mirror holds is not of this store's
            history: a store that was lost and begun anew would take away what was published.
    """
    target = store.editions.built(part.edition).version
    if target.number == 0:
        raise MirrorError(part.name, f"the edition {part.edition!r} is not built yet", "run 'pappus build' first")
    binding = Binding(title=title, address=part.address, home=part.home, edition=part.edition, version=target)
    if state.shown == binding and not replace:
        return None
    base = None if replace else state.base
    if base is not None and (base.edition != part.edition or not store.editions.has(part.edition, base.version)):
        if base.edition == part.edition:
            raise MirrorError(
                part.name,
                f"holds version {base.version.number} of a history that this store does not know, and perhaps pages that only it has",
                "restore the state folder from a backup, or give them up with 'pappus publish --replace'",
            )
        base = None
    if base is not None and not store.editions.remembers(part.edition, base.version):
        base = None
    moved = base is None or (base.address, base.home) != (part.address, part.home)
    puts, pages, deletions = _changes(store, part.edition, base, moved=moved)
    bound = {made.entry.path: made for made in bind(binding, pages) if moved or made.entry.path != HOME_QR}
    plan = make_plan(
        part.edition,
        target,
        base.version if base else None,
        puts=[*puts, *(made.entry for made in bound.values())],
        deletions=[*deletions, *(qr_path(path) for path in deletions if is_page(path))],
    )
    return Step(part, plan, bound)


def _changes(
    store: Store, edition: str, base: Binding | None, *, moved: bool
) -> tuple[list[Entry], list[str], list[str]]:
    """Return what is put, the pages whose QR image is made, and what is deleted."""
    tree = list(store.editions.manifest(edition)) if moved else []
    if base is None:
        return tree, [entry.path for entry in tree], []
    changes = store.editions.changes(edition, base.version)
    pages = [entry.path for entry in tree] if moved else list(changes.added)
    return list(changes.puts), pages, list(changes.deletions)


def _reader(store: Store, step: Step) -> Callable[[Entry], bytes]:
    def read(entry: Entry) -> bytes:
        made = step.bound.get(entry.path)
        if made is not None and made.body is not None:
            return made.body
        try:
            body = store.editions.body(step.plan.edition, entry.path)
        except KeyError:
            raise StoreError(entry.path, "was built, but is gone from the store", "publish again") from None
        return store.files.read(entry.digest) if body is None else body

    return read


def _told(receipt: Receipt) -> str:
    return f"version {receipt.version}: {receipt.puts} files put, {receipt.deletions} deleted, {receipt.size:,} bytes"
