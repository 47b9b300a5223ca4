"""The look of a site: a theme and templates of the operator's, and what is refused of them."""

from __future__ import annotations

import re

import pytest

from pappus import config
from pappus.errors import ConfigError

ROOM = """
[site]
title = "News"
[[sources]]
name = "gazette"
title = "Gazette"
licence = "by permission"
[[sources.channels]]
name = "news"
title = "News"
url = "https://gazette.example/feed"
[signing]
[[editions]]
name = "{edition}"
{look}
"""


@pytest.fixture
def options(tmp_path):
    def load(look, edition="site"):
        (tmp_path / "pappus.toml").write_text(ROOM.format(look=look, edition=edition), encoding="utf-8")
        return config.load(tmp_path / "pappus.toml").editions[0].renderer.options

    return load


def test_a_theme_and_templates_are_read_from_beside_the_file(options, tmp_path):
    (tmp_path / "look").mkdir()
    (tmp_path / "look/page.html").write_text("{{ page.title }}", encoding="utf-8")
    (tmp_path / "look/.hidden").write_text("x", encoding="utf-8")
    (tmp_path / "theme.css").write_text(":root{--paper:#fff}", encoding="utf-8")
    found = options('theme = "theme.css"\ntemplates = "look"')
    assert (found.theme, found.templates) == (":root{--paper:#fff}", (("page.html", "{{ page.title }}"),))
    assert (options("").theme, options("").templates) == ("", ())


def test_the_fingerprint_of_the_first_root_is_known_where_there_are_keys(options, tmp_path):
    assert options("").fingerprint == ""
    (tmp_path / "keys/root").mkdir(parents=True)
    (tmp_path / "keys/root/1.root.json").write_bytes(b"{}")
    assert options("").fingerprint.startswith("44136fa355b3678a")


@pytest.mark.parametrize(
    ("look", "name", "text", "told"),
    [
        pytest.param('theme = "none.css"', "", "", "none.css: cannot be read", id="no theme"),
        pytest.param(
            'theme = "a.css"', "a.css", "</style><script>", "a.css: holds a '<'", id="theme that ends the sheet"
        ),
        pytest.param(
            'templates = "look"', "look/style.css", "</style>", "style.css: holds a '<'", id="sheet that ends itself"
        ),
        pytest.param('templates = "none"', "", "", "none: is no folder", id="no folder"),
        pytest.param('templates = "look"', "look/pages.html", "", "did you mean 'page.html'?", id="unknown template"),
        pytest.param('templates = "look"', "look/site.js", "", "is not known", id="a script"),
        pytest.param('templates = "look"', "look/page.html/x", "", "cannot be read", id="a folder for a template"),
    ],
)
def test_what_cannot_be_a_look_is_refused(look, name, text, told, options, tmp_path):
    if name:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=re.escape(told)):
        options(look)


def test_markdown_has_no_look(options):
    with pytest.raises(ConfigError, match="only the edition 'site'"):
        options('theme = "theme.css"', edition="markdown")
    with pytest.raises(ConfigError, match="only the edition 'site'"):
        options('scripts = ["zh-Hant"]', edition="markdown")
