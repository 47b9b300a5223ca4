"""The look of a site: a theme and templates of the operator's, and what is refused of them."""

from __future__ import annotations

import re

import pytest

import config_room
from config_room import FOLDER, SITE, SOURCE
from pappus.errors import ConfigError

LOOK = (
    SITE
    + SOURCE
    + """
[signing]
[[editions]]
name = "{edition}"
{look}
"""
)


@pytest.fixture
def options(tmp_path):
    def load(look, edition="site"):
        return config_room.load(tmp_path, LOOK.format(look=look, edition=edition)).editions[0].renderer.options

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
        pytest.param(
            'theme = "none.css"',
            "",
            "",
            "none.css: cannot be read: No such file or directory ('theme' in [[editions]] names it)",
            id="no theme",
        ),
        pytest.param(
            'theme = "a.css"',
            "a.css",
            "\n</style><script>",
            "a.css, line 2: holds a '<'",
            id="theme that ends the sheet",
        ),
        pytest.param(
            'theme = "a.css"', "a.css", "a{}\n\0", "a.css, line 2: holds a character", id="a character of none"
        ),
        pytest.param(
            'theme = "a.css"',
            "a.css",
            "/*\n*/a{}\n/*",
            "a.css, line 3: opens what nothing closes",
            id="open comment",
        ),
        pytest.param(
            'theme = "a.css"', "a.css", ":root{--x:1", "a.css, line 1: opens what nothing closes", id="open block"
        ),
        pytest.param(
            'theme = "a.css"', "a.css", "\n@Import 'b.css';", "a.css, line 2: asks for another file", id="import"
        ),
        pytest.param(
            'theme = "a.css"', "a.css", "a{b:url('/*')}", "a.css, line 1: asks for another file", id="picture"
        ),
        *(
            pytest.param('theme = "a.css"', "a.css", f"\n{text}", f"a.css, line 2: {told}", id=text)
            for text, told in (
                ("}a{", "opens what nothing closes"),
                ("}a{}", "cannot be read: Unmatched }"),
                ("a{b:rgb(1}", "opens what nothing closes"),
                ("a{b:'c", "opens what nothing closes"),
                ("a{b:'c\n}", "cannot be read: Bad string token"),
                ("a{b:url(c d)}", "cannot be read: bad URL token"),
                (r"a{b:\75rl(c)}", "asks for another file"),
                (r"@\69mport 'c'", "asks for another file"),
                ("a{b:image-set('c' 1x)}", "asks for another file"),
                ("@media print", "begins a rule that does not end"),
                ("a{} b,", "begins a rule that does not end"),
                ("next", "begins a rule that does not end"),
                ("a{}\\", "begins a rule that does not end"),
                ("@supports (x:y){a{b:-webkit-image-set('c' 1x)}}", "asks for another file"),
            )
        ),
        pytest.param(
            'theme = "a.css"', "a.css", "(" * 20_000 + ")" * 20_000, "begins a rule that does not end", id="deep"
        ),
        pytest.param('theme = "a.css"', "a.css", "a{}" * 30_000, "a.css: has more than 65,536 bytes", id="large"),
        pytest.param(
            'theme = "a.css"', "a.css", b"\xff", "a.css: cannot be read: it is no text in UTF-8", id="no text"
        ),
        pytest.param(
            'templates = "look"',
            "look/style.css",
            "</style>",
            "style.css, line 1: holds a '<', which no style sheet needs (it lies in the folder that 'templates' in [[editions]] names)",
            id="sheet that ends itself",
        ),
        pytest.param('templates = "none"', "", "", "none: cannot be read: No such file", id="no folder"),
        pytest.param('theme = "a\\u0000b"', "", "", "holds a NUL", id="a NUL"),
        pytest.param('templates = "a.html"', "a.html", "", "a.html: cannot be read: Not a directory", id="a file"),
        pytest.param(f'templates = "{"x" * 300}"', "", "", "cannot be read: File name too long", id="too long a name"),
        pytest.param('templates = "look"', "look/pages.html", "", "did you mean 'page.html'?", id="unknown template"),
        pytest.param('templates = "look"', "look/site.js", "", "is not known", id="a script"),
        pytest.param('templates = "look"', "look/page.html/x", "", "cannot be read", id="a folder for a template"),
    ],
)
def test_what_cannot_be_a_look_is_refused(look, name, text, told, options, tmp_path):
    if name:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError, match=re.escape(told)):
        options(look)


def test_two_themes_are_one_too_many(options, tmp_path):
    (tmp_path / "look").mkdir()
    for name in ("a.css", "look/theme.css"):
        (tmp_path / name).write_text(":root{--paper:#fff}", encoding="utf-8")
    assert options('templates = "look"').templates
    with pytest.raises(ConfigError, match=r"theme\.css: is a second theme .* \(leave out one of them\)"):
        options('theme = "a.css"\ntemplates = "look"')


def test_what_only_looks_wrong_is_taken(options, tmp_path):
    text = "/* <-- no { url( here, is there? */".replace("<", "&lt;") + ":root{--a:'}url(/*'}\r\n"
    (tmp_path / "a.css").write_bytes(text.encode())
    assert options('theme = "a.css"').theme == text.replace("\r", "")  # as browsers read it, who go by its digest


@pytest.mark.parametrize(
    ("look", "edition", "told"),
    [
        *(
            pytest.param(f"{key} = {value}", "markdown", f"line 17, editions[1].{key}: only the edition 'site' has '{key}'", id=key)
            for key, value in (("theme", '"a.css"'), ("templates", '"look"'), ("scripts", '["zh-Hant"]'), ("variants", "false"))
        ),
        pytest.param(
            'scripts = ["zh-TW"]', "site", "line 17, editions[1].scripts[1]: 'zh-TW' is not known (one of: zh-Hans, zh-Hant)",
            id="a script that is a region",
        ),
        pytest.param('scripts = ["zh-Hant", "zh-Hant"]', "site", "line 17, editions[1].scripts: names a script twice", id="twice"),
        pytest.param(
            'counter = "https://c.example/{sauce}"', "site",
            "line 17, editions[1].counter: '{sauce}' is nothing that a counter is told: {source} and {id} are", id="counter",
        ),
        pytest.param('counter = "https://c.example/{id"', "site", "'{id' is nothing", id="half of what it is told"),
    ],
)  # fmt: skip
def test_what_an_edition_cannot_have_is_told_with_line_and_key(options, look, edition, told):
    with pytest.raises(ConfigError, match=re.escape(told)):
        options(look, edition=edition)


@pytest.mark.parametrize("host", ["caddy", "netlify", "nginx"])
def test_a_host_that_says_nothing_of_an_edition_is_refused(options, host):
    mirror = FOLDER + f'edition = "{{edition}}"\nhost = "{host}"\n'
    options(mirror.format(edition="site"))
    told = f"mirrors[1].host: no limits of '{host}' are known, and only a site gets a file for it; leave it out"
    with pytest.raises(ConfigError, match=re.escape(told)):
        options(mirror.format(edition="markdown"), edition="markdown")
