"""Packed forms beside files: small, the same each time, always of the file beside them, and never a way in."""

from __future__ import annotations

import gzip

import brotli
import pytest
from mirrors_house import binding, clock, in_folder, options, plan, reader, tree

from pappus.errors import MirrorError
from pappus.mirrors import MIRRORS, DirectoryOptions
from pappus.mirrors.packing import ENDINGS, is_packable, pack, unpack

LONG = "From Sunday the night ferry sails three times. " * 40
FILES = {"index.html": LONG, "pages/gazette/2026/11/05/ferry.html": LONG + "!", "indexes/a.html": "short"}


@pytest.fixture
def mirror(tmp_path):
    def made(**fields):
        return MIRRORS["directory"](options(tmp_path, DirectoryOptions, path=tmp_path / "news", **fields), clock)

    return made


def publish(mirror, number, files, had=None, base=None):
    wanted = tree(files, number, edition="site")
    before = tree(had, base, edition="site") if had is not None else None
    mirror.apply(plan(number, wanted, base, before), reader(wanted))


def unpacked(folder):
    """Return what stands unpacked beside each file, by its ending."""
    files = in_folder(folder)
    opened = {".gz": gzip.decompress, ".br": brotli.decompress}
    return {path: opened[path[-3:]](data) for path, data in files.items() if path.endswith(ENDINGS)}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("text", ["", "a", LONG, "渡轮" * 500])
def test_what_is_packed_is_smaller_the_same_each_time_and_comes_back(text, ending):
    data = text.encode()
    packed = pack(ending, data)
    assert packed == pack(ending, data)
    if packed:
        assert len(packed) < len(data)
        assert unpack(f"x{ending}", packed, len(data)) == data
    else:
        assert len(data) < 50


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_damaged_or_goes_on_is_refused_and_a_bomb_is_not_unpacked(ending):
    packed = pack(ending, LONG.encode())
    for wrong in (b"", packed[:-4], packed + b"x", packed + packed, b"nonsense"):
        with pytest.raises(MirrorError, match="cannot be unpacked"):
            unpack(f"x{ending}", wrong, len(LONG))
    bomb = pack(ending, bytes(1 << 24))
    assert len(bomb) < 1 << 15
    assert len(unpack(f"x{ending}", bomb, 1000)) == 1001


@pytest.mark.parametrize(
    ("path", "media_type", "packs"),
    [
        ("a.html", "text/html", True),
        ("feeds/all.atom", "application/atom+xml", True),
        ("feeds/all.json", "application/feed+json", True),
        ("site.js", "text/javascript", True),
        ("manifest.webmanifest", "application/manifest+json", True),
        ("sitemap.xml", "application/xml", True),
        ("media/a.webp", "image/webp", False),
        ("mirror.json", "application/json", False),
        ("metadata/timestamp.json", "application/json", False),
    ],
)
def test_text_is_packed_and_nothing_else(path, media_type, packs):
    assert is_packable(path, media_type) is packs


def test_a_publish_packs_what_changed_and_leaves_the_rest(mirror, tmp_path):
    packing = mirror(precompress=True)
    publish(packing, 1, FILES)
    shown = tmp_path / "news"
    long = {path: text.encode() for path, text in FILES.items() if text != "short"}
    assert unpacked(shown) == {f"{path}{ending}": data for path, data in long.items() for ending in ENDINGS}
    assert packing.state().base == binding(1, edition="site")
    before = {path: (shown / path).stat().st_ino for path in in_folder(shown)}
    changed = FILES | {"index.html": LONG + "?"}
    publish(packing, 2, changed, FILES, 1)
    after = {path: (shown / path).stat().st_ino for path in in_folder(shown)}
    assert {path for path in after if after[path] != before[path]} == {
        "index.html", "index.html.br", "index.html.gz", "mirror.json",
    }  # fmt: skip
    assert unpacked(shown)["index.html.gz"] == (LONG + "?").encode()


def test_a_file_that_goes_or_shrinks_takes_its_packed_forms_along(mirror, tmp_path):
    packing, page = mirror(precompress=True), "pages/gazette/2026/11/05/ferry.html"
    publish(packing, 1, FILES)
    less = {path: text for path, text in FILES.items() if path != page} | {"index.html": "short"}
    publish(packing, 2, less, FILES, 1)
    assert unpacked(tmp_path / "news") == {}


@pytest.mark.parametrize("first", [True, False])
def test_a_mirror_packs_all_or_nothing(mirror, tmp_path, first):
    publish(mirror(precompress=first), 1, FILES)
    publish(mirror(precompress=first), 2, FILES | {"indexes/a.html": "else"}, FILES, 1)
    for number in (3, 4):  # there are two trees
        other = mirror(precompress=not first)
        assert other.state().base is None
        publish(other, number, FILES)
        assert bool(unpacked(tmp_path / "news")) is not first
    assert other.state().base is not None


def test_what_is_read_back_is_what_packed_forms_hold_as_well(mirror, tmp_path):
    packing = mirror(precompress=True)
    publish(packing, 1, FILES)
    (tmp_path / "news/index.html.gz").write_bytes(gzip.compress(b"what was withdrawn"))
    assert len(packing.held(["index.html"]).at["index.html"]) == 2
