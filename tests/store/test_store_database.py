"""The file: opened safely, one writer, transactions whole, bodies compressed."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime

import pytest
import zstandard
from store_samples import NOON, build, page, put, undone

from pappus.errors import StoreError
from pappus.layout import bin_of
from pappus.store import copy_store, moment, open_store, stamp
from pappus.store.database import Packer, _migrations


def one_line(error):
    text = str(error.value)
    assert "\n" not in text
    return text


def test_a_new_store_has_the_newest_schema_and_says_whose_it_is(store):
    assert store.database.one("PRAGMA user_version") == (len(_migrations()),)
    assert store.database.one("PRAGMA application_id") == (0x50617070,)
    assert store.database.one("PRAGMA integrity_check") == ("ok",)
    assert store.database.one("PRAGMA foreign_keys") == (1,)


def test_what_is_acknowledged_is_durable(store):
    assert store.database.one("PRAGMA journal_mode") == ("wal",)
    assert store.database.one("PRAGMA synchronous") == (2,)  # FULL


def test_opening_again_changes_nothing(tmp_path):
    with open_store(tmp_path) as store:
        put(store)
    before = (tmp_path / "pappus.db").read_bytes()
    with open_store(tmp_path):
        pass
    assert (tmp_path / "pappus.db").read_bytes() == before


@pytest.mark.parametrize("write", [pytest.param(True, id="writer"), pytest.param(False, id="reader")])
@pytest.mark.parametrize(
    "script",
    [
        pytest.param("CREATE TABLE mine (x)", id="without-a-version"),
        pytest.param("CREATE TABLE mine (x); PRAGMA user_version = 1", id="with-a-version"),
        pytest.param("CREATE TABLE mine (x); PRAGMA user_version = 1; PRAGMA application_id = 7", id="of-another-id"),
    ],
)
def test_the_database_of_another_program_is_refused_and_left_alone(tmp_path, script, write):
    connection = sqlite3.connect(tmp_path / "pappus.db")
    connection.executescript(script)
    connection.close()
    before = (tmp_path / "pappus.db").read_bytes()
    with pytest.raises(StoreError) as error, open_store(tmp_path, write=write):
        pass
    assert "another program" in one_line(error)
    assert (tmp_path / "pappus.db").read_bytes() == before


@pytest.mark.parametrize("write", [pytest.param(True, id="writer"), pytest.param(False, id="reader")])
def test_a_newer_schema_is_refused(tmp_path, write):
    with open_store(tmp_path) as store:
        store.database.execute("PRAGMA user_version = 999")
    with pytest.raises(StoreError) as error, open_store(tmp_path, write=write):
        pass
    assert "newer Pappus (schema 999)" in one_line(error)


def test_a_reader_does_not_take_an_older_schema_for_its_own(tmp_path):
    with open_store(tmp_path) as store:
        store.database.execute("PRAGMA user_version = 0")
    with pytest.raises(StoreError, match="older Pappus"), open_store(tmp_path, write=False):
        pass


@pytest.mark.parametrize("write", [pytest.param(True, id="writer"), pytest.param(False, id="reader")])
def test_a_file_that_is_no_database_is_refused_in_one_line(tmp_path, write):
    (tmp_path / "pappus.db").write_bytes(b"no database at all " * 500)
    with pytest.raises(StoreError) as error, open_store(tmp_path, write=write):
        pass
    assert "not a usable store" in one_line(error)


def test_a_reader_of_no_store_is_told_what_to_do(tmp_path):
    with pytest.raises(StoreError, match="no store yet") as error, open_store(tmp_path, write=False):
        pass
    assert "pappus gather" in one_line(error)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told_in_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as error, open_store(tmp_path / "file" / "state"):
        pass
    assert "no store can be made" in one_line(error)


def test_a_second_writer_is_refused_while_the_first_is_at_work(tmp_path):
    script = (
        f"from pathlib import Path\nfrom pappus.store import open_store\nwith open_store(Path({str(tmp_path)!r})): pass"
    )
    command = [sys.executable, "-c", script]
    with open_store(tmp_path):
        second = subprocess.run(command, capture_output=True, text=True, check=False)
    third = subprocess.run(command, capture_output=True, text=True, check=False)
    said = f"another pappus (process {os.getpid()}) is writing to this store (wait until it is done, or stop it)"
    assert said in second.stderr.splitlines()[-1]
    assert third.returncode == 0, third.stderr


def test_a_reader_sees_what_was_committed_while_a_writer_is_at_work(tmp_path):
    with open_store(tmp_path) as writer:
        put(writer, "one")
        with open_store(tmp_path, write=False) as reader, writer.database.transaction():
            put(writer, "two")
            assert reader.articles.count() == 1
        with open_store(tmp_path, write=False) as reader:
            assert reader.articles.count() == 2


def test_a_reader_cannot_write(tmp_path):
    with open_store(tmp_path):
        pass
    with pytest.raises(StoreError, match="readonly"), open_store(tmp_path, write=False) as reader:
        put(reader)


def test_a_reader_of_another_thread_may_close_its_connection(tmp_path):
    with open_store(tmp_path) as store:
        put(store)
        counts = []

        def look():
            with open_store(tmp_path, write=False) as reader:
                counts.append(reader.articles.count())

        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert counts == [1]


def test_a_transaction_happens_whole_or_not_at_all(store):
    with undone(store):
        put(store, "one")
        with store.database.transaction():
            put(store, "two")
    assert store.articles.count() == 0
    put(store, "three")
    assert store.articles.count() == 1


def test_an_inner_failure_undoes_the_outer_transaction_too(store):
    def fail():
        with store.database.transaction():
            put(store, "one")
            with store.database.transaction():
                raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert store.articles.count() == 0


def test_where_not_even_the_lock_can_be_written_it_is_told_in_one_line(tmp_path):
    script = (
        f"import resource\nfrom pathlib import Path\nfrom pappus.store import open_store\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\nwith open_store(Path({str(tmp_path)!r})): pass"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1] == f"pappus.errors.StoreError: {tmp_path}: cannot be written to: File too large"


def test_a_full_disk_is_told_in_one_line_and_undoes_the_transaction(tmp_path):
    def fill():
        with open_store(tmp_path) as store:
            put(store, "one")
            pages = store.database.one("PRAGMA page_count")[0]
            store.database.execute(f"PRAGMA max_page_count = {pages + 2}")
            with store.database.transaction():
                for number in range(100):
                    put(store, f"many-{number}", body="".join(f"<p>{number}-{n}</p>" for n in range(300)))

    with pytest.raises(StoreError) as error:
        fill()
    assert "full" in one_line(error)
    with open_store(tmp_path) as store:
        assert store.articles.count() == 1
        assert store.database.one("PRAGMA integrity_check") == ("ok",)


@pytest.mark.parametrize(
    ("statement", "values", "bug"),
    [
        pytest.param("INSERT INTO address VALUES ('s', 'u', 99)", (), sqlite3.IntegrityError, id="constraint"),
        pytest.param("SELECT nothing FROM article", (), sqlite3.OperationalError, id="no-such-column"),
        pytest.param("SELEKT", (), sqlite3.OperationalError, id="syntax"),
        pytest.param("SELECT 1", (1,), sqlite3.ProgrammingError, id="too-many-values"),
        pytest.param(
            "INSERT INTO run (id, verb, started) VALUES ('x', '', '')", (), sqlite3.IntegrityError, id="mismatch"
        ),
    ],
)
def test_a_wrong_statement_stays_a_bug(tmp_path, statement, values, bug):
    with pytest.raises(bug), open_store(tmp_path) as store:
        store.database.execute(statement, values)


def test_a_connection_that_is_used_by_another_thread_is_a_bug(store):
    found = []

    def look():
        try:
            store.articles.count()
        except sqlite3.ProgrammingError as error:
            found.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert len(found) == 1


def test_a_writer_that_is_killed_leaves_the_last_transaction(tmp_path):
    script = f"""
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {str(os.path.dirname(__file__))!r})
from store_samples import put
from pappus.store import open_store
with open_store(Path({str(tmp_path)!r})) as store:
    put(store, "kept")
    with store.database.transaction():
        put(store, "lost")
        os.kill(os.getpid(), signal.SIGKILL)
