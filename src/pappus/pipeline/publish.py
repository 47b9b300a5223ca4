"""publish: built editions go to their mirrors, each by a worker of its own, so that one bad mirror delays no other (rule 14)."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pappus import trust
from pappus.errors import ForeignError, MirrorError, PappusError, StoreError, TrustError
from pappus.layout import HOME_QR, LAYOUTS, is_binding, is_metadata
from pappus.mirrors import Binding, MirrorState, bind, make_plan, quota
from pappus.model import Entry, Plan, Receipt, Version
from pappus.pipeline.sign import sign
from pappus.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pappus.model import Artifact
    from pappus.pipeline.newsroom import MirrorPart, Newsroom
    from pappus.pipeline.report import Report
    from pappus.store import Store


_PAUSES: Final = (1.0, 4.0)  # seconds before another try, about
_QR_SIZE: Final = 500  # bytes, about
_FORMER: Final = 16  # earlier addresses of a mirror that are remembered


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done at one mirror; ``bound`` are the files made for it, by path."""

    mirror: MirrorPart
    plan: Plan
    bound: Mapping[str, Artifact]
    warnings: tuple[str, ...] = ()


def publish(newsroom: Newsroom, store: Store, report: Report, *, replace: bool = False, dry_run: bool = False) -> None:
    """Sign every edition, and bring every mirror to it; the plans of those where there was anything to do are in the report.

    Args:
        newsroom: its mirrors.
        store: where editions are.
        report: hears of it.
        replace: put everything anew, whatever a mirror holds: over damage, over a history that the store does not know, over what is
            not ours; nothing of that remains.
        dry_run: plan only.
    """
    sound = _sign(newsroom, store, report, replace=replace)
    parts = [part for part in newsroom.mirrors if part.edition in sound]
    bugs: list[BaseException] = []
    with ThreadPoolExecutor(max_workers=max(1, len(parts)), thread_name_prefix="mirror") as pool:
        works = {
            pool.submit(_publish, newsroom, part, report, replace=replace, dry_run=dry_run): part for part in parts
        }
        for work in as_completed(works):
            part = works[work]
            bug = work.exception()
            if bug is not None and not isinstance(bug, PappusError):
                bugs.append(bug)
                continue
            try:
                step, receipt = work.result()
            except PappusError as error:
                if part.retired:
                    report.note(
                        "warned", part.name, part.address, f"is retired, and was not brought up to date: {error.reason}"
                    )
                else:
                    report.failed(part.name, part.address, error)
                continue
            if step is not None:
                report.plans[part.name] = step.plan
                for warning in step.warnings:
                    report.note("warned", part.name, part.address, warning)
            if receipt is not None:
                store.editions.published(receipt, newsroom.clock())
                report.note("published", part.name, part.home, _told(receipt))
    if bugs:  # the others' work is kept
        raise BaseExceptionGroup("bugs met while publishing", bugs)


def _sign(newsroom: Newsroom, store: Store, report: Report, *, replace: bool) -> set[str]:
    """Sign the editions. Returns those that may be published: without its signatures nothing goes out where there are keys.

    To replace what is published is also to begin its releases anew where they are of other keys.
    """
    editions = {part.edition for part in newsroom.mirrors}
    if newsroom.signing is None:
        return editions
    try:
        online = trust.load_online(newsroom.signing, newsroom.clock())
        for warning in online.warnings:
            report.note("warned", "keys", warning)
        for edition in sorted(editions):
            sign(newsroom, store, online, edition, anew=replace)
    except TrustError as error:
        report.failed("keys", error.subject, error)
        return set()
    return editions


def _publish(
    newsroom: Newsroom, part: MirrorPart, report: Report, *, replace: bool, dry_run: bool
) -> tuple[Step | None, Receipt | None]:
    for pause in (*_PAUSES, None):
        try:
            return _try(newsroom, part, report, replace=replace, dry_run=dry_run)
        except MirrorError as error:
            if not error.retry or pause is None:
                raise
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311  # so that many do not come back at once
    raise AssertionError("the last try returns or raises")


