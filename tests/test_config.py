"""pappus.toml: what is right is put together, what is wrong is named with its line."""

from __future__ import annotations

import re
import tomllib
from functools import partial

import pytest
from rich.pretty import pretty_repr

import config_room
from config_room import FOLDER, MIRROR, SITE, SOURCE
from pappus import config
from pappus.cli.output import safe
from pappus.config import mirrors, tables, values
from pappus.errors import ConfigError


@pytest.fixture
def load(tmp_path):
    return partial(config_room.load, tmp_path)


@pytest.fixture
def refused(load):
    """Load what is wrong; returns the line number, the key, and the whole message."""

    def read(text):
        with pytest.raises(ConfigError) as error:
            load(text)
        told = str(error.value)
        assert "\n" not in told
        found = re.search(r"pappus\.toml, line (\d+)(?:, ([^:]*?))?: ", told)
        return (int(found[1]) if found else 0), (found[2] if found else None), told

    return read


def line_of(text, piece):
    return text[: text.index(piece)].count("\n") + 1


def test_the_example_is_a_newsroom(load):
    newsroom = load(config.example())
    assert newsroom.title == "My mirror"
    assert [mirror.name for mirror in newsroom.mirrors] == ["forge", "folder"]
    assert newsroom.recommended == ("https://welcome.example/first-steps",)


@pytest.mark.parametrize(
    ("key", "table"),
    [
        ("gather.proxy", "GatherTable"),
        ("gather.timeout", "GatherTable"),
        ("gather.per_host", "GatherTable"),
        ("gather.delay", "GatherTable"),
        ("gather.revisit_days", "GatherTable"),
        ("sources.respect_robots", "SourceTable"),
        ("sources.images", "SourceTable"),
        ("sources.local", "SourceTable"),
        ("channels.keep_titles", "ChannelTable"),
        ("editions.external_links", "EditionTable"),
        ("editions.link_suffix", "EditionTable"),
        ("editions.counter", "EditionTable"),
        ("editions.index_size", "EditionTable"),
        ("notices.rotating", "NoticeTable"),
    ],
)
def test_a_default_in_the_example_is_the_one_that_holds(key, table):
    name = key.partition(".")[2]
    found = re.search(rf"^# {name} = (.*?)(?:\s+#.*)?$", config.example(), re.MULTILINE)
    default = values.fields(getattr(tables, table))[name].default
    shown = tomllib.loads(f"x = {found[1]}")["x"]
    assert (tuple(shown) if isinstance(shown, list) else shown) == default


def test_every_key_there_is_stands_in_the_example():
    text = config.example()
    for table in (*values.Table.__subclasses__(), *mirrors.MirrorTable.__subclasses__()):
        for key in values.fields(table):
            assert re.search(rf"^(?:# )?(?:\[+(?:sources\.(?:rules\.)?)?)?{key}(?:\]| =)", text, re.MULTILINE), key


def test_paths_are_taken_from_the_files_folder(load, tmp_path):
    newsroom = load(config.example())
    assert newsroom.state == tmp_path / "state"
    assert newsroom.sources[0].channels[0].path == tmp_path / "welcome.xml"
    assert newsroom.mirrors[0].adapter._options.remote == str(tmp_path / "mirrors/forge.git")


@pytest.mark.parametrize(
    "remote",
    [
        "https://forge.example/a.git",
        "ssh://git@forge.example/a.git",
        "git@forge.example:you/a.git",
        "forge.example:a.git",
        "file:///srv/a.git",
    ],
)
def test_a_remote_that_is_an_address_stays_one(load, remote):
    newsroom = load(SITE + SOURCE + MIRROR.replace("https://forge.example/you/news.git", remote))
    assert newsroom.mirrors[0].adapter._options.remote == remote


def test_texts_and_addresses_are_kept_in_their_plain_form(load):
    source = SOURCE.replace('"Gazette"', '"  Gazette "').replace(
        "https://gazette.example/feed", "HTTPS://Gazette.example:443/feed"
    )
    (read,) = load(SITE + source).sources
    assert (read.title, read.channels[0].url) == ("Gazette", "https://gazette.example/feed")


def test_a_file_with_a_byte_order_mark_is_read(load):
    assert load("\ufeff" + SITE + SOURCE).title == "News"


# Errors

