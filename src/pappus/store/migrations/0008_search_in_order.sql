-- Blocks have their terms in order, in slices that follow it, and segments are known by the file that lists them. The site is built anew.
DROP TABLE search_segment;
DROP TABLE search_block;
CREATE TABLE search_block (
    edition TEXT NOT NULL,
    number  INTEGER NOT NULL, -- the article's id, divided by 64
    slice   INTEGER NOT NULL,
    body    BLOB NOT NULL, -- zstd, without a dictionary
    PRIMARY KEY (edition, slice, number) -- a segment is put together slice by slice
) WITHOUT ROWID;
