"""Articles: put, found, listed by channel, and asked which of them changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from pappus.model import (
    Article,
    Draft,
    Headline,
    Label,
    LabelKind,
    Media,
    Notice,
    Picture,
    Validators,
    digest,
)
from pappus.store.database import moment, stamp
from pappus.store.shown import OLDER, Shown
from pappus.store.variants import varied
from pappus.store.withdrawals import is_gone
from pappus.urls import distinct

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from pappus.store.database import Database, Packer, Row
    from pappus.store.variants import Forms

Outcome = Literal["new", "revised", "same"]

_HEADLINE = "source, ident, title, published, language, direction, withdrawn, revision"
_JOINED = ", ".join(f"article.{name}" for name in _HEADLINE.split(", "))
_ARTICLE = f"{_HEADLINE}, url, channel, content"
_SHOWN = f"{_JOINED}, summary, picture, media.media_type, media.size, media.width, media.height"  # needs the next
_PREVIEW = "LEFT JOIN preview ON preview.article = article.id LEFT JOIN media ON media.digest = preview.picture"
_MEDIUM = ("digest", "media_type", "size", "width", "height")
_BATCH = 100  # articles that are read at a time
_DUE = "id, url, channel, published, looks, page, etag, last_modified, setting"


class Placing(Struct, frozen=True, kw_only=True):
    """Where a draft belongs, and what is decided about it when it is stored for the first time."""

    source: str
    channel: str
    ident: str  # the wish; made distinct if another article of that day has it
    published: datetime  # used where the draft has no date
    notices: tuple[Notice, ...] = ()
    addresses: tuple[str, ...] = ()  # canonical URLs under which it was announced or found
    links: tuple[str, ...] = ()  # canonical URLs that its body links to
    source_title: str = ""  # shown when the newsroom has the source no more, like the next
    permission: str = ""


class Look(Struct, frozen=True, kw_only=True):
    """How an article was asked for, and when it is to be asked for again."""

    page: str  # the address that answered, which need not be the canonical one
    validators: Validators
    setting: str  # digest of how its source is read
    again: datetime | None  # None: no more


class Due(Struct, frozen=True, kw_only=True):
    """An article that is to be asked for again."""

    id: int
    url: str
    channel: str
    published: datetime
    looks: int  # how often it was asked for again
    last: Look


class Articles:
    """The articles of a store."""

    def __init__(self, database: Database, packer: Packer) -> None:
        self._database = database
        self._packer = packer
        self._shown = Shown(database)
        self.counter = self._shown.counter
        self.channels = self._shown.channels

    # Writing

    def put(self, draft: Draft, media: Sequence[Media], placing: Placing, now: datetime) -> tuple[int, Outcome]:
        """Store a localised draft: as a new article, as a revision of the one with its URL, or not at all if it is the same.

        Nothing is stored of one that is withdrawn for good, but the addresses under which it was found.

        Returns:
            The article's row id, and what happened.
        """
        known = self.find(placing.source, (draft.url, *placing.addresses))
        with self._database.transaction():
            if known is not None and self.is_gone(known):
                outcome: Outcome = "same"
            elif known is None:
                outcome = "new"
                known = self._insert(draft, media, placing)
            else:
                outcome = self._revise(known, draft, media, placing, now)
            if outcome != "same":
                self._relink(known, placing.links)
            for url in (draft.url, *placing.addresses):
                self._address(known, placing.source, url)
            self.enlist(known, placing.channel)
        return known, outcome

    def _insert(self, draft: Draft, media: Sequence[Media], placing: Placing) -> int:
        published = draft.published or placing.published
        day = stamp(published)[:10]
        ident = self._free(placing, day, draft.url)
        content = _content(draft, media, placing)
        content["notices"] = [[n.text, n.url, n.rotating] for n in placing.notices]
        cursor = self._database.execute(
            "INSERT INTO article (source, ident, day, url, channel, title, published, language, direction, digest, changed, content)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                placing.source, ident, day, draft.url, placing.channel, draft.title, stamp(published), draft.language,
                draft.direction, _seen(draft), self.counter() + 1, self._pack(content),
            ),
        )  # fmt: skip
        article = int(cursor.lastrowid or 0)
        self._shown.put(article, published, draft)
        return article

    def _free(self, placing: Placing, day: str, url: str) -> str:
        """Return the id that is wished for, or a distinct one. A hostile feed may have taken that as well, so look again."""
        ident, attempt = placing.ident, 0
        taken = "SELECT 1 FROM article WHERE source = ? AND day = ? AND ident = ?"
        while self._database.one(taken, (placing.source, day, ident)):
            ident = distinct(placing.ident, url + "#" * attempt)
            attempt += 1
        return ident

    def _address(self, article: int, source: str, url: str) -> None:
        """Know an article under an address. Pages that link to that can lead to it from now on, so they change."""
        added = self._database.execute(
            "INSERT INTO address (source, url, article) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (source, url, article)
        ).rowcount
        if added:
            self._database.execute(
                "UPDATE article SET changed = ? WHERE id IN (SELECT article FROM link WHERE url = ?)",
                (self.counter() + 1, url),
            )

    def _revise(self, known: int, draft: Draft, media: Sequence[Media], placing: Placing, now: datetime) -> Outcome:
        seen = _seen(draft)
        row = self._database.one(
            "SELECT digest, revision, content, withdrawn, title, language, published FROM article WHERE id = ?",
            (known,),
        )
        if row is None or (row[0] == seen and not row[3]):
            return "same"
        before = json.loads(self._packer.unpack(row[2]))
        content = _content(draft, media, placing)
        content["notices"] = before["notices"]
        content["revised"] = stamp(draft.updated or now)
        self._database.execute(
            "INSERT INTO revision (article, number, content) VALUES (?, ?, ?)", (known, row[1], row[2])
        )
        if row[3] or row[5] != draft.language:  # which says in what scripts there are pages of it to lead to
            self._shown.touch_linkers(known)
        self._database.execute(
            "UPDATE article SET title = ?, language = ?, direction = ?, digest = ?, withdrawn = '', revision = revision + 1,"
            " changed = ?, content = ? WHERE id = ?",
            (draft.title, draft.language, draft.direction, seen, self.counter() + 1, self._pack(content), known),
        )
        self._shown.put(known, moment(row[6]), draft)
        if row[3] or row[4:6] != (draft.title, draft.language):
            self._shown.touch_newer(known, self.channels(known))
        return "revised"

    def withdraw(self, article: int, reason: str, now: datetime) -> bool:
        """Show only a notice of an article. Its text stays in the store, for it may come back. Returns whether it still stood."""
        row = self._database.one("SELECT content FROM article WHERE id = ? AND withdrawn = ''", (article,))
        if row is None:
            return False
        content = json.loads(self._packer.unpack(row[0])) | {"revised": stamp(now)}
        with self._database.transaction():
            self._database.execute(
                "UPDATE article SET withdrawn = ?, changed = ?, content = ? WHERE id = ?",
                (reason, self.counter() + 1, self._pack(content), article),
            )
            self._relink(article, ())
            self._shown.take_away(article)
        return True

    def enlist(self, article: int, channel: str) -> bool:
        """Put an article into a channel, but one that is withdrawn for good. Returns whether it was not there."""
        if self.is_gone(article):
            return False
        added = self._database.execute(
            "INSERT INTO listing (channel, published, article) SELECT ?, published, id FROM article WHERE id = ?"
            " ON CONFLICT DO NOTHING",
            (channel, article),
        ).rowcount
        if added:
            self._shown.touch([article])
            self._shown.touch_newer(article, [channel])
        return bool(added)

    def looked(self, article: int, look: Look) -> None:
        """Record that an article was asked for, and when to ask again; nobody asks for one that is withdrawn for good."""
        if self.is_gone(article):
            return
        self._database.execute(
            "UPDATE article SET page = ?, etag = ?, last_modified = ?, setting = ?, looks = looks + 1, next_look = ? WHERE id = ?",
            (
                look.page,
                look.validators.etag,
                look.validators.last_modified,
                look.setting,
                look.again and stamp(look.again),
                article,
            ),
        )

    def _relink(self, article: int, links: Sequence[str]) -> None:
        self._database.execute("DELETE FROM link WHERE article = ?", (article,))
        self._database.executemany(
            "INSERT INTO link (article, url) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [(article, url) for url in links],
        )

    def _pack(self, content: dict[str, Any]) -> bytes:
        if self._packer.wanting:
            count = self._database.one("SELECT count(*) FROM (SELECT 1 FROM article LIMIT ?)", (self._packer.SAMPLES,))
            if count is not None and count[0] >= self._packer.SAMPLES:
                rows = self._database.execute(
                    "SELECT content FROM article ORDER BY id LIMIT ?", (self._packer.SAMPLES,)
                )
                self._packer.train([self._packer.unpack(row[0]) for row in rows.fetchall()])
        return self._packer.pack(json.dumps(content, ensure_ascii=False, sort_keys=True).encode())

    # Reading

    def count(self) -> int:
        """Return how many articles are stored."""
        row = self._database.one("SELECT count(*) FROM article")
        return int(row[0]) if row else 0

    def find(self, source: str, addresses: Sequence[str]) -> int | None:
        """Return the article of a source that is known under one of these canonical URLs."""
        for url in addresses:
            row = self._database.one("SELECT article FROM address WHERE source = ? AND url = ?", (source, url))
            if row is not None:
                return int(row[0])
        return None

    def at(self, url: str) -> list[int]:
        """Return the articles of all sources that are known under a canonical URL."""
        rows = self._database.execute("SELECT article FROM address WHERE url = ? ORDER BY article", (url,))
        return [row[0] for row in rows.fetchall()]

    def on(self, source: str, day: str, ident: str) -> int | None:
        """Return the article of a source that was first published on a day (YYYY-MM-DD) and has this id."""
        row = self._database.one(
            "SELECT id FROM article WHERE source = ? AND day = ? AND ident = ?", (source, day, ident)
        )
        return row[0] if row else None

    def is_gone(self, article: int) -> bool:
        """Whether an article is withdrawn for good."""
        return is_gone(self._database, article)

    def is_that(self, article: int, title: str) -> bool:
        """Whether an article that is withdrawn for good had this title once; of its titles only digests are left."""
        row = self._database.one(
            "SELECT content FROM article JOIN withdrawal ON withdrawal.article = article.id WHERE id = ?", (article,)
        )
        return (
            row is not None
            and digest(title.encode("utf-8", "surrogatepass")) in json.loads(self._packer.unpack(row[0]))["titles"]
        )

    def get(self, article: int) -> Article:
        """Return an article by its row id."""
        row = self._database.one(f"SELECT {_ARTICLE} FROM article WHERE id = ?", (article,))
        if row is None:
            raise KeyError(article)
        return self._articles([row])[0]

    def due(self, source: str, now: datetime) -> list[Due]:
        """Return the articles of a source that are to be asked for again, the longest waiting first."""
        rows = self._database.execute(
            f"SELECT {_DUE} FROM article WHERE source = ? AND next_look <= ? ORDER BY next_look, id",
            (source, stamp(now)),
        )
        return [self._due(row) for row in rows.fetchall()]

    def state(self, article: int) -> Due:
        """Return what is known about asking for an article again."""
        row = self._database.one(f"SELECT {_DUE} FROM article WHERE id = ?", (article,))
        if row is None:
            raise KeyError(article)
        return self._due(row)

    @staticmethod
    def _due(row: Row) -> Due:
        validators = Validators(etag=row[6], last_modified=row[7])
        last = Look(page=row[5], validators=validators, setting=row[8], again=None)
        return Due(id=row[0], url=row[1], channel=row[2], published=moment(row[3]), looks=row[4], last=last)

    def changed_since(self, counter: int) -> Iterator[tuple[int, Article]]:
        """Yield the articles that changed after the change counter had this value, with row ids: oldest change first, or all by id."""
        if not counter:
            for first in range(1, self.last() + 1, _BATCH):
                yield from self.between(first, first + _BATCH - 1)
            return
        last = (counter + 1, 0)  # row ids begin at 1
        while True:
            rows = self._database.execute(
                f"SELECT changed, id, {_ARTICLE} FROM article WHERE (changed, id) > (?, ?) ORDER BY changed, id LIMIT {_BATCH}",
                last,
            ).fetchall()
            yield from zip((row[1] for row in rows), self._articles([row[2:] for row in rows]), strict=True)
            if not rows:
                return
            last = rows[-1][:2]

    def withdrawn_since(self, counter: int) -> set[bool]:
        """Return of those that do not stand and changed after the change counter had this value whether they went for good."""
        rows = self._database.execute(
            "SELECT DISTINCT withdrawal.article IS NOT NULL FROM article LEFT JOIN withdrawal ON withdrawal.article = article.id"
            " WHERE article.changed > ? AND withdrawn <> ''",
            (counter,),
        )
        return {bool(row[0]) for row in rows.fetchall()}

    def between(self, first: int, last: int) -> list[tuple[int, Article]]:
        """Return the articles whose row ids are at least ``first`` and at most ``last``, in that order."""
        rows = self._database.execute(
            f"SELECT id, {_ARTICLE} FROM article WHERE id BETWEEN ? AND ? ORDER BY id", (first, last)
        ).fetchall()
        return list(zip((row[0] for row in rows), self._articles([row[1:] for row in rows]), strict=True))

    def span(self) -> tuple[str, str]:
        """Return the first and the last month (YYYY-MM) in which articles were published that stand; "" where there are none."""
        found = [
            self._database.one(f"SELECT {which}(published) FROM article WHERE withdrawn = ''")
            for which in ("min", "max")
        ]  # one by one, each is a look at an end of an index
        first, last = ((row[0] or "")[:7] if row else "" for row in found)
        return first, last

    def last(self) -> int:
        """Return the row id of the article that was stored last, 0 where there is none."""
        row = self._database.one("SELECT max(id) FROM article")
        return int(row[0] or 0) if row else 0

    def all_channels(self) -> list[str]:
        """Return the names of all channels that have articles, by name."""
        names: list[str] = []
        last = ""
        while (row := self._database.one("SELECT min(channel) FROM listing WHERE channel > ?", (last,))) and row[0]:
            last = row[0]
            names.append(last)
        return names

    def linked(self, article: int) -> dict[str, Headline]:
        """Return, by canonical URL, the stored articles that an article links to, but itself and withdrawn ones.

        Where several sources have one, it is that of its own source, else the first that came.
        """
        rows = self._database.execute(
            f"SELECT link.url, {_JOINED} FROM article AS own JOIN link ON link.article = own.id"
            " JOIN address ON address.url = link.url JOIN article ON article.id = address.article"
            " WHERE own.id = ? AND article.id <> own.id AND article.withdrawn = ''"
            " ORDER BY link.url, article.source = own.source, article.id DESC",  # the last one counts
            (article,),
        )
        return {row[0]: _headline(row[1:]) for row in rows.fetchall()}

    def older(self, article: int) -> list[Headline]:
        """Return the articles of an article's own channel that come next after it, newest first; none after one that is withdrawn."""
        rows = self._database.execute(
            f"SELECT {_JOINED} FROM article AS own JOIN listing ON listing.channel = own.channel"
            " AND (listing.published, listing.article) < (own.published, own.id)"
            " JOIN article ON article.id = listing.article WHERE own.id = ? AND own.withdrawn = '' AND article.withdrawn = ''"
            " ORDER BY listing.published DESC, listing.article DESC LIMIT ?",
            (article, OLDER),
        )
        return [_headline(row) for row in rows.fetchall()]

    def labels(self, article: int) -> list[Label]:
        """Return an article's authors and tags, as far as others have them as well."""
        return self._shown.labels.shared(article)

    def all_labels(self) -> list[tuple[LabelKind, str]]:
        """Return kind and key of all authors and tags that several articles have."""
        return self._shown.labels.all()

    def labelled(self, kind: LabelKind, key: str, limit: int) -> tuple[str, list[Headline]]:
        """Return an author's or a tag's name, and the newest articles; no name where fewer than two have it."""
        rows = self._database.execute(
            f"SELECT label.name, {_SHOWN} FROM label JOIN article ON article.id = label.article {_PREVIEW}"
            " WHERE kind = ? AND key = ? ORDER BY label.published DESC, label.article DESC LIMIT ?",
            (kind, key, limit),
        ).fetchall()
        return (rows[0][0], self._headlines([row[1:] for row in rows])) if len(rows) > 1 else ("", [])

    def day(self, day: str) -> list[Headline]:
        """Return the articles of all channels that stand of a day (YYYY-MM-DD)."""
        rows = self._database.execute(
            f"SELECT {_SHOWN} FROM article {_PREVIEW} WHERE withdrawn = '' AND day = ? ORDER BY published DESC, source, ident",
            (day,),
        )
        return self._headlines(rows.fetchall())

    def days(self) -> list[str]:
        """Return all days (YYYY-MM-DD) that articles are of, newest first; of those that are withdrawn as well."""
        rows = self._database.execute("SELECT DISTINCT day FROM article ORDER BY day DESC")
        return [row[0] for row in rows.fetchall()]

    def around(self, day: str) -> tuple[str, str]:
        """Return the day before a day, and the one after, that articles are of; "" where there is none."""
        before = self._database.one("SELECT max(day) FROM article WHERE day < ?", (day,))
        after = self._database.one("SELECT min(day) FROM article WHERE day > ?", (day,))
        return (before and before[0]) or "", (after and after[0]) or ""

    def newest(self, channel: str, limit: int) -> list[Headline]:
        """Return the newest articles of a channel that stand."""
        return self._listed("listing.channel = ? AND withdrawn = ''", (channel,), limit)

    def month(self, channel: str | None, month: str, limit: int = -1) -> list[Headline]:
        """Return the newest articles of a month (YYYY-MM), of a channel or of all, withdrawn ones as well."""
        if channel is None:
            rows = self._database.execute(
                f"SELECT {_SHOWN} FROM article {_PREVIEW} WHERE day >= ? AND day < ?"
                " ORDER BY day DESC, published DESC, source, ident LIMIT ?",  # by day first, as an index has it
                (month, month + "~", limit),
            )
            return self._headlines(rows.fetchall())
        return self._listed(
            "listing.channel = ? AND listing.published >= ? AND listing.published < ?",
            (channel, month, month + "~"),
            limit,
        )

    def month_size(self, channel: str | None, month: str, before: str = "") -> int:
        """Return how many articles a channel has, or all have, of a month; with ``before``, of its days before that one (YYYY-MM-DD)."""
        of_all = "SELECT count(*) FROM article WHERE day >= ? AND day < ?"
        of_one = "SELECT count(*) FROM listing WHERE published >= ? AND published < ? AND channel = ?"
        between = (month, before or month + "~")
        row = (
            self._database.one(of_all, between) if channel is None else self._database.one(of_one, (*between, channel))
        )
        return row[0] if row else 0

    def months(self, channel: str) -> list[str]:
        """Return the months in which a channel has articles, newest first."""
        rows = self._database.execute(  # one look into an index for each
            "WITH RECURSIVE month (name) AS (SELECT '~' UNION ALL SELECT"
            " (SELECT substr(max(published), 1, 7) FROM listing WHERE channel = ? AND published < name) FROM month WHERE name <> '')"
            " SELECT name FROM month WHERE name <> '~'",
            (channel,),
        )
        return [row[0] for row in rows.fetchall()]

    def _listed(self, where: str, values: Sequence[object], limit: int = -1) -> list[Headline]:
        rows = self._database.execute(
            f"SELECT {_SHOWN} FROM listing"
            f" JOIN article ON article.id = listing.article {_PREVIEW} WHERE {where}"
            " ORDER BY listing.published DESC, article.source, article.ident LIMIT ?",
            (*values, limit),
        )
        return self._headlines(rows.fetchall())

    def latest(self, limit: int) -> list[Headline]:
        """Return the newest articles of all channels that stand."""
        rows = self._database.execute(
            f"SELECT {_SHOWN} FROM article {_PREVIEW} WHERE withdrawn = '' ORDER BY published DESC, source, ident LIMIT ?",
            (limit,),
        )
        return self._headlines(rows.fetchall())

    def headlines(self, addresses: Sequence[str]) -> list[Headline]:
        """Return the articles that stand under these canonical URLs, in this order."""
        found: dict[tuple[str, str, str], Row] = {}
        for url in addresses:
            row = self._database.one(
                f"SELECT {_SHOWN} FROM address JOIN article ON article.id = address.article {_PREVIEW}"
                " WHERE address.url = ? AND withdrawn = '' ORDER BY article.id",
                (url,),
            )
            if row is not None:
                found.setdefault((row[0], row[3], row[1]), row)
        return self._headlines(list(found.values()))

    def _headlines(self, rows: Sequence[Row]) -> list[Headline]:
        """Return what lists show, from rows of _SHOWN."""
        forms = varied(self._database, {row[9] for row in rows if row[9]})
        return [_headline(row, forms) for row in rows]

    def _articles(self, rows: Sequence[Row]) -> list[Article]:
        contents = [json.loads(self._packer.unpack(row[10])) for row in rows]
        forms = varied(self._database, {item["digest"] for content in contents for item in content["media"]})
        return [self._article(row, content, forms) for row, content in zip(rows, contents, strict=True)]

    def _article(self, row: Row, content: dict[str, Any], forms: Mapping[str, Forms]) -> Article:
        lead = content.get("lead")
        return Article(
            source=row[0], ident=row[1], title=row[2], published=moment(row[3]), language=row[4], direction=row[5],
            withdrawn=row[6], revision=row[7], url=row[8], channel=row[9],
            body=content["body"],
            subtitle=content.get("subtitle", ""),
            authors=tuple(content.get("authors", ())),
            updated=_moment(content.get("updated")),
            revised=_moment(content.get("revised")),
            lead=Picture(**lead) if lead else None,
            summary=content.get("summary", ""),
            tags=tuple(content.get("tags", ())),
            licence=content.get("licence", ""),
            source_title=content.get("source_title", ""),
            permission=content.get("permission", ""),
            notices=tuple(Notice(text=text, url=url, rotating=rotating) for text, url, rotating in content["notices"]),
            media=tuple(_medium(item, forms) for item in content["media"]),
        )  # fmt: skip