WRONG = {
    # name: (what is replaced, by what, key, words of the message, piece on the line that is named)
    "unknown-key": (
        'licence = "by permission"',
        'licence = "by permission"\nlangauge = "en"',
        "sources[1].langauge",
        "did you mean 'language'?",
        "langauge",
    ),
    "misspelt-licence": ("licence =", "license =", "sources[1].license", "did you mean 'licence'?", "license"),
    "nothing-near": ("[site]\n", "[site]\nzzz = 1\n", "site.zzz", "known here: title, description, language", "zzz"),
    "unknown-table": ("[site]", "[[mirror]]\nx = 1\n[site]", "mirror", "did you mean 'mirrors'?", "[[mirror]]"),
    "unknown-key-of-a-channel": (
        'title = "News"\nurl',
        'title = "News"\nkindd = "feed"\nurl',
        "sources[1].channels[1].kindd",
        "'kind'",
        "kindd",
    ),
    "missing-licence": (
        'licence = "by permission"\n',
        "",
        "sources[1].licence",
        "needs a licence or permission note",
        "[[sources]]",
    ),
    "empty-licence": (
        'licence = "by permission"',
        'licence = "  "',
        "sources[1].licence",
        "at least 1 character",
        "licence",
    ),
    "bad-address": (
        "https://gazette.example/feed",
        "gazette.example/feed",
        "sources[1].channels[1].url",
        "'gazette.example/feed' is not an http",
        "url =",
    ),
    "address-of-a-file": (
        "https://gazette.example/feed",
        "file:///etc/passwd",
        "sources[1].channels[1].url",
        "not an http",
        "url =",
    ),
    "bad-expression": (
        "url =",
        'drop_titles = ["(ad"]\nurl =',
        "sources[1].channels[1].drop_titles[1]",
        "'(ad' is not a regular expression",
        "drop_titles",
    ),
    "wrong-type": ('title = "Gazette"', "title = 7", "sources[1].title", "valid string, not 7", "title = 7"),
    "truth-as-text": ("licence =", 'local = "yes"\nlicence =', "sources[1].local", "boolean, not 'yes'", "local"),
    "table-for-a-list": ("[[sources]]", "[sources]", "sources", "write [[sources]]", "[sources]"),
    "bad-name": ('"gazette"', '"The Gazette"', "sources[1].name", "'The Gazette' is no name", 'name = "The'),
    "device-name": ('"gazette"', '"con"', "sources[1].name", "'con' is no name", 'name = "con"'),
    "reserved-channel": (
        'name = "news"',
        'name = "Hot"',
        "sources[1].channels[1].name",
        "is taken",
        'name = "Hot"',
    ),
    "reserved-channel-in-capitals": (
        'name = "news"',
        'name = "RECOMMENDED"',
        "sources[1].channels[1].name",
        "is taken",
        'name = "RECOMMENDED"',
    ),
    "reserved-channel-in-wide-letters": (
        'name = "news"',
        'name = "ｈｏｔ"',
        "sources[1].channels[1].name",
        "is taken",
        'name = "ｈｏｔ"',
    ),
    "channel-that-leaves": (
        'name = "news"',
        'name = "../news"',
        "sources[1].channels[1].name",
        "no channel name",
        'name = "../',
    ),
    "unknown-kind": ("url =", 'kind = "fead"\nurl =', "sources[1].channels[1].kind", "did you mean 'feed'?", "kind ="),
    "no-place": (
        'url = "https://gazette.example/feed"',
        "",
        "sources[1].channels[1]",
        "either a url or a path",
        "[[sources.channels]]",
    ),
    "two-places": (
        "url =",
        'path = "x"\nurl =',
        "sources[1].channels[1]",
        "either a url or a path",
        "[[sources.channels]]",
    ),
    "unknown-language": ("[site]", '[site]\nlanguage = "de"', "site.language", "'de' is not known", "language"),
    "language-that-is-none": (
        "licence =",
        'language = "e\\"n"\nlicence =',
        "sources[1].language",
        "pattern",
        "language =",
    ),
    "out-of-range": ("[site]", "[gather]\ndelay = -1\n[site]", "gather.delay", "greater than or equal to 0", "delay"),
    "not-a-number": ("[site]", "[gather]\ntimeout = nan\n[site]", "gather.timeout", "", "timeout"),
    "address-with-a-query": (
        "blob/main/",
        "blob/main/?raw=1",
        "mirrors[1].address",
        "is not an address of a mirror",
        "address =",
    ),
    "former-address-with-a-query": (
        "[site]",
        '[[moved]]\nfrom = "https://old.example/?a"\nto = "https://new.example/"\n[site]',
        "moved[1].from",
        "is not an address of a mirror",
        "from =",
    ),
    "path-with-a-nul": (
        'url = "https://gazette.example/feed"',
        'path = "a\\u0000b"',
        "sources[1].channels[1].path",
        "holds a NUL",
        "path",
    ),
    "no-remote": (
        'remote = "https://forge.example/you/news.git"',
        "",
        "mirrors[1].remote",
        "is missing",
        "[[mirrors]]",
    ),
    "unknown-edition": ("remote =", 'edition = "epub"\nremote =', "mirrors[1].edition", "no edition 'epub'", "edition"),
    "branch-like-an-option": ("remote =", 'branch = "--force"\nremote =', "mirrors[1].branch", "pattern", "branch"),
    "branch-with-a-line-end": ("remote =", 'branch = "main\\n"\nremote =', "mirrors[1].branch", "pattern", "branch"),
    "unknown-kind-of-mirror": ('"git"', '"gti"', "mirrors[1].kind", "did you mean 'git'? (one of: directory,", "kind"),
    "key-of-another-kind": (
        "remote =",
        'bucket = "b"\nremote =',
        "mirrors[1].bucket",
        "kind 'git' (it is one of s3)",
        "bucket",
    ),
    "value-in-place-of-a-table": ("[site]", "gather = 1\n[site]", "gather", "write [gather]", "gather"),
    "tables-for-a-table": (
        "[[sources.channels]]",
        "[[sources.rules]]\n[[sources.channels]]",
        "sources[1].rules",
        "write [sources.rules]",
        "[[sources.rules]]",
    ),
    "no-word-for-it": (
        "[[mirrors]]",
        '[[editions]]\nname = "markdown"\nexternal_links = "lve"\n[[mirrors]]',
        "editions[1].external_links",
        "'lve' is not known; did you mean 'live'? (one of: footnote, live, text)",
        "external_links",
    ),
    "no-channel": (
        '[[sources.channels]]\nname = "news"\ntitle = "News"\nurl = "https://gazette.example/feed"',
        "channels = []",
        "sources[1].channels",
        "one or more (write [[sources.channels]])",
        "channels = []",
    ),
    "half-a-number": ("[site]", "[gather]\nper_host = 1.5\n[site]", "gather.per_host", "number, not 1.5", "per_host"),
    "number-too-large": (
        "remote =",
        f"timeout = 1{'0' * 400}\nremote =",
        "mirrors[1].timeout",
        "out of range",
        "timeout",
    ),
    "key-like-a-place": ("[site]", '"a - at `$.site`" = 1\n[site]', "a - at `$.site`", "known here: site,", '"a - at'),
    "counter-that-is-a-script": (
        "[[mirrors]]",
        '[[editions]]\nname = "markdown"\ncounter = "javascript:{id}"\n[[mirrors]]',
        "editions[1].counter",
        "not an http",
        "counter",
    ),
    "dotted-key": ("[site]\ntitle", "site.zzz = 1\nsite.title", "site.zzz", "known here", "site.zzz"),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named_with_line_and_key(refused, case):
    old, new, key, words, piece = case
    right = SITE + SOURCE + MIRROR
    assert right.count(old) >= 1
    text = right.replace(old, new, 1)
    line, told_key, told = refused(text)
    assert (line, told_key) == (line_of(text, piece), key), told
    assert words in told


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("news", "NEWS", id="case"),
        pytest.param("straße", "STRASSE", id="folding"),
        pytest.param("é", "e\u0301", id="composed"),
    ],
)
def test_channels_whose_names_differ_in_case_only_are_refused(refused, one, other):
    second = SOURCE.replace("gazette", "herald").replace('"news"', f'"{other}"')
    text = SITE + SOURCE.replace('"news"', f'"{one}"') + second
    line, key, told = refused(text)
    assert key == "sources[2].channels[1].name"
    assert line == line_of(text, f'name = "{other}"')
    assert "must differ in more than case" in told


