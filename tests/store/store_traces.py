"""Looks for what should be gone in every byte of a folder, unpacked as well."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import zstandard


def traces(folder, needles, frames=()):
    """Return where needles are, or pieces of compressed bodies: (file or table, needle)."""
    wanted = [needle.encode() if isinstance(needle, str) else needle for needle in needles]
    pieces = [frame[at : at + 24] for frame in frames for at in range(16, len(frame) - 24, 48)]
    found = []
    for path in sorted(folder.rglob("*")):
        found += [(path.name, needle) for needle in wanted if needle in path.name.encode()]
        if path.is_file():
            data = path.read_bytes()
            found += [(path.name, needle) for needle in (*wanted, *pieces) if needle in data]
    for path in folder.rglob("*.db"):
        found += [(place, needle) for place, value in values(path) for needle in wanted if needle in value]
    return found


def values(path):
    """Yield every value of a database, unpacked where it is packed."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        dictionaries = {0: None} | {
            ident: zstandard.ZstdCompressionDict(data)
            for ident, data in database.execute("SELECT id, data FROM dictionary")
        }
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in database.execute(f"SELECT * FROM {table}"):
                for value in row:
                    if isinstance(value, str):
                        yield table, value.encode("utf-8", "surrogatepass")
                    elif isinstance(value, bytes):
                        yield table, value
                        if value.startswith(zstandard.MAGIC_NUMBER.to_bytes(4, "little")):
                            ident = zstandard.get_frame_parameters(value).dict_id
                            yield table, zstandard.ZstdDecompressor(dict_data=dictionaries[ident]).decompress(value)


def frames(database, article):
    """Return the packed bodies of an article, former ones too, and of its page."""
    rows = database.execute(
        "SELECT content FROM article WHERE id = ?1 UNION ALL SELECT content FROM revision WHERE article = ?1"
        " UNION ALL SELECT body FROM artifact JOIN need USING (edition, path) WHERE need.article = ?1 AND body NOT NULL",
        (article,),
    )
    return [row[0] for row in rows.fetchall()]
