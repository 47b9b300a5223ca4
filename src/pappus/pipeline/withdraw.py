"""withdraw: an article is taken back for good, out of the store, every edition and every mirror, history included (rule 20).

A record of who asked and why is written first, then the store is purged in one transaction, the editions are built, the store's files
are scrubbed, the mirrors published and looked at; what came of it is added to the record. Killed anywhere, the next run goes on:
:func:`resume` does what records ask for, :func:`settle` ends what was begun. There is no way back.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from msgspec import Struct
from msgspec.structs import replace

from pappus import urls
from pappus.errors import BuildError, MirrorError, StoreError
from pappus.layout import LAYOUTS
from pappus.mirrors.git.objects import let_go
from pappus.mirrors.signpost import signpost
from pappus.pipeline import proof
from pappus.pipeline.build import build
from pappus.pipeline.decisions import no_namesakes
from pappus.pipeline.newsroom import RECORDS
from pappus.pipeline.publish import publish
from pappus.pipeline.records import Asked, Piece, Record, Records, Seen
from pappus.pipeline.report import SILENT, Report
from pappus.store import open_store, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from pappus.model import Article
    from pappus.pipeline.newsroom import MirrorPart, Newsroom
    from pappus.pipeline.report import Listener
    from pappus.store import Holding, Store, Withdrawal

_PAGE: Final = re.compile(
    r"(?:^|/)pages/([a-z0-9-]+)/(\d{4})/(\d\d)/(\d\d)/([a-z0-9-]+)(?:\.md|(?:\.zh-han[st])?\.html)$"
)
_PATH: Final = "pages/{}/{}/{}/{}/{}.md"
_REASON: Final = 500  # characters


class Request(Struct, frozen=True, kw_only=True):
    """What is asked for.

    Raises:
        ValueError: for no reason; what is withdrawn for none stands.
    """

    reason: str  # shown to readers
    by: str = ""  # who asked
    file: Path | None = None  # what they sent

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError("a withdrawal has a reason, which readers see")


class Case(Struct, frozen=True, kw_only=True):
    """An article that could be withdrawn, and what of it is where."""

    page: str  # path
    title: str
    gone: bool  # it is withdrawn for good already
    holding: Holding
    pieces: tuple[Piece, ...]


def find(newsroom: Newsroom, given: str) -> list[Case]:
    """Return the articles that somebody means.

    Args:
        newsroom: whose store is read.
        given: an address of the article's, the path of its page, or an address of a mirror that ends in that path.

    Raises:
        StoreError: the store cannot be read.
    """
    with open_store(newsroom.state, write=False) as store:
        return [_case(store, article) for article in _meant(store, given)]


def _meant(store: Store, given: str) -> Sequence[int]:
    parsed = urls.parse_http(given)
    if parsed is not None:
        found = store.articles.at(urls.canonical(parsed))
        if found:
            return found
        given = unquote(parsed.partition("#")[0].partition("?")[0])
    page = _PAGE.search(given.strip())
    if page is None:
        return ()
    source, year, month, day, ident = page.groups()
    one = store.articles.on(source, f"{year}-{month}-{day}", ident)
    return () if one is None else (one,)


def _case(store: Store, number: int) -> Case:
    article = store.articles.get(number)
    return Case(
        page=_page(article),
        title=article.title,
        gone=store.articles.is_gone(number),
        holding=store.withdrawals.holding(number),
        pieces=tuple(Piece(edition=e, path=p, digest=d) for e, p, d in store.withdrawals.pieces(number)),
    )


def _page(article: Article) -> str:
    return _PATH.format(article.source, *stamp(article.published)[:10].split("-"), article.ident)


# Doing it


def withdraw(newsroom: Newsroom, page: str, request: Request, listener: Listener = SILENT) -> tuple[Report, Path]:
    """Withdraw the article of a page for good. What fails is in the report; the next run does what could not be done now.

    Args:
        newsroom: its store and mirrors.
        page: path of the article's page.
        request: who asks for it and why.
        listener: hears of everything as it happens.

    Returns:
        The report, and the file of the record.

    Raises:
        ConfigError: a channel has nearly the name of a former one.
        StoreError: the store or the record cannot be read or written, or has no such page.
    """
    records = _records(newsroom)
    with open_store(newsroom.state) as store:
        no_namesakes(newsroom, store.articles.all_channels())
        found = _meant(store, page)
        if not found:
            raise StoreError(page, "is no page of this store")
        report = Report("withdraw", listener)
        run = store.runs.start(report.verb, newsroom.clock())
        try:
            file = _write_down(newsroom, store, records, found[0], request)
            resume(newsroom, store, report)
            with suppress(BuildError):  # it is in the report; the mirrors keep what they have
                build(newsroom, store, report)
                store.withdrawals.scrub(_names(newsroom))  # before the mirrors, which may take long
                publish(newsroom, store, report)
            settle(newsroom, store, report)
        finally:
            report.keep(store, run, newsroom.clock())
        return report, file


def _records(newsroom: Newsroom) -> Records:
    return Records(newsroom.state.parent / RECORDS)


def _names(newsroom: Newsroom) -> list[str]:
    return [part.name for part in newsroom.editions]


def _write_down(newsroom: Newsroom, store: Store, records: Records, article: int, request: Request) -> Path:
    """Write down who asked for what, once. Returns the file of the record."""
    reason = " ".join(request.reason.split())[:_REASON]
    kept = records.keep_request(request.file) if request.file is not None else ""
    fresh = _record(store, article)
    known = records.find(fresh.page)
    record = known or fresh
    last = record.asked[-1] if record.asked else None
    asked = Asked(at=stamp(newsroom.clock()), reason=reason, by=" ".join(request.by.split()), request=kept)
    if last is None or (last.reason, last.by, last.request) != (asked.reason, asked.by, asked.request):
        record = replace(record, asked=(*record.asked, asked))
    return records.write(record)


def _record(store: Store, article: int) -> Record:
    case = _case(store, article)
    return Record(
        page=case.page,
        asked=(),
        addresses=case.holding.addresses,
        contents=tuple(case.holding.contents),
        pieces=case.pieces,
        media=tuple(one.digest for one in case.holding.gone),
        kept=tuple(one.digest for one in case.holding.kept),
    )


def resume(newsroom: Newsroom, store: Store, report: Report) -> None:
    """Purge the store of what the records ask for: of what a killed process had written down only, of what a backup brought back.

    Raises:
        StoreError: the store or a record cannot be read or written.
    """
    records = _records(newsroom)
    for record in records.all():
        _resume(newsroom, store, report, records, record)


def _resume(newsroom: Newsroom, store: Store, report: Report, records: Records, record: Record) -> None:
    found = _meant(store, record.page)
    if not found or not record.asked:
        return
    article = found[0]
    reason = record.asked[-1].reason
    if not store.articles.is_gone(article):
        record = _again(record, _record(store, article))
        records.write(record)
    elif record.purged and store.articles.get(article).withdrawn == reason:
        return
    if store.withdrawals.purge(article, reason, newsroom.clock()):
        report.note("withdrawn", record.page.split("/")[1], record.page, reason)
    if not record.purged:
        records.write(replace(record, purged=stamp(newsroom.clock())))


def _again(record: Record, now: Record) -> Record:
    """Return a record of what is there to be removed now, besides what it names; nothing of it is settled."""
    return replace(
        record,
        addresses=tuple(dict.fromkeys((*record.addresses, *now.addresses))),
        contents=tuple(dict.fromkeys((*record.contents, *now.contents))),
        pieces=tuple(dict.fromkeys((*record.pieces, *now.pieces))),
        media=tuple(dict.fromkeys((*record.media, *now.media))),
        kept=now.kept,
        purged="",
        scrubbed="",
        mirrors=(),
        closed="",
    )


def settle(newsroom: Newsroom, store: Store, report: Report) -> None:
    """Scrub the store's files, and look at the mirrors that were not seen without what was withdrawn.

    Raises:
        StoreError: the store or a record cannot be read or written.
    """
    waiting = store.withdrawals.open()
    if not waiting:
        return
    if not store.withdrawals.scrub(_names(newsroom)):
        report.note(
            "failed",
            "store",
            str(len(waiting)),
            "pieces of what was withdrawn are still in its files; the next run does it",
        )
    records = _records(newsroom)
    silent: dict[str, str] = {}
    looked = [
        (withdrawal, _looked(newsroom, store, report, records, withdrawal, silent=silent))
        for withdrawal in store.withdrawals.open()
    ]
    forgotten = _let_go(newsroom, [record for _, record in looked], report)
    for withdrawal, record in looked:
        _close(newsroom, store, records, withdrawal, record, forgotten=forgotten)


def _looked(
    newsroom: Newsroom,
    store: Store,
    report: Report,
    records: Records,
    withdrawal: Withdrawal,
    *,
    silent: dict[str, str],
) -> Record:
    """Look at the mirrors for one withdrawal; those that are ``silent`` were asked in vain, and are not asked again in this run."""
    record = records.find(_page(store.articles.get(withdrawal.article))) or _record(store, withdrawal.article)
    for part in newsroom.mirrors:
        before = record.seen(part.name)
        if part.retired and part.name not in {receipt.mirror for receipt, _ in store.editions.receipts()}:
            continue  # nothing was ever published there
        if before is None or before.left or before.address != part.address:
            seen = _seen(newsroom, store, part, record, silent)
            _tell(report, part, record, seen)
            record = record.with_seen(seen)
    if not record.closed:
        _warn_of_others(newsroom, store, report, record)
    records.write(record)
    return record


def _warn_of_others(newsroom: Newsroom, store: Store, report: Report, record: Record) -> None:
    """Tell of places that were published to and are no longer in the configuration: nobody goes there any more."""
    known = {part.name for part in newsroom.mirrors}
    for receipt, _ in store.editions.receipts():
        if receipt.mirror not in known:
            reason = (
                "was published to, and is no longer in pappus.toml: if the page is still there, take it away by hand"
            )
            report.note("warned", receipt.mirror, record.page, reason)


def _let_go(newsroom: Newsroom, looked: Sequence[Record], report: Report) -> bool:
    """Have our own repository hold nothing for mirrors that may never forget: those that the newsroom has no more, and retired ones.

    Returns whether that is so.
    """
    keep = {
        part.name
        for part in newsroom.mirrors
        if not part.retired or all((one := record.seen(part.name)) and not one.left for record in looked)
    }
    reason = "another git is at work in it"
    try:
        if newsroom.objects is None or let_go(newsroom.objects, keep):
            return True
    except MirrorError as error:
        reason = error.reason
    report.note(
        "failed",
        "store",
        "objects.git",
        f"may hold what was withdrawn, for mirrors of before: {reason}; the next run does it",
    )
    return False


def _close(
    newsroom: Newsroom, store: Store, records: Records, withdrawal: Withdrawal, record: Record, *, forgotten: bool
) -> None:
    """Close a record if nothing is left to do."""
    now = stamp(newsroom.clock())
    clean = forgotten and all(
        (one := record.seen(part.name)) is not None and not one.left
        for part in newsroom.mirrors
        if not part.retired  # it may never be seen again
    )
    if withdrawal.scrubbed:
        record = replace(record, scrubbed=record.scrubbed or now)
        if clean:
            record = replace(record, closed=record.closed or now)
    records.write(record)
    if record.closed:
        store.withdrawals.prove(withdrawal.number)  # last of all: it is not looked at again


def _seen(newsroom: Newsroom, store: Store, part: MirrorPart, record: Record, silent: dict[str, str]) -> Seen:
    receipts = {receipt.mirror: (receipt, at) for receipt, at in store.editions.receipts()}
    receipt, at = receipts.get(part.name, (None, None))
    paths = {record.page, *(one.path for one in record.pieces if one.edition == part.edition)}
    wanted = _wanted(store, part, paths)
    gone = {one.digest for one in record.pieces} - {*record.kept, *wanted.values()}
    forgot = store.withdrawals.count()
    if store.withdrawals.count(part.edition) != forgot:
        how, left = "", f"the edition {part.edition!r} could not be built without it"
    elif part.name in silent:
        how, left = "", silent[part.name]
    else:
        try:
            how, left = proof.look(part, wanted, gone, forgot)
        except MirrorError as error:
            how, left = "", f"it could not be looked at: {error.reason}"
            silent[part.name] = left
    return Seen(
        mirror=part.name,
        address=part.address,
        version=receipt.version if receipt else 0,
        token=receipt.token if receipt else "",
        published=stamp(at) if at else "",
        looked=stamp(newsroom.clock()),
        how=how,
        left=left,
    )


def _wanted(store: Store, part: MirrorPart, paths: Iterable[str]) -> dict[str, str | None]:
    """Return what should stand at these paths of a mirror now, by digest; None for nothing."""
    wanted: dict[str, str | None] = {}
    for path in sorted(paths):
        if part.division is None or part.division.holds(path):
            wanted[path] = store.editions.digest(part.edition, path)
        elif not part.division.is_annex:  # in an annex a signpost may stand there
            page = LAYOUTS[part.edition].is_page(path)
            wanted[path] = signpost(path, part.division.holder(path)).entry.digest if page else None
    return wanted


def _tell(report: Report, part: MirrorPart, record: Record, seen: Seen) -> None:
    if not seen.left:
        report.note("proven", part.name, record.page, f"withdrawn, as seen in {seen.how}")
    elif part.retired:
        report.note("warned", part.name, record.page, f"withdrawn, but not there: {seen.left}")
    else:
        report.note("failed", part.name, record.page, f"withdrawn, but not there: {seen.left}; the next run does it")
