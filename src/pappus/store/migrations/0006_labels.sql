-- Pappus store, version 6: what lists show beside titles, and who wrote what about which topics.

-- What lists show of an article beside its title; of one that is withdrawn nothing.
CREATE TABLE preview (
    article INTEGER PRIMARY KEY REFERENCES article,
    summary TEXT NOT NULL,
    picture TEXT NOT NULL -- digest of its lead image, '' for none
);
INSERT INTO preview (article, summary, picture)
    SELECT id, coalesce(json_extract(packed, '$.summary'), ''), substr(coalesce(json_extract(packed, '$.lead.src'), ''), 7) -- media:<digest>
    FROM (SELECT id, unpacked(content) AS packed FROM article WHERE withdrawn = '');

-- The authors and tags of articles that stand. Names that differ in case alone are one.
CREATE TABLE label (
    kind      TEXT NOT NULL CHECK (kind IN ('author', 'tag')),
    key       TEXT NOT NULL, -- digest of the name, in paths: layout.py, label_key
    published TEXT NOT NULL, -- repeats the article's, for the order
    article   INTEGER NOT NULL REFERENCES article,
    name      TEXT NOT NULL, -- as this article has it
    PRIMARY KEY (kind, key, published, article)
) WITHOUT ROWID;
CREATE INDEX label_article ON label (article);
INSERT OR IGNORE INTO label (kind, key, published, article, name)
    SELECT labels.kind, label_key(named.value), standing.published, standing.id, named.value
    FROM (SELECT id, published, unpacked(content) AS packed FROM article WHERE withdrawn = '') AS standing
    JOIN (SELECT 'author' AS kind, '$.authors' AS place UNION ALL SELECT 'tag', '$.tags') AS labels
    JOIN json_each(standing.packed, labels.place) AS named;

-- The list of a day, and those beside it.
CREATE INDEX article_day ON article (day);
