-- The index of words, for the search of an edition: what stands of it at readers is put together from blocks of 64 articles, by their ids.
-- Bodies are BLOBs of zstd, without a dictionary.
CREATE TABLE search_block (
    edition TEXT NOT NULL,
    number  INTEGER NOT NULL, -- the article's id, divided by 64
    slice   INTEGER NOT NULL,
    size    INTEGER NOT NULL, -- bytes, unpacked
    body    BLOB NOT NULL,
    PRIMARY KEY (edition, slice, number) -- a segment is put together slice by slice
) WITHOUT ROWID;
-- The segments that the edition has now, each from one block to another.
CREATE TABLE search_segment (
    edition TEXT NOT NULL,
    first   INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    bits    INTEGER NOT NULL, -- of the number of its shards
    PRIMARY KEY (edition, first, last)
) WITHOUT ROWID;
