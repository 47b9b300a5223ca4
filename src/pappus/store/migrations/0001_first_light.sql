-- Pappus store, version 1.
-- Moments are TEXT in UTC, "2026-11-05T07:30:00Z", so that they sort as they read.
-- Bodies are BLOBs of zstd, with the dictionary whose id stands in the frame (0: none).

PRAGMA application_id = 0x50617070; -- "Papp"

-- What a channel's address answered last, to ask "has it changed?" with. Written only once all its leads are settled.
CREATE TABLE channel (
    name          TEXT PRIMARY KEY,
    etag          TEXT NOT NULL,
    last_modified TEXT NOT NULL,
    body_digest   TEXT NOT NULL, -- for servers that know no validators
    setting       TEXT NOT NULL, -- digest of the channel's configuration
    looked_at     TEXT NOT NULL
) WITHOUT ROWID;

-- robots.txt by origin, at most a day old when used (RFC 9309, section 2.4).
CREATE TABLE robots (
    origin     TEXT PRIMARY KEY,
    text       TEXT NOT NULL,
    fetched_at TEXT NOT NULL
) WITHOUT ROWID;

-- Everything that channels announced, and what became of it.
CREATE TABLE lead (
    channel     TEXT NOT NULL,
    url         TEXT NOT NULL, -- canonical
    fingerprint TEXT NOT NULL, -- of the announcement
    state       TEXT NOT NULL CHECK (state IN ('stored', 'filtered', 'failed')),
    reason      TEXT NOT NULL DEFAULT '',
    attempts    INTEGER NOT NULL DEFAULT 0,
    next_try    TEXT,          -- of a failed one; NULL: never again unless announced anew
    announced   TEXT,          -- JSON of a failed one's lead, to try again without the channel
    PRIMARY KEY (channel, url)
) WITHOUT ROWID;
CREATE INDEX lead_due ON lead (channel, next_try) WHERE state = 'failed';

-- Articles. What indexes need stands in columns; the rest is in content (JSON).
CREATE TABLE article (
    id            INTEGER PRIMARY KEY,
    source        TEXT NOT NULL,
    ident         TEXT NOT NULL,    -- in paths; unique in its source and day
    day           TEXT NOT NULL,    -- first ten characters of published
    url           TEXT NOT NULL,    -- canonical
    channel       TEXT NOT NULL,    -- the first that announced it
    title         TEXT NOT NULL,
    published     TEXT NOT NULL,    -- first publication, never changed
    language      TEXT NOT NULL,
    direction     TEXT NOT NULL CHECK (direction IN ('ltr', 'rtl')),
    withdrawn     TEXT NOT NULL DEFAULT '', -- why
    revision      INTEGER NOT NULL DEFAULT 1,
    digest        TEXT NOT NULL,    -- of what a reader sees; another one makes a revision
    changed       INTEGER NOT NULL, -- value of the change counter when this row last changed what is shown
    content       BLOB NOT NULL,
    page          TEXT NOT NULL DEFAULT '', -- the address that answered last, with these validators
    etag          TEXT NOT NULL DEFAULT '',
    last_modified TEXT NOT NULL DEFAULT '',
    setting       TEXT NOT NULL DEFAULT '', -- digest of how its source was read
    looks         INTEGER NOT NULL DEFAULT 0,
    next_look     TEXT,             -- when to ask for it again; NULL: no more
    UNIQUE (source, url),
    UNIQUE (source, day, ident)
);
CREATE INDEX article_changed ON article (changed);
CREATE INDEX article_due ON article (source, next_look) WHERE next_look IS NOT NULL;
CREATE INDEX article_newest ON article (published DESC, source, ident) WHERE withdrawn = '';

-- Every address under which an article was announced or found.
CREATE TABLE address (
    source  TEXT NOT NULL,
    url     TEXT NOT NULL,
    article INTEGER NOT NULL REFERENCES article,
    PRIMARY KEY (url, source)
) WITHOUT ROWID;

-- Former revisions, whole: what a publisher changes is not lost.
CREATE TABLE revision (
    article INTEGER NOT NULL REFERENCES article,
    number  INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (article, number)
) WITHOUT ROWID;