@pytest.mark.parametrize(
    ("noun", "text"),
    [
        pytest.param("sources", SITE + SOURCE + SOURCE.replace('name = "news"', 'name = "city"'), id="sources"),
        pytest.param("mirrors", SITE + SOURCE + MIRROR + MIRROR.replace("news.git", "other.git"), id="mirrors"),
        pytest.param("editions", SITE + SOURCE + '[[editions]]\nname = "markdown"\n' * 2, id="editions"),
    ],
)
def test_names_are_unique(refused, noun, text):
    assert f"two {noun} are named" in refused(text)[2]


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [("directory", 'path = "a/b"', 'path = "./a//b/"'), ("git", 'remote = "a.git"', 'remote = "./a.git"')],
)
def test_two_mirrors_do_not_share_a_place(refused, kind, one, other):
    tables = [
        f'[[mirrors]]\nname = "m{n}"\nkind = "{kind}"\naddress = "https://x.example/"\n{place}\n'
        for n, place in enumerate((one, other))
    ]
    _line, key, told = refused(SITE + SOURCE + "".join(tables))
    assert (key, "two mirrors are put at" in told) == ("mirrors[2]", True)


def test_lines_are_right_after_long_strings_that_look_like_tables(refused):
    decoy = 'description = """\n[[sources]]\nname = "decoy"\n\\"\\"\\" [site]\ntitle = 7\n"""\n'
    literal = "description = '''\n[[sources]]\n[[sources.channels]]\n'''\n"
    text = (
        SITE
        + decoy
        + SOURCE
        + SOURCE.replace("gazette", "herald").replace('"news"', '"city"').replace('title = "Gazette"', "title = 9")
    )
    assert refused(text)[:2] == (line_of(text, "title = 9"), "sources[2].title")
    text = '[site]\ntitle = "x" # """ [[sources]]\n' + literal + SOURCE.replace('title = "Gazette"', "title = 9")
    assert refused(text)[:2] == (line_of(text, "title = 9"), "sources[1].title")


