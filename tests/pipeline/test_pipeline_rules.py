"""Site rules and articles on several pages, on their whole way: a paper on loopback, gathered with a folder of rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pipeline_house import Moment, Paper, Story, load, newsroom, run, told, toml

from pappus import markup
from pappus.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pappus.model import Article
    from pappus.pipeline import Report

STORY = Story(slug="storm", title="The storm", more="It blew all night.")
BOX = '<div class="plea"><p>The paper asks its readers for three euros a month, because paper is dear and so is ink.</p></div>'


@pytest.fixture
def paper() -> Iterator[Paper]:
    with Paper() as server:
        server.feed("/feed", [STORY])
        server.stories([STORY])
        yield server


def page(more: str, *, links: str = "") -> str:
    """Return the story's page, or a later one of it, whose text says so."""
    return Story(slug="storm", title="The storm", more=more).page().replace("</article>", f"{links}</article>")


def gather(folder: Path, text: str, clock: Moment | None = None) -> tuple[Report, Article]:
    """Return the report, and the one article that there is."""
    report = run(newsroom(folder, text, clock), ["gather"])
    with open_store(folder / "state", write=False) as store:
        assert store.articles.count() == 1
        return report, store.articles.get(1)


def test_an_article_on_several_pages_becomes_one(paper, tmp_path):
    paper.put(
        "/storm.html", page("It blew.", links='<a href="/storm.html?page=2">2</a> <a href="/storm.html?page=3">3</a>')
    )
    paper.put("/storm.html?page=2", page("It rained.", links='<a href="/storm.html?page=3">Next page</a>'))
    paper.put("/storm.html?page=3", page("It was over."))
    _, article = gather(tmp_path, toml(paper.url, {"news": "/feed"}))
    text = markup.text(article.body)
    assert [text.count(words) for words in ("It blew.", "It rained.", "It was over.")] == [4, 4, 4]
    assert [path for path, _ in paper.asked()] == ["/feed", "/storm.html", "/storm.html?page=2", "/storm.html?page=3"]


def test_a_page_that_is_lost_leaves_the_article_of_the_others(paper, tmp_path):
    paper.put("/storm.html", page("It blew.", links='<a href="/storm.html?page=2">2</a>'))
    report, article = gather(tmp_path, toml(paper.url, {"news": "/feed"}))
    assert told(report, "failed") == []
    assert "It blew." in article.body


def test_a_folder_of_rules_is_asked_by_the_host_of_a_page(paper, tmp_path):
    paper.put("/storm.html", STORY.page().replace("</h1>", f"</h1>{BOX}"))
    folder = tmp_path / "site-rules"
    folder.mkdir()
    (folder / "127.0.0.1.txt").write_text("strip_id_or_class: plea\n", encoding="utf-8")
    text = toml(paper.url, {"news": "/feed"}, gather='rules = "site-rules"')
    _, article = gather(tmp_path, text)
    assert "three euros" not in article.body
    assert "It blew all night." in article.body


def test_the_source_s_own_rules_come_first(paper, tmp_path):
    paper.put("/storm.html", STORY.page().replace("</h1>", f"</h1>{BOX}"))
    folder = tmp_path / "site-rules"
    folder.mkdir()
    (folder / "127.0.0.1.txt").write_text("title: //article/p[1]\nstrip_id_or_class: plea\n", encoding="utf-8")
    text = toml(paper.url, {"news": "/feed"}, gather='rules = "site-rules"', source='rules = { title = ".plea p" }')
    _, article = gather(tmp_path, text)
    assert article.title.startswith("The paper asks its readers")
    assert "three euros" not in article.body


def test_a_rule_that_leaves_next_to_nothing_is_not_used_and_warned_of(paper, tmp_path):
    paper.put("/storm.html", STORY.page().replace("</h1>", f"</h1>{BOX}"))
    report, article = gather(tmp_path, toml(paper.url, {"news": "/feed"}, source='rules = { body = ".plea" }'))
    assert "It blew all night." in article.body
    (warned,) = [event.reason for event in report.events if event.kind == "warned"]
    assert warned.startswith("the rules' body has")
    assert warned.endswith("not used")


def test_a_changed_file_of_rules_is_a_reason_to_read_a_page_anew(paper, tmp_path):
    clock = Moment()
    paper.put("/storm.html", STORY.page().replace("</h1>", f"</h1>{BOX}"))
    folder = tmp_path / "site-rules"
    folder.mkdir()
    text = toml(paper.url, {"news": "/feed"}, gather='rules = "site-rules"')
    gather(tmp_path, text, clock)
    paper.asked()
    for rules, status in (("strip_id_or_class: plea\n", 200), ("strip_id_or_class: plea\n# the same\n", 304)):
        (folder / "127.0.0.1.txt").write_text(rules, encoding="utf-8")
        clock.pass_by(days=1)
        run(load(tmp_path, clock), ["gather"])
        assert ("/storm.html", status) in paper.asked()
    with open_store(tmp_path / "state", write=False) as store:
        assert "three euros" not in store.articles.get(1).body
