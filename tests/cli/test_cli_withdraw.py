"""pappus withdraw: what it asks, what it prints, how it ends."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time

import pytest

from pappus.store import open_store

REASON = "--reason=By order of a court"


@pytest.fixture
def page(newsroom):
    with open_store(newsroom / "state", write=False) as store:
        ((_, one), *_) = store.articles.changed_since(0)
    return f"pages/{one.source}/{one.published:%Y/%m/%d}/{one.ident}.md", one


def test_a_dry_run_lists_what_would_go_and_changes_nothing(pappus, newsroom, page, photograph):
    path, article = page
    before = photograph(newsroom)
    code, out, err = pappus("withdraw", path, REASON, "--dry-run")
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == f"withdraw  {path}: {article.title}"
    assert f"known as  {article.url}" in out
    assert f"change    markdown: {path}" in out
    assert out.count("forget    ") == 2
    assert "dry run: nothing was changed" in out
    after = photograph(newsroom)
    assert {name: after[name] for name in before} == before
    assert not (newsroom / "withdrawals").exists()


def test_a_dry_run_for_programs(pappus, page):
    path, article = page
    code, out, _ = pappus("withdraw", article.url, REASON, "--dry-run", "--json")
    told = json.loads(out)
    assert (code, told["page"], told["title"], told["withdrawn"]) == (0, path, article.title, False)
    assert [one["path"] for one in told["artifacts"] if one["path"].startswith("pages/")] == [path]


def test_it_is_done_recorded_and_proven(pappus, newsroom, page):
    path, article = page
    code, out, err = pappus("withdraw", path, REASON, "--requested-by", "The harbour", "--yes")
    assert (code, err) == (0, ""), out
    (record,) = (newsroom / "withdrawals").glob("*.json")
    assert f"recorded in {record}" in out
    assert out.count("\nproven ") == 2
    assert "Reason: By order of a court" in (newsroom / "mirrors/folder" / path).read_text(encoding="utf-8")
    assert json.loads(record.read_bytes())["closed"]
    assert article.title not in out
    code, out, _ = pappus("run")
    assert (code, "nothing to do" in out or "unchanged" in out) == (0, True), out


def test_its_report_for_programs(pappus, page):
    path, _ = page
    code, out, _ = pappus("withdraw", path, REASON, "--yes", "--json")
    told = json.loads(out)
    assert (code, told["ok"], told["page"]) == (0, True, path)
    assert told["record"].endswith(".json")
    assert told["counts"]["proven"] == 2


def test_a_mirror_that_still_has_it_is_exit_code_1(pappus, newsroom, page):
    path, _ = page
    (newsroom / "mirrors/forge.git").rename(newsroom / "mirrors/away")
    (newsroom / "mirrors/forge.git").write_text("no repository")
    code, out, _ = pappus("withdraw", path, REASON, "--yes")
    assert code == 1
    assert f"failed    forge: {path} – withdrawn, but not there" in out


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param("https://welcome.example/nothing", "is no article of this newsroom", id="unknown-address"),
        pytest.param("pages/welcome/2020/01/01/nothing.md", "is no article of this newsroom", id="unknown-page"),
        pytest.param("", "is no article of this newsroom", id="nothing"),
    ],
)
def test_what_is_no_article_is_told_in_one_line(pappus, newsroom, given, said):
    code, out, err = pappus("withdraw", given, REASON, "--yes")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert said in err


def test_an_address_of_two_sources_is_told_with_both_pages(pappus, newsroom, page):
    path, article = page
    with open_store(newsroom / "state") as store:
        ((number, _), *_) = store.articles.changed_since(0)
        store.database.execute(
            "INSERT INTO article (source, ident, day, url, channel, title, published, language, direction, digest, changed, content)"
            " SELECT 'other', ident, day, url, channel, title, published, language, direction, digest, changed, content"
            " FROM article WHERE id = ?",
            (number,),
        )
        store.database.execute(
            "INSERT INTO address (source, url, article) SELECT 'other', url, max(id) FROM article WHERE url = ?",
            (article.url,),
        )
    code, _, err = pappus("withdraw", article.url, REASON, "--yes")
    assert (code, len(err.splitlines())) == (2, 1)
    assert path in err
    assert path.replace(article.source, "other", 1) in err


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param([], id="no-reason"),
        pytest.param(["--reason="], id="empty-reason"),
        pytest.param([REASON, "--request", "no-such-file.pdf"], id="no-such-request"),
    ],
)
def test_wrong_usage_ends_with_2_and_does_nothing(pappus, newsroom, page, arguments):
    code, out, _ = pappus("withdraw", page[0], *arguments, "--yes")
    assert (code, out) == (2, "")
    assert not (newsroom / "withdrawals").exists()


def test_where_nobody_can_be_asked_it_wants_to_be_told_yes(process, newsroom, page):
    with process("withdraw", page[0], REASON, cwd=newsroom) as one:
        out, err = one.communicate(timeout=60)
    assert (one.returncode, out, len(err.splitlines())) == (2, "", 1)
    assert "--yes" in err
    assert not (newsroom / "withdrawals").exists()


@pytest.mark.parametrize(("answer", "code", "done"), [("n", 130, False), ("y", 0, True)])
def test_on_a_terminal_it_asks(newsroom, page, answer, code, done):

    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "pappus", "withdraw", page[0], REASON],
        stdin=slave, stdout=slave, stderr=slave, cwd=newsroom, env=os.environ | {"TERM": "dumb"}, start_new_session=True,
    ) as one:  # fmt: skip
        os.close(slave)
        heard = _until(master, b"[y/N]")
        assert b"There is no way back" in heard
        os.write(master, f"{answer}\n".encode())
        _until(master, b"\0never")
        assert one.wait(timeout=60) == code
    os.close(master)
    assert (newsroom / "withdrawals").exists() is done


def _until(terminal, word):
    """Read a terminal until it says a word, or until nobody writes to it any more."""
    heard, end = b"", time.monotonic() + 60
    while word not in heard and time.monotonic() < end:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            heard += os.read(terminal, 4096)
        except OSError:
            break
    return heard
