"""Bindings and plans: codes that read, an order that is safe."""

from __future__ import annotations

import io
import subprocess

import pytest
import zxingcpp
from mirrors_house import ADDRESS, NEWS, binding, version
from PIL import Image

from pappus.errors import MirrorError
from pappus.mirrors import bind, load, make_plan, qr_image, usable_address
from pappus.mirrors.paths import checked
from pappus.model import artifact

PAGES = ["pages/gazette/2026/11/05/ferry.md", "pages/gazette/2026/11/05/" + "x" * 80 + ".md"]
TEXTS = [ADDRESS + PAGES[0], "https://xn--fiq228c.example/" + "%E6%96%B0" * 60, "https://x.example/" + "a" * 980]


@pytest.mark.parametrize("text", TEXTS, ids=["page", "escaped", "long"])
def test_a_code_is_a_small_one_bit_png_that_reads_as_its_text(text):
    data = qr_image(text)
    image = Image.open(io.BytesIO(data))
    assert (image.format, image.mode) == ("PNG", "1")
    assert image.getpixel((0, 0)) != 0  # a quiet zone
    (found,) = zxingcpp.read_barcodes(image)
    assert (found.text, found.format) == (text, zxingcpp.BarcodeFormat.QRCode)
    assert len(data) < 450 + 4 * len(text)
    assert data == qr_image(text)


@pytest.mark.zbar
@pytest.mark.parametrize("text", TEXTS, ids=["page", "escaped", "long"])
def test_another_reader_reads_the_same(text, tmp_path):
    (tmp_path / "qr.png").write_bytes(qr_image(text))
    done = subprocess.run(["zbarimg", "--quiet", "--raw", str(tmp_path / "qr.png")], capture_output=True, check=True)
    assert done.stdout.decode().strip() == text


def test_a_code_has_the_pixels_that_its_encoder_draws():
    code = zxingcpp.create_barcode(TEXTS[0], zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    drawn = Image.fromarray(code.to_image(scale=4, add_quiet_zones=True)).convert("1", dither=Image.Dither.NONE)
    made = Image.open(io.BytesIO(qr_image(TEXTS[0])))
    assert (made.size, made.tobytes()) == (drawn.size, drawn.tobytes())


def test_a_text_that_no_code_holds_is_refused():
    with pytest.raises(MirrorError, match="too long for a QR code"):
        qr_image("https://x.example/" + "a" * 3000)


def test_a_binding_has_a_code_for_each_page_and_for_home_and_says_where_it_is():
    made = {one.entry.path: one for one in bind(binding(1), [*PAGES, "README.md", "indexes/news.md", "media/a.png"])}
    assert list(made)[-1] == "mirror.json"
    assert set(made) == {"mirror.json", "qr/home.png", *(f"qr/{page.removesuffix('.md')}.png" for page in PAGES)}
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(made[f"qr/{PAGES[0][:-3]}.png"].body)))
    assert found.text == ADDRESS + PAGES[0]


def test_a_binding_reads_back_what_it_wrote():
    one = binding(7, title="خبر «新闻»")
    assert load(one.dump()) == one
    assert "新闻" in one.dump().decode()


@pytest.mark.parametrize(
    "path", [*PAGES, "pages/" + "x" * 80 + ".zh-hant.html.br", NEWS, "README.md", "qr/home.png", "indexes/café_1.md"]
)
def test_paths_of_editions_may_be_written(path):
    assert checked(path) == path


def test_addresses_end_in_a_slash():
    assert usable_address("https://X.example/a") == "https://x.example/a/"
    assert usable_address("https://x.example") == "https://x.example/"


def entry(path, text="x"):
    return artifact(path, text.encode(), "text/plain").entry


@pytest.mark.parametrize(
    ("edition", "home", "suffix"), [("markdown", "README.md", "md"), ("site", "index.html", "html")]
)
def test_leaves_come_first_then_pages_then_indexes_then_home_then_the_binding(edition, home, suffix):
    paths = [
        "mirror.json",
        home,
        f"indexes/a.{suffix}",
        f"guide.{suffix}",
        f"pages/g/1.{suffix}",
        "media/m.png",
        "qr/pages/g/1.png",
        "qr/home.png",
    ]
    plan = make_plan(edition, version(1), None, puts=map(entry, paths), deletions=())
    assert [one.path for one in plan.puts] == [
        "media/m.png", "qr/home.png", "qr/pages/g/1.png", f"pages/g/1.{suffix}",
        f"guide.{suffix}", f"indexes/a.{suffix}", home, "mirror.json",
    ]  # fmt: skip


def test_an_edition_that_is_not_known_asks_for_a_newer_pappus():
    told = binding(1).dump().replace(b'"markdown"', b'"papyrus"')
    with pytest.raises(MirrorError, match=r"'papyrus'.*upgrade Pappus"):
        load(told)


def test_what_is_put_is_not_deleted_and_each_path_comes_once():
    plan = make_plan(
        "markdown",
        version(2),
        version(1),
        puts=[entry("a.md", "1"), entry("a.md", "22")],
        deletions=["z", "a.md", "b", "z"],
    )
    assert [(one.path, one.size) for one in plan.puts] == [("a.md", 2)]
    assert plan.deletions == ("b", "z")
    assert plan.size == 2