def _medium(item: dict[str, Any], forms: Mapping[str, Forms]) -> Media:
    tint, variants = forms.get(item["digest"], (None, ()))
    return Media(**item, tint=tint, variants=variants)


def _moment(text: str | None) -> datetime | None:
    return moment(text) if text else None


def _headline(row: Row, forms: Mapping[str, Forms] | None = None) -> Headline:
    summary, *picture = row[8:] or ("",)
    return Headline(
        source=row[0], ident=row[1], title=row[2], published=moment(row[3]), language=row[4], direction=row[5],
        withdrawn=bool(row[6]), revision=row[7],
        summary=summary or "",
        picture=_medium(dict(zip(_MEDIUM, picture, strict=True)), forms or {}) if picture and picture[1] else None,
    )  # fmt: skip


def _picture(picture: Picture | None) -> dict[str, str] | None:
    if picture is None:
        return None
    return {"src": picture.src, "alt": picture.alt, "caption": picture.caption, "credit": picture.credit}


def _content(draft: Draft, media: Sequence[Media], placing: Placing) -> dict[str, Any]:
    return {
        "source_title": placing.source_title,
        "permission": placing.permission,
        "subtitle": draft.subtitle,
        "authors": draft.authors,
        "updated": draft.updated and stamp(draft.updated),
        "lead": _picture(draft.lead),
        "summary": draft.summary,
        "tags": draft.tags,
        "licence": draft.licence,
        "body": draft.body,
        "media": [{name: getattr(one, name) for name in _MEDIUM} for one in media],
    }


def _seen(draft: Draft) -> str:
    """Return a digest of what a reader sees: another one makes a revision, new dates and tags alone do not."""
    shown = (
        draft.title,
        draft.subtitle,
        draft.authors,
        draft.body,
        _picture(draft.lead),
        draft.language,
        draft.licence,
    )
    return digest(json.dumps(shown, ensure_ascii=False).encode("utf-8", "surrogatepass"))
