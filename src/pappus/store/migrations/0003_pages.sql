-- Pappus store, version 3: pages of every edition are counted, whatever they end in. Nothing else stands in pages/.

DROP TRIGGER artifact_added;
CREATE TRIGGER artifact_added AFTER INSERT ON artifact BEGIN
    INSERT INTO tally VALUES (new.edition, 1, new.path GLOB 'pages/*', new.size) ON CONFLICT DO UPDATE SET
        files = files + 1, pages = pages + excluded.pages, size = size + excluded.size;
END;
DROP TRIGGER artifact_deleted;
CREATE TRIGGER artifact_deleted AFTER DELETE ON artifact BEGIN
    UPDATE tally SET files = files - 1, pages = pages - (old.path GLOB 'pages/*'), size = size - old.size
        WHERE edition = old.edition;
END;