def _try(
    newsroom: Newsroom, part: MirrorPart, report: Report, *, replace: bool, dry_run: bool
) -> tuple[Step | None, Receipt | None]:
    with open_store(newsroom.state, write=False) as store:
        state = _state(part, mend=not dry_run, replace=replace)
        step = prepare(newsroom, part, store, state, replace=replace)
        if step is None or dry_run:
            return step, None
        token = part.adapter.apply(step.plan, _reader(store, step, report))
    plan = step.plan
    return step, Receipt(
        mirror=part.name,
        edition=plan.edition,
        version=plan.target.number,
        puts=len(plan.puts),
        deletions=len(plan.deletions),
        size=plan.size,
        token=token,
    )


def _state(part: MirrorPart, *, mend: bool, replace: bool) -> MirrorState:
    try:
        return part.adapter.state(mend=mend)
    except ForeignError:
        if not replace:
            raise
        return MirrorState()


def prepare(
    newsroom: Newsroom, part: MirrorPart, store: Store, state: MirrorState, *, replace: bool = False
) -> Step | None:
    """Return what must be done at a mirror that is in this state, None if nothing.

    Raises:
        MirrorError: there is nothing to publish yet; or, unless it is to be replaced, what the mirror holds is not of this store's
            history: a store that was lost and begun anew would take away what was published.
    """
    target = _target(newsroom, part, store)
    base = None if replace else _known(newsroom, part, store, state.base)
    if not replace and state.shown != state.base:
        _known(newsroom, part, store, state.shown)  # else what readers see, and only it has, would be given up
    former = _former(part, [one for one in (state.shown, base) if one and base])
    if len(former) > _FORMER:
        base, former = None, ()  # every QR image anew
    binding = Binding(
        title=newsroom.title,
        address=part.address,
        home=part.home,
        edition=part.edition,
        version=target,
        forgot=store.withdrawals.count(part.edition),
        former=former,
    )
    held = state.base or state.shown
    forget = replace or (held.forgot if held else 0) < binding.forgot
    if state.shown == binding and not forget:
        return None
    puts, pages, deletions = _changes(store, part.edition, base, target)
    rehomed = base is None or base.home != part.home
    bound = {made.entry.path: made for made in bind(binding, pages) if rehomed or made.entry.path != HOME_QR}
    plan = make_plan(
        part.edition,
        target,
        base.version if base else None,
        puts=[*puts, *(made.entry for made in bound.values())],
        deletions=[*deletions, *map(binding.layout.qr_path, filter(binding.layout.is_page, deletions))],
        forget=forget,
    )
    warnings = quota.check(part.name, part.limits, plan, _totals(part, store, plan))
    return Step(part, plan, bound, (*warnings, *_unsaid(newsroom, part, former)))


def _unsaid(newsroom: Newsroom, part: MirrorPart, former: Sequence[str]) -> Iterator[str]:
    """Yield what to tell of earlier addresses that the configuration does not know."""
    for address in former:
        if newsroom.moved.get(address) != part.address:
            yield (
                f"was at {address}, and pappus.toml does not say so: who verifies a copy will not believe its older codes"
                f' (add [[moved]] from = "{address}" to = "{part.address}")'
            )


