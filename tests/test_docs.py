"""The documentation is true: every key, command and option is in it, its links lead somewhere, its examples run."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from msgspec import convert

import docs_cli
import docs_schema
from pappus import config, urls
from pappus.cli import cli
from pappus.config import mirrors, tables, values

if TYPE_CHECKING:
    from msgspec.structs import FieldInfo

ROOT = Path(__file__).parent.parent
PAGES = sorted(path for folder in (ROOT, ROOT / "docs", ROOT / "docs/decisions") for path in folder.glob("*.md"))
EXAMPLES = ROOT / "docs/examples"
CONFIGURATION = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")

# Where in docs/configuration.md the keys of each table stand.
TABLES = {
    "At the top of the file": tables.File,
    "[site]": tables.SiteTable,
    "[gather]": tables.GatherTable,
    "[[sources]]": tables.SourceTable,
    "[[sources.channels]]": tables.ChannelTable,
    "Selectors": tables.RulesTable,
    "[[sources.rules.trials]]": tables.TrialTable,
    "[[editions]]": tables.EditionTable,
    "[[mirrors]]": mirrors.MirrorTable,
    "Mirrors in git": mirrors.GitTable,
    "Mirrors in a folder": mirrors.DirectoryTable,
    "Mirrors in a bucket": mirrors.S3Table,
    "Mirrors through rclone": mirrors.RcloneTable,
    "Mirrors for IPFS": mirrors.IpfsTable,
    "[[moved]]": tables.MovedTable,
    "[signing]": tables.SigningTable,
    "[[notices]]": tables.NoticeTable,
    "[[siblings]]": tables.SiblingTable,
}

_KEY = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)
_FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PLACE = re.compile(r"`((?:src|tests|docs|bench)/[\w./-]+)`")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def fields(heading: str) -> dict[str, FieldInfo]:
    """Return the keys that a table adds to those of mirrors in general."""
    common = values.fields(mirrors.MirrorTable) if heading.startswith("Mirrors ") else {}
    return {key: field for key, field in values.fields(TABLES[heading]).items() if key not in common}


def section(text: str, heading: str) -> str:
    """Return what stands under a heading of level 2 of a page, up to the next heading of any level."""
    return re.split(r"\n##+ ", text.split(f"\n## {heading}\n", 1)[1], maxsplit=1)[0]


def fences(path: Path, language: str) -> list[str]:
    """Return a page's blocks of code in a language."""
    return [body for name, body in _FENCE.findall(path.read_text(encoding="utf-8")) if name == language]


def prose(path: Path) -> str:
    """Return a page without its blocks of code."""
    return _FENCE.sub("", path.read_text(encoding="utf-8"))


def anchors(path: Path) -> set[str]:
    """Return the names under which a forge makes a page's headings reachable."""
    texts = (re.sub(r"[`*\\]", "", heading) for heading in _HEADING.findall(prose(path)))
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in texts}


@pytest.mark.parametrize("heading", TABLES)
def test_the_keys_of_a_table_are_described_and_no_others(heading):
    described = _KEY.findall(section(CONFIGURATION, heading))
    assert sorted(described) == sorted(fields(heading))


def test_every_table_of_the_configuration_has_its_place_here():
    assert {*values.Table.__subclasses__(), *mirrors.MirrorTable.__subclasses__()} == set(TABLES.values())


@pytest.mark.parametrize("heading", TABLES)
def test_described_defaults_are_the_real_ones(heading):
    rows = re.findall(r"^\| `(\w+)` \|.*?\| `([^`]+)` \|", section(CONFIGURATION, heading), re.MULTILINE)
    said = {key: tomllib.loads(f"value = {default}")["value"] for key, default in rows}
    real = {key: fields(heading)[key].default for key in said}
    assert said == {key: list(value) if isinstance(value, tuple) else value for key, value in real.items()}


@pytest.mark.parametrize("heading", TABLES)
def test_keys_without_default_are_called_required(heading):
    said = set(re.findall(r"^\| `(\w+)` \|[^|]*\| required", section(CONFIGURATION, heading), re.MULTILINE))
    assert said == {name for name, field in fields(heading).items() if field.required}


def test_the_schema_for_editors_is_current():
    assert docs_schema.FILE.read_text(encoding="utf-8") == docs_schema.schema(), "run: python tests/docs_schema.py"