-- Which article stands in which channels. published repeats the article's, for the order.
CREATE TABLE listing (
    channel   TEXT NOT NULL,
    published TEXT NOT NULL,
    article   INTEGER NOT NULL REFERENCES article,
    PRIMARY KEY (channel, published, article)
) WITHOUT ROWID;
CREATE INDEX listing_article ON listing (article);

-- Which canonical addresses an article's body links to: when one of them becomes an article, the page changes.
CREATE TABLE link (
    article INTEGER NOT NULL REFERENCES article,
    url     TEXT NOT NULL,
    PRIMARY KEY (article, url)
) WITHOUT ROWID;
CREATE INDEX link_url ON link (url);

-- Stored files, by content; the bytes are in media/<first two>/<digest>, durable before the row is there.
CREATE TABLE media (
    digest     TEXT PRIMARY KEY,
    media_type TEXT NOT NULL,
    size       INTEGER NOT NULL, -- bytes
    width      INTEGER NOT NULL, -- pixels
    height     INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE media_origin (
    url           TEXT PRIMARY KEY,
    digest        TEXT NOT NULL REFERENCES media, -- of what was last there
    etag          TEXT NOT NULL,
    last_modified TEXT NOT NULL
) WITHOUT ROWID;

-- zstd dictionaries; the newest one is used for writing.
CREATE TABLE dictionary (
    id   INTEGER PRIMARY KEY,
    data BLOB NOT NULL
);

-- Editions: how far each is built, and its complete tree.
CREATE TABLE edition (
    name    TEXT PRIMARY KEY,
    chrome  TEXT NOT NULL,    -- digest of what all pages depend on
    frame   TEXT NOT NULL,    -- digest of what all indexes depend on
    seen    INTEGER NOT NULL, -- change counter up to which articles are in it
    number  INTEGER NOT NULL, -- of its version
    chain   TEXT NOT NULL     -- digest of its history
) WITHOUT ROWID;
CREATE TABLE artifact (
    edition    TEXT NOT NULL,
    path       TEXT NOT NULL,
    digest     TEXT NOT NULL,
    size       INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    body       BLOB, -- NULL: stored media, by digest
    PRIMARY KEY (edition, path)
);
-- Which artifacts an article needs; indexes and the like belong to none.
CREATE TABLE need (
    edition TEXT NOT NULL,
    article INTEGER NOT NULL REFERENCES article,
    path    TEXT NOT NULL,
    PRIMARY KEY (edition, article, path)
) WITHOUT ROWID;
CREATE INDEX need_path ON need (edition, path);
-- The history, for good; and what each version changed: the plan of a mirror that holds an earlier one.
CREATE TABLE version (
    edition TEXT NOT NULL,
    number  INTEGER NOT NULL,
    chain   TEXT NOT NULL,
    PRIMARY KEY (edition, number)
) WITHOUT ROWID;
CREATE TABLE change (
    edition TEXT NOT NULL,
    number  INTEGER NOT NULL,
    path    TEXT NOT NULL,
    added   INTEGER NOT NULL, -- 1: nothing stood at that path before
    PRIMARY KEY (edition, number, path)
) WITHOUT ROWID;

-- What was published where.
CREATE TABLE receipt (
    id        INTEGER PRIMARY KEY,
    mirror    TEXT NOT NULL,
    edition   TEXT NOT NULL,
    number    INTEGER NOT NULL,
    puts      INTEGER NOT NULL,
    deletions INTEGER NOT NULL,
    size      INTEGER NOT NULL, -- bytes
    token     TEXT NOT NULL,
    at        TEXT NOT NULL
);
CREATE INDEX receipt_mirror ON receipt (mirror, id);

-- Reports: a run, and what there is to say about it.
CREATE TABLE run (
    id      INTEGER PRIMARY KEY,
    verb    TEXT NOT NULL,
    started TEXT NOT NULL,
    ended   TEXT,                      -- NULL: running, or killed
    summary TEXT NOT NULL DEFAULT '{}' -- JSON: counts
);
CREATE TABLE event (
    run     INTEGER NOT NULL REFERENCES run,
    number  INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    place   TEXT NOT NULL, -- source, channel or mirror
    subject TEXT NOT NULL,
    reason  TEXT NOT NULL,
    PRIMARY KEY (run, number)
) WITHOUT ROWID;