def test_lines_are_right_in_nested_lists_of_tables(refused):
    channel = '\n[[sources.channels]]\nname = "{}"\ntitle = "T"\nurl = "https://g.example/{}"\n'
    text = (
        SITE
        + SOURCE
        + "".join(channel.format(f"c{n}", n) for n in range(3))
        + SOURCE.replace("gazette", "herald").replace('"news"', '"city"')
    )
    text += channel.format("last", 9) + 'kind = "?"\n'
    assert refused(text)[:2] == (line_of(text, 'kind = "?"'), "sources[2].channels[2].kind")


def test_lines_are_counted_as_editors_count_them(refused):
    text = SITE + "# one\u2028line\x85 still\n" + SOURCE.replace('title = "Gazette"', "title = 9")
    assert refused(text)[0] == line_of(text, "title = 9")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("[site\n", "is not TOML", id="not-toml"),
        pytest.param("", "site", id="empty"),
        pytest.param("x = " + "[" * 20_000, "nested too deeply", id="deep"),
        pytest.param("a = 1\na = 2\n", "is not TOML", id="twice"),
        pytest.param("x = 1" + "0" * 5000, "is not TOML", id="digits"),
    ],
)
def test_what_is_no_configuration_is_told_in_one_line(load, text, words):
    with pytest.raises(ConfigError, match=words) as error:
        load(text)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_told_with_what_to_do(tmp_path):
    with pytest.raises(ConfigError, match="pappus init"):
        config.load(tmp_path / "pappus.toml")


def test_a_file_that_is_no_text_is_told(tmp_path):
    (tmp_path / "pappus.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="cannot be read"):
        config.load(tmp_path / "pappus.toml")


def test_a_key_that_would_steer_the_terminal_is_shown_harmless(refused):
    told = refused(SITE + '"\\u001b[2J\\n" = 1\n' + SOURCE)[2]
    assert "\x1b" not in safe(told)


@pytest.mark.parametrize("name", ["новости", "新闻", "اخبار-۱", "समाचार", "မြန်မာ", "tin_tức", "News"])
def test_channels_are_named_in_any_script(name):
    assert values.is_channel_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".git",
        "-x",
        "a/b",
        "a\\b",
        "..",
        "con",
        "AUX",
        "a b",
        "a\n",
        "x" * 71,
        "新" * 24,
        "a\u202eb",
        "a:b",
        "_a",
        "a.b",
    ],
)
def test_channels_are_not_named_so(name):
    assert not values.is_channel_name(name)