def test_the_help_of_every_command_is_in_the_reference():
    assert docs_cli.shown() == docs_cli.blocks(), "run: python tests/docs_cli.py"


def test_every_option_is_in_the_reference():
    page = docs_cli.PAGE.read_text(encoding="utf-8")
    options = {name for command in cli.commands.values() for option in command.params for name in option.opts}
    assert {name for name in options if name.startswith("--") and name not in page} == set()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_links_within_the_project_lead_somewhere(path):
    dead = []
    for link in _LINK.findall(prose(path)):
        if urls.parse_http(link) or link.startswith("mailto:"):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_files_that_are_named_exist(path):
    assert [place for place in _PLACE.findall(prose(path)) if not (ROOT / place).exists()] == []


def test_every_page_is_linked_from_another():
    linked = {
        (path.parent / unquote(link.partition("#")[0])).resolve()
        for path in PAGES
        for link in _LINK.findall(prose(path))
    }
    assert [page.name for page in PAGES if page not in linked and page.name != "README.md"] == []


@pytest.mark.parametrize(
    "block", fences(ROOT / "docs/configuration.md", "toml"), ids=lambda block: block.split(maxsplit=1)[0].strip("[]")
)
def test_the_examples_of_the_configuration_are_valid(block):
    given = tomllib.loads(block)
    whole = {"site": {"title": "T"}, "sources": [_source()]} | given
    rules = given.get("sources", {}).get("rules") if isinstance(given.get("sources"), dict) else None
    if rules is not None:
        whole["sources"] = [_source() | {"rules": rules}]
    elif channels := (given["sources"].get("channels") if isinstance(given.get("sources"), dict) else None):
        whole["sources"] = [_source() | {"channels": channels}]
    elif "sources" in given:
        whole["sources"] = [_source() | table for table in given["sources"]]
    elif given.keys() <= values.fields(tables.ChannelTable).keys():
        whole = {"site": {"title": "T"}, "sources": [_source() | {"channels": [_channel() | given]}]}
    convert(whole, tables.File)


def _channel() -> dict[str, str]:
    return {"name": "city", "title": "City", "url": "https://courier.example/feed.xml"}


def _source() -> dict[str, object]:
    return {"name": "courier", "title": "Courier", "licence": "CC BY 4.0", "channels": [_channel()]}


def test_what_the_tutorial_writes_is_a_whole_newsroom(tmp_path):
    source, gather, mirror, pages = fences(ROOT / "docs/tutorial.md", "toml")
    path = tmp_path / config.FILE
    path.write_text(f'[site]\ntitle = "T"\n{gather}{source}{mirror}{pages}', encoding="utf-8")
    newsroom = config.load(path)
    assert [(part.address, part.edition) for part in newsroom.mirrors] == [
        ("https://forge.example/you/news/blob/main/", "markdown"),
        ("https://you.github.io/news-site/", "site"),
    ]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_example_files_are_valid(path):
    assert config.load(path).sources


def test_the_written_example_is_valid_and_names_every_key(tmp_path):
    text = config.example()
    path = tmp_path / config.FILE
    path.write_text(text, encoding="utf-8")
    assert config.load(path).mirrors
    known = set(TABLES.values()) - {tables.File}
    unnamed = {
        key for table in known for key in values.fields(table) if not re.search(rf"^\W*{key}\b", text, re.MULTILINE)
    }
    assert unnamed == {"trials", "channels"}  # which name tables


def test_the_library_lines_of_the_readme_run(tmp_path):
    (block,) = fences(ROOT / "README.md", "python")
    for name in (config.FILE, config.WELCOME):
        (tmp_path / name).write_text(config.example(name), encoding="utf-8")
    script = tmp_path / "lines.py"
    script.write_text(block, encoding="utf-8")
    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "('new', 'https://welcome.example/first-steps')" in done.stdout
    assert "('published', 'https://news.example/')" in done.stdout


def test_the_readme_shows_the_library_in_six_lines():
    (block,) = fences(ROOT / "README.md", "python")
    assert len([line for line in block.splitlines() if line]) == 6


def test_every_dependency_is_accounted_for():
    text = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = {re.match(r"[\w.-]+", one)[0] for one in wanted}
    assert set(re.findall(r"^\| `([\w.-]+)` \|", text, re.MULTILINE)) == names