def _totals(part: MirrorPart, store: Store, plan: Plan) -> quota.Totals:
    """Return what a mirror will hold, as far as its host has limits."""
    if part.limits == quota.Limits():
        return quota.Totals(files=0, size=0, folders={})
    (own, size), (signed, more) = store.editions.size(part.edition), store.releases.size(part.edition)
    codes = [entry.size for entry in plan.puts if LAYOUTS[part.edition].page_of_qr(entry.path)]
    pages = store.editions.pages(part.edition)
    qr_images = pages * (sum(codes) // len(codes) if codes else _QR_SIZE)
    folders = {entry.path.rpartition("/")[0] for entry in plan.puts if not is_binding(entry.path)}
    crowds = {folder: store.editions.crowd(part.edition, folder) for folder in folders if not is_metadata(folder + "/")}
    return quota.Totals(files=own + signed + pages + 2, size=size + more + qr_images, folders=crowds)


def _target(newsroom: Newsroom, part: MirrorPart, store: Store) -> Version:
    version = store.editions.built(part.edition).version
    if version.number == 0:
        raise MirrorError(part.name, f"the edition {part.edition!r} is not built yet", "run 'pappus build' first")
    release = store.releases.newest(part.edition) if newsroom.signing else None
    if release is None:
        return version
    return Version(number=version.number, chain=version.chain, release=release.number, seal=release.seal)


def _known(newsroom: Newsroom, part: MirrorPart, store: Store, base: Binding | None) -> Binding | None:
    """Return what a plan may start from: what the mirror holds, if that and everything since is remembered."""
    if base is None or base.edition != part.edition:
        return None
    if base.version.release and newsroom.signing is None:
        raise MirrorError(
            part.name,
            "is signed, and its readers expect it to stay so, but the configuration names no keys",
            "give [signing] back, or start the mirror anew with 'pappus publish --replace'",
        )
    known = store.editions.has(part.edition, base.version)
    if known and base.version.release and store.releases.is_forgotten(part.edition, base.version.release):
        return None
    release = store.releases.get(part.edition, base.version.release)
    same = (release.built, release.seal) == (base.version.number, base.version.seal) if release else False
    if not known or (base.version.release and not same):
        raise MirrorError(
            part.name,
            f"holds version {base.version.number} of a history that this store does not know, and perhaps pages that only it has",
            "restore the state folder from a backup, or give them up with 'pappus publish --replace'",
        )
    return base if store.editions.remembers(part.edition, base.version) else None


def _former(part: MirrorPart, held: Sequence[Binding]) -> tuple[str, ...]:
    """Return the addresses that QR images of a mirror say besides its own: those of its earlier pages are not made anew when it moves."""
    earlier = [one for binding in held for one in (binding.address, *binding.former)]
    return tuple(one for one in dict.fromkeys(earlier) if one != part.address)


def _changes(
    store: Store, edition: str, base: Binding | None, target: Version
) -> tuple[list[Entry], list[str], list[str]]:
    """Return what is put, the pages whose QR image is made, and what is deleted."""
    release = store.releases.get(edition, target.release)
    metadata = store.releases.puts(edition, base.version.release if base else 0, release) if release else []
    if base is None:
        tree = list(store.editions.manifest(edition))
        return [*tree, *metadata], [entry.path for entry in tree], []
    changes = store.editions.changes(edition, base.version)
    superseded = (
        store.releases.deletions(edition, store.releases.get(edition, base.version.release), release) if release else []
    )
    return [*changes.puts, *metadata], list(changes.added), [*changes.deletions, *superseded]


def _reader(store: Store, step: Step, report: Report) -> Callable[[Entry], bytes]:
    done = 0

    def read(entry: Entry) -> bytes:
        nonlocal done
        done += 1
        report.progress(step.mirror.name, done, len(step.plan.puts))
        made = step.bound.get(entry.path)
        if made is not None and made.body is not None:
            return made.body
        try:
            body = (
                store.releases.body(step.plan.edition, entry.path)
                if is_metadata(entry.path)
                else store.editions.body(step.plan.edition, entry.path)
            )
        except KeyError:
            raise StoreError(entry.path, "was built, but is gone from the store", "publish again") from None
        return store.files.read(entry.digest) if body is None else body

    return read


def _told(receipt: Receipt) -> str:
    return f"version {receipt.version}: {receipt.puts} files put, {receipt.deletions} deleted, {receipt.size:,} bytes"