# Secrets

CANARY = "canary-51f0-secret"


def test_a_secret_comes_from_the_environment_and_shows_nowhere(load, monkeypatch):
    monkeypatch.setenv("FORGE_TOKEN", CANARY + "\n")
    newsroom = load(SITE + SOURCE + MIRROR + 'token_env = "FORGE_TOKEN"\n')
    adapter = newsroom.mirrors[0].adapter
    assert adapter._options.token == CANARY
    for shown in (repr(newsroom), str(newsroom), repr(adapter), repr(adapter._options), repr(vars(adapter))):
        assert CANARY not in shown


def test_a_secret_that_is_not_there_is_no_reason_not_to_gather(load, monkeypatch):
    monkeypatch.delenv("FORGE_TOKEN", raising=False)
    newsroom = load(SITE + SOURCE + MIRROR + 'token_env = "FORGE_TOKEN"\n')
    assert newsroom.mirrors[0].adapter._options.token is None


def test_a_password_in_a_remote_is_refused_without_being_shown(refused):
    told = refused(SITE + SOURCE + MIRROR.replace("https://forge", f"https://you:{CANARY}@forge", 1))[2]
    assert "token_env" in told
    assert CANARY not in told


def test_a_token_does_not_go_over_a_line_that_others_read(refused, load):
    text = SITE + SOURCE + MIRROR + 'token_env = "FORGE_TOKEN"\n'
    assert (
        "https remote only"
        in refused(text.replace("https://forge.example/you/news.git", "http://forge.example/news.git"))[2]
    )
    assert load(text.replace("https://forge.example/you/news.git", "http://127.0.0.1:8080/news.git"))


def test_a_proxys_password_shows_nowhere(load, refused):
    newsroom = load(SITE + f'[gather]\nproxy = "socks5://you:{CANARY}@127.0.0.1:9050"\n' + SOURCE)
    assert CANARY not in repr(newsroom)
    table = tables.GatherTable(proxy=f"socks5://you:{CANARY}@127.0.0.1:9050")
    for shown in (repr(table), str(table), pretty_repr(table), repr(table.options()), pretty_repr(table.options())):
        assert CANARY not in shown
    assert CANARY not in refused(SITE + f'[gather]\nproxy = "ftp://you:{CANARY}@x"\n' + SOURCE)[2]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param(
            'title = "News"\nurl', 'title = "News"\nlink = "a[["\nurl', "'a[[' is not a CSS selector", id="selector"
        ),
        pytest.param("licence =", 'rules = { body = "a[[" }\nlicence =', "'a[[' is not a CSS selector", id="rule"),
        pytest.param("url =", 'drop_titles = "x"\nurl =', 'write drop_titles = ["..."]', id="list"),
    ],
)
def test_what_would_fail_in_every_run_is_refused_at_once(refused, old, new, words):
    assert words in refused(SITE + SOURCE.replace(old, new, 1))[2]


@pytest.mark.parametrize("path", ["state", "state/inside", "."])
def test_a_mirror_is_not_put_where_the_store_is(refused, path):
    told = refused(SITE + SOURCE + FOLDER.replace('"m"', f'"{path}"'))[2]
    assert "is where the store is" in told or "lies inside 'state'" in told


@pytest.mark.parametrize("kind", ["directory", "ipfs"])
@pytest.mark.parametrize("path", ["/", "//", "/x/.."])
def test_a_mirror_is_not_put_over_a_whole_machine(refused, kind, path):
    told = refused(SITE + SOURCE + FOLDER.replace('"m"', f'"{path}"').replace("directory", kind))[2]
    assert f"mirrors[1].path: {path!r} is no folder that can be filled and replaced" in told


def test_a_mirror_is_not_put_inside_another(refused):
    other = FOLDER.replace('"one"', '"two"').replace('"m"', '"m/inner"')
    assert "'m/inner' lies inside 'm'" in refused(SITE + SOURCE + FOLDER + other)[2]


def test_siblings_reach_the_edition(load):
    sibling = '[[siblings]]\ntitle = "In Persian"\naddress = "../../../fa/blob/main/README.md"\n'
    newsroom = load(SITE + SOURCE + sibling)
    assert newsroom.editions[0].renderer.options.siblings == (("In Persian", "../../../fa/blob/main/README.md"),)
