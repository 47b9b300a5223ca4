-- Pappus store, version 2: signed releases, files that stay for a while, withdrawals for good.

-- The artifacts once more, with two columns before the bodies, which are long.
CREATE TABLE artifact_2 (
    edition    TEXT NOT NULL,
    path       TEXT NOT NULL,
    digest     TEXT NOT NULL,
    size       INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    bin        INTEGER NOT NULL, -- the first 16 bits of the SHA-256 of its path: where signed metadata lists it
    leaving    TEXT,             -- since when nothing needs it; it stays for a while, for readers who have the former release before them
    body       BLOB,             -- NULL: stored media, by digest
    month      TEXT NOT NULL GENERATED ALWAYS AS ( -- YYYY-MM of the article that it belongs to, '' for none: model.py, month_of
        CASE
            WHEN path GLOB 'media/[0-9][0-9][0-9][0-9]/[0-9][0-9]/*' THEN substr(path, 7, 4) || '-' || substr(path, 12, 2)
            WHEN path GLOB 'pages/*/[0-9][0-9][0-9][0-9]/[0-9][0-9]/*'
                THEN substr(path, 7 + instr(substr(path, 7), '/'), 4) || '-' || substr(path, 12 + instr(substr(path, 7), '/'), 2)
            ELSE ''
        END
    ) VIRTUAL,
    PRIMARY KEY (edition, path)
);
INSERT INTO artifact_2 (edition, path, digest, size, media_type, bin, body)
    SELECT edition, path, digest, size, media_type, bin_of(path), body FROM artifact; -- bin_of: layout.py
DROP TABLE artifact;
ALTER TABLE artifact_2 RENAME TO artifact;
CREATE INDEX artifact_bin ON artifact (edition, bin, path, size, digest); -- holds all that is signed
CREATE INDEX artifact_leaving ON artifact (edition, leaving) WHERE leaving IS NOT NULL;
-- How much each month of an edition takes, so that nothing has to be counted.
CREATE TABLE tally (
    edition TEXT NOT NULL,
    month   TEXT NOT NULL,
    files   INTEGER NOT NULL,
    pages   INTEGER NOT NULL, -- of articles: each has a QR image at every mirror
    size    INTEGER NOT NULL, -- bytes
    PRIMARY KEY (edition, month)
) WITHOUT ROWID;
INSERT INTO tally
    SELECT edition, month, count(*), sum(path GLOB 'pages/*'), sum(size) FROM artifact GROUP BY edition, month;
CREATE TRIGGER artifact_added AFTER INSERT ON artifact BEGIN
    INSERT INTO tally VALUES (new.edition, new.month, 1, new.path GLOB 'pages/*', new.size) ON CONFLICT DO UPDATE SET
        files = files + 1, pages = pages + excluded.pages, size = size + excluded.size;
END;
CREATE TRIGGER artifact_changed AFTER UPDATE OF size ON artifact WHEN old.size <> new.size BEGIN
    UPDATE tally SET size = size + new.size - old.size WHERE edition = new.edition AND month = new.month;
END;
CREATE TRIGGER artifact_deleted AFTER DELETE ON artifact BEGIN
    UPDATE tally SET files = files - 1, pages = pages - (old.path GLOB 'pages/*'), size = size - old.size
        WHERE edition = old.edition AND month = old.month;
END;

-- Signed metadata: a release is what the timestamp role of that version vouches for.
CREATE TABLE release (
    edition TEXT NOT NULL,
    number  INTEGER NOT NULL, -- version of its timestamp
    built   INTEGER NOT NULL, -- the edition's version that it signs
    swept   INTEGER NOT NULL, -- files that were done away with by this release or an earlier one are no longer kept at mirrors
    at      TEXT NOT NULL,
    PRIMARY KEY (edition, number)
) WITHOUT ROWID;
CREATE TABLE signed (
    edition TEXT NOT NULL,
    path    TEXT NOT NULL,    -- at mirrors
    since   INTEGER NOT NULL, -- the release that brought it
    until   INTEGER,          -- the release that did away with it; NULL: it is current
    retired INTEGER NOT NULL DEFAULT 0, -- 1: nothing took its place, but its role has to be remembered for ever
    role    TEXT NOT NULL,
    version INTEGER NOT NULL,
    size    INTEGER NOT NULL, -- bytes
    digest  TEXT NOT NULL,
    expires TEXT NOT NULL,
    keyid   TEXT NOT NULL,
    body    BLOB,             -- NULL: mirrors keep it no longer
    PRIMARY KEY (edition, path, since)
);
CREATE INDEX signed_current ON signed (edition, role, version, size, digest, expires, keyid) -- holds all that is asked of it
    WHERE until IS NULL OR retired;
CREATE INDEX signed_since ON signed (edition, since);
CREATE INDEX signed_until ON signed (edition, until) WHERE until IS NOT NULL;

-- Articles withdrawn for good, in order. Of each the store keeps an empty row, and its addresses, to know it again by.
CREATE TABLE withdrawal (
    number   INTEGER PRIMARY KEY,
    article  INTEGER NOT NULL UNIQUE REFERENCES article,
    at       TEXT NOT NULL,
    changed  INTEGER NOT NULL, -- value of the change counter: an edition that has seen it holds the notice
    sampled  INTEGER NOT NULL, -- 1: a dictionary may have been trained on it
    scrubbed INTEGER NOT NULL DEFAULT 0, -- 1: no file of the store holds a piece of it any more
    proven   INTEGER NOT NULL DEFAULT 0  -- 1: nor does any mirror, and the record says so
);
CREATE INDEX withdrawal_open ON withdrawal (number) WHERE proven = 0;
-- Media files that go with them, until they are deleted.
CREATE TABLE doomed (digest TEXT PRIMARY KEY) WITHOUT ROWID;

-- Mirrors that did not answer, and until when a run leaves them alone.
CREATE TABLE silence (
    mirror   TEXT PRIMARY KEY,
    failures INTEGER NOT NULL, -- in a row
    until    TEXT NOT NULL
) WITHOUT ROWID;
