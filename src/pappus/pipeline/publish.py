"""publish: built editions go to their mirrors, each by a worker of its own, so that one bad mirror delays no other (rule 14)."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace as replace_fields

from pappus import trust
from pappus.errors import ForeignError, MirrorError, PappusError, StoreError, TrustError
from pappus.layout import FEEDS, HOME_QR, LAYOUTS, ROBOTS, SITEMAPS, is_binding, is_metadata
from pappus.mirrors import Binding, MirrorState, beside, bind, bind_feeds, make_plan, quota
from pappus.model import Entry, Plan, Receipt, Version, artifact
from pappus.pipeline.share import share
from pappus.pipeline.sign import sign
from pappus.store import Changes, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Future
    from datetime import datetime

    from pappus.model import Artifact, Digest, Division
    from pappus.pipeline.newsroom import MirrorPart, Newsroom
    from pappus.pipeline.report import Report
    from pappus.store import Store


_PAUSES: Final = (1.0, 4.0)  # seconds before another try, about
_QR_SIZE: Final = 500  # bytes, about
_SIGNPOST_SIZE: Final = 150  # the same
_FORMER: Final = 16  # earlier addresses of a mirror that are remembered
_NEAR: Final = 100  # versions that an annex may be behind while they change nothing there; all of them are looked through each time
_SHARED: Final = 16 * 1024 * 1024  # bytes


class Step(Struct, frozen=True):
    """What is to be done at one mirror.

    Args:
        mirror: the mirror.
        plan: what is put and deleted.
        made: the files made for it alone, by path: of its binding, and signposts.
        ahead: addresses of the places that new signposts lead to.
        warnings: what to tell of it.
    """

    mirror: MirrorPart
    plan: Plan
    made: Mapping[str, Artifact]
    ahead: frozenset[str] = frozenset()
    warnings: tuple[str, ...] = ()


_Work: TypeAlias = "Future[tuple[Step | None, Receipt | None]]"


class _Bodies:
    """What several mirrors are given is read once, as far as there is room to keep it."""

    def __init__(self) -> None:
        self._kept: dict[Digest, bytes] = {}
        self._room = _SHARED

    def get(self, name: Digest, read: Callable[[], bytes]) -> bytes:
        """Return the bytes of this digest."""
        body = self._kept.get(name)
        if body is None:
            body = read()
            if len(body) <= self._room:
                self._kept[name] = body
                self._room -= len(body)
        return body


def publish(
    newsroom: Newsroom,
    store: Store,
    report: Report,
    *,
    replace: bool = False,
    dry_run: bool = False,
    patient: bool = False,
) -> None:
    """Sign every edition, and bring every mirror to it; the plans of those where there was anything to do are in the report.

    Args:
        newsroom: its mirrors.
        store: where editions are.
        report: hears of it.
        replace: put everything anew, whatever a mirror holds: over damage, over a history that the store does not know, over what is
            not ours; nothing of that remains.
        dry_run: plan only.
        patient: leave those alone for a while that did not answer the last times, so that nobody waits for their time limits.
    """
    sound = _sign(newsroom, store, report, replace=replace)
    parts = [part for part in newsroom.mirrors if part.edition in sound]
    bugs: list[BaseException] = []
    work_at = _Worker(newsroom, report, replace=replace, dry_run=dry_run)
    with ThreadPoolExecutor(max_workers=max(1, len(parts)), thread_name_prefix="mirror") as pool:
        works: dict[_Work, MirrorPart] = {}
        for part in sorted(parts, key=lambda part: part.division is None or not part.division.is_annex):
            silent = store.silences.until(part.name, newsroom.clock()) if patient else None
            annexes = {annex.address for annex in part.division.annexes} if part.division else set()
            before = {work: one.address for work, one in works.items() if one.address in annexes}
            works[pool.submit(work_at, part, before, silent)] = part
        for work in as_completed(works):
            bug = work.exception()
            if bug is not None and not isinstance(bug, PappusError):
                bugs.append(bug)
            else:
                _keep(newsroom, store, report, works[work], work, dry_run=dry_run)
    if bugs:  # the others' work is kept
        raise BaseExceptionGroup("bugs met while publishing", bugs)


def _keep(newsroom: Newsroom, store: Store, report: Report, part: MirrorPart, work: _Work, *, dry_run: bool) -> None:
    """Note what came of the work at a mirror."""
    try:
        step, receipt = work.result()
    except PappusError as error:
        if isinstance(error, MirrorError) and error.retry and not dry_run:
            store.silences.failed(part.name, newsroom.clock(), random.uniform(0.75, 1.25))  # noqa: S311  # no secret
        if part.retired:
            report.note(
                "warned", part.name, part.address, f"is retired, and was not brought up to date: {error.reason}"
            )
        else:
            report.failed(part.name, part.address, error)
        return
    if not dry_run:
        store.silences.answered(part.name)
    if step is not None:
        report.plans[part.name] = step.plan
        for warning in step.warnings:
            report.note("warned", part.name, part.address, warning)
    if receipt is not None:
        store.editions.published(receipt, newsroom.clock())
        report.note("published", part.name, part.home, _told(receipt))


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


class _Worker:
    """Publishes to one mirror after the other or at once; what it is called for is done in the thread of the caller."""

    def __init__(self, newsroom: Newsroom, report: Report, *, replace: bool, dry_run: bool) -> None:
        self._newsroom, self._report = newsroom, report
        self._replace, self._dry_run = replace, dry_run
        self._bodies = _Bodies()

    def __call__(
        self, part: MirrorPart, before: Mapping[_Work, str], silent: datetime | None
    ) -> tuple[Step | None, Receipt | None]:
        """Publish to a mirror, several times if need be.

        Args:
            part: the mirror.
            before: work that has to end first, with the addresses it is for: of annexes, to which pages will lead.
            silent: until when the mirror is left alone.

        Raises:
            MirrorError: it could not be done.
        """
        if silent is not None:
            reason = f"did not answer the last times, and is left alone until {silent:%H:%M} UTC"
            raise MirrorError(part.name, reason, "'pappus publish' asks it at once")
        absent = frozenset(address for work, address in before.items() if work.exception() is not None)
        for pause in (*_PAUSES, None):
            try:
                return self._try(part, absent)
            except MirrorError as error:
                if not error.retry or pause is None:
                    raise
                time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311  # so that many do not come back at once
        raise AssertionError("the last try returns or raises")

    def _try(self, part: MirrorPart, absent: frozenset[str]) -> tuple[Step | None, Receipt | None]:
        with open_store(self._newsroom.state, write=False) as store:
            state = _state(part, mend=not self._dry_run, replace=self._replace)
            step = prepare(self._newsroom, part, store, state, replace=self._replace)
            if step is None:
                return None, None
            if lost := sorted(absent & step.ahead):
                reason = "pages would lead to an annex that could not be published now"
                raise MirrorError(part.name, f"{reason}: {lost[0]}", "the next publish goes on")
            if self._dry_run:
                return step, None
            token = part.adapter.apply(step.plan, self._reader(store, step))
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

    def _reader(self, store: Store, step: Step) -> Callable[[Entry], bytes]:
        done = 0

        def read(entry: Entry) -> bytes:
            nonlocal done
            done += 1
            self._report.progress(step.mirror.name, done, len(step.plan.puts))
            made = step.made.get(entry.path)
            if made is not None and made.body is not None:
                return made.body
            return self._bodies.get(entry.digest, lambda: _body(store, step.plan.edition, entry))

        return read


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
        division=part.division,
        host=part.host if beside(part.host, part.edition) else "",
    )
    held = state.base or state.shown
    forget = replace or (held.forgot if held else 0) < binding.forgot
    if state.shown == binding and not forget:
        return None
    if not replace and held is not None:
        _keeps_its_months(part, held)
    if base is not None and _share(base.division) != _share(part.division):
        base = None  # other files are its own
    changes, signposts = _changes(store, part, base)
    if not (changes.puts or changes.deletions or forget) and _is_near(state, binding):
        return None
    metadata, superseded = _signed(store, part.edition, base, target)
    rehomed = base is None or base.home != part.home
    bound = {one.entry.path: one for one in bind(binding, changes.added) if rehomed or one.entry.path != HOME_QR}
    moved = base is None or base.address != binding.address
    made = signposts | bound | _feeds(store, binding, changes, moved=moved)
    if base is None or base.host != binding.host:
        made |= {path: artifact(path, body, "text/plain") for path, body in binding.beside.items()}
        superseded = (*superseded, *(base.beside if base else ()))
    plan = make_plan(
        part.edition,
        target,
        base.version if base else None,
        puts=[*changes.puts, *metadata, *(one.entry for one in made.values())],
        deletions=[
            *changes.deletions,
            *superseded,
            *map(binding.layout.qr_path, filter(binding.layout.is_page, changes.deletions)),
            *chain.from_iterable(map(binding.layout.made_of, changes.deletions)),
            *((ROBOTS,) if base is not None and base.has_robots and not binding.has_robots else ()),
        ],
        forget=forget,
    )
    warnings = quota.check(part.name, part.limits, plan, _totals(part, store, plan))
    ahead = frozenset(part.division.holder(path) for path in signposts) if part.division else frozenset()
    return Step(part, plan, made, ahead, (*warnings, *_unsaid(newsroom, part, former)))


def _feeds(store: Store, binding: Binding, changes: Changes, *, moved: bool) -> dict[str, Artifact]:
    """Return what is made of feeds and lists: of those that changed; of all where the mirror's address did, for it stands in them."""
    editions, edition = store.editions, binding.edition
    feeds = [entry.path for entry in changes.puts]
    lists = editions.within(edition, SITEMAPS)
    if moved:
        feeds = [*editions.within(edition, FEEDS), *lists]
    elif not any(path.startswith(SITEMAPS) for path in (*changes.added, *changes.deletions)):
        lists = []
    return {one.entry.path: one for one in bind_feeds(binding, feeds, partial(_text, store, edition), lists)}


