-- Pappus store, version 7: media of a day in folders.

-- Which articles show a medium, for an edition: its digest stands behind "media/YYYY/MM/DD/", or behind its own first two digits there, and
-- that of what it was made of in the name of a variant: paths.py in render.
DROP INDEX need_media;
CREATE INDEX need_media ON need (substr(path, 18 + 3 * (substr(path, 20, 1) = '/'), 64)) WHERE path GLOB 'media/*';
