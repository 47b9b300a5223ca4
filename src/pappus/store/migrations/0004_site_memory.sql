-- Pappus store, version 4: the memory of a source.

-- What an article's pages showed as its text and pictures, in marks of 8 bytes, which are digests. Of the newest articles of a source
-- all of it, to tell what repeats; of older ones no more than what was known to repeat when they were read, so that they are read alike.
CREATE TABLE trace (
    article  INTEGER PRIMARY KEY REFERENCES article,
    source   TEXT NOT NULL,
    channel  TEXT NOT NULL,
    turn     INTEGER,       -- of its channel, in which it was read first; NULL: that turn is over, and it counts
    shown    BLOB NOT NULL, -- empty: it is old
    repeated BLOB NOT NULL
);
CREATE INDEX trace_newest ON trace (source, article) WHERE turn IS NULL AND shown <> x'';
CREATE INDEX trace_waiting ON trace (source, channel, turn) WHERE turn IS NOT NULL;
