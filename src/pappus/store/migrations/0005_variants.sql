-- Pappus store, version 5: variants of stored images, made in the background.

ALTER TABLE media ADD COLUMN varied INTEGER NOT NULL DEFAULT 0; -- 1: what variants it is to have are there
ALTER TABLE media ADD COLUMN failures INTEGER NOT NULL DEFAULT 0; -- of attempts to make them
ALTER TABLE media ADD COLUMN tint INTEGER; -- mean colour, two bits each of red, green and blue; NULL: not known, or it is transparent
CREATE INDEX media_waiting ON media (failures, digest) WHERE varied = 0;
-- Files like media, written after the row: those of media that are not varied yet may be missing.
CREATE TABLE variant (
    media      TEXT NOT NULL REFERENCES media,
    digest     TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size       INTEGER NOT NULL, -- bytes
    width      INTEGER NOT NULL, -- pixels
    height     INTEGER NOT NULL,
    PRIMARY KEY (media, digest)
) WITHOUT ROWID;
CREATE INDEX variant_digest ON variant (digest);
-- Which articles show a medium, for an edition: its digest stands behind "media/YYYY/MM/DD/".
CREATE INDEX need_media ON need (substr(path, 18, 64)) WHERE path GLOB 'media/*';