"""  # noqa: PTH120
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -9
    with open_store(tmp_path) as store:
        assert [article.title for _, article in store.articles.changed_since(0)] == ["Kept"]


def test_a_copy_is_the_store_at_one_moment_and_leaves_nothing_behind(tmp_path):
    source, target = tmp_path / "state", tmp_path / "copy"
    target.mkdir()
    copy_store(source, target)
    assert list(target.iterdir()) == []
    with open_store(source) as store:
        put(store, "one")
        copy_store(source, target)
        put(store, "two")
    before = {path.name: path.read_bytes() for path in source.iterdir()}
    with open_store(target) as copied:
        assert copied.articles.count() == 1
    copy_store(source, target)
    assert {path.name: path.read_bytes() for path in source.iterdir()} == before


@pytest.mark.parametrize("year", [1, 999, 1600, 2026, 9999])
def test_moments_sort_as_they_read(year):
    then = datetime(year, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
    assert len(stamp(then)) == 20
    assert moment(stamp(then)) == then.replace(microsecond=0)


# Compression


@pytest.fixture
def soon_trained(monkeypatch):
    monkeypatch.setattr(Packer, "SAMPLES", 20)


def prose(number):
    return "".join(f"<p>The harbour office said on day {number} that pier {n} is open.</p>" for n in range(40))


def dictionaries(store):
    return store.database.one("SELECT count(*) FROM dictionary")[0]


def test_a_dictionary_is_trained_once_there_is_enough_to_learn_from(soon_trained, tmp_path):
    with open_store(tmp_path) as store:
        numbers = []
        for number in range(20):
            assert dictionaries(store) == 0
            numbers.append(put(store, f"a{number}", body=prose(number))[0])
        numbers += [put(store, f"a{number}", body=prose(number))[0] for number in range(20, 30)]
        assert dictionaries(store) == 1
        build(store, page("README.md", prose(1)))
        sizes = [row[0] for row in store.database.execute("SELECT length(content) FROM article ORDER BY id").fetchall()]
        assert max(sizes[20:]) < min(sizes[:20])
    with open_store(tmp_path, write=False) as store:
        assert [store.articles.get(article).body for article in numbers] == [prose(n) for n in range(30)]
        assert store.editions.body("markdown", "README.md") == prose(1).encode()


def test_a_dictionary_whose_transaction_is_undone_is_not_used(soon_trained, store):
    for number in range(20):
        put(store, f"a{number}", body=prose(number))
    with undone(store):
        put(store, "undone", body=prose(99))
        assert dictionaries(store) == 1
    assert dictionaries(store) == 0
    build(store, page("README.md", "kept"))
    assert store.editions.body("markdown", "README.md") == b"kept"
    kept, _ = put(store, "kept", body=prose(98))
    assert store.articles.get(kept).body == prose(98)


def test_bodies_from_which_nothing_can_be_learnt_are_stored_all_the_same(monkeypatch, store):
    monkeypatch.setattr(Packer, "SAMPLES", 2)
    for number in range(4):
        article, _ = put(store, f"a{number}", body="")
    assert store.articles.get(article).title == "A3"


def test_learning_that_failed_is_not_tried_again(monkeypatch, store):
    tries = []

    def fail(*_):
        tries.append(1)
        raise zstandard.ZstdError

    monkeypatch.setattr(Packer, "SAMPLES", 2)
    monkeypatch.setattr(zstandard, "train_dictionary", fail)
    for number in range(6):
        put(store, f"a{number}", body=prose(number))
    assert tries == [1]


def test_a_damaged_body_is_told_in_one_line(store):
    article, _ = put(store, now=NOON)
    store.database.execute("UPDATE article SET content = x'28b52ffd2005ff' WHERE id = ?", (article,))
    with pytest.raises(StoreError, match="damaged"):
        store.articles.get(article)


def test_a_store_of_the_first_version_is_brought_up_to_date(tmp_path):
    connection = sqlite3.connect(tmp_path / "pappus.db")
    connection.executescript(_migrations()[0] + "PRAGMA user_version = 1;")
    rows = [
        ("README.md", 4, None),
        ("pages/gazette/2026/11/05/ferry.md", 5, b"body"),
        ("media/2026/11/05/a.png", 6, None),
    ]
    connection.executemany(
        "INSERT INTO artifact (edition, path, digest, size, media_type, body) VALUES ('markdown', ?, 'd', ?, 't', ?)",
        rows,
    )
    connection.commit()
    connection.close()
    with open_store(tmp_path) as store:
        assert store.database.one("PRAGMA user_version") == (len(_migrations()),)
        assert store.editions.size("markdown") == (3, 15)
        assert {(one.month, one.files, one.pages, one.size) for one in store.editions.tallies("markdown")} == {
            ("", 1, 0, 4),
            ("2026-11", 2, 1, 11),
        }
        found = {
            entry.path
            for number in {bin_of(path) for path, _, _ in rows}
            for entry in store.editions.binned("markdown", number, number + 1)
        }
        assert found == {path for path, _, _ in rows}
        assert store.database.one("SELECT body FROM artifact WHERE size = 5") == (b"body",)