def _text(store: Store, edition: str, path: str) -> bytes:
    body = store.editions.body(edition, path)
    if body is None:
        raise StoreError(path, "is no text")
    return body


def _keeps_its_months(part: MirrorPart, held: Binding) -> None:
    """Refuse to take months away from an annex: its own addresses were given to readers, and its mirror may not have the pages yet.

    Raises:
        MirrorError: some would be.
    """
    own = [one for one in part.division.annexes if one.address == part.address] if part.division else []
    had = [one for one in held.division.annexes if one.address == held.division.here] if held.division else []
    for before in had:
        if not any(now.first <= before.first and before.last <= now.last for now in own):
            raise MirrorError(
                part.name,
                f"is an annex for {before.first} to {before.last}, and readers have addresses of these pages in it",
                "let it keep them: its months may become more, and not fewer",
            )


def _share(division: Division | None) -> object:
    return division.share if division else None


def _is_near(state: MirrorState, binding: Binding) -> bool:
    """Whether an annex to which nothing came may be left alone, though versions went on: else each of them would make a commit there."""
    shown = state.shown
    if shown is None or shown != state.base or binding.division is None or not binding.division.is_annex:
        return False
    behind = binding.version.number - shown.version.number
    return behind < _NEAR and replace_fields(shown, version=binding.version) == binding


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
    division, tallies = part.division, store.editions.tallies(part.edition)
    own = [tally for tally in tallies if division is None or division.keeper(tally.month) == division.here]
    others = 0 if division is None or division.is_annex else sum(one.pages for one in tallies if one not in own)
    signed, metadata = (0, 0) if division and division.is_annex else store.releases.size(part.edition)
    pages = sum(one.pages for one in own)
    codes = [entry.size for entry in plan.puts if LAYOUTS[part.edition].page_of_qr(entry.path)]
    folders = {entry.path.rpartition("/")[0] for entry in plan.puts if not is_binding(entry.path)}
    crowds = {folder: store.editions.crowd(part.edition, folder) for folder in folders if not is_metadata(folder + "/")}
    made = 0 if division and division.is_annex else _made(store, part.edition)
    return quota.Totals(
        files=sum(one.files for one in own) + others + signed + pages + 2 + made,
        size=sum(one.size for one in own)
        + others * _SIGNPOST_SIZE
        + metadata
        + pages * (sum(codes) // len(codes) if codes else _QR_SIZE),
        folders=crowds,
    )


def _made(store: Store, edition: str) -> int:
    """Return how many files a mirror makes of feeds and lists; what they take is little beside the rest."""
    sources = [path for folder in (FEEDS, SITEMAPS) for path in store.editions.within(edition, folder)]
    made = sum(len(LAYOUTS[edition].made_of(path)) for path in sources)
    return made + 2 if made else 0


def _target(newsroom: Newsroom, part: MirrorPart, store: Store) -> Version:
    version = store.editions.built(part.edition).version
    if version.number == 0:
        raise MirrorError(part.name, f"the edition {part.edition!r} is not built yet", "run 'pappus build' first")
    annex = part.division is not None and part.division.is_annex  # what is signed is at the mirror itself
    release = store.releases.newest(part.edition) if newsroom.signing and not annex else None
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


def _changes(store: Store, part: MirrorPart, base: Binding | None) -> tuple[Changes, dict[str, Artifact]]:
    """Return what is put of the edition, with the pages whose QR image is made, and what is deleted; and the signposts that are put."""
    if base is None:
        tree = tuple(store.editions.manifest(part.edition))
        changes = Changes(puts=tree, added=tuple(entry.path for entry in tree), deletions=())
    else:
        changes = store.editions.changes(part.edition, base.version)
    if part.division is None:
        return changes, {}
    return share(changes, part.division, LAYOUTS[part.edition], lambda entry: _body(store, part.edition, entry))


def _signed(store: Store, edition: str, base: Binding | None, target: Version) -> tuple[Sequence[Entry], Sequence[str]]:
    """Return the metadata that are put, and those that are deleted."""
    release = store.releases.get(edition, target.release)
    if release is None:
        return (), ()
    puts = store.releases.puts(edition, base.version.release if base else 0, release)
    if base is None:
        return puts, ()
    return puts, store.releases.deletions(edition, store.releases.get(edition, base.version.release), release)


def _body(store: Store, edition: str, entry: Entry) -> bytes:
    try:
        body = (
            store.releases.body(edition, entry.path)
            if is_metadata(entry.path)
            else store.editions.body(edition, entry.path)
        )
    except KeyError:
        raise StoreError(entry.path, "was built, but is gone from the store", "publish again") from None
    return store.files.read(entry.digest) if body is None else body


def _told(receipt: Receipt) -> str:
    return f"version {receipt.version}: {receipt.puts} files put, {receipt.deletions} deleted, {receipt.size:,} bytes"
