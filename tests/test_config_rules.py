"""Site rules in pappus.toml: a source's own table, and a folder of files."""

import pytest

from pappus import config
from pappus.errors import ConfigError
from pappus.extraction import NO_RULES, Pick, Rules, Trial, css

TEXT = """
[site]
title = "News"
{gather}
[[sources]]
name = "gazette"
title = "Gazette"
licence = "by permission"
{rules}
[[sources.channels]]
name = "news"
title = "News"
url = "https://gazette.example/feed"
"""


@pytest.fixture
def load(tmp_path):
    def read(*, gather="", rules=""):
        path = tmp_path / "pappus.toml"
        path.write_text(TEXT.format(gather=gather, rules=rules), encoding="utf-8")
        return config.load(path)

    return read


def test_rules_of_a_source_are_picks_and_pages_to_try_them_on(load):
    table = """
[sources.rules]
body = ".story"
strip = [".ad", "aside"]
next_page = "a.next"
[[sources.rules.trials]]
url = "https://gazette.example/1"
contains = ["the tide"]
"""
    assert load(rules=table).sources[0].rules == Rules(
        body=css(".story"),
        strip=css(".ad", "aside"),
        next_page=css("a.next"),
        whole=True,
        trials=(Trial(url="https://gazette.example/1", contains=("the tide",)),),
    )


def test_a_folder_of_rules_is_read_file_by_file(load, tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/gazette.example.txt").write_bytes(b"title: //h1\n# \xff\n")
    (tmp_path / "rules/README.md").write_text("none", encoding="utf-8")
    book = load(gather='[gather]\nrules = "rules"').book
    assert list(book.names()) == ["gazette.example.txt"]
    assert book.rules("https://www.gazette.example/1").title == (Pick("//h1", "xpath"),)
    assert book.rules("https://other.example/1") == NO_RULES


def test_a_file_of_rules_that_cannot_be_read_is_a_mistake_in_the_configuration(load, tmp_path):
    (tmp_path / "rules/gazette.example.txt").mkdir(parents=True)
    book = load(gather='[gather]\nrules = "rules"').book
    with pytest.raises(ConfigError, match=r"gazette\.example\.txt: cannot be read"):
        book.rules("https://gazette.example/1")
